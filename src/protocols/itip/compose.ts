import ICAL from 'ical.js';
import { addressOf } from '../icalendar/index.ts';
import { answeredAt, noteAnswer } from './marks.ts';
import {
  attendeesOf,
  composeMessage,
  copyOf,
  type Message,
  organizerOf,
  partStatOf,
  recurrenceOf,
  sequenceOf,
  stamp,
  stampOf,
} from './message.ts';

/** A message to be delivered. */
export interface Outgoing {
  /** Lower case. */
  readonly to: string;
  readonly message: Message;
}

/** A change of a kept object: undefined before it was made, undefined after it is gone. */
export interface Change {
  readonly before: ICAL.Component | undefined;
  readonly after: ICAL.Component | undefined;
  /** All addresses of the owner of the calendar, lower case. */
  readonly owner: readonly string[];
  readonly now: Date;
  /** What they say beside it: stands in every message as COMMENT. */
  readonly comment?: string | undefined;
}

/** What, when it changes, attendees must be told of. */
const TOLD = [
  'dtstart',
  'dtend',
  'duration',
  'rrule',
  'rdate',
  'exdate',
  'summary',
  'location',
  'description',
  'status',
  'url',
  'conference',
  'attach',
  'priority',
  'class',
  'x-alt-desc',
];
/** Between a client and its own server; nobody else's business. */
const OURS = ['schedule-status', 'schedule-agent', 'schedule-force-send', 'x-entente-answered'];
/** What, when it changes, makes earlier answers void (RFC 5546 §2.1.4). */
const MOVED = ['dtstart', 'dtend', 'duration', 'rrule', 'rdate', 'exdate', 'due'];

/**
 * The messages that a change of an organiser's or an attendee's copy makes (RFC 6638 §3.2). Mends `after` where the
 * client left it to us: the SEQUENCE of a meeting that moved rises and its earlier answers are void, and what changed
 * for others says when.
 */
export function messagesOf(change: Change): Outgoing[] {
  const organizer = organizerIn(change.after) ?? organizerIn(change.before);
  if (organizer === undefined) return [];
  return change.owner.includes(organizer) ? fromOrganizer(change) : fromAttendee(change, organizer);
}

function fromOrganizer({ before, after, owner, now, comment }: Change): Outgoing[] {
  if (after) {
    raiseSequence(before, after, owner);
    for (const part of partsOf(after)) {
      const known = partsOf(before).find((one) => recurrenceOf(one) === recurrenceOf(part));
      // Two changes in one second are still told in their order.
      const later = known ? new Date(Math.max(now.getTime(), (stampOf(known) + 1) * 1000)) : now;
      const isForced = part.getAllProperties('attendee').some((one) => forcedBy(one) === 'REQUEST');
      if (!known || isForced || !sameForAttendees([known], [part])) stamp(part, later);
    }
  }
  const [had, has] = [partsByAttendee(before, owner), partsByAttendee(after, owner)];
  const outgoing: Outgoing[] = [];
  for (const [address, parts] of has) {
    if (!isServed(parts, address)) continue;
    const known = had.get(address);
    if (!known || !sameForAttendees(known, parts) || isForced(parts, address, 'REQUEST')) {
      outgoing.push({ to: address, message: requested(parts, after!, address, comment) });
    }
    const gone = known?.filter((part) => !parts.some((one) => recurrenceOf(one) === recurrenceOf(part))) ?? [];
    // The whole series tells of its instances itself.
    if (gone.length > 0 && !parts.some((part) => recurrenceOf(part) === undefined))
      outgoing.push({ to: address, message: cancelled(gone, before!, now, comment) });
  }
  for (const [address, parts] of had) {
    if (has.has(address) || !isServed(parts, address)) continue;
    outgoing.push({ to: address, message: cancelled(parts, before!, now, comment) });
  }
  return outgoing;
}

