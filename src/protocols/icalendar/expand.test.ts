import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { CalendarTextError, definitionOf, expand, readObject } from './index.ts';

const text = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: string[]) => [
  'BEGIN:VEVENT',
  'UID:one@fabrikam.example',
  'DTSTAMP:20260101T000000Z',
  ...lines,
  'END:VEVENT',
];
const stockholm = definitionOf('Europe/Stockholm')!.toString();
const span = (from: string, to: string, ownerZone = 'Europe/Stockholm') => ({
  from: Temporal.Instant.from(from),
  to: Temporal.Instant.from(to),
  ownerZone,
  limit: 5000,
});
const shown = (source: string, asked: ReturnType<typeof span>) =>
  expand(readObject(source), asked).instances.map(
    ({ start, end }) => `${start.toInstant().toString()}/${end.toInstant().toString()}`,
  );

/** What the library that reads the text makes of a series, by its own iterator. */
function byIterator(source: string, asked: ReturnType<typeof span>): string[] {
  const calendar = new ICAL.Component(ICAL.parse(source));
  const events = calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
  const master = events.find((one) => !one.isRecurrenceException())!;
  for (const one of events) if (one !== master) master.relateException(one);
  const zone = (time: ICAL.Time) =>
    time.isDate || time.zone === ICAL.Timezone.localTimezone
      ? Temporal.PlainDateTime.from(time.toJSON() as never)
          .toZonedDateTime(asked.ownerZone)
          .toInstant()
      : Temporal.Instant.fromEpochMilliseconds(time.toJSDate().getTime());
  const found: string[] = [];
  const iterator = master.iterator();
  const named = new Set<string>();
  for (let n = 0; n < 3000; n += 1) {
    const next = iterator.next();
    if (!next || Temporal.Instant.compare(zone(next), asked.to) > 0) break;
    // It names a date twice that both the rule and an RDATE name; instances are a set (RFC 5545 §3.8.5.2).
    if (named.size === named.add(next.toString()).size) continue;
    const { startDate, endDate } = master.getOccurrenceDetails(next);
    const [start, end] = [zone(startDate), zone(endDate)];
    if (Temporal.Instant.compare(start, asked.to) < 0 && Temporal.Instant.compare(end, asked.from) > 0)
      found.push(`${start}/${end}`);
  }
  return found.sort();
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const some = <T>(of: readonly T[], most = 3) =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: most });
const list = (name: string, values: readonly (string | number)[]) => `;${name}=${values.join(',')}`;
const rules = fc.oneof(
  fc.constant('FREQ=DAILY'),
  some([1, 3, 6, 12]).map((months) => `FREQ=DAILY${list('BYMONTH', months)}`),
  some(WEEKDAYS).map((days) => `FREQ=WEEKLY${list('BYDAY', days)}`),
  some(WEEKDAYS).map((days) => `FREQ=WEEKLY;WKST=SU${list('BYDAY', days)}`),
  some([1, 15, 28, 31, -1, -2, -31]).map((days) => `FREQ=MONTHLY${list('BYMONTHDAY', days)}`),
  some(['1MO', '2TU', '-1FR', '3SU', '-2WE']).map((days) => `FREQ=MONTHLY${list('BYDAY', days)}`),
  fc.constantFrom(1, 2, -1, -2).map((position) => `FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=${position}`),
  fc.constantFrom('FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH'),
);
const series = fc.record({
  rule: rules,
  interval: fc.constantFrom(1, 1, 2, 3),
  ends: fc.constantFrom('', ';COUNT=7', ';COUNT=40', 'UNTIL'),
  day: fc.integer({ min: 0, max: 800 }),
  hour: fc.constantFrom(0, 5, 9, 23),
  kind: fc.constantFrom('utc', 'zone', 'float', 'date'),
  minutes: fc.constantFrom(15, 60, 600),
  out: fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
  moved: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  extra: fc.boolean(),
});

