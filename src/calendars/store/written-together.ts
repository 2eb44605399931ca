/** Objects of several requests, read and written at once: what is the same for all of them is done once. */
import type { Context } from '../../kernel/context.ts';
import { send, togetherInTenant } from '../../platform/database/index.ts';
import type { CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import type { Expanded } from '../model/occurrence.ts';
import { fromRow, type ObjectRow, type WrittenObject } from './objects.ts';
import { putReminders, type Reminder } from './reminders.ts';

export { isUntouched } from '../../platform/database/index.ts';

type Where = Pick<Context, 'tx' | 'tenantId'>;

/** The object at a place, without a lock, for a context that holds no connection. */
export const findTogether = togetherInTenant(
  async (where, asked: readonly { readonly calendarId: CalendarId; readonly name: string }[]) => {
    const places = [asked.map(({ calendarId }) => calendarId), asked.map(({ name }) => name)];
    const rows = await send<ObjectRow>(
      where,
      `select o.* from (select distinct * from unnest($2::uuid[], $3::text[]) as a(calendar_id, name)) a
         join calendars.objects o using (calendar_id, name) where o.tenant_id = $1`,
      [where.tenantId, ...places],
    );
    const found = new Map(rows.map((row) => [`${row.calendar_id} ${row.name}`, fromRow(row)]));
    return asked.map(({ calendarId, name }) => found.get(`${calendarId} ${name}`));
  },
);

/** An object to be written, with what stands on it. */
interface ObjectToWrite {
  readonly object: WrittenObject;
  readonly all: Expanded;
  readonly reminders: readonly Reminder[];
  /** What whoever changes a copy of the meeting holds meanwhile: see `lockMeeting`. */
  readonly meeting: string | null;
  readonly now: Date;
  /** What stood in its place when it was decided; undefined: nothing. */
  readonly before: StoredObject | undefined;
}

interface Written {
  readonly version: number;
  readonly createdAt: Date;
}

/**
 * Writes objects, new or in place of what was there before. Left alone is each that somebody else is at, that has
 * changed meanwhile, or whose name or UID is taken in its calendar. Waits for those alone who are just taking the same
 * name or UID, or removing the calendar.
 */
export async function writeObjects(
  where: Where,
  rows: readonly ObjectToWrite[],
): Promise<readonly (Written | undefined)[]> {
  // Of several that change the same, one does so as it was decided.
  const ids = new Set<ObjectId>();
  const first = rows.filter(({ object: { id } }) => !ids.has(id) && ids.add(id));
  const fresh = first.filter(({ before }) => before === undefined);
  const changed = first.filter(({ before }) => before !== undefined);
  const [inserted, updated] = await Promise.all([insert(where, fresh), update(where, changed)]);
  const written = new Map([...inserted, ...updated].map(({ id, ...row }) => [id, row]));
  await putReminders(
    where,
    first.flatMap(({ object, reminders }) => (written.has(object.id) ? reminders : [])),
  );
  return rows.map((row) => (first.includes(row) ? written.get(row.object.id) : undefined));
}

type WrittenRow = Written & { readonly id: ObjectId };

const insert = async (where: Where, rows: readonly ObjectToWrite[]): Promise<WrittenRow[]> =>
  rows.length === 0 ? [] : send<WrittenRow>(where, INSERTING, valuesOf(where, rows));

async function update(where: Where, rows: readonly ObjectToWrite[]): Promise<WrittenRow[]> {
  if (rows.length === 0) return [];
  const asked = rows.map(({ object, all, meeting, now, before }) => ({
    ...{ id: object.id, version: before?.version, meeting, removed_at: now },
    kept: all.occurrences.map(({ recurrenceId }) => recurrenceId),
  }));
  const held = await send<{ id: ObjectId }>(where, HOLDING, [where.tenantId, JSON.stringify(asked)]);
  const ids = new Set(held.map(({ id }) => id));
  const left = rows.filter(({ object }) => ids.has(object.id));
  return left.length === 0 ? [] : send<WrittenRow>(where, UPDATING, valuesOf(where, left));
}

/** $2: the objects; $3: their occurrences. */
const valuesOf = ({ tenantId }: Where, rows: readonly ObjectToWrite[]) => [
  tenantId,
  JSON.stringify(
    rows.map(({ object, all: { isRecurring, startsAt, endsAt, window }, meeting, now }) => ({
      ...{ id: object.id, calendar_id: object.calendarId, name: object.name, uid: object.uid },
      ...{ component: object.component, content: object.content, etag: object.etag, summary: object.summary },
      ...{ organizer: object.organizer, is_recurring: isRecurring, starts_at: startsAt, ends_at: endsAt },
      ...{ expanded_from: window?.from, expanded_to: window?.to, schedule_tag: object.scheduleTag, now, meeting },
    })),
  ),
  JSON.stringify(
    rows.flatMap(({ object, all }) =>
      all.occurrences.map((one) => ({
        ...{ object_id: object.id, recurrence_id: one.recurrenceId, starts_at: one.startsAt, ends_at: one.endsAt },
        ...{ is_all_day: one.isAllDay, show_as: one.showAs, is_cancelled: one.isCancelled },
        ...{ is_private: one.isPrivate, subject: one.subject, location: one.location },
      })),
    ),
  ),
];

const COLUMNS = `calendar_id, name, uid, component, content, etag, summary, organizer, is_recurring, starts_at, ends_at,
  expanded_from, expanded_to, schedule_tag`;
const ASKED = `
  asked as materialized (
    select * from json_to_recordset($2::json) as a(
      id uuid, calendar_id uuid, name text, uid text, component text, content text, etag text, summary text,
      organizer text, is_recurring boolean, starts_at timestamptz, ends_at timestamptz, expanded_from timestamptz,
      expanded_to timestamptz, schedule_tag text, now timestamptz, meeting text))`;
const PLACED = `
  placed as (
    insert into calendars.occurrences (tenant_id, calendar_id, object_id, recurrence_id, period, is_all_day, show_as,
                                       is_cancelled, is_private, subject, location)
    select $1::uuid, w.calendar_id, w.id, recurrence_id,
           tstzrange(starts_at, ends_at, case when starts_at = ends_at then '[]' else '[)' end),
           is_all_day, show_as, is_cancelled, is_private, subject, location
      from json_to_recordset($3::json) as o(
             object_id uuid, recurrence_id text, starts_at timestamptz, ends_at timestamptz, is_all_day boolean,
             show_as text, is_cancelled boolean, is_private boolean, subject text, location text)
      join written w on w.id = o.object_id)`;
/** Whether nobody else is at the meeting; if so, nobody is before this transaction ends. */
const FREE = '(meeting is null or pg_try_advisory_xact_lock(hashtextextended(meeting, 7163)))';

const INSERTING = `
  with ${ASKED},
  written as (
    insert into calendars.objects (tenant_id, id, created_at, changed_at, ${COLUMNS})
    select $1::uuid, id, now, now, ${COLUMNS} from asked where ${FREE}
    on conflict do nothing returning id, calendar_id, version, created_at),
  ${PLACED}
  select id, version, created_at as "createdAt" from written`;

/** Locks objects that are as they were ($2), and removes what they have in time, as `removeOccurrences` does. */
const HOLDING = `
  with asked as materialized (
    select * from json_to_recordset($2::json) as a(
      id uuid, version bigint, meeting text, removed_at timestamptz, kept text[])),
  free as materialized (select * from asked where ${FREE}),
  held as materialized (
    select o.id, f.removed_at, f.kept from calendars.objects o join free f using (id, version)
     where o.tenant_id = $1 for update of o skip locked),
  gone as (
    delete from calendars.occurrences i using held h where i.tenant_id = $1 and i.object_id = h.id
    returning i.calendar_id, i.object_id, i.recurrence_id, h.removed_at, h.kept),
  remembered as (
    insert into calendars.occurrence_removals (tenant_id, calendar_id, object_id, recurrence_id, removed_at)
    select $1::uuid, calendar_id, object_id, recurrence_id, removed_at from gone
     where recurrence_id <> '' and recurrence_id <> all(kept)
    on conflict (tenant_id, object_id, recurrence_id) do update set removed_at = excluded.removed_at)
  select id from held`;

const UPDATING = `
  with ${ASKED},
  written as (
    update calendars.objects o set (changed_at, ${COLUMNS})
      = (a.now, ${COLUMNS.replaceAll(/\w+/g, 'a.$&')}) from asked a where o.tenant_id = $1 and o.id = a.id
    returning o.id, o.calendar_id, o.version, o.created_at),
  ${PLACED}
  select id, version, created_at as "createdAt" from written`;
