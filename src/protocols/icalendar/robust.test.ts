import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { CalendarTextError, expand, joinObjects, printCalendar, readCalendar, readersOf, readObject } from './index.ts';

const objectsIn = (text: string) => readersOf(text).flatMap((read) => read());

const CORPUS = new URL('../../../tests/corpus/icalendar/', import.meta.url);
const corpus = readdirSync(CORPUS).map((name) => ({ name, bytes: readFileSync(new URL(name, CORPUS)) }));
const source = (name: string) => corpus.find((one) => one.name === name)!.bytes.toString('utf8');
const asked = {
  from: Temporal.Instant.from('2026-05-01T00:00:00Z'),
  to: Temporal.Instant.from('2026-08-01T00:00:00Z'),
  ownerZone: 'Europe/Stockholm',
  limit: 5000,
};
const calendar = (...lines: string[]) => ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const unfold = (text: string) => text.replace(/\r\n /g, '');

/** Everything that a reader is made to do with a text: none of it may do worse than refuse, nor take long. */
function doEverything(text: string): void {
  const began = performance.now();
  for (const act of [
    () => expand(readObject(text), asked),
    () => printCalendar(readCalendar(text)),
    () => {
      for (const one of objectsIn(text)) if ('object' in one) bear(() => expand(one.object, asked));
    },
    () => joinObjects([text], { name: 'Calendar', timeZone: 'UTC' }),
  ])
    bear(act);
  const took = performance.now() - began;
  assert.ok(took < 10_000, `It took ${Math.round(took)} ms: ${text.slice(0, 200)}`);
}

function bear(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    // A date that is none; putting an object turns it into a refusal as well.
    if (!(error instanceof CalendarTextError || error instanceof RangeError || error instanceof TypeError)) throw error;
  }
}

test('files of real programs are read: their events, series, exceptions and zones', () => {
  const starts = (name: string) =>
    [...objectsIn(source(name))].flatMap((one) =>
      'object' in one && one.object.component === 'VEVENT'
        ? expand(one.object, asked).instances.map(({ start, end, component }) => [
            start.toInstant().toString().slice(0, 16),
            Math.round(Number(end.epochNanoseconds - start.epochNanoseconds) / 60e9),
            component.getFirstPropertyValue('summary'),
          ])
        : [],
    );
  assert.deepEqual(starts('google.ics'), [
    ['2026-05-04T07:00', 30, 'Weekly stand-up'],
    ['2026-05-12T08:00', 30, 'Weekly stand-up (moved)'],
    ['2026-05-25T07:00', 30, 'Weekly stand-up'],
    ['2026-06-01T07:00', 30, 'Weekly stand-up'],
    ['2026-06-08T07:00', 30, 'Weekly stand-up'],
    ['2026-06-05T22:00', 1_440, 'National Day'],
  ]);
  assert.deepEqual(starts('outlook.ics'), [['2026-05-05T08:00', 60, 'Budget 2027']]);
  assert.deepEqual(starts('exchange.ics'), [
    ['2026-05-06T12:00', 60, 'Jour fixe'],
    ['2026-06-03T12:00', 60, 'Jour fixe'],
    ['2026-07-01T12:00', 60, 'Jour fixe'],
  ]);
  assert.deepEqual(starts('apple.ics'), [['2026-05-07T10:00', 60, 'Lunch at Café Søren 🥗']]);
});

test('what is broken in one event costs that event alone, and is told', () => {
  const found = [...objectsIn(source('malformed.ics'))];
  const kept = found.flatMap((one) => ('object' in one ? [one.object.uid] : []));
  assert.deepEqual(
    kept.map((uid) => (uid.endsWith('@import') ? 'named by its content' : uid)),
    ['broken-lines', 'no-value', 'named by its content', 'never-ends', 'twice', 'backwards', 'odd-zone'],
  );
  assert.deepEqual(
    found.flatMap((one) => ('reason' in one ? [[one.uid, one.reason]] : [])),
    [
      ['twice', 'It stands there more than once; the newest is kept.'],
      ['no-start', 'An event needs a DTSTART.'],
      ['journal', 'A VJOURNAL cannot be kept in a calendar.'],
    ],
  );
  const lines = found.flatMap((one) => ('object' in one && one.object.uid === 'broken-lines' ? [one.text] : []))[0]!;
  assert.match(lines, /DESCRIPTION:First line\\nsecond line that nobody folded\r\n/);
  // Without a UID it is named by its content: the same file again is the same event.
  const again = [...objectsIn(source('malformed.ics'))].flatMap((one) => ('object' in one ? [one.object.uid] : []));
  assert.deepEqual(again, kept);
});

