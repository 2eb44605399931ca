/** What a tenant holds about a guest: given out as an archive, and erased (IS-14). */
import { listGrants } from '../../access/index.ts';
import { listEvents } from '../../audit/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { eraseMailsTo, listOutgoingMails } from '../../platform/mail-queue.ts';
import { announceAccounts } from '../events.ts';
import { personSubjects } from '../grants.ts';
import { manageGuests, seeOneself } from '../questions/guests.ts';
import { findAccount } from '../store/accounts.ts';
import { findGuest, readSponsors } from '../store/guests.ts';
import { deleteInvitationBlock } from '../store/invitation-blocks.ts';
import { listInvitations } from '../store/invitations.ts';
import { purgeAccount, removeAccount } from './delete-account.ts';
import { requireGuest } from './manage-guests.ts';

/** The archive for an administrator. @throws not-found. */
export async function exportGuest(ctx: Context, id: AccountId) {
  await ctx.demand(manageGuests, undefined, 'read');
  if (!(await findGuest(ctx, id))) throw kernelFaults.notFound();
  return archiveOf(ctx, id);
}

/** The archive for the guest, in whose own name the work is done. */
export async function exportOwnData(ctx: Context) {
  await ctx.demand(seeOneself, undefined, 'self');
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return archiveOf(ctx, ctx.actor.accountId);
}

async function archiveOf(ctx: Context, id: AccountId) {
  const account = await findAccount(ctx, id);
  if (!account) throw kernelFaults.notFound();
  const { version: _version, ...person } = account;
  const guest = await findGuest(ctx, id);
  const grants = await listGrants(ctx, { subjects: personSubjects(id) });
  const invitations = await listInvitations(ctx, id);
  const letters = await listOutgoingMails(ctx, { aboutId: id, limit: 1000 });
  const events = await listEvents(ctx, { actorId: id }, { limit: 1000 });
  return {
    exportedAt: ctx.now.toISOString(),
    organisation: { id: ctx.tenantId, displayName: ctx.tenant.displayName, domain: ctx.tenant.defaultDomain },
    account: person,
    guest: guest ?? null,
    sponsors: await readSponsors(ctx, id),
    rights: grants,
    invitations: invitations.map(({ ticketHash: _ticketHash, ...invitation }) => invitation),
    // Letters about somebody go to their sponsors as well; theirs are those sent to them.
    letters: letters
      .filter((letter) => letter.to.address.toLowerCase() === guest?.invitedAddress)
      .map(({ kind, subject, createdAt, state }) => ({ kind, subject, createdAt, state })),
    activity: events.map(({ at, action, result }) => ({ at, action, result })),
  };
}

/**
 * Erases a guest for good, at once: the account, rights, invitations and letters. The audit keeps that somebody was
 * erased, and the person's wish for no more invitations is kept unless `forgetBlock`: without it we could not honour it.
 */
export async function eraseGuest(
  ctx: Context,
  id: AccountId,
  options: { readonly forgetBlock?: boolean } = {},
): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  const guest = await findGuest(ctx, id);
  if (!guest) throw kernelFaults.notFound();
  if (await findAccount(ctx, id)) {
    await requireGuest(ctx, id);
    await removeAccount(ctx, id);
  }
  await purgeAccount(ctx, id);
  await eraseMailsTo(ctx, guest.invitedAddress);
  if (options.forgetBlock) await deleteInvitationBlock(ctx, guest.invitedAddress);
  ctx.record({
    action: 'directory.guest-erased',
    category: 'UserManagement',
    // By id alone: the name is what was to be forgotten.
    targets: [{ kind: 'account', id }],
  });
  await announceAccounts(ctx, [id]);
}
