import { expect, test } from 'vitest';
import { compare } from './sort.ts';
import { dayField, endOfDay, relativeTime } from './when.ts';

const now = new Date('2026-11-20T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test('a time is told in the unit that says most, in the language of the reader', () => {
  expect(relativeTime(later(-3 * 86_400), now, 'en')).toBe('3 days ago');
  expect(relativeTime(later(-86_400), now, 'sv')).toBe('i går');
  expect(relativeTime(later(2 * 3_600), now, 'zh-Hans')).toBe('2小时后');
  expect(relativeTime(later(-5), now, 'en')).toBe('now');
  expect(relativeTime(later(13 * 86_400), now, 'en')).toBe('in 13 days');
  expect(relativeTime(later(14 * 86_400 - 5), now, 'en')).toBe('in 2 weeks');
  expect(relativeTime(later(45 * 86_400), now, 'en')).toBe('in 6 weeks');
  expect(relativeTime(later(60 * 86_400 - 5), now, 'en')).toBe('in 2 months');
  expect(relativeTime(later(-365 * 86_400), now, 'en')).toBe('12 months ago');
  expect(relativeTime(later(730 * 86_400), now, 'en')).toBe('in 2 years');
});

test('an end date lasts until the end of its day, and comes back as the same day', () => {
  const end = endOfDay('2027-06-30');
  expect(end?.getHours()).toBe(23);
  expect(dayField(end)).toBe('2027-06-30');
  expect(endOfDay('')).toBeUndefined();
});

test('empty values sort last in both directions', () => {
  const values = ['b', undefined, 'a10', 'a2'];
  const sorted = (isDescending: boolean) => [...values].sort((l, r) => compare(l, r, isDescending, 'en'));
  // Array.prototype.sort moves undefined to the end by itself; null shows that compare does too.
  expect(sorted(false)).toEqual(['a2', 'a10', 'b', undefined]);
  expect([null, 'a', 'b'].sort((l, r) => compare(l, r, true, 'en'))).toEqual(['b', 'a', null]);
});
