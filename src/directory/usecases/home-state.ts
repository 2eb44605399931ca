/** What follows here from what a guest's home says of them. Who may say it is sign-in's to know. */
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import type { Account } from '../model/account.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { findGuestIdAtHome } from '../store/guests.ts';
import { recordGuest } from './pass-on-guests.ts';

/** The guest here who is that account at home. */
export async function findGuestAtHome(
  ctx: Context,
  homeTenantId: TenantId,
  homeAccountId: AccountId,
): Promise<Account | undefined> {
  const id = await findGuestIdAtHome(ctx, homeTenantId, homeAccountId);
  return id && findAccount(ctx, id, { lock: true });
}

/**
 * Keeps whether the account at home is switched off: it opens nothing here meanwhile, whatever we decide ourselves.
 * @returns whether that is new.
 */
export async function noteHomeState(ctx: Context, id: AccountId, state: 'enabled' | 'disabled'): Promise<boolean> {
  const account = await findAccount(ctx, id, { lock: true });
  if (!account || (account.homeDisabledAt !== null) === (state === 'disabled')) return false;
  await updateAccount(ctx, id, { homeDisabledAt: state === 'disabled' ? ctx.now : null });
  recordGuest(ctx, `directory.guest-home-${state}`, account, []);
  await announceAccounts(ctx, [id]);
  return true;
}

/** Sessions and tokens of the guest from before `at` count no more. */
export async function endGuestSessions(ctx: Context, id: AccountId, at: Date): Promise<void> {
  const account = await findAccount(ctx, id, { lock: true });
  if (account && account.sessionsValidFrom < at) await updateAccount(ctx, id, { sessionsValidFrom: at });
}
