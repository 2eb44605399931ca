import ICAL from 'ical.js';
import sanitizeHtml from 'sanitize-html';
import { Temporal } from 'temporal-polyfill';
import { keyOf, momentOf } from '../icalendar/index.ts';
import { answeredAt, noteAnswer } from './marks.ts';
import {
  attendeesOf,
  composeMessage,
  copyOf,
  type Message,
  organizerOf,
  partStatOf,
  recurrenceOf,
  sentByOf,
  sequenceOf,
  stampOf,
} from './message.ts';

/** What became of a message. Nothing but `changed` changes anything. */
export type Outcome =
  | { readonly kind: 'changed'; readonly calendar: ICAL.Component; readonly isNew: boolean }
  /** Older than what is known, or the same: said without an error (RFC 5546 §2.1.4). */
  | { readonly kind: 'old' }
  /** The sender may not say this: shown to the person with a warning, and nothing else. */
  | { readonly kind: 'not-theirs' }
  /** Shown to the person, who decides. */
  | { readonly kind: 'proposal' }
  /** It builds on what is not here: ask the organiser for the whole. */
  | { readonly kind: 'ask-for-whole' }
  /** The organiser should send the whole again to this attendee. */
  | { readonly kind: 'send-whole'; readonly to: string }
  /** About nothing that is here. */
  | { readonly kind: 'unknown' };

export interface Receipt {
  /** The copy that is kept of this UID, if any; it is not changed. */
  readonly kept: ICAL.Component | undefined;
  readonly message: Message;
  /** Who really sent it, lower case: proven by the transport, not read from the message. */
  readonly sender: string;
  /** Whose calendar it is for, lower case, all addresses of that person. */
  readonly recipient: readonly string[];
}

/** What the receiving person keeps of their own when the organiser changes the rest. */
const OWN_PROPERTIES = ['transp', 'categories', 'class', 'x-microsoft-cdo-busystatus', 'color'];

/** Lets a scheduling message act on the copy of an event, by RFC 5546 §3.2. */
export function applyMessage(receipt: Receipt): Outcome {
  switch (receipt.message.method) {
    case 'REQUEST':
    case 'PUBLISH':
      return applyRequest(receipt);
    case 'CANCEL':
      return applyCancel(receipt);
    case 'REPLY':
      return applyReply(receipt);
    case 'ADD':
      return applyAdd(receipt);
    case 'REFRESH':
      return applyRefresh(receipt);
    case 'COUNTER':
      return isInvited(receipt.kept, receipt.sender) ? { kind: 'proposal' } : { kind: 'not-theirs' };
    case 'DECLINECOUNTER':
      return speaksForOrganizer(receipt) ? { kind: 'proposal' } : { kind: 'not-theirs' };
  }
}

function applyRequest(receipt: Receipt): Outcome {
  const { kept, message, recipient } = receipt;
  if (!speaksForOrganizer(receipt)) return { kind: 'not-theirs' };
  const isWhole = message.parts.some((part) => recurrenceOf(part) === undefined);
  if (!kept) {
    const calendar = composeMessage(message.method, message.parts, message.calendar).calendar;
    calendar.removeAllProperties('method');
    for (const part of calendar.getAllSubcomponents('vevent')) clean(part);
    return { kind: 'changed', calendar, isNew: true };
  }
  const calendar = copyOf(kept);
  let changed = false;
  for (const part of message.parts) {
    const known = partOf(calendar, recurrenceOf(part));
    if (known && !isNewer(part, known)) continue;
    const base = known ?? partOf(calendar, undefined);
    const next = copyOf(part);
    clean(next);
    if (base) keepOwn(base, next, recipient, sequenceOf(part) <= sequenceOf(base));
    if (known) calendar.removeSubcomponent(known);
    calendar.addSubcomponent(next);
    changed = true;
  }
  if (!changed) return { kind: 'old' };
  // The whole says which exceptions there are: one that it leaves out is none any more.
  if (isWhole) {
    const said = new Set(message.parts.map(recurrenceOf));
    for (const part of calendar.getAllSubcomponents('vevent')) {
      if (!said.has(recurrenceOf(part))) calendar.removeSubcomponent(part);
    }
  }
  bringZones(message.calendar, calendar);
  return { kind: 'changed', calendar, isNew: false };
}

function applyCancel(receipt: Receipt): Outcome {
  const { kept, message } = receipt;
  if (!kept) return { kind: 'unknown' };
  if (!speaksForOrganizer(receipt)) return { kind: 'not-theirs' };
  const calendar = copyOf(kept);
  let changed = false;
  for (const part of message.parts) {
    const recurrence = recurrenceOf(part);
    const known = partOf(calendar, recurrence);
    const base = known ?? partOf(calendar, undefined);
    if (!base || sequenceOf(part) < sequenceOf(base)) continue;
    const cancelled = known ?? exceptionOf(base, part);
    if (!known) calendar.addSubcomponent(cancelled);
    cancelled.updatePropertyWithValue('status', 'CANCELLED');
    cancelled.updatePropertyWithValue('sequence', sequenceOf(part));
    cancelled.removeAllSubcomponents('valarm');
    if (recurrence === undefined) {
      for (const other of calendar.getAllSubcomponents('vevent')) other.updatePropertyWithValue('status', 'CANCELLED');
    }
    changed = true;
  }
  return changed ? { kind: 'changed', calendar, isNew: false } : { kind: 'old' };
}

