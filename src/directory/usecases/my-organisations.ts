/** A person's own list of organisations: where they are at home, and where they are a guest. */
import type { AccountActor, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { announceAccounts } from '../events.ts';
import { guestFaults } from '../faults.ts';
import type { Account } from '../model/account.ts';
import { leaveOrganisation, seeOneself } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { findGuestIdOfHome } from '../store/guests.ts';
import { listTenantsWithGuest } from '../store/invitation-blocks.ts';
import { acrossTenants } from './across-tenants.ts';
import { removeAccount } from './delete-account.ts';
import { exportOwnData } from './guest-data.ts';

export interface MyOrganisation {
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly domain: string;
  readonly isHome: boolean;
  readonly userType: 'Guest' | 'Member';
  readonly hasAccepted: boolean;
  readonly endsAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly mayLeave: boolean;
  /** Whom to ask about personal data there. */
  readonly privacyContact: string | null;
}

interface Home {
  readonly tenantId: TenantId;
  readonly accountId: AccountId;
}

/** Where the signed-in person belongs, home first. */
export async function listMyOrganisations(ctx: Context, run: Run): Promise<MyOrganisation[]> {
  const home = await homeOf(ctx);
  return acrossTenants(async () => {
    const mine: MyOrganisation[] = [];
    for (const tenantId of new Set([
      home.tenantId,
      ...(await listTenantsWithGuest(ctx, home.tenantId, home.accountId)),
    ])) {
      const found = await asMyself(ctx, run, home, tenantId, describe, true);
      if (found) mine.push(found);
    }
    return mine;
  });
}

/**
 * Leaves an organisation: deleted there at once, restorable by its administrator for 30 days (ID-25).
 * @throws home-cannot-be-left; may-not-leave with whom to ask (ID-26); not-found.
 */
export async function leaveMyOrganisation(ctx: Context, run: Run, tenantId: TenantId): Promise<void> {
  const home = await homeOf(ctx);
  if (tenantId === home.tenantId) throw guestFaults.homeCannotBeLeft();
  const left = await acrossTenants(() => asMyself(ctx, run, home, tenantId, leave, false));
  if (!left) throw kernelFaults.notFound();
}

/** What an organisation holds about the person. @throws not-found. */
export async function exportMyData(ctx: Context, run: Run, tenantId: TenantId) {
  const home = await homeOf(ctx);
  const archive = await acrossTenants(() => asMyself(ctx, run, home, tenantId, exportOwnData, true));
  if (!archive) throw kernelFaults.notFound();
  return archive;
}

/** The account that a person is at home: their own here, or the one that the guest here points to. */
async function homeOf(ctx: Context): Promise<Home> {
  await ctx.demand(seeOneself, undefined, 'self');
  const { actor } = ctx;
  if (actor.kind !== 'account') throw kernelFaults.notFound();
  const here = { tenantId: ctx.tenantId, accountId: actor.accountId };
  const account = await findAccount(ctx, actor.accountId);
  return account?.homeTenantId && account.homeAccountId
    ? { tenantId: account.homeTenantId, accountId: account.homeAccountId }
    : here;
}

/** Does work in another tenant as the guest that the person is there; undefined where they are none. */
async function asMyself<T>(
  ctx: Context,
  run: Run,
  home: Home,
  tenantId: TenantId,
  act: (there: Context, account: Account) => Promise<T>,
  readOnly: boolean,
): Promise<T | undefined> {
  const asked = ctx.actor as AccountActor;
  const { correlationId } = ctx;
  const account = await run(
    { tenantId, actor: { kind: 'system', name: 'my-organisations' }, correlationId, readOnly: true },
    async (there) => {
      if (there.tenant.state === 'deleted') return undefined;
      const id = tenantId === home.tenantId ? home.accountId : await findGuestIdOfHome(there, home);
      return id && findAccount(there, id);
    },
  );
  if (!account) return undefined;
  // The audit there names the guest, not the account at home. No roles: these pages need none.
  const actor: AccountActor = {
    ...asked,
    accountId: account.id,
    displayName: account.displayName,
    userPrincipalName: account.userPrincipalName,
    homeTenantId: home.tenantId,
    userType: account.userType,
    roles: [],
  };
  return run({ tenantId, actor, correlationId, readOnly }, (there) => act(there, account));
}

async function describe(ctx: Context, account: Account): Promise<MyOrganisation> {
  const isHome = account.homeTenantId === null && account.creationType === null;
  const { privacyContact } = ctx.settings.tenant(externalCollaboration);
  const answer = await ctx.ask(leaveOrganisation, { accountId: account.id, isGuest: !isHome }, { quiet: true });
  return {
    tenantId: ctx.tenantId,
    displayName: ctx.tenant.displayName,
    domain: ctx.tenant.defaultDomain,
    isHome,
    userType: account.userType,
    hasAccepted: account.externalUserState !== 'PendingAcceptance',
    endsAt: account.endsAt,
    lastSignInAt: account.lastSignInAt,
    mayLeave: answer.level === 'leave' && account.accountEnabled,
    privacyContact,
  };
}

async function leave(ctx: Context, account: Account): Promise<true> {
  const { privacyContact } = ctx.settings.tenant(externalCollaboration);
  const answer = await ctx.ask(leaveOrganisation, { accountId: account.id, isGuest: true });
  // Whoever is blocked cannot erase the traces by leaving.
  if (answer.level !== 'leave' || !account.accountEnabled) throw guestFaults.mayNotLeave(privacyContact);
  await removeAccount(ctx, account.id);
  ctx.record({
    action: 'directory.guest-left',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
  });
  await announceAccounts(ctx, [account.id]);
  return true;
}
