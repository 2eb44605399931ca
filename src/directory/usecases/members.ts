import { deleteGrants, type Grant, listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { requireLicencesFor } from '../../tenants/index.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import { subjectOf } from '../model/account.ts';
import type { Group } from '../model/group.ts';
import { readDirectory } from '../questions/people.ts';
import { findAccount } from '../store/accounts.ts';
import { findContact } from '../store/contacts.ts';
import { findGroup, listGroups, updateGroup } from '../store/groups.ts';
import {
  listGroupsAbove,
  listMembers,
  listWorkingAdministrators,
  lockMemberships,
  type Member,
  noteMembership,
} from '../store/memberships.ts';
import { listDisplayNames } from '../store/names.ts';
import { changeGroup, giverOf, isMemberOf, isOwnerOf } from './asked.ts';
import { licensedMembers } from './domain-references.ts';
import { readGroup } from './read-groups.ts';

/** What is to be put into a group: the kind where the caller knows it. */
export interface Putting {
  readonly kind?: 'account' | 'group' | 'contact' | undefined;
  readonly id: string;
}

/** The object that an id names here, as it stands in a grant. @throws not-found. */
async function memberOf(ctx: Context, { kind, id }: Putting): Promise<Member> {
  if (kind === undefined || kind === 'account') {
    const account = await findAccount(ctx, id as AccountId);
    if (account) return subjectOf(account);
  }
  if ((kind === undefined || kind === 'group') && (await findGroup(ctx, id as GroupId))) return { kind: 'group', id };
  if ((kind === undefined || kind === 'contact') && (await findContact(ctx, id))) return { kind: 'contact', id };
  throw kernelFaults.notFound();
}

/**
 * Puts somebody or something into a group.
 * @throws not-found, access.refused, already-member, membership-cycle, nested-role-group.
 */
export async function addMember(ctx: Context, groupId: GroupId, member: Putting): Promise<void> {
  const { group } = await readGroup(ctx, groupId);
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === member.id;
  await ctx.demand(changeGroup, groupId, isSelf ? 'join' : 'members');
  await putMember(ctx, group, member);
}

/** Puts a member in without asking: for who has decided already. */
export async function putMember(ctx: Context, group: Group, putting: Putting): Promise<void> {
  const member = await memberOf(ctx, putting);
  await lockMemberships(ctx);
  if (member.kind === 'group') {
    if (group.isAssignableToRole) throw directoryFaults.nestedRoleGroup();
    const above = await listGroupsAbove(ctx, [{ kind: 'group', id: group.id }]);
    if (member.id === group.id || above.includes(member.id)) throw directoryFaults.membershipCycle();
  }
  if ((await membershipGrants(ctx, group.id, member.id)).length > 0) throw directoryFaults.alreadyMember();
  await putGrant(ctx, {
    kind: GRANTS.member.kind,
    subject: member,
    object: { kind: GRANTS.member.objectKind, id: group.id },
    level: GRANTS.member.level,
    givenBy: giverOf(ctx),
    ...(await homeOf(ctx, member)),
  });
  await membershipChanged(ctx, group, member, true);
  // The group's licences, and those of the groups above it, must suffice for the newcomers too.
  const groups = [group.id, ...(await listGroupsAbove(ctx, [{ kind: 'group', id: group.id }]))];
  await requireLicencesFor(ctx, { groupMembers: licensedMembers }, groups);
}

/**
 * Takes somebody out of a group; oneself, to leave it.
 * @throws not-found when they are not in it, access.refused, last-administrator (IS-11).
 */
export async function removeMember(ctx: Context, groupId: GroupId, memberId: string): Promise<void> {
  const { group } = await readGroup(ctx, groupId);
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === memberId;
  await ctx.demand(changeGroup, groupId, isSelf ? 'leave' : 'members');
  const [grant] = await membershipGrants(ctx, groupId, memberId);
  if (!grant) throw kernelFaults.notFound();
  await takeMember(ctx, group, grant);
}

/** Takes a membership away without asking: for who has decided already. */
export async function takeMember(ctx: Context, group: Group, grant: Grant): Promise<void> {
  await lockMemberships(ctx);
  const before = group.isAssignableToRole ? await listWorkingAdministrators(ctx, 'global-administrator') : [];
  const grants = await membershipGrants(ctx, group.id, grant.subject.id);
  await deleteGrants(ctx, [grant.id, ...grants.map((one) => one.id)]);
  if (before.length > 0 && (await listWorkingAdministrators(ctx, 'global-administrator')).length === 0)
    throw directoryFaults.lastAdministrator();
  await membershipChanged(ctx, group, grant.subject as Member, false);
}

async function membershipGrants(ctx: Context, groupId: string, memberId: string): Promise<Grant[]> {
  const subjects = (['account', 'guest', 'group', 'contact'] as const).map((kind) => ({ kind, id: memberId }));
  return listGrants(ctx, { kind: GRANTS.member.kind, subjects, object: { kind: 'group', id: groupId } });
}

async function membershipChanged(ctx: Context, group: Group, member: Member, isMember: boolean): Promise<void> {
  await noteMembership(ctx, group.id, member, isMember);
  await updateGroup(ctx, group.id, {});
  const people = member.kind === 'group' ? await listMembers(ctx, member.id, { transitive: true }) : [member];
  await announceAccounts(
    ctx,
    people.filter(({ kind }) => kind === 'account' || kind === 'guest').map((one) => one.id),
  );
  ctx.record({
    action: isMember ? 'directory.group-member-added' : 'directory.group-member-removed',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id: group.id, displayName: group.displayName }, await named(ctx, member)],
  });
}