/** An attendee's answer: it sets the word of that attendee and of nobody else. */
function applyReply({ kept, message, sender }: Receipt): Outcome {
  if (!kept) return { kind: 'unknown' };
  const calendar = copyOf(kept);
  let outcome: Outcome = { kind: 'not-theirs' };
  for (const part of message.parts) {
    const answers = [...attendeesOf(part)];
    // A delegate answers for whoever delegated to them; otherwise people answer for themselves.
    const own = answers.find(([address]) => address === sender) ?? (answers.length === 1 ? answers[0] : undefined);
    if (!own || (own[0] !== sender && !isDelegateOf(own[1], sender))) continue;
    const recurrence = recurrenceOf(part);
    const known = partOf(calendar, recurrence);
    const base = known ?? partOf(calendar, undefined);
    if (!base || !attendeesOf(base).has(own[0])) continue;
    if (sequenceOf(part) < sequenceOf(base)) {
      outcome = outcome.kind === 'changed' ? outcome : { kind: 'old' };
      continue;
    }
    const target = known ?? exceptionOf(base, part);
    const answered = attendeesOf(target).get(own[0]);
    if (!answered) continue;
    // Of two answers to the same invitation the one given later counts, whichever comes first.
    if (stampOf(part) < answeredAt(answered)) {
      outcome = outcome.kind === 'changed' ? outcome : { kind: 'old' };
      continue;
    }
    if (!known) calendar.addSubcomponent(target);
    noteAnswer(answered, stampOf(part));
    answered.setParameter('partstat', partStatOf(own[1]));
    answered.setParameter('schedule-status', '2.0');
    answered.removeParameter('rsvp');
    const to = own[1].getFirstParameter('delegated-to');
    if (to) answered.setParameter('delegated-to', to);
    outcome = { kind: 'changed', calendar, isNew: false };
  }
  return outcome;
}

function applyAdd(receipt: Receipt): Outcome {
  const { kept, message } = receipt;
  if (!speaksForOrganizer(receipt)) return { kind: 'not-theirs' };
  if (!kept) return { kind: 'ask-for-whole' };
  const calendar = copyOf(kept);
  const master = partOf(calendar, undefined);
  if (!master) return { kind: 'ask-for-whole' };
  for (const part of message.parts) {
    if (sequenceOf(part) < sequenceOf(master)) return { kind: 'old' };
    const start = part.getFirstProperty('dtstart');
    if (!start) return { kind: 'ask-for-whole' };
    const added = new ICAL.Property(structuredClone(start.toJSON()));
    const date = new ICAL.Property(['rdate', added.toJSON()[1], added.toJSON()[2], added.toJSON()[3]]);
    master.addProperty(date);
    master.updatePropertyWithValue('sequence', sequenceOf(part));
  }
  return { kind: 'changed', calendar, isNew: false };
}

function applyRefresh({ kept, sender }: Receipt): Outcome {
  if (!kept) return { kind: 'unknown' };
  return isInvited(kept, sender) ? { kind: 'send-whole', to: sender } : { kind: 'not-theirs' };
}

/**
 * The organiser that we know decides who may change an event, and of one without an organiser nobody but its owner; for a
 * new one, the organiser that it names. Somebody named
 * as having sent it for them is believed for a new one, as it is shown so; of a known one only when they were named
 * before, or are of the organiser's own domain.
 */
