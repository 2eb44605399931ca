/**
 * Calendars of other organisations among one's own: asked for there whenever they are read, so nothing of this may run
 * in a transaction.
 */
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Method, Reply } from '../../../platform/http/route.ts';
import { c, d, multistatus, s, type XmlElement } from '../../../protocols/dav-xml.ts';
import type { CalendarId } from '../../model/calendar.ts';
import { sharedCalendarsUse } from '../../questions/calendars.ts';
import { busyIn, mergeBusy } from '../../usecases/busy-times.ts';
import { askingAccount } from '../../usecases/reach.ts';
import {
  dropSharedCalendar,
  findSubscription,
  listOwnSubscriptions,
  readSharedCalendar,
  type SharedPorts,
  type Subscription,
} from '../../usecases/shared-calendars.ts';
import { readSharedObjects, type SharedObjects, seesObjects } from '../../usecases/shared-objects.ts';
import { abroadIdOf, abroadSlug, calendarPath, type Place } from './addresses.ts';
import { calendarMultiget, calendarQuery, syncCollection } from './calendar-reports.ts';
import { type AbroadRequest, isReading, notAbroad, nothingSettled, printed, whereTold, wishIn } from './elsewhere.ts';
import { getMember } from './events.ts';
import { davFaults } from './faults.ts';
import type { FoundCalendar } from './found.ts';
import { printFreeBusy, rangeIn } from './free-busy.ts';
import { describeMembers } from './members.ts';
import { askedIn, asksFor, type Described, describe, privileges, READING, reports } from './properties.ts';
import { printSyncToken } from './sync-token.ts';
import { CALENDAR, type CalendarFacts, COMMON_REPORTS } from './tables.ts';

export type AbroadPlace = Extract<Place, { kind: 'calendar' | 'event' }>;

/** Whether an address is in a calendar of another organisation. */
export const isAbroad = (place: Place | undefined): place is AbroadPlace =>
  (place?.kind === 'calendar' || place?.kind === 'event') && abroadIdOf(place.slug) !== undefined;

interface AbroadFacts extends CalendarFacts {
  readonly seesObjects: boolean;
  readonly followedAs: string;
}

/** What it tells of itself: read, and nothing else; whose it is stands in its name, since they are nobody here. */
const ABROAD: typeof CALENDAR & Described<AbroadFacts>['table'] = {
  ...CALENDAR,
  [d('current-user-privilege-set')]: () => privileges([...READING, c('read-free-busy')]),
  [d('acl')]: () => undefined,
  [d('creationdate')]: () => undefined,
  [s('getctag')]: ({ state, followedAs }: AbroadFacts) => (state === undefined ? undefined : `${followedAs}-${state}`),
  [d('supported-report-set')]: ({ seesObjects }: AbroadFacts) =>
    reports([
      c('free-busy-query'),
      c('calendar-query'),
      c('calendar-multiget'),
      ...(seesObjects ? [d('sync-collection')] : []),
      ...COMMON_REPORTS,
    ]),
  [d('sync-token')]: ({ state, followedAs, seesObjects }: AbroadFacts) =>
    state === undefined || !seesObjects ? undefined : printSyncToken({ collectionId: followedAs, state }),
};

/** What they are told changes with the role: then followers begin anew. */
const followedAs = (id: string, { role }: Pick<SharedObjects, 'role'>) => `${id}-${role.toLowerCase()}`;

/** A calendar of another organisation as one at home, with what it said of itself just now; undefined: nothing. */
function foundAbroad(
  ctx: Context,
  ports: SharedPorts,
  calendar: Subscription,
  told: Omit<SharedObjects, 'members' | 'changes'> | undefined,
): FoundCalendar {
  const owner = { kind: 'account', id: askingAccount(ctx) } as const;
  const slug = abroadSlug(calendar.id);
  return {
    path: calendarPath(owner.id, slug),
    // What is told has been decided there. What is here is a view of it, and the reader's own.
    role: 'read',
    calendar: {
      id: calendar.id as CalendarId,
      owner,
      slug,
      name: `${calendar.name} (${calendar.ownerName}, ${calendar.organisationName})`,
      color: calendar.color,
      description: null,
      timeZone: told?.timeZone ?? 'UTC',
      hasOwnTimeZone: told !== undefined,
      components: told?.components ?? ['VEVENT'],
      isDefault: false,
      isTransparent: true,
      sortOrder: 0,
      deadProperties: {},
      createdAt: calendar.checkedAt,
      version: 0,
    },
    elsewhere: {
      followedAs: told ? followedAs(calendar.id, told) : calendar.id,
      members: async (filter) => (await readSharedObjects(ctx, ports, calendar, { members: filter })).members,
      async changes(asked) {
        const { changes } = await readSharedObjects(ctx, ports, calendar, { changes: asked });
        if (!changes) throw davFaults.reportNotSupported();
        return changes;
      },
    },
  };
}

