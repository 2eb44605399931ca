import type { Answer, Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { CalendarObject } from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { detailFor, isAtLeast, type Role } from '../model/roles.ts';
import { calendarDefaults } from '../settings.ts';
import { findObject, takeObject } from '../store/objects.ts';
import { lockMeeting } from '../store/scheduling.ts';
import { findTogether, isUntouched } from '../store/written-together.ts';
import { calendarAskedAbout, calendarUse } from './asked.ts';
import { dropObject, keepObject, keepTogether, organizerOf, parseObject } from './keeping.ts';
import { readOwner } from './owners.ts';
import { mightConcernOthers, type Saying, scheduleChange, scheduleRemoval } from './scheduling.ts';

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
  /** Whether the request writes nothing else: then it may be written together with what others write. */
  readonly isAll?: boolean;
}

/**
 * Keeps an event or a task, new or in place of the one of the same name.
 * @throws calendars.not-a-calendar-object, .component-not-allowed, .object-too-large, .uid-taken, .uid-changed,
 *   .object-changed and .object-exists (what the client knew is not so), .not-the-organiser, .too-many-attendees,
 *   .not-a-delegate; not-found, access.refused.
 */
export async function putObject(ctx: Context, asked: PutObject): Promise<{ object: StoredObject; isNew: boolean }> {
  // The database keeps no NUL, and reading passes over them.
  const put = asked.text.includes('\0') ? { ...asked, text: asked.text.replaceAll('\0', '') } : asked;
  const held = put.held?.calendar.id === put.calendarId ? put.held : await holdCalendar(ctx, put.calendarId, 'write');
  const { calendar } = held;
  const largest = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  if (Buffer.byteLength(put.text) > largest) throw calendarsFaults.tooLarge(largest);
  const read = parseObject(put.text);
  if (!calendar.components.includes(read.component)) throw calendarsFaults.componentNotAllowed(read.component);

  if (put.isAll && isUntouched(ctx)) {
    const kept = await putTogether(ctx, held, put, read);
    if (kept) return kept;
  }
  // What concerns nobody else waits for nobody.
  const meeting = organizerOf(read) === null ? null : read.uid;
  // Read ahead of the transaction, where it may be known already.
  if (meeting !== null) await readOwner(ctx, calendar.owner);
  const before = await takeObject(ctx, { calendarId: put.calendarId, name: put.name, meeting });
  demandReplaceable(held, put, before, read);
  const said = await scheduleChange(ctx, held, changeOf(put, before, read));
  const object = await keepObject(ctx, { calendar, before, name: put.name, ...said });
  return { object, isNew: before === undefined };
}

/**
 * Puts what concerns nobody else, together with what other requests put: what is there is read without a lock, and the
 * write finds out whether it is still so. Where nothing says that something is there, nothing is looked for first.
 * Undefined: this one needs a transaction of its own.
 */
async function putTogether(
  ctx: Context,
  held: HeldCalendar,
  put: PutObject,
  read: CalendarObject,
): Promise<{ object: StoredObject; isNew: boolean } | undefined> {
  const { calendar } = held;
  const putOver = async (before: StoredObject | undefined) => {
    demandReplaceable(held, put, before, read);
    const change = changeOf(put, before, read);
    if (await mightConcernOthers(ctx, held, change)) return undefined;
    const said = await scheduleChange(ctx, held, change);
    const object = await keepTogether(ctx, { calendar, before, name: put.name, ...said });
    return object && { object, isNew: before === undefined };
  };
  const isChange = put.ifMatch !== undefined || put.ifScheduleTagMatch !== undefined;
  const added = isChange ? undefined : await putOver(undefined);
  if (added || (put.ifNoneMatch && !isChange) || !isUntouched(ctx)) return added;
  const before = await findTogether(ctx, { calendarId: calendar.id, name: put.name });
  // What is not there for sure and could not be added is somebody else's to explain.
  return before || isChange ? putOver(before) : undefined;
}

function demandReplaceable(
  held: HeldCalendar,
  put: PutObject,
  before: StoredObject | undefined,
  { uid }: CalendarObject,
): void {
  checkCondition(before, put);
  if (before && before.uid !== uid) throw calendarsFaults.uidChanged();
  if (before) demandWhole(held, before);
}

const changeOf = (
  { text, saying, ifScheduleTagMatch }: PutObject,
  before: StoredObject | undefined,
  read: CalendarObject,
) => ({ before, read, text, isSameMeeting: ifScheduleTagMatch !== undefined, ...saying });

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
