import ICAL from 'ical.js';
import { addressOf, momentOf } from '../icalendar/index.ts';
import { attendeesOf, organizerOf, recurrenceOf, sequenceOf } from './message.ts';

/**
 * Writes what became of a message to somebody into a copy: at the attendee, or at the organiser (RFC 6638 §7.3); with
 * `over`, only in place of these. Whether anything was to be written.
 */
export function markStatus(
  calendar: ICAL.Component,
  address: string,
  status: string,
  { over }: { over?: readonly string[] } = {},
): boolean {
  let isMarked = false;
  for (const part of calendar.getAllSubcomponents('vevent')) {
    const property =
      organizerOf(part) === address ? part.getFirstProperty('organizer') : attendeesOf(part).get(address);
    const known = property?.getFirstParameter('schedule-status');
    if (!property || known === status || (over && !over.includes(String(known)))) continue;
    property.setParameter('schedule-status', status);
    isMarked = true;
  }
  return isMarked;
}

/** What only the server says about delivery: from the copy before, whatever the client wrote. Orders are forgotten. */
export function keepMarks(before: ICAL.Component | undefined, after: ICAL.Component): boolean {
  let isChanged = false;
  for (const part of after.getAllSubcomponents('vevent')) {
    const known = counterpart(before, part);
    const people = known && attendeesOf(known);
    for (const property of part.getAllProperties()) {
      if (property.name !== 'attendee' && property.name !== 'organizer') continue;
      const address = addressOf(property.getFirstValue());
      const had = property.name === 'attendee' ? people?.get(address) : known?.getFirstProperty('organizer');
      for (const name of ['schedule-status', 'x-entente-answered']) {
        const [was, is] = [had?.getFirstParameter(name), property.getFirstParameter(name)];
        if (was === is) continue;
        if (was) property.setParameter(name, was);
        else property.removeParameter(name);
        isChanged = true;
      }
      if (property.getFirstParameter('schedule-force-send')) {
        property.removeParameter('schedule-force-send');
        isChanged = true;
      }
    }
  }
  return isChanged;
}

/** Brings the answers that came while a client was editing into what it sends (RFC 6638 §3.2.10). */
export function keepAnswers(before: ICAL.Component, after: ICAL.Component, owner: readonly string[]): void {
  for (const part of after.getAllSubcomponents('vevent')) {
    const known = counterpart(before, part);
    const people = known && attendeesOf(known);
    for (const [address, attendee] of attendeesOf(part)) {
      const word = people?.get(address)?.getFirstParameter('partstat');
      if (word && !owner.includes(address)) attendee.setParameter('partstat', word);
    }
  }
}

/**
 * The number of a meeting is its organiser's (RFC 5546 §2.1.4): an answer from a program that forgot it is still one to
 * the meeting that stands there. Whether anything was to be written.
 */
export function keepNumber(before: ICAL.Component, after: ICAL.Component): boolean {
  let isChanged = false;
  for (const part of after.getAllSubcomponents('vevent')) {
    const known = counterpart(before, part);
    if (!known || sequenceOf(part) >= sequenceOf(known)) continue;
    part.updatePropertyWithValue('sequence', sequenceOf(known));
    isChanged = true;
  }
  return isChanged;
}

/**
 * Whether an attendee's new copy says what only the organiser may: when it takes place, how it repeats, whose it is
 * (RFC 6638 §3.2.2.1). Zones may be written in another way, and instances left out.
 */
export function oversteps(before: ICAL.Component, after: ICAL.Component): boolean {
  return after.getAllSubcomponents('vevent').some((part) => {
    const known = counterpart(before, part);
    if (!known) return before.getAllSubcomponents('vevent').every((one) => organizerOf(one) !== organizerOf(part));
    if (organizerOf(part) !== organizerOf(known)) return true;
    const isSame = recurrenceOf(part) === recurrenceOf(known);
    if (!isSame) return !isAt(part, 'dtstart', part, 'recurrence-id');
    return (
      !isAt(part, 'dtstart', known, 'dtstart') ||
      !isAt(part, 'dtend', known, 'dtend') ||
      ['duration', 'rrule', 'rdate'].some((name) => rulesOf(part, name) !== rulesOf(known, name))
    );
  });
}

function isAt(part: ICAL.Component, name: string, known: ICAL.Component, knownName: string): boolean {
  const [said, had] = [part.getFirstProperty(name), known.getFirstProperty(knownName)];
  if (!said || !had) return !said === !had || name !== 'dtstart';
  return momentOf(said, 'UTC').at.epochNanoseconds === momentOf(had, 'UTC').at.epochNanoseconds;
}

const rulesOf = (part: ICAL.Component, name: string): string =>
  part
    .getAllProperties(name)
    .map((property) => String(property.getValues().map(String).sort()).split(';').sort().join(';').toUpperCase())
    .sort()
    .join(' ');

/** The same part in another copy, or the series that an exception is of. */
function counterpart(of: ICAL.Component | undefined, part: ICAL.Component): ICAL.Component | undefined {
  const parts = of?.getAllSubcomponents('vevent') ?? [];
  return (
    parts.find((one) => recurrenceOf(one) === recurrenceOf(part)) ??
    parts.find((one) => recurrenceOf(one) === undefined)
  );
}

/** When an attendee last answered, in seconds; 0: nobody wrote it down. Kept by us at the attendee. */
export function answeredAt(attendee: ICAL.Property): number {
  const text = attendee.getFirstParameter('x-entente-answered');
  return text ? ICAL.Time.fromDateTimeString(text).toUnixTime() : 0;
}

export function noteAnswer(attendee: ICAL.Property, at: number): void {
  attendee.setParameter('x-entente-answered', ICAL.Time.fromJSDate(new Date(at * 1000), true).toString());
}
