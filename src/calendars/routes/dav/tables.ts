/** What each kind of resource tells of itself (RFC 4918, 3744, 4791, 5397, 6578, 6638, 7953, CalendarServer's getctag). */
import type { Account, AddressListEntry, Group } from '../../../directory/index.ts';
import { APPLE, a, c, d, escapeXml, href, type QName, s, xml, xmlText } from '../../../protocols/dav-xml.ts';
import { definitionOf } from '../../../protocols/icalendar/index.ts';
import type { Calendar, Mailbox } from '../../model/calendar.ts';
import { INSTANCES_AT_MOST } from '../../model/occurrence.ts';
import { isAtLeast, type Role } from '../../model/roles.ts';
import { bookHomePath, calendarHomePath, calendarPath, inboxPath, principalPath, ROOT } from './addresses.ts';
import { collection, EVERYTHING, httpDate, type PropertyTable, privileges, READING, reports } from './properties.ts';
import { printSyncToken } from './sync-token.ts';

/** Who asks: told by every resource (RFC 5397). */
export interface Asking {
  readonly accountId: string;
}

export const forEverything = {
  [d('current-user-principal')]: ({ accountId }: Asking) => href(principalPath(accountId)),
  [d('principal-collection-set')]: () => href(`${ROOT}principals/`),
  [d('acl-restrictions')]: () => xml(d('grant-only')) + xml(d('no-invert')),
  [d('inherited-acl-set')]: () => '',
  [d('supported-privilege-set')]: () => SUPPORTED_PRIVILEGES,
} satisfies PropertyTable<Asking>;

const privilege = (name: QName, description: string, ...inside: string[]) =>
  xml(
    d('supported-privilege'),
    xml(d('privilege'), xml(name)) + xml(d('description'), description, { 'xml:lang': 'en' }) + inside.join(''),
  );
const SUPPORTED_PRIVILEGES = privilege(
  d('all'),
  'Anything',
  privilege(
    d('read'),
    'Read',
    privilege(c('read-free-busy'), 'Read when it is busy'),
    privilege(d('read-current-user-privilege-set'), 'Read what one may do'),
  ),
  privilege(
    d('write'),
    'Write',
    privilege(d('write-properties'), 'Change properties'),
    privilege(d('write-content'), 'Change content'),
    privilege(d('bind'), 'Add'),
    privilege(d('unbind'), 'Remove'),
  ),
  privilege(d('read-acl'), 'Read who may do what'),
  privilege(c('schedule-deliver'), 'Deliver scheduling messages'),
  privilege(c('schedule-send'), 'Send scheduling messages'),
);

/** Reports that every collection answers. */
export const COMMON_REPORTS = [
  d('expand-property'),
  d('acl-principal-prop-set'),
  d('principal-property-search'),
  d('principal-search-property-set'),
  d('principal-match'),
];

/** The root and the collections that hold homes. */
export const PLAIN: PropertyTable<Asking & { readonly name: string }> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(),
  [d('displayname')]: ({ name }) => escapeXml(name),
  [d('current-user-privilege-set')]: () => privileges(READING),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
  [c('calendar-home-set')]: ({ accountId }) => href(calendarHomePath(accountId)),
  [a('addressbook-home-set')]: ({ accountId }) => href(bookHomePath(accountId)),
};

export interface PrincipalFacts extends Asking {
  readonly id: string;
  readonly displayName: string;
  readonly kind: 'account' | 'group';
  /** The one to write to first. */
  readonly addresses: readonly string[];
  readonly givenName: string | null;
  readonly surname: string | null;
}

export function principalFacts(accountId: string, of: Account | Group, kind: 'account' | 'group'): PrincipalFacts {
  const proxies = ('proxyAddresses' in of ? of.proxyAddresses : []).map((entry) => entry.replace(/^smtp:/i, ''));
  const upn = 'userPrincipalName' in of ? [of.userPrincipalName] : [];
  const all = [...(of.mail ? [of.mail] : []), ...upn, ...proxies].map((address) => address.toLowerCase());
  return {
    accountId,
    id: of.id,
    displayName: of.displayName,
    kind,
    addresses: [...new Set(all)],
    givenName: 'givenName' in of ? of.givenName : null,
    surname: 'surname' in of ? of.surname : null,
  };
}

