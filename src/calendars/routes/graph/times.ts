import type { DateTimeTimeZone } from '@microsoft/microsoft-graph-types';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { windowsNameOf, zoneOf } from '../../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../../faults.ts';
import type { WrittenTime } from '../../model/series.ts';

export const dateTimeTimeZone = z.object({
  dateTime: z.string().max(64),
  timeZone: z.string().max(200).nullish(),
});

/** @throws calendars.unknown-time-zone for a name that is none. */
export function zoneNamed(name: string): string {
  const zone = zoneOf(name);
  if (zone === undefined) throw calendarsFaults.unknownTimeZone(name.slice(0, 80));
  return zone;
}

/** A Graph `dateTimeTimeZone`. @throws request.invalid. */
export function readTime(
  { dateTime, timeZone }: z.output<typeof dateTimeTimeZone>,
  isDate: boolean,
  name: string,
): WrittenTime {
  const zone = zoneNamed(timeZone ?? 'UTC');
  try {
    const hasOffset = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(dateTime) && dateTime.includes('T');
    const clock = hasOffset
      ? Temporal.Instant.from(dateTime).toZonedDateTimeISO(zone).toPlainDateTime()
      : Temporal.PlainDateTime.from(dateTime);
    // Beyond these no calendar program goes.
    if (clock.year >= 1601 && clock.year <= 4500) return { clock: clock.round('second'), zone, isDate };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw kernelFaults.invalid(`${name}: "${dateTime}" is no date and time. Write it as 2026-05-04T09:00:00.`);
}

/** The moment that a Graph `dateTimeTimeZone` means. @throws as reading one does. */
export function momentOf(written: z.output<typeof dateTimeTimeZone>, name: string): Date {
  const { clock, zone } = readTime(written, false, name);
  return new Date(clock.toZonedDateTime(zone).epochMilliseconds);
}

/** How Graph writes a clock: seven digits behind the point, no offset. */
export const printClock = (clock: Temporal.PlainDateTime): string =>
  `${clock.toString({ fractionalSecondDigits: 0 })}.0000000`;

/** The reader's zone, as they named it. */
export interface ReaderZone {
  readonly name: string;
  /** An IANA name. */
  readonly zone: string;
}

/** A moment in the reader's zone; a whole day keeps its date, wherever the reader is. */
export function printTime(at: Date, isAllDay: boolean, ownerZone: string, reader: ReaderZone): DateTimeTimeZone {
  const zone = isAllDay ? ownerZone : reader.zone;
  const clock = new Date(at.getTime() + offsetAt(at.getTime(), zone)).toISOString().slice(0, 19);
  return { dateTime: `${clock}.0000000`, timeZone: reader.name };
}

const QUARTER = 900_000;
const offsets = new Map<string, number>();

/**
 * Milliseconds that a zone is ahead of UTC, remembered by the quarter of an hour: no zone has changed its offset within
 * one since 1972, and a view of a thousand events asks for it two thousand times.
 */
function offsetAt(at: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = at < 63_072_000_000 ? at : Math.floor(at / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
    if (offsets.size >= 20_000) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

/** A zone by the name that the reference product's programs use. */
export const printZone = (zone: string): string => windowsNameOf(zone) ?? zone;

/**
 * `startDateTime` and `endDateTime` of a view: without an offset they are in UTC.
 * @throws request.invalid when they are no times, the wrong way round, or too far apart.
 */
export function readWindow(asked: { startDateTime?: string | undefined; endDateTime?: string | undefined }) {
  const { startDateTime, endDateTime } = asked;
  if (startDateTime === undefined || endDateTime === undefined)
    throw kernelFaults.invalid('A view needs startDateTime and endDateTime.');
  const window = { from: readInstant(startDateTime, 'startDateTime'), to: readInstant(endDateTime, 'endDateTime') };
  const days = (window.to.getTime() - window.from.getTime()) / 86_400_000;
  if (days < 0) throw kernelFaults.invalid('endDateTime is before startDateTime.');
  if (days > VIEW_DAYS) throw kernelFaults.invalid(`A view spans at most ${VIEW_DAYS} days.`);
  return window;
}

/** As in the reference product. */
const VIEW_DAYS = 1_825;

export function readInstant(text: string, name: string): Date {
  // In an address, a plus that nobody encoded arrives as a space.
  const iso = text.trim().replace(/ (?=\d\d:?\d\d$)/, '+');
  try {
    if (/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(iso) && iso.includes('T')) {
      return new Date(Temporal.Instant.from(iso).epochMilliseconds);
    }
    return new Date(Temporal.PlainDateTime.from(iso).toZonedDateTime('UTC').epochMilliseconds);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw kernelFaults.invalid(`${name}: "${text.slice(0, 64)}" is no date and time.`);
  }
}
