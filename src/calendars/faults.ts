import { Fault } from '../kernel/fault.ts';
import type { CalendarTextError } from '../protocols/icalendar/index.ts';

const CALDAV = 'urn:ietf:params:xml:ns:caldav';
const CARDDAV = 'urn:ietf:params:xml:ns:carddav';

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
  notACard: (problem: string) =>
    new Fault('invalid', 'calendars.not-a-card', problem, { condition: `{${CARDDAV}}valid-address-data` }),
  cardUidTaken: () =>
    new Fault('conflict', 'calendars.card-uid-taken', 'Another contact of this address book has the same UID.', {
      condition: `{${CARDDAV}}no-uid-conflict`,
    }),
  cardUidChanged: () =>
    new Fault('invalid', 'calendars.card-uid-changed', 'The UID of a contact never changes.', {
      condition: `{${CARDDAV}}no-uid-conflict`,
    }),
  cardTooLarge: (bytes: number) =>
    new Fault('too-large', 'calendars.card-too-large', `A contact is at most ${bytes} bytes.`, {
      condition: `{${CARDDAV}}max-resource-size`,
    }),
  bookExists: (slug: string) =>
    new Fault('conflict', 'calendars.address-book-exists', `There is an address book named "${slug}" already.`),
  defaultBookStays: () =>
    new Fault('conflict', 'calendars.default-address-book', 'The default address book cannot be deleted.'),
  addressListIsRead: () =>
    new Fault(
      'forbidden',
      'calendars.address-list-is-read',
      "The organisation's address list is kept in the directory.",
    ),
  tooLarge: (bytes: number) =>
    new Fault('too-large', 'calendars.object-too-large', `An event is at most ${bytes} bytes.`, {
      condition: `{${CALDAV}}max-resource-size`,
    }),
  stale: () => new Fault('stale', 'calendars.object-changed', 'It has changed since you read it. Read it again.'),
  exists: () => new Fault('stale', 'calendars.object-exists', 'There is something of this name already.'),
  slugTaken: (slug: string) =>
    new Fault('conflict', 'calendars.calendar-exists', `There is a calendar named "${slug}" already.`),
  defaultStays: () => new Fault('conflict', 'calendars.default-calendar', 'The default calendar cannot be deleted.'),
};
