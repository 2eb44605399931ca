import type { PatternedRecurrence, RecurrencePattern, RecurrenceRange } from '@microsoft/microsoft-graph-types';
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { momentOf } from '../../../protocols/icalendar/index.ts';
import type { WrittenTime } from '../../model/series.ts';
import { printZone, zoneNamed } from './times.ts';

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
type Day = (typeof DAYS)[number];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;
const POSITIONS = { first: 1, second: 2, third: 3, fourth: 4, last: -1 } as const;

const code = (day: Day) => day.slice(0, 2).toUpperCase();
const dayOf = (text: string) => DAYS.find((day) => code(day) === text);

const date = z.iso.date();
const day = z.enum(DAYS);

/** Graph `patternedRecurrence`. */
export const recurrenceShape = z.object({
  pattern: z.object({
    type: z.enum(['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly']),
    interval: z.int().min(1).max(999).default(1),
    daysOfWeek: z.array(day).max(7).nullish(),
    firstDayOfWeek: day.nullish(),
    dayOfMonth: z.int().min(0).max(31).nullish(),
    month: z.int().min(0).max(12).nullish(),
    index: z.enum(INDEXES).nullish(),
  }),
  range: z.object({
    type: z.enum(['endDate', 'noEnd', 'numbered']),
    startDate: date.nullish(),
    endDate: date.nullish(),
    numberOfOccurrences: z.int().min(0).max(999).nullish(),
    recurrenceTimeZone: z.string().max(200).nullish(),
  }),
});
type Recurrence = z.output<typeof recurrenceShape>;

/** The rule (RFC 5545 §3.3.10) of a series that starts at `start`. @throws request.invalid naming what is missing. */
export function ruleOf({ pattern, range }: Recurrence, start: WrittenTime): string {
  const parts = [...patternParts(pattern), ...rangeParts(range, start)];
  return parts.join(';');
}

function patternParts(pattern: Recurrence['pattern']): string[] {
  const interval = pattern.interval === 1 ? [] : [`INTERVAL=${pattern.interval}`];
  const monthDays = () => {
    const wanted = needed(pattern.dayOfMonth, 'dayOfMonth');
    if (wanted <= 28) return [`BYMONTHDAY=${wanted}`];
    if (wanted === 31) return ['BYMONTHDAY=-1'];
    // A month that is too short has its last day instead.
    return [`BYMONTHDAY=${wanted === 29 ? '28,29' : '28,29,30'}`, 'BYSETPOS=-1'];
  };
  const month = () => [`BYMONTH=${needed(pattern.month, 'month')}`];
  const weekDays = () => {
    if (!pattern.daysOfWeek?.length) throw missing('daysOfWeek');
    return [...new Set(pattern.daysOfWeek)].map(code);
  };
  const relativeDays = () => {
    const days = weekDays();
    const position = POSITIONS[pattern.index ?? 'first'];
    return days.length === 1 ? [`BYDAY=${position}${days[0]}`] : [`BYDAY=${days.join(',')}`, `BYSETPOS=${position}`];
  };
  switch (pattern.type) {
    case 'daily':
      return ['FREQ=DAILY', ...interval];
    case 'weekly':
      return [
        'FREQ=WEEKLY',
        ...interval,
        `BYDAY=${weekDays().join(',')}`,
        `WKST=${code(pattern.firstDayOfWeek ?? 'sunday')}`,
      ];
    case 'absoluteMonthly':
      return ['FREQ=MONTHLY', ...interval, ...monthDays()];
    case 'relativeMonthly':
      return ['FREQ=MONTHLY', ...interval, ...relativeDays()];
    case 'absoluteYearly':
      return ['FREQ=YEARLY', ...interval, ...month(), ...monthDays()];
    case 'relativeYearly':
      return ['FREQ=YEARLY', ...interval, ...month(), ...relativeDays()];
  }
}

function rangeParts(range: Recurrence['range'], start: WrittenTime): string[] {
  if (range.type === 'noEnd') return [];
  if (range.type === 'numbered') return [`COUNT=${needed(range.numberOfOccurrences, 'numberOfOccurrences')}`];
  if (!range.endDate) throw missing('endDate');
  const last = Temporal.PlainDate.from(range.endDate);
  if (Temporal.PlainDate.compare(last, start.clock.toPlainDate()) < 0) {
    throw kernelFaults.invalid('recurrence: the series ends before it starts.');
  }
  if (start.isDate) return [`UNTIL=${range.endDate.replaceAll('-', '')}`];
  const zone = range.recurrenceTimeZone ? zoneNamed(range.recurrenceTimeZone) : start.zone;
  const until = last.toPlainDateTime('23:59:59').toZonedDateTime(zone).toInstant();
  return [`UNTIL=${until.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}`];
}

function needed(value: number | null | undefined, name: string): number {
  if (!value) throw missing(name);
  return value;
}

const missing = (name: string) => kernelFaults.invalid(`recurrence: this pattern or range needs ${name}.`);

/**
 * A series' rule in Graph's six patterns; null when it says more than they can: then its rule is told as it stands.
 */
