import type { Answer, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { detailFor, isAtLeast, type Role } from '../model/roles.ts';
import { calendarDefaults } from '../settings.ts';
import { findObject, takeObject } from '../store/objects.ts';
import { lockMeeting } from '../store/scheduling.ts';
import { calendarAskedAbout, calendarUse } from './asked.ts';
import { dropObject, keepObject, organizerOf, parseObject } from './keeping.ts';
import { readOwner } from './owners.ts';
import { type Saying, scheduleChange, scheduleRemoval } from './scheduling.ts';

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
  const answer: Answer<Role> = await ctx.ask(calendarUse, { calendarId: id }, { wanted });
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
  /** The Schedule-Tag that the object must have: answers that came since are no change (RFC 6638 §8.3). */
  readonly ifScheduleTagMatch?: string | undefined;
}

export interface PutObject extends Condition {
  readonly calendarId: CalendarId;
  readonly name: string;
  /** iCalendar text, kept as it is, save for what scheduling adds: what it tells others and became of it. */
  readonly text: string;
  readonly saying?: Saying;
  /** The calendar, where whoever asks has been found to write in it by this same request. */
  readonly held?: HeldCalendar;
}

/**
 * Keeps an event or a task, new or in place of the one of the same name.
 * @throws calendars.not-a-calendar-object, .component-not-allowed, .object-too-large, .uid-taken, .uid-changed,
 *   .object-changed and .object-exists (what the client knew is not so), .not-the-organiser, .too-many-attendees,
 *   .not-a-delegate; not-found, access.refused.
 */
export async function putObject(ctx: Context, put: PutObject): Promise<{ object: StoredObject; isNew: boolean }> {
  const held = put.held?.calendar.id === put.calendarId ? put.held : await holdCalendar(ctx, put.calendarId, 'write');
  const { calendar } = held;
  const largest = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  if (Buffer.byteLength(put.text) > largest) throw calendarsFaults.tooLarge(largest);
  const read = parseObject(put.text);
  if (!calendar.components.includes(read.component)) throw calendarsFaults.componentNotAllowed(read.component);

  // What concerns nobody else waits for nobody.
  const meeting = organizerOf(read) === null ? null : read.uid;
  // Read ahead of the transaction, where it may be known already.
  if (meeting !== null) await readOwner(ctx, calendar.owner);
  const before = await takeObject(ctx, { calendarId: put.calendarId, name: put.name, meeting });
  checkCondition(before, put);
  if (before && before.uid !== read.uid) throw calendarsFaults.uidChanged();
  if (before) demandWhole(held, before);

  const isSameMeeting = put.ifScheduleTagMatch !== undefined;
  const said = await scheduleChange(ctx, held, { before, read, text: put.text, isSameMeeting, ...put.saying });
  const object = await keepObject(ctx, { calendar, before, name: put.name, ...said });
  return { object, isNew: before === undefined };
}

/** @throws not-found, access.refused, calendars.object-changed. */
export async function deleteObject(
  ctx: Context,
  { calendarId, name, saying, ...condition }: { calendarId: CalendarId; name: string; saying?: Saying } & Condition,
): Promise<void> {
  const held = await holdCalendar(ctx, calendarId, 'write');
  const found = await findObject(ctx, { calendarId, name });
  if (found?.organizer) await lockMeeting(ctx, found.uid);
  const object = found && (await findObject(ctx, { calendarId, name }, { lock: true }));
  if (!object) throw kernelFaults.notFound();
  checkCondition(object, condition);
  demandWhole(held, object);
  await scheduleRemoval(ctx, held, object, saying);
  await dropObject(ctx, held.calendar, object);
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
