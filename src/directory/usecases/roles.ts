import { deleteGrants, type Grant, listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { ROLES, type Role } from '../../kernel/roles.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import { subjectOf } from '../model/account.ts';
import { manageRoles } from '../questions/people.ts';
import { findAccount } from '../store/accounts.ts';
import { findGroup } from '../store/groups.ts';
import { listMembers, listWorkingAdministrators, lockMemberships } from '../store/memberships.ts';
import { listDisplayNames } from '../store/names.ts';
import { giverOf } from './asked.ts';

/** The role of this name or template id. @throws not-found. */
export function getRole(nameOrTemplateId: string): Role {
  const wanted = nameOrTemplateId.toLowerCase();
  const role = ROLES.find((one) => one.name === wanted || one.templateId === wanted);
  if (!role) throw kernelFaults.notFound();
  return role;
}

/** Who holds roles: all of them, of one role, or of one person. */
export async function readRoleGrants(ctx: Context, filter: { role?: string; id?: string } = {}): Promise<Grant[]> {
  await ctx.demand(manageRoles, undefined, 'read');
  return listGrants(ctx, {
    kind: GRANTS.role.kind,
    ...(filter.id === undefined ? {} : { id: filter.id }),
    object: { kind: GRANTS.role.objectKind, ...(filter.role === undefined ? {} : { id: filter.role }) },
  });
}

/**
 * Gives an administrative role to a person, or to a group that may carry one.
 * @throws not-found, access.refused, not-assignable-to-role.
 */
export async function giveRole(
  ctx: Context,
  input: { role: string; holderId: string; endsAt?: Date | null; reason?: string | null },
): Promise<Grant> {
  await ctx.demand(manageRoles, undefined, 'write');
  const role = getRole(input.role);
  const account = await findAccount(ctx, input.holderId as AccountId);
  const group = account ? undefined : await findGroup(ctx, input.holderId as GroupId);
  if (!account && !group) throw kernelFaults.notFound();
  if (group && !group.isAssignableToRole) throw directoryFaults.notAssignableToRole();
  const subject = account ? subjectOf(account) : ({ kind: 'group', id: input.holderId } as const);
  const { id } = await putGrant(ctx, {
    kind: GRANTS.role.kind,
    subject,
    object: { kind: GRANTS.role.objectKind, id: role.name },
    level: GRANTS.role.level,
    givenBy: giverOf(ctx),
    endsAt: input.endsAt ?? null,
    reason: input.reason ?? null,
    ...(subject.kind === 'guest' ? { homeTenantId: account!.homeTenantId, homeDomain: account!.homeDomain } : {}),
  });
  const [grant] = await listGrants(ctx, { id });
  await roleChanged(ctx, grant!, true);
  return grant!;
}

/** Takes a role away. @throws last-administrator (IS-11), not-found, access.refused. */
export async function takeRole(ctx: Context, input: { role: string; holderId: string }): Promise<void> {
  await ctx.demand(manageRoles, undefined, 'write');
  const role = getRole(input.role);
  const grants = await listGrants(ctx, {
    kind: GRANTS.role.kind,
    object: { kind: GRANTS.role.objectKind, id: role.name },
  });
  const held = grants.filter((grant) => grant.subject.id === input.holderId);
  if (held.length === 0) throw kernelFaults.notFound();
  for (const grant of held) await revokeRole(ctx, grant);
}

/** Takes a role away without asking: for who has decided already. @throws last-administrator (IS-11). */
export async function revokeRole(ctx: Context, grant: Grant): Promise<void> {
  await lockMemberships(ctx);
  const before = await listWorkingAdministrators(ctx, 'global-administrator');
  await deleteGrants(ctx, [grant.id]);
  const after = await listWorkingAdministrators(ctx, 'global-administrator');
  if (before.length > 0 && after.length === 0) throw directoryFaults.lastAdministrator();
  await roleChanged(ctx, grant, false);
}

async function roleChanged(ctx: Context, grant: Grant, isHeld: boolean): Promise<void> {
  const { subject, object } = grant;
  const people = subject.kind === 'group' ? await listMembers(ctx, subject.id, { transitive: true }) : [subject];
  await announceAccounts(
    ctx,
    people.map((one) => one.id),
  );
  const displayName = (await listDisplayNames(ctx, [subject.id])).get(subject.id);
  ctx.record({
    action: isHeld ? 'directory.role-given' : 'directory.role-taken',
    category: 'RoleManagement',
    targets: [
      {
        kind: subject.kind,
        id: subject.id,
        ...(displayName === undefined ? {} : { displayName }),
      },
      { kind: 'tenant-role', id: object.id, displayName: getRole(object.id).displayName },
    ],
  });
}
