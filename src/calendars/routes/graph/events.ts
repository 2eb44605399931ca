import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import {
  answerPage,
  contextOf,
  expanded,
  openToken,
  optionsOf,
  type Row,
  sealToken,
  select,
  type Wording,
  withOptions,
} from '../../../platform/http/odata.ts';
import { noContent, Reply, type Request, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { type Filter, type QueryOptions, type Schema, toPredicate } from '../../../protocols/odata.ts';
import {
  changeEvent,
  createEvent,
  deleteEvent,
  printEventId,
  readEvent,
  readEvents,
  readInstances,
  readInstancesOf,
  readWhole,
  type SeenEvent,
  type SeenTime,
} from '../../usecases/events.ts';
import { holdCalendarOf } from '../../usecases/open-calendars.ts';
import { conditionOf, tagged } from './conditions.ts';
import { answerDelta, eventsOf, viewOf } from './delta.ts';
import { type EventBody, eventChanges, newEvent } from './event-shape.ts';
import { expansionsOf } from './expand-event.ts';
import { EVENT_PLACES, type EventPlace } from './paths.ts';
import { type Preferences, preferencesOf } from './preferences.ts';
import { presentEvent } from './present-event.ts';
import { setText } from './text.ts';
import { readInstant, readWindow } from './times.ts';
import { TRANSACTION, writeEvent } from './write-event.ts';

export interface EventPorts {
  readonly vault: Vault;
}

type Asked = Pick<Request<unknown, unknown, unknown>, 'raw' | 'origin' | 'headers' | 'params'>;

/** How a list of events words what the model knows. */
const WORDING: Wording = {
  names: {
    subject: 'subject',
    'start/dateTime': 'startsAt',
    'end/dateTime': 'endsAt',
    iCalUId: 'uid',
    createdDateTime: 'createdAt',
    lastModifiedDateTime: 'changedAt',
  },
  searched: ['subject'],
};

/** What a view may be filtered and sorted by: what the reader is told, and nothing beside it. */
const VIEW: Schema = {
  id: { kind: 'string' },
  subject: { kind: 'string' },
  start: { kind: 'complex', properties: { dateTime: { kind: 'instant' } } },
  end: { kind: 'complex', properties: { dateTime: { kind: 'instant' } } },
  isAllDay: { kind: 'boolean' },
  isCancelled: { kind: 'boolean' },
  showAs: { kind: 'string' },
};

// Both are needed, and missed only when it is known that the reader may look.
const viewQuery = z.looseObject({
  startDateTime: z.string().max(64).optional(),
  endDateTime: z.string().max(64).optional(),
});

const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;

/** Graph: events of oneself, of others and of groups, in lists, in views over a time, and each by its id. */
export function eventRoutes(ports: EventPorts): readonly Route[] {
  return EVENT_PLACES.flatMap((place) => inCalendar(ports, place));
}

function inCalendar({ vault }: EventPorts, { base, path: below, params, withEvent, ...place }: EventPlace): Route[] {
  const hold = async (ctx: Context, request: Asked, wanted: 'freeBusyRead' | 'write') =>
    holdCalendarOf(ctx, await base.whose(ctx, request.params), place.calendarIn(request), wanted);

  return [
    route({
      ...graph,
      method: 'GET',
      path: `${below}/events`,
      summary: 'Events, a series as one.',
      params,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'freeBusyRead');
        const preferences = preferencesOf(request.headers);
        const page = await answerPage(
          ctx,
          request,
          vault,
          WORDING,
          'events',
          async (asked) => {
            const filter = asked.filter && withInstants(asked.filter, ['startsAt', 'endsAt']);
            const found = await readEvents(ctx, open, { ...asked, filter });
            return { ...found, rows: await readWhole(ctx, open, found.rows) };
          },
          (seen) => presentEvent(seen, preferences),
          expansionsOf(ctx, preferences),
        );
        return new Reply(200, page, preferences.applied);
      },
    }),
    route({
      ...graph,
      method: 'POST',
      path: `${below}/events`,
      summary: 'Makes an event.',
      params,
      body: newEvent,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'write');
        const { transactionId, ...body } = request.body;
        const preferences = preferencesOf(request.headers);
        const seen = await createEvent(ctx, open, { transactionId: transactionId ?? undefined }, (editing) => {
          writeEvent(editing, withDefaults(body));
          if (transactionId) setText(editing.event, TRANSACTION, transactionId);
        });
        return new Reply(201, answered(request, presentEvent(seen, preferences)), {
          ...preferences.applied,
          ...tagged(seen.whole?.object),
          location: `${request.origin}${base.path.replace(':id', (request.params as { id?: string }).id ?? '')}/events/${printEventId(seen)}`,
        });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/calendarView`,
      summary: 'Every instance of every event in a time, series unfolded.',
      params,
      query: viewQuery,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'freeBusyRead');
        const preferences = preferencesOf(request.headers);
        const window = readWindow(request.query);
        const page = await pageOf(
          ctx,
          request,
          vault,
          await readInstances(ctx, open, window),
          (rows) => readWhole(ctx, open, rows),
          preferences,
        );
        return new Reply(200, page, preferences.applied);
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/calendarView/delta`,
      summary: 'A view over a time, and what has changed in it since the last time.',
      params,
      query: viewQuery,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'freeBusyRead');
        return answerDelta(ctx, request, vault, open, viewOf(ctx, open, request.query));
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/events/delta`,
      summary: 'Every event, a series as one, and what has changed among them since the last time.',
      params,
      async handle(ctx, request) {
        const open = await hold(ctx, request, 'freeBusyRead');
        return answerDelta(ctx, request, vault, open, eventsOf(ctx, open));
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/events/:eventId`,
      summary: 'One event, or one instance of a series.',
      params: withEvent,
      async handle(ctx, request) {
        const preferences = preferencesOf(request.headers);
        const { whose, calendarId, ...key } = await place.eventIn(ctx, request);
        const seen = await readEvent(ctx, whose, key, calendarId);
        return withOptions(async () => {
          const options = optionsOf(request);
          const window = () => readWindow(windowIn(request));
          const more = await expanded(seen, options, expansionsOf(ctx, preferences, window));
          const row = { ...select(presentEvent(seen, preferences), options), ...more };
          return new Reply(200, answered(request, row), { ...preferences.applied, ...tagged(seen.whole?.object) });
        });
      },
    }),
    route({
      ...graph,
      method: 'PATCH',
      path: `${below}/events/:eventId`,
      summary: 'Changes an event, a series, or one instance of a series.',
      params: withEvent,
      body: eventChanges,
      async handle(ctx, request) {
        const preferences = preferencesOf(request.headers);
        const { whose, ...key } = await place.eventIn(ctx, request);
        const seen = await changeEvent(ctx, whose, key, conditionOf(request), (editing) =>
          writeEvent(editing, request.body),
        );
        return new Reply(200, answered(request, presentEvent(seen, preferences)), {
          ...preferences.applied,
          ...tagged(seen.whole?.object),
        });
      },
    }),
    route({
      ...graph,
      method: 'DELETE',
      path: `${below}/events/:eventId`,
      summary: 'Deletes an event or a series, or takes one instance out of its series.',
      params: withEvent,
      async handle(ctx, request) {
        const { whose, ...key } = await place.eventIn(ctx, request);
        await deleteEvent(ctx, whose, key, conditionOf(request));
        return noContent();
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: `${below}/events/:eventId/instances`,
      summary: 'The instances of a series in a time.',
      params: withEvent,
      query: viewQuery,
      async handle(ctx, request) {
        const preferences = preferencesOf(request.headers);
        const { whose, calendarId, ...key } = await place.eventIn(ctx, request);
        const seen = await readInstancesOf(ctx, whose, key, () => readWindow(request.query), calendarId);
        const page = await pageOf(ctx, request, vault, seen, async (rows) => rows, preferences);
        return new Reply(200, page, preferences.applied);
      },
    }),
  ];
}

