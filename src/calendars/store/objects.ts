import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { send, sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import type { Expanded, Occurrence } from '../model/occurrence.ts';
import { meetingKey } from './scheduling.ts';
import type { CalendarsTables } from './tables.ts';

type ObjectKey = { readonly id: ObjectId } | { readonly calendarId: CalendarId; readonly name: string };

/** One object by its id, or by where it lies; `lock` for whoever will change it. */
export async function findObject(
  ctx: Context,
  key: ObjectKey,
  options: { lock?: boolean } = {},
): Promise<StoredObject | undefined> {
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId);
  query =
    'id' in key
      ? query.where('id', '=', key.id)
      : query.where('calendar_id', '=', key.calendarId).where('name', '=', key.name);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && fromRow(row);
}

/**
 * The object at a place, locked for whoever will change it. With `meeting`, its UID, whoever changes, answers or is told
 * of any copy of that meeting waits for the one before: see `lockMeeting`.
 */
export async function takeObject(
  ctx: Context,
  { calendarId, name, meeting }: { calendarId: CalendarId; name: string; meeting: string | null },
): Promise<StoredObject | undefined> {
  const key = meeting === null ? null : meetingKey(ctx, meeting);
  const asked = [ctx.tenantId, calendarId, name, key];
  const [row] = await send<ObjectRow>(ctx, 'select * from calendars.take_object($1, $2, $3, $4)', asked);
  return row && fromRow(row);
}

export type ObjectRow = Selectable<CalendarsTables['calendars.objects']>;

export interface ObjectFilter {
  readonly calendarIds: readonly CalendarId[];
  readonly names?: readonly string[];
  readonly ids?: readonly ObjectId[];
  readonly uid?: string;
  readonly uids?: readonly string[];
  readonly component?: StoredObject['component'];
  /** Those whose ids come later. */
  readonly after?: ObjectId;
  readonly limit?: number;
}

/** The objects of calendars, in the order of their ids. */
export async function listObjects(ctx: Context, filter: ObjectFilter): Promise<StoredObject[]> {
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('calendar_id', '=', sql<CalendarId>`any(${filter.calendarIds}::uuid[])`)
    .orderBy('id');
  if (filter.names !== undefined) query = query.where('name', '=', sql<string>`any(${filter.names}::text[])`);
  if (filter.ids !== undefined) query = query.where('id', '=', sql<ObjectId>`any(${filter.ids}::uuid[])`);
  if (filter.uid !== undefined) query = query.where('uid', '=', filter.uid);
  if (filter.uids !== undefined) query = query.where('uid', '=', sql<string>`any(${filter.uids}::text[])`);
  if (filter.component !== undefined) query = query.where('component', '=', filter.component);
  if (filter.after !== undefined) query = query.where('id', '>', filter.after);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  return (await query.execute()).map(fromRow);
}

