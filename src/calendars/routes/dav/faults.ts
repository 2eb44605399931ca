import { Fault } from '../../../kernel/fault.ts';
import { a, c, d, type QName } from '../../../protocols/dav-xml.ts';

/** What only this wire can get wrong. The condition is what the standards call it. */
export const davFaults = {
  notXml: (problem: string) => new Fault('invalid', 'dav.not-xml', `The body is no XML that we take: ${problem}`),
  badRequest: (sentence: string) => new Fault('invalid', 'dav.bad-request', sentence),
  filterNotSupported: (what: string, isBook = false) =>
    conditional(isBook ? a('supported-filter') : c('supported-filter'), `A filter of ${what} is not supported.`),
  badFilter: (problem: string, isBook = false) => conditional(isBook ? a('valid-filter') : c('valid-filter'), problem),
  collationNotSupported: (name: string, isBook = false) =>
    conditional(
      isBook ? a('supported-collation') : c('supported-collation'),
      `The collation "${name}" is not supported.`,
    ),
  bodyNotSupported: (isBook: boolean) =>
    isBook
      ? conditional(a('supported-address-data'), 'A contact is sent as text/vcard.')
      : conditional(c('supported-calendar-data'), 'An event is sent as text/calendar.'),
  dataNotSupported: () => conditional(c('supported-calendar-data'), 'Calendar data is told as iCalendar 2.0.'),
  addressDataNotSupported: () => conditional(a('supported-address-data'), 'Contacts are told as vCard 3.0 or 4.0.'),
  badCalendarData: (problem: string) => conditional(c('valid-calendar-data'), problem),
  badTimeZone: () => conditional(c('valid-calendar-data'), 'The time zone is none that we know.'),
  tokenNotValid: () =>
    conditional(d('valid-sync-token'), 'This sync token is none of ours, or older than what we know. Start anew.'),
  badSchedulingMessage: (problem: string) => conditional(c('valid-scheduling-message'), problem),
  organizerNotAllowed: () =>
    conditional(c('organizer-allowed'), 'The organizer of what your program sends is you, and nobody else.'),
  reportNotSupported: () => conditional(d('supported-report'), 'There is no such report here.'),
  resourceExists: () =>
    new Fault('forbidden', 'dav.exists', 'There is something here already.', {
      condition: '{DAV:}resource-must-be-null',
    }),
  notInHome: () =>
    new Fault('forbidden', 'dav.not-in-home', 'A collection is made in your own home, and not in another collection.', {
      condition: `{urn:ietf:params:xml:ns:caldav}calendar-collection-location-ok`,
    }),
  notHere: (sentence: string) => new Fault('forbidden', 'dav.not-here', sentence),
  aclIsElsewhere: () =>
    new Fault('forbidden', 'dav.acl-is-elsewhere', 'Who may see a calendar is set where it is shared.', {
      condition: '{DAV:}no-protected-ace-conflict',
    }),
  needPrivileges: (privilege: string) =>
    new Fault('forbidden', 'dav.need-privileges', `This needs the privilege ${privilege}.`, {
      condition: '{DAV:}need-privileges',
    }),
  infiniteDepth: () =>
    new Fault('forbidden', 'dav.infinite-depth', 'Ask for one level at a time.', {
      condition: '{DAV:}propfind-finite-depth',
    }),
};

const conditional = (condition: QName, sentence: string) =>
  new Fault('invalid', 'dav.precondition-failed', sentence, { condition });
