import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { kernelFaults } from '../../../kernel/fault.ts';
import { addressOf, firstOf, instanceOf, momentOf } from '../../../protocols/icalendar/index.ts';
import { type WrittenTime, writeTime } from '../../model/series.ts';
import type { Editing } from '../../usecases/writing.ts';
import type { EventBody } from './event-shape.ts';
import { ruleOf } from './recurrence.ts';
import { setText, textOfHtml } from './text.ts';
import { readTime } from './times.ts';

/**
 * Writes what a program said of an event into it, and touches nothing else. Nothing given leaves things as they are;
 * null takes them away.
 * @throws request.invalid.
 */
export function writeEvent(editing: Editing, body: EventBody): void {
  const { event } = editing;
  writeTimes(editing, body);
  writeRecurrence(editing, body);
  if (body.subject !== undefined) setText(event, 'summary', body.subject);
  if (body.body !== undefined) writeBody(event, body.body);
  writeLocations(event, body);
  if (body.attendees !== undefined) writeAttendees(editing, body.attendees ?? []);
  if (body.responseRequested !== undefined && body.responseRequested !== null) {
    for (const one of event.getAllProperties('attendee')) one.setParameter('rsvp', word(body.responseRequested));
  }
  if (body.showAs) writeShowAs(event, body.showAs);
  if (body.sensitivity) setText(event, 'class', CLASSES[body.sensitivity]);
  if (body.importance) writeNumber(event, 'priority', PRIORITIES[body.importance]);
  if (body.categories !== undefined) writeCategories(event, body.categories ?? []);
  writeReminder(event, body);
  writeOnlineMeeting(event, body);
  if (body.allowNewTimeProposals !== undefined) {
    setText(event, 'x-microsoft-disallow-counter', body.allowNewTimeProposals === false ? 'TRUE' : null);
  }
  if (body.hideAttendees !== undefined) setText(event, HIDE_ATTENDEES, body.hideAttendees ? 'TRUE' : null);
}

export const HIDE_ATTENDEES = 'x-entente-hide-attendees';
export const LOCATIONS = 'x-entente-locations';
export const TRANSACTION = 'x-entente-transaction-id';

export const CLASSES = {
  normal: null,
  personal: 'X-PERSONAL',
  private: 'PRIVATE',
  confidential: 'CONFIDENTIAL',
} as const;
export const PRIORITIES = { high: 1, normal: null, low: 9 } as const;
const word = (value: boolean) => (value ? 'TRUE' : 'FALSE');

// ---------------------------------------------------------------------------------------------------------------
// Time

function writeTimes({ event, calendar }: Editing, body: EventBody): void {
  const given = body.start ?? body.end ?? body.isAllDay;
  if (given === undefined || given === null) return;
  const known = event.hasProperty('dtstart') ? instanceOf(event, calendar.timeZone, '') : undefined;
  const isAllDay = body.isAllDay ?? known?.isAllDay ?? false;
  const start = body.start ? readTime(body.start, isAllDay, 'start') : asWritten(known?.start, isAllDay);
  const end = body.end ? readTime(body.end, isAllDay, 'end') : asWritten(known?.end, isAllDay);
  if (isAllDay) {
    for (const [name, { clock }] of [
      ['start', start],
      ['end', end],
    ] as const) {
      if (!clock.toPlainTime().equals('00:00') && body[name])
        throw kernelFaults.invalid(`An event of whole days has its ${name} at midnight.`);
    }
    if (body.start && body.end && start.zone !== end.zone)
      throw kernelFaults.invalid('An event of whole days starts and ends in the same time zone.');
  }
  const days = midnights(start, end, isAllDay);
  if (isBefore(days.end, days.start)) throw kernelFaults.invalid('The event ends before it starts.');
  if (isAllDay && !isBefore(days.start, days.end))
    throw kernelFaults.invalid('An event of whole days lasts at least one.');
  writeTime(event, 'dtstart', days.start);
  event.removeAllProperties('duration');
  writeTime(event, 'dtend', days.end);
}

/** Where an event stands now, as somebody would have written it. An offset is no zone that others know. */
function asWritten(at: Temporal.ZonedDateTime | undefined, isDate: boolean): WrittenTime {
  if (!at) throw kernelFaults.invalid('An event needs a start and an end.');
  const placed = /^[+-]/.test(at.timeZoneId) ? at.withTimeZone('UTC') : at;
  return { clock: placed.toPlainDateTime(), zone: placed.timeZoneId, isDate };
}

/** Of whole days, the first and the one after the last. */
function midnights(start: WrittenTime, end: WrittenTime, isAllDay: boolean) {
  if (!isAllDay) return { start, end };
  const midnight = Temporal.PlainTime.from('00:00');
  const first = { ...start, clock: start.clock.toPlainDate().toPlainDateTime(midnight) };
  const isWhole = end.clock.toPlainTime().equals(midnight);
  const last = end.clock.toPlainDate().add({ days: isWhole ? 0 : 1 });
  return { start: first, end: { ...end, clock: last.toPlainDateTime(midnight) } };
}

