/**
 * The calendar that is measured: 1,000 events in May 2026, of them 950 single ones and 50 weekly series of 26 (each fifth
 * with one instance left out and one moved). The same on every run, with the one right answer of when it is busy.
 */

export const EVENTS = 1_000;
const SERIES = 50;
const FROM = Date.UTC(2026, 4, 1);
const TO = Date.UTC(2026, 5, 1);
const WEEK = 7 * 86_400_000;

const basic = (at: number) => new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '').concat('Z');

interface Shape {
  readonly start: number;
  readonly minutes: number;
  readonly isSeries: boolean;
  readonly hasException: boolean;
  readonly isFree: boolean;
}

function shapeOf(n: number, isSeries: boolean): Shape {
  const [hour, minute] = [(n * 5) % 22, (n % 4) * 15];
  const day = isSeries ? Date.UTC(2026, 3, 1 + (n % 28)) : Date.UTC(2026, 4, 1 + ((n * 7) % 31));
  return {
    start: day + (hour * 60 + minute) * 60_000,
    minutes: 15 * (1 + (n % 8)),
    isSeries,
    hasException: isSeries && n % 5 === 0,
    isFree: n % 10 === 9,
  };
}

/** The nth event as iCalendar text. */
export function eventText(uid: string, n: number, isSeries = n < SERIES): string {
  const { start, minutes, hasException, isFree } = shapeOf(n, isSeries);
  const moved = start + 6 * WEEK;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Entente//Bench//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20260401T000000Z',
    `DTSTART:${basic(start)}`,
    `DURATION:PT${minutes}M`,
    `SUMMARY:Meeting ${n} with partner ${n % 37}`,
    `LOCATION:Room ${n % 12}`,
    'DESCRIPTION:Agenda item one\\, agenda item two\\; notes for the meeting and nothing more.',
    'ORGANIZER:mailto:alice@tenant-a.example',
    'ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@tenant-a.example',
    `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:user${n % 50}@tenant-b.example`,
    ...(isFree ? ['TRANSP:TRANSPARENT'] : []),
    ...(n % 10 === 8 ? ['STATUS:TENTATIVE'] : []),
    ...(isSeries ? ['RRULE:FREQ=WEEKLY;COUNT=26'] : []),
    ...(hasException
      ? [
          `EXDATE:${basic(start + 5 * WEEK)}`,
          'END:VEVENT',
          'BEGIN:VEVENT',
          `UID:${uid}`,
          `RECURRENCE-ID:${basic(moved)}`,
          'DTSTAMP:20260401T000000Z',
          `DTSTART:${basic(moved + 3_600_000)}`,
          `DURATION:PT${minutes}M`,
          `SUMMARY:Moved ${n}`,
        ]
      : []),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ];
  return lines.join('\r\n');
}

/** The minutes of that month in which the calendar is busy: 35,760. */
export function expectedBusyMinutes(): number {
  const spans: Span[] = [];
  for (let n = 0; n < EVENTS; n += 1) {
    const { start, minutes, isSeries, hasException, isFree } = shapeOf(n, n < SERIES);
    const length = minutes * 60_000;
    for (let k = 0; k < (isSeries ? 26 : 1); k += 1) {
      if (hasException && k === 5) continue;
      const isMoved = hasException && k === 6;
      const at = start + k * WEEK + (isMoved ? 3_600_000 : 0);
      // The moved one does not say that it leaves its owner free.
      if (!isFree || isMoved) spans.push([at, at + length]);
    }
  }
  return minutesOf(spans);
}

type Span = readonly [number, number];

/** What a VFREEBUSY says of May 2026, in minutes. */
export function answeredBusyMinutes(text: string): number {
  const spans: Span[] = [];
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const [, parameters = '', periods] = /^FREEBUSY([^:]*):(.*)$/.exec(line) ?? [];
    if (periods === undefined || /FBTYPE=FREE(;|$)/i.test(parameters)) continue;
    for (const period of periods.split(',')) {
      const [from = '', to = ''] = period.split('/');
      spans.push([timeOf(from), to.startsWith('P') ? timeOf(from) + lengthOf(to) : timeOf(to)]);
    }
  }
  return minutesOf(spans);
}

const timeOf = (text: string) =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

function lengthOf(text: string): number {
  const [, weeks, days, hours, minutes, seconds] =
    /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?/.exec(text) ?? [];
  const n = (part: string | undefined) => Number(part ?? 0);
  return (((n(weeks) * 7 + n(days)) * 24 + n(hours)) * 60 + n(minutes)) * 60_000 + n(seconds) * 1000;
}

function minutesOf(spans: readonly Span[]): number {
  let [sum, reached] = [0, FROM];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    const [begin, end] = [Math.max(from, reached), Math.min(to, TO)];
    if (end <= begin) continue;
    sum += end - begin;
    reached = end;
  }
  return sum / 60_000;
}

const NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
const RANGE = `<C:time-range start="${basic(FROM)}" end="${basic(TO)}"/>`;
const query = (properties: string) =>
  `<?xml version="1.0" encoding="utf-8"?><C:calendar-query ${NAMESPACES}><D:prop>${properties}</D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${RANGE}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;

/** The reports that calendar programs send most, about that month. */
export const REPORTS = {
  query: query('<D:getetag/><C:calendar-data/>'),
  etags: query('<D:getetag/>'),
  freebusy: `<?xml version="1.0" encoding="utf-8"?><C:free-busy-query ${NAMESPACES}>${RANGE}</C:free-busy-query>`,
} as const;
export type Report = keyof typeof REPORTS;
