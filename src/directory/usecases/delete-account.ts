import { deleteGrants, type Grant, listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { releaseLicences } from '../../tenants/index.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS, personSubjects } from '../grants.ts';
import type { Account } from '../model/account.ts';
import { manageRoles } from '../questions/people.ts';
import { eraseAccount, findAccount, markIdentitiesDeleted, updateAccount } from '../store/accounts.ts';
import { holdAddresses } from '../store/addresses.ts';
import { findGroup } from '../store/groups.ts';
import { reclaimInvitedAddress } from '../store/guests.ts';
import { lockMemberships, noteMembership } from '../store/memberships.ts';
import { keepGrants, listDeletedBefore, noteRemoval, takeKeptGrants } from '../store/removals.ts';
import { changeAccount } from './asked.ts';
import { keepAnAdministrator } from './change-account.ts';
import { passOnGuests } from './pass-on-guests.ts';
import { requireReadableAccount } from './read-accounts.ts';

/** How long a deleted account or group can be restored. */
export const RESTORABLE_DAYS = 30;

/**
 * Deletes a person softly: sign-in ends at once, their grants are set aside with them, names and addresses are free.
 * @throws not-found, access.refused, last-administrator (IS-11), stale.
 */
export async function deleteAccount(ctx: Context, id: AccountId, options: { version?: number | undefined } = {}) {
  const account = await requireReadableAccount(ctx, id);
  await ctx.demand(changeAccount, id, 'write');
  if (options.version !== undefined && options.version !== account.version) throw directoryFaults.stale();
  await removeAccount(ctx, id);
}

/**
 * The person has left for good: deleted here, and whatever they have at other organisations ends there, too, as soon as
 * those hear of it. Here they can be restored for 30 days; elsewhere they begin anew.
 * @throws not-found, access.refused, last-administrator (IS-11).
 */
export async function markDeparted(ctx: Context, id: AccountId): Promise<void> {
  const account = await requireReadableAccount(ctx, id);
  await ctx.demand(changeAccount, id, 'write');
  await removeAccount(ctx, id);
  ctx.record({
    action: 'directory.account-departed',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: account.displayName }],
  });
}

/** Deletes without asking: for who has decided already (a guest who leaves, the stale guests' sweep). */
export async function removeAccount(ctx: Context, id: AccountId): Promise<Account> {
  await lockMemberships(ctx);
  const account = await findAccount(ctx, id, { lock: true });
  if (!account) throw kernelFaults.notFound();
  await keepAnAdministrator(ctx, id);
  const grants = await listGrants(ctx, { subjects: personSubjects(id) });
  await keepGrants(ctx, id, grants);
  await deleteGrants(
    ctx,
    grants.map((grant) => grant.id),
  );
  for (const grant of grants) {
    if (grant.kind === GRANTS.member.kind)
      await noteMembership(ctx, grant.object.id, { kind: grant.subject.kind as 'account' | 'guest', id }, false);
  }
  await releaseLicences(ctx, { kind: 'account', id });
  await holdAddresses(ctx, { kind: 'account', id }, []);
  await markIdentitiesDeleted(ctx, id, true);
  await updateAccount(ctx, id, { deletedAt: ctx.now, sessionsValidFrom: ctx.now });
  await passOnGuests(ctx, account);
  await announceAccounts(ctx, [id]);
  ctx.record({
    action: 'directory.account-deleted',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: account.displayName }],
    facts: { userPrincipalName: account.userPrincipalName, userType: account.userType, grants: grants.length },
  });
  return account;
}

/**
 * Brings a deleted person back with everything they held.
 * @throws not-found after 30 days, principal-name-taken or address-taken where somebody has it by now.
 */
export async function restoreAccount(ctx: Context, id: AccountId): Promise<Account> {
  await ctx.demand(changeAccount, id, 'write');
  const deleted = await findAccount(ctx, id, { deleted: true, lock: true });
  if (!deleted || isPastRestoring(ctx, deleted.deletedAt)) throw kernelFaults.notFound();
  // Who may not give a role may not bring it back either, nor the way into a group that carries one.
  return returnAccount(ctx, id, (holdsRoles) => holdsRoles && ctx.demand(manageRoles, undefined, 'write'));
}

/**
 * Brings a deleted person back without asking: for who has decided already. `mayReturn` may throw where they held roles;
 * without it, roles and ways into groups that carry one stay away.
 */
export async function returnAccount(
  ctx: Context,
  id: AccountId,
  mayReturn?: (holdsRoles: boolean) => unknown,
): Promise<Account> {
  const deleted = (await findAccount(ctx, id, { deleted: true, lock: true }))!;
  const carriesRole = async ({ kind, object }: Grant) =>
    kind === GRANTS.role.kind ||
    (object.kind === 'group' && (await findGroup(ctx, object.id as GroupId))?.isAssignableToRole === true);
  const kept: Grant[] = [];
  let holdsRoles = false;
  for (const grant of await takeKeptGrants(ctx, id)) {
    const isOfRole = await carriesRole(grant);
    holdsRoles ||= isOfRole;
    if (mayReturn || !isOfRole) kept.push(grant);
  }
  await mayReturn?.(holdsRoles);
  await markIdentitiesDeleted(ctx, id, false);
  const account = (await updateAccount(ctx, id, { deletedAt: null, proxyAddresses: deleted.proxyAddresses }))!;
  await reclaimInvitedAddress(ctx, id);
  let restored = 0;
  for (const grant of kept) {
    if (grant.object.kind === 'group' && !(await findGroup(ctx, grant.object.id as never))) continue;
    await putGrant(ctx, grant);
    restored += 1;
    if (grant.kind === GRANTS.member.kind)
      await noteMembership(ctx, grant.object.id, { kind: grant.subject.kind as 'account' | 'guest', id }, true);
  }
  await announceAccounts(ctx, [id]);
  ctx.record({
    action: 'directory.account-restored',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: account.displayName }],
    facts: { grants: restored },
  });
  return account;
}

/** Removes a deleted person for good: nothing of them is left but what the audit says. */
export async function purgeAccount(ctx: Context, id: AccountId): Promise<void> {
  await ctx.demand(changeAccount, id, 'write');
  const deleted = await findAccount(ctx, id, { deleted: true, lock: true });
  if (!deleted) throw kernelFaults.notFound();
  await takeKeptGrants(ctx, id);
  await eraseAccount(ctx, id);
  await noteRemoval(ctx, 'account', id);
  ctx.record({
    action: 'directory.account-purged',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: deleted.displayName }],
  });
}

export const isPastRestoring = (ctx: Context, deletedAt: Date | null) =>
  deletedAt !== null && deletedAt.getTime() < ctx.now.getTime() - RESTORABLE_DAYS * 86_400_000;

/** Removes for good what was deleted more than 30 days ago. */
export async function purgeDeletedAccounts(ctx: Context): Promise<void> {
  const before = new Date(ctx.now.getTime() - RESTORABLE_DAYS * 86_400_000);
  for (const id of await listDeletedBefore(ctx, 'account', before, 500)) await purgeAccount(ctx, id as AccountId);
}
