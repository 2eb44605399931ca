import type { Context } from '../../kernel/context.ts';
import { announceAccounts } from '../events.ts';
import type { Account } from '../model/account.ts';
import type { Sponsor } from '../model/guest.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { listSolelySponsored } from '../store/guest-list.ts';
import { findPossibleSponsors, updateGuest, writeSponsors } from '../store/guests.ts';

/**
 * Whoever answered for guests leaves: their guests pass to their manager, and where there is none, sign-in is blocked
 * until somebody is named. In the transaction of the leaving, so that no guest is ever without both.
 */
export async function passOnGuests(ctx: Context, leaving: Account): Promise<void> {
  const guestIds = await listSolelySponsored(ctx, leaving.id);
  if (guestIds.length === 0) return;
  const successors: Sponsor[] = leaving.managerId === null ? [] : await findPossibleSponsors(ctx, [leaving.managerId]);
  for (const id of guestIds) {
    const account = await findAccount(ctx, id, { lock: true });
    if (!account) continue;
    if (successors.length > 0) {
      await writeSponsors(ctx, id, successors);
      recordGuest(ctx, 'directory.guest-sponsors-changed', account, [
        { name: 'sponsors', old: [{ kind: 'account', id: leaving.id }], new: successors },
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
