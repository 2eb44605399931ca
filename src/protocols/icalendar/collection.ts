import { createHash } from 'node:crypto';
import ICAL from 'ical.js';
import { LIMITS, type Line, linesOf, readLine } from './lines.ts';
import { type CalendarObject, CalendarTextError, KEPT_COMPONENTS, objectOf } from './object.ts';
import { parseCalendar } from './parse.ts';
import { foldLine, printCalendar } from './print.ts';
import { definitionOf, zoneOf } from './zones.ts';

/** One event or task out of a file of many, on its own and with the zones that it names. */
export interface Found {
  readonly object: CalendarObject;
  readonly text: string;
}

/** What of a file cannot be kept, and why. */
export interface Left {
  readonly uid: string | null;
  readonly summary: string | null;
  readonly reason: string;
}

/** The components of one UID, each as its lines, unfolded. */
interface Group {
  readonly uid: string | null;
  readonly kind: string;
  readonly parts: string[][];
}

/** What reads one object of a file: the object, and what of it cannot be kept and why. */
export type Reader = () => readonly (Found | Left)[];

/**
 * The objects of a calendar file, in its order, each read when it is asked for: a file can be gone through in parts, and
 * again from where it was left. Anything that programs write is borne as far as its meaning is clear (README,
 * "Leniency"); what is broken in one event costs that event alone.
 * @throws CalendarTextError for a text that is no calendar, or too long.
 */
export function readersOf(source: string): Reader[] {
  if (source.length > LIMITS.characters) throw new CalendarTextError('valid-calendar-data', 'The file is too long.');
  const zones = new Map<string, string[]>();
  const groups = new Map<string, Group>();
  let count = 0;
  for (const part of componentsOf(source)) {
    const kind = kindOf(part);
    if (kind === 'VTIMEZONE') {
      const name = wordsOf(part, 'TZID');
      if (name !== null && !zones.has(name)) zones.set(name, part);
    } else {
      count += 1;
      if (count > LIMITS.components)
        throw new CalendarTextError('valid-calendar-data', 'The file holds too many events.');
      const uid = wordsOf(part, 'UID')?.trim() || null;
      const key = uid ?? `${kind}\n${part.join('\n')}`;
      const group = groups.get(key);
      if (group) group.parts.push(part);
      else groups.set(key, { uid, kind, parts: [part] });
    }
  }
  return [...groups.values()].map((group) => () => [...found(group, zones)]);
}

function* found(group: Group, zones: ReadonlyMap<string, string[]>): Generator<Found | Left> {
  const summary = wordsOf(group.parts[0]!, 'SUMMARY')?.slice(0, 255) ?? null;
  const left = (reason: string): Left => ({ uid: group.uid, summary, reason });
  if (!(KEPT_COMPONENTS as readonly string[]).includes(group.kind)) {
    // Journals, availability, old alarms: never an event, so not worth a word each unless somebody made it.
    if (/^V[A-Z]+$/.test(group.kind)) yield left(`A ${group.kind} cannot be kept in a calendar.`);
    return;
  }
  const parts = newestOf(group.parts);
  if (parts.length < group.parts.length) yield left('It stands there more than once; the newest is kept.');
  // Named by what is in it, so that the same file imported again is the same event.
  const uid =
    group.uid ?? `${createHash('sha256').update(group.parts[0]!.join('\n')).digest('hex').slice(0, 32)}@import`;
  const lines = parts.flatMap((part) => [
    part[0]!,
    ...(group.uid === null ? [`UID:${uid}`] : []),
    ...(saidIn(part, 'DTSTAMP') === null ? ['DTSTAMP:19700101T000000Z'] : []),
    ...part.slice(1),
  ]);
  const named = new Set(lines.flatMap(zonesIn));
  try {
    const text = [...HEAD, ...[...named].flatMap((name) => zones.get(name) ?? []), ...lines, 'END:VCALENDAR'].join(
      '\r\n',
    );
    const object = objectOf(parseCalendar(text));
    yield { object, text: printCalendar(object.calendar) };
  } catch (error) {
    yield left((error as Error).message);
  }
}

const HEAD = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Entente//Calendars//EN'];

