import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { CalendarTextError } from './object.ts';
import type { Moment } from './zones.ts';

/** A rule is followed no further than this, whatever it says; a sparse one would otherwise be followed for ever. */
const STEPS_AT_MOST = 50_000;
/** Instances that a rule may name in what is asked, before EXDATE and exceptions: counted beforehand, not while they come. */
const NAMED_AT_MOST = 20_000;
const DAY_NANOSECONDS = 86_400_000_000_000n;

/** The instances that one RRULE names. Rules of a zone that only the calendar knows run by its clock. */
export class Series {
  readonly #rule: RRuleTemporal;
  readonly #first: Moment;
  readonly #limit: number;
  readonly #perDay: number;
  readonly #ends: Temporal.Instant | undefined;
  readonly #count: number;

  /** @throws CalendarTextError when the rule is none. */
  constructor(text: string, first: Moment, { limit, includeFirst = true }: { limit: number; includeFirst?: boolean }) {
    const parts = partsOf(text);
    this.#first = first;
    this.#limit = limit;
    this.#perDay = densityOf(parts);
    const until = parts.get('UNTIL');
    this.#ends = until === undefined ? undefined : untilOf(until, first);
    this.#count = Number(parts.get('COUNT') ?? Number.POSITIVE_INFINITY);
    const dtstart = first.ownZone ? first.at.toPlainDateTime().toZonedDateTime('UTC') : first.at;
    if (this.#ends) parts.set('UNTIL', basic(this.#inside(this.#ends)));
    // Together they contradict each other; the nearer end counts.
    try {
      this.#rule = new RRuleTemporal({
        rruleString: `RRULE:${[...parts].map(([name, value]) => `${name}=${value}`).join(';')}`,
        dtstart: dtstart as never,
        temporal: Temporal as never,
        includeDtstart: includeFirst,
        maxIterations: STEPS_AT_MOST,
        cache: false,
      });
    } catch (error) {
      throw new CalendarTextError(
        'valid-calendar-data',
        `"RRULE:${text.slice(0, 100)}" is no rule: ${(error as Error).message}`,
      );
    }
  }

  /** Calls with each instance that starts in `[from, to)`. Whether there were more than the limit. */
  between(from: Temporal.Instant, to: Temporal.Instant, found: (start: Moment) => void): boolean {
    this.#refuseTooMany(from, to);
    const starts = follow(
      () => this.#rule.between(dateOf(this.#inside(from)), dateOf(this.#inside(to)), true) as unknown[],
    ) as Temporal.ZonedDateTime[];
    for (const start of starts.slice(0, this.#limit + 1)) found(this.#outside(start));
    return starts.length > this.#limit;
  }

  /** The first instance from the start on; undefined: none before anybody would wait for it. */
  firstNamed(): Temporal.ZonedDateTime | undefined {
    const [found] = follow(() => [
      this.#rule.next(dateOf(this.#inside(this.#first.at.toInstant())), true) as Temporal.ZonedDateTime | null,
    ]);
    return found ? this.#outside(found).at : undefined;
  }

  /** Whether there is an instance after a time; a series too sparse to tell may have one. */
  goesOn(after: Temporal.Instant): boolean {
    if (this.#ends && Temporal.Instant.compare(this.#ends, after) < 0) return false;
    try {
      return this.#rule.next(dateOf(this.#inside(after)), false) !== null;
    } catch {
      return true;
    }
  }

  /** @throws CalendarTextError `max-instances` for a rule that would be followed too long. */
  #refuseTooMany(from: Temporal.Instant, to: Temporal.Instant): void {
    const start = this.#first.at.toInstant();
    const end = this.#ends && Temporal.Instant.compare(this.#ends, to) < 0 ? this.#ends : to;
    const begin = this.#perDay > 1 || Temporal.Instant.compare(start, from) > 0 ? start : from;
    const days = Number((end.epochNanoseconds - begin.epochNanoseconds) / DAY_NANOSECONDS) + 1;
    if (Math.min(this.#count, days * this.#perDay) > NAMED_AT_MOST) throw tooMany();
  }

  /** A moment as the rule's own clock has it. */
  #inside(instant: Temporal.Instant): Temporal.Instant {
    const { ownZone } = this.#first;
    return ownZone ? ownZone.clock(instant).toZonedDateTime('UTC').toInstant() : instant;
  }

  #outside(start: Temporal.ZonedDateTime): Moment {
    const { ownZone, isDate } = this.#first;
    return ownZone ? { at: ownZone.at(start.toPlainDateTime()), isDate, ownZone } : { at: start, isDate };
  }
}

/** The first instance that a rule itself names from `start` on; undefined: none before anybody would wait for it. */
export function firstOf(rule: string, start: Moment): Temporal.ZonedDateTime | undefined {
  try {
    return new Series(rule, start, { limit: 1, includeFirst: false }).firstNamed();
  } catch (error) {
    if (error instanceof CalendarTextError && error.rule === 'max-instances') return undefined;
    throw error;
  }
}

/** The parts of a rule by their names, the first of each; unknown ones left out. */
function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split('=');
    if (PARTS.has(name) && value !== '' && !parts.has(name)) parts.set(name, value);
  }
  return parts;
}
const PARTS = new Set(
  'FREQ INTERVAL COUNT UNTIL BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS WKST RSCALE SKIP'.split(
    ' ',
  ),
);

