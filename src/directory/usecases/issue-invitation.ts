import { createHash, randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import type { Account } from '../model/account.ts';
import type { InvitationPurpose } from '../model/guest.ts';
import { invitationLetter } from '../model/guest-letters.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { findInvitationBlock } from '../store/invitation-blocks.ts';
import { insertInvitation } from '../store/invitations.ts';

export interface IssueInvitation {
  readonly account: Account;
  readonly purpose: InvitationPurpose;
  readonly address: string;
  readonly redirectUrl: string;
  /** Where this server is reached, for the links: scheme, host and port. */
  readonly origin: string;
  readonly isMailed: boolean;
  /** Nobody is asked to accept: the letter tells that the access is there. */
  readonly isAutomatic?: boolean;
  readonly message?: string | null;
  readonly language?: string | null;
  readonly cc?: readonly string[];
}

export interface IssuedInvitation {
  readonly id: string;
  readonly redeemUrl: string;
  /** The person has asked for no more invitations from here (ID-29). */
  readonly mailSuppressed: boolean;
}

/** How a ticket is kept. */
export const hashTicket = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();

/**
 * Makes a link by which one guest can accept, and mails it where asked. The ticket opens this guest's redemption and
 * nothing else; it proves no identity.
 */
export async function issueInvitation(ctx: Context, input: IssueInvitation): Promise<IssuedInvitation> {
  const id = newId<'invitation'>();
  const ticket = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({ t: ctx.tenantId, u: input.account.id, ticket });
  const redeemUrl = `${input.origin}/redeem?${query}`;
  const inviter = ctx.actor.kind === 'account' ? await findAccount(ctx, ctx.actor.accountId) : undefined;
  // Words of somebody who cannot be answered are not passed on: an application, or an inviter without a mailbox.
  const message = inviter?.mail ? input.message?.trim() || null : null;
  const mailSuppressed = input.isMailed && (await findInvitationBlock(ctx, input.address)) !== undefined;
  const isMailed = input.isMailed && !mailSuppressed;

  await insertInvitation(ctx, {
    id,
    accountId: input.account.id,
    ticketHash: hashTicket(ticket),
    purpose: input.purpose,
    invitedAddress: input.address.toLowerCase(),
    redirectUrl: input.redirectUrl,
    message,
    inviterName: inviter?.displayName ?? ctx.tenant.displayName,
    inviterId: inviter?.id ?? null,
    isMailed,
  });

  if (isMailed) {
    const settings = ctx.settings.tenant(externalCollaboration);
    const letter = invitationLetter({
      language: letterLanguage(input.language, input.account.preferredLanguage, settings.notificationLanguage),
      inviterName: inviter?.displayName ?? null,
      tenantName: ctx.tenant.displayName,
      tenantDomain: ctx.tenant.defaultDomain,
      message,
      redeemUrl: input.isAutomatic ? null : redeemUrl,
      targetUrl: input.redirectUrl,
      privacyStatementUrl: settings.privacyStatementUrl,
      blockUrl: `${input.origin}/blocked-organisations?${new URLSearchParams({ t: ctx.tenantId, address: input.address })}`,
    });
    await queueMail(ctx, {
      kind: 'invitation',
      aboutId: input.account.id,
      to: { address: input.address, name: input.account.displayName },
      cc: input.cc ?? [],
      fromName: inviter ? `${inviter.displayName} (${ctx.tenant.displayName})` : ctx.tenant.displayName,
      ...(inviter?.mail ? { replyTo: inviter.mail } : {}),
      ...letter,
    });
    recordMail(ctx, 'directory.invitation-mailed', input.account);
  } else if (mailSuppressed) {
    recordMail(ctx, 'directory.invitation-mail-suppressed', input.account);
  }
  return { id, redeemUrl, mailSuppressed };
}

function recordMail(ctx: Context, action: string, account: { id: AccountId; displayName: string }): void {
  ctx.record({
    action,
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
  });
}
