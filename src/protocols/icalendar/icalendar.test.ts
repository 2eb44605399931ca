import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Temporal } from 'temporal-polyfill';
import { CalendarTextError, expand, printCalendar, readObject } from './index.ts';

const text = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: string[]) => [
  'BEGIN:VEVENT',
  'UID:one@fabrikam.example',
  'DTSTAMP:20260401T000000Z',
  ...lines,
  'END:VEVENT',
];
const may = {
  from: Temporal.Instant.from('2026-05-01T00:00:00Z'),
  to: Temporal.Instant.from('2026-06-01T00:00:00Z'),
  ownerZone: 'Europe/Stockholm',
  limit: 1000,
};
const startsOf = (source: string, asked = may) =>
  expand(readObject(source), asked).instances.map(({ start }) => start.toInstant().toString());

test('EX-55: a series leaves out what is cancelled and shows what is moved where it is', () => {
  const source = text(
    ...event(
      'DTSTART;TZID=Europe/Stockholm:20260504T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=WEEKLY;COUNT=4',
      'EXDATE;TZID=Europe/Stockholm:20260511T090000',
    ),
    ...event(
      'RECURRENCE-ID;TZID=Europe/Stockholm:20260518T090000',
      'DTSTART;TZID=Europe/Stockholm:20260519T100000',
      'DURATION:PT1H',
    ),
  );
  assert.deepEqual(startsOf(source), ['2026-05-04T07:00:00Z', '2026-05-19T08:00:00Z', '2026-05-25T07:00:00Z']);
});

test('a series keeps its hour by the clock when summer time begins', () => {
  const source = text(
    ...event('DTSTART;TZID=W. Europe Standard Time:20260327T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4'),
  );
  const march = { ...may, from: Temporal.Instant.from('2026-03-01T00:00:00Z') };
  assert.deepEqual(startsOf(source, march), [
    '2026-03-27T08:00:00Z',
    '2026-03-28T08:00:00Z',
    '2026-03-29T07:00:00Z',
    '2026-03-30T07:00:00Z',
  ]);
});

test('an event of whole days lasts from midnight to midnight of its owner', () => {
  const [day] = expand(
    readObject(text(...event('DTSTART;VALUE=DATE:20260504', 'DTEND;VALUE=DATE:20260506'))),
    may,
  ).instances;
  assert.equal(day?.start.toInstant().toString(), '2026-05-03T22:00:00Z');
  assert.equal(day?.end.toInstant().toString(), '2026-05-05T22:00:00Z');
  assert.equal(day?.isAllDay, true);
});

test('a rule that would never end or never begin costs a bounded time', () => {
  const each = readObject(text(...event('DTSTART:20200101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')));
  assert.throws(
    () => expand(each, may),
    (error) => error instanceof CalendarTextError && error.rule === 'max-instances',
  );
  assert.deepEqual(
    startsOf(text(...event('DTSTART:20200101T000000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'))),
    [],
  );
});

test('EX-69: what nobody here knows comes back as it was', () => {
  const source = text(
    ...event('DTSTART:20260504T090000Z', 'X-FABRIKAM-MOOD;LEVEL=3:calm', 'SUMMARY:Plan').slice(0, -1),
    'BEGIN:PARTICIPANT',
    'UID:p1',
    'PARTICIPANT-TYPE:SPEAKER',
    'END:PARTICIPANT',
    'END:VEVENT',
  );
  const printed = printCalendar(readObject(source).calendar);
  for (const line of ['X-FABRIKAM-MOOD;LEVEL=3:calm', 'BEGIN:PARTICIPANT', 'PARTICIPANT-TYPE:SPEAKER'])
    assert.ok(printed.includes(line), line);
});

test('what is no single object is refused by the rule that it breaks', () => {
  const rules: [string, CalendarTextError['rule']][] = [
    ['nothing', 'valid-calendar-data'],
    [text(), 'valid-calendar-object-resource'],
    [text('METHOD:REQUEST', ...event('DTSTART:20260504T090000Z')), 'valid-calendar-object-resource'],
    [
      text(...event('DTSTART:20260504T090000Z'), ...event('DTSTART:20260505T090000Z')),
      'valid-calendar-object-resource',
    ],
    [text('BEGIN:VJOURNAL', 'UID:j', 'END:VJOURNAL'), 'supported-calendar-component'],
  ];
  for (const [source, rule] of rules)
    assert.throws(
      () => readObject(source),
      (error) => error instanceof CalendarTextError && error.rule === rule,
      source,
    );
});
