import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { FEW, sqlOf } from '../../platform/database/index.ts';
import { GRANTS, personSubjects } from '../grants.ts';
import type { DirectoryTables } from './tables.ts';

// Memberships are rows of access.grants (one table for every right), walked here in one statement each: upwards along
// grants_by_subject, downwards along grants_once. `union` drops what was met before, so even a ring would end.

/** Whether a grant counts now. */
const current = (ctx: Context, grant: string) =>
  sql`(${sql.ref(`${grant}.ends_at`)} is null or ${sql.ref(`${grant}.ends_at`)} > ${ctx.now})`;

/**
 * The objects of one kind of grant that `subject(kind, id)` holds. `offset 0` keeps it a look into the index for each
 * subject: joined freely, the planner may read every grant of the tenant instead, knowing too little of recursions.
 */
const heldBy = (ctx: Context, kind: string, subject: { kind: RawBuilder<unknown>; id: RawBuilder<unknown> }) => sql`
  lateral (
    select g.object_id as id from access.grants g
     where g.tenant_id = ${ctx.tenantId} and g.subject_kind = ${subject.kind} and g.subject_id = ${subject.id}
       and g.kind = ${kind} and ${current(ctx, 'g')}
    offset 0)`;

/**
 * The subjects as rows (kind, id). A few are written one by one: the planner then knows how many there are, finds the
 * general plan as good as one for these very values, and stops planning at every request.
 */
const listed = (subjects: readonly { kind: string; id: string }[]) =>
  subjects.length > 0 && subjects.length <= FEW
    ? sql`(values ${sql.join(subjects.map(({ kind, id }) => sql`(${kind}::text, ${id}::text)`))})`
    : sql`unnest(${subjects.map((one) => one.kind)}::text[], ${subjects.map((one) => one.id)}::text[])`;

/** The groups above a subject as a recursive part named `up(id)`, with `id` as text. */
const above = (ctx: Context, subjects: readonly { kind: string; id: string }[]) => sql`
  up(id) as (
    select held.id from ${listed(subjects)} as s(kind, id)
     cross join ${heldBy(ctx, GRANTS.member.kind, { kind: sql`s.kind`, id: sql`s.id` })} held
    union
    select held.id from up
     cross join ${heldBy(ctx, GRANTS.member.kind, { kind: sql`'group'`, id: sql`up.id` })} held
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

/** Which of the accounts are in which of the groups, directly or through others, in one statement. */
export async function listMembershipsAmong(
  ctx: Context,
  accountIds: readonly string[],
  groupIds: readonly string[],
): Promise<{ accountId: string; groupId: string }[]> {
  if (accountIds.length === 0 || groupIds.length === 0) return [];
  const subjects = accountIds.flatMap((id) => personSubjects(id));
  const { rows } = await sql<{ accountId: string; groupId: string }>`
    with recursive up(account, id) as (
      select s.id, held.id from ${listed(subjects)} as s(kind, id)
       cross join ${heldBy(ctx, GRANTS.member.kind, { kind: sql`s.kind`, id: sql`s.id` })} held
      union
      select up.account, held.id from up
       cross join ${heldBy(ctx, GRANTS.member.kind, { kind: sql`'group'`, id: sql`up.id` })} held
    )
    select account as "accountId", id as "groupId" from up where id = any(${groupIds}::text[])`.execute(
    sqlOf<DirectoryTables>(ctx),
  );
  return rows;
}

/** Administrative roles of a subject, its own and those of its groups. */
export async function listRoleNames(
  ctx: Context,
  subjects: readonly { kind: string; id: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive ${above(ctx, subjects)},
    holders(kind, id) as (select * from ${listed(subjects)} as s(kind, id) union all select 'group', id from up)
    select distinct held.id as name from holders h
     cross join ${heldBy(ctx, GRANTS.role.kind, { kind: sql`h.kind`, id: sql`h.id` })} held
     order by 1`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.map((row) => row.name);
}

/** Something that is in a group or owns one. */
export interface Member {
  readonly kind: 'account' | 'guest' | 'group' | 'contact';
  readonly id: string;
}

/** The members of a group, nested ones too where `transitive`, except those of groups that are `closed`. */
export async function listMembers(
  ctx: Context,
  groupId: string,
  options: { transitive?: boolean; closed?: readonly string[] } = {},
): Promise<Member[]> {
  const { rows } = await sql<Member>`
    with recursive down(kind, id) as (
      select g.subject_kind, g.subject_id from access.grants g
       where g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group' and g.object_id = ${groupId}
         and g.kind = ${GRANTS.member.kind} and ${current(ctx, 'g')}
      union
      select g.subject_kind, g.subject_id from down
        join access.grants g on g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group' and g.object_id = down.id
       where ${options.transitive ?? false} and down.kind = 'group' and g.kind = ${GRANTS.member.kind}
         and not (down.id = any(${options.closed ?? []}::text[]))
         and ${current(ctx, 'g')}
    )
    select distinct on (id) kind, id from down order by id`.execute(sqlOf<DirectoryTables>(ctx));
  return rows;
}

/** Ids of the groups that a subject is in directly. */
export async function listDirectGroups(ctx: Context, subjects: readonly Member[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct g.object_id as id from access.grants g
     where g.tenant_id = ${ctx.tenantId} and g.kind = ${GRANTS.member.kind} and ${current(ctx, 'g')}
       and (g.subject_kind, g.subject_id) in (
         select * from unnest(${subjects.map((one) => one.kind)}::text[], ${subjects.map((one) => one.id)}::text[]))
     order by 1`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.map((row) => row.id);
}

/** Notes who came to or left a group, for those who follow it. */
export async function noteMembership(ctx: Context, groupId: string, member: Member, isMember: boolean): Promise<void> {
  const values = { member_kind: member.kind, is_member: isMember, changed_at: ctx.now };
  await sqlOf<DirectoryTables>(ctx)
    .insertInto('directory.membership_changes')
    .values({ tenant_id: ctx.tenantId, group_id: groupId as never, member_id: member.id, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'group_id', 'member_id']).doUpdateSet(values))
    .execute();
}

/** One change of memberships or roles at a time in this tenant: rings and last administrators are judged on what is. */
export async function lockMemberships(ctx: Context): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`memberships:${ctx.tenantId}`}, 0))`.execute(
    sqlOf<DirectoryTables>(ctx),
  );
}

/** How many people can administer everything: enabled members of the role, direct or through a group. */
export async function listWorkingAdministrators(ctx: Context, role: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive holders(kind, id) as (
      select g.subject_kind, g.subject_id from access.grants g
       where g.tenant_id = ${ctx.tenantId} and g.kind = ${GRANTS.role.kind} and g.object_id = ${role}
         and ${current(ctx, 'g')}
      union
      select g.subject_kind, g.subject_id from holders
        join access.grants g on g.tenant_id = ${ctx.tenantId} and g.object_kind = 'group' and g.object_id = holders.id
       where holders.kind = 'group' and g.kind = ${GRANTS.member.kind} and ${current(ctx, 'g')})
    select distinct a.id::text as id from holders h
      join directory.accounts a on a.tenant_id = ${ctx.tenantId} and a.id = h.id::uuid
     where h.kind in ('account', 'guest') and a.account_enabled and a.deleted_at is null
       and (a.ends_at is null or a.ends_at > ${ctx.now})`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.map((row) => row.id);
}
