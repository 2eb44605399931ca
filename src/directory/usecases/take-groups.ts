/** Groups that come with the people another organisation brings: of those people alone, and named as at home. */
import { listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { GRANTS, personSubjects } from '../grants.ts';
import type { Account } from '../model/account.ts';
import type { ToldGroup } from '../model/synchronization.ts';
import { findGroup, insertGroup, updateGroup } from '../store/groups.ts';
import { listBroughtGroups, putBroughtGroup } from '../store/synchronization.ts';
import { removeGroup, returnGroup } from './groups.ts';
import { putMember, takeMember } from './members.ts';

/** Exactly these groups are here from then on. Who is in them is said of each person. */
export async function takeGroups(ctx: Context, home: TenantId, told: readonly ToldGroup[]): Promise<void> {
  const known = await listBroughtGroups(ctx, home);
  for (const { id: homeId, displayName } of told) {
    const id = known.get(homeId);
    const group = id && (await findGroup(ctx, id, { lock: true }));
    const deleted = id && !group ? await findGroup(ctx, id, { deleted: true, lock: true }) : undefined;
    if (deleted) await returnEmpty(ctx, deleted);
    const before = group ?? deleted;
    if (!before) await makeGroup(ctx, home, homeId, displayName);
    else if (before.displayName !== displayName) {
      await updateGroup(ctx, before.id, { displayName });
      ctx.record({
        action: 'directory.group-changed',
        category: 'GroupManagement',
        targets: [
          {
            kind: 'group',
            id: before.id,
            displayName,
            changes: [{ name: 'displayName', old: before.displayName, new: displayName }],
          },
        ],
      });
    }
  }
  const kept = new Set(told.map(({ id }) => id));
  for (const [homeId, id] of known) {
    const group = kept.has(homeId) ? undefined : await findGroup(ctx, id);
    if (group) await removeGroup(ctx, group);
  }
}

async function makeGroup(ctx: Context, home: TenantId, homeId: string, displayName: string): Promise<void> {
  const group = await insertGroup(ctx, { kind: 'security', displayName, mailNickname: homeId, securityEnabled: true });
  await putBroughtGroup(ctx, home, homeId, group.id);
  ctx.record({
    action: 'directory.group-created',
    category: 'GroupManagement',
    targets: [{ kind: 'group', id: group.id, displayName }],
    facts: { kind: group.kind, visibility: group.visibility, homeTenantId: home },
  });
}

/** What was given to the group is its again; who is in it now is said of each person. */
async function returnEmpty(ctx: Context, deleted: Parameters<typeof returnGroup>[1]): Promise<void> {
  const group = await returnGroup(ctx, deleted);
  const members = await listGrants(ctx, { kind: GRANTS.member.kind, object: { kind: 'group', id: group.id } });
  for (const grant of members) if (grant.subject.kind === 'guest') await takeMember(ctx, group, grant);
}

/** Puts somebody into those of their home's groups that they are in there, and takes them out of the others. */
export async function placeIn(
  ctx: Context,
  home: TenantId,
  account: Pick<Account, 'id'>,
  homeGroupIds: readonly string[],
): Promise<void> {
  const known = await listBroughtGroups(ctx, home);
  const held = await listGrants(ctx, { kind: GRANTS.member.kind, subjects: personSubjects(account.id) });
  for (const [homeId, id] of known) {
    const grant = held.find(({ object }) => object.id === id);
    const shallBe = homeGroupIds.includes(homeId);
    const group = shallBe === (grant !== undefined) ? undefined : await findGroup(ctx, id);
    if (!group) continue;
    if (grant) await takeMember(ctx, group, grant);
    else await putMember(ctx, group, { kind: 'account', id: account.id });
  }
}
