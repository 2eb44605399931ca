import { instantOf, type Wall } from './times.ts';

/** As much of an event as a reminder needs. */
export interface Reminded {
  readonly id: string;
  readonly start: Wall;
  readonly isReminderOn: boolean;
  readonly minutesBefore: number;
}

/** A reminder that came due this long ago is not shown any more: the event has begun. Milliseconds. */
const TOO_LATE = 10 * 60_000;

/** The reminders that are due, without those told before. One comes up once for each time of an event. */
export function dueReminders<E extends Reminded>(
  events: readonly E[],
  now: Date,
  zone: string,
  told: ReadonlySet<string>,
): readonly (E & { readonly key: string })[] {
  return events.flatMap((event) => {
    if (!event.isReminderOn) return [];
    const starts = instantOf(event.start, zone).getTime();
    const due = starts - event.minutesBefore * 60_000;
    const key = `${event.id} ${event.start}`;
    const isDue = due <= now.getTime() && now.getTime() < Math.max(starts, due + TOO_LATE);
    return isDue && !told.has(key) ? [{ ...event, key }] : [];
  });
}
