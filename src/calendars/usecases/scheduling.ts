import type ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { type CalendarObject, objectOf, printCalendar, readCalendar } from '../../protocols/icalendar/index.ts';
import {
  applyMessage,
  attendeesOf,
  copyOf,
  keepAnswers,
  keepMarks,
  keepNumber,
  markStatus,
  messagesOf,
  type Outgoing,
  organizerOf,
  oversteps,
} from '../../protocols/itip/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, ObjectId, Owner, StoredObject } from '../model/calendar.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import { ATTENDEES_AT_MOST } from '../model/scheduling.ts';
import { listCalendars } from '../store/calendars.ts';
import { listObjects } from '../store/objects.ts';
import { sendMessages } from './delivering.ts';
import { expandGroups, isGroupIn } from './expand-groups.ts';
import { etagOf, expandOrRefuse } from './keeping.ts';
import { type OwnerCard, readOwner } from './owners.ts';

/** What the person who changes a meeting says to those who are told. */
export interface Saying {
  readonly comment?: string | undefined;
  /** Nobody is told: an answer kept for oneself. */
  readonly isSilent?: boolean | undefined;
}

interface Held {
  readonly calendar: Calendar;
  readonly role: Role;
}

interface NewCopy extends Saying {
  readonly before: StoredObject | undefined;
  readonly read: CalendarObject;
  readonly text: string;
  /** The client knew the meeting itself, not every answer to it: those that came meanwhile stay. */
  readonly isSameMeeting: boolean;
}

interface Copy {
  readonly read: CalendarObject;
  readonly text: string;
  readonly scheduleTag: string | null;
}

/** Whether anybody might be told of a change: where not, `scheduleChange` reads nothing and writes nothing. */
export async function mightConcernOthers(
  ctx: Context,
  { calendar }: Held,
  { before, read, isSilent }: NewCopy,
): Promise<boolean> {
  if (isSilent || read.component !== 'VEVENT') return false;
  if (organizerIn(read.calendar) === undefined && !before?.organizer) return false;
  const card = await readOwner(ctx, calendar.owner);
  return card !== undefined && !isOver(ctx, { before, read }, calendar, card);
}

/**
 * Tells everybody whom a new or changed copy concerns (RFC 6638 §3.2), and returns the copy as it is to be kept: with
 * what became of each message. One that concerns nobody else is returned as it was sent.
 * @throws calendars.not-the-organiser, .too-many-attendees, .not-a-delegate.
 */
export async function scheduleChange(ctx: Context, held: Held, change: NewCopy): Promise<Copy> {
  const { read, text } = change;
  const unchanged = { read, text, scheduleTag: null };
  if (read.component !== 'VEVENT') return unchanged;
  if (organizerIn(read.calendar) === undefined && !change.before?.organizer) return unchanged;
  const before = change.before && readCalendar(change.before.content);
  const organizer = organizerIn(read.calendar) ?? organizerIn(before);
  if (organizer === undefined) return unchanged;
  const card = await readOwner(ctx, held.calendar.owner);
  if (!card) return unchanged;
  demandFew(read.calendar);

  // An import says nothing to anybody, nor does what is over; then the text stays as it was sent.
  const isSaid = !change.isSilent && !isOver(ctx, change, held.calendar, card);
  const isTold = isSaid && !(!before && (await hasCopy(ctx, held.calendar.owner, read.uid)));
  if (!before && !isTold && !change.isSameMeeting) return { read, text, scheduleTag: etagOf(text) };

  const after = copyOf(read.calendar);
  const isOrganizer = card.addresses.includes(organizer);
  if (before && !isOrganizer && isInvited(before, card) && oversteps(before, after)) {
    throw calendarsFaults.notTheOrganiser();
  }
  if (before && isOrganizer && change.isSameMeeting) keepAnswers(before, after, card.addresses);
  const isNumbered = before !== undefined && !isOrganizer && keepNumber(before, after);
  const owner = card.addresses;
  const isExpanded = isTold && isOrganizer && (await expandGroups(ctx, { before, after, owner: card }));
  if (isExpanded) demandFew(after);
  const messages = isTold ? messagesOf({ before, after, owner, now: ctx.now, comment: change.comment }) : [];
  const isMarked = (before !== undefined || isTold) && keepMarks(before, after);
  if (messages.length > 0) await tell(ctx, held, card, organizer, messages, change.comment, after);
  const isChanged = messages.length > 0 || isMarked || isNumbered || isExpanded || change.isSameMeeting;
  const kept = isChanged ? printCalendar(after) : text;
  // What is no meeting any more has no tag of one (RFC 6638 §3.2.10).
  const scheduleTag = organizerIn(after) === undefined ? null : etagOf(kept);
  return { read: isChanged ? objectOf(after) : read, text: kept, scheduleTag };
}

