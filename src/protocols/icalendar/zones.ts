import ICAL from 'ical.js';
import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';
import { tzlib_get_ical_block } from 'timezones-ical-library';
import { findIana, findWindows } from 'windows-iana';

/** Looking a name up takes milliseconds, and every line names one. Strangers choose what is asked, so few are kept. */
function remembered<T>(look: (name: string) => T): (name: string) => T {
  const known = new LRUCache<string, { readonly found: T }>({ max: 2_000 });
  return (name) => {
    const hit = known.get(name);
    if (hit) return hit.found;
    const found = look(name);
    if (name.length <= 255) known.set(name, { found });
    return found;
  };
}

/** Whether the machine knows a zone of this IANA name. */
export const isZone = remembered((name): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
});

/** The IANA name behind what programs write as a zone: IANA, Windows, what Windows shows, or a path that ends in one. */
export const zoneOf = remembered((name): string | undefined => {
  const bare = name.trim().replace(/^"|"$/g, '').slice(0, 255);
  // `+02:00` and `GMT+2` are no zones with rules; `Etc/GMT-2` is one.
  if (bare === '' || /^[+-]/.test(bare)) return undefined;
  if (isZone(bare)) return bare;
  const windows = findIana(bare)[0];
  if (windows !== undefined) return windows;
  // `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`: the name that Outlook shows people.
  const shown = /^\((?:UTC|GMT)(?:[+-]\d{1,2}[:.]?\d{2})?\)\s*(.*)$/.exec(bare);
  if (shown) return SHOWN.get(citiesOf(shown[1]!)) ?? zoneOfCity(shown[1]!);
  // `/mozilla.org/20050126_1/Europe/Berlin`, `/freeassociation.sourceforge.net/Europe/Berlin`
  const tail = /([A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_+-]+)?)$/.exec(bare)?.[1];
  if (tail !== undefined && tail !== bare && isZone(tail)) return tail;
  const shorter = tail?.split('/').slice(-2).join('/');
  return shorter !== undefined && isZone(shorter) ? shorter : undefined;
});

const citiesOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();

/** The zones whose shown names hold no city that IANA knows. */
const SHOWN = new Map(
  Object.entries({
    'eastern time us canada': 'America/New_York',
    'central time us canada': 'America/Chicago',
    'mountain time us canada': 'America/Denver',
    'pacific time us canada': 'America/Los_Angeles',
    'atlantic time canada': 'America/Halifax',
    'coordinated universal time': 'UTC',
    arizona: 'America/Phoenix',
    alaska: 'America/Anchorage',
    hawaii: 'Pacific/Honolulu',
    newfoundland: 'America/St_Johns',
    saskatchewan: 'America/Regina',
    'central america': 'America/Guatemala',
    'west central africa': 'Africa/Lagos',
    'chennai kolkata mumbai new delhi': 'Asia/Kolkata',
    'beijing chongqing hong kong urumqi': 'Asia/Shanghai',
    'osaka sapporo tokyo': 'Asia/Tokyo',
    'abu dhabi muscat': 'Asia/Dubai',
    'greenwich mean time dublin edinburgh lisbon london': 'Europe/London',
    'dublin edinburgh lisbon london': 'Europe/London',
  }),
);

/** The zone of the first city of a list that is a zone's name. */
function zoneOfCity(cities: string): string | undefined {
  byCity ??= new Map(
    Intl.supportedValuesOf('timeZone').map((zone) => [
      zone.split('/').at(-1)!.replaceAll('_', ' ').toLowerCase(),
      zone,
    ]),
  );
  for (const city of cities.split(',')) {
    const zone = byCity.get(city.trim().toLowerCase());
    if (zone !== undefined) return zone;
  }
  return undefined;
}
let byCity: Map<string, string> | undefined;

/** The Windows name of an IANA zone, as the reference product's clients send and expect it; undefined: it has none. */
export const windowsNameOf = remembered((zone): string | undefined => findWindows(zone)[0]);

/** The definition of a zone (RFC 5545 §3.6.5) for calendars that name it. */
export function definitionOf(zone: string): ICAL.Component | undefined {
  // The library says on the console what it does not know.
  if (!isZone(zone)) return undefined;
  const [block] = tzlib_get_ical_block(zone);
  if (!block) return undefined;
  const parsed = new ICAL.Component(ICAL.parse(`BEGIN:VCALENDAR\r\n${block.trimEnd()}\r\nEND:VCALENDAR`));
  return parsed.getFirstSubcomponent('vtimezone') ?? undefined;
}

