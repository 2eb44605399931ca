import { deleteGrants, listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { GroupId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import { subjectOf } from '../model/account.ts';
import type { Group, GroupChanges, NewGroup } from '../model/group.ts';
import { createGroups, manageGroups } from '../questions/groups.ts';
import { manageRoles } from '../questions/people.ts';
import { findAccount } from '../store/accounts.ts';
import { holdAddresses } from '../store/addresses.ts';
import { eraseGroup, findGroup, insertGroup, updateGroup } from '../store/groups.ts';
import { listMembers, listWorkingAdministrators, lockMemberships } from '../store/memberships.ts';
import { keepGrants, listDeletedBefore, noteRemoval, takeKeptGrants } from '../store/removals.ts';
import { changeGroup, giverOf } from './asked.ts';
import { verifiedAddress } from './create-account.ts';
import { isPastRestoring, RESTORABLE_DAYS } from './delete-account.ts';
import { type Putting, putMember, putOwner } from './members.ts';
import { passOnGuestsOfGroup } from './pass-on-guests.ts';
import { readGroup } from './read-groups.ts';

export interface CreateGroup extends Omit<NewGroup, 'id' | 'mail' | 'mailEnabled'> {
  readonly mailEnabled?: boolean;
  readonly members?: readonly Putting[];
  readonly owners?: readonly Putting[];
}

/** Creates a group; a person who creates one owns it unless owners are named. @throws address-taken. */
export async function createGroup(ctx: Context, input: CreateGroup): Promise<Group> {
  await ctx.demand(createGroups, undefined, 'create');
  if (input.isAssignableToRole) await ctx.demand(manageRoles, undefined, 'write');
  const { members = [], owners = [], ...fields } = input;
  const isShared = input.kind === 'shared';
  if (input.mailEnabled && !isShared) throw kernelFaults.invalid('Only a shared group has a mailbox.');
  const mail = isShared ? verifiedAddress(ctx, `${input.mailNickname}@${ctx.tenant.defaultDomain}`) : null;
  const group = await insertGroup(ctx, {
    ...fields,
    securityEnabled: fields.securityEnabled ?? !isShared,
    mailEnabled: isShared,
    mail,
    ...(mail === null ? {} : { proxyAddresses: [`SMTP:${mail}`] }),
  });
  ctx.record({
    action: 'directory.group-created',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id: group.id, displayName: group.displayName }],
    facts: { kind: group.kind, visibility: group.visibility },
  });
  const creator = ctx.actor.kind === 'account' ? await findAccount(ctx, ctx.actor.accountId) : undefined;
  if (owners.length === 0 && creator) {
    await putGrant(ctx, {
      kind: GRANTS.owner.kind,
      subject: subjectOf(creator),
      object: { kind: GRANTS.owner.objectKind, id: group.id },
      level: GRANTS.owner.level,
      givenBy: giverOf(ctx),
    });
    if (isShared && members.length === 0) await putMember(ctx, group, { kind: 'account', id: creator.id });
  }
  for (const owner of owners) await putOwner(ctx, group, owner);
  for (const member of members) await putMember(ctx, group, member);
  return group;
}

/** Changes a group. @throws not-found, access.refused, stale, address-taken. */
export async function changeGroupFields(
  ctx: Context,
  id: GroupId,
  changes: GroupChanges,
  options: { version?: number | undefined } = {},
): Promise<Group> {
  await readGroup(ctx, id);
  await ctx.demand(changeGroup, id, 'manage');
  const before = await findGroup(ctx, id, { lock: true });
  if (!before) throw kernelFaults.notFound();
  if (options.version !== undefined && options.version !== before.version) throw directoryFaults.stale();
  const after = (await updateGroup(ctx, id, changes))!;
  ctx.record({
    action: 'directory.group-changed',
    category: 'GroupManagement',
    targets: [
      {
        kind: 'group',
        id,
        displayName: after.displayName,
        changes: Object.keys(changes).map((name) => ({
          name,
          old: before[name as keyof Group] ?? null,
          new: after[name as keyof Group] ?? null,
        })),
      },
    ],
  });
  return after;
}