/** The attendee's own word, where it changed. A copy thrown away is a no. */
function fromAttendee({ before, after, owner, now, comment }: Change, organizer: string): Outgoing[] {
  const words = new Map(partsOf(before).map((part) => [recurrenceOf(part), wordOf(part, owner)]));
  const answers: ICAL.Component[] = [];
  const say = (part: ICAL.Component, word: string) => {
    const own = ownAttendee(part, owner);
    if (!own || agentOf(part.getFirstProperty('organizer')) !== 'SERVER') return;
    const answer = copyOf(part);
    for (const attendee of answer.getAllProperties('attendee')) {
      if (owner.includes(addressOf(attendee.getFirstValue()))) attendee.setParameter('partstat', word);
      else answer.removeProperty(attendee);
    }
    // A second answer within one second is still the later one.
    const at = Math.max(Math.floor(now.getTime() / 1000), answeredAt(own) + 1);
    noteAnswer(own, at);
    stamp(answer, new Date(at * 1000));
    answers.push(answer);
  };
  if (after) {
    for (const part of partsOf(after)) {
      const word = wordOf(part, owner);
      const known = words.has(recurrenceOf(part)) ? words.get(recurrenceOf(part)) : words.get(undefined);
      const isForced = forcedBy(part.getFirstProperty('organizer')) === 'REPLY';
      if (word !== undefined && word !== 'NEEDS-ACTION' && (word !== known || isForced)) say(part, word);
    }
    // Many programs leave an instance out that their owner does not want to come to.
    for (const instance of leftOut(before, after)) say(instance, 'DECLINED');
  } else {
    for (const part of partsOf(before)) {
      if (String(part.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED') continue;
      if (wordOf(part, owner) !== 'DECLINED') say(part, 'DECLINED');
    }
  }
  if (answers.length === 0) return [];
  return [{ to: organizer, message: stamped('REPLY', answers, (after ?? before)!, comment) }];
}

/** The instances of a series that an attendee took out of their own copy. */
function leftOut(before: ICAL.Component | undefined, after: ICAL.Component): ICAL.Component[] {
  const master = (of: ICAL.Component | undefined) => partsOf(of).find((part) => recurrenceOf(part) === undefined);
  const [had, has] = [master(before), master(after)];
  if (!had || !has) return [];
  const dates = (of: ICAL.Component) =>
    of.getAllProperties('exdate').flatMap((property) => property.getValues().map((value) => ({ property, value })));
  const known = new Set(dates(had).map(({ value }) => String(value)));
  return dates(has)
    .filter(({ value }) => !known.has(String(value)))
    .map(({ property, value }) => {
      const instance = copyOf(has);
      for (const name of ['rrule', 'rdate', 'exdate', 'dtend', 'duration']) instance.removeAllProperties(name);
      for (const name of ['recurrence-id', 'dtstart']) {
        instance.removeAllProperties(name);
        const moment = new ICAL.Property(name);
        const zone = property.getFirstParameter('tzid');
        if (zone) moment.setParameter('tzid', zone);
        moment.setValue(value);
        instance.addProperty(moment);
      }
      return instance;
    });
}

/**
 * A meeting that moved has a higher number than before, whether or not its client gave it one, and is answered anew. So
 * has one that somebody was taken from: what they are told must be older than an invitation that follows.
 */
function raiseSequence(before: ICAL.Component | undefined, after: ICAL.Component, owner: readonly string[]): void {
  for (const part of partsOf(after)) {
    const known = partsOf(before).find((one) => recurrenceOf(one) === recurrenceOf(part));
    if (!known) {
      raiseMoved(before, part, owner);
      continue;
    }
    const hasMoved = !same(known, part, MOVED);
    const people = attendeesOf(part);
    const isMissed = [...attendeesOf(known).keys()].some((address) => !owner.includes(address) && !people.has(address));
    if (!hasMoved && !isMissed) continue;
    if (sequenceOf(part) <= sequenceOf(known)) part.updatePropertyWithValue('sequence', sequenceOf(known) + 1);
    if (hasMoved) askAgain(part, owner);
  }
}

/** An instance that leaves its place in a series that was sent before. */
function raiseMoved(before: ICAL.Component | undefined, part: ICAL.Component, owner: readonly string[]): void {
  const series = partsOf(before).find((one) => recurrenceOf(one) === undefined);
  const start = part.getFirstPropertyValue('dtstart')?.toString();
  if (!series || recurrenceOf(part) === undefined || recurrenceOf(part) === start) return;
  if (sequenceOf(part) <= sequenceOf(series)) part.updatePropertyWithValue('sequence', sequenceOf(series) + 1);
  askAgain(part, owner);
}

function askAgain(part: ICAL.Component, owner: readonly string[]): void {
  for (const [address, attendee] of attendeesOf(part)) {
    if (owner.includes(address)) continue;
    attendee.setParameter('partstat', 'NEEDS-ACTION');
    attendee.setParameter('rsvp', 'TRUE');
    attendee.removeParameter('x-entente-answered');
  }
}

/** An invitation to what concerns one attendee; instances that do not are left out of the series. */
function requested(
  parts: readonly ICAL.Component[],
  source: ICAL.Component,
  address: string,
  comment: string | undefined,
): Message {
  const message = stamped('REQUEST', parts, source, comment);
  const series = message.parts.find((part) => recurrenceOf(part) === undefined);
  if (!series) return message;
  for (const part of partsOf(source)) {
    const recurrence = part.getFirstProperty('recurrence-id');
    if (!recurrence || attendeesOf(part).has(address)) continue;
    const [, parameters, type, value] = structuredClone(recurrence.toJSON()) as [string, object, string, string];
    series.addProperty(new ICAL.Property(['exdate', parameters, type, value]));
  }
  return message;
}

function cancelled(
  parts: readonly ICAL.Component[],
  source: ICAL.Component,
  now: Date,
  comment: string | undefined,
): Message {
  const message = stamped('CANCEL', parts, source, comment);
  for (const part of message.parts) {
    stamp(part, now);
    part.updatePropertyWithValue('status', 'CANCELLED');
    part.updatePropertyWithValue('sequence', sequenceOf(part) + 1);
  }
  return message;
}

function stamped(
  method: Message['method'],
  parts: readonly ICAL.Component[],
  source: ICAL.Component,
  comment: string | undefined,
): Message {
  const message = composeMessage(method, parts, source);
  for (const part of message.parts) {
    part.removeAllSubcomponents('valarm');
    if (comment) part.updatePropertyWithValue('comment', comment);
    for (const property of part.getAllProperties()) {
      for (const name of OURS) property.removeParameter(name);
    }
  }
  return message;
}

/** Which parts each attendee is invited to, the organiser left out. */
function partsByAttendee(
  calendar: ICAL.Component | undefined,
  owner: readonly string[],
): Map<string, ICAL.Component[]> {
  const parts = new Map<string, ICAL.Component[]>();
  for (const part of partsOf(calendar)) {
    for (const address of attendeesOf(part).keys()) {
      if (!owner.includes(address)) parts.set(address, [...(parts.get(address) ?? []), part]);
    }
  }
  return parts;
}

/** Whether the server is to tell this attendee: a client may do it itself (RFC 6638 §7.1). */
const isServed = (parts: readonly ICAL.Component[], address: string): boolean =>
  parts.some((part) => agentOf(attendeesOf(part).get(address) ?? null) === 'SERVER');

const forcedBy = (property: ICAL.Property | null): string =>
  String(property?.getFirstParameter('schedule-force-send') ?? '').toUpperCase();

/** A client may ask for a message again (RFC 6638 §7.2). */
const isForced = (parts: readonly ICAL.Component[], address: string, method: string): boolean =>
  parts.some((part) => forcedBy(attendeesOf(part).get(address) ?? null) === method);

const agentOf = (property: ICAL.Property | null): string =>
  String(property?.getFirstParameter('schedule-agent') ?? 'SERVER').toUpperCase();

const sameForAttendees = (before: readonly ICAL.Component[], after: readonly ICAL.Component[]): boolean =>
  before.length === after.length &&
  after.every((part) => {
    const known = before.find((one) => recurrenceOf(one) === recurrenceOf(part));
    const people = (one: ICAL.Component) => [...attendeesOf(one).keys()].sort().join(' ');
    return (
      known !== undefined &&
      sequenceOf(known) === sequenceOf(part) &&
      people(known) === people(part) &&
      same(known, part, TOLD)
    );
  });

const same = (a: ICAL.Component, b: ICAL.Component, names: readonly string[]): boolean =>
  names.every((name) => {
    const text = (one: ICAL.Component) =>
      JSON.stringify(one.getAllProperties(name).map((property) => property.toJSON()));
    return text(a) === text(b);
  });

const partsOf = (calendar: ICAL.Component | undefined): readonly ICAL.Component[] =>
  calendar?.getAllSubcomponents('vevent') ?? [];

const organizerIn = (calendar: ICAL.Component | undefined): string | undefined =>
  partsOf(calendar)
    .map(organizerOf)
    .find((one) => one !== undefined);

const ownAttendee = (part: ICAL.Component, owner: readonly string[]): ICAL.Property | undefined =>
  [...attendeesOf(part)].find(([address]) => owner.includes(address))?.[1];

function wordOf(part: ICAL.Component, owner: readonly string[]): string | undefined {
  const own = ownAttendee(part, owner);
  return own && partStatOf(own);
}