/** The same of somebody as the organisation's address list shows them. */
export const peopleFacts = (accountId: string, entry: AddressListEntry): PrincipalFacts => ({
  accountId,
  id: entry.id,
  displayName: entry.displayName,
  kind: 'account',
  addresses: [entry.mail.toLowerCase()],
  givenName: entry.givenName,
  surname: entry.surname,
});

/** How a calendar user is named in events: by mail address first, and by what never changes. */
const userAddresses = ({ id, addresses }: PrincipalFacts): string =>
  addresses
    .map((address, n) => xml(d('href'), escapeXml(`mailto:${address}`), n === 0 ? { preferred: '1' } : undefined))
    .join('') +
  href(principalPath(id)) +
  href(`urn:uuid:${id}`);

export const PRINCIPAL: PropertyTable<PrincipalFacts> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(d('principal')),
  [d('displayname')]: ({ displayName }) => escapeXml(displayName),
  [d('principal-URL')]: ({ id }) => href(principalPath(id)),
  [d('alternate-URI-set')]: ({ addresses }) => addresses.map((address) => href(`mailto:${address}`)).join(''),
  [d('group-member-set')]: () => '',
  [d('group-membership')]: () => '',
  [d('owner')]: ({ id }) => href(principalPath(id)),
  [d('current-user-privilege-set')]: () => privileges(READING),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
  [c('calendar-home-set')]: ({ id }) => href(calendarHomePath(id)),
  [c('calendar-user-address-set')]: userAddresses,
  [c('calendar-user-type')]: ({ kind }) => (kind === 'group' ? 'GROUP' : 'INDIVIDUAL'),
  [c('schedule-inbox-URL')]: ({ id, accountId }) => (id === accountId ? href(inboxPath(id)) : undefined),
  [c('schedule-outbox-URL')]: ({ id, accountId }) =>
    id === accountId ? href(`${calendarHomePath(id)}outbox/`) : undefined,
  [a('addressbook-home-set')]: ({ id, accountId }) => (id === accountId ? href(bookHomePath(id)) : undefined),
  [s('email-address-set')]: ({ addresses }) =>
    addresses.map((address) => xmlText(s('email-address'), address)).join(''),
  [s('first-name')]: ({ givenName }) => (givenName === null ? undefined : escapeXml(givenName)),
  [s('last-name')]: ({ surname }) => (surname === null ? undefined : escapeXml(surname)),
  [s('record-type')]: ({ kind }) => (kind === 'group' ? 'groups' : 'users'),
};

export interface HomeFacts extends Asking {
  readonly ownerId: string;
  readonly displayName: string;
}

export const HOME: PropertyTable<HomeFacts> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(),
  [d('displayname')]: ({ displayName }) => escapeXml(displayName),
  [d('owner')]: ({ ownerId }) => href(principalPath(ownerId)),
  [d('current-user-privilege-set')]: ({ ownerId, accountId }) =>
    privileges(ownerId === accountId ? [...READING, d('bind'), d('unbind'), d('write-content')] : READING),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
};

export interface SchedulingFacts extends Asking {
  readonly mailbox: Mailbox;
  readonly calendars: readonly Calendar[];
  /** Of the inbox, as its followers know it; undefined when nobody asked. */
  readonly state: number | undefined;
}

