/** The wire of calendar and address book programs: WebDAV and what stands on it, under `/dav/`. */
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Method, Reply, type Route, route } from '../../../platform/http/route.ts';
import { a, c, d, multistatus, s, type XmlElement } from '../../../protocols/dav-xml.ts';
import { sharedCalendarsUse, sharedContactsUse } from '../../questions/calendars.ts';
import { ownCalendars } from '../../usecases/asked.ts';
import { keptAnswer } from '../../usecases/kept-answers.ts';
import { type LookUpPorts, mayLookOut } from '../../usecases/look-up-availability.ts';
import type { SharedPorts } from '../../usecases/shared-calendars.ts';
import { answerAbroad, describeAbroad, isAbroad } from './abroad.ts';
import { type Place, placeAt, ROOT } from './addresses.ts';
import {
  addressbookMultiget,
  addressbookQuery,
  bookAt,
  changeBookAt,
  deleteBookAt,
  deleteCardAt,
  getBook,
  getCard,
  makeBook,
  putCardAt,
  syncBook,
} from './books.ts';
import { answerBookAbroad, describeBooksAbroad, isBookAbroad } from './books-abroad.ts';
import { calendarMultiget, calendarQuery, homeMultiget, syncCollection } from './calendar-reports.ts';
import { changeCalendarAt, deleteCalendarAt, kindToMake, makeCalendar, XML_TYPE } from './collections.ts';
import { deleteEvent, getCalendar, getEvent, putEvent } from './events.ts';
import { davFaults } from './faults.ts';
import { calendarAt, calendarsInHome } from './found.ts';
import { freeBusyQuery } from './free-busy.ts';
import { changeInbox, deleteMessage, getMessage, reportOfInbox } from './inbox.ts';
import {
  aclPrincipals,
  attendeeSearch,
  expandProperty,
  principalMatch,
  principalPropertySearch,
  principalSearchPropertySet,
} from './principal-reports.ts';
import { askedIn, checkPropfind, describe, isMinimalWanted, readBody } from './properties.ts';
import { type Anything, describePlace, propfind } from './propfind.ts';
import { relocate } from './relocation.ts';
import { postOutbox } from './scheduling.ts';

/** What we keep to, as clients look for it (RFC 4918 §10.1 and those of each extension). */
const DAV_HEADER =
  '1, 3, access-control, extended-mkcol, calendar-access, calendar-auto-schedule, calendar-availability, addressbook';
/** Calendars with all their attachments; what a tenant allows is less, and is told with its own words. */
const LARGEST_BODY = 11 * 1024 * 1024;
const LARGEST_XML = 2 * 1024 * 1024;

interface Incoming {
  readonly place: Place;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly depth: string;
  readonly origin: string;
}

type Answer = (ctx: Context, incoming: Incoming) => Promise<Reply>;

const text = (status: number, body: string | Buffer, headers: Record<string, string> = XML_TYPE) =>
  // As bytes, so that nothing between here and the socket looks for another type.
  new Reply(status, typeof body === 'string' ? Buffer.from(body) : body, { ...headers, dav: DAV_HEADER });

const notAllowed = (place: Place) => new Reply(405, undefined, { allow: allowed(place) });

/** The methods of each kind of place. */
function allowed({ kind }: Place): string {
  const reading = ['OPTIONS', 'PROPFIND', 'REPORT'];
  switch (kind) {
    case 'event':
    case 'card':
      return [...reading, 'GET', 'HEAD', 'PUT', 'DELETE', 'COPY', 'MOVE'].join(', ');
    case 'calendar':
      return [...reading, 'GET', 'HEAD', 'PROPPATCH', 'DELETE', 'MKCALENDAR', 'MKCOL', 'ACL'].join(', ');
    case 'book':
      return [...reading, 'GET', 'HEAD', 'PROPPATCH', 'DELETE', 'MKCOL'].join(', ');
    case 'inbox':
      return [...reading, 'PROPPATCH'].join(', ');
    case 'message':
      return [...reading, 'GET', 'HEAD', 'DELETE'].join(', ');
    case 'outbox':
      return [...reading, 'POST'].join(', ');
    default:
      return reading.join(', ');
  }
}

