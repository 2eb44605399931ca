import type { Context } from '../../../kernel/context.ts';
import { isOtherForm, isWhole, readDataRequest, shapeData } from '../../../protocols/caldav/data.ts';
import { FilterError, passes, readCalendarFilter, simplify, type TimeRange } from '../../../protocols/caldav/filter.ts';
import {
  c,
  childOf,
  childrenOf,
  d,
  multistatus,
  statusResponse,
  textIn,
  type XmlElement,
  xml,
} from '../../../protocols/dav-xml.ts';
import { CalendarTextError, readObjectOnItsWay, zoneOf } from '../../../protocols/icalendar/index.ts';
import type { Calendar } from '../../model/calendar.ts';
import { changesSince, type Member } from '../../usecases/members.ts';
import { memberPath, nameIn } from './addresses.ts';
import { davFaults } from './faults.ts';
import { type FoundCalendar, membersOf } from './found.ts';
import { AS_KEPT, describeEach, describeMembers, type Shape } from './members.ts';
import { type Asked, askedIn, describe } from './properties.ts';
import { zoneIn } from './settable.ts';
import { printSyncToken, readSyncToken } from './sync-token.ts';

type Headers = Readonly<Record<string, unknown>>;

/** Objects in one answer at most; what is more is asked for in parts. */
const ANSWERED_AT_MOST = 10_000;

/** How the calendar data that a report asks for is told. @throws supported-calendar-data, valid-filter. */
function shapeIn(asked: Asked, calendar: Calendar): Shape {
  const element = asked.elements.get(c('calendar-data'));
  if (!element) return undefined;
  if (isOtherForm(element)) throw davFaults.dataNotSupported();
  const request = filtered(() => readDataRequest(element));
  return isWhole(request) ? AS_KEPT : (content) => shapeData(content, request, calendar.timeZone);
}

/**
 * RFC 4791 §7.8: the objects of calendars that pass a filter; `name` is the one that is asked about. Dates and times
 * without a zone are those of the calendar's, or of one that the client names.
 */
export async function calendarQuery(
  ctx: Context,
  calendars: readonly FoundCalendar[],
  root: XmlElement,
  headers: Headers,
  name?: string,
): Promise<string> {
  const asked = askedIn(root, headers);
  const element = childOf(root, c('filter'));
  if (!element) throw davFaults.badFilter('A calendar-query holds a filter.');
  const filter = filtered(() => readCalendarFilter(element));
  const zone = zoneOfQuery(root);
  const { component, range, isAll } = simplify(filter);
  if (component !== undefined && component !== 'VEVENT' && component !== 'VTODO' && component !== 'VTIMEZONE') {
    return multistatus([]);
  }
  const responses: string[] = [];
  for (const found of calendars) {
    const { calendar } = found;
    const shape = shapeIn(asked, zone === undefined ? calendar : { ...calendar, timeZone: zone });
    // The times that are kept are those of the calendar's own zone.
    const isOtherZone = zone !== undefined && zone !== calendar.timeZone;
    const isExact = isAll && !(isOtherZone && range);
    const members = await membersOf(ctx, found, {
      ...(component === 'VEVENT' || component === 'VTODO' ? { component } : {}),
      ...(range ? { overlapping: isOtherZone ? widened(range) : range } : {}),
      ...(name === undefined ? {} : { names: [name] }),
      withContent: shape !== undefined || !isExact,
    });
    const matching = members.filter((member) => {
      if (isExact && !member.isUnsure) return true;
      // A series without end that begins before a time without end is in it.
      if (isExact && range?.to === null) return true;
      return member.content !== null && passesSafely(member, filter, zone ?? calendar.timeZone);
    });
    for (const one of describeEach(ctx, found, matching, shape)) responses.push(describe(one, asked));
  }
  return multistatus(responses);
}

/** The zone that a client reads times without a zone in (§7.8, §9.8); undefined: the calendar's. */
function zoneOfQuery(root: XmlElement): string | undefined {
  const named = textIn(childOf(root, c('timezone-id')));
  const text = textIn(childOf(root, c('timezone')));
  if (named === '' && text === '') return undefined;
  const zone = named === '' ? zoneIn(text) : zoneOf(named);
  if (zone === undefined) throw davFaults.badTimeZone();
  return zone;
}

const FARTHEST_ZONES = 26 * 3_600_000;
const widened = ({ from, to }: TimeRange): TimeRange => ({
  from: from && new Date(+from - FARTHEST_ZONES),
  to: to && new Date(+to + FARTHEST_ZONES),
});

function passesSafely({ content }: Member, filter: Parameters<typeof passes>[1], zone: string): boolean {
  try {
    return passes(readObjectOnItsWay(content ?? ''), filter, zone);
  } catch (error) {
    // Followed no further than when it was put there: what cannot be told to match does not.
    if (error instanceof CalendarTextError || error instanceof RangeError) return false;
    throw error;
  }
}

/** Runs what reads a filter, and tells what is wrong with it as this wire does. */
export function filtered<T>(read: () => T, isBook = false): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    if (error.rule === 'valid-filter') throw davFaults.badFilter(error.message, isBook);
    if (error.rule === 'supported-collation') throw davFaults.collationNotSupported(error.message, isBook);
    throw davFaults.filterNotSupported(error.message, isBook);
  }
}