export function presentRecurrence(master: ICAL.Component, ownerZone: string): PatternedRecurrence | null {
  const rules = master.getAllProperties('rrule');
  const rule = rules[0]?.getFirstValue();
  if (rules.length !== 1 || !(rule instanceof ICAL.Recur)) return null;
  if (master.hasProperty('rdate') || master.hasProperty('exrule')) return null;
  const first = momentOf(master.getFirstProperty('dtstart') as ICAL.Property, ownerZone);
  const pattern = presentPattern(rule, first.at);
  if (!pattern) return null;
  const range: RecurrenceRange = {
    type: rule.until ? 'endDate' : rule.count ? 'numbered' : 'noEnd',
    startDate: first.at.toPlainDate().toString(),
    endDate: rule.until ? untilDate(rule.until, first.at.timeZoneId) : '0001-01-01',
    recurrenceTimeZone: first.isDate ? printZone(ownerZone) : printZone(first.at.timeZoneId),
    numberOfOccurrences: rule.count ?? 0,
  };
  return { pattern: { ...NOTHING, ...pattern }, range };
}

const NOTHING = { month: 0, dayOfMonth: 0, firstDayOfWeek: 'sunday', index: 'first' } as const;

function untilDate(until: ICAL.Time, zone: string): string {
  if (until.isDate || until.zone !== ICAL.Timezone.utcTimezone) return until.toString().slice(0, 10);
  return Temporal.Instant.fromEpochMilliseconds(until.toJSDate().getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();
}

function presentPattern(rule: ICAL.Recur, first: Temporal.ZonedDateTime): RecurrencePattern | undefined {
  const parts = rule.parts as Readonly<Record<string, (string | number)[] | undefined>>;
  const { BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, ...others } = parts;
  if (Object.values(others).some((values) => values?.length)) return undefined;
  const interval = rule.interval;
  const isMonthly = rule.freq === 'MONTHLY';
  switch (rule.freq) {
    case 'DAILY':
      return BYDAY || BYMONTHDAY || BYMONTH || BYSETPOS ? undefined : { type: 'daily', interval };
    case 'WEEKLY': {
      const days = BYDAY ? BYDAY.map((text) => dayOf(String(text))) : [DAYS[first.dayOfWeek % 7]];
      if (BYMONTHDAY || BYMONTH || BYSETPOS || !days.every((one) => one !== undefined)) return undefined;
      // A rule's week begins on Monday unless it says otherwise.
      const firstDayOfWeek = DAYS[(rule.wkst ?? ICAL.Time.MONDAY) - 1] as Day;
      return { type: 'weekly', interval, daysOfWeek: days as Day[], firstDayOfWeek };
    }
    case 'MONTHLY':
    case 'YEARLY': {
      if (isMonthly ? BYMONTH : BYMONTH && BYMONTH.length !== 1) return undefined;
      const month: { month?: number } = isMonthly ? {} : { month: BYMONTH ? Number(BYMONTH[0]) : first.month };
      if (BYDAY) {
        // Without a month, `2MO` of a yearly rule counts in the year.
        if (BYMONTHDAY || (!isMonthly && !BYMONTH)) return undefined;
        const relative = relativeDays(BYDAY, BYSETPOS);
        return relative && { type: isMonthly ? 'relativeMonthly' : 'relativeYearly', interval, ...month, ...relative };
      }
      if (!isMonthly && BYMONTHDAY && !BYMONTH) return undefined;
      // The days that are in each of the months that it means.
      const always =
        isMonthly || month.month === 2
          ? 28
          : Temporal.PlainYearMonth.from({ year: 2001, month: month.month as number }).daysInMonth;
      const dayOfMonth = monthDay(BYMONTHDAY, BYSETPOS, first.day, always);
      if (dayOfMonth === undefined) return undefined;
      return { type: isMonthly ? 'absoluteMonthly' : 'absoluteYearly', interval, ...month, dayOfMonth };
    }
    default:
      return undefined;
  }
}

function monthDay(
  days: unknown[] | undefined,
  positions: unknown[] | undefined,
  first: number,
  always: number,
): number | undefined {
  if (!days) return positions || first > always ? undefined : first;
  const listed = days.map(Number).toSorted((a, b) => a - b);
  const last = listed.at(-1) as number;
  if (positions) {
    const isShortened = String(positions) === '-1' && listed.every((one, n) => one === 28 + n) && last >= 29;
    return isShortened ? last : undefined;
  }
  if (listed.length !== 1) return undefined;
  if (last === -1) return 31;
  // Graph has the last day of a month that is too short; this rule leaves the month out.
  return last >= 1 && last <= always ? last : undefined;
}

function relativeDays(days: unknown[], positions: unknown[] | undefined): RecurrencePattern | undefined {
  const read = days.map((text) => /^([+-]?\d+)?([A-Z]{2})$/.exec(String(text)));
  const daysOfWeek = read.map((one) => dayOf(one?.[2] ?? ''));
  if (!daysOfWeek.every((one) => one !== undefined)) return undefined;
  const written = positions ?? (read.length === 1 ? [read[0]?.[1]] : []);
  if (written.length !== 1 || (positions && read.some((one) => one?.[1] !== undefined))) return undefined;
  const index = INDEXES.find((name) => POSITIONS[name] === Number(written[0]));
  return index && { daysOfWeek: daysOfWeek as Day[], index };
}
