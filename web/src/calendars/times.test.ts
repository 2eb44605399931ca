import { expect, test } from 'vitest';
import {
  addDays,
  firstDayOfWeek,
  instantOf,
  knownZone,
  minutesBetween,
  nextHalfHour,
  plus,
  sayPeriod,
  wallIn,
  wallOf,
  weekdayOf,
} from './times.ts';

test('a moment of the wire is shown on the clock of another zone, on both sides of a change of clocks', () => {
  const at = (dateTime: string) => wallOf({ dateTime, timeZone: 'UTC' }, 'Europe/Stockholm');
  expect(at('2026-03-28T08:00:00.0000000')).toBe('2026-03-28T09:00:00');
  expect(at('2026-03-29T08:00:00.0000000')).toBe('2026-03-29T10:00:00');
  expect(wallIn('2026-03-30T09:00:00', 'Europe/Stockholm', 'Asia/Shanghai')).toBe('2026-03-30T15:00:00');
});

test('a clock in its own zone is left alone, also in the hour that does not exist', () => {
  const moment = { dateTime: '2026-03-29T02:30:00.0000000', timeZone: 'Europe/Stockholm' };
  expect(wallOf(moment, 'Europe/Stockholm')).toBe('2026-03-29T02:30:00');
});

test('a day later is the same time of day, even when that day has 23 hours', () => {
  expect(plus('2026-03-28T09:00:00', { days: 1 })).toBe('2026-03-29T09:00:00');
  expect(minutesBetween('2026-03-28T09:00:00', '2026-03-29T09:00:00')).toBe(1440);
  const [before, after] = ['2026-03-28T09:00:00', '2026-03-29T09:00:00'].map((wall) =>
    instantOf(wall, 'Europe/Stockholm').getTime(),
  );
  expect(after! - before!).toBe(23 * 3_600_000);
});

test('a zone is known by its Windows name too, and one that nobody knows is replaced', () => {
  expect(knownZone('GMT Standard Time', 'UTC')).toBe('Europe/London');
  expect(knownZone('Fabrikam Time', 'UTC')).toBe('UTC');
  expect(knownZone('Europe/Stockholm', 'UTC')).toBe('Europe/Stockholm');
});

test('the week begins where the language is spoken', () => {
  expect(firstDayOfWeek('sv', ['sv-SE'])).toBe(1);
  expect(firstDayOfWeek('en', ['en-GB', 'en'])).toBe(1);
  expect(firstDayOfWeek('en', ['en-US'])).toBe(0);
});

test('days are counted by the calendar', () => {
  expect(addDays('2026-02-27', 2)).toBe('2026-03-01');
  expect(weekdayOf('2026-03-01')).toBe(0);
  expect(nextHalfHour('2026-03-01T23:31:00')).toBe('2026-03-02T00:00:00');
});

test('whole days are told without their last midnight', () => {
  expect(sayPeriod('2026-03-03T00:00:00', '2026-03-04T00:00:00', true, 'en-GB')).toMatch(/^Tue,? 3 Mar$/);
  expect(sayPeriod('2026-03-03T09:00:00', '2026-03-03T10:30:00', false, 'en-GB')).toMatch(
    /Tue,? 3 Mar,? 09:00\s?–\s?10:30/,
  );
});
