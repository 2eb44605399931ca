import type { Attendee, Event, Location, Recipient, ResponseStatus } from '@microsoft/microsoft-graph-types';
import type ICAL from 'ical.js';
import type { Row } from '../../../platform/http/odata.ts';
import { addressOf, momentOf, textOf } from '../../../protocols/icalendar/index.ts';
import { instantOfKey } from '../../model/series.ts';
import { type EventKey, printEventId, type SeenEvent } from '../../usecases/events.ts';
import type { OwnerCard } from '../../usecases/owners.ts';
import type { RESPONSES } from './event-shape.ts';
import type { Preferences } from './preferences.ts';
import { presentRecurrence } from './recurrence.ts';
import { cleanHtml, extensionText, htmlOfText, textOfHtml } from './text.ts';
import { printTime, printZone } from './times.ts';
import {
  CLASSES,
  HIDE_ATTENDEES,
  isReminder,
  LOCATIONS,
  printLocations,
  REMINDER_MINUTES,
  TRANSACTION,
} from './write-event.ts';

const KINDS = {
  single: 'singleInstance',
  series: 'seriesMaster',
  instance: 'occurrence',
  exception: 'exception',
} as const;

/** An event in Graph's shape, as far as the reader may know it: what `tell` left out is nowhere in here. */
export function presentEvent(seen: SeenEvent, preferences: Preferences): Row {
  const { told, calendar, owner, whole } = seen;
  const time = {
    id: printEventId(seen),
    subject: told.subject,
    start: printTime(told.startsAt, told.isAllDay, calendar.timeZone, preferences.zone),
    end: printTime(told.endsAt, told.isAllDay, calendar.timeZone, preferences.zone),
    isAllDay: told.isAllDay,
    showAs: told.showAs,
    isCancelled: told.isCancelled,
    sensitivity: told.isPrivate ? ('private' as const) : ('normal' as const),
    location: place(told.location),
    locations: told.location ? [place(told.location)] : [],
  } satisfies Event;
  if (!whole) return { ...time, type: 'singleInstance' };
  const { object, component, master, kind } = whole;
  const series =
    kind === 'instance' || kind === 'exception' ? { objectId: seen.objectId, recurrenceId: '' } : undefined;
  const start = momentOf(component.getFirstProperty('dtstart') as ICAL.Property, calendar.timeZone).at;
  const end = component.getFirstProperty('dtend');
  const recurrence = kind === 'series' && master ? presentRecurrence(master, calendar.timeZone) : null;
  const alarm = component.getAllSubcomponents('valarm').find(isReminder);
  const url = conferenceOf(component);
  const event = {
    ...time,
    createdDateTime: object.createdAt.toISOString(),
    lastModifiedDateTime: object.changedAt.toISOString(),
    changeKey: object.etag,
    categories: component.getAllProperties('categories').flatMap((one) => one.getValues().map(String)),
    transactionId: extensionText(component, TRANSACTION),
    originalStartTimeZone: printZone(start.timeZoneId),
    originalEndTimeZone: printZone(end ? momentOf(end, calendar.timeZone).at.timeZoneId : start.timeZoneId),
    iCalUId: object.uid,
    reminderMinutesBeforeStart: alarm ? minutesBefore(alarm) : REMINDER_MINUTES,
    isReminderOn: alarm !== undefined,
    hasAttachments: component.hasProperty('attach'),
    ...presentText(component, preferences),
    importance: importanceOf(component),
    sensitivity: sensitivityOf(component),
    responseRequested: component
      .getAllProperties('attendee')
      .every((one) => String(one.getFirstParameter('rsvp') ?? 'TRUE').toUpperCase() !== 'FALSE'),
    ...presentLocations(component),
    ...presentPeople(component, owner),
    seriesMasterId: series ? printEventId(series) : null,
    type: KINDS[kind],
    ...(series ? { originalStart: originalStart(seen, calendar.timeZone) } : {}),
    recurrence,
    isOnlineMeeting: url !== null,
    onlineMeetingProvider: 'unknown' as const,
    onlineMeetingUrl: url,
    onlineMeeting: url === null ? null : { joinUrl: url },
    allowNewTimeProposals: extensionText(component, 'x-microsoft-disallow-counter')?.toUpperCase() !== 'TRUE',
    hideAttendees: extensionText(component, HIDE_ATTENDEES)?.toUpperCase() === 'TRUE',
    isDraft: false,
    webLink: null,
  } satisfies Event;
  return {
    '@odata.etag': `W/"${object.etag}"`,
    ...event,
    // A rule beyond Graph's six patterns, so that a program can at least show it.
    ...(kind === 'series' && !recurrence ? { '@entente.recurrenceRule': ruleText(master) } : {}),
  };
}

const ruleText = (master: ICAL.Component | undefined) =>
  ['rrule', 'rdate', 'exrule']
    .flatMap((name) => master?.getAllProperties(name) ?? [])
    .map((property) => property.toICALString())
    .join('\n');

const originalStart = ({ recurrenceId }: EventKey, ownerZone: string): string | null =>
  instantOfKey(recurrenceId, ownerZone)?.toString() ?? null;

// ---------------------------------------------------------------------------------------------------------------
// Words

