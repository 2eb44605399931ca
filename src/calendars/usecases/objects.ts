import { createHash } from 'node:crypto';
import type { Answer, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import {
  addressOf,
  type CalendarObject,
  CalendarTextError,
  readObject,
  textOf,
} from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { expandAround } from '../model/occurrence.ts';
import { detailFor, isAtLeast, type Role } from '../model/roles.ts';

import { calendarDefaults } from '../settings.ts';
import { eraseObject, findObject, writeObject } from '../store/objects.ts';
import { calendarAskedAbout, calendarUse } from './asked.ts';
import { readOwner } from './owners.ts';

/** A calendar with what whoever asks may do with it. */
export interface HeldCalendar {
  readonly calendar: Calendar;
  readonly role: Role;
}

/**
 * A calendar for somebody who needs `wanted` of it. Who has less than reading its times learns nothing of it.
 * @throws not-found, access.refused.
 */
export async function holdCalendar(ctx: Context, id: CalendarId, wanted: Role): Promise<HeldCalendar> {
  const answer: Answer<Role> = await ctx.ask(calendarUse, { calendarId: id });
  const calendar = answer.level === 'none' ? undefined : calendarAskedAbout(ctx, id);
  if (!calendar) throw kernelFaults.notFound();
  if (!isAtLeast(answer.level, wanted)) {
    throw kernelFaults.refused({ decisionId: answer.decisionId, because: answer.because });
  }
  return { calendar, role: answer.level };
}

/** What a client knows of the object it changes. */
export interface Condition {
  /** The ETag that the object must have. */
  readonly ifMatch?: string | undefined;
  /** Whether there must be none of this name. */
  readonly ifNoneMatch?: boolean | undefined;
  /** The Schedule-Tag that the object must have (RFC 6638 §8.3). */
  readonly ifScheduleTagMatch?: string | undefined;
}

export interface PutObject extends Condition {
  readonly calendarId: CalendarId;
  readonly name: string;
  /** iCalendar text, kept as it is. */
  readonly text: string;
}

/**
 * Keeps an event or a task, new or in place of the one of the same name.
 * @throws calendars.not-a-calendar-object, .component-not-allowed, .object-too-large, .uid-taken, .uid-changed,
 *   .object-changed and .object-exists (what the client knew is not so); not-found, access.refused.
 */
export async function putObject(ctx: Context, put: PutObject): Promise<{ object: StoredObject; isNew: boolean }> {
  const held = await holdCalendar(ctx, put.calendarId, 'write');
  const { calendar } = held;
  const largest = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  if (Buffer.byteLength(put.text) > largest) throw calendarsFaults.tooLarge(largest);
  const read = parse(put.text);
  if (!calendar.components.includes(read.component)) throw calendarsFaults.componentNotAllowed(read.component);

  const before = await findObject(ctx, { calendarId: put.calendarId, name: put.name }, { lock: true });
  checkCondition(before, put);
  if (before && before.uid !== read.uid) throw calendarsFaults.uidChanged();
  if (before) demandWhole(held, before);

  const next = {
    id: before?.id ?? newId<'calendar-object'>(),
    calendarId: calendar.id,
    name: put.name,
    uid: read.uid,
    component: read.component,
    content: put.text,
    etag: etagOf(put.text),
    summary: textOf(read.master ?? read.exceptions[0]!, 'summary'),
    organizer: organizerOf(read),
    scheduleTag: before?.scheduleTag ?? null,
  };
  const object = await writeObject(ctx, next, await expandOrRefuse(ctx, read, calendar), before === undefined);
  record(ctx, before ? 'calendars.event-changed' : 'calendars.event-created', calendar, object);
  return { object, isNew: before === undefined };
}

/** @throws not-found, access.refused, calendars.object-changed. */
export async function deleteObject(
  ctx: Context,
  { calendarId, name, ...condition }: { calendarId: CalendarId; name: string } & Condition,
): Promise<void> {
  const held = await holdCalendar(ctx, calendarId, 'write');
  const object = await findObject(ctx, { calendarId, name }, { lock: true });
  if (!object) throw kernelFaults.notFound();
  checkCondition(object, condition);
  demandWhole(held, object);
  await eraseObject(ctx, object);
  record(ctx, 'calendars.event-deleted', held.calendar, object);
}

/** One object whole. @throws not-found, also for somebody who sees its times alone. */
export async function readWhole(ctx: Context, key: { id: ObjectId }): Promise<HeldCalendar & { object: StoredObject }> {
  const object = await findObject(ctx, key);
  if (!object) {
    // Asked all the same, so that the answer to an id of nothing and of another tenant cost the same question.
    await ctx.ask(calendarUse, { calendarId: key.id });
    throw kernelFaults.notFound();
  }
  const held = await holdCalendar(ctx, object.calendarId, 'freeBusyRead');
  if (!seesWhole(held.role, object)) throw kernelFaults.notFound();
  return { ...held, object };
}

/** Whether everything in an object may be told to somebody of a role. */
export const seesWhole = (role: Role, object: Pick<StoredObject, 'content'>): boolean =>
  detailFor(role, isPrivate(object)) === 'full';

/** Whether any part of an object is private. */
export const isPrivate = ({ content }: Pick<StoredObject, 'content'>): boolean =>
  /^CLASS(?:;[^:\r\n]*)?:(?!PUBLIC\s*$)/im.test(content);

/** Two contents that are equal have one tag, on every server. */
export const etagOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 32);

/** The organiser's address, when anybody is invited. */
function organizerOf({ master, exceptions }: CalendarObject): string | null {
  const said = (master ?? exceptions[0])?.getFirstPropertyValue('organizer');
  return said ? addressOf(said) : null;
}

function parse(text: string): CalendarObject {
  try {
    return readObject(text);
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    throw error;
  }
}

async function expandOrRefuse(ctx: Context, read: CalendarObject, calendar: Calendar) {
  const isMeeting = organizerOf(read) !== null;
  const addresses = isMeeting ? ((await readOwner(ctx, calendar.owner))?.addresses ?? []) : [];
  try {
    return expandAround(read, ctx.now, { timeZone: calendar.timeZone, addresses });
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    // A date that is none, an offset out of this world: what the library cannot place in time.
    if (error instanceof RangeError || error instanceof TypeError) {
      throw calendarsFaults.notACalendarObject(error.message, 'valid-calendar-data');
    }
    throw error;
  }
}

/** @throws calendars.object-exists, .object-changed. */
export function checkCondition(
  before: StoredObject | undefined,
  { ifMatch, ifNoneMatch, ifScheduleTagMatch }: Condition,
): void {
  if (ifNoneMatch && before) throw calendarsFaults.exists();
  if (ifScheduleTagMatch !== undefined && before?.scheduleTag !== ifScheduleTagMatch) throw calendarsFaults.stale();
  if (ifMatch === undefined) return;
  if (!before || (ifMatch !== '*' && ifMatch !== before.etag)) throw calendarsFaults.stale();
}

/** Somebody who cannot read an event cannot put another in its place. */
function demandWhole({ role }: HeldCalendar, object: StoredObject): void {
  if (!seesWhole(role, object)) throw kernelFaults.notFound();
}

function record(
  ctx: Context,
  action: string,
  calendar: Calendar,
  object: { readonly id: string; readonly uid: string },
): void {
  ctx.record({
    action,
    category: 'Calendar',
    targets: [{ kind: 'event', id: object.id }],
    facts: { calendarId: calendar.id, ownerKind: calendar.owner.kind, ownerId: calendar.owner.id, uid: object.uid },
  });
}
