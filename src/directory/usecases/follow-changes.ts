import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Account } from '../model/account.ts';
import type { Group } from '../model/group.ts';
import { readDirectory } from '../questions/people.ts';
import { listAccounts } from '../store/accounts.ts';
import { currentHorizon, findHistory, listChanges, listMembershipChanges, openHistory } from '../store/delta.ts';
import { listGroups } from '../store/groups.ts';
import { listMembers, type Member } from '../store/memberships.ts';

/** Where a follower stands: still reading the whole, or the changes since a version. */
export interface FollowState {
  /** Whose versions these are. */
  readonly history: string;
  /** What to look at from next time on. */
  readonly horizon: number;
  /** Null: the whole is being read for the first time. */
  readonly since: number | null;
  /** The last one given out in this round. */
  readonly after: readonly unknown[] | null;
}

export interface MemberChange extends Member {
  readonly isMember: boolean;
}

export type Followed =
  | { readonly kind: 'account'; readonly id: string; readonly account: Account }
  | { readonly kind: 'group'; readonly id: string; readonly group: Group; readonly members: readonly MemberChange[] }
  | { readonly kind: 'removed'; readonly id: string; readonly reason: 'changed' | 'deleted' };

export interface FollowPage {
  readonly rows: readonly Followed[];
  readonly state: FollowState;
  /** Whether the round is over: the state is then for the next round. */
  readonly isDone: boolean;
}

/**
 * The next page for a follower of people or groups: everything first, then what changed. `start` begins anew;
 * `latest` begins with what will change from now on. Needs a transaction that may write: the first follower begins the history.
 * @throws odata.resync-required when the state is of another history: the organisation was restored since.
 */
export async function followChanges(
  ctx: Context,
  kind: 'account' | 'group',
  from: FollowState | 'start' | 'latest',
  top: number,
): Promise<FollowPage> {
  await ctx.demand(readDirectory, kind === 'account' ? 'accounts' : 'groups', 'enumerate');
  if (typeof from !== 'string') {
    if (from.history !== (await findHistory(ctx))) throw kernelFaults.resyncRequired();
    return from.since === null ? readWhole(ctx, kind, from, top) : readChanged(ctx, kind, from, from.since, top);
  }
  // The horizon is taken before the first row is read, so that nothing falls between two rounds.
  const state = { history: await openHistory(ctx), horizon: await currentHorizon(ctx), after: null };
  if (from === 'start') return readWhole(ctx, kind, { ...state, since: null }, top);
  return { rows: [], state: nextRound({ ...state, since: null }), isDone: true };
}

/** The state with which the round after this one begins. */
const nextRound = (state: FollowState): FollowState => ({ ...state, since: state.horizon, after: null });

async function readWhole(
  ctx: Context,
  kind: 'account' | 'group',
  state: FollowState,
  top: number,
): Promise<FollowPage> {
  const asked = { orderBy: [], top, count: false, after: state.after ?? undefined };
  const page = kind === 'account' ? await listAccounts(ctx, asked) : await listGroups(ctx, asked);
  const rows: Followed[] = [];
  for (const row of page.rows) {
    if (kind === 'account') rows.push({ kind, id: row.id, account: row as Account });
    else {
      const group = row as Group;
      const members = isHidden(group) ? [] : await listMembers(ctx, group.id);
      rows.push({ kind, id: group.id, group, members: members.map((member) => ({ ...member, isMember: true })) });
    }
  }
  if (page.next) return { rows, state: { ...state, after: page.next }, isDone: false };
  return { rows, state: nextRound(state), isDone: true };
}

async function readChanged(
  ctx: Context,
  kind: 'account' | 'group',
  before: FollowState,
  since: number,
  top: number,
): Promise<FollowPage> {
  // A round of changes begins with a horizon of its own.
  const state = before.after === null ? { ...before, horizon: await currentHorizon(ctx) } : before;
  const [version, id] = (state.after ?? []) as [number?, string?];
  const after = version === undefined || id === undefined ? null : { version, id };
  const found = await listChanges(ctx, kind, { since, after, limit: top + 1 });
  const changes = found.slice(0, top);
  const ids = changes.filter(({ removed }) => removed === null).map((change) => change.id);
  const all = { orderBy: [], top: ids.length + 1, count: false };
  const accounts = kind === 'account' ? (await listAccounts(ctx, all, { ids })).rows : [];
  const groups = kind === 'group' ? (await listGroups(ctx, all, { ids })).rows : [];
  const moves = kind === 'group' ? await listMembershipChanges(ctx, ids, since) : [];
  const rows = changes.flatMap((change): Followed[] => {
    if (change.removed !== null) return [{ kind: 'removed', id: change.id, reason: change.removed }];
    const account = accounts.find((one) => one.id === change.id);
    if (account) return [{ kind: 'account', id: change.id, account }];
    const group = groups.find((one) => one.id === change.id);
    if (!group) return [];
    const members = moves
      .filter(({ groupId }) => groupId === group.id && !isHidden(group))
      .map(({ memberKind, memberId, isMember }) => ({ kind: memberKind as Member['kind'], id: memberId, isMember }));
    return [{ kind: 'group', id: group.id, group, members }];
  });
  const last = changes.at(-1);
  if (found.length > top && last) return { rows, state: { ...state, after: [last.version, last.id] }, isDone: false };
  return { rows, state: nextRound(state), isDone: true };
}

const isHidden = (group: Group) => group.visibility === 'HiddenMembership';
