/** Who is brought to another organisation: those in scope, compared with those who are there and what was last told. */
import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId, TenantId } from '../../kernel/ids.ts';
import { goingNames, goOut } from '../../partners/index.ts';
import {
  digestOfTold,
  passes,
  type SyncPerson,
  type SyncSource,
  type ToldGroup,
  type ToldPerson,
  tellOf,
} from '../model/synchronization.ts';
import { synchronization } from '../settings.ts';
import { findGroup } from '../store/groups.ts';
import { listMembers, listMembershipsAmong } from '../store/memberships.ts';
import { listSyncPeople, listSyncSources } from '../store/synchronization.ts';

/** Whoever was refused is told of again when something of them changes, and after this time. */
const REFUSED_AGAIN_MS = 30 * 60_000;

export interface Put {
  readonly told: ToldPerson;
  readonly digest: Buffer;
  /** Already, as they were told before. */
  readonly isThere: boolean;
}
/** Somebody who is there and shall not be. `reason`: they are named, and leave all the same. */
export interface Leaving {
  readonly person: SyncPerson;
  readonly reason: string | null;
}

/** What is to be said, and of whom. */
export interface Plan {
  readonly puts: readonly Put[];
  readonly leaving: readonly Leaving[];
  readonly skipped: readonly { person: SyncSource; reason: string }[];
  /** Was not there and is not named any more. */
  readonly forgotten: readonly SyncPerson[];
  /** The groups that are there, all of them. */
  readonly groups: readonly ToldGroup[];
  /** Somebody has a manager: who comes and goes now changes what is told of others. */
  readonly hasManagers: boolean;
}

/**
 * Compares who is in scope with who is there. `only`: one person, whatever else there is to do. Undefined where our own
 * organisation lets nobody at all go there: that ends no stay, just as the other side's no does not (CT-17).
 */
export async function planOf(ctx: Context, partner: TenantId, only?: AccountId): Promise<Plan | undefined> {
  const how = ctx.settings.partner(synchronization, partner);
  const groupsOf = await peopleInGroups(ctx, how.groups);
  const named = how.everyone ? undefined : [...how.people, ...groupsOf.keys()];
  const ids = only ? [only].filter((id) => named?.includes(id) ?? true) : named;
  const sources = (await listSyncSources(ctx, ids)).filter((person) => passes(person, how.filters));
  const goers = await whoMayGo(ctx, partner, sources);
  if (!goers) return undefined;
  const managers = sources.flatMap(({ managerId }) => managerId ?? []);
  const known = await listSyncPeople(ctx, partner, only ? { ids: [only, ...managers] } : {});
  const before = new Map(known.map((one) => [one.accountId, one]));
  const groups = how.bringsGroups ? await namesOf(ctx, how.groups) : [];
  const areBrought = new Set(groups.map(({ id }) => id));

  const puts: Put[] = [];
  const skipped: { person: SyncSource; reason: string }[] = [];
  const inScope = new Set<string>();
  const reasons = new Map<string, string>();
  for (const person of sources) {
    inScope.add(person.id);
    const was = before.get(person.id);
    const isThere = was?.state === 'there';
    const reason = whyNot(person, goers, isThere);
    if (reason) {
      reasons.set(person.id, reason);
      if (!isThere && was?.reason !== reason) skipped.push({ person, reason });
      continue;
    }
    const { managerId } = person;
    const told = tellOf(person, how, {
      ...(how.bringsManagers
        ? { managerId: managerId !== null && before.get(managerId)?.state === 'there' ? managerId : null }
        : {}),
      ...(how.bringsGroups ? { groupIds: (groupsOf.get(person.id) ?? []).filter((id) => areBrought.has(id)) } : {}),
    });
    const digest = digestOfTold(told);
    // Whoever was refused is not told of again with every change of anybody.
    const isTold =
      was?.digest?.equals(digest) &&
      (was.reason === null || (!only && was.changedAt.getTime() > ctx.now.getTime() - REFUSED_AGAIN_MS));
    if (!isTold) puts.push({ told, digest, isThere });
  }
  const ours = only ? known.filter(({ accountId }) => accountId === only) : known;
  return {
    puts,
    skipped,
    leaving: ours
      .filter(({ accountId, state }) => state === 'there' && (!inScope.has(accountId) || reasons.has(accountId)))
      .map((person) => ({ person, reason: reasons.get(person.accountId) ?? null })),
    forgotten: ours.filter(({ accountId, state }) => state !== 'there' && !inScope.has(accountId)),
    groups,
    hasManagers: how.bringsManagers && managers.length > 0,
  };
}

/** Who is in the groups, directly or through others, each with the groups they are in. */
async function peopleInGroups(ctx: Context, groups: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const group of groups)
    for (const { kind, id } of await listMembers(ctx, group, { transitive: true }))
      if (kind === 'account' || kind === 'guest') found.set(id, [...(found.get(id) ?? []), group]);
  return found;
}

async function namesOf(ctx: Context, ids: readonly string[]): Promise<ToldGroup[]> {
  const found: ToldGroup[] = [];
  for (const id of ids) {
    const group = await findGroup(ctx, id as GroupId);
    if (group) found.push({ id, displayName: group.displayName });
  }
  return found;
}

/** Those of our people whom the cross-tenant access policy and the agreement let go there. Undefined: they let nobody. */
async function whoMayGo(
  ctx: Context,
  partner: TenantId,
  sources: readonly SyncSource[],
): Promise<((id: string) => boolean) | undefined> {
  const mayGo = async (who: { userId: string | null; groupIds: string[]; addresses: string[] }) => {
    const asked = { tenantId: partner, mode: 'collaboration' as const, application: null, ...who };
    return (await ctx.ask(goOut, asked, { quiet: true })).level === 'out';
  };
  const names = goingNames(ctx, partner);
  if (!names) return (await mayGo({ userId: null, groupIds: [], addresses: [] })) ? () => true : undefined;
  const memberships = Map.groupBy(
    await listMembershipsAmong(
      ctx,
      sources.map(({ id }) => id),
      names.groups,
    ),
    ({ accountId }) => accountId,
  );
  const goers = new Set<string>();
  for (const { id, addresses } of sources) {
    const groupIds = (memberships.get(id) ?? []).map(({ groupId }) => groupId);
    if (await mayGo({ userId: id, groupIds, addresses: [...addresses] })) goers.add(id);
  }
  return (id) => goers.has(id);
}

/** Why somebody in scope is not there, or shall not be (CT-15); undefined: they are. */
function whyNot(person: SyncSource, mayGo: (id: string) => boolean, isThere: boolean): string | undefined {
  if (person.isFromElsewhere) return 'at-home-elsewhere';
  if (!isThere && !person.accountEnabled) return 'blocked';
  return mayGo(person.id) ? undefined : 'not-let-out';
}
