import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AvailabilityError, unavailableTimes, workingHoursOf } from './vavailability.ts';

const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const week = [
  'BEGIN:AVAILABLE',
  'UID:a1',
  'DTSTAMP:20260101T000000Z',
  'DTSTART;TZID=Europe/Stockholm:20260105T080000',
  'DTEND;TZID=Europe/Stockholm:20260105T170000',
  'RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  'END:AVAILABLE',
];
const office = calendar('BEGIN:VAVAILABILITY', 'UID:v1', 'DTSTAMP:20260101T000000Z', ...week, 'END:VAVAILABILITY');

const told = (text: string, from: string, to: string) =>
  unavailableTimes(text, new Date(from), new Date(to), 'Europe/Stockholm').map(
    ({ showAs, startsAt, endsAt }) => `${showAs} ${startsAt.toISOString()} ${endsAt.toISOString()}`,
  );

test('EX-68: outside the hours that somebody gives, they cannot be met; a Saturday is one such time', () => {
  assert.deepEqual(told(office, '2026-05-08T22:00:00Z', '2026-05-09T22:00:00Z'), [
    'oof 2026-05-08T22:00:00.000Z 2026-05-09T22:00:00.000Z',
  ]);
  assert.deepEqual(told(office, '2026-05-03T22:00:00Z', '2026-05-04T22:00:00Z'), [
    'oof 2026-05-03T22:00:00.000Z 2026-05-04T06:00:00.000Z',
    'oof 2026-05-04T15:00:00.000Z 2026-05-04T22:00:00.000Z',
  ]);
});

test('an availability of a higher priority stands over the others where both speak', () => {
  const away = [
    'BEGIN:VAVAILABILITY',
    'UID:v2',
    'DTSTAMP:20260101T000000Z',
    'PRIORITY:1',
    'BUSYTYPE:BUSY',
    'DTSTART:20260504T000000Z',
    'DTEND:20260505T000000Z',
    'END:VAVAILABILITY',
  ];
  const both = office.replace('END:VCALENDAR', [...away, 'END:VCALENDAR'].join('\r\n'));
  assert.deepEqual(told(both, '2026-05-04T06:00:00Z', '2026-05-04T08:00:00Z'), [
    'busy 2026-05-04T06:00:00.000Z 2026-05-04T08:00:00.000Z',
  ]);
});

test('working hours are what the coming week leaves', () => {
  assert.deepEqual(workingHoursOf(office, new Date('2026-05-06T12:00:00Z'), 'Europe/Stockholm'), {
    daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    startTime: '08:00',
    endTime: '17:00',
  });
  const never = calendar('BEGIN:VAVAILABILITY', 'UID:v', 'DTSTAMP:20260101T000000Z', 'END:VAVAILABILITY');
  assert.throws(() => workingHoursOf(never, new Date('2026-05-06T12:00:00Z'), 'UTC'), AvailabilityError);
  assert.throws(() => workingHoursOf(calendar(), new Date('2026-05-06T12:00:00Z'), 'UTC'), AvailabilityError);
});