const instantOf = ({ clock, zone, isDate }: WrittenTime) => clock.toZonedDateTime(isDate ? 'UTC' : zone).toInstant();
const isBefore = (a: WrittenTime, b: WrittenTime) => Temporal.Instant.compare(instantOf(a), instantOf(b)) < 0;

function writeRecurrence({ event, calendar, isInstance }: Editing, { recurrence }: EventBody): void {
  if (recurrence === undefined) return;
  if (recurrence === null) {
    for (const name of ['rrule', 'rdate', 'exdate', 'exrule']) event.removeAllProperties(name);
    return;
  }
  if (isInstance) throw kernelFaults.invalid('A single instance of a series has no recurrence of its own.');
  const { start, end } = instanceOf(event, calendar.timeZone, '');
  const { isDate } = momentOf(event.getFirstProperty('dtstart') as ICAL.Property, calendar.timeZone);
  // The series begins on the day that the range names, and its first instance is the first that the pattern has.
  const day = recurrence.range.startDate ? Temporal.PlainDate.from(recurrence.range.startDate) : start.toPlainDate();
  const from = day.toPlainDateTime(start.toPlainTime()).toZonedDateTime(start.timeZoneId);
  const rule = ruleOf(recurrence, asWritten(from, isDate));
  const first = firstOf(rule, { at: from, isDate });
  if (!first) throw kernelFaults.invalid('recurrence: the pattern has no instance in its range.');
  if (!first.equals(start)) {
    const moved = { ...asWritten(first, isDate) };
    const length = start.until(end.withTimeZone(start.timeZoneId), { largestUnit: 'day' });
    writeTime(event, 'dtstart', moved);
    event.removeAllProperties('duration');
    writeTime(event, 'dtend', asWritten(first.add(length).withTimeZone(end.timeZoneId), isDate));
  }
  // Instances that were taken out stay out as long as the series would have them.
  for (const name of ['rrule', 'rdate', 'exrule']) event.removeAllProperties(name);
  event.addPropertyWithValue('rrule', ICAL.Recur.fromString(rule));
}

// ---------------------------------------------------------------------------------------------------------------
// Words

/** HTML is kept whole beside its words, which is what programs that know no HTML show. */
export function writeBody(event: ICAL.Component, body: NonNullable<EventBody['body']> | null): void {
  event.removeAllProperties('x-alt-desc');
  const content = body?.content ?? '';
  const isHtml = body?.contentType === 'html';
  setText(event, 'description', isHtml ? textOfHtml(content) : content);
  if (!isHtml || content.trim() === '') return;
  setText(event, 'x-alt-desc', content);
  event.getFirstProperty('x-alt-desc')?.setParameter('fmttype', 'text/html');
}

function writeLocations(event: ICAL.Component, body: EventBody): void {
  // The two say the same; one place alone stands for all.
  const given = body.locations ?? (body.location === undefined ? undefined : body.location ? [body.location] : []);
  if (given === undefined) return;
  const locations = given.filter((one) => Object.values(one).some((value) => value !== null && value !== undefined));
  setText(event, 'location', printLocations(locations));
  const isPlain =
    locations.length <= 1 && locations.every(({ displayName: _, locationType: _type, ...rest }) => !hasValue(rest));
  setText(event, LOCATIONS, isPlain ? null : JSON.stringify(locations));
}

/** Places as the one line that every calendar program shows. */
export const printLocations = (locations: readonly { readonly displayName?: string | null | undefined }[]): string =>
  locations
    .map(({ displayName }) => displayName ?? '')
    .filter((name) => name !== '')
    .join('; ');

const hasValue = (row: object): boolean =>
  Object.values(row).some(
    (value) => value !== null && value !== undefined && (typeof value !== 'object' || hasValue(value)),
  );

const ROLES = { required: 'REQ-PARTICIPANT', optional: 'OPT-PARTICIPANT', resource: 'NON-PARTICIPANT' } as const;