/** As the audit names them. */
async function named(ctx: Context, { kind, id }: Member) {
  const displayName = (await listDisplayNames(ctx, [id])).get(id);
  return { kind, id, ...(displayName === undefined ? {} : { displayName }) };
}

/** Where an outside subject is at home, so that the ledger finds a partner's grants without a join. */
async function homeOf(ctx: Context, member: Member) {
  if (member.kind !== 'guest') return {};
  const account = await findAccount(ctx, member.id as AccountId);
  return { homeTenantId: account?.homeTenantId ?? null, homeDomain: account?.homeDomain ?? null };
}

/** Makes somebody an owner of a group. @throws already-owner, not-found, access.refused. */
export async function addOwner(ctx: Context, groupId: GroupId, owner: Putting): Promise<void> {
  const { group } = await readGroup(ctx, groupId);
  await ctx.demand(changeGroup, groupId, 'manage');
  await putOwner(ctx, group, owner);
}

/** Makes an owner without asking: for who has decided already. */
export async function putOwner(ctx: Context, group: Group, putting: Putting): Promise<void> {
  const subject = await memberOf(ctx, { ...putting, kind: 'account' });
  const object = { kind: GRANTS.owner.objectKind, id: group.id };
  const held = await listGrants(ctx, { kind: GRANTS.owner.kind, subjects: [subject], object });
  if (held.length > 0) throw directoryFaults.alreadyOwner();
  await putGrant(ctx, {
    kind: GRANTS.owner.kind,
    subject,
    object,
    level: GRANTS.owner.level,
    givenBy: giverOf(ctx),
    ...(await homeOf(ctx, subject)),
  });
  await ownershipChanged(ctx, group, subject, true);
}

/** Takes ownership away. @throws last-owner of a shared group, not-found, access.refused. */
export async function removeOwner(ctx: Context, groupId: GroupId, ownerId: string): Promise<void> {
  const { group } = await readGroup(ctx, groupId);
  await ctx.demand(changeGroup, groupId, 'manage');
  await lockMemberships(ctx);
  const owners = await listGrants(ctx, { kind: GRANTS.owner.kind, object: { kind: 'group', id: groupId } });
  const grant = owners.find((one) => one.subject.id === ownerId);
  if (!grant) throw kernelFaults.notFound();
  if (group.kind === 'shared' && owners.length === 1) throw directoryFaults.lastOwner();
  await takeOwner(ctx, group, grant);
}