/** A moment as it stands in a calendar: in the zone that its rules run in. */
export interface Moment {
  readonly at: Temporal.ZonedDateTime;
  /** A date, not a time: the whole day, wherever the reader is. */
  readonly isDate: boolean;
  /** A zone that the calendar itself defines and nobody else knows. Then `at` has the offset of that moment alone. */
  readonly ownZone?: OwnZone | undefined;
}

/**
 * Where in time a property stands. Floating times and dates are read in `ownerZone`; a zone that nobody knows is
 * found by its definition in the same calendar, else it counts as floating.
 * @throws RangeError when it holds no time.
 */
export function momentOf(property: ICAL.Property, ownerZone: string, value?: unknown): Moment {
  const time = (value ?? property.getFirstValue()) as ICAL.Time;
  if (!(time instanceof ICAL.Time)) throw new RangeError(`${property.name.toUpperCase()} holds no time.`);
  const { year, month, day, hour, minute, second } = time;
  const plain = new Temporal.PlainDateTime(year, month, day, hour, minute, Math.min(second, 59));
  if (time.isDate) return { at: plain.toZonedDateTime(ownerZone), isDate: true };
  if (time.zone === ICAL.Timezone.utcTimezone) return { at: plain.toZonedDateTime('UTC'), isDate: false };
  const said = property.getFirstParameter('tzid') as string | string[] | undefined;
  const name = Array.isArray(said) ? said[0] : said;
  if (name === undefined) return { at: plain.toZonedDateTime(ownerZone), isDate: false };
  const definition = definitionBeside(property, name);
  const zone = zoneOf(name) ?? zoneToldIn(definition);
  if (zone !== undefined) return { at: plain.toZonedDateTime(zone), isDate: false };
  const ownZone = definition && OwnZone.of(definition);
  if (!ownZone) return { at: plain.toZonedDateTime(ownerZone), isDate: false };
  return { at: ownZone.at(plain), isDate: false, ownZone };
}

function definitionBeside(property: ICAL.Property, name: string): ICAL.Component | undefined {
  let root = property.parent;
  while (root?.parent) root = root.parent as ICAL.Component;
  return root?.getAllSubcomponents('vtimezone').find((definition) => definition.getFirstPropertyValue('tzid') === name);
}

/** Programs that make up names often tell the real one in their definition. */
function zoneToldIn(definition: ICAL.Component | undefined): string | undefined {
  const told = definition?.getFirstPropertyValue('x-lic-location');
  return typeof told === 'string' ? zoneOf(told) : undefined;
}

/** When an offset begins. Times are those that a clock shows, in seconds as if it were UTC's. */
interface Onset {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}
/** What one definition may hold; the zones of the world have a handful, those with all their past a hundred. */
const OBSERVANCES_AT_MOST = 200;
const DATES_AT_MOST = 200;
const ONSETS_AT_MOST = 1_000;

/** A zone by the rules of its definition (RFC 5545 §3.6.5). */
export class OwnZone {
  static readonly #made = new WeakMap<ICAL.Component, OwnZone>();
  readonly #definition: ICAL.Component;
  readonly #onsets = new Map<number, readonly Onset[]>();

  private constructor(definition: ICAL.Component) {
    this.#definition = definition;
  }

  static of(definition: ICAL.Component): OwnZone {
    const made = OwnZone.#made.get(definition) ?? new OwnZone(definition);
    OwnZone.#made.set(definition, made);
    return made;
  }

