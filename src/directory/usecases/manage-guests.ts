/** The life of a guest after the invitation: seen, kept, ended, passed on to another sponsor. */
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { bringFacts, type GuestParting, partnerAccess } from '../../partners/index.ts';
import { announceAccounts } from '../events.ts';
import { guestFaults } from '../faults.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import type { ListedGuest } from '../model/guest.ts';
import { manageGuests } from '../questions/guests.ts';
import { staleGuests } from '../settings.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { type GuestFilter, listGuests, type StaleBefore } from '../store/guest-list.ts';
import { findGuest, readSponsors, updateGuest, writeSponsors } from '../store/guests.ts';
import { chooseSponsors, stayUntil } from './admit-guest.ts';
import { restoreAccount } from './delete-account.ts';
import { recordGuest } from './pass-on-guests.ts';

const DAY_MS = 86_400_000;

/** Before which moments a guest counts as stale. */
export function staleBefore(ctx: Context): StaleBefore {
  const { neverRedeemedDays, inactiveDays } = ctx.settings.tenant(staleGuests);
  return {
    invited: new Date(ctx.now.getTime() - neverRedeemedDays * DAY_MS),
    lastSeen: new Date(ctx.now.getTime() - inactiveDays * DAY_MS),
    followedHomes: ctx.settings.partners(partnerAccess).filter((home) => bringFacts(ctx, home).isSyncAllowed),
  };
}

/** A page of guests, the newest first. */
export async function readGuests(ctx: Context, filter: GuestFilter): Promise<ListedGuest[]> {
  await ctx.demand(manageGuests, undefined, 'read');
  return listGuests(ctx, filter, staleBefore(ctx));
}

/** One guest, deleted ones too. @throws not-found. */
export async function readGuest(ctx: Context, id: AccountId): Promise<ListedGuest> {
  await ctx.demand(manageGuests, undefined, 'read');
  const filter = { ids: [id], limit: 1 } as const;
  const stale = staleBefore(ctx);
  const [found] = [
    ...(await listGuests(ctx, filter, stale)),
    ...(await listGuests(ctx, { ...filter, state: 'deleted' }, stale)),
  ];
  if (!found) throw kernelFaults.notFound();
  return found;
}

/**
 * Lets a guest stay: until `endsAt`, or for the tenant's usual time when left out or null. Whoever was
 * blocked for not coming may sign in again.
 */
export async function extendGuest(
  ctx: Context,
  id: AccountId,
  input: { readonly endsAt?: Date | null },
): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  const account = await requireGuest(ctx, id);
  const guest = await findGuest(ctx, id);
  const endsAt = stayUntil(ctx, input.endsAt);
  const wasStale = guest?.staleStage === 'disabled';
  await updateAccount(ctx, id, { endsAt, ...(wasStale ? { accountEnabled: true } : {}) });
  await updateGuest(ctx, id, { keptAt: ctx.now, staleStage: null, staleSince: null, endedNotedAt: null });
  recordGuest(ctx, 'directory.guest-extended', account, [{ name: 'endsAt', old: account.endsAt, new: endsAt }]);
}

export interface EndPorts {
  readonly guestParting: GuestParting;
}

/** Why a guest ends, and who has from then on what they own here. */
export interface HowToEnd {
  readonly reason?: string | null | undefined;
  readonly newOwnerId?: string | null | undefined;
}

/**
 * Parts with a guest now (beyond 3.3 for one person): sign-in closes, sessions end within seconds, all they hold is
 * revoked or handed over, and a receipt says what became of each. The account itself can be restored for 30 days.
 * @throws not-found, also for a new owner who is nobody here; not-a-guest.
 */
export async function endGuest(ctx: Context, ports: EndPorts, id: AccountId, how: HowToEnd = {}): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  const account = await requireGuest(ctx, id);
  if (how.newOwnerId && !(await findAccount(ctx, how.newOwnerId as AccountId))) throw kernelFaults.notFound();
  await carryOutEnd(ctx, ports, account, how);
}

/** The same without asking: for who has decided already (a review, the guest's home). */
export async function carryOutEnd(
  ctx: Context,
  { guestParting }: EndPorts,
  account: Account,
  { reason = null, newOwnerId = null }: HowToEnd,
): Promise<void> {
  await closeStay(ctx, account);
  const { id, displayName, homeTenantId, homeDomain } = account;
  const domains = homeDomain === null ? [] : [homeDomain];
  await guestParting.part(ctx, { accountId: id, displayName, tenantId: homeTenantId, domains, newOwnerId }, reason);
}

/** How far the parting with a guest is, and its receipt. @throws not-found where nobody parted with them. */
export async function readEndingOf(ctx: Context, { guestParting }: EndPorts, id: AccountId) {
  await ctx.demand(manageGuests, undefined, 'read');
  const found = await guestParting.read(ctx, id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** Closes a stay that is over: the account's sessions and tokens count no more. */
export async function closeStay(ctx: Context, account: Account): Promise<void> {
  const endsAt = account.endsAt !== null && account.endsAt <= ctx.now ? account.endsAt : ctx.now;
  await updateAccount(ctx, account.id, { endsAt, sessionsValidFrom: ctx.now });
  await updateGuest(ctx, account.id, { endedNotedAt: ctx.now });
  recordGuest(ctx, 'directory.guest-ended', account, [{ name: 'endsAt', old: account.endsAt, new: endsAt }]);
  await announceAccounts(ctx, [account.id]);
}

/** Brings a deleted guest back within 30 days, with memberships and rights (ID-25). @throws not-found. */
export async function restoreGuest(ctx: Context, id: AccountId): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  const account = await restoreAccount(ctx, id);
  // Whoever was deleted as stale is here because somebody wants them.
  const guest = await findGuest(ctx, id);
  if (guest?.staleStage === 'disabled') await updateAccount(ctx, id, { accountEnabled: true });
  await updateGuest(ctx, id, { keptAt: ctx.now, staleStage: null, staleSince: null });
  recordGuest(ctx, 'directory.guest-restored', account, []);
}

/** Makes others answer for guests, in bulk (ID-35). Guests blocked for want of a sponsor may sign in again. */
export async function assignSponsors(
  ctx: Context,
  input: { readonly guestIds: readonly AccountId[]; readonly sponsorIds: readonly string[] },
): Promise<void> {
  await ctx.demand(manageGuests, undefined, 'write');
  if (input.sponsorIds.length === 0) throw guestFaults.sponsorRequired();
  const sponsors = await chooseSponsors(ctx, input.sponsorIds);
  for (const id of new Set(input.guestIds)) {
    const account = await requireGuest(ctx, id);
    const before = await readSponsors(ctx, id);
    await writeSponsors(ctx, id, sponsors);
    const guest = await findGuest(ctx, id);
    if (guest?.orphanedAt) {
      await updateAccount(ctx, id, { accountEnabled: true });
      await updateGuest(ctx, id, { orphanedAt: null });
    }
    recordGuest(ctx, 'directory.guest-sponsors-changed', account, [{ name: 'sponsors', old: before, new: sponsors }]);
  }
}

/** @throws not-found, not-a-guest. */
export async function requireGuest(ctx: Context, id: AccountId): Promise<Account> {
  const account = await findAccount(ctx, id, { lock: true });
  if (!account) throw kernelFaults.notFound();
  if (!isFromElsewhere(account) && account.userType !== 'Guest') throw guestFaults.notAGuest();
  return account;
}