/** What a message asked for was done when it came; it stays for the person to see, until they put it away. */
export const INBOX: PropertyTable<SchedulingFacts> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(c('schedule-inbox')),
  [d('displayname')]: () => 'Inbox',
  [d('owner')]: ({ accountId }) => href(principalPath(accountId)),
  [d('current-user-privilege-set')]: () =>
    privileges([
      ...READING,
      d('write-properties'),
      d('unbind'),
      c('schedule-deliver'),
      c('schedule-deliver-invite'),
      c('schedule-deliver-reply'),
      c('schedule-query-freebusy'),
    ]),
  [d('supported-report-set')]: () =>
    reports([c('calendar-query'), c('calendar-multiget'), d('sync-collection'), ...COMMON_REPORTS]),
  [d('sync-token')]: ({ state }) =>
    state === undefined ? undefined : printSyncToken({ collectionId: 'inbox', state }),
  [s('getctag')]: ({ state }) => (state === undefined ? undefined : String(state)),
  [c('schedule-default-calendar-URL')]: ({ accountId, calendars }) => {
    const calendar = calendars.find(({ isDefault }) => isDefault);
    return calendar && href(calendarPath(accountId, calendar.slug));
  },
  [c('calendar-free-busy-set')]: ({ accountId, calendars }) =>
    calendars
      .filter(({ isTransparent }) => !isTransparent)
      .map(({ slug }) => href(calendarPath(accountId, slug)))
      .join(''),
  [c('calendar-availability')]: ({ mailbox }) =>
    mailbox.availability === null ? undefined : escapeXml(mailbox.availability),
  [s('calendar-availability')]: ({ mailbox }) =>
    mailbox.availability === null ? undefined : escapeXml(mailbox.availability),
};

export const OUTBOX: PropertyTable<SchedulingFacts> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(c('schedule-outbox')),
  [d('displayname')]: () => 'Outbox',
  [d('owner')]: ({ accountId }) => href(principalPath(accountId)),
  [d('current-user-privilege-set')]: () =>
    privileges([
      ...READING,
      c('schedule-send'),
      c('schedule-send-invite'),
      c('schedule-send-reply'),
      c('schedule-send-freebusy'),
    ]),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
  [c('supported-calendar-component-set')]: () => components(['VEVENT', 'VTODO', 'VFREEBUSY']),
  [c('supported-calendar-data')]: () => CALENDAR_DATA_TYPE,
};

const components = (names: readonly string[]) => names.map((name) => xml(c('comp'), '', { name })).join('');
const CALENDAR_DATA_TYPE = xml(c('calendar-data'), '', { 'content-type': 'text/calendar', version: '2.0' });

/** The privileges that a role amounts to: what a client decides by, whether to let its user write. */
export function privilegesOf(role: Role): readonly QName[] {
  if (role === 'owner') return EVERYTHING;
  if (isAtLeast(role, 'write')) {
    const scheduling = isAtLeast(role, 'delegateWithoutPrivateEventAccess')
      ? [c('schedule-send'), c('schedule-deliver')]
      : [];
    return [...READING, c('read-free-busy'), d('write'), d('write-content'), d('bind'), d('unbind'), ...scheduling];
  }
  if (isAtLeast(role, 'limitedRead')) return [...READING, c('read-free-busy')];
  return [c('read-free-busy'), d('read-current-user-privilege-set')];
}

export interface CalendarFacts extends Asking {
  readonly calendar: Calendar;
  /** As whoever asks finds it. */
  readonly name: string;
  readonly role: Role;
  /** As its followers know it; undefined when nobody asked. */
  readonly state: number | undefined;
  readonly largestObject: number;
  /** The access control entries, printed, for the owner. */
  readonly acl: string | undefined;
}

/** Who sees times alone is not told what the calendar is called. */
const named = ({ role }: CalendarFacts) => isAtLeast(role, 'limitedRead');

