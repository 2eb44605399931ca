import { expect, test } from 'vitest';
import { draftOf, eventOf, newDraft, problemsOf, withAllDay, withStart } from './event-draft.ts';
import type { CalendarEvent } from './wire.ts';

const ZONE = 'Europe/Stockholm';
const draft = { ...newDraft('2026-03-02T09:00:00', '2026-03-02T10:30:00', false, ZONE), title: 'Review' };

test('what is written comes back from the server as it was written', () => {
  const full = {
    ...draft,
    people: [{ name: 'Bob Kelly', address: 'bob@contoso.example' }],
    room: { displayName: 'Lagoon', emailAddress: 'lagoon@fabrikam.example' },
    repeat: { ...draft.repeat!, every: 'week' as const },
    isPrivate: true,
    reminder: undefined,
    categories: 'Falcon, Pump',
    description: 'Bring drawings.',
  };
  const sent = eventOf(full, { withRepeat: true });
  expect(sent.recurrence?.pattern.daysOfWeek).toEqual(['monday']);
  expect(draftOf({ id: '1', ...sent } as CalendarEvent, ZONE)).toEqual(full);
});

test('one event of a series is sent without the recurrence of the whole', () => {
  expect(eventOf({ ...draft, repeat: { ...draft.repeat!, every: 'day' } }, { withRepeat: false })).not.toHaveProperty(
    'recurrence',
  );
  expect(eventOf(draft, { withRepeat: true }).recurrence).toBeNull();
});

test('the end follows the start, and the weekday of the series with it', () => {
  const moved = withStart(draft, '2026-03-03T14:00:00');
  expect(moved.end).toBe('2026-03-03T15:30:00');
  expect(moved.repeat?.days).toEqual(['tuesday']);
});

test('a whole day ends where the next begins', () => {
  const day = withAllDay(draft, true);
  expect([day.start, day.end]).toEqual(['2026-03-02T00:00:00', '2026-03-03T00:00:00']);
  expect(withAllDay(day, false)).toMatchObject({ start: '2026-03-02T09:00:00', end: '2026-03-02T10:00:00' });
});

test('an event that ends before it begins is not sent', () => {
  expect(problemsOf({ ...draft, end: draft.start })).toEqual({ end: 'calendars.endBeforeStart' });
  expect(problemsOf({ ...draft, repeat: { ...draft.repeat!, every: 'day', ends: 'on', until: '2026-03-01' } })).toEqual(
    { repeat: 'calendars.untilBeforeStart' },
  );
  expect(problemsOf(draft)).toEqual({});
});
