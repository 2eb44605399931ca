/** When somebody says they can be met at all (VAVAILABILITY, RFC 7953). */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { type CalendarObject, expand, momentOf, readCalendar, textOf } from '../../protocols/icalendar/index.ts';
import { WEEKDAYS, type WorkingHours } from './calendar.ts';

/** Thrown for a text that holds no availability that we can follow. */
export class AvailabilityError extends Error {}

export type BusyType = 'busy' | 'tentative' | 'oof';

/** A time in which somebody cannot be met, by their availability alone. */
export interface Unavailable {
  readonly showAs: BusyType;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const BUSY_TYPES: Readonly<Record<string, BusyType>> = {
  BUSY: 'busy',
  'BUSY-TENTATIVE': 'tentative',
  'BUSY-UNAVAILABLE': 'oof',
};
const BLOCKS_AT_MOST = 5_000;
const PARTS_AT_MOST = 100;

/** The availability of a text. @throws AvailabilityError, CalendarTextError. */
function readParts(text: string): ICAL.Component[] {
  const parts = readCalendar(text).getAllSubcomponents('vavailability');
  if (parts.length === 0) throw new AvailabilityError('This holds no VAVAILABILITY.');
  const inside = parts.reduce((count, part) => count + part.getAllSubcomponents('available').length, 0);
  if (parts.length + inside > PARTS_AT_MOST) throw new AvailabilityError(`It has more than ${PARTS_AT_MOST} parts.`);
  return parts;
}

/**
 * The times in `[from, to)` in which somebody cannot be met. Of several availabilities, one of a higher priority
 * (1 before 9 before 0) stands over the others where both speak.
 * @throws AvailabilityError, CalendarTextError, RangeError for what cannot be placed in time.
 */
export function unavailableTimes(text: string, from: Date, to: Date, ownerZone: string): Unavailable[] {
  const rank = (part: ICAL.Component) => {
    const priority = Number(textOf(part, 'priority') ?? 0);
    return priority === 0 ? 10 : priority;
  };
  let painted: Painted[] = [];
  for (const part of readParts(text).toSorted((one, other) => rank(other) - rank(one))) {
    const [start, end] = [edge(part, 'dtstart', ownerZone), edge(part, 'dtend', ownerZone)];
    const within = { start: Math.max(start ?? +from, +from), end: Math.min(end ?? lengthEnd(part, start) ?? +to, +to) };
    if (within.start >= within.end) continue;
    const showAs = BUSY_TYPES[(textOf(part, 'busytype') ?? 'BUSY-UNAVAILABLE').toUpperCase()] ?? 'oof';
    painted = paint(painted, { ...within, showAs });
    for (const block of availableIn(part, within, ownerZone)) painted = paint(painted, { ...block, showAs: undefined });
  }
  return painted
    .filter((one): one is Painted & { showAs: BusyType } => one.showAs !== undefined)
    .map(({ start, end, showAs }) => ({ showAs, startsAt: new Date(start), endsAt: new Date(end) }));
}

interface Painted {
  readonly start: number;
  readonly end: number;
  /** Undefined: can be met. */
  readonly showAs: BusyType | undefined;
}

/** Puts one over the others, which keep what it leaves uncovered. */
function paint(others: readonly Painted[], over: Painted): Painted[] {
  const kept = others.flatMap((one) => {
    if (one.end <= over.start || one.start >= over.end) return [one];
    return [
      ...(one.start < over.start ? [{ ...one, end: over.start }] : []),
      ...(one.end > over.end ? [{ ...one, start: over.end }] : []),
    ];
  });
  return [...kept, over].toSorted((a, b) => a.start - b.start);
}

function edge(part: ICAL.Component, name: 'dtstart' | 'dtend', ownerZone: string): number | undefined {
  const property = part.getFirstProperty(name);
  return property ? momentOf(property, ownerZone).at.epochMilliseconds : undefined;
}

function lengthEnd(part: ICAL.Component, start: number | undefined): number | undefined {
  const length = part.getFirstPropertyValue('duration');
  return length instanceof ICAL.Duration && start !== undefined ? start + length.toSeconds() * 1000 : undefined;
}

/** The blocks in which they can be met: each AVAILABLE is expanded as an event is. */
function availableIn(part: ICAL.Component, { start, end }: { start: number; end: number }, ownerZone: string) {
  const asked = {
    from: Temporal.Instant.fromEpochMilliseconds(start),
    to: Temporal.Instant.fromEpochMilliseconds(end),
    ownerZone,
    limit: BLOCKS_AT_MOST,
  };
  const byUid = Map.groupBy(part.getAllSubcomponents('available'), (one) => textOf(one, 'uid') ?? '');
  return [...byUid.values()].flatMap((blocks) => {
    const exceptions = blocks.filter((one) => one.hasProperty('recurrence-id'));
    return blocks
      .filter((one) => !one.hasProperty('recurrence-id'))
      .flatMap((master) => {
        const object = { calendar: part, component: 'VEVENT', uid: '', master, exceptions } satisfies CalendarObject;
        return expand(object, asked).instances.map((one) => ({
          start: Math.max(one.start.epochMilliseconds, start),
          end: Math.min(one.end.epochMilliseconds, end),
        }));
      });
  });
}

/**
 * The working hours that an availability amounts to: the days of the week after `now` that have time in them, and the
 * widest of their hours, in the owner's zone.
 * @throws AvailabilityError also when there is no time in that week at all.
 */
export function workingHoursOf(text: string, now: Date, ownerZone: string): WorkingHours {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(ownerZone).startOfDay();
  const days = Array.from({ length: 7 }, (_, n) => today.add({ days: n }));
  const open = days.flatMap((day) => {
    const [start, end] = [day.epochMilliseconds, day.add({ days: 1 }).epochMilliseconds];
    let free = [{ start, end }];
    for (const { startsAt, endsAt } of unavailableTimes(text, new Date(start), new Date(end), ownerZone)) {
      free = free.flatMap((one) => {
        if (+endsAt <= one.start || +startsAt >= one.end) return [one];
        return [
          ...(one.start < +startsAt ? [{ start: one.start, end: +startsAt }] : []),
          ...(one.end > +endsAt ? [{ start: +endsAt, end: one.end }] : []),
        ];
      });
    }
    const [first, last] = [free[0], free.at(-1)];
    return first && last ? [{ weekday: WEEKDAYS[day.dayOfWeek - 1]!, start: first.start, end: last.end }] : [];
  });
  if (open.length === 0) throw new AvailabilityError('It leaves no time in a week.');
  const clock = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO(ownerZone)
      .toPlainTime()
      .toString({ smallestUnit: 'minute' });
  const starts = open.map(({ start }) => clock(start)).toSorted();
  const ends = open
    .map(({ end }) => clock(end))
    .map((time) => (time === '00:00' ? '23:59' : time))
    .toSorted();
  const named = new Set(open.map(({ weekday }) => weekday));
  return {
    daysOfWeek: WEEKDAYS.filter((day) => named.has(day)),
    startTime: starts[0]!,
    endTime: ends.at(-1)!,
  };
}