const VERBS: Readonly<Record<string, { readonly summary: string; readonly answer: Answer }>> = {
  PROPFIND: {
    summary: 'Tells properties of a resource, and of what is in it.',
    async answer(ctx, { place, body, headers, depth }) {
      if (depth === 'infinity') throw davFaults.infiniteDepth();
      const root = readBody(body);
      checkPropfind(root);
      return text(207, await propfind(ctx, place, { root, depth, headers }));
    },
  },
  REPORT: {
    summary: 'Answers a report: queries, several objects at once, changes, free/busy.',
    answer: report,
  },
  GET: {
    summary: 'Reads an event, a task, a contact or a scheduling message, or a whole calendar or address book.',
    async answer(ctx, { place, headers }) {
      if (place.kind === 'event') return getEvent(ctx, place, headers);
      if (place.kind === 'card') return getCard(ctx, place, headers);
      if (place.kind === 'message') return getMessage(ctx, place, headers);
      if (place.kind === 'calendar') return getCalendar(ctx, place);
      if (place.kind === 'book') return getBook(ctx, place);
      await ctx.demand(ownCalendars, undefined, 'read');
      return notAllowed(place);
    },
  },
  PUT: {
    summary: 'Keeps an event, a task or a contact.',
    async answer(ctx, { place, body: sent, headers }) {
      const body = sent?.replace(/^\uFEFF/, '');
      const isOther = (type: string) =>
        !String(headers['content-type'] ?? type)
          .toLowerCase()
          .startsWith(type);
      if (place.kind === 'event' && isOther('text/calendar')) throw davFaults.bodyNotSupported(false);
      if (place.kind === 'card' && isOther('text/vcard')) throw davFaults.bodyNotSupported(true);
      if (place.kind === 'event') return putEvent(ctx, place, { body, headers });
      if (place.kind === 'card') return putCardAt(ctx, place, body, headers);
      await ctx.demand(ownCalendars, undefined, 'write');
      return notAllowed(place);
    },
  },
  DELETE: {
    summary: 'Removes an event, a task, a contact, or a whole collection.',
    async answer(ctx, { place, headers }) {
      if (place.kind === 'event') return deleteEvent(ctx, place, headers);
      if (place.kind === 'calendar') return deleteCalendarAt(ctx, place);
      if (place.kind === 'card') return deleteCardAt(ctx, place, headers);
      if (place.kind === 'book') return deleteBookAt(ctx, place);
      if (place.kind === 'message') return deleteMessage(ctx, place);
      await ctx.demand(ownCalendars, undefined, 'write');
      return notAllowed(place);
    },
  },
  PROPPATCH: {
    summary: 'Changes properties of a collection.',
    async answer(ctx, { place, body, headers }) {
      const root = needed(readBody(body));
      const changed = (printed: string) => changedReply(printed, headers);
      if (place.kind === 'calendar') return changed(await changeCalendarAt(ctx, place, root));
      if (place.kind === 'book') return changed(await changeBookAt(ctx, place, root));
      if (place.kind === 'inbox') return changed(await changeInbox(ctx, place, root));
      await ctx.demand(ownCalendars, undefined, 'write');
      return notAllowed(place);
    },
  },
  COPY: {
    summary: 'Copies an event, a task or a contact.',
    answer: (ctx, incoming) => copyOrMove(ctx, incoming, false),
  },
  MOVE: { summary: 'Moves an event, a task or a contact.', answer: (ctx, incoming) => copyOrMove(ctx, incoming, true) },
  ACL: {
    summary: 'Refuses to change who may see what, which is done elsewhere.',
    async answer(ctx, { place }) {
      if (place.kind === 'calendar') await calendarAt(ctx, place, 'owner');
      else await ctx.demand(ownCalendars, undefined, 'write');
      throw davFaults.aclIsElsewhere();
    },
  },
  MKCALENDAR: {
    summary: 'Makes a calendar.',
    async answer(ctx, { place, body }) {
      if (place.kind === 'calendar') return makeCalendar(ctx, place, readBody(body), 'multistatus');
      await ctx.demand(ownCalendars, undefined, 'write');
      throw davFaults.notInHome();
    },
  },
  MKCOL: {
    summary: 'Makes a calendar or an address book.',
    async answer(ctx, { place, body }) {
      const root = readBody(body);
      const kind = kindToMake(root);
      if (place.kind === 'calendar' && kind === 'calendar') return makeCalendar(ctx, place, root, 'mkcol-response');
      if (place.kind === 'book' && kind === 'book') return makeBook(ctx, place, root);
      await ctx.demand(ownCalendars, undefined, 'write');
      throw davFaults.notInHome();
    },
  },
};

