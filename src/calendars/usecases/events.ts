import type ICAL from 'ical.js';
import ical from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import {
  type CalendarObject,
  instanceOf,
  printCalendar,
  readObject,
  repeats,
} from '../../protocols/icalendar/index.ts';
import type { Calendar, CalendarId, ObjectId, Owner, StoredObject } from '../model/calendar.ts';
import {
  type ForOwner,
  type Occurrence,
  occurrenceOf,
  occurrencesBetween,
  type Told,
  tell,
} from '../model/occurrence.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import {
  completeZones,
  ensureException,
  exceptionOf,
  excludeInstance,
  findInstance,
  placeInTime,
} from '../model/series.ts';
import { listCalendars } from '../store/calendars.ts';
import { listEventRows } from '../store/events.ts';
import { findObject, listObjects, listOccurrences, listPartlyExpanded } from '../store/objects.ts';
import { calendarUse, ownCalendars } from './asked.ts';
import { ensureMailbox } from './mailboxes.ts';
import { type Condition, deleteObject, type HeldCalendar, holdCalendar, putObject } from './objects.ts';
import { type OwnerCard, readOwner } from './owners.ts';

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

/** Whose calendars a path is about; undefined: whoever asks. */
export type Whose = Owner | undefined;

/** A calendar with what the reader may do with it, and whose it is. */
export interface OpenCalendar extends HeldCalendar {
  readonly owner: OwnerCard;
}

const NOBODY: OwnerCard = { displayName: '', address: undefined, addresses: [] };

/** How times are read and counted in a calendar. */
const forOwner = ({ calendar, owner }: Pick<OpenCalendar, 'calendar' | 'owner'>): ForOwner => ({
  timeZone: calendar.timeZone,
  addresses: owner.addresses,
});

// ---------------------------------------------------------------------------------------------------------------
// Calendars

/** @throws not-found for a program, which has no calendar of its own. */
export function ownerOf(ctx: Context, whose: Whose): Owner {
  if (whose) return whose;
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return { kind: 'account', id: ctx.actor.accountId };
}

/**
 * A calendar of somebody for whoever needs `wanted` of it; without an id their default one, made on the first visit.
 * @throws not-found also for a calendar of somebody else; access.refused.
 */
export async function holdCalendarOf(
  ctx: Context,
  whose: Whose,
  calendarId: CalendarId | undefined,
  wanted: Role,
): Promise<OpenCalendar> {
  const owner = ownerOf(ctx, whose);
  try {
    const id = calendarId ?? (await defaultCalendarOf(ctx, owner)).id;
    const held = await holdCalendar(ctx, id, wanted);
    if (!isOf(held.calendar, owner)) throw kernelFaults.notFound();
    return { ...held, owner: (await readOwner(ctx, owner)) ?? NOBODY };
  } catch (error) {
    // About one's own there is nothing to hide: the refusal says what is missing, a licence for instance.
    if (!whose && calendarId === undefined) await ctx.demand(ownCalendars, undefined, 'read');
    throw error;
  }
}

const isOf = ({ owner }: Calendar, { kind, id }: Owner) => owner.kind === kind && owner.id === id;

async function defaultCalendarOf(ctx: Context, owner: Owner): Promise<Calendar> {
  const [known] = await listCalendars(ctx, { owners: [owner], isDefault: true });
  if (known) return known;
  // What is made here for somebody who may not see it is rolled back with the refusal.
  await ensureMailbox(ctx, owner);
  return (await listCalendars(ctx, { owners: [owner], isDefault: true }))[0] as Calendar;
}

/** The calendars of somebody of which the reader sees anything, the default one first. */
export async function readCalendarsOf(ctx: Context, whose: Whose): Promise<OpenCalendar[]> {
  const owner = ownerOf(ctx, whose);
  if (!whose) await ctx.demand(ownCalendars, undefined, 'read');
  await defaultCalendarOf(ctx, owner);
  const card = (await readOwner(ctx, owner)) ?? NOBODY;
  const held: OpenCalendar[] = [];
  for (const calendar of await listCalendars(ctx, { owners: [owner] })) {
    const { level: role } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
    if (role !== 'none') held.push({ calendar, role, owner: card });
  }
  // Somebody who sees none of them does not learn whether there are any.
  if (held.length === 0) throw kernelFaults.notFound();
  return held;
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
  const within = { calendarIds: [calendar.id], ...asked };
  const kept = await listOccurrences(ctx, within);
  const seen = kept.map(({ objectId, ...occurrence }) => seenTime(role, objectId, occurrence));
  const known = new Set(kept.map(({ objectId, recurrenceId }) => `${objectId} ${recurrenceId}`));
  for (const object of await listPartlyExpanded(ctx, within)) {
    for (const one of occurrencesBetween(readObject(object.content), asked.from, asked.to, forOwner(open))) {
      if (!known.has(`${object.id} ${one.recurrenceId}`)) seen.push(seenTime(role, object.id, one));
    }
  }
  return seen.toSorted((a, b) => a.told.startsAt.getTime() - b.told.startsAt.getTime());
}

