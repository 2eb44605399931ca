import { createHash } from 'node:crypto';
import type ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import { type CalendarObject, instanceOf, readObject, repeats } from '../../protocols/icalendar/index.ts';
import type { Calendar, CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { type Occurrence, occurrenceOf, occurrencesBetween, type Told, tell } from '../model/occurrence.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import {
  ensureException,
  exceptionOf,
  excludeInstance,
  findInstance,
  forgetGoneExceptions,
  placeInTime,
} from '../model/series.ts';
import { listEventRows } from '../store/events.ts';
import { findObject, listObjects, listOccurrences } from '../store/objects.ts';
import { beyondKept } from './beyond-kept.ts';
import { type Condition, deleteObject, type HeldCalendar, holdCalendar } from './objects.ts';
import { forOwner, isOf, NOBODY, type OpenCalendar, ownerOf, type Whose } from './open-calendars.ts';
import { type OwnerCard, readOwner } from './owners.ts';
import { type Editing, putNew, putText, stamp } from './writing.ts';

/** An event, or one instance of a series. */
export interface EventKey {
  readonly objectId: ObjectId;
  /** '' for an event that does not repeat and for a series as a whole. */
  readonly recurrenceId: string;
}

/** An event as far as the reader may know it, where it stands in time. */
export interface SeenTime extends EventKey {
  readonly told: Told;
}

/** The same with everything in it, for whoever may know everything. */
export interface SeenEvent extends SeenTime {
  readonly calendar: Calendar;
  readonly owner: OwnerCard;
  readonly whole: WholeEvent | undefined;
}

export interface WholeEvent {
  readonly object: StoredObject;
  readonly kind: 'single' | 'series' | 'instance' | 'exception';
  /** The event, or of a series the part that tells of this instance: its times are the series' own. */
  readonly component: ICAL.Component;
  readonly master: ICAL.Component | undefined;
}

// ---------------------------------------------------------------------------------------------------------------
// Reading

/** Every instance in a calendar that overlaps `[from, to)`, in order of time, as far as the reader may know it. */
export async function readInstances(
  ctx: Context,
  open: OpenCalendar,
  asked: { from: Date; to: Date },
): Promise<SeenTime[]> {
  const { calendar, role } = open;
  const kept = await listOccurrences(ctx, { calendarIds: [calendar.id], ...asked });
  const beyond = await beyondKept(ctx, [calendar], asked);
  const all = [...kept.filter(({ objectId }) => !beyond.ids.has(objectId)), ...(await beyond.in(calendar))];
  const seen = all.map(({ objectId, ...occurrence }) => seenTime(role, objectId, occurrence));
  return seen.toSorted((a, b) => a.told.startsAt.getTime() - b.told.startsAt.getTime());
}

/** An occurrence as the reader may know it. */
export const seenTime = (role: Role, objectId: ObjectId, occurrence: Occurrence): SeenTime => ({
  objectId,
  recurrenceId: occurrence.recurrenceId,
  told: tell(role, occurrence),
});

/** One page of the events of a calendar, a series as one. What the reader may not know cannot be filtered by either. */
export async function readEvents(
  ctx: Context,
  { calendar, role }: HeldCalendar,
  asked: ListQuery,
): Promise<Page<SeenTime>> {
  const subjects = isAtLeast(role, 'delegateWithPrivateEventAccess')
    ? 'all'
    : isAtLeast(role, 'limitedRead')
      ? 'public'
      : 'none';
  const page = await listEventRows(ctx, calendar.id, subjects, asked);
  return { ...page, rows: page.rows.map(({ objectId, ...one }) => seenTime(role, objectId, one)) };
}

/** Adds what is in events for a reader who may know it; each object is read and parsed once. */
export async function readWhole(
  ctx: Context,
  { calendar, owner }: Pick<OpenCalendar, 'calendar' | 'owner'>,
  times: readonly SeenTime[],
): Promise<SeenEvent[]> {
  const wanted = new Set(times.filter(({ told }) => told.detail === 'full').map(({ objectId }) => objectId));
  const objects = wanted.size === 0 ? [] : await listObjects(ctx, { calendarIds: [calendar.id], ids: [...wanted] });
  const parsed = new Map(objects.map((object) => [object.id, { object, read: readObject(object.content) }]));
  return times.map((time) => {
    const found = time.told.detail === 'full' ? parsed.get(time.objectId) : undefined;
    return { ...time, calendar, owner, whole: found && wholeOf(found.object, found.read, time.recurrenceId, calendar) };
  });
}