const PREVIEW = 255;

export function presentText(component: ICAL.Component, { bodyType }: Preferences): Pick<Event, 'body' | 'bodyPreview'> {
  const text = textOf(component, 'description') ?? '';
  const html = htmlOf(component, text);
  const bodyPreview = [...(text || textOfHtml(html ?? ''))].slice(0, PREVIEW).join('');
  if (bodyType === 'text')
    return { body: { contentType: 'text', content: text || textOfHtml(html ?? '') }, bodyPreview };
  return { body: { contentType: 'html', content: html === null ? htmlOfText(text) : cleanHtml(html) }, bodyPreview };
}

/** The HTML, unless somebody has changed the words beside it since with a program that knows no HTML. */
function htmlOf(component: ICAL.Component, text: string): string | null {
  const html = extensionText(component, 'x-alt-desc');
  if (html === null) return null;
  const words = (value: string) => value.replace(/\s+/g, '');
  return text === '' || words(textOfHtml(html)) === words(text) ? html : null;
}

export function importanceOf(component: ICAL.Component): 'low' | 'normal' | 'high' {
  const priority = Number(component.getFirstPropertyValue('priority') ?? 0);
  if (priority >= 1 && priority <= 4) return 'high';
  return priority >= 6 ? 'low' : 'normal';
}

function sensitivityOf(component: ICAL.Component): 'normal' | 'personal' | 'private' | 'confidential' {
  const said = (textOf(component, 'class') ?? 'PUBLIC').toUpperCase();
  if (said === 'PUBLIC') return 'normal';
  return said === CLASSES.confidential ? 'confidential' : said === CLASSES.personal ? 'personal' : 'private';
}

export const minutesBefore = (alarm: ICAL.Component): number =>
  Math.max(0, Math.round(-(alarm.getFirstPropertyValue('trigger') as ICAL.Duration).toSeconds() / 60));

function conferenceOf(component: ICAL.Component): string | null {
  const url = component.getFirstPropertyValue('conference');
  return url === null ? null : String(url);
}

// ---------------------------------------------------------------------------------------------------------------
// Places

const place = (displayName: string | null): Location => ({
  displayName: displayName ?? '',
  locationType: 'default',
  uniqueId: displayName,
  uniqueIdType: displayName ? 'private' : 'unknown',
});

/** Everything that was said of the places, unless their names were changed since by a program that knows one line. */
function presentLocations(component: ICAL.Component): { location: Location; locations: Location[] } {
  const line = textOf(component, 'location');
  const kept = parseLocations(extensionText(component, LOCATIONS));
  const locations = kept && printLocations(kept) === (line ?? '') ? kept : line ? [{ displayName: line }] : [];
  const presented = locations.map((one) => ({ ...place(one.displayName ?? ''), ...one }));
  const [only] = presented;
  return { location: presented.length === 1 && only ? only : place(line), locations: presented };
}

function parseLocations(text: string | null): (Location & { displayName?: string | null })[] | undefined {
  if (text === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'object' && one !== null) : undefined;
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------------------------------------------------------
// People

const UNANSWERED = '0001-01-01T00:00:00Z';
const ANSWERS: Readonly<Record<string, (typeof RESPONSES)[number]>> = {
  ACCEPTED: 'accepted',
  TENTATIVE: 'tentativelyAccepted',
  DECLINED: 'declined',
};

/** The text of a parameter that stands once. */
const parameter = (property: ICAL.Property, name: string) => String(property.getFirstParameter(name) ?? '');

function presentPeople(
  component: ICAL.Component,
  owner: OwnerCard,
): { organizer: Recipient; isOrganizer: boolean; attendees: Attendee[]; responseStatus: ResponseStatus } {
  const said = component.getFirstProperty('organizer');
  const organizer = said
    ? { name: parameter(said, 'cn'), address: addressOf(said.getFirstValue()) }
    : { name: owner.displayName, address: owner.address ?? '' };
  const isOrganizer = !said || owner.addresses.includes(organizer.address);
  const properties = component.getAllProperties('attendee');
  const own = properties.find((one) => owner.addresses.includes(addressOf(one.getFirstValue())));
  return {
    organizer: { emailAddress: { ...organizer, name: organizer.name || organizer.address } },
    isOrganizer,
    attendees: properties.map(presentAttendee),
    responseStatus: isOrganizer
      ? { response: 'organizer', time: UNANSWERED }
      : own
        ? presentAttendee(own).status
        : { response: 'none', time: UNANSWERED },
  };
}

function presentAttendee(property: ICAL.Property) {
  const address = String(property.getFirstValue()).replace(/^mailto:/i, '');
  const role = parameter(property, 'role').toUpperCase();
  const isResource = /^(?:RESOURCE|ROOM)$/i.test(parameter(property, 'cutype')) || role === 'NON-PARTICIPANT';
  return {
    type: isResource
      ? ('resource' as const)
      : role === 'OPT-PARTICIPANT'
        ? ('optional' as const)
        : ('required' as const),
    status: { response: ANSWERS[parameter(property, 'partstat').toUpperCase()] ?? ('none' as const), time: UNANSWERED },
    emailAddress: { name: parameter(property, 'cn') || address, address },
  };
}