/** Tells everybody whom the end of a copy concerns: its attendees, or its organiser. @throws calendars.not-a-delegate. */
export async function scheduleRemoval(
  ctx: Context,
  held: Held,
  object: StoredObject,
  saying: Saying = {},
): Promise<void> {
  if (object.organizer === null || saying.isSilent || isPast(ctx, object)) return;
  if (await hasCopy(ctx, held.calendar.owner, object.uid, object.id)) return;
  const card = await readOwner(ctx, held.calendar.owner);
  if (!card) return;
  const before = readCalendar(object.content);
  const owner = card.addresses;
  const messages = messagesOf({ before, after: undefined, owner, now: ctx.now, comment: saying.comment });
  if (messages.length > 0) await tell(ctx, held, card, object.organizer, messages, saying.comment);
}

/** Whether a meeting stands in another calendar of its owner: programs move one by writing it there and deleting it here. */
async function hasCopy(ctx: Context, owner: Owner, uid: string, except?: ObjectId): Promise<boolean> {
  const calendarIds = (await listCalendars(ctx, { owners: [owner] })).map(({ id }) => id);
  return (await listObjects(ctx, { calendarIds, uid })).some(({ id }) => id !== except);
}

/** What is over for good concerns nobody any more; what is not kept yet was not there to be over. */
const isPast = (ctx: Context, object: Pick<StoredObject, 'endsAt'> | undefined): boolean =>
  object === undefined || (object.endsAt !== null && object.endsAt < ctx.now);

function isOver(
  ctx: Context,
  { before, read }: Pick<NewCopy, 'before' | 'read'>,
  { timeZone }: Calendar,
  { addresses }: OwnerCard,
): boolean {
  if (!isPast(ctx, before)) return false;
  const { endsAt } = expandOrRefuse(read, ctx.now, { timeZone, addresses });
  return endsAt !== null && endsAt < ctx.now;
}

async function tell(
  ctx: Context,
  { calendar, role }: Held,
  card: OwnerCard,
  organizer: string,
  messages: readonly Outgoing[],
  comment: string | undefined,
  after?: ICAL.Component,
): Promise<void> {
  if (!isAtLeast(role, 'delegateWithoutPrivateEventAccess')) throw calendarsFaults.notADelegate();
  const isOrganizer = card.addresses.includes(organizer);
  const sender = isOrganizer ? organizer : (spokenFor(messages, card) ?? card.address ?? organizer);
  nameDelegate(ctx, calendar, messages, isOrganizer);
  const sending = { owner: calendar.owner, sender, senderName: card.displayName, messages, comment };
  const { statuses, answers } = await sendMessages(ctx, sending);
  if (!after) return;
  for (const [address, status] of statuses) {
    // A group without a calendar has taken its message when its people have theirs.
    markStatus(after, address, status === '5.3' && isGroupIn(after, address) ? '1.2' : status);
  }
  for (const { from, messages: said } of answers) {
    for (const { message } of said) {
      const outcome = applyMessage({ kept: after, message, sender: from, recipient: card.addresses });
      if (outcome.kind === 'changed') replaceParts(after, outcome.calendar);
    }
  }
}

/** Who really wrote, when somebody stands in for the owner (RFC 5545 §3.2.18). */
function nameDelegate(ctx: Context, calendar: Calendar, messages: readonly Outgoing[], isOrganizer: boolean): void {
  const { actor } = ctx;
  if (actor.kind !== 'account' || calendar.owner.kind !== 'account' || actor.accountId === calendar.owner.id) return;
  for (const { message } of messages) {
    for (const part of message.parts) {
      const speaker = part.getFirstProperty(isOrganizer ? 'organizer' : 'attendee');
      speaker?.setParameter('sent-by', `mailto:${actor.userPrincipalName.toLowerCase()}`);
    }
  }
}

function replaceParts(of: ICAL.Component, by: ICAL.Component): void {
  of.removeAllSubcomponents('vevent');
  for (const part of by.getAllSubcomponents('vevent')) of.addSubcomponent(copyOf(part));
}

const organizerIn = (calendar: ICAL.Component | undefined): string | undefined =>
  calendar
    ?.getAllSubcomponents('vevent')
    .map(organizerOf)
    .find((one) => one !== undefined);

const isInvited = (calendar: ICAL.Component, { addresses }: OwnerCard): boolean =>
  calendar.getAllSubcomponents('vevent').some((part) => addresses.some((one) => attendeesOf(part).has(one)));

/** The owner's address that answers speak for. */
const spokenFor = (messages: readonly Outgoing[], { addresses }: OwnerCard): string | undefined =>
  messages
    .flatMap(({ message }) => message.parts.flatMap((part) => [...attendeesOf(part).keys()]))
    .find((address) => addresses.includes(address));

function demandFew(calendar: ICAL.Component): void {
  const people = new Set(calendar.getAllSubcomponents('vevent').flatMap((part) => [...attendeesOf(part).keys()]));
  if (people.size > ATTENDEES_AT_MOST) throw calendarsFaults.tooManyAttendees(ATTENDEES_AT_MOST);
}
