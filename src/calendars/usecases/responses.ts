import ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { printCalendar, readCalendar } from '../../protocols/icalendar/index.ts';
import {
  attendeesOf,
  composeMessage,
  copyOf,
  exceptionAt,
  type Outgoing,
  recurrenceOf,
} from '../../protocols/itip/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { ObjectId, StoredObject } from '../model/calendar.ts';
import { isAtLeast } from '../model/roles.ts';
import { ATTENDEES_AT_MOST } from '../model/scheduling.ts';
import { findHomes, keepInInbox, sendMessages } from './delivering.ts';
import { letterAbout } from './letters.ts';
import { deleteObject, type HeldCalendar, putObject, readWhole } from './objects.ts';
import { type OwnerCard, readOwner } from './owners.ts';

/** A meeting, or one instance of a series. */
export interface MeetingKey {
  readonly objectId: ObjectId;
  /** As expansions name it; '' for the whole. */
  readonly recurrenceId: string;
}

export const WORDS = { accept: 'ACCEPTED', tentativelyAccept: 'TENTATIVE', decline: 'DECLINED' } as const;

export interface Response {
  readonly comment?: string | undefined;
  /** False: the answer is kept for oneself. */
  readonly sendResponse?: boolean | undefined;
  readonly proposedNewTime?: { readonly start: Date; readonly end: Date } | undefined;
}

interface Meeting extends HeldCalendar {
  readonly object: StoredObject;
  readonly card: OwnerCard;
  readonly organizer: string;
  readonly isOrganizer: boolean;
  /** A copy of the object, to be changed. */
  readonly copy: ICAL.Component;
  /** What the key names in that copy: the series with its exceptions, or one instance. */
  readonly parts: readonly ICAL.Component[];
}

/**
 * Answers an invitation in its owner's name, and proposes another time where one is given.
 * @throws calendars.organiser-does-not-answer, .not-invited, .not-a-delegate; not-found, access.refused.
 */
export async function respond(
  ctx: Context,
  key: MeetingKey,
  answer: keyof typeof WORDS,
  response: Response = {},
): Promise<StoredObject> {
  const meeting = await openMeeting(ctx, key);
  const { card, object, organizer } = meeting;
  if (meeting.isOrganizer) throw calendarsFaults.organiserDoesNotAnswer();
  const { proposedNewTime } = response;
  if (proposedNewTime && proposedNewTime.end <= proposedNewTime.start) {
    throw kernelFaults.invalid('The proposed time ends before it begins.');
  }
  const isSilent = response.sendResponse === false;
  for (const part of meeting.parts) {
    const attendee = ownAttendee(part, card) ?? addAttendee(part, card);
    attendee.setParameter('partstat', WORDS[answer]);
    attendee.removeParameter('rsvp');
    // Also when nothing changed: they asked to tell the organiser.
    if (!isSilent) part.getFirstProperty('organizer')?.setParameter('schedule-force-send', 'REPLY');
  }
  const counter = proposedNewTime && counterOf(ctx, meeting, proposedNewTime, response.comment);
  const put = { calendarId: meeting.calendar.id, name: object.name, text: printCalendar(meeting.copy) };
  const saying = { comment: response.comment, isSilent };
  const { object: kept } = await putObject(ctx, { ...put, saying });
  if (counter && !isSilent) await sendFrom(ctx, meeting, [{ to: organizer, message: counter }], response.comment);
  return kept;
}

function counterOf(
  ctx: Context,
  { parts, copy }: Meeting,
  time: { start: Date; end: Date },
  comment: string | undefined,
) {
  const message = composeMessage('COUNTER', parts.slice(0, 1), copy);
  const [part] = message.parts;
  place(part!, time);
  part!.updatePropertyWithValue('dtstamp', ICAL.Time.fromJSDate(ctx.now, true));
  part!.removeAllSubcomponents('valarm');
  if (comment) part!.updatePropertyWithValue('comment', comment);
  return message;
}