/** Those in one's own home, each as far as its organisation answers. The caller has asked whether they may have any. */
export async function describeAbroad(
  ctx: Context,
  ports: SharedPorts,
  ownerId: string,
): Promise<Described<AbroadFacts>[]> {
  if (ownerId !== askingAccount(ctx)) return [];
  const calendars = await listOwnSubscriptions(ctx, ports);
  return Promise.all(
    calendars.map(async (calendar) => {
      const told = await whereTold(readSharedObjects(ctx, ports, calendar, {}));
      return described(ctx, foundAbroad(ctx, ports, calendar, told), told);
    }),
  );
}

const described = (
  ctx: Context,
  { calendar, role, path, elsewhere }: FoundCalendar,
  told: Pick<SharedObjects, 'role' | 'state'> | undefined,
): Described<AbroadFacts> => ({
  path,
  table: ABROAD,
  of: {
    accountId: askingAccount(ctx),
    calendar,
    name: calendar.name,
    role,
    state: told?.state,
    largestObject: 0,
    acl: undefined,
    seesObjects: told !== undefined && seesObjects(told.role),
    followedAs: elsewhere?.followedAs ?? calendar.id,
  },
});

/**
 * Every method on a calendar of another organisation and on what is in it. Opens what it needs itself.
 * @throws not-found for everybody else's; calendars.sharing-ended, .sharing-synchronization-failed; dav.not-here for
 *   whatever writes.
 */
export async function answerAbroad(
  ctx: Context,
  ports: SharedPorts,
  method: Method,
  request: AbroadRequest<AbroadPlace>,
): Promise<Reply> {
  const { place, root, headers, depth } = request;
  await ctx.demand(sharedCalendarsUse, undefined, isReading(method) ? 'read' : 'write');
  if (place.ownerId !== askingAccount(ctx)) throw kernelFaults.notFound();
  const calendar = await findSubscription(ctx, ports, abroadIdOf(place.slug) ?? '');
  const found = async () => {
    const card = await readSharedObjects(ctx, ports, calendar, {});
    return { card, found: foundAbroad(ctx, ports, calendar, card) };
  };
  if (place.kind === 'calendar' && method === 'DELETE') {
    const { tenantId, actor, correlationId, clientAddress } = ctx;
    const own = { tenantId, actor, correlationId, clientAddress };
    await ports.run(own, (inside) => dropSharedCalendar(inside, calendar.id));
    return new Reply(204);
  }
  if (place.kind === 'calendar' && method === 'PROPPATCH') {
    return nothingSettled(calendarPath(place.ownerId, place.slug), request);
  }
  if (place.kind === 'event' && method === 'GET') return getMember(ctx, (await found()).found, place.name, headers);
  if (method === 'PROPFIND') {
    const asked = askedIn(root(), headers);
    const { card, found: one } = await found();
    const shape = asksFor(asked, c('calendar-data')) ? (content: string) => content : undefined;
    const names = place.kind === 'event' ? { names: [place.name] } : {};
    const isListed = place.kind === 'event' || depth !== '0';
    const members = isListed ? await describeMembers(ctx, one, names, shape) : [];
    if (place.kind === 'event' && members.length === 0) throw kernelFaults.notFound();
    const itself = place.kind === 'calendar' ? [describe(described(ctx, one, card), asked)] : [];
    return printed(multistatus([...itself, ...members.map((member) => describe(member, asked))]));
  }
  if (method === 'REPORT') {
    const wish = wishIn(request);
    const { found: one } = await found();
    switch (wish.name) {
      case c('calendar-query'):
        return printed(await calendarQuery(ctx, [one], wish, headers, place.kind === 'event' ? place.name : undefined));
      case c('calendar-multiget'):
        return printed(await calendarMultiget(ctx, one, wish, headers));
      case d('sync-collection'):
        if (place.kind === 'calendar') return printed(await syncCollection(ctx, one, wish, headers));
        break;
      case c('free-busy-query'):
        if (place.kind === 'calendar') return freeBusyAbroad(ctx, ports, calendar, wish);
    }
    throw davFaults.reportNotSupported();
  }
  return notAbroad(method, 'A calendar');
}

/** RFC 4791 §7.10, of what the other organisation tells. */
async function freeBusyAbroad(ctx: Context, ports: SharedPorts, calendar: Subscription, root: XmlElement) {
  const asked = rangeIn(root);
  const window = { start: asked.from.toISOString(), end: asked.to.toISOString() };
  const { events } = await readSharedCalendar(ctx, ports, calendar.id, window);
  const items = events
    .filter(({ isCancelled }) => !isCancelled)
    .map(({ showAs, start, end }) => ({ status: showAs, startsAt: new Date(start), endsAt: new Date(end) }));
  const answer = printFreeBusy(mergeBusy(busyIn(items, asked)), { ...asked, now: ctx.now });
  return new Reply(200, Buffer.from(answer), { 'content-type': 'text/calendar; charset=utf-8' });
}
