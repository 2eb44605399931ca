import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { GRANTS } from '../grants.ts';
import type { DirectoryTables } from './tables.ts';

// Memberships are rows of access.grants (one table for every right), walked here in one statement each: upwards along
// grants_by_subject, downwards along grants_once. `union` drops what was met before, so even a ring would end.

/** Whether a grant counts now. */
const current = (ctx: Context, grant: string) =>
  sql`(${sql.ref(`${grant}.ends_at`)} is null or ${sql.ref(`${grant}.ends_at`)} > ${ctx.now})`;

/** The groups above a subject as a recursive part named `up(id)`, with `id` as text. */
const above = (ctx: Context, subjects: readonly { kind: string; id: string }[]) => sql`
  up(id) as (
    select g.object_id from access.grants g
     where g.tenant_id = ${ctx.tenantId} and g.kind = ${GRANTS.member.kind} and ${current(ctx, 'g')}
       and (g.subject_kind, g.subject_id) in (
         select * from unnest(${subjects.map((one) => one.kind)}::text[], ${subjects.map((one) => one.id)}::text[]))
    union
    select g.object_id from up
      join access.grants g on g.tenant_id = ${ctx.tenantId} and g.subject_kind = 'group' and g.subject_id = up.id
     where g.kind = ${GRANTS.member.kind} and ${current(ctx, 'g')}
  )`;

/** Ids of all groups that a subject is in, directly or through others. */
export async function listGroupsAbove(
  ctx: Context,
  subjects: readonly { kind: string; id: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`with recursive ${above(ctx, subjects)} select id from up`.execute(
    sqlOf<DirectoryTables>(ctx),
  );
  return rows.map((row) => row.id);
}

/** Administrative roles of a subject, its own and those of its groups. */
export async function listRoleNames(
  ctx: Context,
  subjects: readonly { kind: string; id: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive ${above(ctx, subjects)},
    holders(kind, id) as (
      select * from unnest(${subjects.map((one) => one.kind)}::text[], ${subjects.map((one) => one.id)}::text[])
      union all select 'group', id from up)
    select distinct r.object_id as name from holders h
      join access.grants r on r.tenant_id = ${ctx.tenantId} and r.subject_kind = h.kind and r.subject_id = h.id
     where r.kind = ${GRANTS.role.kind} and ${current(ctx, 'r')} order by 1`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.map((row) => row.name);
}