/** Who stays keeps what they answered and what other programs noted of them. */
function writeAttendees({ event, owner }: Editing, attendees: NonNullable<EventBody['attendees']>): void {
  const known = new Map(event.getAllProperties('attendee').map((one) => [addressOf(one.getFirstValue()), one]));
  event.removeAllProperties('attendee');
  const seen = new Set<string>();
  for (const { type, emailAddress } of attendees) {
    const address = emailAddress.address?.trim() ?? '';
    if (!/^[^\s@<>"]+@[^\s@<>"]+$/.test(address)) {
      throw kernelFaults.invalid(`attendees: "${address.slice(0, 80)}" is no address.`);
    }
    if (seen.has(address.toLowerCase())) continue;
    seen.add(address.toLowerCase());
    const property = known.get(address.toLowerCase()) ?? invited(address);
    if (emailAddress.name) property.setParameter('cn', emailAddress.name.replace(/["\r\n]/g, ''));
    if (type) {
      property.setParameter('role', ROLES[type]);
      if (type === 'resource' && !property.getFirstParameter('cutype')) property.setParameter('cutype', 'RESOURCE');
    }
    event.addProperty(property);
  }
  if (attendees.length === 0) return void event.removeAllProperties('organizer');
  if (event.hasProperty('organizer') || owner.address === undefined) return;
  const organizer = new ICAL.Property('organizer');
  organizer.setValue(`mailto:${owner.address}`);
  if (owner.displayName) organizer.setParameter('cn', owner.displayName.replace(/["\r\n]/g, ''));
  event.addProperty(organizer);
}

function invited(address: string): ICAL.Property {
  const property = new ICAL.Property('attendee');
  property.setValue(`mailto:${address}`);
  property.setParameter('partstat', 'NEEDS-ACTION');
  property.setParameter('role', ROLES.required);
  property.setParameter('rsvp', 'TRUE');
  return property;
}

function writeShowAs(event: ICAL.Component, showAs: NonNullable<EventBody['showAs']>): void {
  const kept = showAs === 'unknown' ? 'busy' : showAs;
  const isFree = kept === 'free' || kept === 'workingElsewhere';
  setText(event, 'transp', isFree ? 'TRANSPARENT' : 'OPAQUE');
  setText(event, 'x-microsoft-cdo-busystatus', kept.toUpperCase());
  const status = event.getFirstPropertyValue('status');
  if (kept !== 'tentative' && String(status).toUpperCase() === 'TENTATIVE') setText(event, 'status', 'CONFIRMED');
}

export function writeNumber(event: ICAL.Component, name: string, value: number | null): void {
  event.removeAllProperties(name);
  if (value !== null) event.addPropertyWithValue(name, value);
}

export function writeCategories(event: ICAL.Component, categories: readonly string[]): void {
  event.removeAllProperties('categories');
  if (categories.length === 0) return;
  const property = new ICAL.Property('categories');
  property.setValues([...new Set(categories)]);
  event.addProperty(property);
}

// ---------------------------------------------------------------------------------------------------------------
// Reminder and meeting

/** Whether an alarm is one that shows itself so long before the start: the only one that Graph knows. */
export const isReminder = (alarm: ICAL.Component): boolean => {
  const trigger = alarm.getFirstProperty('trigger');
  return (
    /^(?:DISPLAY|AUDIO)$/i.test(String(alarm.getFirstPropertyValue('action'))) &&
    trigger?.getFirstValue() instanceof ICAL.Duration &&
    String(trigger.getFirstParameter('related') ?? 'START').toUpperCase() === 'START'
  );
};

function writeReminder(event: ICAL.Component, { isReminderOn, reminderMinutesBeforeStart: minutes }: EventBody): void {
  const alarms = event.getAllSubcomponents('valarm').filter(isReminder);
  if (isReminderOn === false) {
    for (const alarm of alarms) event.removeSubcomponent(alarm);
    return;
  }
  if (!isReminderOn && (minutes === undefined || minutes === null)) return;
  if (alarms.length > 0 && (minutes === undefined || minutes === null)) return;
  const alarm = alarms[0] ?? newAlarm(event);
  alarm.removeAllProperties('trigger');
  alarm.addPropertyWithValue('trigger', ICAL.Duration.fromSeconds(-60 * (minutes ?? REMINDER_MINUTES)));
}

/** Unless a program says otherwise, as in the reference product. */
export const REMINDER_MINUTES = 15;

function newAlarm(event: ICAL.Component): ICAL.Component {
  const alarm = new ICAL.Component('valarm');
  alarm.addPropertyWithValue('action', 'DISPLAY');
  alarm.addPropertyWithValue('description', 'Reminder');
  event.addSubcomponent(alarm);
  return alarm;
}

/** The address at which people meet (RFC 7986 §5.11). */
function writeOnlineMeeting(event: ICAL.Component, body: EventBody): void {
  const url = body.onlineMeetingUrl !== undefined ? body.onlineMeetingUrl : body.onlineMeeting?.joinUrl;
  if (url === undefined && body.isOnlineMeeting !== false) {
    if (body.isOnlineMeeting && !event.hasProperty('conference'))
      throw kernelFaults.invalid('isOnlineMeeting: say where people meet, in onlineMeetingUrl.');
    return;
  }
  event.removeAllProperties('conference');
  if (!url || body.isOnlineMeeting === false) return;
  const property = new ICAL.Property('conference');
  property.resetType('uri');
  property.setValue(url);
  event.addProperty(property);
}
