import { createHash } from 'node:crypto';
import type { Context, NewEvent } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import {
  addressOf,
  type CalendarObject,
  CalendarTextError,
  readObject,
  textOf,
} from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, StoredObject } from '../model/calendar.ts';
import { type Expanded, expandAround, type ForOwner } from '../model/occurrence.ts';
import { eraseObject, type WrittenObject, writeObject } from '../store/objects.ts';
import { meetingKey } from '../store/scheduling.ts';
import { writeObjects } from '../store/written-together.ts';
import { readOwner } from './owners.ts';
import { hasAlarms, keepReminders, nextReminders } from './reminding.ts';

/** Two contents that are equal have one tag, on every server. */
export const etagOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 32);

/** Reads what a client sent. @throws calendars.not-a-calendar-object. */
export function parseObject(text: string): CalendarObject {
  try {
    return readObject(text);
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    throw error;
  }
}

export interface Keep {
  readonly calendar: Calendar;
  readonly before: StoredObject | undefined;
  readonly name: string;
  readonly read: CalendarObject;
  /** What `read` was read from. */
  readonly text: string;
  readonly scheduleTag: string | null;
  /** Nothing happened that anybody asked to be told of: what became of a message. */
  readonly isQuiet?: boolean;
}

/** Writes an object with its instances and says so. Asks nobody: its callers did, or the server acts by itself. */
export async function keepObject(ctx: Context, keep: Keep): Promise<StoredObject> {
  const { calendar, before, read } = keep;
  const { next, all } = await toKeep(ctx, keep);
  const writing = writeObject(ctx, next, all, before === undefined);
  // Recorded while it is written: whom it concerns is asked together with that.
  if (!keep.isQuiet) ctx.record(eventOf(before ? 'changed' : 'created', calendar, next));
  const object = await writing;
  await keepReminders(ctx, { calendar, before, object, read, occurrences: all.occurrences });
  return object;
}

/** Characters that one brings, each of its instances counted as long as its text: others wait while it is written. */
const TOGETHER_AT_MOST = 256 * 1024;

/**
 * As `keepObject`, together with what other requests keep, for whoever writes nothing else. Undefined: it was not kept,
 * since somebody else was at it or had changed it since `before` was read, or it is too large to let others wait.
 */
export async function keepTogether(ctx: Context, keep: Keep): Promise<StoredObject | undefined> {
  const { calendar, before, read } = keep;
  // What became of its reminders is read and written by one at a time.
  if (before && hasAlarms(before)) return undefined;
  const { next, all } = await toKeep(ctx, keep);
  const { isRecurring, startsAt, endsAt, occurrences } = all;
  if (keep.text.length * (1 + occurrences.length) > TOGETHER_AT_MOST) return undefined;
  const reminders =
    calendar.owner.kind === 'account' && hasAlarms(next)
      ? nextReminders(ctx, { calendar, object: next, read, occurrences }, [])
      : [];
  const meeting = next.organizer === null ? null : meetingKey(ctx, next.uid);
  const row = { object: next, all, reminders, meeting, now: ctx.now, before };
  const event = eventOf(before ? 'changed' : 'created', calendar, next);
  const written = await ctx.writeTogether(writeObjects, row, event);
  return written && { ...next, isRecurring, startsAt, endsAt, changedAt: ctx.now, ...written };
}

async function toKeep(ctx: Context, { calendar, before, name, read, text, scheduleTag }: Keep) {
  const next: WrittenObject = {
    id: before?.id ?? newId<'calendar-object'>(),
    calendarId: calendar.id,
    name,
    uid: read.uid,
    component: read.component,
    content: text,
    etag: etagOf(text),
    summary: textOf(read.master ?? read.exceptions[0]!, 'summary'),
    organizer: organizerOf(read),
    scheduleTag,
  };
  const addresses = next.organizer === null ? [] : ((await readOwner(ctx, calendar.owner))?.addresses ?? []);
  return { next, all: expandOrRefuse(read, ctx.now, { timeZone: calendar.timeZone, addresses }) };
}

/** Removes an object and says so. Asks nobody. */
export async function dropObject(ctx: Context, calendar: Calendar, object: StoredObject): Promise<void> {
  await eraseObject(ctx, object);
  ctx.record(eventOf('deleted', calendar, object));
}

/** The organiser's address, when anybody is invited. */
export function organizerOf({ master, exceptions }: CalendarObject): string | null {
  const said = (master ?? exceptions[0])?.getFirstPropertyValue('organizer');
  return said ? addressOf(said) : null;
}

const expanded = new WeakMap<CalendarObject, { readonly key: string; readonly all: Expanded }>();

/** Expands an event as it is kept: once, however often it is asked for. @throws calendars.not-a-calendar-object. */
export function expandOrRefuse(read: CalendarObject, now: Date, owner: ForOwner): Expanded {
  const key = [now.getTime(), owner.timeZone, ...owner.addresses].join('\n');
  const known = expanded.get(read);
  if (known?.key === key) return known.all;
  try {
    const all = expandAround(read, now, owner);
    expanded.set(read, { key, all });
    return all;
  } catch (error) {
    if (error instanceof CalendarTextError) throw calendarsFaults.notACalendarObject(error.message, error.rule);
    // A date that is none, an offset out of this world: what the library cannot place in time.
    if (error instanceof RangeError || error instanceof TypeError) {
      throw calendarsFaults.notACalendarObject(error.message, 'valid-calendar-data');
    }
    throw error;
  }
}

const eventOf = (
  happened: 'created' | 'changed' | 'deleted',
  calendar: Calendar,
  { id, uid, component }: Pick<StoredObject, 'id' | 'uid' | 'component'>,
): NewEvent => ({
  action: `calendars.event-${happened}`,
  category: 'Calendar',
  targets: [{ kind: 'event', id }],
  facts: { calendarId: calendar.id, ownerKind: calendar.owner.kind, ownerId: calendar.owner.id, uid, component },
});
