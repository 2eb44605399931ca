import { expect, test } from 'vitest';
import { readKept } from './kept.ts';
import { nextStop, wishOf } from './keyboard.ts';

const press = (key: string, held: Partial<Parameters<typeof wishOf>[0]> = {}) =>
  wishOf({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

test('the calendar has its own keys and leaves the others alone', () => {
  expect(press('n')).toEqual({ do: 'new' });
  expect(press('2')).toEqual({ do: 'view', view: 'workWeek' });
  expect(press('5')).toEqual({ do: 'view', view: 'agenda' });
  expect(press('6')).toBeUndefined();
  expect(press('n', { ctrlKey: true })).toBeUndefined();
  expect(press('ArrowDown', { altKey: true })).toEqual({ do: 'move', days: 0, minutes: 15 });
  expect(press('ArrowUp', { altKey: true, shiftKey: true })).toEqual({ do: 'resize', minutes: -15 });
  expect(press('ArrowLeft', { altKey: true, shiftKey: true })).toBeUndefined();
});

const stops = [
  { key: 'a', start: '2026-03-02T09:00:00' },
  { key: 'b', start: '2026-03-02T13:00:00' },
  { key: 'c', start: '2026-03-04T08:00:00' },
  { key: 'd', start: '2026-03-04T12:00:00' },
];

test('arrows walk through the events in the order of time, and over empty days', () => {
  expect(nextStop(stops, undefined, 'after')?.key).toBe('a');
  expect(nextStop(stops, 'a', 'after')?.key).toBe('b');
  expect(nextStop(stops, 'a', 'before')).toBeUndefined();
  expect(nextStop(stops, 'a', 'dayAfter')?.key).toBe('d');
  expect(nextStop(stops, 'b', 'dayAfter')?.key).toBe('d');
  expect(nextStop(stops, 'd', 'dayBefore')?.key).toBe('b');
  expect(nextStop(stops, 'd', 'dayAfter')).toBeUndefined();
});

test('what was kept in the browser and got damaged is as if nothing were kept', () => {
  expect(readKept('{')).toEqual({ hidden: [], people: [] });
  expect(readKept('{"hidden":3,"people":[null]}')).toEqual({ hidden: [], people: [] });
  expect(readKept('{"view":"month"}').view).toBe('month');
});