const ZERO_DEPTH: readonly string[] = [
  d('acl-principal-prop-set'),
  d('principal-match'),
  d('principal-property-search'),
  d('principal-search-property-set'),
];

const FREE_BUSY_QUERY = /^(?:\s*<\?xml[^>]*>)?\s*<(?:[\w-]+:)?free-busy-query[\s>]/;

async function report(ctx: Context, { place, body, headers, depth }: Incoming): Promise<Reply> {
  if (place.kind === 'calendar' && body !== undefined && /<(?:[\w-]+:)?(?:free-busy|calendar)-query[\s>]/.test(body)) {
    // Read from the text alone who may ask; the answer is made from what it says, or is known already.
    const isFreeBusy = FREE_BUSY_QUERY.test(body);
    const found = await calendarAt(ctx, place, isFreeBusy ? 'freeBusyRead' : 'limitedRead');
    const asked = [found.path, headers.depth, headers.brief, headers.prefer, body].join('\n');
    const answer = await keptAnswer(ctx, found, asked, async () => {
      const root = needed(readBody(body));
      if (isFreeBusy && root.name === c('free-busy-query')) return freeBusyQuery(ctx, found, root);
      if (!isFreeBusy && root.name === c('calendar-query')) return calendarQuery(ctx, [found], root, headers);
      throw davFaults.reportNotSupported();
    });
    return isFreeBusy ? text(200, answer, { 'content-type': 'text/calendar; charset=utf-8' }) : text(207, answer);
  }
  const root = needed(readBody(body));
  if (place.kind === 'event') {
    const found = await calendarAt(ctx, place, 'limitedRead');
    if (root.name === c('calendar-multiget')) return text(207, await calendarMultiget(ctx, found, root, headers));
    if (root.name === c('calendar-query'))
      return text(207, await calendarQuery(ctx, [found], root, headers, place.name));
  }
  if (place.kind === 'calendar-home' && root.name === c('calendar-query')) {
    await ctx.demand(ownCalendars, undefined, 'read');
    await describePlace(ctx, place, askedIn(undefined, headers), false);
    const found = depth === 'infinity' ? await calendarsInHome(ctx, place.ownerId) : [];
    return text(207, await calendarQuery(ctx, found, root, headers));
  }
  if (place.kind === 'calendar-home' && root.name === c('calendar-multiget')) {
    await ctx.demand(ownCalendars, undefined, 'read');
    await describePlace(ctx, place, askedIn(undefined, headers), false);
    return text(207, await homeMultiget(ctx, await calendarsInHome(ctx, place.ownerId), root, headers));
  }
  if (place.kind === 'inbox') {
    const answer = await reportOfInbox(ctx, place, root, headers);
    if (answer !== undefined) return text(207, answer);
  }
  if (place.kind === 'calendar') {
    switch (root.name) {
      case c('calendar-multiget'):
        return text(207, await calendarMultiget(ctx, await calendarAt(ctx, place, 'limitedRead'), root, headers));
      case d('sync-collection'):
        return text(207, await syncCollection(ctx, await calendarAt(ctx, place, 'limitedRead'), root, headers));
    }
  }
  if (place.kind === 'card' && root.name === a('addressbook-query')) {
    return text(207, await addressbookQuery(ctx, await bookAt(ctx, place, 'read'), root, headers, [place.name]));
  }
  if (place.kind === 'book') {
    const found = await bookAt(ctx, place, 'read');
    switch (root.name) {
      case a('addressbook-query'):
        return text(207, await addressbookQuery(ctx, found, root, headers));
      case a('addressbook-multiget'):
        return text(207, await addressbookMultiget(ctx, found, root, headers));
      case d('sync-collection'):
        return text(207, await syncBook(ctx, found, root, headers));
    }
  }
  await ctx.demand(ownCalendars, undefined, 'read');
  if (depth !== '0' && ZERO_DEPTH.includes(root.name)) throw davFaults.badRequest('This report takes Depth 0 alone.');
  switch (root.name) {
    case d('expand-property'):
      return text(207, await expandProperty(ctx, place, root));
    case d('acl-principal-prop-set'):
      return text(207, await aclPrincipals(ctx, place, root, headers));
    case d('principal-match'):
      return text(207, await principalMatch(ctx, place, root, headers));
    case d('principal-property-search'):
      await describePlace(ctx, place, askedIn(undefined, headers), false);
      return text(207, await principalPropertySearch(ctx, root, headers));
    case s('calendarserver-principal-search'):
      return text(207, await attendeeSearch(ctx, root, headers));
    case d('principal-search-property-set'):
      await describePlace(ctx, place, askedIn(undefined, headers), false);
      return text(200, principalSearchPropertySet());
  }
  // What is not theirs to see has no reports either.
  await describePlace(ctx, place, askedIn(undefined, headers), false);
  throw davFaults.reportNotSupported();
}