/** What is in an event or an instance; undefined when the series does not hold it. */
export function wholeOf(
  object: StoredObject,
  read: CalendarObject,
  recurrenceId: string,
  { timeZone }: Calendar,
): WholeEvent | undefined {
  const { master } = read;
  if (recurrenceId === '') {
    const component = master ?? (read.exceptions[0] as ICAL.Component);
    return { object, master, component, kind: master && repeats(master) ? 'series' : 'single' };
  }
  const exception = exceptionOf(read, recurrenceId, timeZone);
  if (exception) return { object, master, component: exception, kind: 'exception' };
  return master && { object, master, component: master, kind: 'instance' };
}

/**
 * One event or instance, as far as the reader may know it.
 * @throws not-found also when it is in no calendar of `whose`, or not in the one that the path names.
 */
export async function readEvent(
  ctx: Context,
  whose: Whose,
  key: EventKey,
  calendarId?: CalendarId,
): Promise<SeenEvent & OpenCalendar> {
  const { object, held } = await findEvent(ctx, whose, key, calendarId);
  const { objectId, recurrenceId } = key;
  return { ...held, ...seenEvent(held, { objectId, recurrenceId }, object, readObject(object.content)) };
}

/** An event of an object that is read already. @throws not-found without such an instance. */
export function seenEvent(open: OpenCalendar, key: EventKey, object: StoredObject, read: CalendarObject): SeenEvent {
  const told = tell(open.role, standing(read, key.recurrenceId, open));
  const whole = told.detail === 'full' ? wholeOf(object, read, key.recurrenceId, open.calendar) : undefined;
  return { ...key, calendar: open.calendar, owner: open.owner, told, whole };
}

/** Where an event stands, or one instance of it. @throws not-found without such an instance. */
function standing(read: CalendarObject, recurrenceId: string, open: OpenCalendar): Occurrence {
  const { timeZone } = open.calendar;
  const component = read.master ?? (read.exceptions[0] as ICAL.Component);
  const instance =
    recurrenceId === '' ? instanceOf(component, timeZone, '') : findInstance(read, recurrenceId, timeZone);
  if (!instance) throw kernelFaults.notFound();
  return occurrenceOf(instance, open.owner.addresses);
}

/** The instances of one series in a time, which is looked at when it is known that the reader may. @throws not-found. */
export async function readInstancesOf(
  ctx: Context,
  whose: Whose,
  key: EventKey,
  window: () => { from: Date; to: Date },
  calendarId?: CalendarId,
): Promise<SeenEvent[]> {
  const { object, held } = await findEvent(ctx, whose, key, calendarId);
  const { from, to } = window();
  const read = readObject(object.content);
  return occurrencesBetween(read, from, to, forOwner(held)).map((one) => {
    const time = seenTime(held.role, object.id, one);
    const whole = time.told.detail === 'full' ? wholeOf(object, read, one.recurrenceId, held.calendar) : undefined;
    return { ...time, calendar: held.calendar, owner: held.owner, whole };
  });
}

async function findEvent(
  ctx: Context,
  whose: Whose,
  { objectId }: EventKey,
  calendarId: CalendarId | undefined,
): Promise<{ object: StoredObject; held: OpenCalendar }> {
  const object = await findObject(ctx, { id: objectId });
  // Asked also about nothing, so that an id of nothing and one of another organisation are answered alike.
  const held = await holdCalendar(ctx, object?.calendarId ?? (objectId as string as CalendarId), 'freeBusyRead');
  const isThere =
    object?.component === 'VEVENT' &&
    isOf(held.calendar, ownerOf(ctx, whose)) &&
    (calendarId === undefined || calendarId === object.calendarId);
  if (!isThere) throw kernelFaults.notFound();
  return { object, held: { ...held, owner: (await readOwner(ctx, held.calendar.owner)) ?? NOBODY } };
}

