import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { ObjectId, Owner } from '../model/calendar.ts';
import type { CalendarsTables } from './tables.ts';

/** How many mailboxes each sharing policy is assigned to. */
export async function countAssigned(ctx: Context): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; mailboxes: number }>`
    select sharing_policy_id as id, count(*)::int as mailboxes from calendars.mailboxes
     where tenant_id = ${ctx.tenantId} and sharing_policy_id is not null group by sharing_policy_id`.execute(
    sqlOf(ctx),
  );
  return new Map(rows.map(({ id, mailboxes }) => [id, mailboxes]));
}

export async function listAssigned(ctx: Context, policyId: string): Promise<Owner[]> {
  const rows = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.mailboxes')
    .select(['owner_kind', 'owner_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('sharing_policy_id', '=', policyId)
    .orderBy('owner_id')
    .execute();
  return rows.map((row) => ({ kind: row.owner_kind, id: row.owner_id }));
}

/** Gives mailboxes a policy and returns those that had another, with the one that they had. */
export async function assignPolicy(
  ctx: Context,
  owners: readonly Owner[],
  policyId: string | null,
): Promise<{ readonly owner: Owner; readonly before: string | null }[]> {
  const { rows } = await sql<{ kind: Owner['kind']; id: string; before: string | null }>`
    with had as (
      select owner_kind, owner_id, sharing_policy_id from calendars.mailboxes
       where tenant_id = ${ctx.tenantId} and sharing_policy_id is distinct from ${policyId}::uuid
         and (owner_kind, owner_id) in (select * from unnest(${owners.map(({ kind }) => kind)}::text[],
                                                             ${owners.map(({ id }) => id)}::uuid[]))
         for update)
    update calendars.mailboxes m set sharing_policy_id = ${policyId}::uuid
      from had where m.tenant_id = ${ctx.tenantId} and m.owner_kind = had.owner_kind and m.owner_id = had.owner_id
    returning m.owner_kind as kind, m.owner_id as id, had.sharing_policy_id as before`.execute(sqlOf(ctx));
  return rows.map(({ kind, id, before }) => ({ owner: { kind, id }, before }));
}

/** When objects last changed. */
export async function listChangedAt(ctx: Context, ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Date>> {
  if (ids.length === 0) return new Map();
  const rows = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .select(['id', 'changed_at'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', sql<ObjectId>`any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row.changed_at]));
}
