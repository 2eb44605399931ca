import type { Context } from '../../../kernel/context.ts';
import { Fault, kernelFaults } from '../../../kernel/fault.ts';
import { contextOf, optionsOf, type Row, select, withOptions } from '../../../platform/http/odata.ts';
import { type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { type Followed, type FollowState, followChanges } from '../../usecases/follow-changes.ts';
import { GRAPH_TYPES, presentGroup, presentUser } from './present.ts';

const PAGE = 200;
/** How long a follower may stay away before it must read everything again. */
const TOKEN_DAYS = 30;

const typeOf = (kind: string) =>
  kind === 'group' ? GRAPH_TYPES.group : kind === 'contact' ? GRAPH_TYPES.contact : GRAPH_TYPES.account;

function present(one: Followed): Row {
  switch (one.kind) {
    case 'account':
      return presentUser(one.account);
    case 'group':
      return {
        ...presentGroup(one.group),
        ...(one.members.length === 0
          ? {}
          : {
              'members@delta': one.members.map(({ kind, id, isMember }) => ({
                '@odata.type': typeOf(kind),
                id,
                ...(isMember ? {} : { '@removed': { reason: 'deleted' } }),
              })),
            }),
      };
    case 'removed':
      return { id: one.id, '@removed': { reason: one.reason } };
  }
}

/** Graph: `users/delta` and `groups/delta`. Tokens are sealed; one that is too old, not ours or of another
 * history means starting anew. */
export function deltaRoutes({ vault }: { vault: Vault }): readonly Route[] {
  const answer = (
    ctx: Context,
    request: Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers'>,
    kind: 'account' | 'group',
    name: string,
  ) =>
    withOptions(async () => {
      const options = optionsOf(request);
      const scope = `delta:${ctx.tenantId}:${kind}`;
      const token = options.deltaToken ?? options.skipToken;
      const link = new URL(request.raw.url, request.origin);
      link.searchParams.delete('$deltatoken');
      link.searchParams.delete('$skiptoken');
      const page = await orStartAnew(link, () => {
        const from = !token ? 'start' : token === 'latest' ? 'latest' : openState(ctx, vault, token, scope);
        return followChanges(ctx, kind, from, Math.min(options.top ?? PAGE, 999));
      });
      link.searchParams.set(
        page.isDone ? '$deltatoken' : '$skiptoken',
        vault.seal(JSON.stringify({ ...page.state, at: ctx.now.getTime() }), scope).toString('base64url'),
      );
      // The id tells whom a change is about, whatever was selected; so do members when they were asked for.
      const wanted = options.select && { ...options, select: [...options.select, ['id']] };
      const asksMembers = !options.select || options.select.some(([first]) => first === 'members');
      return {
        '@odata.context': contextOf(request, name),
        [page.isDone ? '@odata.deltaLink' : '@odata.nextLink']: link.href,
        value: page.rows.map((one) => {
          const { 'members@delta': members, ...row } = present(one);
          return { ...select(row, wanted ?? options), ...(members && asksMembers ? { 'members@delta': members } : {}) };
        }),
      };
    });
  const graph = { wire: 'graph', access: 'asks', method: 'GET', transaction: 'write' } as const;
  return [
    route({
      ...graph,
      path: '/v1.0/users/delta',
      summary: 'What changed of people since the last time.',
      tags: ['users'],
      handle: (ctx, request) => answer(ctx, request, 'account', 'users'),
    }),
    route({
      ...graph,
      path: '/v1.0/groups/delta',
      summary: 'What changed of groups since the last time.',
      tags: ['groups'],
      handle: (ctx, request) => answer(ctx, request, 'group', 'groups'),
    }),
  ];
}

/** A token that fits no more answers 410 with the address to begin anew at: the same, with an empty `$deltatoken`. */
async function orStartAnew<T>(link: URL, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'gone') throw error;
    const location = new URL(link);
    location.searchParams.set('$deltatoken', '');
    throw kernelFaults.resyncRequired(location.href);
  }
}

function openState(ctx: Context, vault: Vault, token: string, scope: string): FollowState {
  let state: FollowState & { at: number };
  try {
    state = JSON.parse(vault.open(Buffer.from(token, 'base64url'), scope)) as FollowState & { at: number };
  } catch {
    throw kernelFaults.resyncRequired();
  }
  if (state.at < ctx.now.getTime() - TOKEN_DAYS * 86_400_000) throw kernelFaults.resyncRequired();
  return state;
}