  /** The moment at which the zone's clocks show a time; the earlier of two, and by the older offset in a gap. */
  at(plain: Temporal.PlainDateTime): Temporal.ZonedDateTime {
    return plain.toZonedDateTime(offsetName(this.#offset(plain)));
  }

  /** What the zone's clocks show at a moment. */
  clock(instant: Temporal.Instant): Temporal.PlainDateTime {
    const utc = instant.toZonedDateTimeISO('UTC').toPlainDateTime();
    const guess = this.#offset(utc);
    return utc.add({ seconds: this.#offset(utc.add({ seconds: guess })) });
  }

  #offset(plain: Temporal.PlainDateTime): number {
    const onsets = this.#until(plain.year);
    const clock = clockOf(plain);
    // In a gap the clocks never show the time: the older offset holds until the gap is over.
    const last = onsets.findLast(({ at, from, to }) => at + Math.max(0, to - from) <= clock);
    return last ? last.to : (onsets[0]?.from ?? 0);
  }

  /** The onsets of the year, of the one before, and the first of each observance, in order. */
  #until(year: number): readonly Onset[] {
    const known = this.#onsets.get(year);
    if (known) return known;
    const observances = this.#definition.getAllSubcomponents().slice(0, OBSERVANCES_AT_MOST);
    const onsets = observances.flatMap((one) => onsetsOf(one, year)).slice(0, ONSETS_AT_MOST);
    onsets.sort((a, b) => a.at - b.at);
    if (this.#onsets.size < 1_000) this.#onsets.set(year, onsets);
    return onsets;
  }
}

const clockOf = (plain: Temporal.PlainDateTime) => plain.toZonedDateTime('UTC').epochMilliseconds / 1000;

function onsetsOf(observance: ICAL.Component, year: number): Onset[] {
  const start = observance.getFirstPropertyValue('dtstart');
  const [from, to] = [secondsOf(observance, 'tzoffsetfrom'), secondsOf(observance, 'tzoffsetto')];
  if (!(start instanceof ICAL.Time) || to === undefined) return [];
  const first = plainOf(start);
  const at = [first];
  for (const property of observance.getAllProperties('rdate').slice(0, DATES_AT_MOST)) {
    for (const value of property.getValues()) {
      if (at.length >= DATES_AT_MOST) break;
      if (value instanceof ICAL.Time) at.push(plainOf(value));
    }
  }
  const rule = observance.getFirstPropertyValue('rrule');
  // Clocks change by the year; a rule of any other kind is none of a zone.
  if (rule instanceof ICAL.Recur && rule.freq === 'YEARLY') at.push(...yearlyOf(rule, first, year));
  return at.map((one) => ({ at: clockOf(one), from: from ?? to, to }));
}

/** When a rule such as `BYDAY=-1SU;BYMONTH=3` strikes in a year and in the one before. */
function yearlyOf(rule: ICAL.Recur, first: Temporal.PlainDateTime, year: number): Temporal.PlainDateTime[] {
  const until = rule.until instanceof ICAL.Time ? plainOf(rule.until) : undefined;
  const found: Temporal.PlainDateTime[] = [];
  for (const each of [Math.min(year, until?.year ?? year) - 1, Math.min(year, until?.year ?? year)]) {
    if (each < first.year || (each - first.year) % Math.max(1, rule.interval) !== 0) continue;
    for (const month of partOf(rule, 'BYMONTH') ?? [first.month]) {
      const day = dayOf(rule, each, Number(month), first.day);
      if (day === undefined) continue;
      const at = first.with({ year: each, month: Number(month), day });
      if (Temporal.PlainDateTime.compare(at, first) < 0) continue;
      if (!until || Temporal.PlainDateTime.compare(at, until.add({ days: 1 })) <= 0) found.push(at);
    }
  }
  return found;
}

const partOf = (rule: ICAL.Recur, name: string): readonly (string | number)[] | undefined =>
  (rule.parts as Record<string, (string | number)[] | undefined>)[name]?.slice(0, 31);

function dayOf(rule: ICAL.Recur, year: number, month: number, otherwise: number): number | undefined {
  if (!(month >= 1 && month <= 12)) return undefined;
  const begin = Temporal.PlainDate.from({ year, month, day: 1 });
  const days = partOf(rule, 'BYMONTHDAY')
    ?.map(Number)
    .map((day) => (day < 0 ? begin.daysInMonth + day + 1 : day));
  const byDay = /^([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)$/.exec(String(partOf(rule, 'BYDAY')?.[0] ?? ''));
  if (!byDay)
    return days ? days.find((day) => day >= 1 && day <= begin.daysInMonth) : Math.min(otherwise, begin.daysInMonth);
  const weekday = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'].indexOf(byDay[2]!) + 1;
  const first = 1 + ((weekday - begin.dayOfWeek + 7) % 7);
  const all = Array.from({ length: 5 }, (_, week) => first + 7 * week).filter((day) => day <= begin.daysInMonth);
  // `BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14`: the second Sunday, as some programs write it.
  if (days) return all.find((day) => days.includes(day));
  const position = Number(byDay[1] ?? 1);
  return position < 0 ? all.at(position) : all[position - 1];
}

const plainOf = ({ year, month, day, hour, minute, second }: ICAL.Time) =>
  Temporal.PlainDateTime.from({ year, month, day, hour, minute, second: Math.min(second, 59) });

function secondsOf(observance: ICAL.Component, name: string): number | undefined {
  const value = observance.getFirstPropertyValue(name);
  const seconds = value instanceof ICAL.UtcOffset ? value.toSeconds() : undefined;
  return seconds !== undefined && Math.abs(seconds) < 86_400 ? seconds : undefined;
}

/** An offset as a zone of its own: `+02:00`. */
function offsetName(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
