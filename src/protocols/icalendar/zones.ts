import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { tzlib_get_ical_block } from 'timezones-ical-library';
import { findIana, findWindows } from 'windows-iana';

/** Looking a name up takes milliseconds, and every request names one. Strangers choose what is asked, so few are kept. */
function remembered<T>(look: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    if (known.has(name)) return known.get(name) as T;
    const found = look(name);
    if (known.size >= 2_000) known.clear();
    if (name.length <= 100) known.set(name, found);
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

/** The IANA name behind what programs write as a zone: IANA, Windows, or a path that ends in one. */
export const zoneOf = remembered((name): string | undefined => {
  const bare = name.trim().replace(/^"|"$/g, '');
  if (bare !== '' && isZone(bare)) return bare;
  const windows = findIana(bare)[0];
  if (windows !== undefined) return windows;
  // `/mozilla.org/20050126_1/Europe/Berlin`, `/freeassociation.sourceforge.net/Europe/Berlin`
  const tail = /([A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_+-]+)?)$/.exec(bare)?.[1];
  return tail !== undefined && tail !== bare && isZone(tail) ? tail : undefined;
});

/** The Windows name of an IANA zone, as the reference product's clients send and expect it; undefined: it has none. */
export const windowsNameOf = remembered((zone): string | undefined => findWindows(zone)[0]);

/** The definition of a zone (RFC 5545 §3.6.5) for calendars that name it. */
export function definitionOf(zone: string): ICAL.Component | undefined {
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
}

/**
 * Where in time a property stands. Floating times and dates are read in `ownerZone`; a zone that nobody knows is
 * found by its definition in the same calendar, else it counts as floating.
 */
export function momentOf(property: ICAL.Property, ownerZone: string, value?: unknown): Moment {
  const time = (value ?? property.getFirstValue()) as ICAL.Time;
  if (!(time instanceof ICAL.Time)) throw new RangeError(`${property.name} holds no time.`);
  const plain = Temporal.PlainDateTime.from(
    {
      year: time.year,
      month: time.month,
      day: time.day,
      hour: time.hour,
      minute: time.minute,
      second: Math.min(time.second, 59),
    },
    { overflow: 'reject' },
  );
  if (time.isDate) return { at: plain.toZonedDateTime(ownerZone), isDate: true };
  if (time.zone === ICAL.Timezone.utcTimezone) return { at: plain.toZonedDateTime('UTC'), isDate: false };
  const name = property.getFirstParameter('tzid') as string | undefined;
  if (name === undefined) return { at: plain.toZonedDateTime(ownerZone), isDate: false };
  const zone = zoneOf(name) ?? zoneDefinedBeside(property, name);
  if (zone !== undefined) return { at: plain.toZonedDateTime(zone), isDate: false };
  const offset = offsetDefinedBeside(property, name, time);
  return { at: plain.toZonedDateTime(offset ?? ownerZone), isDate: false };
}

function definitionBeside(property: ICAL.Property, name: string): ICAL.Component | undefined {
  let root = property.parent;
  while (root?.parent) root = root.parent as ICAL.Component;
  return root?.getAllSubcomponents('vtimezone').find((definition) => definition.getFirstPropertyValue('tzid') === name);
}

/** Programs that make up names often tell the real one in their definition. */
function zoneDefinedBeside(property: ICAL.Property, name: string): string | undefined {
  const told = definitionBeside(property, name)?.getFirstPropertyValue('x-lic-location');
  return typeof told === 'string' ? zoneOf(told) : undefined;
}

/** The offset that a made-up zone has at one time, as a zone of its own: `+02:00`. */
function offsetDefinedBeside(property: ICAL.Property, name: string, time: ICAL.Time): string | undefined {
  const definition = definitionBeside(property, name);
  if (!definition) return undefined;
  const seconds = new ICAL.Timezone({ component: definition, tzid: name }).utcOffset(time);
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