test('a file that was taken apart and joined again holds the same, each zone once', () => {
  for (const { name } of corpus) {
    const first = [...objectsIn(source(name))].flatMap((one) => ('object' in one ? [one] : []));
    const joined = joinObjects(
      first.map(({ text }) => text),
      { name: 'Åke, "quoted"; back\\slash', timeZone: 'Europe/Stockholm' },
    );
    const second = [...objectsIn(joined)].flatMap((one) => ('object' in one ? [one.text] : []));
    // A zone that was only named is defined now.
    const bare = (text: string) => text.replace(/BEGIN:VTIMEZONE[\s\S]*?END:VTIMEZONE\r\n/g, '');
    assert.deepEqual(
      second.map(bare),
      first.map(({ text }) => bare(text)),
      name,
    );
    const zones = [...joined.matchAll(/^TZID:(.*)\r$/gm)].map(([, zone]) => zone);
    assert.equal(new Set(zones).size, zones.length);
  }
  const bare = calendar(
    'BEGIN:VEVENT',
    'UID:a',
    'DTSTAMP:20260101T000000Z',
    'DTSTART;TZID=Europe/Paris:20260504T090000',
    'END:VEVENT',
  );
  assert.match(joinObjects([bare, bare], { name: 'a', timeZone: 'UTC' }), /BEGIN:VTIMEZONE\r\nTZID:Europe\/Paris/);
});

