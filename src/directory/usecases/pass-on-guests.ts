import { listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import { GRANTS } from '../grants.ts';
import type { Account } from '../model/account.ts';
import type { Sponsor } from '../model/guest.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { listSolelySponsored } from '../store/guest-list.ts';
import { findPossibleSponsors, updateGuest, writeSponsors } from '../store/guests.ts';

/**
 * Whoever answered for guests leaves: their guests pass to their manager, and where there is none, sign-in is blocked
 * until somebody is named. In the transaction of the leaving, so that no guest is ever without both.
 */
export async function passOnGuests(ctx: Context, leaving: Pick<Account, 'id' | 'managerId'>): Promise<void> {
  await passOn(ctx, await listSolelySponsored(ctx, leaving.id), { kind: 'account', id: leaving.id }, leaving.managerId);
}

/** The same of a group that is deleted: its owners answer from then on. Call it while they are still its owners. */
export async function passOnGuestsOfGroup(ctx: Context, groupId: GroupId): Promise<void> {
  const guestIds = await listSolelySponsored(ctx, groupId);
  if (guestIds.length === 0) return;
  const [owner] = await listGrants(ctx, {
    kind: GRANTS.owner.kind,
    object: { kind: GRANTS.owner.objectKind, id: groupId },
    subjectKinds: ['account'],
  });
  await passOn(ctx, guestIds, { kind: 'group', id: groupId }, owner?.subject.id ?? null);
}

/** One guest for whom nobody answers any more: the successor does, or they wait blocked for one. */
export async function passOn(
  ctx: Context,
  guestIds: readonly AccountId[],
  leaving: Sponsor,
  successorId: string | null,
): Promise<void> {
  const successors: Sponsor[] = successorId === null ? [] : await findPossibleSponsors(ctx, [successorId]);
  for (const id of guestIds) {
    const account = await findAccount(ctx, id, { lock: true });
    if (!account) continue;
    if (successors.length > 0) {
      await writeSponsors(ctx, id, successors);
      recordGuest(ctx, 'directory.guest-sponsors-changed', account, [
        { name: 'sponsors', old: [leaving], new: successors },
      ]);
    } else if (account.accountEnabled) {
      await updateAccount(ctx, id, { accountEnabled: false, sessionsValidFrom: ctx.now });
      await updateGuest(ctx, id, { orphanedAt: ctx.now });
      recordGuest(ctx, 'directory.guest-orphaned', account, [{ name: 'accountEnabled', old: true, new: false }]);
      await announceAccounts(ctx, [id]);
    }
  }
}

/** Writes an event about a guest. */
export function recordGuest(
  ctx: Context,
  action: string,
  account: Pick<Account, 'id' | 'displayName'>,
  changes: readonly { readonly name: string; readonly old: unknown; readonly new: unknown }[],
  facts: Readonly<Record<string, unknown>> = {},
): void {
  ctx.record({
    action,
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName, changes }],
    facts,
  });
}