/** The time that a query names beside the options of OData, for what is expanded within it. */
const windowIn = (request: Asked) => {
  const { searchParams } = new URL(request.raw.url, request.origin);
  const said = (name: string) => searchParams.get(name) ?? undefined;
  return { startDateTime: said('startDateTime'), endDateTime: said('endDateTime') };
};

const answered = (request: Asked, row: Row): Row => ({
  '@odata.context': contextOf(request, 'events/$entity'),
  ...row,
});

/** What the reference product gives an event that says nothing of it. */
const withDefaults = (body: EventBody): EventBody => ({
  ...body,
  isReminderOn: body.isReminderOn ?? true,
  showAs: body.showAs ?? (body.isAllDay ? 'free' : 'busy'),
});

// ---------------------------------------------------------------------------------------------------------------
// Views

const PAGE = 100;

/** One page of instances that are read already: filtered, sorted and cut before anything more is read of them. */
function pageOf<T extends SeenTime>(
  ctx: Context,
  request: Asked,
  vault: Vault,
  rows: readonly T[],
  read: (rows: readonly T[]) => Promise<readonly SeenEvent[]>,
  preferences: Preferences,
): Promise<Row> {
  return withOptions(async () => {
    const url = new URL(request.raw.url, request.origin);
    const options = optionsOf(request);
    const matching = options.filter ? rows.filter(matches(options.filter)) : rows;
    const sorted = matching.toSorted((a, b) => compareBy(options.orderBy ?? [], a, b));
    const begin = positionOf(ctx, request, vault, url, sorted);
    const top = Math.min(options.top ?? PAGE, 999);
    const page = sorted.slice(begin, begin + top);
    const last = page.at(-1);
    const next = new URL(url);
    next.searchParams.delete('$skip');
    if (last) next.searchParams.set('$skiptoken', sealToken(ctx, vault, url, [printEventId(last), begin + top]));
    const value: Row[] = [];
    for (const seen of await read(page)) {
      const more = await expanded(seen, options, expansionsOf(ctx, preferences));
      value.push({ ...select(presentEvent(seen, preferences), options), ...more });
    }
    return {
      '@odata.context': contextOf(request, 'events'),
      ...(options.count ? { '@odata.count': matching.length } : {}),
      ...(last && begin + top < sorted.length ? { '@odata.nextLink': next.href } : {}),
      value,
    };
  });
}

