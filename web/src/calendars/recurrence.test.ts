import { expect, test } from 'vitest';
import { fromRecurrence, movedWith, noRepeat, splitBefore, toRecurrence } from './recurrence.ts';

const START = '2026-03-31T09:00:00';
const ZONE = 'Europe/Stockholm';

test('every way the form repeats comes back as it was sent', () => {
  for (const every of ['day', 'week', 'month', 'monthWeekday', 'year'] as const) {
    for (const ends of ['never', 'on', 'after'] as const) {
      const repeat = { ...noRepeat(START), every, ends, interval: 2, count: 7, until: '2026-09-01' };
      const back = fromRecurrence(toRecurrence(repeat, START, ZONE), START);
      expect(back).toMatchObject({ every, ends, interval: 2 });
      if (ends === 'on') expect(back?.until).toBe('2026-09-01');
      if (ends === 'after') expect(back?.count).toBe(7);
    }
  }
});

test('what does not repeat has no recurrence', () => {
  expect(toRecurrence(noRepeat(START), START, ZONE)).toBeUndefined();
});

test('a fifth Tuesday is the last one: not every month has five', () => {
  const repeat = { ...noRepeat(START), every: 'monthWeekday' } as const;
  expect(toRecurrence(repeat, START, ZONE)?.pattern).toMatchObject({ index: 'last', daysOfWeek: ['tuesday'] });
});

test('a pattern that the form has no words for is not bent into another', () => {
  const weird = {
    pattern: { type: 'relativeYearly', interval: 1, daysOfWeek: ['monday'], index: 'first', month: 5 },
    range: { type: 'noEnd', startDate: '2026-03-31' },
  } as const;
  expect(fromRecurrence(weird, START)).toBeUndefined();
});

test('a series is cut so that no instance is lost or doubled', () => {
  const weekly = toRecurrence({ ...noRepeat(START), every: 'week', ends: 'after', count: 10 }, START, ZONE)!;
  const { before, after } = splitBefore(weekly, '2026-04-14T09:00:00', 2);
  expect(before.range).toMatchObject({ type: 'endDate', endDate: '2026-04-13', startDate: '2026-03-31' });
  expect(before.range.numberOfOccurrences).toBeUndefined();
  expect(after.range).toMatchObject({ type: 'numbered', numberOfOccurrences: 8, startDate: '2026-04-14' });
});

test('a whole series that moves from Tuesday to Thursday repeats on Thursdays', () => {
  const weekly = toRecurrence({ ...noRepeat(START), every: 'week' }, START, ZONE)!;
  const moved = movedWith(weekly, START, '2026-04-02T10:00:00');
  expect(moved.pattern.daysOfWeek).toEqual(['thursday']);
  expect(moved.range.startDate).toBe('2026-04-02');
});
