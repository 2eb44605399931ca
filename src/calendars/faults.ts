import { Fault } from '../kernel/fault.ts';
import type { CalendarTextError } from '../protocols/icalendar/index.ts';

const CALDAV = 'urn:ietf:params:xml:ns:caldav';
const CARDDAV = 'urn:ietf:params:xml:ns:carddav';

const refusal = (kind: 'invalid' | 'conflict', code: string, sentence: string, facts: Record<string, unknown> = {}) =>
  new Fault(kind, `calendars.${code}`, sentence, { reason: camelCase(code), ...facts });

const camelCase = (code: string) => code.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());

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
  sharingPolicyExists: (name: string) =>
    new Fault('conflict', 'calendars.sharing-policy-exists', `There is a sharing policy named "${name}" already.`),
  twoDefaultSharingPolicies: (name: string, other: string) =>
    new Fault(
      'conflict',
      'calendars.two-default-sharing-policies',
      `"${name}" and "${other}" cannot both be the default sharing policy.`,
    ),
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
      'Your organisation does not let you share outside. Ask an administrator.',
      facts,
    ),
  recipientNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'forbidden',
      'calendars.recipient-not-allowed',
      'The sharing policy does not let you share this with this recipient. Ask an administrator.',
      facts,
    ),
  permissionNotAllowed: (facts: Readonly<Record<string, unknown>>) =>
    new Fault(
      'invalid',
      'calendars.permission-not-allowed',
      'The sharing policy does not allow granting permissions at this level.',
      facts,
    ),
  /** `facts`: the reference of the refusal, where one was given. */
  roleNotAllowed: (role: string, allowedRoles: readonly string[], facts: { readonly decisionId?: string } = {}) =>
    new Fault(
      'invalid',
      'calendars.role-not-allowed',
      `The role "${role}" cannot be given here. Allowed: ${allowedRoles.join(', ')}.`,
      { allowedRoles, ...facts },
    ),
  recipientUnknown: (address: string) =>
    new Fault('invalid', 'calendars.recipient-unknown', `Nobody here has the address ${address}.`),
  permissionExists: (address: string) =>
    new Fault('conflict', 'calendars.permission-exists', `The calendar is shared with ${address} already.`),
  nobodyToPublishFor: () =>
    new Fault('invalid', 'calendars.no-public-name', 'An owner without an address has no address that can be guessed.'),
  tooManyReadings: (retryAfterSeconds: number) =>
    new Fault('throttled', 'calendars.link-read-too-often', 'This calendar is read too often. Try again later.', {
      retryAfterSeconds,
    }),
  invalidSharingData: () =>
    new Fault('invalid', 'calendars.invalid-sharing-data', 'This invitation to a calendar cannot be read.', {
      responseCode: 'ErrorInvalidSharingData',
    }),
  invalidSharingMessage: () =>
    new Fault(
      'invalid',
      'calendars.invalid-sharing-message',
      'This invitation to a calendar is over, or there never was one.',
      { responseCode: 'ErrorInvalidSharingMessage' },
    ),
  invalidSharingInitiator: () =>
    new Fault(
      'invalid',
      'calendars.invalid-sharing-initiator',
      'The organisation that this invitation names did not write it.',
      { responseCode: 'ErrorInvalidExternalSharingInitiator' },
    ),
  invalidSharingSubscriber: () =>
    new Fault(
      'forbidden',
      'calendars.invalid-sharing-subscriber',
      'The invitation is for another address. Sign in with the one that it was sent to.',
      { responseCode: 'ErrorInvalidExternalSharingSubscriber' },
    ),
  sharingEnded: () =>
    new Fault('forbidden', 'calendars.sharing-ended', 'This is not shared with you any more.', {
      responseCode: 'ErrorSharingSynchronizationFailed',
    }),
  sharingSynchronizationFailed: (cause?: unknown) =>
    new Fault(
      'unavailable',
      'calendars.sharing-synchronization-failed',
      'The organisation that shares this does not answer right now. What it holds is not known.',
      { responseCode: 'ErrorSharingSynchronizationFailed' },
      cause,
    ),
  /** Alike for somebody who shares nothing and for nobody. */
  nothingShared: () =>
    new Fault(
      'not-found',
      'calendars.nothing-shared',
      'Nobody of this address shares contacts with you. Ask them to, and type the address of theirs that they shared from.',
    ),
  permissionStays: () =>
    new Fault(
      'invalid',
      'calendars.permission-stays',
      'What everybody at home sees cannot be removed. Set it to none.',
    ),
  invalidName: (sentence: string) => refusal('invalid', 'invalid-name', sentence),
  invalidDomain: (sentence: string, domains: readonly string[]) =>
    refusal('invalid', 'invalid-domain', sentence, { domains }),
  invalidEnum: (sentence: string) => refusal('invalid', 'invalid-enum', sentence),
  invalidEndpoint: (sentence: string) => refusal('invalid', 'invalid-endpoint', sentence),
  invalidScopeGroup: (id: string) =>
    refusal('invalid', 'invalid-scope-group', 'A scope is a security group of your own organisation.', { id }),
  ownDomain: (domains: readonly string[]) =>
    refusal('invalid', 'own-domain', `${domains.join(', ')} belongs to your own organisation.`, { domains }),
  relationshipNameInUse: (name: string) =>
    refusal('conflict', 'name-in-use', `There is a relationship named "${name}" already.`, { name }),
  domainInOtherRelationship: (domain: string, name: string) =>
    refusal('conflict', 'domain-in-other-relationship', `${domain} is in the relationship "${name}" already.`, {
      domain,
      name,
    }),
  domainsNotConfirmed: (domains: readonly string[]) =>
    refusal(
      'invalid',
      'domains-not-confirmed',
      'Confirm the domains of the partner that the relationship is to hold.',
      {
        domains,
      },
    ),
  domainNotProposed: (domains: readonly string[]) =>
    refusal('invalid', 'domain-not-proposed', `The partner does not name ${domains.join(', ')} as its own.`, {
      domains,
    }),
  partnerNotFound: (domain: string) =>
    refusal('invalid', 'partner-not-found', `Nobody knows an organisation behind ${domain}. Type its domains in.`),
  invalidTimeInterval: () =>
    new Fault('invalid', 'calendars.invalid-time-interval', 'The time must end after it begins.'),
  timeIntervalTooBig: () =>
    new Fault('invalid', 'calendars.time-interval-too-big', 'Look up less than 62 days at a time.'),
  invalidMergedInterval: () =>
    new Fault('invalid', 'calendars.invalid-merged-interval', 'A slot of the view has 5 to 1440 minutes.'),
  tooManyMailboxes: (most: number) =>
    new Fault('invalid', 'calendars.too-many-mailboxes', `Look up at most ${most} mailboxes at a time.`),
  unknownTimeZone: (name: string) =>
    new Fault('invalid', 'calendars.unknown-time-zone', `There is no time zone "${name}".`),
  attachmentTooLarge: (bytes: number) =>
    new Fault('too-large', 'calendars.attachment-too-large', `A file of an event is at most ${bytes} bytes.`),
  tooManyAttachments: (most: number) =>
    new Fault('invalid', 'calendars.too-many-attachments', `An event has at most ${most} files.`),
  categoryExists: (name: string) =>
    new Fault('conflict', 'calendars.category-exists', `There is a category named "${name}" already.`),
  tracingRefused: () =>
    new Fault(
      'forbidden',
      'calendars.tracing-refused',
      'The other organisation does not let it be asked what became of messages.',
    ),
  defaultStays: () => new Fault('conflict', 'calendars.default-calendar', 'The default calendar cannot be deleted.'),
};
