import type { SubjectKind } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { personSubjects } from '../grants.ts';
import { listGroupsAbove, listNames } from '../store/memberships.ts';

/** Everything a person acts as: the account itself and each group it is in, directly or through others. */
export async function subjectsOf(ctx: Context, accountId: string): Promise<{ kind: SubjectKind; id: string }[]> {
  const own = personSubjects(accountId);
  const groups = await listGroupsAbove(ctx, own);
  return [...own, ...groups.map((id) => ({ kind: 'group' as const, id }))];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Display names by `kind:id` of accounts, guests, groups and contacts; what has no name is left out. */
export async function namesOf(
  ctx: Context,
  things: readonly { kind: string; id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const ours = things.filter(
    ({ kind, id }) => ['account', 'guest', 'group', 'contact'].includes(kind) && UUID.test(id),
  );
  const names = await listNames(ctx, [...new Set(ours.map(({ id }) => id))]);
  return new Map(ours.flatMap(({ kind, id }) => (names.has(id) ? [[`${kind}:${id}`, names.get(id)!]] : [])));
}