const names = fc.stringMatching(/^[A-Z][A-Z0-9-]{0,12}$/).map((name) => `X-${name}`);
const words = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => text.replace(/[\p{Cc}\ufeff"]/gu, ''))
  .filter((text) => text.isWellFormed());
const parameters = fc.uniqueArray(fc.tuple(names, fc.array(words, { minLength: 1, maxLength: 3 })), {
  maxLength: 4,
  selector: ([name]) => name,
});
const properties = fc.array(fc.tuple(names, parameters, words), { maxLength: 12 });

test('EX-69: no property, parameter, value or component is lost by reading and printing', () => {
  fc.assert(
    fc.property(properties, fc.integer({ min: 0, max: 3 }), (known, depth) => {
      const quote = (value: string) =>
        /[,:;]/.test(value) ? `"${value.replaceAll('^', '^^')}"` : value.replaceAll('^', '^^');
      const mask = (value: string) => value.replace(/[\\,;]/g, (mark) => `\\${mark}`);
      const lines = known.map(
        ([name, of, value]) =>
          `${name}${of.map(([one, values]) => `;${one}=${values.map(quote).join(',')}`).join('')}:${mask(value)}`,
      );
      const deep = Array.from({ length: depth }, (_, n) => `X-PART-${n}`);
      const text = calendar(
        'VERSION:2.0',
        ...deep.map((name) => `BEGIN:${name}`),
        ...lines,
        ...deep.toReversed().map((name) => `END:${name}`),
      );
      const printed = printCalendar(readCalendar(text));
      assert.equal(unfold(printed), text);
      for (const line of printed.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
      assert.equal(printCalendar(readCalendar(printed)), printed);
    }),
    { numRuns: 300, seed: 20261121 },
  );
});

test('EX-69: values of every type come back as they stood', () => {
  const lines = [
    'ATTENDEE;MEMBER="mailto:a@fabrikam.example","mailto:b@fabrikam.example":mailto:c@fabrikam.example',
    "ATTENDEE;CN=A^nB ^'quoted^' ^^:mailto:d@fabrikam.example",
    'CATEGORIES:One\\, two,three',
    'GEO:59.3;18.5',
    'RRULE:FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU;COUNT=3',
    'EXDATE;VALUE=DATE:20260101,20260102',
    'RDATE;VALUE=PERIOD:20260101T000000Z/PT1H,20260102T000000Z/20260102T030000Z',
    'TRIGGER;RELATED=END:-PT15M',
    'X-NUMBER;VALUE=INTEGER:5',
    'X-ADDRESS;VALUE=URI:https://fabrikam.example/?a=1;b=2,3',
    'SEQUENCE:first',
    'DURATION:soon',
    'CONSTRUCTOR:x',
    '__PROTO__;__PROTO__=y:x',
  ];
  const text = calendar(...lines);
  assert.equal(unfold(printCalendar(readCalendar(text))), text);
});

test('line ends, marks and breaks that programs get wrong are borne', () => {
  const event = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    'UID:u',
    'DTSTAMP:20260101T000000Z',
    'DTSTART:20260504T070000Z',
    'SUMMARY:Långt namn',
    ' här',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  for (const end of ['\r\n', '\n', '\r', '\r\r\n']) {
    for (const mark of ['', '\ufeff']) {
      const { master, uid } = readObject(`${mark}${event.join(end)}`);
      assert.deepEqual([uid, master?.getFirstPropertyValue('summary')], ['u', 'Långt namnhär'], JSON.stringify(end));
    }
  }
  const tabbed = event.join('\r\n').replace('\r\n här', '\r\n\thä\0r');
  assert.equal(readObject(tabbed).master?.getFirstPropertyValue('summary'), 'Långt namnhär');
});

test('damaged files never do worse than being refused, and never take long', () => {
  for (const { bytes } of corpus) {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(bytes.length - 1),
            fc.constantFrom('cut', 'repeat', 'byte', 'line'),
            fc.nat(255),
            fc.nat(400),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        (damages) => {
          let damaged = Buffer.from(bytes);
          for (const [at, how, byte, length] of damages) {
            const [before, after] = [damaged.subarray(0, at), damaged.subarray(at)];
            if (how === 'cut') damaged = Buffer.concat([before, after.subarray(length)]);
            else if (how === 'repeat') damaged = Buffer.concat([before, after.subarray(0, length), after]);
            else if (how === 'byte') damaged = Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
            else damaged = Buffer.concat([before, Buffer.from('\r\n'), after]);
          }
          doEverything(damaged.toString('utf8'));
        },
      ),
      { numRuns: 60, seed: 20261121 },
    );
  }
});

test('texts made to hurt are refused or read in bounded time and memory', () => {
  const event = (...lines: string[]) =>
    calendar('BEGIN:VEVENT', 'UID:u', 'DTSTAMP:20260101T000000Z', 'DTSTART:20260504T070000Z', ...lines, 'END:VEVENT');
  const hurting: Record<string, string> = {
    'a million properties': event(`${'X-A:b\r\n'.repeat(1_000_000)}SUMMARY:x`),
    'many attendees': event(`${'ATTENDEE:mailto:a@fabrikam.example\r\n'.repeat(50_000)}SUMMARY:x`),
    'deep nesting': calendar(`${'BEGIN:X\r\n'.repeat(100_000)}${'END:X\r\n'.repeat(100_000)}VERSION:2.0`),
    'components without end': `BEGIN:VCALENDAR\r\n${'BEGIN:VEVENT\r\n'.repeat(100_000)}`,
    'a line of ten megabytes': event(`DESCRIPTION:${'å'.repeat(10_000_000)}`),
    'a text too long': 'x'.repeat(20_000_000),
    'a million folds': event(`SUMMARY:${'a\r\n '.repeat(1_000_000)}`),
    'parameters without end': event(`SUMMARY${';X=a'.repeat(250_000)}:x`),
    'quotes without end': event(`SUMMARY;X=${'"'.repeat(500_000)}:x`),
    'values of a parameter without end': event(`SUMMARY;X=${'"a",'.repeat(250_000)}a:x`),
    'lines that are none': event(`SUMMARY:x\r\n${'no line\r\n'.repeat(20_000)}`),
    'a zone that changes by the second': calendar(
      'BEGIN:VTIMEZONE',
      'TZID:Z',
      ...Array.from({ length: 500 }, () => [
        'BEGIN:STANDARD',
        'DTSTART:19700101T000000',
        'TZOFFSETFROM:+0100',
        'TZOFFSETTO:+0200',
        'RRULE:FREQ=SECONDLY',
        `RDATE:${'20260101T000000,'.repeat(200)}20260101T000000`,
        'END:STANDARD',
      ]).flat(),
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'UID:u',
      'DTSTART;TZID=Z:20260504T070000',
      'RRULE:FREQ=DAILY',
      'END:VEVENT',
    ),
    'rules without end': event('RRULE:FREQ=DAILY\r\n'.repeat(5_000).trimEnd()),
    NULs: '\0'.repeat(1_000_000),
    nothing: '',
  };
  for (const [what, text] of Object.entries(hurting)) {
    const [began, heap] = [performance.now(), process.memoryUsage().heapUsed];
    doEverything(text);
    const grown = (process.memoryUsage().heapUsed - heap) / 2 ** 20;
    assert.ok(grown < 700, `${what}: ${Math.round(grown)} MiB more`);
    if (process.env.SHOW) console.log(what, Math.round(performance.now() - began), 'ms', Math.round(grown), 'MiB');
  }
});
