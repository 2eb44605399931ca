import { expect, test } from 'vitest';
import { dueReminders } from './due-reminders.ts';

const event = { id: '1', start: '2026-03-02T09:00:00', isReminderOn: true, minutesBefore: 15 };
const at = (clock: string) => new Date(`2026-03-02T${clock}:00Z`);
const due = (clock: string, told = new Set<string>(), more = {}) =>
  dueReminders([{ ...event, ...more }], at(clock), 'Europe/Stockholm', told).length;

test('a reminder comes up its minutes before the start, on the clock of the reader, and once', () => {
  expect(due('07:44')).toBe(0);
  expect(due('07:45')).toBe(1);
  expect(due('07:59')).toBe(1);
  expect(due('07:50', new Set(['1 2026-03-02T09:00:00']))).toBe(0);
});

test('what has begun is not reminded of, but what is reminded of at its start is', () => {
  expect(due('08:00')).toBe(0);
  expect(due('08:05', new Set(), { minutesBefore: 0 })).toBe(1);
  expect(due('08:10', new Set(), { minutesBefore: 0 })).toBe(0);
  expect(due('07:50', new Set(), { isReminderOn: false })).toBe(0);
});