// ---------------------------------------------------------------------------------------------------------------
// Writing

/**
 * Makes an event and lets `write` fill it. The same `transactionId` again answers with the event that is there.
 * @throws what `putObject` throws.
 */
export async function createEvent(
  ctx: Context,
  held: OpenCalendar,
  { transactionId }: { transactionId?: string | undefined },
  write: (editing: Editing) => void,
): Promise<SeenEvent> {
  const name = `${transactionId === undefined ? newId() : createHash('sha256').update(transactionId).digest('hex')}.ics`;
  const { calendar } = held;
  const known = transactionId === undefined ? undefined : await findObject(ctx, { calendarId: calendar.id, name });
  const object = known ?? (await putNew(ctx, held, 'vevent', name, write));
  return seenEvent(held, { objectId: object.id, recurrenceId: '' }, object, readObject(object.content));
}

/**
 * Changes an event, or one instance of a series, which becomes an exception. Everything that `edit` does not touch stays
 * as it was sent. A series whose times change keeps the exceptions of instances that it still has, and loses the others.
 * @throws not-found, access.refused, calendars.object-changed.
 */
export async function changeEvent(
  ctx: Context,
  whose: Whose,
  key: EventKey & { readonly calendarId?: CalendarId | undefined },
  condition: Condition,
  edit: (editing: Editing) => void,
): Promise<SeenEvent> {
  const { object, held } = await findEvent(ctx, whose, key, key.calendarId);
  const { calendar } = held;
  const read = readObject(object.content);
  const instance = key.recurrenceId === '' ? undefined : findInstance(read, key.recurrenceId, calendar.timeZone);
  if (key.recurrenceId !== '' && !instance) throw kernelFaults.notFound();
  const event = instance
    ? ensureException(read, instance, calendar.timeZone)
    : (read.master ?? (read.exceptions[0] as ICAL.Component));
  const before = placeInTime(event);
  edit({ event, calendar, isInstance: instance !== undefined, owner: held.owner });
  if (placeInTime(event) !== before) {
    const sequence = Number(event.getFirstPropertyValue('sequence') ?? 0);
    event.updatePropertyWithValue('sequence', sequence + 1);
    if (event === read.master) forgetGoneExceptions(read, calendar.timeZone);
  }
  stamp(event, ctx.now);
  const put = await putText(ctx, object, read, condition);
  return readEvent(ctx, whose, { objectId: put.id, recurrenceId: key.recurrenceId });
}

/** Deletes an event or a whole series; of a series one instance alone. @throws as `changeEvent`. */
export async function deleteEvent(
  ctx: Context,
  whose: Whose,
  key: EventKey & { readonly calendarId?: CalendarId | undefined },
  condition: Condition,
): Promise<void> {
  const { object, held } = await findEvent(ctx, whose, key, key.calendarId);
  const { calendar } = held;
  const { calendarId, name } = object;
  const read = readObject(object.content);
  const instance = key.recurrenceId === '' ? undefined : findInstance(read, key.recurrenceId, calendar.timeZone);
  if (key.recurrenceId !== '' && !instance) throw kernelFaults.notFound();
  const isAll = !instance || (!read.master && read.exceptions.length === 1);
  if (isAll) return deleteObject(ctx, { calendarId, name, ifMatch: condition.ifMatch });
  excludeInstance(read, instance, calendar.timeZone);
  if (read.master) stamp(read.master, ctx.now);
  await putText(ctx, object, read, condition);
}

// ---------------------------------------------------------------------------------------------------------------
// Ids

/** An event's id on every wire: the object's, and for an instance its key in the series. */
export const printEventId = ({ objectId, recurrenceId }: EventKey): string =>
  recurrenceId === '' ? objectId : `${objectId}_${recurrenceId}`;

/** @throws not-found for a text that is no id of ours: like one of an event that there is not. */
export function parseEventId(text: string): EventKey {
  const [objectText = '', recurrenceId = '', ...more] = text.split('_');
  const objectId = parseId<'calendar-object'>(objectText);
  if (!objectId || more.length > 0 || !/^(?:\d{8}(?:T\d{6}Z)?)?$/.test(recurrenceId)) throw kernelFaults.notFound();
  return { objectId, recurrenceId };
}
