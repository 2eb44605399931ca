import type { Context } from '../../kernel/context.ts';
import type { CalendarObject } from '../../protocols/icalendar/index.ts';
import type { Calendar, StoredObject } from '../model/calendar.ts';
import type { Occurrence } from '../model/occurrence.ts';
import { alarmsOf } from '../model/reminder.ts';
import { listReminders, type Reminder, writeReminders } from '../store/reminders.ts';

export interface Reminded {
  readonly calendar: Calendar;
  readonly before: StoredObject | undefined;
  readonly object: StoredObject;
  readonly read: CalendarObject;
  readonly occurrences: readonly Occurrence[];
}

/**
 * Keeps the reminders of an event true with it. What was shown is not shown again, and what was put off stays so, unless
 * its instance moved, is cancelled, or has lost its alarm.
 */
export async function keepReminders(ctx: Context, reminded: Reminded): Promise<void> {
  const { before, object, calendar } = reminded;
  const had = before !== undefined && hasAlarms(before);
  if (calendar.owner.kind !== 'account' || (!had && !hasAlarms(object))) return;
  const known = had ? await listReminders(ctx, { objectId: object.id }) : [];
  const settled = known.flatMap((one) => stillSettled(reminded, one) ?? []);
  await writeReminders(ctx, object.id, [...settled, ...nextReminders(ctx, reminded, settled)]);
}

/** A reminder that its reader has dealt with, as the event is now; undefined: the alarm counts anew. */
function stillSettled({ calendar, read, occurrences }: Reminded, one: Reminder): Reminder | undefined {
  if (one.dueAt !== null && !one.isPutOff) return undefined;
  const instance = occurrences.find(
    ({ recurrenceId, startsAt }) => recurrenceId === one.recurrenceId && +startsAt === +one.startsAt,
  );
  if (!instance || (one.isPutOff && instance.isCancelled)) return undefined;
  if (one.isPutOff && alarmsOf(read, calendar.timeZone)(one.recurrenceId)[one.alarm]?.kind !== one.kind) {
    return undefined;
  }
  const { endsAt, subject, location } = instance;
  return { ...one, endsAt, subject, location };
}

/** The next reminder of each alarm, those that were handled left out. One whose time has passed is due at once. */
export function nextReminders(
  ctx: Context,
  { calendar, object, read, occurrences }: Omit<Reminded, 'before' | 'object'> & { object: Pick<StoredObject, 'id'> },
  handled: readonly Reminder[],
): Reminder[] {
  const alarmsFor = alarmsOf(read, calendar.timeZone);
  const done = new Set(handled.map(({ alarm, recurrenceId }) => `${alarm} ${recurrenceId}`));
  const next = new Map<number, Reminder>();
  for (const occurrence of occurrences) {
    if (occurrence.isCancelled || occurrence.endsAt <= ctx.now) continue;
    const { recurrenceId, startsAt, endsAt, subject, location } = occurrence;
    for (const [alarm, { kind, dueFor }] of alarmsFor(recurrenceId).entries()) {
      if (done.has(`${alarm} ${recurrenceId}`)) continue;
      const due = dueFor(occurrence);
      // Who writes down what has begun needs no reminder of it.
      if (due <= ctx.now && startsAt <= ctx.now) continue;
      const dueAt = due < ctx.now ? ctx.now : due;
      const known = next.get(alarm);
      if (known?.dueAt && known.dueAt <= dueAt) continue;
      next.set(alarm, {
        ...{ objectId: object.id, alarm, recurrenceId, calendarId: calendar.id, accountId: calendar.owner.id },
        ...{ kind, dueAt, shownAt: null, startsAt, endsAt, subject, location, isPutOff: false },
      });
    }
  }
  return [...next.values()];
}

export const hasAlarms = ({ content }: Pick<StoredObject, 'content'>): boolean => /^BEGIN:VALARM/im.test(content);
