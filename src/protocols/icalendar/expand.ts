import ICAL from 'ical.js';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { type CalendarObject, CalendarTextError } from './object.ts';
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

/** A rule is followed no further than this, whatever it says; a sparse one would otherwise be followed for ever. */
const STEPS_AT_MOST = 50_000;
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
  for (const component of object.exceptions) {
    const recurrence = component.getFirstProperty('recurrence-id');
    if (recurrence)
      standing.set(
        keyOf(momentOf(recurrence, ownerZone)),
        instanceOf(component, ownerZone, keyOf(momentOf(recurrence, ownerZone))),
      );
  }
  const { master } = object;
  if (master && !repeats(master)) instances.push(...[instanceOf(master, ownerZone, '')].filter(overlaps));
  else if (master) {
    const series = startsOf(master, asked, ownerZone);
    isComplete = series.isComplete;
    const length = lengthOf(master, ownerZone);
    for (const start of series.starts) {
      const key = keyOf(start);
      if (standing.has(key)) continue;
      const instance = {
        recurrenceId: key,
        start: start.at,
        end: length(start.at),
        isAllDay: start.isDate,
        component: master,
      };
      if (overlaps(instance)) instances.push(instance);
    }
  }
  for (const exception of standing.values()) {
    if (overlaps(exception)) instances.push(exception);
    else isComplete = false;
  }
  instances.sort((a, b) => Temporal.ZonedDateTime.compare(a.start, b.start));
  if (instances.length > asked.limit) return { instances: instances.slice(0, asked.limit), isComplete: false };
  return { instances, isComplete };
}

/** Whether an event has more than the one instance at its DTSTART. */
export const repeats = (component: ICAL.Component): boolean =>
  component.hasProperty('rrule') || component.hasProperty('rdate');

/** A moment as a recurrence's key. */
export function keyOf({ at, isDate }: Moment): string {
  if (isDate) return at.toPlainDate().toString().replaceAll('-', '');
  return `${at.toInstant().toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}`;
}

/** The single instance that a component describes. */
export function instanceOf(component: ICAL.Component, ownerZone: string, recurrenceId: string): Instance {
  const property = component.getFirstProperty('dtstart');
  if (!property) throw new RangeError('An event needs a DTSTART.');
  const start = momentOf(property, ownerZone);
  return {
    recurrenceId,
    start: start.at,
    end: lengthOf(component, ownerZone)(start.at),
    isAllDay: start.isDate,
    component,
  };
}

/** How to get from a start to its end: by the clock for a DTEND, by what it says for a DURATION (RFC 5545 §3.6.1). */
function lengthOf(
  component: ICAL.Component,
  ownerZone: string,
): (start: Temporal.ZonedDateTime) => Temporal.ZonedDateTime {
  const first = momentOf(component.getFirstProperty('dtstart')!, ownerZone);
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
): { starts: Moment[]; isComplete: boolean } {
  const property = master.getFirstProperty('dtstart')!;
  const first = momentOf(property, ownerZone);
  const length = lengthOf(master, ownerZone);
  // An instance that began earlier may still be under way.
  const reach = length(first.at).epochNanoseconds - first.at.epochNanoseconds;
  const from = Temporal.Instant.fromEpochNanoseconds(asked.from.epochNanoseconds - reach);
  const out = new Set(momentsOf(master, 'exdate', ownerZone).map(keyOf));
  const found = new Map<string, Moment>();
  const add = (moment: Moment) => {
    const key = keyOf(moment);
    if (!out.has(key)) found.set(key, moment);
  };

  let isComplete = true;
  const rules = master.getAllProperties('rrule');
  if (rules.length === 0) add(first);
  for (const rule of rules) {
    const text = rule.getFirstValue()?.toString() ?? '';
    const series = new RRuleTemporal({
      rruleString: `RRULE:${adaptUntil(text, first)}`,
      dtstart: first.at as never,
      temporal: Temporal as never,
      includeDtstart: true,
      maxIterations: STEPS_AT_MOST,
      cache: false,
    });
    const reached = follow(() => {
      const starts = series.between(new Date(from.epochMilliseconds), new Date(asked.to.epochMilliseconds), true);
      for (const start of starts.slice(0, asked.limit + 1)) {
        add({ at: start as unknown as Temporal.ZonedDateTime, isDate: first.isDate });
      }
      return starts.length > asked.limit;
    });
    if (reached || before(first.at, from) || goesOn(series, asked.to)) isComplete = false;
  }
  for (const moment of momentsOf(master, 'rdate', ownerZone)) add(moment);
  return { starts: [...found.values()], isComplete };
}

/** The first instance that a rule has from `start` on; undefined: none before anybody would wait for it. */
export function firstOf(rule: string, start: Moment): Temporal.ZonedDateTime | undefined {
  try {
    const series = new RRuleTemporal({
      rruleString: `RRULE:${adaptUntil(rule, start)}`,
      dtstart: start.at as never,
      temporal: Temporal as never,
      includeDtstart: false,
      maxIterations: STEPS_AT_MOST,
      cache: false,
    });
    return (series.next(new Date(start.at.epochMilliseconds), true) ?? undefined) as Temporal.ZonedDateTime | undefined;
  } catch (error) {
    if (!/Maximum (iterations|candidate)/i.test((error as Error).message)) throw error;
    return undefined;
  }
}

/** Whether a series has an instance after a time; one too sparse to tell may have. */
function goesOn(series: RRuleTemporal, after: Temporal.Instant): boolean {
  try {
    return series.next(new Date(after.epochMilliseconds), false) !== null;
  } catch {
    return true;
  }
}

/** @throws CalendarTextError when a rule goes on longer than anybody's calendar. */
function follow<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!/Maximum (iterations|candidate)/i.test((error as Error).message)) throw error;
    throw new CalendarTextError('max-instances', 'The series has more instances than a calendar can hold.');
  }
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

/** UNTIL as the library wants it: in UTC when the start has a time. Clients write local times and dates as well. */
function adaptUntil(rule: string, first: Moment): string {
  return rule.replace(/UNTIL=(\d{8})(?:T(\d{6})(Z?))?/i, (_found, day: string, clock?: string, utc?: string) => {
    if (utc) return `UNTIL=${day}T${clock}Z`;
    const iso = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${(clock ?? '235959').replace(/(..)(..)(..)/, '$1:$2:$3')}`;
    const until = Temporal.PlainDateTime.from(iso).toZonedDateTime(first.at.timeZoneId).toInstant();
    return `UNTIL=${until.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}`;
  });
}

const instantOf = (at: Temporal.Instant | Temporal.ZonedDateTime) =>
  at instanceof Temporal.Instant ? at : at.toInstant();
const before = (a: Temporal.Instant | Temporal.ZonedDateTime, b: Temporal.Instant | Temporal.ZonedDateTime) =>
  Temporal.Instant.compare(instantOf(a), instantOf(b)) < 0;
const sameTime = (a: Temporal.ZonedDateTime, b: Temporal.ZonedDateTime) => a.epochNanoseconds === b.epochNanoseconds;
