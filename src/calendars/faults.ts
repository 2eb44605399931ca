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
  notTheOrganiser: () =>
    new Fault(
      'forbidden',
      'calendars.not-the-organiser',
      'Only its organiser says when a meeting is, how it repeats and whose it is. Propose another time instead.',
      { condition: `{${CALDAV}}allowed-attendee-scheduling-object-change` },
    ),
  notADelegate: () =>
    new Fault(
      'forbidden',
      'calendars.not-a-delegate',
      'Only the owner of this calendar and their delegates invite people and answer invitations from it.',
      { condition: `{${CALDAV}}organizer-allowed` },
    ),
  tooManyAttendees: (most: number) =>
    new Fault('invalid', 'calendars.too-many-attendees', `A meeting takes at most ${most} people.`, {
      condition: `{${CALDAV}}max-attendees-per-instance`,
    }),
  organiserOnly: () => new Fault('invalid', 'calendars.organiser-only', 'Only the organiser of a meeting can do this.'),
  organiserDoesNotAnswer: () =>
    new Fault('invalid', 'calendars.organiser-does-not-answer', 'The organiser of a meeting does not answer it.'),
  notInvited: () => new Fault('invalid', 'calendars.not-invited', 'Nobody invited the owner of this calendar to it.'),
  stale: () => new Fault('stale', 'calendars.object-changed', 'It has changed since you read it. Read it again.'),
  exists: () => new Fault('stale', 'calendars.object-exists', 'There is something of this name already.'),
  slugTaken: (slug: string) =>
    new Fault('conflict', 'calendars.calendar-exists', `There is a calendar named "${slug}" already.`),
  defaultStays: () => new Fault('conflict', 'calendars.default-calendar', 'The default calendar cannot be deleted.'),
};
