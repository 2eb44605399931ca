import { createHash } from 'node:crypto';
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { printCalendar } from '../../protocols/icalendar/index.ts';
import type { ShowAs, Told } from './occurrence.ts';

/** One instance as a link shows it: what was left out by the role is nowhere in it. */
export interface ShownEvent {
  readonly key: string;
  readonly told: Told;
  readonly changedAt: Date;
  readonly description: string | null;
}

export interface Feed {
  /** Keeps the ids of events apart from those of other links, and from their own. */
  readonly linkId: string;
  readonly name: string;
  /** An IANA name: that of whole days. */
  readonly timeZone: string;
  readonly events: readonly ShownEvent[];
}

/** What a time is called of which nothing else is told. */
const TIME_WORDS: Readonly<Record<ShowAs, string>> = {
  free: 'Free',
  tentative: 'Tentative',
  busy: 'Busy',
  oof: 'Away',
  workingElsewhere: 'Free',
};

const PRODUCT = '-//Entente//Published calendar//EN';
/** How often a program need look again. */
const REFRESH = 'PT1H';

/**
 * A published calendar as a feed (RFC 5545, METHOD:PUBLISH of RFC 5546 §3.2.1; RFC 7986 §5.7). Series are unfolded: what
 * lies outside the window cannot be computed from what is inside. No addresses of anybody stand in it.
 */
export function printFeed({ linkId, name, timeZone, events }: Feed): string {
  const calendar = new ICAL.Component('vcalendar');
  calendar.updatePropertyWithValue('version', '2.0');
  calendar.updatePropertyWithValue('prodid', PRODUCT);
  calendar.updatePropertyWithValue('method', 'PUBLISH');
  setText(calendar, 'x-wr-calname', name);
  setText(calendar, 'name', name);
  const refresh = new ICAL.Property('refresh-interval');
  refresh.resetType('duration');
  refresh.setValue(ICAL.Duration.fromString(REFRESH));
  calendar.addProperty(refresh);
  setText(calendar, 'x-published-ttl', REFRESH);
  for (const event of events) calendar.addSubcomponent(componentOf(linkId, event, timeZone));
  return printCalendar(calendar);
}

function componentOf(linkId: string, { key, told, changedAt, description }: ShownEvent, timeZone: string) {
  const event = new ICAL.Component('vevent');
  const uid = createHash('sha256').update(`${linkId} ${key}`).digest('hex').slice(0, 32);
  event.updatePropertyWithValue('uid', uid);
  event.updatePropertyWithValue('dtstamp', ICAL.Time.fromJSDate(changedAt, true));
  event.updatePropertyWithValue('dtstart', timeOf(told.startsAt, told.isAllDay, timeZone));
  event.updatePropertyWithValue('dtend', timeOf(told.endsAt, told.isAllDay, timeZone));
  event.updatePropertyWithValue('summary', told.detail === 'time' ? TIME_WORDS[told.showAs] : (told.subject ?? ''));
  const isFree = told.showAs === 'free' || told.showAs === 'workingElsewhere';
  event.updatePropertyWithValue('transp', isFree ? 'TRANSPARENT' : 'OPAQUE');
  event.updatePropertyWithValue('status', told.showAs === 'tentative' ? 'TENTATIVE' : 'CONFIRMED');
  if (told.location !== null) event.updatePropertyWithValue('location', told.location);
  if (description !== null) event.updatePropertyWithValue('description', description);
  return event;
}

function timeOf(at: Date, isDate: boolean, timeZone: string): ICAL.Time {
  if (!isDate) return ICAL.Time.fromJSDate(at, true);
  return ICAL.Time.fromDateString(dateIn(at, timeZone));
}

/** `2026-05-04`, the day on which a moment falls there. */
export const dateIn = (at: Date, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();

function setText(component: ICAL.Component, name: string, text: string): void {
  const property = new ICAL.Property(name);
  // Its type is not known to the library, which then neither escapes nor names it.
  property.setValue(text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n'));
  component.addProperty(property);
}
