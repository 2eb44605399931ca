import type ICAL from 'ical.js';
import { IcalendarSyntaxError, parseCalendar } from './parse.ts';

/** Components that can be kept in a calendar. */
export const KEPT_COMPONENTS = ['VEVENT', 'VTODO'] as const;
export type KeptComponent = (typeof KEPT_COMPONENTS)[number];

/** One iCalendar object as calendars keep it (RFC 4791 §4.1): one event or task, with the exceptions of its series. */
export interface CalendarObject {
  /** The VCALENDAR. */
  readonly calendar: ICAL.Component;
  readonly component: KeptComponent;
  readonly uid: string;
  /** The event or the series; undefined when only single instances of a series are known here. */
  readonly master: ICAL.Component | undefined;
  /** Instances that differ from the series. */
  readonly exceptions: readonly ICAL.Component[];
}

/** Why a text is no calendar object. `rule` is the precondition of RFC 4791 §5.3.2.1 that it breaks. */
export class CalendarTextError extends Error {
  readonly rule:
    | 'valid-calendar-data'
    | 'valid-calendar-object-resource'
    | 'supported-calendar-component'
    | 'max-instances';

  constructor(rule: CalendarTextError['rule'], message: string) {
    super(message);
    this.name = 'CalendarTextError';
    this.rule = rule;
  }
}

/**
 * Reads iCalendar text (RFC 5545) and keeps every property in it, known or not.
 * @throws CalendarTextError when it is no iCalendar text.
 */
export function readCalendar(text: string): ICAL.Component {
  let calendar: ICAL.Component;
  try {
    calendar = parseCalendar(text);
  } catch (error) {
    if (!(error instanceof IcalendarSyntaxError)) throw error;
    throw new CalendarTextError('valid-calendar-data', `This is no iCalendar text: ${error.message}`);
  }
  if (calendar.name !== 'vcalendar') throw new CalendarTextError('valid-calendar-data', 'This holds no VCALENDAR.');
  return calendar;
}

/**
 * Reads one calendar object: one UID, one kind of component, at most one master, no METHOD.
 * @throws CalendarTextError naming the rule that it breaks.
 */
export function readObject(text: string): CalendarObject {
  return objectOf(readCalendar(text));
}

/** The same for an object that may be on its way, with a METHOD (RFC 5546). */
export function readObjectOnItsWay(text: string): CalendarObject {
  const calendar = readCalendar(text);
  calendar.removeAllProperties('method');
  return objectOf(calendar);
}

/** The same for a calendar that is parsed already. */
export function objectOf(calendar: ICAL.Component): CalendarObject {
  if (calendar.getFirstPropertyValue('method') !== null) throw broken('An object that is kept has no METHOD.');
  const parts = calendar.getAllSubcomponents().filter(({ name }) => name !== 'vtimezone');
  const kinds = new Set(parts.map(({ name }) => name.toUpperCase()));
  const [component] = kinds;
  if (component === undefined) throw broken('It holds neither an event nor a task.');
  if (kinds.size > 1) throw broken(`It mixes ${[...kinds].join(' and ')}; an object holds one kind.`);
  if (!isKept(component)) {
    throw new CalendarTextError('supported-calendar-component', `${component} cannot be kept in a calendar.`);
  }
  const uids = new Set(parts.map((part) => part.getFirstPropertyValue('uid')));
  const [uid] = uids;
  if (typeof uid !== 'string' || uid === '') throw broken(`A ${component} needs a UID.`);
  if (uids.size > 1) throw broken('It holds several UIDs; each event or task is an object of its own.');
  const masters = parts.filter((part) => !part.hasProperty('recurrence-id'));
  if (masters.length > 1) throw broken('It holds the same event twice.');
  const master = masters[0];
  if (component === 'VEVENT') {
    for (const part of parts) if (!part.hasProperty('dtstart')) throw broken('An event needs a DTSTART.');
  }
  return { calendar, component, uid, master, exceptions: parts.filter((part) => part !== master) };
}

/** A property's text, or null. Multiple values come joined as they stand in the text. */
export function textOf(component: ICAL.Component, name: string): string | null {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? null : String(value);
}

/** A calendar address without its scheme, lower case (RFC 5545 §3.3.3; clients disagree about the case). */
export const addressOf = (value: unknown): string =>
  String(value)
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase();

const isKept = (name: string): name is KeptComponent => (KEPT_COMPONENTS as readonly string[]).includes(name);
const broken = (message: string) => new CalendarTextError('valid-calendar-object-resource', message);
