import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { zoneOf } from '../../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../../faults.ts';

/** A moment as Graph writes it. */
export const writtenTime = z.object({
  dateTime: z.string().max(64),
  timeZone: z.string().max(200).nullish(),
});

/** @throws calendars.unknown-time-zone; request.invalid for what is no date and time. */
export function readMoment({ dateTime, timeZone }: z.output<typeof writtenTime>, name: string): Date {
  const zone = zoneOf(timeZone ?? 'UTC');
  if (zone === undefined) throw calendarsFaults.unknownTimeZone((timeZone ?? '').slice(0, 80));
  try {
    const hasOffset = /T.*(?:[zZ]|[+-]\d\d:?\d\d)$/.test(dateTime);
    const at = hasOffset
      ? Temporal.Instant.from(dateTime)
      : Temporal.PlainDateTime.from(dateTime).toZonedDateTime(zone).toInstant();
    return new Date(at.epochMilliseconds);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw kernelFaults.invalid(`"${name}": "${dateTime}" is no date and time. Write it as 2026-05-04T09:00:00.`);
  }
}

/** The zone that a reader prefers (RFC 7240 `Prefer: outlook.timezone="…"`), as they named it. */
export interface PreferredZone {
  readonly name: string;
  /** An IANA name. */
  readonly zone: string;
  /** For `Preference-Applied`. */
  readonly applied: Readonly<Record<string, string>>;
}

/** @throws calendars.unknown-time-zone. */
export function preferredZone(headers: Readonly<Record<string, string | string[] | undefined>>): PreferredZone {
  const said = [headers.prefer ?? []].flat().join(',');
  const name = /(?:^|[,;\s])outlook\.timezone\s*=\s*"?([^",;]+)"?/i.exec(said)?.[1]?.trim();
  if (name === undefined) return { name: 'UTC', zone: 'UTC', applied: {} };
  const zone = zoneOf(name);
  if (zone === undefined) throw calendarsFaults.unknownTimeZone(name.slice(0, 80));
  return { name, zone, applied: { 'preference-applied': `outlook.timezone="${name}"` } };
}

/** A moment in the reader's zone: seven digits behind the point, no offset. */
export function printMoment(at: Date, { name, zone }: Pick<PreferredZone, 'name' | 'zone'>) {
  const clock = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
  return { dateTime: `${clock.toString({ fractionalSecondDigits: 0 })}.0000000`, timeZone: name };
}

/** The same value with every property named in `names` written that way, whatever its case: samples use both. */
export function inCaseOf(names: readonly string[]) {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const fold = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fold);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [known.get(name.toLowerCase()) ?? name, fold(inner)]),
    );
  };
  return fold;
}
