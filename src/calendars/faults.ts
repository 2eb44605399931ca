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
  sharingPolicyExists: (name: string) =>
    new Fault('conflict', 'calendars.sharing-policy-exists', `There is a sharing policy named "${name}" already.`),
  defaultSharingPolicy: () =>
    new Fault(
      'conflict',
      'calendars.default-sharing-policy',
      'This is the default sharing policy. Make another one the default first.',
    ),
  sharingPolicyAssigned: (mailboxes: number) =>
    new Fault(
      'conflict',
      'calendars.sharing-policy-assigned',
      `The sharing policy is assigned to ${mailboxes} mailboxes. Give them another one first.`,
      { mailboxes },
    ),
  externalSharingNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'forbidden',
      'calendars.external-sharing-not-allowed',
      'Your organisation does not let you share calendars outside. Ask an administrator.',
      facts,
    ),
  recipientNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'forbidden',
      'calendars.recipient-not-allowed',
      'The sharing policy does not let you share your calendar with this recipient. Ask an administrator.',
      facts,
    ),
  permissionNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'invalid',
      'calendars.permission-not-allowed',
      'The sharing policy does not allow granting permissions at this level.',
      facts,
    ),
  roleNotAllowed: (role: string, allowedRoles: readonly string[]) =>
    new Fault(
      'invalid',
      'calendars.role-not-allowed',
      `The role "${role}" cannot be given here. Allowed: ${allowedRoles.join(', ')}.`,
      { allowedRoles },
    ),
  recipientUnknown: (address: string) =>
    new Fault('invalid', 'calendars.recipient-unknown', `Nobody here has the address ${address}.`),
  permissionExists: (address: string) =>
    new Fault('conflict', 'calendars.permission-exists', `The calendar is shared with ${address} already.`),
  permissionStays: () =>
    new Fault(
      'invalid',
      'calendars.permission-stays',
      'What everybody at home sees cannot be removed. Set it to none.',
    ),
  defaultStays: () => new Fault('conflict', 'calendars.default-calendar', 'The default calendar cannot be deleted.'),
};
