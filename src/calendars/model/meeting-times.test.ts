import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schedule } from './availability.ts';
import { type MeetingSearch, suggestTimes } from './meeting-times.ts';
import type { ShowAs } from './occurrence.ts';

const HOURS = {
  daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  startTime: '08:00',
  endTime: '17:00',
  timeZone: 'Europe/Stockholm',
} as const;
const at = (text: string) => new Date(`${text}:00+02:00`);
const person = (...items: (readonly [ShowAs, string, string])[]): Schedule => ({
  address: 'somebody',
  view: '',
  items: items.map(([status, startsAt, endsAt]) => ({ status, startsAt: at(startsAt), endsAt: at(endsAt) })),
  workingHours: HOURS,
});
const UNKNOWN: Schedule = { address: 'somebody', error: 'ErrorNoFreeBusyAccess' };
const busyAllDay = person(['busy', '2026-05-04T00:00', '2026-05-05T00:00']);

const search = (rest: Partial<MeetingSearch> = {}): MeetingSearch => ({
  slots: [{ from: at('2026-05-04T08:00'), to: at('2026-05-04T17:00') }],
  minutes: 60,
  domain: 'work',
  organizer: person(),
  isOrganizerOptional: false,
  attendees: [],
  locations: [],
  isLocationRequired: false,
  minimumPercentage: 50,
  maxCandidates: 100,
  ...rest,
});

test('EX-59: a free, an unknown and a busy attendee make 49.66', () => {
  const attendees = [person(), UNKNOWN, busyAllDay];
  const { suggestions } = suggestTimes(search({ attendees, minimumPercentage: 40 }));
  assert.equal(suggestions[0]?.confidence, 49.66);
  assert.deepEqual(suggestions[0]?.attendees, ['free', 'unknown', 'busy']);
  const none = suggestTimes(search({ attendees, minimumPercentage: 80 }));
  assert.deepEqual(none, { suggestions: [], emptyReason: 'attendeesUnavailableOrUnknown' });
});

test('EX-60: the likeliest first, then the earliest; working hours end before the weekend', () => {
  const attendees = [person(['busy', '2026-05-04T08:00', '2026-05-04T10:00']), UNKNOWN];
  const { suggestions } = suggestTimes(search({ attendees, minimumPercentage: 0, maxCandidates: 20 }));
  const order = suggestions.map(({ confidence, from }) => [confidence, from.getTime()] as const);
  const sorted = order.toSorted((a, b) => b[0] - a[0] || a[1] - b[1]);
  assert.deepEqual(order, sorted);
  assert.deepEqual([suggestions[0]?.from, suggestions[0]?.confidence], [at('2026-05-04T10:00'), 74.5]);

  // From Friday to Monday.
  const slots = [{ from: at('2026-05-08T00:00'), to: at('2026-05-12T00:00') }];
  const days = (domain: MeetingSearch['domain']) => [
    ...new Set(
      suggestTimes(search({ slots, domain, maxCandidates: 500 })).suggestions.map(({ from }) => from.getUTCDay()),
    ),
  ];
  assert.deepEqual(days('work').sort(), [1, 5]);
  assert.deepEqual(days('personal').sort(), [0, 1, 5, 6]);
  const { suggestions: work } = suggestTimes(search({ slots, maxCandidates: 500 }));
  assert.deepEqual([work[0]?.from, work.at(-1)?.to], [at('2026-05-08T08:00'), at('2026-05-11T17:00')]);
  const { suggestions: any } = suggestTimes(search({ slots, domain: 'unrestricted', maxCandidates: 500 }));
  assert.equal(any.length, 4 * 48 - 1);
});

test('without times it says who is in the way', () => {
  const reason = (rest: Partial<MeetingSearch>) => suggestTimes(search(rest)).emptyReason;
  assert.equal(reason({ organizer: busyAllDay }), 'organizerUnavailable');
  assert.equal(reason({ organizer: busyAllDay, isOrganizerOptional: true }), '');
  assert.equal(reason({ attendees: [busyAllDay] }), 'attendeesUnavailable');
  assert.equal(reason({ attendees: [UNKNOWN] }), 'attendeesUnavailableOrUnknown');
  assert.equal(reason({ locations: [busyAllDay], isLocationRequired: true }), 'locationsUnavailable');
  assert.equal(reason({ locations: [busyAllDay] }), '');
  assert.equal(reason({ minutes: 600 }), 'unknown');
});

test('of the places those that are free are named', () => {
  const locations = [busyAllDay, undefined, person(['busy', '2026-05-04T08:00', '2026-05-04T09:00'])];
  const { suggestions } = suggestTimes(search({ locations, isLocationRequired: true }));
  assert.deepEqual([suggestions[0]?.locations, suggestions.at(-1)?.locations], [[1], [1, 2]]);
});

test('a meeting that ends when another begins is free', () => {
  const organizer = person(
    ['busy', '2026-05-04T08:00', '2026-05-04T09:00'],
    ['oof', '2026-05-04T10:00', '2026-05-04T17:00'],
  );
  const { suggestions } = suggestTimes(search({ organizer }));
  assert.deepEqual(
    suggestions.map(({ from }) => from),
    [at('2026-05-04T09:00')],
  );
});
