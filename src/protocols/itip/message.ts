import ICAL from 'ical.js';
import { addressOf, CalendarTextError, readCalendar, textOf } from '../icalendar/index.ts';

/** What a scheduling message does (RFC 5546 §1.4). */
export const METHODS = [
  'REQUEST',
  'REPLY',
  'CANCEL',
  'ADD',
  'REFRESH',
  'COUNTER',
  'DECLINECOUNTER',
  'PUBLISH',
] as const;
export type Method = (typeof METHODS)[number];

/** A scheduling message: one method about one UID. */
export interface Message {
  readonly method: Method;
  readonly uid: string;
  /** The VCALENDAR with its METHOD. */
  readonly calendar: ICAL.Component;
  /** The event, the series, or instances of it. */
  readonly parts: readonly ICAL.Component[];
}

/**
 * Reads a scheduling message.
 * @throws CalendarTextError when it is none: no METHOD that we know, no event, or several UIDs.
 */
export function readMessage(text: string): Message {
  const calendar = readCalendar(text);
  const method = String(calendar.getFirstPropertyValue('method') ?? '').toUpperCase();
  if (!isMethod(method)) throw new CalendarTextError('valid-calendar-data', `"${method}" is no scheduling method.`);
  const parts = calendar.getAllSubcomponents('vevent');
  const uids = new Set(parts.map((part) => textOf(part, 'uid')));
  const [uid] = uids;
  if (typeof uid !== 'string' || uids.size !== 1) {
    throw new CalendarTextError('valid-calendar-object-resource', 'A message is about one event with one UID.');
  }
  return { method, uid, calendar, parts };
}

/** A message about components, which are copied. Zones that `source` defines and they use come along. */
export function composeMessage(method: Method, parts: readonly ICAL.Component[], source: ICAL.Component): Message {
  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('prodid', '-//Entente//EN');
  calendar.addPropertyWithValue('method', method);
  const copies = parts.map(copyOf);
  const used = new Set(copies.flatMap((part) => part.getAllProperties().map((one) => one.getFirstParameter('tzid'))));
  for (const zone of source.getAllSubcomponents('vtimezone')) {
    if (used.has(textOf(zone, 'tzid') ?? '')) calendar.addSubcomponent(copyOf(zone));
  }
  for (const part of copies) calendar.addSubcomponent(part);
  return { method, uid: textOf(copies[0]!, 'uid')!, calendar, parts: copies };
}

/** A component that shares nothing with the one it is made from. */
export const copyOf = (component: ICAL.Component): ICAL.Component =>
  new ICAL.Component(structuredClone(component.toJSON()));

/** The people a component invites, each with the property that says so. */
export function attendeesOf(part: ICAL.Component): ReadonlyMap<string, ICAL.Property> {
  return new Map(part.getAllProperties('attendee').map((one) => [addressOf(one.getFirstValue()), one]));
}

/** The organiser's address, lower case; undefined: it is nobody's meeting. */
export function organizerOf(part: ICAL.Component): string | undefined {
  const value = part.getFirstPropertyValue('organizer');
  return value ? addressOf(value) : undefined;
}

/** Who may speak for the organiser: the one named as having sent it. */
export function sentByOf(part: ICAL.Component): string | undefined {
  const sentBy = part.getFirstProperty('organizer')?.getFirstParameter('sent-by');
  return sentBy ? addressOf(sentBy) : undefined;
}

export const partStatOf = (attendee: ICAL.Property): string =>
  String(attendee.getFirstParameter('partstat') ?? 'NEEDS-ACTION').toUpperCase();

/** Which instance a part is about, as its text; undefined: the event or the whole series. */
export const recurrenceOf = (part: ICAL.Component): string | undefined =>
  part.getFirstPropertyValue('recurrence-id')?.toString();

export const sequenceOf = (part: ICAL.Component): number => Number(part.getFirstPropertyValue('sequence') ?? 0) || 0;

/** When a part was last said, in seconds; 0 when it does not tell. */
export function stampOf(part: ICAL.Component): number {
  const stamp = part.getFirstPropertyValue('dtstamp');
  return stamp instanceof ICAL.Time ? stamp.toUnixTime() : 0;
}

export function stamp(part: ICAL.Component, now: Date): void {
  part.updatePropertyWithValue('dtstamp', ICAL.Time.fromJSDate(now, true));
}

const isMethod = (text: string): text is Method => (METHODS as readonly string[]).includes(text);