const seenTime = (role: Role, objectId: ObjectId, occurrence: Occurrence): SeenTime => ({
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

function wholeOf(
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
  const { object, held } = await findEvent(ctx, whose, key, calendarId, 'freeBusyRead');
  const read = readObject(object.content);
  const told = tell(held.role, standing(read, key.recurrenceId, held));
  const whole = told.detail === 'full' ? wholeOf(object, read, key.recurrenceId, held.calendar) : undefined;
  return { objectId: key.objectId, recurrenceId: key.recurrenceId, ...held, told, whole };
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
  const { object, held } = await findEvent(ctx, whose, key, calendarId, 'freeBusyRead');
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
  wanted: Role,
): Promise<{ object: StoredObject; held: OpenCalendar }> {
  const object = await findObject(ctx, { id: objectId }, { lock: wanted !== 'freeBusyRead' });
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

/** What an edit needs to know of the calendar that it happens in. */
export interface Editing {
  readonly event: ICAL.Component;
  readonly calendar: Calendar;
  /** Whether a single instance is edited, which cannot repeat. */
  readonly isInstance: boolean;
  readonly owner: OwnerCard;
}

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
  const name = `${transactionId === undefined ? newId() : `again-${Buffer.from(transactionId).toString('base64url')}`}.ics`;
  const { calendar } = held;
  const known = transactionId === undefined ? undefined : await findObject(ctx, { calendarId: calendar.id, name });
  const object = known ?? (await putNew(ctx, held, name, write));
  const read = readObject(object.content);
  const told = tell(held.role, standing(read, '', held));
  return {
    objectId: object.id,
    recurrenceId: '',
    calendar,
    owner: held.owner,
    told,
    whole: wholeOf(object, read, '', calendar),
  };
}

async function putNew(
  ctx: Context,
  { calendar, owner }: OpenCalendar,
  name: string,
  write: (editing: Editing) => void,
): Promise<StoredObject> {
  const text = new ical.Component('vcalendar');
  text.updatePropertyWithValue('prodid', PRODUCT);
  text.updatePropertyWithValue('version', '2.0');
  const event = new ical.Component('vevent', text);
  text.addSubcomponent(event);
  event.updatePropertyWithValue('uid', newId());
  event.updatePropertyWithValue('created', instantValue(ctx.now));
  stamp(event, ctx.now);
  write({ event, calendar, isInstance: false, owner });
  completeZones(text);
  const { object } = await putObject(ctx, {
    calendarId: calendar.id,
    name,
    text: printCalendar(text),
    ifNoneMatch: true,
  });
  return object;
}

const PRODUCT = '-//Entente//Calendars//EN';

/**
 * Changes an event, or one instance of a series, which becomes an exception. Everything that `edit` does not touch stays
 * as it was sent. A series whose times change loses its exceptions: what they stood for is gone.
 * @throws not-found, access.refused, calendars.object-changed.
 */
export async function changeEvent(
  ctx: Context,
  whose: Whose,
  key: EventKey & { readonly calendarId?: CalendarId | undefined },
  condition: Condition,
  edit: (editing: Editing) => void,
): Promise<SeenEvent> {
  const { object, held } = await findEvent(ctx, whose, key, key.calendarId, 'write');
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
    if (event === read.master) forgetExceptions(read);
  }
  stamp(event, ctx.now);
  const put = await putText(ctx, object, read, { ifMatch: condition.ifMatch });
  return readEvent(ctx, whose, { objectId: put.id, recurrenceId: key.recurrenceId });
}

function forgetExceptions({ calendar, master, exceptions }: CalendarObject): void {
  for (const one of exceptions) calendar.removeSubcomponent(one);
  master?.removeAllProperties('exdate');
}

function putText(
  ctx: Context,
  { calendarId, name }: StoredObject,
  { calendar }: CalendarObject,
  condition: Condition,
): Promise<StoredObject> {
  completeZones(calendar);
  return putObject(ctx, { calendarId, name, text: printCalendar(calendar), ...condition }).then(({ object }) => object);
}

/** Deletes an event or a whole series; of a series one instance alone. @throws as `changeEvent`. */
export async function deleteEvent(
  ctx: Context,
  whose: Whose,
  key: EventKey & { readonly calendarId?: CalendarId | undefined },
  condition: Condition,
): Promise<void> {
  const { object, held } = await findEvent(ctx, whose, key, key.calendarId, 'write');
  const { calendar } = held;
  const { calendarId, name } = object;
  const read = readObject(object.content);
  const instance = key.recurrenceId === '' ? undefined : findInstance(read, key.recurrenceId, calendar.timeZone);
  if (key.recurrenceId !== '' && !instance) throw kernelFaults.notFound();
  const isAll = !instance || (!read.master && read.exceptions.length === 1);
  if (isAll) return deleteObject(ctx, { calendarId, name, ifMatch: condition.ifMatch });
  excludeInstance(read, instance, calendar.timeZone);
  if (read.master) stamp(read.master, ctx.now);
  await putText(ctx, object, read, { ifMatch: condition.ifMatch });
}

function stamp(event: ICAL.Component, now: Date): void {
  event.updatePropertyWithValue('dtstamp', instantValue(now));
  event.updatePropertyWithValue('last-modified', instantValue(now));
}

const instantValue = (at: Date): ICAL.Time => ical.Time.fromJSDate(at, true);

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