export const CALENDAR: PropertyTable<CalendarFacts> = {
  ...forEverything,
  [d('resourcetype')]: () => collection(c('calendar')),
  [d('displayname')]: (of) => (named(of) ? escapeXml(of.name) : undefined),
  [d('owner')]: ({ calendar }) => href(principalPath(calendar.owner.id)),
  [d('creationdate')]: ({ calendar }) => calendar.createdAt.toISOString(),
  [d('getcontenttype')]: () => 'httpd/unix-directory',
  [d('current-user-privilege-set')]: ({ role }) => privileges(privilegesOf(role)),
  [d('acl')]: ({ acl }) => acl,
  [d('supported-report-set')]: ({ role }) =>
    reports([
      c('free-busy-query'),
      ...(isAtLeast(role, 'limitedRead') ? [c('calendar-query'), c('calendar-multiget'), d('sync-collection')] : []),
      ...COMMON_REPORTS,
    ]),
  [d('sync-token')]: ({ state, calendar }) =>
    state === undefined ? undefined : escapeXml(printSyncToken({ collectionId: calendar.id, state })),
  [s('getctag')]: ({ state }) => (state === undefined ? undefined : String(state)),
  [c('calendar-description')]: (of) =>
    named(of) && of.calendar.description !== null ? escapeXml(of.calendar.description) : undefined,
  [`{${APPLE}}calendar-color`]: ({ calendar }) => (calendar.color === null ? undefined : escapeXml(calendar.color)),
  [`{${APPLE}}calendar-order`]: ({ calendar }) => String(calendar.sortOrder),
  [c('supported-calendar-component-set')]: ({ calendar }) => components(calendar.components),
  [c('supported-calendar-component-sets')]: () =>
    xml(c('supported-calendar-component-set'), components(['VEVENT', 'VTODO'])),
  [c('supported-calendar-data')]: () => CALENDAR_DATA_TYPE,
  [c('supported-collation-set')]: () =>
    ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap'].map((name) => xml(c('supported-collation'), name)).join(''),
  [c('max-resource-size')]: ({ largestObject }) => String(largestObject),
  [c('max-instances')]: () => String(INSTANCES_AT_MOST),
  [c('calendar-timezone')]: ({ calendar }) =>
    calendar.hasOwnTimeZone ? escapeXml(zoneText(calendar.timeZone)) : undefined,
  [c('calendar-timezone-id')]: ({ calendar }) => escapeXml(calendar.timeZone),
  [c('schedule-calendar-transp')]: ({ calendar }) => xml(calendar.isTransparent ? c('transparent') : c('opaque')),
};

/** A zone as a calendar that holds nothing but its definition. */
function zoneText(zone: string): string {
  const definition = definitionOf(zone)?.toString() ?? `BEGIN:VTIMEZONE\r\nTZID:${zone}\r\n${STANDARD}END:VTIMEZONE`;
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Entente//EN\r\n${definition.trimEnd()}\r\nEND:VCALENDAR\r\n`;
}
const STANDARD =
  'BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\n';

export interface EventFacts extends Asking {
  readonly role: Role;
  readonly ownerId: string;
  readonly etag: string;
  readonly component: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly size: number;
  readonly scheduleTag: string | null;
  /** As a report asked for it, printed; undefined when nobody asked. */
  readonly data: string | undefined;
}

export const EVENT: PropertyTable<EventFacts> = {
  ...forEverything,
  [d('getetag')]: ({ etag }) => `"${etag}"`,
  [c('calendar-data')]: ({ data }) => data,
  [d('resourcetype')]: () => '',
  [d('getcontenttype')]: ({ component }) => `text/calendar; charset=utf-8; component=${component}`,
  [d('getcontentlength')]: ({ size }) => String(size),
  [d('getlastmodified')]: ({ changedAt }) => httpDate(changedAt),
  [d('creationdate')]: ({ createdAt }) => createdAt.toISOString(),
  [d('owner')]: ({ ownerId }) => href(principalPath(ownerId)),
  [d('current-user-privilege-set')]: ({ role }) => privileges(privilegesOf(role)),
  [d('supported-report-set')]: () => reports(COMMON_REPORTS),
  [c('schedule-tag')]: ({ scheduleTag }) => (scheduleTag === null ? undefined : `"${escapeXml(scheduleTag)}"`),
};
