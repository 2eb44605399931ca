import type { SubjectKind } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { personSubjects } from '../grants.ts';
import { listGroupsAbove } from '../store/memberships.ts';

/** Everything a person acts as: the account itself and each group it is in, directly or through others. */
export async function subjectsOf(ctx: Context, accountId: string): Promise<{ kind: SubjectKind; id: string }[]> {
  const own = personSubjects(accountId);
  const groups = await listGroupsAbove(ctx, own);
  return [...own, ...groups.map((id) => ({ kind: 'group' as const, id }))];
}