/** Puts a part at a time, in UTC. */
function place(part: ICAL.Component, { start, end }: { start: Date; end: Date }): void {
  for (const name of ['dtstart', 'dtend', 'duration']) part.removeAllProperties(name);
  part.addPropertyWithValue('dtstart', ICAL.Time.fromJSDate(start, true));
  part.addPropertyWithValue('dtend', ICAL.Time.fromJSDate(end, true));
}

/**
 * Cancels a meeting, or one instance of it, and tells everybody who is invited.
 * @throws calendars.organiser-only, .not-a-delegate; not-found, access.refused.
 */
export async function cancelMeeting(ctx: Context, key: MeetingKey, comment?: string): Promise<void> {
  const meeting = await openMeeting(ctx, key);
  if (!meeting.isOrganizer) throw calendarsFaults.organiserOnly();
  const { object, calendar, copy } = meeting;
  const saying = { comment };
  if (key.recurrenceId === '') {
    await deleteObject(ctx, { calendarId: calendar.id, name: object.name, saying });
    return;
  }
  const [instance] = meeting.parts;
  const recurrence = instance!.getFirstProperty('recurrence-id')!;
  const [, parameters, type, value] = recurrence.toJSON() as unknown as [string, object, string, string];
  const master = copy.getAllSubcomponents('vevent').find((part) => recurrenceOf(part) === undefined);
  if (!master) throw kernelFaults.notFound();
  master.addProperty(new ICAL.Property(['exdate', parameters, type, value] as never));
  copy.removeSubcomponent(instance!);
  await putObject(ctx, { calendarId: calendar.id, name: object.name, text: printCalendar(copy), saying });
}

/**
 * Passes an invitation on. The organiser's own list of people grows; somebody else's organiser is told who passed it on
 * to whom, and decides. @throws calendars.too-many-attendees, .not-a-delegate; not-found, access.refused.
 */
export async function forwardMeeting(
  ctx: Context,
  key: MeetingKey,
  to: readonly string[],
  comment?: string,
): Promise<void> {
  const meeting = await openMeeting(ctx, key);
  const { card, object, calendar, copy, organizer } = meeting;
  const addresses = [...new Set(to.map((address) => address.toLowerCase()))];
  if (addresses.length === 0) throw kernelFaults.invalid('Say to whom.');
  if (addresses.length > ATTENDEES_AT_MOST) throw calendarsFaults.tooManyAttendees(ATTENDEES_AT_MOST);
  if (meeting.isOrganizer) {
    for (const part of meeting.parts) {
      const known = attendeesOf(part);
      for (const address of addresses) if (!known.has(address)) invite(part, address);
    }
    const put = { calendarId: calendar.id, name: object.name, text: printCalendar(copy) };
    await putObject(ctx, { ...put, saying: { comment } });
    return;
  }
  const message = composeMessage('REQUEST', meeting.parts, copy);
  for (const part of message.parts) {
    part.removeAllSubcomponents('valarm');
    part.getFirstProperty('organizer')?.setParameter('sent-by', `mailto:${ownAddress(meeting)}`);
    if (comment) part.updatePropertyWithValue('comment', comment);
  }
  await sendFrom(
    ctx,
    meeting,
    addresses.map((address) => ({ to: address, message })),
    comment,
  );
  await tellOrganizer(ctx, meeting, addresses, { organizer, name: card.displayName });
}