/** Takes an ownership away without asking. */
export async function takeOwner(ctx: Context, group: Group, grant: Grant): Promise<void> {
  await deleteGrants(ctx, [grant.id]);
  await ownershipChanged(ctx, group, grant.subject as Member, false);
}

async function ownershipChanged(ctx: Context, group: Group, owner: Member, isOwner: boolean): Promise<void> {
  await updateGroup(ctx, group.id, {});
  ctx.record({
    action: isOwner ? 'directory.group-owner-added' : 'directory.group-owner-removed',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id: group.id, displayName: group.displayName }, await named(ctx, owner)],
  });
}

/**
 * Who is in a group. Of a group with hidden membership, only its members, its owners and who manages it are told.
 * @throws not-found where the group may not be known, access.refused where its members may not (ID-18).
 */
export async function readMembers(
  ctx: Context,
  groupId: GroupId,
  options: { transitive?: boolean } = {},
): Promise<Member[]> {
  const { group } = await readGroup(ctx, groupId);
  await ctx.demand(readDirectory, 'groups', 'known');
  if ((await hiddenFromReader(ctx, [group])).length > 0) await ctx.demand(changeGroup, groupId, 'members');
  if (!options.transitive) return listMembers(ctx, groupId);
  const members = await listMembers(ctx, groupId, { transitive: true });
  const nested = members.filter(({ kind }) => kind === 'group').map(({ id }) => id);
  const closed = await hiddenFromReader(ctx, await groupsOf(ctx, nested));
  return closed.length === 0 ? members : listMembers(ctx, groupId, { transitive: true, closed });
}

async function groupsOf(ctx: Context, ids: readonly string[]): Promise<readonly Group[]> {
  if (ids.length === 0) return [];
  return (await listGroups(ctx, { orderBy: [], top: ids.length, count: false }, { ids })).rows;
}

/** Ids of those of the groups whose members the reader may not know. */
async function hiddenFromReader(ctx: Context, groups: readonly Group[]): Promise<string[]> {
  const hidden: string[] = [];
  for (const { id, visibility } of groups) {
    if (visibility !== 'HiddenMembership') continue;
    if ((await isMemberOf(ctx, id)) || (await isOwnerOf(ctx, id))) continue;
    if (!atLeast(await ctx.ask(changeGroup, id, { quiet: true }), 'members')) hidden.push(id);
  }
  return hidden;
}

export async function readOwners(ctx: Context, groupId: GroupId): Promise<Member[]> {
  await readGroup(ctx, groupId);
  await ctx.demand(readDirectory, 'groups', 'known');
  const grants = await listGrants(ctx, { kind: GRANTS.owner.kind, object: { kind: 'group', id: groupId } });
  return grants.map(({ subject }) => subject as Member);
}

/**
 * Ids of the groups that somebody or something is in. Memberships hidden from the reader are left out, and `view` tells whether
 * more than their ids may be shown.
 */
export async function readGroupsOf(
  ctx: Context,
  subjectId: string,
  options: { transitive?: boolean; kind?: 'person' | 'group' | 'contact' } = {},
): Promise<{ ids: string[]; view: 'full' | 'id' }> {
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === subjectId;
  const answer = await ctx.ask(readDirectory, 'groups', { quiet: true });
  if (!atLeast(answer, isSelf ? 'own' : 'enumerate'))
    await ctx.demand(readDirectory, 'groups', isSelf ? 'own' : 'enumerate');
  const { kind = 'person' } = options;
  const kinds = kind === 'person' ? (['account', 'guest'] as const) : [kind];
  const subjects = kinds.map((kind) => ({ kind, id: subjectId }));
  const ids = options.transitive
    ? await listGroupsAbove(ctx, subjects)
    : (await listGrants(ctx, { kind: GRANTS.member.kind, subjects })).map((grant) => grant.object.id);
  // What somebody else may not know from the group's side they may not know from the person's either.
  const hidden = isSelf ? [] : await hiddenFromReader(ctx, await groupsOf(ctx, ids));
  return { ids: ids.filter((id) => !hidden.includes(id)), view: atLeast(answer, 'known') ? 'full' : 'id' };
}
