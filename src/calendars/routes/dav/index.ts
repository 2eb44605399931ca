/** The wire of calendar and address book programs: WebDAV and what stands on it, under `/dav/`. */
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Method, Reply, type Route, route } from '../../../platform/http/route.ts';
import { a, c, d, type XmlElement } from '../../../protocols/dav-xml.ts';
import { ownCalendars } from '../../usecases/asked.ts';
import { type Place, placeAt, ROOT } from './addresses.ts';
import {
  addressbookMultiget,
  addressbookQuery,
  bookAt,
  changeBookAt,
  deleteBookAt,
  deleteCardAt,
  getCard,
  makeBook,
  putCardAt,
  syncBook,
} from './books.ts';
import { calendarMultiget, calendarQuery, syncCollection } from './calendar-reports.ts';
import { changeCalendarAt, deleteCalendarAt, kindToMake, makeCalendar, XML_TYPE } from './collections.ts';
import { deleteEvent, getEvent, putEvent } from './events.ts';
import { davFaults } from './faults.ts';
import { calendarAt } from './found.ts';
import { freeBusyQuery } from './free-busy.ts';
import { readBody } from './properties.ts';
import { propfind } from './propfind.ts';

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
}

type Answer = (ctx: Context, incoming: Incoming) => Promise<Reply>;

const text = (status: number, body: string, headers: Record<string, string> = XML_TYPE) =>
  // As bytes, so that nothing between here and the socket looks for another type.
  new Reply(status, Buffer.from(body), { ...headers, dav: DAV_HEADER });

const notAllowed = (place: Place) => new Reply(405, undefined, { allow: allowed(place) });

/** The methods of each kind of place. */
function allowed({ kind }: Place): string {
  const reading = ['OPTIONS', 'PROPFIND', 'REPORT'];
  switch (kind) {
    case 'event':
    case 'card':
      return [...reading, 'GET', 'HEAD', 'PUT', 'DELETE', 'COPY', 'MOVE'].join(', ');
    case 'calendar':
      return [...reading, 'PROPPATCH', 'DELETE', 'MKCALENDAR', 'MKCOL', 'ACL'].join(', ');
    case 'book':
      return [...reading, 'PROPPATCH', 'DELETE', 'MKCOL'].join(', ');
    case 'inbox':
      return [...reading, 'PROPPATCH'].join(', ');
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
      return text(207, await propfind(ctx, place, { root: readBody(body), depth, headers }));
    },
  },
  REPORT: {
    summary: 'Answers a report: queries, several objects at once, changes, free/busy.',
    answer: report,
  },
  GET: {
    summary: 'Reads an event, a task or a contact.',
    async answer(ctx, { place, headers }) {
      if (place.kind === 'event') return getEvent(ctx, place, headers);
      if (place.kind === 'card') return getCard(ctx, place, headers);
      await ctx.demand(ownCalendars, undefined, 'read');
      return notAllowed(place);
    },
  },
  PUT: {
    summary: 'Keeps an event, a task or a contact.',
    async answer(ctx, { place, body, headers }) {
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
      await ctx.demand(ownCalendars, undefined, 'write');
      return notAllowed(place);
    },
  },
  PROPPATCH: {
    summary: 'Changes properties of a collection.',
    async answer(ctx, { place, body }) {
      const root = needed(readBody(body));
      if (place.kind === 'calendar') return text(207, await changeCalendarAt(ctx, place, root));
      if (place.kind === 'book') return text(207, await changeBookAt(ctx, place, root));
      await ctx.demand(ownCalendars, undefined, 'write');
      return notAllowed(place);
    },
  },
  MKCALENDAR: {
    summary: 'Makes a calendar.',
    async answer(ctx, { place, body }) {
      if (place.kind === 'calendar') return makeCalendar(ctx, place, readBody(body), 'mkcalendar-response');
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

async function report(ctx: Context, { place, body, headers }: Incoming): Promise<Reply> {
  const root = needed(readBody(body));
  if (place.kind === 'calendar') {
    switch (root.name) {
      case c('free-busy-query'): {
        const found = await calendarAt(ctx, place, 'freeBusyRead');
        return text(200, await freeBusyQuery(ctx, found, root), { 'content-type': 'text/calendar; charset=utf-8' });
      }
      case c('calendar-query'):
        return text(207, await calendarQuery(ctx, await calendarAt(ctx, place, 'limitedRead'), root, headers));
      case c('calendar-multiget'):
        return text(207, await calendarMultiget(ctx, await calendarAt(ctx, place, 'limitedRead'), root, headers));
      case d('sync-collection'):
        return text(207, await syncCollection(ctx, await calendarAt(ctx, place, 'limitedRead'), root, headers));
    }
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
  throw davFaults.reportNotSupported();
}

function needed(root: XmlElement | undefined): XmlElement {
  if (!root) throw davFaults.badRequest('The body says what is asked for; there is none.');
  return root;
}

const everything = Object.entries(VERBS).map(([method, { summary, answer }]) =>
  route({
    method: method as Method,
    path: `${ROOT}*`,
    summary,
    wire: 'dav',
    access: 'asks',
    tags: ['dav'],
    // A first visit makes the mailbox that it looks at.
    transaction: 'write',
    bodyLimit: method === 'PUT' ? LARGEST_BODY : LARGEST_XML,
    ...(method === 'GET' ? {} : { body: z.string().optional() }),
    async handle(ctx, { raw, headers, body }) {
      const place = placeAt(raw.url);
      if (!place) {
        await ctx.ask(ownCalendars, undefined, { quiet: true });
        throw kernelFaults.notFound();
      }
      const depth = String(headers.depth ?? '0').toLowerCase();
      return answer(ctx, { place, body: body as string | undefined, headers, depth });
    },
  }),
);

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
  (['GET', 'PROPFIND'] as const).map((method) =>
    route({
      method,
      path: `/.well-known/${service}`,
      summary: `Sends ${service === 'caldav' ? 'calendar' : 'address book'} programs to where they begin.`,
      wire: 'dav',
      access: { public: 'Says where the service begins, which is the same for everybody.' },
      tags: ['dav'],
      transaction: 'none',
      ...(method === 'GET' ? {} : { body: z.string().optional() }),
      async handle() {
        return new Reply(301, undefined, { location: ROOT });
      },
    }),
  ),
);

export const davRoutes: readonly Route[] = [...everything, options, ...wellKnown];
