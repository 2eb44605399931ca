import { Temporal } from 'temporal-polyfill';
import {
  addressOf,
  type CalendarObject,
  CalendarTextError,
  expand,
  type Instance,
  instanceOf,
  momentOf,
  repeats,
  textOf,
} from '../../protocols/icalendar/index.ts';
import { type Detail, detailFor, isAtLeast, type Role } from './roles.ts';

export const SHOW_AS = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere'] as const;
export type ShowAs = (typeof SHOW_AS)[number];

/** One instance of an event, with what lookups and views may tell of it. */
export interface Occurrence {
  /** '' for an event that does not repeat. */
  readonly recurrenceId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly isAllDay: boolean;
  readonly showAs: ShowAs;
  readonly isCancelled: boolean;
  readonly isPrivate: boolean;
  readonly subject: string | null;
  readonly location: string | null;
}

/** What somebody is told of an occurrence. */
export interface Told extends Occurrence {
  readonly detail: Detail;
}

/** An occurrence as somebody of a role may know it: the one place where it is redacted (EX-40). */
export function tell(role: Role, occurrence: Occurrence): Told {
  const detail = detailFor(role, occurrence.isPrivate);
  if (detail === 'full' || detail === 'limited') return { ...occurrence, detail };
  // That a time is private is a detail, too; whoever reads others' subjects may know why this one is missing.
  const isPrivate = occurrence.isPrivate && isAtLeast(role, 'limitedRead');
  return { ...occurrence, subject: null, location: null, isPrivate, detail };
}

const DAY = 86_400_000;
/** The part of a series that is kept expanded around a moment, in days. What is asked beyond is expanded then. */
export const KEPT_DAYS = { before: 400, after: 800 } as const;
/** More instances than anybody meets: 1200 days, four a day. */
export const INSTANCES_AT_MOST = 5_000;

/** An event's instances with the extent of the whole, ready to be stored. */
export interface Expanded {
  readonly occurrences: readonly Occurrence[];
  readonly startsAt: Date | null;
  /** Null: without end. */
  readonly endsAt: Date | null;
  readonly isRecurring: boolean;
  /** What part of a series the occurrences are; undefined: all of it. */
  readonly window: { readonly from: Date; readonly to: Date } | undefined;
}

/** Whose calendar it is expanded for. */
export interface ForOwner {
  /** An IANA name: dates and floating times are read in it. */
  readonly timeZone: string;
  /** Every address of theirs, lower case: what they answered decides whether their time is taken. */
  readonly addresses: readonly string[];
}

/**
 * Expands an event around `now`. Tasks have no occurrences.
 * @throws CalendarTextError `max-instances`.
 */
export function expandAround(object: CalendarObject, now: Date, owner: ForOwner): Expanded {
  if (object.component === 'VTODO') return expandTask(object, owner.timeZone);
  const isRecurring = object.master !== undefined && repeats(object.master);
  if (object.master && !isRecurring && object.exceptions.length === 0) {
    const only = occurrenceOf(instanceOf(object.master, owner.timeZone, ''), owner.addresses);
    return { occurrences: [only], ...extentOf([only]), isRecurring, window: undefined };
  }
  const first = firstOf(object, owner.timeZone);
  const whole = isRecurring && isEndless(object.master!) ? undefined : expandWhole(object, owner);
  if (whole) return { occurrences: whole, ...extentOf(whole, first), isRecurring, window: undefined };
  const from = new Date(Math.max(first.getTime(), now.getTime()) - KEPT_DAYS.before * DAY);
  const to = new Date(Math.max(first.getTime(), now.getTime()) + KEPT_DAYS.after * DAY);
  const occurrences = occurrencesBetween(object, from, to, owner);
  return { occurrences, startsAt: first, endsAt: null, isRecurring: true, window: { from, to } };
}

const isEndless = (master: Instance['component']) =>
  master.getAllProperties('rrule').some((rule) => !/(?:COUNT|UNTIL)=/i.test(String(rule.getFirstValue())));

/** Everything from first to last, unless that is more than is kept. */
function expandWhole(object: CalendarObject, owner: ForOwner): Occurrence[] | undefined {
  try {
    const whole = occurrencesBetween(object, new Date(Date.UTC(-9000, 0)), new Date(Date.UTC(9000, 0)), owner);
    return whole.length < INSTANCES_AT_MOST ? whole : undefined;
  } catch (error) {
    if (error instanceof CalendarTextError) return undefined;
    throw error;
  }
}

