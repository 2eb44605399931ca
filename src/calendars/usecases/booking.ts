import type ICAL from 'ical.js';
import { findAccount, findAddressHolders, subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { letterLanguage } from '../../platform/letter.ts';
import { objectOf, repeats, textOf } from '../../protocols/icalendar/index.ts';
import {
  attendeesOf,
  copyOf,
  exceptionAt,
  messagesOf,
  type Outgoing,
  organizerOf,
  partStatOf,
} from '../../protocols/itip/index.ts';
import { organizationSettings } from '../../tenants/index.ts';
import { bookingComment } from '../model/booking-words.ts';
import type { Calendar, StoredObject } from '../model/calendar.ts';
import { expandAround } from '../model/occurrence.ts';
import { answerBooking, type BookingAnswer, type BookingRules, type Place } from '../model/place.ts';
import { listOccurrences } from '../store/objects.ts';

/** A request to a place, with the copy that it would keep. */
export interface Booking {
  readonly place: Place;
  readonly calendars: readonly Calendar[];
  /** Every address of the place, lower case. */
  readonly addresses: readonly string[];
  readonly before: StoredObject | undefined;
  readonly origin: 'home' | 'partner' | 'mail';
  readonly sender: string;
  /** As the message left it: the place has not answered. */
  readonly asked: ICAL.Component;
}

export interface Booked {
  readonly answer: BookingAnswer;
  /** What the place keeps; undefined: nothing. */
  readonly calendar: ICAL.Component | undefined;
  /** Its answer to the organiser. */
  readonly messages: readonly Outgoing[];
}

/** Lets a place answer a request by its rules. Its row is locked, so nobody else books it meanwhile. */
export async function book(ctx: Context, booking: Booking): Promise<Booked> {
  const { place, addresses, asked } = booking;
  const rules = place.booking;
  // What did not move keeps its answer, also when it is over by now.
  if (booking.before && asked.getAllSubcomponents('vevent').every((part) => hasAnswered(part, addresses))) {
    const same = copyOf(asked);
    for (const part of same.getAllSubcomponents('vevent')) await tidy(ctx, part, rules);
    return { answer: { word: 'ACCEPTED', reason: 'booked', except: [] }, calendar: same, messages: [] };
  }
  const [calendar] = booking.calendars.filter(({ isDefault }) => isDefault);
  const { timeZone } = calendar!;
  const read = objectOf(asked);
  const expanded = expandAround(read, ctx.now, { timeZone, addresses });
  const instances = expanded.occurrences.filter(({ isCancelled }) => !isCancelled);
  const isSeries = read.master !== undefined && repeats(read.master);
  const answer = answerBooking(rules, {
    origin: booking.origin,
    sender: booking.sender,
    subjects: booking.origin === 'home' ? await subjectsBehind(ctx, booking.sender) : [],
    isSeries,
    instances,
    isEndless: expanded.endsAt === null,
    taken: await takenOf(ctx, booking, instances),
    now: ctx.now,
  });

  const after = copyOf(asked);
  for (const part of after.getAllSubcomponents('vevent')) speak(part, addresses, answer.word);
  for (const recurrenceId of answer.except) {
    const exception = exceptionAt(after, recurrenceId, timeZone);
    if (exception) speak(exception, addresses, 'DECLINED');
  }
  const language = letterLanguage(ctx.settings.tenant(organizationSettings).preferredLanguage);
  const comment = bookingComment(language, answer);
  const messages = messagesOf({ before: asked, after, owner: addresses, now: ctx.now, comment });
  const isKept = answer.word === 'ACCEPTED' || (answer.word === 'TENTATIVE' && rules.tentativePendingApproval);
  if (isKept) for (const part of after.getAllSubcomponents('vevent')) await tidy(ctx, part, rules);
  return { answer, calendar: isKept ? after : undefined, messages };
}

const hasAnswered = (part: ICAL.Component, addresses: readonly string[]): boolean =>
  [...attendeesOf(part)].some(([address, one]) => addresses.includes(address) && partStatOf(one) !== 'NEEDS-ACTION');

function speak(part: ICAL.Component, addresses: readonly string[], word: string): void {
  for (const [address, attendee] of attendeesOf(part)) {
    if (!addresses.includes(address)) continue;
    attendee.setParameter('partstat', word);
    attendee.removeParameter('rsvp');
  }
}

/** The instances in which another meeting has the place. */
async function takenOf(
  ctx: Context,
  { calendars, before }: Booking,
  instances: readonly { recurrenceId: string; startsAt: Date; endsAt: Date }[],
): Promise<Set<string>> {
  if (instances.length === 0) return new Set();
  const from = new Date(Math.min(...instances.map(({ startsAt }) => startsAt.getTime())));
  const to = new Date(Math.max(...instances.map(({ endsAt }) => endsAt.getTime())));
  const found = await listOccurrences(ctx, { calendarIds: calendars.map(({ id }) => id), from, to });
  const others = found.filter(
    ({ objectId, isCancelled, showAs }) => objectId !== before?.id && !isCancelled && showAs !== 'free',
  );
  const isTaken = (one: { startsAt: Date; endsAt: Date }) =>
    others.some(({ startsAt, endsAt }) => startsAt < one.endsAt && one.startsAt < endsAt);
  return new Set(instances.filter(isTaken).map(({ recurrenceId }) => recurrenceId));
}

async function subjectsBehind(ctx: Context, address: string): Promise<string[]> {
  const [holder] = await findAddressHolders(ctx, [address]);
  if (holder?.kind !== 'account') return [];
  return (await subjectsOf(ctx, holder.id)).map(({ id }) => id);
}

/** What stands in a place's calendar is read by many: by default who has it, and not what for. */
async function tidy(ctx: Context, part: ICAL.Component, rules: BookingRules): Promise<void> {
  if (rules.deleteSubject || rules.addOrganizerToSubject) {
    const name = rules.addOrganizerToSubject ? await organizerName(ctx, part) : undefined;
    const subject = [name, rules.deleteSubject ? null : textOf(part, 'summary')].filter(Boolean).join(' ');
    part.removeAllProperties('summary');
    if (subject !== '') part.addPropertyWithValue('summary', subject);
  }
  if (rules.deleteComments) {
    for (const name of ['description', 'comment', 'x-alt-desc']) part.removeAllProperties(name);
  }
  if (rules.deleteAttachments) part.removeAllProperties('attach');
  if (rules.removePrivateProperty) part.removeAllProperties('class');
}

async function organizerName(ctx: Context, part: ICAL.Component): Promise<string | undefined> {
  const said = part.getFirstProperty('organizer')?.getFirstParameter('cn');
  const address = organizerOf(part);
  if (said || address === undefined) return said || undefined;
  const [holder] = await findAddressHolders(ctx, [address]);
  if (holder?.kind !== 'account') return address;
  return (await findAccount(ctx, holder.id as AccountId))?.displayName ?? address;
}
