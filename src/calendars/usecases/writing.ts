import ICAL from 'ical.js';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { type CalendarObject, printCalendar } from '../../protocols/icalendar/index.ts';
import { calendarsFaults } from '../faults.ts';
import type { Calendar, StoredObject } from '../model/calendar.ts';
import { completeZones } from '../model/series.ts';
import { type Condition, putObject } from './objects.ts';
import type { OpenCalendar } from './open-calendars.ts';
import type { OwnerCard } from './owners.ts';

/** What an edit needs to know of the calendar that it happens in. */
export interface Editing {
  readonly event: ICAL.Component;
  readonly calendar: Calendar;
  /** Whether a single instance is edited, which cannot repeat. */
  readonly isInstance: boolean;
  readonly owner: OwnerCard;
}

/** Makes an event or a task and lets `write` fill it. */
export async function putNew(
  ctx: Context,
  { calendar, owner }: OpenCalendar,
  kind: 'vevent' | 'vtodo',
  name: string,
  write: (editing: Editing) => void,
): Promise<StoredObject> {
  const text = new ICAL.Component('vcalendar');
  text.updatePropertyWithValue('prodid', PRODUCT);
  text.updatePropertyWithValue('version', '2.0');
  const event = new ICAL.Component(kind);
  text.addSubcomponent(event);
  event.updatePropertyWithValue('uid', newId());
  event.updatePropertyWithValue('created', instantValue(ctx.now));
  stamp(event, ctx.now);
  write({ event, calendar, isInstance: false, owner });
  completeZones(text);
  const { object } = await putObject(ctx, {
    calendarId: calendar.id,
    name,
    text: printCalendar(text),
    ifNoneMatch: true,
  });
  return object;
}

const PRODUCT = '-//Entente//Calendars//EN';

/** Puts an edited object in place of the one that was read, unless somebody else was faster. */
export async function putText(
  ctx: Context,
  { calendarId, name, etag }: StoredObject,
  { calendar }: CalendarObject,
  { ifMatch }: Condition,
): Promise<StoredObject> {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) throw calendarsFaults.stale();
  completeZones(calendar);
  const text = printCalendar(calendar);
  return (await putObject(ctx, { calendarId, name, text, ifMatch: etag })).object;
}

/** Says that a component was changed now. */
export function stamp(event: ICAL.Component, now: Date): void {
  event.updatePropertyWithValue('dtstamp', instantValue(now));
  event.updatePropertyWithValue('last-modified', instantValue(now));
}

const instantValue = (at: Date): ICAL.Time => ICAL.Time.fromJSDate(at, true);
