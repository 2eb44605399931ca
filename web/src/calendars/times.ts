import { Temporal } from 'temporal-polyfill';
import { findIana } from 'windows-iana';
import type { Moment } from './wire.ts';

/**
 * Times of calendars are wall clocks: `2026-03-30T09:00:00`, read in one zone. Only here are they turned into moments
 * and back, so that a day of 23 or 25 hours is reckoned with once.
 */
export type Wall = string;

const CLOCK = { smallestUnit: 'second' } as const;

/** The browser's own zone, for people whose mailbox names none. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A zone this browser can reckon with, also by its Windows name, as servers say it; else the fallback. */
export function knownZone(zone: string | undefined, fallback = ownZone()): string {
  if (!zone) return fallback;
  const others = findIana(zone) as string[];
  // Of several places with one clock, people look for their own.
  if (others.includes(ownZone())) return ownZone();
  for (const name of [zone, ...others]) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    } catch {
      // A Windows name, or one newer than this browser.
    }
  }
  return fallback;
}

/** A moment of the wire on the wall clock of `zone`. */
export function wallOf({ dateTime, timeZone }: Moment, zone: string): Wall {
  const plain = Temporal.PlainDateTime.from(dateTime.replace(/Z$/, ''));
  const from = knownZone(timeZone, 'UTC');
  if (from === zone) return plain.toString(CLOCK);
  return plain.toZonedDateTime(from).withTimeZone(zone).toPlainDateTime().toString(CLOCK);
}

/** The instant of a wall clock in a zone. A clock that is shown twice means the first time. */
export const instantOf = (wall: Wall, zone: string): Date =>
  new Date(Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds);

/** An instant on the wall clock of a zone. */
export const wallAt = (at: Date, zone: string): Wall =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone).toPlainDateTime().toString(CLOCK);

/** What another zone's clock shows at the same moment. */
export const wallIn = (wall: Wall, from: string, to: string): Wall =>
  Temporal.PlainDateTime.from(wall).toZonedDateTime(from).withTimeZone(to).toPlainDateTime().toString(CLOCK);

/** On the clock: nine o'clock plus a day is nine o'clock. */
export const plus = (wall: Wall, span: { days?: number; minutes?: number }): Wall =>
  Temporal.PlainDateTime.from(wall).add(span).toString(CLOCK);

/** Minutes from one clock to another, as the clock counts them. */
export const minutesBetween = (from: Wall, to: Wall): number =>
  Temporal.PlainDateTime.from(from).until(Temporal.PlainDateTime.from(to), { largestUnit: 'minute' }).minutes;

export const dayOf = (wall: Wall): string => wall.slice(0, 10);
export const clockOf = (wall: Wall): string => wall.slice(11, 16);
export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days;
/** 0 for Sunday, as calendars of this product count. */
export const weekdayOf = (day: string): number => Temporal.PlainDate.from(day).dayOfWeek % 7;

/** The next half hour, for an event that is begun without a time. */
export function nextHalfHour(wall: Wall): Wall {
  const plain = Temporal.PlainDateTime.from(wall);
  return plain.round({ smallestUnit: 'minute', roundingIncrement: 30, roundingMode: 'ceil' }).toString(CLOCK);
}

/** A wall clock as `Intl` formats it: told in UTC, so that nothing is shifted. */
export function say(wall: Wall, language: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(new Date(`${wall.slice(0, 19)}Z`));
}

/** "Tuesday 3 March 09:00–10:00", "3–5 March" for whole days. The end of whole days is the day after the last. */
export function sayPeriod(start: Wall, end: Wall, isAllDay: boolean, language: string): string {
  const last = isAllDay ? plus(end, { days: -1 }) : end;
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(isAllDay ? {} : { hour: 'numeric', minute: '2-digit' }),
    timeZone: 'UTC',
  };
  return new Intl.DateTimeFormat(language, options).formatRange(
    new Date(`${start.slice(0, 19)}Z`),
    new Date(`${last.slice(0, 19)}Z`),
  );
}

/** "09:00–10:00", as the language tells the time of day. */
export function sayClocks(start: Wall, end: Wall, language: string): string {
  const format = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' });
  return format.formatRange(new Date(`${start.slice(0, 19)}Z`), new Date(`${end.slice(0, 19)}Z`));
}

/** The first day of the week where this language is spoken: 0 for Sunday. Europe's English begins on Monday. */
export function firstDayOfWeek(language: string, wanted: readonly string[]): number {
  const tag = wanted.find((one) => one.split('-')[0] === language.split('-')[0]) ?? language;
  const locale = new Intl.Locale(tag) as Intl.Locale & { getWeekInfo?(): { firstDay: number } };
  const said = locale.getWeekInfo?.().firstDay;
  if (said !== undefined) return said % 7;
  return /^en($|-US|-CA|-IN)/.test(tag) ? 0 : 1;
}

/** How a zone is told: "Central European Time (GMT+1)". */
export function sayZone(zone: string, language: string, at = new Date()): string {
  const part = (timeZoneName: 'longGeneric' | 'shortOffset') =>
    new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName })
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? zone;
  const [name, offset] = [part('longGeneric'), part('shortOffset')];
  return name === offset ? name : `${name} (${offset})`;
}

/** Every zone the browser knows, for a choice. */
export function allZones(...more: string[]): string[] {
  const known =
    (Intl as unknown as { supportedValuesOf?(key: string): string[] }).supportedValuesOf?.('timeZone') ?? [];
  return [...new Set(['UTC', ...more, ...known])].sort();
}
