import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml } from '../dav-xml.ts';
import { readObject } from '../icalendar/index.ts';
import { readDataRequest, shapeData } from './data.ts';
import { FilterError, matchesText, passes, readCalendarFilter } from './filter.ts';

const NS = 'xmlns="urn:ietf:params:xml:ns:caldav"';
const event = (...lines: string[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:x',
    'BEGIN:VEVENT',
    'UID:u',
    'DTSTAMP:20260101T000000Z',
    ...lines,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
const filter = (inner: string) =>
  readCalendarFilter(
    readXml(
      `<filter ${NS}><comp-filter name="VCALENDAR"><comp-filter name="VEVENT">${inner}</comp-filter></comp-filter></filter>`,
    ),
  );
const holds = (inner: string, ...lines: string[]) =>
  passes(readObject(event('DTSTART:20260504T070000Z', 'DURATION:PT1H', ...lines)), filter(inner), 'UTC');

test('a filter finds events by their properties, their parameters, and by what they lack', () => {
  const summary = (text: string, more = '') =>
    `<prop-filter name="SUMMARY"><text-match ${more}>${text}</text-match></prop-filter>`;
  assert.ok(holds(summary('plan'), 'SUMMARY:The Plan'));
  assert.ok(!holds(summary('plan', 'collation="i;octet"'), 'SUMMARY:The Plan'));
  assert.ok(holds(summary('plan', 'negate-condition="yes"'), 'SUMMARY:Lunch'));
  assert.ok(holds('<prop-filter name="LOCATION"><is-not-defined/></prop-filter>'));
  const partstat =
    '<prop-filter name="ATTENDEE"><param-filter name="PARTSTAT"><text-match>NEEDS-ACTION</text-match></param-filter></prop-filter>';
  assert.ok(holds(partstat, 'ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@contoso.example'));
  assert.ok(!holds(partstat, 'ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@contoso.example'));
});

test('a filter finds alarms by when they go off, for any instance of a series', () => {
  const alarm = (start: string, end: string) =>
    `<comp-filter name="VALARM"><time-range start="${start}" end="${end}"/></comp-filter>`;
  const daily = [
    'RRULE:FREQ=DAILY;COUNT=5',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:x',
    'TRIGGER:-PT15M',
    'END:VALARM',
  ];
  assert.ok(holds(alarm('20260506T064000Z', '20260506T065000Z'), ...daily));
  assert.ok(!holds(alarm('20260506T070000Z', '20260506T080000Z'), ...daily));
});

test('what is no filter is refused by the name that the standard gives it', () => {
  const rule = (name: string) => (error: unknown) => error instanceof FilterError && error.rule === name;
  assert.throws(() => filter('<time-range/>'), rule('valid-filter'));
  assert.throws(() => filter('<time-range start="20260504"/>'), rule('valid-filter'));
  assert.throws(() => filter('<time-range start="20260505T000000Z" end="20260504T000000Z"/>'), rule('valid-filter'));
  assert.throws(() => filter('<unheard-of/>'), rule('supported-filter'));
  const strange = '<prop-filter name="SUMMARY"><text-match collation="i;strange">x</text-match></prop-filter>';
  assert.throws(() => filter(strange), rule('supported-collation'));
});

test('letters of every script are compared without their case where that is asked for', () => {
  const match = { text: 'ÖBERG', kind: 'starts-with', isNegated: false } as const;
  assert.ok(matchesText('öberg, Eva', { ...match, collation: 'i;unicode-casemap' }));
  assert.ok(!matchesText('öberg, Eva', { ...match, collation: 'i;ascii-casemap' }));
});

const SERIES = event(
  'DTSTART;TZID=Europe/Stockholm:20260504T090000',
  'DURATION:PT1H',
  'RRULE:FREQ=DAILY;COUNT=3',
  'SUMMARY:Stand-up',
  'DESCRIPTION:Long',
);
const shaped = (inner: string, text = SERIES) =>
  shapeData(text, readDataRequest(readXml(`<calendar-data ${NS}>${inner}</calendar-data>`)), 'Europe/Stockholm');

test('a series that is asked for expanded comes as its instances in UTC, without rule and zone', () => {
  const told = shaped('<expand start="20260505T000000Z" end="20260506T000000Z"/>');
  assert.match(told, /DTSTART:20260505T070000Z\r\n/);
  assert.match(told, /RECURRENCE-ID:20260505T070000Z\r\n/);
  assert.equal(told.match(/BEGIN:VEVENT/g)?.length, 1);
  assert.doesNotMatch(told, /RRULE|TZID/);
});

test('parts of an event that are asked for come alone', () => {
  const told = shaped(
    '<comp name="VCALENDAR"><prop name="VERSION"/><comp name="VEVENT"><prop name="SUMMARY"/><prop name="UID"/></comp></comp>',
  );
  assert.match(told, /SUMMARY:Stand-up/);
  assert.doesNotMatch(told, /DESCRIPTION|DTSTART|PRODID/);
});

test('a filter that can match nothing by its form is refused, and one of what nobody has described is not', () => {
  const range = '<time-range start="20260504T000000Z" end="20260505T000000Z"/>';
  const inside =
    (...path: string[]) =>
    (what: string) =>
      path.reduceRight((inner, name) => `<comp-filter name="${name}">${inner}</comp-filter>`, what);
  const read = (text: string) => readCalendarFilter(readXml(`<filter ${NS}>${text}</filter>`));
  for (const text of [
    inside('VCALENDAR')(range),
    inside('VCALENDAR', 'VALARM')(''),
    inside('VCALENDAR', 'VTIMEZONE')(range),
    inside('VCALENDAR', 'VEVENT', 'VEVENT')(''),
    inside('VCALENDAR', 'VTIMEZONE', 'STANDARD')(range),
    inside('VCALENDAR', 'VEVENT', 'VALARM', 'VEVENT')(''),
    inside('VCALENDAR', 'VEVENT', 'VALARM', 'X-COMP')(range),
    inside('VCALENDAR', 'VEVENT')(`<prop-filter name="SUMMARY">${range}</prop-filter>`),
  ])
    assert.throws(
      () => read(text),
      (error) => error instanceof FilterError && error.rule === 'valid-filter',
      text,
    );
  read(inside('VCALENDAR', 'VEVENT', 'VALARM')(range));
  read(inside('VCALENDAR', 'VEVENT', 'X-COMP')('<is-not-defined/>'));
  read(inside('VCALENDAR', 'VTODO')(`<prop-filter name="COMPLETED">${range}</prop-filter>`));
  read(inside('VCALENDAR', 'VEVENT')(`<prop-filter name="X-SEEN">${range}</prop-filter>`));
});

test('an alarm of a task that is only due goes off by when it is due', () => {
  const task = (related: string) =>
    readObject(
      event(
        'DUE;TZID=America/New_York:20270101T110000',
        'BEGIN:VALARM',
        'ACTION:DISPLAY',
        `TRIGGER${related}:-PT1H`,
        'DESCRIPTION:x',
        'END:VALARM',
      ).replaceAll('VEVENT', 'VTODO'),
    );
  const within = (start: string, end: string) =>
    readCalendarFilter(
      readXml(
        `<filter ${NS}><comp-filter name="VCALENDAR"><comp-filter name="VTODO"><comp-filter name="VALARM"><time-range start="${start}" end="${end}"/></comp-filter></comp-filter></comp-filter></filter>`,
      ),
    );
  assert.ok(passes(task(';RELATED=END'), within('20270101T145500Z', '20270101T150500Z'), 'UTC'));
  assert.ok(!passes(task(';RELATED=END'), within('20270101T155500Z', '20270101T160500Z'), 'UTC'));
  assert.ok(
    !passes(task(''), within('20270101T145500Z', '20270101T150500Z'), 'UTC'),
    'relative to a start that it has not',
  );
});