async function tellOrganizer(
  ctx: Context,
  meeting: Meeting,
  to: readonly string[],
  { organizer, name }: { organizer: string; name: string },
): Promise<void> {
  const message = composeMessage('REQUEST', meeting.parts, meeting.copy);
  const home = (await findHomes(ctx, [organizer])).get(organizer);
  if (home && home !== 'nobody') {
    const sender = ownAddress(meeting);
    const arriving = {
      owner: home,
      address: organizer,
      sender,
      message,
      fingerprint: newId(),
      origin: 'home',
    } as const;
    await keepInInbox(ctx, { ...arriving, comment: to.join(', ') }, 'forwarded', null, null);
    return;
  }
  const about = { owner: meeting.calendar.owner, kind: 'forwarded', name, message, comment: null, to } as const;
  const letter = await letterAbout(ctx, about);
  const replyTo = ownAddress(meeting);
  await queueMail(ctx, {
    kind: 'meeting',
    to: { address: organizer },
    fromName: name,
    replyTo,
    isSecret: true,
    ...letter,
  });
}

/** The meeting behind a key, whole, for whoever may write in its calendar. */
export async function openMeeting(ctx: Context, { objectId, recurrenceId }: MeetingKey): Promise<Meeting> {
  const held = await readWhole(ctx, { id: objectId });
  const { object, calendar } = held;
  const card = await readOwner(ctx, calendar.owner);
  if (!card || object.organizer === null) throw calendarsFaults.notInvited();
  const whole = readCalendar(object.content);
  const instance = recurrenceId === '' ? undefined : exceptionAt(whole, recurrenceId, calendar.timeZone);
  if (recurrenceId !== '' && !instance) throw kernelFaults.notFound();
  return {
    ...held,
    card,
    organizer: object.organizer,
    isOrganizer: card.addresses.includes(object.organizer),
    copy: whole,
    parts: instance ? [instance] : whole.getAllSubcomponents('vevent'),
  };
}

/** Sends what no change of the copy would say. */
export async function sendFrom(
  ctx: Context,
  meeting: Meeting,
  messages: readonly Outgoing[],
  comment: string | undefined,
): Promise<void> {
  if (!isAtLeast(meeting.role, 'delegateWithoutPrivateEventAccess')) throw calendarsFaults.notADelegate();
  const { owner } = meeting.calendar;
  const sender = ownAddress(meeting);
  await sendMessages(ctx, { owner, sender, senderName: meeting.card.displayName, messages, comment });
}

/** The address under which its owner is on a meeting. */
function ownAddress({ card, parts, isOrganizer, organizer }: Meeting): string {
  if (isOrganizer) return organizer;
  const invited = parts.flatMap((part) => [...attendeesOf(part).keys()]).find((one) => card.addresses.includes(one));
  const address = invited ?? card.address;
  if (address === undefined) throw calendarsFaults.notInvited();
  return address;
}

const ownAttendee = (part: ICAL.Component, card: OwnerCard): ICAL.Property | undefined =>
  [...attendeesOf(part)].find(([address]) => card.addresses.includes(address))?.[1];

/** Somebody to whom it was passed on is not on the organiser's list. */
function addAttendee(part: ICAL.Component, card: OwnerCard): ICAL.Property {
  if (card.address === undefined) throw calendarsFaults.notInvited();
  return invite(part, card.address);
}

function invite(part: ICAL.Component, address: string): ICAL.Property {
  const attendee = new ICAL.Property('attendee');
  attendee.setValue(`mailto:${address}`);
  attendee.setParameter('partstat', 'NEEDS-ACTION');
  attendee.setParameter('rsvp', 'TRUE');
  part.addProperty(attendee);
  return attendee;
}

/** Moves a meeting, or the instance it is about, to the time that somebody proposed. */
export function takeProposal(meeting: Meeting, counter: ICAL.Component): string {
  const recurrence = recurrenceOf(counter);
  const target =
    recurrence === undefined
      ? meeting.copy.getAllSubcomponents('vevent').find((part) => recurrenceOf(part) === undefined)
      : meeting.parts[0];
  if (!target) throw kernelFaults.notFound();
  for (const name of ['dtstart', 'dtend', 'duration']) {
    target.removeAllProperties(name);
    for (const property of copyOf(counter).getAllProperties(name)) target.addProperty(property);
  }
  return printCalendar(meeting.copy);
}
