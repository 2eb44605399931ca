import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Temporal } from 'temporal-polyfill';
import { readObject } from '../../../protocols/icalendar/index.ts';
import { presentRecurrence, recurrenceShape, ruleOf } from './recurrence.ts';

const start = { clock: Temporal.PlainDateTime.from('2026-01-31T09:00:00'), zone: 'Europe/Berlin', isDate: false };

function presented(rule: string, dtstart = 'DTSTART;TZID=Europe/Berlin:20260131T090000') {
  const text = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    'UID:a',
    dtstart,
    rule,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  const { master } = readObject(text.join('\r\n'));
  return presentRecurrence(master!, 'Europe/Berlin');
}

test('a rule of one of the six patterns comes out as it goes in', () => {
  for (const rule of [
    'FREQ=DAILY;INTERVAL=3',
    'FREQ=WEEKLY;BYDAY=MO,FR;WKST=SU',
    'FREQ=MONTHLY;BYMONTHDAY=-1',
    'FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1',
    'FREQ=MONTHLY;BYDAY=-1FR',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=4',
    'FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15',
    'FREQ=YEARLY;INTERVAL=2;BYMONTH=10;BYDAY=-1SU',
    'FREQ=DAILY;UNTIL=20260630T215959Z',
  ]) {
    const recurrence = presented(`RRULE:${rule}`);
    assert.ok(recurrence, rule);
    assert.equal(ruleOf(recurrenceShape.parse(recurrence), start), rule);
  }
});

test('a rule without days means those of its first instance', () => {
  assert.deepEqual(presented('RRULE:FREQ=WEEKLY')?.pattern?.daysOfWeek, ['saturday']);
  assert.equal(presented('RRULE:FREQ=MONTHLY', 'DTSTART:20260115T090000Z')?.pattern?.dayOfMonth, 15);
  const yearly = presented('RRULE:FREQ=YEARLY')?.pattern;
  assert.deepEqual([yearly?.month, yearly?.dayOfMonth], [1, 31]);
});

test('a rule that says more than the six patterns is none of them', () => {
  for (const rule of [
    'RRULE:FREQ=HOURLY',
    'RRULE:FREQ=DAILY;BYHOUR=9,17',
    'RRULE:FREQ=DAILY;BYDAY=MO',
    'RRULE:FREQ=WEEKLY;BYMONTH=5',
    // A month that is too short is left out by the rule, and has its last day in Graph.
    'RRULE:FREQ=MONTHLY',
    'RRULE:FREQ=MONTHLY;BYMONTHDAY=31',
    'RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15',
    'RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO',
    'RRULE:FREQ=MONTHLY;BYDAY=5MO',
    'RRULE:FREQ=YEARLY;BYDAY=20MO',
    'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
    'RRULE:FREQ=YEARLY;BYWEEKNO=20',
    'RRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY',
    'RRULE:FREQ=DAILY\r\nRDATE:20260301T090000Z',
  ]) {
    assert.equal(presented(rule), null, rule);
  }
});