/** RFC 4791 §7.9: objects by their addresses, each answered, also those that are not there. */
export async function calendarMultiget(
  ctx: Context,
  found: FoundCalendar,
  root: XmlElement,
  headers: Headers,
): Promise<string> {
  const asked = askedIn(root, headers);
  const shape = shapeIn(asked, found.calendar);
  const hrefs = childrenOf(root, d('href')).map(textIn).slice(0, ANSWERED_AT_MOST);
  const names = hrefs.map((address) => nameIn(found.path, address));
  const wanted = [...new Set(names.filter((name) => name !== undefined))];
  const described = await describeMembers(ctx, found, { names: wanted }, shape);
  const byPath = new Map(described.map((one) => [one.path, one]));
  const responses = hrefs.map((address, n) => {
    const name = names[n];
    const one = name === undefined ? undefined : byPath.get(memberPath(found.path, name));
    return one ? describe(one, asked) : statusResponse(address, 404);
  });
  return multistatus(responses);
}

/** The same of a home: each object is asked for in its own calendar (RFC 4791 §7.9 lets hrefs lie at any depth). */
export async function homeMultiget(
  ctx: Context,
  calendars: readonly FoundCalendar[],
  root: XmlElement,
  headers: Headers,
): Promise<string> {
  const asked = askedIn(root, headers);
  const hrefs = childrenOf(root, d('href')).map(textIn).slice(0, ANSWERED_AT_MOST);
  const byPath = new Map<string, string>();
  for (const found of calendars) {
    const names = hrefs.flatMap((address) => nameIn(found.path, address) ?? []);
    if (names.length === 0) continue;
    for (const one of await describeMembers(ctx, found, { names }, shapeIn(asked, found.calendar)))
      byPath.set(one.path, describe(one, asked));
  }
  const pathOf = (address: string) => {
    const found = calendars.find(({ path }) => nameIn(path, address) !== undefined);
    return found ? memberPath(found.path, nameIn(found.path, address) ?? '') : '';
  };
  return multistatus(hrefs.map((address) => byPath.get(pathOf(address)) ?? statusResponse(address, 404)));
}

/** RFC 6578: what changed since a follower last asked, in parts when it is much. */
export async function syncCollection(
  ctx: Context,
  found: FoundCalendar,
  root: XmlElement,
  headers: Headers,
): Promise<string> {
  const asked = askedIn(root, headers);
  const shape = shapeIn(asked, found.calendar);
  const { path, elsewhere } = found;
  const collectionId = elsewhere?.followedAs ?? found.calendar.id;
  checkSyncLevel(root, headers);
  const said = textIn(childOf(root, d('sync-token')));
  const token = said === '' ? undefined : readSyncToken(said, collectionId);
  const after = {
    above: token?.state ?? -1,
    ...(token?.after ? { after: token.after } : {}),
    limit: limitIn(root),
  };
  const { changes, state, isCut } = await (elsewhere
    ? elsewhere.changes(after)
    : changesSince(ctx, found.calendar.id, after));
  if (said !== '' && (token === undefined || token.state > state)) throw davFaults.tokenNotValid();
  const last = changes.at(-1);
  const present = changes.filter(({ etag }) => etag !== null).map(({ name }) => name);
  const described = present.length === 0 ? [] : await describeMembers(ctx, found, { names: present }, shape);
  const byPath = new Map(described.map((one) => [one.path, one]));
  const responses: string[] = [];
  // A name that was given again to something new is there, not gone.
  const there = new Set(present);
  for (const { name, etag } of changes) {
    const one = byPath.get(memberPath(path, name));
    if (etag !== null && one) responses.push(describe(one, asked));
    else if (!there.has(name) && token !== undefined) responses.push(statusResponse(memberPath(path, name), 404));
  }
  if (isCut) responses.push(statusResponse(path, 507, xml(d('number-of-matches-within-limits'))));
  const next =
    isCut && last
      ? { collectionId, state: token?.state ?? 0, after: { version: last.version, id: last.id } }
      : { collectionId, state };
  return multistatus(responses, xml(d('sync-token'), printSyncToken(next)));
}

/** @throws dav.bad-request for a level that is none (RFC 6578 §6.3). Programs of before it name none, but a depth. */
export function checkSyncLevel(root: XmlElement, headers: Headers): void {
  const level = textIn(childOf(root, d('sync-level'))) || String(headers.depth ?? '1');
  if (!['0', '1', 'infinite', 'infinity'].includes(level.toLowerCase())) {
    throw davFaults.badRequest('The sync-level is 1 or infinite.');
  }
}

/** How many at most a report asks for. */
export function limitIn(root: XmlElement, limitName = d('limit'), countName = d('nresults')): number {
  const said = textIn(childOf(childOf(root, limitName), countName));
  const limit = Number(said);
  return said !== '' && Number.isInteger(limit) && limit > 0 ? Math.min(limit, ANSWERED_AT_MOST) : ANSWERED_AT_MOST;
}
