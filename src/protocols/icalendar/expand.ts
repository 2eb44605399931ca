import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import type { CalendarObject } from './object.ts';
import { Series } from './series.ts';
import { type Moment, momentOf } from './zones.ts';

/** One instance of an event. */
export interface Instance {
  /** As its RECURRENCE-ID: in UTC (`20260504T070000Z`), a date (`20260504`), or '' for an event that does not repeat. */
  readonly recurrenceId: string;
  readonly start: Temporal.ZonedDateTime;
  readonly end: Temporal.ZonedDateTime;
  readonly isAllDay: boolean;
  /** The series, or the exception that stands for this instance. */
  readonly component: ICAL.Component;
}

export interface Expansion {
  readonly instances: readonly Instance[];
  /** Whether there may be more outside the asked time, or beyond the limit. */
  readonly isComplete: boolean;
}

/** More is no calendar's. */
const RULES_AT_MOST = 10;
/** Of single dates that a series adds or leaves out. */
const DATES_AT_MOST = 10_000;

/**
 * The instances that overlap `[from, to)`, in order of their start, at most `limit`. Dates and floating times are read
 * in `ownerZone`. Bounded in time and memory whatever the rules say.
 * @throws CalendarTextError `max-instances` when a rule would have to be followed too far.
 */
export function expand(
  object: CalendarObject,
  asked: { from: Temporal.Instant; to: Temporal.Instant; ownerZone: string; limit: number },
): Expansion {
  const { ownerZone } = asked;
  const overlaps = ({ start, end }: Instance) =>
    before(start, asked.to) && (before(asked.from, end) || (sameTime(start, end) && !before(start, asked.from)));
  const instances: Instance[] = [];
  let isComplete = true;

  const standing = new Map<string, Instance>();
  const onwards: Onwards[] = [];
  for (const component of object.exceptions.slice(0, DATES_AT_MOST)) {
    const recurrence = component.getFirstProperty('recurrence-id');
    if (!recurrence) continue;
    const of = momentOf(recurrence, ownerZone);
    const instance = instanceOf(component, ownerZone, keyOf(of));
    standing.set(instance.recurrenceId, instance);
    if (String(recurrence.getFirstParameter('range')).toUpperCase() === 'THISANDFUTURE')
      onwards.push(onwardsOf(of, instance));
  }
  onwards.sort((a, b) => Temporal.ZonedDateTime.compare(b.from, a.from));
  const { master } = object;
  if (master && !repeats(master)) instances.push(...[instanceOf(master, ownerZone, '')].filter(overlaps));
  else if (master) {
    // What is moved from some instance on may come from far outside of what is asked.
    const reach = Math.max(0, ...onwards.map(({ seconds }) => Math.abs(seconds)));
    const series = startsOf(master, asked, ownerZone, reach + Math.max(0, ...onwards.map(({ length }) => length)));
    isComplete = series.isComplete;
    const length = lengthOf(master, ownerZone);
    for (const start of series.starts) {
      const key = keyOf(start);
      if (standing.has(key)) continue;
      const changed = onwards.find(({ from }) => !before(start.at, from));
      const at = changed ? start.at.add({ seconds: changed.seconds }) : start.at;
      const instance = {
        recurrenceId: key,
        start: at,
        end: changed ? changed.end(at) : length(at),
        isAllDay: changed ? changed.isAllDay : start.isDate,
        component: changed?.component ?? master,
      };
      if (overlaps(instance)) instances.push(instance);
    }
  }
  for (const exception of standing.values()) {
    if (overlaps(exception)) instances.push(exception);
    else isComplete = false;
  }
  instances.sort((a, b) => a.start.epochMilliseconds - b.start.epochMilliseconds);
  if (instances.length > asked.limit) return { instances: instances.slice(0, asked.limit), isComplete: false };
  return { instances, isComplete };
}

/** An exception that stands for every later instance as well (RANGE=THISANDFUTURE, RFC 5545 §3.2.13). */
interface Onwards {
  readonly from: Temporal.ZonedDateTime;
  /** By how much the instances are moved. */
  readonly seconds: number;
  /** In seconds. */
  readonly length: number;
  readonly isAllDay: boolean;
  readonly component: ICAL.Component;
  end(start: Temporal.ZonedDateTime): Temporal.ZonedDateTime;
}

function onwardsOf(of: Moment, { start, end, isAllDay, component }: Instance): Onwards {
  const moved = start
    .withTimeZone(of.at.timeZoneId)
    .toPlainDateTime()
    .since(of.at.toPlainDateTime(), { largestUnit: 'second' });
  const length = Number((end.epochNanoseconds - start.epochNanoseconds) / 1_000_000_000n);
  return {
    from: of.at,
    seconds: moved.seconds,
    length,
    isAllDay,
    component,
    end: (at) => (isAllDay ? at.add({ days: Math.round(length / 86_400) }) : at.add({ seconds: length })),
  };
}

/** Whether an event has more than the one instance at its DTSTART. */
export const repeats = (component: ICAL.Component): boolean =>
  component.hasProperty('rrule') || component.hasProperty('rdate');

