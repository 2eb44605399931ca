import { Fault } from '../kernel/fault.ts';
import type { CalendarTextError } from '../protocols/icalendar/index.ts';

const CALDAV = 'urn:ietf:params:xml:ns:caldav';

/** Faults of calendars and what is in them. `condition` is the precondition of RFC 4791 §5.3.2.1 on the DAV wire. */
export const calendarsFaults = {
  notACalendarObject: (problem: string, rule: CalendarTextError['rule']) =>
    new Fault('invalid', 'calendars.not-a-calendar-object', problem, { condition: `{${CALDAV}}${rule}` }),
  componentNotAllowed: (component: string) =>
    new Fault('invalid', 'calendars.component-not-allowed', `This calendar takes no ${component}.`, {
      condition: `{${CALDAV}}supported-calendar-component`,
    }),
  uidTaken: (name: string) =>
    new Fault('conflict', 'calendars.uid-taken', 'Another event of this calendar has the same UID.', {
      condition: `{${CALDAV}}no-uid-conflict`,
      name,
    }),
  uidChanged: () =>
    new Fault('invalid', 'calendars.uid-changed', 'The UID of an event never changes.', {
      condition: `{${CALDAV}}no-uid-conflict`,
    }),
  tooLarge: (bytes: number) =>
    new Fault('too-large', 'calendars.object-too-large', `An event is at most ${bytes} bytes.`, {
      condition: `{${CALDAV}}max-resource-size`,
    }),
  stale: () => new Fault('stale', 'calendars.object-changed', 'It has changed since you read it. Read it again.'),
  exists: () => new Fault('stale', 'calendars.object-exists', 'There is something of this name already.'),
  slugTaken: (slug: string) =>
    new Fault('conflict', 'calendars.calendar-exists', `There is a calendar named "${slug}" already.`),
  categoryExists: (name: string) =>
    new Fault('conflict', 'calendars.category-exists', `There is a category named "${name}" already.`),
  defaultStays: () => new Fault('conflict', 'calendars.default-calendar', 'The default calendar cannot be deleted.'),
};