test('EX-55: series are expanded as another reader of iCalendar expands them', () => {
  const asked = span('2025-01-01T00:00:00Z', '2027-07-01T00:00:00Z');
  let compared = 0;
  fc.assert(
    fc.property(series, ({ rule, interval, ends, day, hour, kind, minutes, out, moved, extra }) => {
      const first = Temporal.PlainDateTime.from('2024-06-01T00:00:00').add({ days: day }).with({ hour });
      const basic = (at: Temporal.PlainDateTime) =>
        kind === 'date'
          ? at.toPlainDate().toString().replaceAll('-', '')
          : `${at.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}${kind === 'utc' ? 'Z' : ''}`;
      const how = kind === 'date' ? ';VALUE=DATE' : kind === 'zone' ? ';TZID=Europe/Stockholm' : '';
      const length = kind === 'date' ? 'P2D' : `PT${minutes}M`;
      const lines = ['', `DURATION:${length}`, ''];
      const source = (...more: string[]) => text(...(kind === 'zone' ? [stockholm] : []), ...event(...lines), ...more);
      // Whether DTSTART counts when its own rule does not name it, readers disagree: start at one that it names.
      const iterator = ICAL.Recur.fromString(rule).iterator(
        ICAL.Time.fromString(first.toString({ smallestUnit: 'second' }), undefined as never),
      );
      const begin = iterator.next();
      if (!begin) return;
      const named = Temporal.PlainDateTime.from(begin.toJSON() as never);
      const until = basic(named.add({ days: 200 }));
      const end = ends === 'UNTIL' ? `;UNTIL=${kind === 'zone' ? `${until}Z` : until}` : ends;
      lines[0] = `DTSTART${how}:${basic(named)}`;
      lines[2] = `RRULE:${rule};INTERVAL=${interval}${end}`;
      const known = byIterator(source(), { ...asked, from: Temporal.Instant.from('2020-01-01T00:00:00Z') }).map(
        (one) => one.split('/')[0]!,
      );
      const keyed = (instant: string) =>
        basic(
          Temporal.Instant.from(instant)
            .toZonedDateTimeISO(kind === 'utc' ? 'UTC' : 'Europe/Stockholm')
            .toPlainDateTime(),
        );
      for (const n of out) if (known[n] && n !== moved) lines.push(`EXDATE${how}:${keyed(known[n])}`);
      if (extra) lines.push(`RDATE${how}:${basic(Temporal.PlainDateTime.from('2026-02-03T05:00:00'))}`);
      const exception: string[] = [];
      const of = moved === undefined ? undefined : known[moved];
      if (of !== undefined) {
        const to = Temporal.Instant.from(of)
          .toZonedDateTimeISO(kind === 'utc' ? 'UTC' : 'Europe/Stockholm')
          .toPlainDateTime()
          .add({ days: 1 });
        exception.push(
          ...event(`RECURRENCE-ID${how}:${keyed(of)}`, `DTSTART${how}:${basic(to)}`, `DURATION:${length}`),
        );
      }
      const whole = source(...exception);
      const expected = byIterator(whole, asked);
      // Where a DURATION in hours ends when the clocks change, that reader goes by the clock.
      const starts = (spans: readonly string[]) => spans.map((one) => one.split('/')[0]).sort();
      assert.deepEqual(starts(shown(whole, asked)), starts(expected), whole);
      compared += 1;
    }),
    { numRuns: 80, seed: 20261121, endOnFailure: true },
  );
  assert.ok(compared > 60, `${compared} were compared`);
});

test('an exception for this and every later instance moves them all', () => {
  const source = text(
    ...event(
      'DTSTART;TZID=Europe/Stockholm:20260504T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=WEEKLY;COUNT=5',
      'SUMMARY:Old',
    ),
    ...event(
      'RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Stockholm:20260518T090000',
      'DTSTART;TZID=Europe/Stockholm:20260519T100000',
      'DURATION:PT2H',
      'SUMMARY:New',
    ),
    ...event(
      'RECURRENCE-ID;TZID=Europe/Stockholm:20260601T090000',
      'DTSTART;TZID=Europe/Stockholm:20260601T150000',
      'DURATION:PT1H',
    ),
  );
  assert.deepEqual(shown(source, span('2026-05-01T00:00:00Z', '2026-07-01T00:00:00Z')), [
    '2026-05-04T07:00:00Z/2026-05-04T08:00:00Z',
    '2026-05-11T07:00:00Z/2026-05-11T08:00:00Z',
    '2026-05-19T08:00:00Z/2026-05-19T10:00:00Z',
    '2026-05-26T08:00:00Z/2026-05-26T10:00:00Z',
    '2026-06-01T13:00:00Z/2026-06-01T14:00:00Z',
  ]);
});

test('a time that the clocks skip is no instance, and one that they show twice is the first (RFC 5545 §3.3.10)', () => {
  const gap = text(
    ...event('DTSTART;TZID=Europe/Stockholm:20260328T023000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3'),
  );
  assert.deepEqual(
    shown(gap, span('2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z')).map((one) => one.slice(0, 16)),
    ['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30'],
  );
  const fold = text(
    ...event('DTSTART;TZID=Europe/Stockholm:20261024T023000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3'),
  );
  assert.deepEqual(
    shown(fold, span('2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z')).map((one) => one.slice(0, 16)),
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  );
});

test('the 29th of February comes in leap years alone', () => {
  const source = text(...event('DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'));
  assert.deepEqual(
    shown(source, span('2024-01-01T00:00:00Z', '2033-01-01T00:00:00Z', 'UTC')).map((one) => one.slice(0, 10)),
    ['2024-02-29', '2028-02-29', '2032-02-29'],
  );
});

