import type ICAL from 'ical.js';
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
/** What, when it changes, makes earlier answers void (RFC 5546 §2.1.4). */
const MOVED = ['dtstart', 'dtend', 'duration', 'rrule', 'rdate', 'exdate', 'due'];

/**
 * The messages that a change of an organiser's or an attendee's copy makes (RFC 6638 §3.2). Raises the SEQUENCE of a
 * meeting that moved, in `after`, where the client did not.
 */
export function messagesOf(change: Change): Outgoing[] {
  const organizer = organizerIn(change.after) ?? organizerIn(change.before);
  if (organizer === undefined) return [];
  return change.owner.includes(organizer) ? fromOrganizer(change) : fromAttendee(change, organizer);
}

function fromOrganizer({ before, after, owner, now }: Change): Outgoing[] {
  if (after) raiseSequence(before, after);
  const [had, has] = [partsByAttendee(before, owner), partsByAttendee(after, owner)];
  const outgoing: Outgoing[] = [];
  for (const [address, parts] of has) {
    if (!isServed(parts, address)) continue;
    const known = had.get(address);
    if (!known || !sameForAttendees(known, parts)) {
      outgoing.push({ to: address, message: stamped('REQUEST', parts, after!, now) });
    }
    const gone = known?.filter((part) => !parts.some((one) => recurrenceOf(one) === recurrenceOf(part))) ?? [];
    // The whole series tells of its instances itself.
    if (gone.length > 0 && !parts.some((part) => recurrenceOf(part) === undefined))
      outgoing.push({ to: address, message: cancelled(gone, before!, now) });
  }
  for (const [address, parts] of had) {
    if (has.has(address) || !isServed(parts, address)) continue;
    outgoing.push({ to: address, message: cancelled(parts, before!, now) });
  }
  return outgoing;
}

/** The attendee's own word, where it changed. A copy thrown away is a no. */
function fromAttendee({ before, after, owner, now }: Change, organizer: string): Outgoing[] {
  const words = new Map(partsOf(before).map((part) => [recurrenceOf(part), wordOf(part, owner)]));
  const answers: ICAL.Component[] = [];
  const say = (part: ICAL.Component, word: string) => {
    const own = ownAttendee(part, owner);
    if (!own || agentOf(part.getFirstProperty('organizer')) !== 'SERVER') return;
    const answer = copyOf(part);
    for (const attendee of answer.getAllProperties('attendee')) {
      if (
        !owner.includes(
          String(attendee.getFirstValue())
            .replace(/^mailto:/i, '')
            .toLowerCase(),
        )
      ) {
        answer.removeProperty(attendee);
      } else attendee.setParameter('partstat', word);
    }
    answer.removeAllSubcomponents('valarm');
    answers.push(answer);
  };
  if (after) {
    for (const part of partsOf(after)) {
      const word = wordOf(part, owner);
      const known = words.has(recurrenceOf(part)) ? words.get(recurrenceOf(part)) : words.get(undefined);
      if (word !== undefined && word !== 'NEEDS-ACTION' && word !== known) say(part, word);
    }
  } else {
    for (const part of partsOf(before)) {
      if (String(part.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED') continue;
      if (wordOf(part, owner) !== 'DECLINED') say(part, 'DECLINED');
    }
  }
  if (answers.length === 0) return [];
  return [{ to: organizer, message: stamped('REPLY', answers, (after ?? before)!, now) }];
}

/** A meeting that moved has a higher number than before, whether or not its client gave it one. */
function raiseSequence(before: ICAL.Component | undefined, after: ICAL.Component): void {
  for (const part of partsOf(after)) {
    const known = partsOf(before).find((one) => recurrenceOf(one) === recurrenceOf(part));
    if (known && !same(known, part, MOVED) && sequenceOf(part) <= sequenceOf(known)) {
      part.updatePropertyWithValue('sequence', sequenceOf(known) + 1);
    }
  }
}

function cancelled(parts: readonly ICAL.Component[], source: ICAL.Component, now: Date): Message {
  const message = stamped('CANCEL', parts, source, now);
  for (const part of message.parts) {
    part.updatePropertyWithValue('status', 'CANCELLED');
    part.updatePropertyWithValue('sequence', sequenceOf(part) + 1);
  }
  return message;
}

function stamped(
  method: Message['method'],
  parts: readonly ICAL.Component[],
  source: ICAL.Component,
  now: Date,
): Message {
  const message = composeMessage(method, parts, source);
  for (const part of message.parts) {
    stamp(part, now);
    part.removeAllSubcomponents('valarm');
    for (const property of part.getAllProperties()) {
      for (const name of ['schedule-status', 'schedule-agent', 'schedule-force-send']) property.removeParameter(name);
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
