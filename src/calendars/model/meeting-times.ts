import { Temporal } from 'temporal-polyfill';
import type { Schedule, TimedWorkingHours } from './availability.ts';
import { WEEKDAYS } from './calendar.ts';
import type { ShowAs } from './occurrence.ts';

/** Where in the week a meeting may lie: the organiser's working hours, those on weekends too, or anywhere. */
export type ActivityDomain = 'work' | 'personal' | 'unrestricted';
export type Availability = ShowAs | 'unknown';

export interface TimeSlot {
  readonly from: Date;
  readonly to: Date;
}

export interface MeetingSearch {
  readonly slots: readonly TimeSlot[];
  readonly minutes: number;
  readonly domain: ActivityDomain;
  readonly organizer: Schedule;
  readonly isOrganizerOptional: boolean;
  readonly attendees: readonly Schedule[];
  /** Undefined: nobody has to look whether it is free. */
  readonly locations: readonly (Schedule | undefined)[];
  readonly isLocationRequired: boolean;
  /** 0 to 100. */
  readonly minimumPercentage: number;
  readonly maxCandidates: number;
}

export interface Suggestion extends TimeSlot {
  /** 0 to 100: how likely everybody comes. */
  readonly confidence: number;
  readonly organizer: Availability;
  /** In the order of the attendees. */
  readonly attendees: readonly Availability[];
  /** Which of the locations are free, by their places in the list. */
  readonly locations: readonly number[];
}

export type EmptyReason =
  | ''
  | 'attendeesUnavailable'
  | 'attendeesUnavailableOrUnknown'
  | 'locationsUnavailable'
  | 'organizerUnavailable'
  | 'unknown';

/** Meetings begin on these steps from the start of a slot. */
const STEP = 30 * 60_000;

/** How likely somebody comes whose time is so: 100 when they can, 49 when nobody knows. */
const CHANCE: Readonly<Record<Availability, number>> = {
  free: 100,
  workingElsewhere: 100,
  unknown: 49,
  tentative: 0,
  busy: 0,
  oof: 0,
};
const WEIGHT: readonly Availability[] = ['free', 'workingElsewhere', 'tentative', 'busy', 'oof'];

/** Times at which people can meet, the likeliest first, then the earliest (exchange.md §3.2). */
export function suggestTimes(search: MeetingSearch): { suggestions: Suggestion[]; emptyReason: EmptyReason } {
  const times = candidatesOf(search);
  const organizer = availabilitiesAt(search.organizer, times);
  const attendees = search.attendees.map((one) => availabilitiesAt(one, times));
  const locations = search.locations.map((one) => one && availabilitiesAt(one, times));

  const found: Suggestion[] = [];
  const lost = { organizer: 0, attendees: 0, unknown: 0, locations: 0 };
  for (const [at, { from, to }] of times.entries()) {
    if (!search.isOrganizerOptional && CHANCE[organizer[at]!] === 0) {
      lost.organizer += 1;
      continue;
    }
    const each = attendees.map((one) => one[at]!);
    const confidence = confidenceOf(each);
    if (confidence < search.minimumPercentage) {
      lost.attendees += 1;
      if (each.includes('unknown')) lost.unknown += 1;
      continue;
    }
    const free = locations.flatMap((one, place) => (one === undefined || CHANCE[one[at]!] === 100 ? [place] : []));
    if (search.isLocationRequired && locations.length > 0 && free.length === 0) {
      lost.locations += 1;
      continue;
    }
    found.push({ from, to, confidence, organizer: organizer[at]!, attendees: each, locations: free });
  }
  const suggestions = found
    .toSorted((a, b) => b.confidence - a.confidence || a.from.getTime() - b.from.getTime())
    .slice(0, search.maxCandidates);
  return { suggestions, emptyReason: suggestions.length > 0 ? '' : reasonOf(lost) };
}

function reasonOf(lost: { organizer: number; attendees: number; unknown: number; locations: number }): EmptyReason {
  if (lost.locations > 0) return 'locationsUnavailable';
  if (lost.attendees > 0) return lost.unknown > 0 ? 'attendeesUnavailableOrUnknown' : 'attendeesUnavailable';
  return lost.organizer > 0 ? 'organizerUnavailable' : 'unknown';
}

/** The mean chance, cut to two digits as the reference product does: 49.66 for a free, an unknown and a busy one. */
function confidenceOf(attendees: readonly Availability[]): number {
  if (attendees.length === 0) return 100;
  const sum = attendees.reduce((sum, one) => sum + CHANCE[one], 0);
  return Math.floor((sum * 100) / attendees.length) / 100;
}

/** Every time that a meeting could have, in order. */
function candidatesOf({ slots, minutes, domain, organizer }: MeetingSearch): TimeSlot[] {
  const length = minutes * 60_000;
  const hours = organizer.error === undefined ? organizer.workingHours : undefined;
  const starts = new Set<number>();
  for (const { from, to } of slots) {
    for (let at = from.getTime(); at + length <= to.getTime(); at += STEP) starts.add(at);
  }
  return [...starts]
    .sort((a, b) => a - b)
    .map((at) => ({ from: new Date(at), to: new Date(at + length) }))
    .filter((time) => domain === 'unrestricted' || hours === undefined || isInHours(time, hours, domain));
}

const WEEKEND = new Set(['saturday', 'sunday']);

/** Whether a time lies within one day's working hours, by the clock of their zone. */
function isInHours({ from, to }: TimeSlot, hours: TimedWorkingHours, domain: 'work' | 'personal'): boolean {
  const at = (date: Date) => Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(hours.timeZone);
  const [start, end] = [at(from), at(to)];
  const weekday = WEEKDAYS[start.dayOfWeek - 1]!;
  if (!hours.daysOfWeek.includes(weekday) && !(domain === 'personal' && WEEKEND.has(weekday))) return false;
  const clock = ({ hour, minute }: Temporal.ZonedDateTime) => hour * 60 + minute;
  return (
    start.toPlainDate().equals(end.toPlainDate()) &&
    clock(start) >= minutesOf(hours.startTime) &&
    clock(end) <= minutesOf(hours.endTime)
  );
}

const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** How somebody's time is at each of some times of one length, which are in order. */
function availabilitiesAt(schedule: Schedule, times: readonly TimeSlot[]): Availability[] {
  if (schedule.error !== undefined) return times.map(() => 'unknown');
  const items = schedule.items
    .filter(({ status }) => status !== 'free')
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  let next = 0;
  let open: typeof items = [];
  return times.map(({ from, to }) => {
    while (next < items.length && items[next]!.startsAt < to) open.push(items[next++]!);
    open = open.filter(({ endsAt }) => endsAt > from);
    return open.reduce<Availability>(
      (most, { status }) => (WEIGHT.indexOf(status) > WEIGHT.indexOf(most) ? status : most),
      'free',
    );
  });
}