/** The meetings of a calendar that are not over, in the order in which all lock them. */
export async function listMeetings(ctx: Context, calendarId: CalendarId): Promise<{ id: ObjectId; uid: string }[]> {
  return sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .select(['id', 'uid'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('calendar_id', '=', calendarId)
    .where('organizer', 'is not', null)
    .where((or) => or.or([or('ends_at', 'is', null), or('ends_at', '>=', ctx.now)]))
    .orderBy('uid')
    .execute();
}

export type WrittenObject = Omit<
  StoredObject,
  'createdAt' | 'changedAt' | 'version' | 'startsAt' | 'endsAt' | 'isRecurring'
>;

/**
 * Writes an object with its occurrences, new or in place of what there was before.
 * @throws calendars.uid-taken, calendars.object-exists; not-found when the calendar is gone.
 */
export async function writeObject(
  ctx: Context,
  object: WrittenObject,
  { isRecurring, startsAt, endsAt, window, occurrences }: Expanded,
  isNew: boolean,
): Promise<StoredObject> {
  const { id, calendarId, name, uid, component, content, etag, summary, organizer, scheduleTag } = object;
  const values = [
    ...[ctx.tenantId, id, ctx.now, calendarId, name, uid, component, content, etag, summary, organizer, isRecurring],
    ...[startsAt, endsAt, window?.from ?? null, window?.to ?? null, scheduleTag, ...columnsOf(occurrences)],
  ];
  try {
    if (!isNew) {
      const kept = occurrences.map((one) => one.recurrenceId);
      await removeOccurrences(ctx, id, kept);
    }
    const [row] = await send<{ version: number; createdAt: Date }>(ctx, isNew ? INSERTING : UPDATING, values);
    if (!row) throw new Error('The object that is written is not there.');
    return { ...object, isRecurring, startsAt, endsAt, ...row, changedAt: ctx.now };
  } catch (error) {
    const constraint = violatedConstraint(error);
    // Removed by somebody else meanwhile.
    if (constraint === 'objects_tenant_id_calendar_id_fkey') throw kernelFaults.notFound();
    if (constraint === 'objects_uid_key') throw calendarsFaults.uidTaken(object.name);
    if (constraint === 'objects_name_key') throw calendarsFaults.exists();
    throw error;
  }
}

/** What is written of an object: $4 and what follows. $1 is the tenant, $2 the object, $3 now. */
const COLUMNS = `calendar_id, name, uid, component, content, etag, summary, organizer, is_recurring, starts_at, ends_at,
  expanded_from, expanded_to, schedule_tag`;
const VALUES = '$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17';

/** The statement that adds what an object ($2) has in time: `columnsOf` from the parameter `first` on. */
const placing = (calendar: string, first: number) => {
  const types = 'text timestamptz timestamptz boolean text boolean boolean text text'.split(' ');
  return `
    insert into calendars.occurrences (tenant_id, calendar_id, object_id, recurrence_id, period, is_all_day, show_as,
                                       is_cancelled, is_private, subject, location)
    select $1::uuid, ${calendar}::uuid, $2::uuid, recurrence_id,
           tstzrange(starts_at, ends_at, case when starts_at = ends_at then '[]' else '[)' end),
           is_all_day, show_as, is_cancelled, is_private, subject, location
      from unnest(${types.map((type, n) => `$${first + n}::${type}[]`).join(', ')})
        as o(recurrence_id, starts_at, ends_at, is_all_day, show_as, is_cancelled, is_private, subject, location)`;
};

const columnsOf = (occurrences: readonly Occurrence[]) => [
  occurrences.map((one) => one.recurrenceId),
  occurrences.map((one) => one.startsAt),
  occurrences.map((one) => one.endsAt),
  occurrences.map((one) => one.isAllDay),
  occurrences.map((one) => one.showAs),
  occurrences.map((one) => one.isCancelled),
  occurrences.map((one) => one.isPrivate),
  occurrences.map((one) => one.subject),
  occurrences.map((one) => one.location),
];

const INSERTING = `
  with written as (
    insert into calendars.objects (tenant_id, id, created_at, changed_at, ${COLUMNS}) values ($1, $2, $3, $3, ${VALUES})
    returning version, created_at as "createdAt"),
  placed as (${placing('$4', 18)})
  select * from written`;
const UPDATING = `
  with written as (
    update calendars.objects set (changed_at, ${COLUMNS}) = ($3, ${VALUES}) where tenant_id = $1 and id = $2
    returning version, created_at as "createdAt"),
  placed as (${placing('$4', 18)})
  select * from written`;

/** Removes what an object has in time, and remembers for followers the instances that will be no more. */
async function removeOccurrences(ctx: Context, id: ObjectId, kept: readonly string[]): Promise<void> {
  await sql`
    with gone as (
      delete from calendars.occurrences where tenant_id = ${ctx.tenantId} and object_id = ${id}
      returning calendar_id, recurrence_id)
    insert into calendars.occurrence_removals (tenant_id, calendar_id, object_id, recurrence_id, removed_at)
    select ${ctx.tenantId}, calendar_id, ${id}, recurrence_id, ${ctx.now} from gone
     where recurrence_id <> '' and recurrence_id <> all(${kept}::text[])
    on conflict (tenant_id, object_id, recurrence_id) do update set removed_at = excluded.removed_at`.execute(
    sqlOf(ctx),
  );
}

/** Removes an object and tells followers. */
export async function eraseObject(
  ctx: Context,
  object: Pick<StoredObject, 'id' | 'calendarId' | 'name' | 'uid'>,
): Promise<void> {
  const db = sqlOf<CalendarsTables>(ctx);
  await removeOccurrences(ctx, object.id, []);
  await db.deleteFrom('calendars.objects').where('tenant_id', '=', ctx.tenantId).where('id', '=', object.id).execute();
  await db
    .insertInto('calendars.removals')
    .values({
      tenant_id: ctx.tenantId,
      calendar_id: object.calendarId,
      object_id: object.id,
      name: object.name,
      uid: object.uid,
      removed_at: ctx.now,
    })
    .execute();
}

/**
 * Gives an object another calendar or another name, and tells followers of the old place that it is gone there.
 * @throws calendars.uid-taken, calendars.object-exists.
 */
export async function moveObject(
  ctx: Context,
  object: Pick<StoredObject, 'id' | 'calendarId' | 'name' | 'uid'>,
  to: { readonly calendarId: CalendarId; readonly name: string },
): Promise<void> {
  const db = sqlOf<CalendarsTables>(ctx);
  try {
    await db
      .updateTable('calendars.objects')
      .set({ calendar_id: to.calendarId, name: to.name })
      .where('tenant_id', '=', ctx.tenantId)
      .where('id', '=', object.id)
      .execute();
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'objects_uid_key') throw calendarsFaults.uidTaken(object.name);
    if (constraint === 'objects_name_key') throw calendarsFaults.exists();
    throw error;
  }
  await db
    .updateTable('calendars.occurrences')
    .set({ calendar_id: to.calendarId })
    .where('tenant_id', '=', ctx.tenantId)
    .where('object_id', '=', object.id)
    .execute();
  await db
    .insertInto('calendars.removals')
    .values({
      tenant_id: ctx.tenantId,
      calendar_id: object.calendarId,
      // Its own id is kept for the day when it is removed for good.
      object_id: newId<'calendar-object'>(),
      name: object.name,
      uid: object.uid,
      removed_at: ctx.now,
    })
    .execute();
}

/** An occurrence with the object and the calendar that it is of. */
export interface PlacedOccurrence extends Occurrence {
  readonly calendarId: CalendarId;
  readonly objectId: ObjectId;
}

/**
 * What stands in calendars and overlaps a time (without bounds where `from` or `to` is null), of each calendar at most so
 * many, as the table `o`: one index scan for each calendar, whatever its size.
 */
export const inTime = (
  { calendarIds, from, to }: { calendarIds: readonly CalendarId[]; from: Date | null; to: Date | null },
  { withCancelled = true, atMost = null }: { withCancelled?: boolean; atMost?: number | null } = {},
) => sql`calendars.overlapping(${calendarIds}::uuid[], tstzrange(${from}::timestamptz, ${to}::timestamptz, '[)'),
                               ${withCancelled}, ${atMost}::bigint) as o`;

/** The columns of a PlacedOccurrence, from the table `o`. */
export const PLACED = sql`
  o.calendar_id as "calendarId", o.object_id as "objectId", o.recurrence_id as "recurrenceId",
  lower(o.period) as "startsAt", upper(o.period) as "endsAt", o.is_all_day as "isAllDay", o.show_as as "showAs",
  o.is_cancelled as "isCancelled", o.is_private as "isPrivate", o.subject, o.location`;

/**
 * Every kept occurrence of calendars that overlaps `[from, to)`, in order of time: one index scan for each calendar,
 * whatever its size. What lies outside the kept part of a series is not here; see `listPartlyExpanded`.
 */
export async function listOccurrences(
  ctx: Context,
  asked: { calendarIds: readonly CalendarId[]; from: Date; to: Date; limit?: number },
): Promise<PlacedOccurrence[]> {
  const { rows } = await sql<PlacedOccurrence>`
    select ${PLACED} from ${inTime(asked)} where o.tenant_id = ${ctx.tenantId}
     order by lower(o.period), o.object_id limit ${asked.limit ?? null}`.execute(sqlOf(ctx));
  return rows;
}

/** Series whose kept part does not cover `[from, to)`: they are expanded for the asker. */
export async function listPartlyExpanded(
  ctx: Context,
  asked: { calendarIds: readonly CalendarId[]; from: Date; to: Date },
): Promise<(StoredObject & { expandedFrom: Date; expandedTo: Date })[]> {
  const rows = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('calendar_id', '=', sql<CalendarId>`any(${asked.calendarIds}::uuid[])`)
    .where('expanded_to', 'is not', null)
    .where('starts_at', '<', asked.to)
    .where((or) => or.or([or('expanded_to', '<', asked.to), or('expanded_from', '>', asked.from)]))
    .execute();
  return rows.map((row) => ({ ...fromRow(row), expandedFrom: row.expanded_from!, expandedTo: row.expanded_to! }));
}

/** Endless series whose kept part ends before a time, in the order of their ids. Nobody else changes them meanwhile. */
export async function listUsedUp(
  ctx: Context,
  asked: { before: Date; after: ObjectId | null; limit: number },
): Promise<(StoredObject & { expandedTo: Date })[]> {
  let query = sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.objects')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('expanded_to', '<', asked.before)
    .orderBy('id')
    .limit(asked.limit)
    .forUpdate()
    .skipLocked();
  if (asked.after !== null) query = query.where('id', '>', asked.after);
  return (await query.execute()).map((row) => ({ ...fromRow(row), expandedTo: row.expanded_to! }));
}

const EXTENDING = placing('$3', 4);

/** Adds the instances that come after the kept part of a series, and moves its end. Its version stays as it is. */
export async function extendOccurrences(
  ctx: Context,
  object: StoredObject & { readonly expandedTo: Date },
  occurrences: readonly Occurrence[],
  to: Date,
): Promise<void> {
  const db = sqlOf<CalendarsTables>(ctx);
  const { rows } = await sql<{ recurrence_id: string }>`
    select recurrence_id from calendars.occurrences
     where tenant_id = ${ctx.tenantId} and object_id = ${object.id}`.execute(db);
  const known = new Set(rows.map(({ recurrence_id }) => recurrence_id));
  const isNew = (one: Occurrence) => one.endsAt >= object.expandedTo && !known.has(one.recurrenceId);
  const added = occurrences.filter(isNew);
  await send(ctx, EXTENDING, [ctx.tenantId, object.id, object.calendarId, ...columnsOf(added)]);
  await db
    .updateTable('calendars.objects')
    .set({ expanded_to: to })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', object.id)
    .execute();
}

export const fromRow = (row: ObjectRow): StoredObject => ({
  id: row.id,
  calendarId: row.calendar_id,
  name: row.name,
  uid: row.uid,
  component: row.component,
  content: row.content,
  etag: row.etag,
  summary: row.summary,
  organizer: row.organizer,
  isRecurring: row.is_recurring,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  scheduleTag: row.schedule_tag,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  version: row.version,
});