/** Deletes a group softly: what it held and who was in it is set aside, and comes back with a restore. */
export async function deleteGroup(
  ctx: Context,
  id: GroupId,
  options: { version?: number | undefined } = {},
): Promise<void> {
  const { group } = await readGroup(ctx, id);
  await ctx.demand(changeGroup, id, 'manage');
  if (options.version !== undefined && options.version !== group.version) throw directoryFaults.stale();
  await removeGroup(ctx, group);
}

/** Deletes without asking: for who has decided already. @throws last-administrator (IS-11). */
export async function removeGroup(ctx: Context, { id, displayName }: Group): Promise<void> {
  await lockMemberships(ctx);
  await passOnGuestsOfGroup(ctx, id);
  const people = await listMembers(ctx, id, { transitive: true });
  const before = await listWorkingAdministrators(ctx, 'global-administrator');
  const grants = [
    ...(await listGrants(ctx, { object: { kind: 'group', id } })),
    ...(await listGrants(ctx, { subjects: [{ kind: 'group', id }] })),
  ];
  await keepGrants(ctx, id, grants);
  await deleteGrants(
    ctx,
    grants.map((grant) => grant.id),
  );
  const remaining = await listWorkingAdministrators(ctx, 'global-administrator');
  if (before.length > 0 && remaining.length === 0) throw directoryFaults.lastAdministrator();
  await holdAddresses(ctx, { kind: 'group', id }, []);
  await updateGroup(ctx, id, { deletedAt: ctx.now });
  await announceAccounts(
    ctx,
    people.filter(({ kind }) => kind === 'account' || kind === 'guest').map((one) => one.id),
  );
  ctx.record({
    action: 'directory.group-deleted',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id, displayName }],
    facts: { grants: grants.length },
  });
}

/** Brings a deleted group back with its members, owners and rights. @throws not-found after 30 days. */
export async function restoreGroup(ctx: Context, id: GroupId): Promise<Group> {
  await ctx.demand(manageGroups, undefined, 'write');
  const deleted = await findGroup(ctx, id, { deleted: true, lock: true });
  if (!deleted || isPastRestoring(ctx, deleted.deletedAt)) throw kernelFaults.notFound();
  if (deleted.isAssignableToRole) await ctx.demand(manageRoles, undefined, 'write');
  return returnGroup(ctx, deleted);
}

/** Brings a deleted group back without asking: for who has decided already. */
export async function returnGroup(ctx: Context, { id, proxyAddresses }: Group): Promise<Group> {
  const group = (await updateGroup(ctx, id, { deletedAt: null, proxyAddresses }))!;
  const affected: string[] = [];
  for (const grant of await takeKeptGrants(ctx, id)) {
    const other = grant.object.id === id ? grant.subject : { kind: 'group', id: grant.object.id };
    const isThere =
      other.kind === 'group' && grant.object.kind === 'group'
        ? await findGroup(ctx, other.id as GroupId)
        : other.kind === 'account' || other.kind === 'guest'
          ? await findAccount(ctx, other.id as never)
          : true;
    if (!isThere) continue;
    await putGrant(ctx, grant);
    affected.push(grant.subject.id);
  }
  await announceAccounts(ctx, affected);
  ctx.record({
    action: 'directory.group-restored',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id, displayName: group.displayName }],
  });
  return group;
}

/** Removes a deleted group for good. */
export async function purgeGroup(ctx: Context, id: GroupId): Promise<void> {
  await ctx.demand(manageGroups, undefined, 'write');
  const deleted = await findGroup(ctx, id, { deleted: true, lock: true });
  if (!deleted) throw kernelFaults.notFound();
  await takeKeptGrants(ctx, id);
  await eraseGroup(ctx, id);
  await noteRemoval(ctx, 'group', id);
  ctx.record({
    action: 'directory.group-purged',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id, displayName: deleted.displayName }],
  });
}

/** Removes for good what was deleted more than 30 days ago. */
export async function purgeDeletedGroups(ctx: Context): Promise<void> {
  const before = new Date(ctx.now.getTime() - RESTORABLE_DAYS * 86_400_000);
  for (const id of await listDeletedBefore(ctx, 'group', before, 500)) await purgeGroup(ctx, id as GroupId);
}
