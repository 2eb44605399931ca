/** A person's own list of organisations: where they are at home, and where they are a guest. */
import type { AccountActor, Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { announceAccounts } from '../events.ts';
import { guestFaults } from '../faults.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import { leaveOrganisation, seeOneself } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { bareAddress } from '../store/addresses.ts';
import { findGuestIdByInvitedAddress, findGuestIdOfHome } from '../store/guests.ts';
import { findInvitationBlock, listTenantsKnowingAddress, listTenantsWithGuest } from '../store/invitation-blocks.ts';
import { listInvitations } from '../store/invitations.ts';
import { acrossTenants } from './across-tenants.ts';
import { isOwnDomain } from './admit-guest.ts';
import { decideInvitations } from './blocked-organisations.ts';
import { removeAccount } from './delete-account.ts';
import { exportOwnData } from './guest-data.ts';

export interface MyOrganisation {
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly domain: string;
  readonly isHome: boolean;
  /** `ended`: the stay is over, or there is nothing left but the wish for no more invitations. */
  readonly state: 'pending' | 'accepted' | 'ended';
  readonly invitedBy: string | null;
  readonly since: Date | null;
  readonly endsAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly mayLeave: boolean;
  /** Whom to ask about personal data there. */
  readonly contact: string | null;
  /** The person has asked for no more invitations from there. */
  readonly isBlocked: boolean;
}

interface Home {
  readonly tenantId: TenantId;
  readonly accountId: AccountId;
  /** Addresses that home owns and so proves, lower case; none where the person is only a guest here. */
  readonly addresses: readonly string[];
}

/** Where the signed-in person belongs, was invited to, or wants no invitations from; home first. */
export async function listMyOrganisations(ctx: Context, run: Run): Promise<MyOrganisation[]> {
  const home = await homeOf(ctx);
  return acrossTenants(async () => {
    const tenantIds = new Set([home.tenantId, ...(await listTenantsWithGuest(ctx, home.tenantId, home.accountId))]);
    for (const address of home.addresses) {
      for (const tenantId of await listTenantsKnowingAddress(ctx, address)) tenantIds.add(tenantId);
    }
    const mine: MyOrganisation[] = [];
    for (const tenantId of tenantIds) {
      // The home of a guest may be on another server: that is not for us to describe.
      const found = await ifHere(
        async () =>
          (await asMyself(ctx, run, home, tenantId, (there, account) => describeStay(there, account, home), true)) ??
          run({ tenantId, actor: SYSTEM, readOnly: true }, (there) => describeBlocked(there, home)),
      );
      if (found) mine.push(found);
    }
    return mine;
  });
}

/** Undefined where the organisation is none of this server. */
async function ifHere<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Asks an organisation for no more invitations to the person's addresses, or allows them again. @throws not-found. */
export async function decideMyInvitations(
  ctx: Context,
  run: Run,
  input: { readonly tenantId: TenantId; readonly isBlocked: boolean },
): Promise<void> {
  const home = await homeOf(ctx);
  let isKnown = false;
  for (const address of home.addresses) {
    if (!(await listTenantsKnowingAddress(ctx, address)).includes(input.tenantId)) continue;
    isKnown = true;
    await decideInvitations(ctx, run, { address, ...input });
  }
  if (!isKnown) throw kernelFaults.notFound();
}

/**
 * Leaves an organisation: deleted there at once, restorable by its administrator for 30 days (ID-25).
 * @throws home-cannot-be-left; may-not-leave with whom to ask (ID-26); not-found.
 */
export async function leaveMyOrganisation(ctx: Context, run: Run, tenantId: TenantId): Promise<void> {
  const home = await homeOf(ctx);
  if (tenantId === home.tenantId) throw guestFaults.homeCannotBeLeft();
  const left = await acrossTenants(() => asMyself(ctx, run, home, tenantId, endOwnStay, false));
  if (!left) throw kernelFaults.notFound();
}

/** What an organisation holds about the person. @throws not-found. */
export async function exportMyData(ctx: Context, run: Run, tenantId: TenantId) {
  const home = await homeOf(ctx);
  const archive = await acrossTenants(() => asMyself(ctx, run, home, tenantId, exportOwnData, true));
  if (!archive) throw kernelFaults.notFound();
  return archive;
}

const SYSTEM: Actor = { kind: 'system', name: 'my-organisations' };

/** The account that a person is at home: their own here, or the one that the guest here points to. */
async function homeOf(ctx: Context): Promise<Home> {
  await ctx.demand(seeOneself, undefined, 'self');
  const { actor } = ctx;
  if (actor.kind !== 'account') throw kernelFaults.notFound();
  const account = await findAccount(ctx, actor.accountId);
  if (!account) throw kernelFaults.notFound();
  if (account.homeTenantId && account.homeAccountId) {
    return { tenantId: account.homeTenantId, accountId: account.homeAccountId, addresses: [] };
  }
  const isAtHome = !isFromElsewhere(account);
  const known = [account.userPrincipalName, account.mail, ...account.proxyAddresses.map(bareAddress)];
  const addresses = known.flatMap((address) => (address === null ? [] : [address.toLowerCase()]));
  // Other mails are what the person says of themselves, and prove nothing.
  const proven = addresses.filter((address) => isOwnDomain(ctx, address.slice(address.lastIndexOf('@') + 1)));
  return { tenantId: ctx.tenantId, accountId: account.id, addresses: isAtHome ? [...new Set(proven)] : [] };
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
  const account = await run({ tenantId, actor: SYSTEM, correlationId, readOnly: true }, async (there) => {
    if (there.tenant.state === 'deleted') return undefined;
    if (tenantId === home.tenantId) return findAccount(there, home.accountId);
    const boundId = await findGuestIdOfHome(there, home);
    if (boundId) return findAccount(there, boundId);
    for (const address of home.addresses) {
      const invitedId = await findGuestIdByInvitedAddress(there, address);
      const invited = invitedId && (await findAccount(there, invitedId));
      if (invited?.externalUserState === 'PendingAcceptance') return invited;
    }
    return undefined;
  });
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

/** What an organisation says to a person of their own stay there. */
export async function describeStay(ctx: Context, account: Account, home: Home): Promise<MyOrganisation> {
  const isHome = ctx.tenantId === home.tenantId;
  const answer = await ctx.ask(leaveOrganisation, { accountId: account.id, isGuest: !isHome }, { quiet: true });
  const [invitation] = isHome ? [] : await listInvitations(ctx, account.id);
  const hasEnded = !account.accountEnabled || (account.endsAt !== null && account.endsAt <= ctx.now);
  return {
    ...(await describeTenant(ctx, home)),
    isHome,
    state: hasEnded ? 'ended' : account.externalUserState === 'PendingAcceptance' ? 'pending' : 'accepted',
    invitedBy: invitation?.inviterName ?? null,
    since: account.externalUserStateChangedAt ?? account.createdAt,
    endsAt: account.endsAt,
    lastSignInAt: account.lastSignInAt,
    mayLeave: answer.level === 'leave' && account.accountEnabled,
  };
}

async function describeBlocked(ctx: Context, home: Home): Promise<MyOrganisation | undefined> {
  const shown = await describeTenant(ctx, home);
  if (!shown.isBlocked || ctx.tenant.state === 'deleted') return undefined;
  const nothing = { invitedBy: null, since: null, endsAt: null, lastSignInAt: null };
  return { ...shown, ...nothing, isHome: false, state: 'ended', mayLeave: false };
}

async function describeTenant(ctx: Context, home: Home) {
  let isBlocked = false;
  for (const address of home.addresses) isBlocked ||= (await findInvitationBlock(ctx, address)) !== undefined;
  return {
    tenantId: ctx.tenantId,
    displayName: ctx.tenant.displayName,
    domain: ctx.tenant.defaultDomain,
    contact: ctx.settings.tenant(externalCollaboration).privacyContact,
    isBlocked,
  };
}

/** The guest ends their own stay. @throws may-not-leave. */
export async function endOwnStay(ctx: Context, account: Account): Promise<true> {
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