/** One calendar with everything in several objects, each zone once; a zone that an object only names is defined. */
export function joinObjects(
  contents: Iterable<string>,
  { name, timeZone }: { name: string; timeZone: string },
): string {
  const pieces: string[] = [];
  const zones = new Map<string, string>();
  const wanted = new Set<string>();
  for (const content of contents) {
    for (const part of componentsOf(content)) {
      if (kindOf(part) === 'VTIMEZONE') {
        const zone = wordsOf(part, 'TZID');
        if (zone !== null && !zones.has(zone)) zones.set(zone, foldAll(part));
        continue;
      }
      for (const line of part) for (const zone of zonesIn(line)) wanted.add(zone);
      pieces.push(foldAll(part));
    }
  }
  for (const zone of wanted) {
    const defined = zones.has(zone) ? undefined : definitionOf(zoneOf(zone) ?? '');
    if (!defined) continue;
    defined.updatePropertyWithValue('tzid', zone);
    zones.set(zone, printCalendar(defined));
  }
  const head = new ICAL.Component(['vcalendar', [], []]);
  head.addPropertyWithValue('version', '2.0');
  head.addPropertyWithValue('prodid', '-//Entente//Calendars//EN');
  head.addPropertyWithValue('x-wr-calname', name);
  head.addPropertyWithValue('x-wr-timezone', timeZone);
  const text = printCalendar(head);
  const end = text.lastIndexOf('END:VCALENDAR');
  return [text.slice(0, end), ...zones.values(), ...pieces, text.slice(end)].join('');
}

/** Each component right below the calendars of a text, its lines unfolded, closed where the text forgot to. */
function* componentsOf(source: string): Generator<string[]> {
  const open: string[] = [];
  let part: string[] = [];
  const finish = function* (): Generator<string[]> {
    while (open.length > 0) part.push(`END:${open.pop()}`);
    if (part.length > 0) yield part;
    part = [];
  };
  let lines = 0;
  for (const raw of linesOf(source)) {
    lines += 1;
    if (lines > LIMITS.lines * 5) throw new CalendarTextError('valid-calendar-data', 'The file has too many lines.');
    const [, edge, said = ''] = /^\s*(BEGIN|END)\s*:\s*([A-Za-z0-9-]+)\s*$/i.exec(raw) ?? [];
    const name = said.toUpperCase();
    if (edge === undefined) {
      if (open.length > 0) part.push(raw);
      continue;
    }
    if (name === 'VCALENDAR') {
      yield* finish();
      continue;
    }
    if (edge.toUpperCase() === 'BEGIN') {
      // Nothing of this kind stands inside another: the one before does not end.
      if (TOP.has(name) && open.length > 0) yield* finish();
      // Deeper than anybody goes; parsing refuses it.
      if (open.length <= LIMITS.depth) {
        open.push(name);
        part.push(`BEGIN:${name}`);
      }
      continue;
    }
    const at = open.lastIndexOf(name);
    if (at < 0) continue;
    while (open.length > at) part.push(`END:${open.pop()}`);
    if (open.length === 0) yield* finish();
  }
  yield* finish();
}
const TOP = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VTIMEZONE', 'VFREEBUSY', 'VAVAILABILITY']);

const kindOf = (part: readonly string[]) => part[0]!.slice('BEGIN:'.length);

/** A property of the component itself, not of one inside it. */
function lineOf(part: readonly string[], name: string): Line | undefined {
  let depth = 0;
  for (const raw of part) {
    if (raw.startsWith('BEGIN:')) depth += 1;
    else if (raw.startsWith('END:')) depth -= 1;
    else if (depth === 1 && raw.length >= name.length && raw.slice(0, name.length).toUpperCase() === name) {
      const line = readLine(raw);
      if (line?.name === name) return line;
    }
  }
  return undefined;
}
const saidIn = (part: readonly string[], name: string): string | null => lineOf(part, name)?.value ?? null;

/** A TEXT without its escapes. */
const wordsOf = (part: readonly string[], name: string) =>
  saidIn(part, name)
    ?.replace(/\\n/gi, ' ')
    .replace(/\\([,;\\])/g, '$1') ?? null;

const zonesIn = (raw: string): readonly string[] =>
  /;TZID=/i.test(raw) ? (readLine(raw)?.parameters.get('tzid')?.slice(0, 1) ?? []) : [];

/** Of components that stand for the same instance, the one of the highest SEQUENCE, then the latest DTSTAMP. */
function newestOf(parts: readonly string[][]): readonly string[][] {
  if (parts.length === 1) return parts;
  const newest = new Map<string, string[]>();
  for (const part of parts) {
    const of = lineOf(part, 'RECURRENCE-ID')?.value.trim() ?? '';
    const known = newest.get(of);
    if (!known || isNewer(part, known)) newest.set(of, part);
  }
  return [...newest.values()];
}

function isNewer(part: readonly string[], than: readonly string[]): boolean {
  const sequence = (one: readonly string[]) => Number(saidIn(one, 'SEQUENCE')) || 0;
  if (sequence(part) !== sequence(than)) return sequence(part) > sequence(than);
  return (saidIn(part, 'DTSTAMP') ?? '') >= (saidIn(than, 'DTSTAMP') ?? '');
}

const foldAll = (lines: readonly string[]) => lines.map((line) => foldLine(line)).join('');
