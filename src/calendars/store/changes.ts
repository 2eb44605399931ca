import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf, together } from '../../platform/database/index.ts';

export { databaseOf } from '../../platform/database/index.ts';

import type { CalendarId, ObjectId } from '../model/calendar.ts';

// A row's version is the id of the transaction that wrote it. Every transaction below the snapshot's xmin has ended.

/**
 * How far a calendar has come: everything of a version up to it is visible now, and nothing will commit below it later.
 * It stays the same while nothing changes, so it is the calendar's tag as well. A follower reads what is above it, and
 * may be told something twice.
 */
export async function currentState(ctx: Context, calendarId: CalendarId): Promise<number> {
  return (await currentStates(ctx, [calendarId])).get(calendarId) ?? 0;
}

/**
 * The newest version in a calendar and in its mailbox, and whether every transaction up to it has ended: then nothing
 * can appear in the calendar later without a higher one.
 */
export const settledVersion = (ctx: Context, calendarId: CalendarId): Promise<SettledVersion> =>
  readVersions(ctx, { tenantId: ctx.tenantId, calendarId });

interface SettledVersion {
  readonly version: number;
  readonly isSettled: boolean;
}

const readVersions = together(
  async (tx, asked: readonly { readonly tenantId: TenantId; readonly calendarId: CalendarId }[]) => {
    const [tenants, calendars] = [asked.map(({ tenantId }) => tenantId), asked.map(({ calendarId }) => calendarId)];
    const { rows } = await sql<SettledVersion>`
      select version, is_settled as "isSettled"
        from calendars.versions_of(${tenants}::uuid[], ${calendars}::uuid[])`.execute(sqlOf({ tx }));
    return rows;
  },
);

export interface ChangedObject {
  readonly id: ObjectId;
  readonly name: string;
  /** Null: gone. */
  readonly etag: string | null;
  readonly version: number;
}

/** What changed in a calendar above a state, the oldest change first. */
export async function listChanges(
  ctx: Context,
  calendarId: CalendarId,
  asked: { above: number; after?: { version: number; id: string }; limit: number },
): Promise<ChangedObject[]> {
  const { version, id } = asked.after ?? { version: -1, id: '00000000-0000-0000-0000-000000000000' };
  const { rows } = await sql<ChangedObject>`
    select * from (
      select id, name, etag, version from calendars.objects
       where tenant_id = ${ctx.tenantId} and calendar_id = ${calendarId} and version > ${asked.above}
      union all
      select object_id, name, null, version from calendars.removals
       where tenant_id = ${ctx.tenantId} and calendar_id = ${calendarId} and version > ${asked.above}) as changes
     where (version, id) > (${version}::bigint, ${id}::uuid) order by version, id limit ${asked.limit}`.execute(
    sqlOf(ctx),
  );
  return rows;
}

/** The states of several calendars, by their ids: one statement. */
export async function currentStates(ctx: Context, ids: readonly CalendarId[]): Promise<Map<CalendarId, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: CalendarId; state: number }>`
    select c.id, least(greatest(c.version,
             (select max(version) from calendars.objects o where o.tenant_id = c.tenant_id and o.calendar_id = c.id),
             (select max(version) from calendars.removals r where r.tenant_id = c.tenant_id and r.calendar_id = c.id)),
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) as state
      from calendars.calendars c
     where c.tenant_id = ${ctx.tenantId} and c.id = any(${ids}::uuid[])`.execute(sqlOf(ctx));
  return new Map(rows.map(({ id, state }) => [id, state]));
}

export interface GoneInstance {
  readonly objectId: ObjectId;
  readonly recurrenceId: string;
}

/** Instances that series lost above a state. One that a series has again is here as well: its reader looks. */
export async function listGoneInstances(
  ctx: Context,
  objectIds: readonly ObjectId[],
  above: number,
): Promise<GoneInstance[]> {
  if (objectIds.length === 0) return [];
  const { rows } = await sql<GoneInstance>`
    select object_id as "objectId", recurrence_id as "recurrenceId" from calendars.occurrence_removals
     where tenant_id = ${ctx.tenantId} and object_id = any(${objectIds}::uuid[]) and version > ${above}
     order by object_id, recurrence_id`.execute(sqlOf(ctx));
  return rows;
}

/** Forgets the lost instances that every follower has been told of, or has stayed away from for too long. */
export async function eraseGoneInstances(ctx: Context, before: Date): Promise<void> {
  await sql`delete from calendars.occurrence_removals
    where tenant_id = ${ctx.tenantId} and removed_at < ${before}`.execute(sqlOf(ctx));
}