/** About how many instances a day a rule names, seldom fewer than it does. */
function densityOf(parts: ReadonlyMap<string, string>): number {
  const list = (name: string) => parts.get(name)?.split(',') ?? [];
  const several = (name: string) => Math.max(1, new Set(list(name)).size);
  const interval = Math.max(1, Number(parts.get('INTERVAL') ?? 1));
  const seconds = several('BYSECOND');
  const times = seconds * several('BYMINUTE');
  switch (parts.get('FREQ')) {
    case 'SECONDLY':
      return 86_400 / interval;
    case 'MINUTELY':
      return (1_440 / interval) * seconds;
    case 'HOURLY':
      return (list('BYHOUR').length > 0 ? several('BYHOUR') : 24 / interval) * times;
    case 'DAILY':
      return (times * several('BYHOUR')) / interval;
    case 'WEEKLY':
      return (times * several('BYHOUR') * several('BYDAY')) / 7 / interval;
    default: {
      // Of a month or a year: by its days, however they are named.
      const byDay = list('BYDAY');
      const numbered = byDay.filter((day) => /\d/.test(day)).length;
      const days =
        byDay.length > numbered || list('BYWEEKNO').length > 0
          ? 1
          : Math.min(
              1,
              (Math.max(1, numbered + list('BYMONTHDAY').length + list('BYYEARDAY').length) * several('BYMONTH')) / 28,
            );
      const rare = parts.get('FREQ') === 'YEARLY' && days < 1 && parts.size <= 2 ? 1 / 12 : 1;
      return (times * several('BYHOUR') * days * rare) / (days === 1 ? 1 : interval);
    }
  }
}

/** UNTIL as a moment. Clients write it in UTC, as a local time and as a date, whatever the start is. */
function untilOf(text: string, first: Moment): Temporal.Instant {
  const [, day = '', clock = '235959', utc] = /^(\d{8})(?:T(\d{6})(Z?))?/.exec(text.replace(/[-:]/g, '')) ?? [];
  try {
    const plain = Temporal.PlainDateTime.from(
      `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${clock.replace(/(..)(..)(..)/, '$1:$2:$3')}`,
    );
    // Of whole days the date counts, whatever time stands beside it.
    if (first.isDate)
      return plain.toPlainDate().toZonedDateTime({ timeZone: first.at.timeZoneId, plainTime: '23:59:59' }).toInstant();
    if (utc) return plain.toZonedDateTime('UTC').toInstant();
    return (first.ownZone?.at(plain) ?? plain.toZonedDateTime(first.at.timeZoneId)).toInstant();
  } catch {
    throw new CalendarTextError('valid-calendar-data', `"UNTIL=${text.slice(0, 40)}" is no time.`);
  }
}

/** @throws CalendarTextError when a rule goes on longer than anybody's calendar. */
function follow<T>(act: () => T[]): T[] {
  try {
    return act();
  } catch (error) {
    if (/Maximum (iterations|candidate)/i.test((error as Error).message)) throw tooMany();
    // The next instance lies beyond what can be told: there is none.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

const tooMany = () => new CalendarTextError('max-instances', 'The series has more instances than a calendar can hold.');
const dateOf = (instant: Temporal.Instant) => new Date(instant.epochMilliseconds);
const basic = (instant: Temporal.Instant) => instant.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '');
