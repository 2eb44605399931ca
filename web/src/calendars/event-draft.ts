import type { Somebody } from './people-names.ts';
import { fromRecurrence, noRepeat, type Repeat, toRecurrence } from './recurrence.ts';
import { dayOf, minutesBetween, plus, type Wall, wallOf } from './times.ts';
import type { CalendarEvent, Place, ShowAs } from './wire.ts';

/** An event while it is written. */
export interface Draft {
  readonly title: string;
  readonly people: readonly Somebody[];
  readonly isAllDay: boolean;
  readonly start: Wall;
  /** Of whole days: the day after the last. */
  readonly end: Wall;
  readonly zone: string;
  /** Undefined: a pattern this form has no words for, which is left as it is. */
  readonly repeat: Repeat | undefined;
  readonly room: Pick<Place, 'displayName' | 'emailAddress'> | undefined;
  readonly location: string;
  /** Minutes before the start; none when undefined. */
  readonly reminder: number | undefined;
  readonly showAs: ShowAs;
  readonly isPrivate: boolean;
  readonly categories: string;
  readonly description: string;
}

const REMINDER_MINUTES = 15;

export const newDraft = (start: Wall, end: Wall, isAllDay: boolean, zone: string): Draft => ({
  title: '',
  people: [],
  isAllDay,
  start,
  end,
  zone,
  repeat: noRepeat(start),
  room: undefined,
  location: '',
  reminder: REMINDER_MINUTES,
  showAs: isAllDay ? 'free' : 'busy',
  isPrivate: false,
  categories: '',
  description: '',
});

/** What is changed of an event that exists. Times on the clock of `zone`. */
export function draftOf(event: CalendarEvent, zone: string): Draft {
  const isAllDay = event.isAllDay ?? false;
  const clock = (moment: CalendarEvent['start']) =>
    isAllDay ? `${moment.dateTime.slice(0, 10)}T00:00:00` : wallOf(moment, zone);
  const start = clock(event.start);
  const room = event.attendees?.find(({ type }) => type === 'resource')?.emailAddress;
  const html = event.body?.contentType === 'html' ? textOfHtml(event.body.content) : event.body?.content;
  return {
    title: event.subject ?? '',
    people: (event.attendees ?? [])
      .filter(({ type }) => type !== 'resource')
      .map(({ emailAddress }) => ({
        name: emailAddress.name || emailAddress.address || '',
        address: emailAddress.address ?? '',
      })),
    isAllDay,
    start,
    end: clock(event.end),
    zone,
    repeat: fromRecurrence(event.recurrence, start),
    room: room ? { displayName: room.name ?? room.address ?? '', emailAddress: room.address ?? null } : undefined,
    location: room && event.location?.displayName === room.name ? '' : (event.location?.displayName ?? ''),
    reminder: event.isReminderOn === false ? undefined : (event.reminderMinutesBeforeStart ?? REMINDER_MINUTES),
    showAs: event.showAs ?? 'busy',
    isPrivate: event.sensitivity === 'private' || event.sensitivity === 'confidential',
    categories: (event.categories ?? []).join(', '),
    description: html ?? '',
  };
}

/** The words of a body that came as HTML. What was not typed here is not shown as marks. */
function textOfHtml(html: string): string {
  const body = new DOMParser().parseFromString(html.replace(/<(br|\/p|\/div)[^>]*>/gi, '\n$&'), 'text/html').body;
  return (body.textContent ?? '').trim();
}

/** What is wrong with a draft, by field. Keys of the translations. */
export function problemsOf(draft: Draft): { readonly end?: string; readonly repeat?: string } {
  if (draft.end <= draft.start) return { end: 'calendars.endBeforeStart' };
  const { repeat } = draft;
  if (repeat && repeat.every !== 'never' && repeat.ends === 'on' && repeat.until < dayOf(draft.start))
    return { repeat: 'calendars.untilBeforeStart' };
  return {};
}

/** The start moved, and the end with it. */
export function withStart(draft: Draft, start: Wall): Draft {
  const minutes = minutesBetween(draft.start, draft.end);
  const wasWeekday = draft.repeat && draft.repeat.days.length === 1 && dayOf(draft.start) !== dayOf(start);
  return {
    ...draft,
    start,
    end: plus(start, { minutes }),
    ...(draft.repeat && wasWeekday ? { repeat: { ...draft.repeat, days: noRepeat(start).days } } : {}),
  };
}

/** Whole days begin and end at midnight; going back, an hour in the morning is proposed. */
export function withAllDay(draft: Draft, isAllDay: boolean): Draft {
  const day = dayOf(draft.start);
  if (!isAllDay) return { ...draft, isAllDay, start: `${day}T09:00:00`, end: `${day}T10:00:00`, showAs: 'busy' };
  const last = dayOf(draft.end > draft.start ? plus(draft.end, { minutes: -1 }) : draft.start);
  return {
    ...draft,
    isAllDay,
    start: `${day}T00:00:00`,
    end: plus(`${last}T00:00:00`, { days: 1 }),
    showAs: 'free',
  };
}

/** The draft as the server wants it. `withRepeat` is false for one event of a series. */
export function eventOf(draft: Draft, { withRepeat }: { withRepeat: boolean }): Partial<CalendarEvent> {
  const { zone, room } = draft;
  const place = draft.location.trim() || room?.displayName || '';
  return {
    subject: draft.title.trim(),
    body: { contentType: 'text', content: draft.description },
    start: { dateTime: draft.start, timeZone: zone },
    end: { dateTime: draft.end, timeZone: zone },
    isAllDay: draft.isAllDay,
    location: { displayName: place, ...(room?.emailAddress ? { locationEmailAddress: room.emailAddress } : {}) },
    attendees: [
      ...draft.people.map(({ name, address }) => ({ type: 'required' as const, emailAddress: { name, address } })),
      ...(room?.emailAddress
        ? [{ type: 'resource' as const, emailAddress: { name: room.displayName, address: room.emailAddress } }]
        : []),
    ],
    showAs: draft.showAs,
    sensitivity: draft.isPrivate ? 'private' : 'normal',
    categories: draft.categories
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    isReminderOn: draft.reminder !== undefined,
    ...(draft.reminder === undefined ? {} : { reminderMinutesBeforeStart: draft.reminder }),
    ...(withRepeat && draft.repeat ? { recurrence: toRecurrence(draft.repeat, draft.start, zone) ?? null } : {}),
  };
}