/** RFC 8144 §2.3: when everything is done as it was asked for, there is nothing to say. */
const changedReply = (printed: string, headers: Incoming['headers']): Reply =>
  isMinimalWanted(headers) && !/<D:status>HTTP\/1\.1 [45]/.test(printed)
    ? new Reply(200, undefined, { 'preference-applied': 'return=minimal' })
    : text(207, printed);

async function copyOrMove(ctx: Context, { place, headers, origin }: Incoming, isMove: boolean): Promise<Reply> {
  if (place.kind === 'event' || place.kind === 'card') return relocate(ctx, place, { headers, origin, isMove });
  await ctx.demand(ownCalendars, undefined, 'write');
  throw davFaults.notHere('A collection stays where it is.');
}

function needed(root: XmlElement | undefined): XmlElement {
  if (!root) throw davFaults.badRequest('The body says what is asked for; there is none.');
  return root;
}

/** What asks other organisations holds no transaction open meanwhile: what needs one opens it by itself. */
const asksElsewhere = (method: string, place: Place | undefined): boolean =>
  isAbroad(place) ||
  isBookAbroad(place) ||
  (method === 'PROPFIND' && (place?.kind === 'calendar-home' || place?.kind === 'book-home'));

const everything = (ports: SharedPorts) =>
  Object.entries(VERBS).map(([method, { summary, answer }]) =>
    route({
      method: method as Method,
      path: `${ROOT}*`,
      summary,
      wire: 'dav',
      access: 'asks',
      tags: ['dav'],
      // A first visit makes the mailbox that it looks at.
      transaction: (address) => (asksElsewhere(method, placeAt(address)) ? 'none' : 'write'),
      bodyLimit: method === 'PUT' ? LARGEST_BODY : LARGEST_XML,
      ...(method === 'GET' ? {} : { body: z.string().optional() }),
      async handle(ctx, { raw, headers, body: sent, origin }) {
        const place = placeAt(raw.url);
        if (!place) {
          await ctx.ask(ownCalendars, undefined, { quiet: true });
          throw kernelFaults.notFound();
        }
        const depth = String(headers.depth ?? '0').toLowerCase();
        const body = sent as string | undefined;
        const asked = { root: () => readBody(body), headers, depth };
        if (isAbroad(place)) return answerAbroad(ctx, ports, method as Method, { place, ...asked });
        if (isBookAbroad(place)) return answerBookAbroad(ctx, ports, method as Method, { place, ...asked });
        if (method === 'PROPFIND' && (place.kind === 'calendar-home' || place.kind === 'book-home'))
          return lookIntoHome(ctx, ports, { place, body, headers, depth, origin });
        return answer(ctx, { place, body, headers, depth, origin });
      },
    }),
  );