test('UNTIL ends a series whichever way a client writes it', () => {
  for (const [start, until] of [
    ['DTSTART;TZID=Europe/Stockholm:20260504T090000', '20260507T070000Z'],
    ['DTSTART;TZID=Europe/Stockholm:20260504T090000', '20260507T090000'],
    ['DTSTART;TZID=Europe/Stockholm:20260504T090000', '20260507'],
    ['DTSTART;VALUE=DATE:20260504', '20260507'],
    ['DTSTART;VALUE=DATE:20260504', '20260507T000000Z'],
    ['DTSTART:20260504T090000', '20260507T235959'],
  ] as const) {
    const source = text(...event(start, `RRULE:FREQ=DAILY;UNTIL=${until}`));
    assert.equal(shown(source, span('2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z')).length, 4, `${start} ${until}`);
  }
});

const fantasia = (name: string) => [
  'BEGIN:VTIMEZONE',
  `TZID:${name}`,
  'BEGIN:STANDARD',
  'DTSTART:19701025T030000',
  'TZOFFSETFROM:+0530',
  'TZOFFSETTO:+0430',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:19700329T020000',
  'TZOFFSETFROM:+0430',
  'TZOFFSETTO:+0530',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

test('a series in a zone that only its calendar knows keeps its hour by that zone', () => {
  const source = text(
    ...fantasia('Fabrikam/Headquarters!'),
    ...event(
      'DTSTART;TZID=Fabrikam/Headquarters!:20260327T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=DAILY;UNTIL=20260331T033000Z',
    ),
  );
  assert.deepEqual(
    shown(source, span('2026-03-01T00:00:00Z', '2026-05-01T00:00:00Z')).map((one) => one.slice(0, 16)),
    ['2026-03-27T04:30', '2026-03-28T04:30', '2026-03-29T03:30', '2026-03-30T03:30', '2026-03-31T03:30'],
  );
  const far = text(...fantasia('Fantasia'), ...event('DTSTART;TZID=Fantasia:20400702T090000'));
  assert.deepEqual(shown(far, span('2040-07-01T00:00:00Z', '2040-08-01T00:00:00Z')), [
    '2040-07-02T03:30:00Z/2040-07-02T03:30:00Z',
  ]);
});

test('rules that never end, never strike or strike too often cost a moment', () => {
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => n + from).join(',');
  const products = `BYHOUR=${numbers(24)};BYMINUTE=${numbers(60)};BYSECOND=${numbers(60)}`;
  const bombs = [
    'FREQ=SECONDLY',
    'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MINUTELY',
    'FREQ=HOURLY;INTERVAL=1',
    `FREQ=YEARLY;${products}`,
    `FREQ=YEARLY;BYMONTH=${numbers(12, 1)};BYMONTHDAY=${numbers(31, 1)};${products};BYSETPOS=-1`,
    `FREQ=DAILY;${products};BYSETPOS=1`,
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=YEARLY;INTERVAL=1000000000',
    'FREQ=DAILY;COUNT=1000000000',
    'FREQ=DAILY;UNTIL=99991231T235959Z',
    'FREQ=DAILY;UNTIL=99999999T235959Z',
    'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=366',
    'FREQ=MONTHLY;BYDAY=99MO',
    'FREQ=DAILY;INTERVAL=0',
    'FREQ=DAILY;INTERVAL=-1',
    'FREQ=FORTNIGHTLY',
    'FREQ=DAILY;COUNT=0',
  ];
  for (const start of [
    'DTSTART:00010101T000000Z',
    'DTSTART;TZID=Europe/Stockholm:20240101T090000',
    'DTSTART:99991231T235959Z',
  ]) {
    for (const rule of bombs) {
      const began = performance.now();
      try {
        const { instances } = expand(
          readObject(text(...event(start, 'DURATION:PT1H', `RRULE:${rule}`))),
          span('2025-05-01T00:00:00Z', '2028-06-01T00:00:00Z'),
        );
        assert.ok(instances.length <= 5000);
      } catch (error) {
        assert.ok(error instanceof CalendarTextError, `${start} ${rule}: ${(error as Error).stack}`);
      }
      const took = performance.now() - began;
      assert.ok(took < 1_500, `${start} ${rule} took ${Math.round(took)} ms`);
    }
  }
});

test('ten thousand single dates and exceptions are followed in a moment, and not more', () => {
  const at = (n: number) =>
    Temporal.PlainDateTime.from('2026-01-01T00:00:00')
      .add({ minutes: n })
      .toString({ smallestUnit: 'second' })
      .replace(/[-:]/g, '');
  const dates = Array.from({ length: 20_000 }, (_, n) => at(n));
  const asked = span('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'UTC');
  const began = performance.now();
  const { instances } = expand(
    readObject(text(...event('DTSTART:20260101T000000', `RDATE:${dates.join(',')}`))),
    asked,
  );
  assert.equal(instances.length, 5000);
  const exceptions = dates.slice(0, 3_000).flatMap((date) => event(`RECURRENCE-ID:${date}`, `DTSTART:${date}`));
  const moved = expand(
    readObject(text(...event('DTSTART:20260101T000000', 'RRULE:FREQ=DAILY;COUNT=5'), ...exceptions)),
    asked,
  );
  assert.ok(moved.instances.length >= 3_000);
  assert.ok(performance.now() - began < 5_000);
});
