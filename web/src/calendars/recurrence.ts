import { addDays, dayOf, plus, type Wall, weekdayOf } from './times.ts';
import { type Recurrence, WEEKDAYS, type Weekday, type WeekIndex } from './wire.ts';

/** How often an event comes back, as the form asks it. */
export interface Repeat {
  readonly every: 'never' | 'day' | 'week' | 'month' | 'monthWeekday' | 'year';
  readonly interval: number;
  /** For weeks. */
  readonly days: readonly Weekday[];
  readonly ends: 'never' | 'on' | 'after';
  /** `YYYY-MM-DD`, the last day it may fall on. */
  readonly until: string;
  readonly count: number;
}

/** What an event that begins at `start` repeats like before anything is said: not at all, and weekly when asked. */
export const noRepeat = (start: Wall): Repeat => ({
  every: 'never',
  interval: 1,
  days: [weekdayName(start)],
  ends: 'never',
  until: addDays(dayOf(start), 90),
  count: 10,
});

export const weekdayName = (start: Wall): Weekday => WEEKDAYS[weekdayOf(dayOf(start))]!;

const INDEXES: readonly WeekIndex[] = ['first', 'second', 'third', 'fourth', 'last'];

/** Which of its kind in the month a day is; the fifth is told as the last, since not every month has one. */
export const indexInMonth = (start: Wall): WeekIndex => INDEXES[Math.ceil(Number(start.slice(8, 10)) / 7) - 1]!;

/** The form's words as the server's. Undefined: it does not repeat. */
export function toRecurrence(repeat: Repeat, start: Wall, zone: string): Recurrence | undefined {
  if (repeat.every === 'never') return undefined;
  const interval = Math.max(1, Math.trunc(repeat.interval) || 1);
  const range = {
    startDate: dayOf(start),
    recurrenceTimeZone: zone,
    ...(repeat.ends === 'on'
      ? { type: 'endDate' as const, endDate: repeat.until }
      : repeat.ends === 'after'
        ? { type: 'numbered' as const, numberOfOccurrences: Math.max(1, Math.trunc(repeat.count) || 1) }
        : { type: 'noEnd' as const }),
  };
  const [, month = '1', day = '1'] = dayOf(start).split('-');
  switch (repeat.every) {
    case 'day':
      return { pattern: { type: 'daily', interval }, range };
    case 'week': {
      const days = repeat.days.length > 0 ? repeat.days : [weekdayName(start)];
      return { pattern: { type: 'weekly', interval, daysOfWeek: days, firstDayOfWeek: 'monday' }, range };
    }
    case 'month':
      return { pattern: { type: 'absoluteMonthly', interval, dayOfMonth: Number(day) }, range };
    case 'monthWeekday':
      return {
        pattern: {
          type: 'relativeMonthly',
          interval,
          daysOfWeek: [weekdayName(start)],
          index: indexInMonth(start),
        },
        range,
      };
    case 'year':
      return {
        pattern: { type: 'absoluteYearly', interval, dayOfMonth: Number(day), month: Number(month) },
        range,
      };
  }
}

/** What the server says, in the form's words. Patterns the form has no words for come back as `undefined`. */
export function fromRecurrence(recurrence: Recurrence | null | undefined, start: Wall): Repeat | undefined {
  const base = noRepeat(start);
  if (!recurrence) return base;
  const { pattern, range } = recurrence;
  const every = (
    {
      daily: 'day',
      weekly: 'week',
      absoluteMonthly: 'month',
      relativeMonthly: 'monthWeekday',
      absoluteYearly: 'year',
      relativeYearly: undefined,
    } as const
  )[pattern.type];
  if (every === undefined) return undefined;
  // The form says "on this weekday of the month" of the start alone.
  if (every === 'monthWeekday' && (pattern.daysOfWeek?.length !== 1 || pattern.daysOfWeek[0] !== weekdayName(start)))
    return undefined;
  return {
    ...base,
    every,
    interval: pattern.interval,
    ...(pattern.daysOfWeek ? { days: pattern.daysOfWeek } : {}),
    ends: range.type === 'endDate' ? 'on' : range.type === 'numbered' ? 'after' : 'never',
    ...(range.type === 'endDate' && range.endDate ? { until: range.endDate } : {}),
    ...(range.numberOfOccurrences ? { count: range.numberOfOccurrences } : {}),
  };
}

/** The series cut in two before `start`: what stays of the old, and how the rest begins. */
export function splitBefore(
  recurrence: Recurrence,
  start: Wall,
  earlier: number,
): { readonly before: Recurrence; readonly after: Recurrence } {
  const { pattern, range } = recurrence;
  const lastBefore = dayOf(plus(start, { days: -1 }));
  const { numberOfOccurrences, endDate: _, ...rest } = range;
  const left = numberOfOccurrences === undefined ? undefined : Math.max(1, numberOfOccurrences - earlier);
  return {
    before: { pattern, range: { ...rest, type: 'endDate', endDate: lastBefore } },
    after: {
      pattern,
      range: {
        ...range,
        startDate: dayOf(start),
        ...(left === undefined ? {} : { numberOfOccurrences: left }),
      },
    },
  };
}

/** A series moved with its first event: the weekdays and the day of the month follow. */
export function movedWith(recurrence: Recurrence, from: Wall, to: Wall): Recurrence {
  const shift = weekdayOf(dayOf(to)) - weekdayOf(dayOf(from));
  const { pattern, range } = recurrence;
  const days = pattern.daysOfWeek?.map((day) => WEEKDAYS[(WEEKDAYS.indexOf(day) + shift + 7) % 7]!);
  return {
    pattern: {
      ...pattern,
      ...(days ? { daysOfWeek: days } : {}),
      ...(pattern.dayOfMonth !== undefined ? { dayOfMonth: Number(to.slice(8, 10)) } : {}),
      ...(pattern.month !== undefined ? { month: Number(to.slice(5, 7)) } : {}),
      ...(pattern.index !== undefined ? { index: indexInMonth(to) } : {}),
    },
    range: { ...range, startDate: dayOf(to) },
  };
}