/** A home with everything in it: what is here, and what other organisations share. */
async function lookIntoHome(
  ctx: Context,
  ports: SharedPorts,
  {
    place,
    body,
    headers,
    depth,
  }: Incoming & { readonly place: Extract<Place, { kind: 'calendar-home' | 'book-home' }> },
): Promise<Reply> {
  if (depth === 'infinity') throw davFaults.infiniteDepth();
  const root = readBody(body);
  checkPropfind(root);
  const asked = askedIn(root, headers);
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const here = await ports.run({ tenantId, actor, correlationId, clientAddress }, (inside) =>
    describePlace(inside, place, asked, depth !== '0'),
  );
  const question = place.kind === 'calendar-home' ? sharedCalendarsUse : sharedContactsUse;
  const { level } = await ctx.ask(question, undefined, { quiet: true });
  const abroad =
    depth === '0' || level === 'none'
      ? []
      : place.kind === 'calendar-home'
        ? await describeAbroad(ctx, ports, place.ownerId)
        : await describeBooksAbroad(ctx, ports, place.ownerId, asked);
  return text(207, multistatus([...here, ...abroad].map((one) => describe(one as Anything, asked))));
}

const options = route({
  method: 'OPTIONS',
  path: `${ROOT}*`,
  summary: 'Tells what this server can do for calendar programs.',
  wire: 'dav',
  access: { public: 'Tells what the server can do, and nothing of what is on it.' },
  tags: ['dav'],
  transaction: 'none',
  async handle(_ctx, { raw }) {
    const place = placeAt(raw.url);
    return new Reply(200, undefined, { dav: DAV_HEADER, allow: place ? allowed(place) : 'OPTIONS' });
  },
});

/** RFC 6764 §5: from a bare host name to where the calendars and address books are. */
const wellKnown = (['caldav', 'carddav'] as const).flatMap((service) =>
  (['GET', 'PROPFIND'] as const).flatMap((method) =>
    [`/.well-known/${service}`, `/.well-known/${service}/`].map((path) =>
      route({
        method,
        path,
        summary: `Sends ${service === 'caldav' ? 'calendar' : 'address book'} programs to where they begin.`,
        wire: 'dav',
        access: { public: 'Says where the service begins, which is the same for everybody.' },
        tags: ['dav'],
        transaction: 'none',
        ...(method === 'GET' ? {} : { body: z.string().optional() }),
        async handle(_ctx, { origin }) {
          return new Reply(301, undefined, { location: `${origin}${ROOT}` });
        },
      }),
    ),
  ),
);

/** Free/busy of others, also of those in other organisations: asked with no transaction open meanwhile. */
const outbox = (ports: LookUpPorts) =>
  route({
    method: 'POST',
    path: `${ROOT}*`,
    summary: 'Tells when people are free, to calendar programs.',
    wire: 'dav',
    access: 'asks',
    tags: ['dav'],
    transaction: 'none',
    body: z.string().optional(),
    async handle(ctx, { raw, body, headers }) {
      const place = placeAt(raw.url);
      if (place?.kind === 'outbox') return postOutbox(ctx, ports, place, { body, type: headers['content-type'] });
      await ctx.demand(mayLookOut, {}, 'home');
      throw kernelFaults.notFound();
    },
  });

export const davRoutes = (ports: SharedPorts): readonly Route[] => [
  ...everything(ports),
  outbox(ports),
  options,
  ...wellKnown,
];