/** A moment as a recurrence's key. */
export function keyOf({ at, isDate }: Moment): string {
  if (isDate) return at.toPlainDate().toString().replaceAll('-', '');
  return `${new Date(at.epochMilliseconds).toISOString().slice(0, -5).replace(/[-:]/g, '')}Z`;
}

/** The single instance that a component describes. */
export function instanceOf(component: ICAL.Component, ownerZone: string, recurrenceId: string): Instance {
  const property = component.getFirstProperty('dtstart');
  if (!property) throw new RangeError('An event needs a DTSTART.');
  const start = momentOf(property, ownerZone);
  return {
    recurrenceId,
    start: start.at,
    end: lengthOf(component, ownerZone, start)(start.at),
    isAllDay: start.isDate,
    component,
  };
}

/** How to get from a start to its end: by the clock for a DTEND, by what it says for a DURATION (RFC 5545 §3.6.1). */
function lengthOf(
  component: ICAL.Component,
  ownerZone: string,
  first = momentOf(component.getFirstProperty('dtstart')!, ownerZone),
): (start: Temporal.ZonedDateTime) => Temporal.ZonedDateTime {
  const endsAt = component.getFirstProperty('dtend') ?? component.getFirstProperty('due');
  const duration = component.getFirstPropertyValue('duration');
  if (endsAt) {
    const end = momentOf(endsAt, ownerZone);
    if (first.isDate) {
      const days = Math.max(1, first.at.toPlainDate().until(end.at.toPlainDate(), { largestUnit: 'day' }).days);
      return (start) => start.add({ days });
    }
    const nanoseconds = end.at.epochNanoseconds - first.at.epochNanoseconds;
    if (nanoseconds <= 0n) return (start) => start;
    const seconds = Number(nanoseconds / 1_000_000_000n);
    return (start) => start.add({ seconds });
  }
  if (duration instanceof ICAL.Duration && !duration.isNegative) {
    const { weeks, days, hours, minutes, seconds } = duration;
    return (start) => start.add({ weeks, days, hours, minutes, seconds });
  }
  return first.isDate ? (start) => start.add({ days: 1 }) : (start) => start;
}

/** Where a series' instances start, those left out gone. Exceptions move them afterwards. */
function startsOf(
  master: ICAL.Component,
  asked: { from: Temporal.Instant; to: Temporal.Instant; limit: number },
  ownerZone: string,
  /** Seconds by which exceptions reach further. */
  reachFurther: number,
): { starts: Moment[]; isComplete: boolean } {
  const property = master.getFirstProperty('dtstart')!;
  const first = momentOf(property, ownerZone);
  const length = lengthOf(master, ownerZone, first);
  // An instance that began earlier may still be under way.
  const longer = BigInt(Math.ceil(reachFurther)) * 1_000_000_000n;
  const reach = length(first.at).epochNanoseconds - first.at.epochNanoseconds + longer;
  const from = earlier(asked.from, reach);
  const to = earlier(asked.to, -longer);
  const out = new Set(momentsOf(master, 'exdate', ownerZone).map(keyOf));
  const found = new Map<string, Moment>();
  const add = (moment: Moment) => {
    const key = keyOf(moment);
    if (!out.has(key)) found.set(key, moment);
  };

  let isComplete = true;
  const rules = master.getAllProperties('rrule').slice(0, RULES_AT_MOST);
  // DTSTART is the first instance whether or not the rule would name it (RFC 5545 §3.8.5.3).
  add(first);
  for (const rule of rules) {
    const text = rule.getFirstValue()?.toString() ?? '';
    if (!/(?:^|;)FREQ=/.test(text)) continue;
    const series = new Series(text, first, asked);
    const reached = series.between(from, to, (start) => add(start));
    if (reached || before(first.at, from) || series.goesOn(to)) isComplete = false;
  }
  for (const moment of momentsOf(master, 'rdate', ownerZone)) add(moment);
  return { starts: [...found.values()], isComplete };
}

/** The single dates of a property that may stand several times and hold several values. */
function momentsOf(component: ICAL.Component, name: 'exdate' | 'rdate', ownerZone: string): Moment[] {
  const moments: Moment[] = [];
  for (const property of component.getAllProperties(name)) {
    for (const value of property.getValues()) {
      const time = value instanceof ICAL.Period ? value.start : value;
      if (time instanceof ICAL.Time) moments.push(momentOf(property, ownerZone, time));
      if (moments.length >= DATES_AT_MOST) return moments;
    }
  }
  return moments;
}

/** A moment moved back, no further than time goes. */
function earlier(instant: Temporal.Instant, nanoseconds: bigint): Temporal.Instant {
  const moved = instant.epochNanoseconds - nanoseconds;
  const most = 8_640_000_000_000_000_000_000n;
  return Temporal.Instant.fromEpochNanoseconds(moved < -most ? -most : moved > most ? most : moved);
}

/** iCalendar counts in seconds, so that milliseconds tell all. */
const before = (a: Temporal.Instant | Temporal.ZonedDateTime, b: Temporal.Instant | Temporal.ZonedDateTime) =>
  a.epochMilliseconds < b.epochMilliseconds;
const sameTime = (a: Temporal.ZonedDateTime, b: Temporal.ZonedDateTime) => a.epochNanoseconds === b.epochNanoseconds;