function speaksForOrganizer({ kept, message, sender }: Receipt): boolean {
  const known = kept?.getAllSubcomponents('vevent').find((part) => organizerOf(part) !== undefined);
  if (kept && !known) return false;
  return message.parts.every((part) => {
    const named = organizerOf(part);
    if (named === undefined) return message.method === 'PUBLISH' && !kept;
    if (known !== undefined && organizerOf(known) !== named) return false;
    if (named === sender) return true;
    if (sentByOf(part) !== sender) return false;
    return known === undefined || sentByOf(known) === sender || domainOf(sender) === domainOf(named);
  });
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const isInvited = (kept: ICAL.Component | undefined, address: string): boolean =>
  kept?.getAllSubcomponents('vevent').some((part) => attendeesOf(part).has(address)) ?? false;

const isDelegateOf = (attendee: ICAL.Property, sender: string): boolean =>
  [attendee.getParameter('delegated-to') ?? []].flat().some((to) => String(to).toLowerCase() === `mailto:${sender}`);

/** RFC 5546 §2.1.5: a higher sequence, or the same said later. */
function isNewer(part: ICAL.Component, known: ICAL.Component): boolean {
  const [said, had] = [sequenceOf(part), sequenceOf(known)];
  return said > had || (said === had && stampOf(part) > stampOf(known));
}

const partOf = (calendar: ICAL.Component, recurrence: string | undefined): ICAL.Component | undefined =>
  calendar.getAllSubcomponents('vevent').find((part) => recurrenceOf(part) === recurrence);

/**
 * One instance of a series as an exception of its own, added when there is none; `key` as expansions name it. Undefined:
 * the series has no such instance.
 */
export function exceptionAt(calendar: ICAL.Component, key: string, ownerZone: string): ICAL.Component | undefined {
  const parts = calendar.getAllSubcomponents('vevent');
  const known = parts.find((part) => {
    const recurrence = part.getFirstProperty('recurrence-id');
    return recurrence && keyOf(momentOf(recurrence, ownerZone)) === key;
  });
  const master = parts.find((part) => recurrenceOf(part) === undefined);
  if (known || !master) return known;
  const start = master.getFirstProperty('dtstart')!;
  const zone = momentOf(start, ownerZone).at.timeZoneId;
  const at = momentAt(key, zone);
  if (!at) return undefined;
  const recurrence = new ICAL.Property(structuredClone(start.toJSON()));
  recurrence.setValue(at);
  const marker = new ICAL.Component('vevent');
  const [, parameters, type, value] = recurrence.toJSON() as [string, object, string, string];
  marker.addProperty(new ICAL.Property(['recurrence-id', parameters, type, value]));
  const exception = exceptionOf(master, marker);
  calendar.addSubcomponent(exception);
  return exception;
}

/** A recurrence's key as a time on the clock of `zone`. */
function momentAt(key: string, zone: string): ICAL.Time | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/.exec(key);
  if (!found) return undefined;
  const [, ...numbers] = found;
  const [year, month, day] = numbers.map(Number) as [number, number, number];
  if (found[4] === undefined) return ICAL.Time.fromData({ year, month, day, isDate: true });
  const iso = key.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const clock = Temporal.Instant.from(iso).toZonedDateTimeISO(zone);
  return ICAL.Time.fromData(
    {
      ...{ year: clock.year, month: clock.month, day: clock.day },
      ...{ hour: clock.hour, minute: clock.minute, second: clock.second, isDate: false },
    },
    zone === 'UTC' ? ICAL.Timezone.utcTimezone : ICAL.Timezone.localTimezone,
  );
}

/** The instance of a series that a message is about, as an exception of its own. */
function exceptionOf(master: ICAL.Component, part: ICAL.Component): ICAL.Component {
  const exception = copyOf(master);
  for (const name of ['rrule', 'rdate', 'exdate', 'exrule', 'recurrence-id']) exception.removeAllProperties(name);
  const recurrence = part.getFirstProperty('recurrence-id')!;
  exception.addProperty(new ICAL.Property(structuredClone(recurrence.toJSON())));
  const start = part.getFirstProperty('dtstart');
  const ownStart = exception.getFirstProperty('dtstart')!;
  const ownEnd = exception.getFirstProperty('dtend');
  const at = (start ?? recurrence).getFirstValue() as ICAL.Time;
  if (ownEnd) {
    const length = (ownEnd.getFirstValue() as ICAL.Time).subtractDate(ownStart.getFirstValue() as ICAL.Time);
    const end = at.clone();
    end.addDuration(length);
    ownEnd.setValue(end);
  }
  ownStart.setValue(at.clone());
  return exception;
}

/** Of a file inside an event, in characters of base64: half a megabyte. */
const ATTACHED_AT_MOST = 700_000;

/** What comes from outside and acts on this machine, hides in it or swells it stays outside. */
function clean(part: ICAL.Component): void {
  part.removeAllSubcomponents('valarm');
  for (const attachment of part.getAllProperties('attach')) {
    const value = String(attachment.getFirstValue());
    const isInside = attachment.type === 'binary';
    if (isInside ? value.length > ATTACHED_AT_MOST : !/^(https?|cid):/i.test(value)) part.removeProperty(attachment);
  }
  for (const described of part.getAllProperties('x-alt-desc')) {
    described.setValue(sanitizeHtml(String(described.getFirstValue())));
  }
}

/** The receiver's alarms and marks stay; the receiver's word stays, unless the meeting moved. */
function keepOwn(from: ICAL.Component, to: ICAL.Component, recipient: readonly string[], keepsWord: boolean): void {
  for (const alarm of from.getAllSubcomponents('valarm')) to.addSubcomponent(copyOf(alarm));
  for (const name of OWN_PROPERTIES) {
    const own = from.getAllProperties(name);
    if (own.length === 0) continue;
    to.removeAllProperties(name);
    for (const property of own) to.addProperty(new ICAL.Property(structuredClone(property.toJSON())));
  }
  if (!keepsWord) return;
  const before = attendeesOf(from);
  for (const [address, attendee] of attendeesOf(to)) {
    const word = before.get(address);
    if (word && recipient.includes(address)) attendee.setParameter('partstat', partStatOf(word));
  }
}

function bringZones(from: ICAL.Component, to: ICAL.Component): void {
  const known = new Set(to.getAllSubcomponents('vtimezone').map((zone) => zone.getFirstPropertyValue('tzid')));
  for (const zone of from.getAllSubcomponents('vtimezone')) {
    if (!known.has(zone.getFirstPropertyValue('tzid'))) to.addSubcomponent(copyOf(zone));
  }
}