/** After the last one given out, wherever it stands now; where it stood, when it is gone. */
function positionOf(ctx: Context, request: Asked, vault: Vault, url: URL, sorted: readonly SeenTime[]): number {
  const { skip, skipToken } = optionsOf(request);
  if (skipToken === undefined) return skip ?? 0;
  const [id, count] = openToken(ctx, vault, url, skipToken) as [string, number];
  const at = sorted.findIndex((one) => printEventId(one) === id);
  return at === -1 ? count : at + 1;
}

const viewRow = (seen: SeenTime) => ({
  id: printEventId(seen),
  subject: seen.told.subject ?? undefined,
  start: { dateTime: seen.told.startsAt },
  end: { dateTime: seen.told.endsAt },
  isAllDay: seen.told.isAllDay,
  isCancelled: seen.told.isCancelled,
  showAs: seen.told.showAs,
});

function matches(filter: Filter): (seen: SeenTime) => boolean {
  const test = toPredicate(withInstants(filter, ['start', 'end']), VIEW);
  return (seen) => test(viewRow(seen));
}

/** Graph writes the times of events as text, quoted; without an offset they are in UTC. */
function withInstants(filter: Filter, names: readonly string[]): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, terms: filter.terms.map((term) => withInstants(term, names)) };
    case 'not':
      return { ...filter, term: withInstants(filter.term, names) };
    case 'compare': {
      if (filter.value.type !== 'string' || !names.includes(filter.path[0] ?? '')) return filter;
      const value = readInstant(filter.value.value, '$filter').toISOString();
      return { ...filter, value: { type: 'instant', value } };
    }
    default:
      return filter;
  }
}

function compareBy(order: NonNullable<QueryOptions['orderBy']>, a: SeenTime, b: SeenTime): number {
  const wanted = order.length > 0 ? order : [{ path: ['start', 'dateTime'], descending: false }];
  for (const { path, descending } of wanted) {
    const [left, right] = [sortKey(path, a), sortKey(path, b)];
    if (left !== right) return (left < right ? -1 : 1) * (descending ? -1 : 1);
  }
  const [left, right] = [printEventId(a), printEventId(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(path: readonly string[], { told }: SeenTime): string | number {
  switch (path.join('/')) {
    case 'start/dateTime':
      return told.startsAt.getTime();
    case 'end/dateTime':
      return told.endsAt.getTime();
    case 'subject':
      return told.subject?.toLowerCase() ?? '';
    default:
      throw kernelFaults.invalid(`$orderby: "${path.join('/').slice(0, 80)}" cannot be sorted by.`);
  }
}
