/** Letters of the server: those a tenant sent, for its administrators; those a person got, for that person. */
import type { Context } from '../../kernel/context.ts';
import {
  type DeliveredMail,
  listDeliveredMails,
  listOutgoingMails,
  type OutgoingMail,
} from '../../platform/mail-queue.ts';
import { readOutgoingMail, seeOneself } from '../questions/guests.ts';
import { findAccount } from '../store/accounts.ts';
import { bareAddress } from '../store/addresses.ts';

/** Letters the tenant sent or has waiting. The body of one that carries a code is for its reader alone. */
export async function readSentMail(
  ctx: Context,
  filter: { readonly state?: OutgoingMail['state']; readonly before?: string; readonly limit: number },
): Promise<OutgoingMail[]> {
  await ctx.demand(readOutgoingMail, undefined, 'read');
  const mails = await listOutgoingMails(ctx, filter);
  return mails.map((mail) =>
    mail.isSecret ? { ...mail, subject: mail.kind, text: null, html: null, calendar: null } : mail,
  );
}

/** Letters delivered here to the person's own addresses. */
export async function readOwnMail(ctx: Context): Promise<DeliveredMail[]> {
  await ctx.demand(seeOneself, undefined, 'self');
  const account = ctx.actor.kind === 'account' ? await findAccount(ctx, ctx.actor.accountId) : undefined;
  // Somebody else's server holds a guest's mailbox, even where the address is one of ours.
  if (!account || account.userType === 'Guest') return [];
  const own = [account.userPrincipalName, account.mail, ...account.proxyAddresses.map(bareAddress)];
  return listDeliveredMails(
    ctx,
    own.filter((address): address is string => address !== null),
  );
}