/** The occurrences that overlap `[from, to)`, computed. For what lies outside the kept window. */
export const occurrencesBetween = (object: CalendarObject, from: Date, to: Date, owner: ForOwner): Occurrence[] =>
  expand(object, asked(from, to, owner.timeZone)).instances.map((instance) => occurrenceOf(instance, owner.addresses));

const asked = (from: Date, to: Date, ownerZone: string) => ({
  from: Temporal.Instant.fromEpochMilliseconds(from.getTime()),
  to: Temporal.Instant.fromEpochMilliseconds(to.getTime()),
  ownerZone,
  limit: INSTANCES_AT_MOST,
});

function firstOf({ master, exceptions }: CalendarObject, ownerZone: string): Date {
  const starts = [...(master ? [master] : []), ...exceptions].map(
    (component) => momentOf(component.getFirstProperty('dtstart')!, ownerZone).at.epochMilliseconds,
  );
  return new Date(Math.min(...starts));
}

function expandTask({ master }: CalendarObject, ownerZone: string): Expanded {
  const dated = master?.hasProperty('dtstart') ? instanceOf(master, ownerZone, '') : undefined;
  return {
    occurrences: [],
    startsAt: dated ? new Date(dated.start.epochMilliseconds) : null,
    endsAt: dated ? new Date(dated.end.epochMilliseconds) : null,
    isRecurring: master !== undefined && repeats(master),
    window: undefined,
  };
}

function extentOf(occurrences: readonly Occurrence[], first?: Date) {
  let startsAt = first ?? null;
  let endsAt: Date | null = null;
  for (const one of occurrences) {
    if (startsAt === null || one.startsAt < startsAt) startsAt = one.startsAt;
    if (endsAt === null || one.endsAt > endsAt) endsAt = one.endsAt;
  }
  return { startsAt, endsAt: endsAt ?? startsAt };
}

/** What is kept of an instance in the calendar of somebody with these addresses. */
export function occurrenceOf(
  { recurrenceId, start, end, isAllDay, component }: Instance,
  addresses: readonly string[],
): Occurrence {
  const sensitivity = (textOf(component, 'class') ?? 'PUBLIC').toUpperCase();
  return {
    recurrenceId,
    startsAt: new Date(start.epochMilliseconds),
    endsAt: new Date(end.epochMilliseconds),
    isAllDay,
    showAs: showAsOf(component, addresses),
    isCancelled: textOf(component, 'status')?.toUpperCase() === 'CANCELLED',
    isPrivate: sensitivity !== 'PUBLIC',
    subject: textOf(component, 'summary'),
    location: textOf(component, 'location'),
  };
}

/**
 * What an event does to its owner's time: the status mapping of exchange.md §3.4. One they declined takes none, one they
 * have not answered may.
 */
function showAsOf(component: Instance['component'], addresses: readonly string[]): ShowAs {
  const said = textOf(component, 'x-microsoft-cdo-busystatus')?.toUpperCase();
  const word = wordOf(component, addresses);
  if (word === 'DECLINED') return 'free';
  if (said === 'OOF') return 'oof';
  if (said === 'WORKINGELSEWHERE') return 'workingElsewhere';
  if (textOf(component, 'transp')?.toUpperCase() === 'TRANSPARENT' || said === 'FREE') return 'free';
  if (textOf(component, 'status')?.toUpperCase() === 'TENTATIVE' || said === 'TENTATIVE') return 'tentative';
  return word === 'NEEDS-ACTION' || word === 'TENTATIVE' ? 'tentative' : 'busy';
}

/** What the owner answered; undefined: they are not asked, or it is their own meeting. */
function wordOf(component: Instance['component'], addresses: readonly string[]): string | undefined {
  const organizer = component.getFirstPropertyValue('organizer');
  if (organizer && addresses.includes(addressOf(organizer))) return undefined;
  const own = component
    .getAllProperties('attendee')
    .find((attendee) => addresses.includes(addressOf(attendee.getFirstValue())));
  return own && String(own.getFirstParameter('partstat') ?? 'NEEDS-ACTION').toUpperCase();
}
