import { listDisplayNames } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { c, d, href, multistatus, s, type XmlElement, xml } from '../../../protocols/dav-xml.ts';
import { isAtLeast, type Role } from '../../model/roles.ts';
import { calendarDefaults } from '../../settings.ts';
import { ownCalendars } from '../../usecases/asked.ts';
import { inboxState } from '../../usecases/inbox.ts';
import { askingAccount, givenIn, ownHome, statesOf } from '../../usecases/reach.ts';
import { bookHomePath, calendarHomePath, type Place, principalPath, ROOT } from './addresses.ts';
import { bookAt, booksInHome, describeBooks, describeCards } from './books.ts';
import { calendarAt, calendarsInHome, type FoundCalendar, principalAt } from './found.ts';
import { describeMessages } from './inbox.ts';
import { describeMembers } from './members.ts';
import { type Asked, askedIn, asksFor, type Described, describe, privileges } from './properties.ts';
import {
  CALENDAR,
  type CalendarFacts,
  HOME,
  INBOX,
  OUTBOX,
  PLAIN,
  PRINCIPAL,
  privilegesOf,
  type SchedulingFacts,
} from './tables.ts';

// biome-ignore lint/suspicious/noExplicitAny: resources of several kinds stand in one answer, each with its own facts.
export type Anything = Described<any>;

/** RFC 4918 §9.1. @throws not-found, access.refused, dav.infinite-depth. */
export async function propfind(
  ctx: Context,
  place: Place,
  { root, depth, headers }: { root: XmlElement | undefined; depth: string; headers: Readonly<Record<string, unknown>> },
): Promise<string> {
  const asked = askedIn(root, headers);
  const found = await describePlace(ctx, place, asked, depth !== '0');
  return multistatus(found.map((one) => describe(one, asked)));
}

/** What is at a place, and with `members` what is in it. */
export async function describePlace(
  ctx: Context,
  place: Place,
  asked: Asked,
  members: boolean,
): Promise<readonly Anything[]> {
  switch (place.kind) {
    case 'calendar':
    case 'event':
      return describeInCalendar(ctx, place, asked, members);
    case 'book':
    case 'card':
      return describeInBook(ctx, place, asked, members);
  }
  // Who may not keep calendars here has nothing to find.
  await ctx.demand(ownCalendars, undefined, 'read');
  const accountId = askingAccount(ctx);
  const plain = (path: string, name: string): Anything => ({ path, table: PLAIN, of: { accountId, name } });
  const oneself = async () => principalOf(await principalAt(ctx, accountId));
  switch (place.kind) {
    case 'root':
      return [
        plain(ROOT, 'Entente'),
        ...(members ? [plain(`${ROOT}principals/`, 'Principals'), plain(`${ROOT}calendars/`, 'Calendars')] : []),
      ];
    case 'principals':
      return [plain(`${ROOT}principals/`, 'Principals'), ...(members ? [await oneself()] : [])];
    case 'principal':
      return [principalOf(await principalAt(ctx, place.ownerId))];
    case 'calendar-homes':
      return [plain(`${ROOT}calendars/`, 'Calendars'), ...(members ? [await homeOf(ctx, accountId, accountId)] : [])];
    case 'calendar-home':
      return describeHome(ctx, place.ownerId, asked, members);
    case 'inbox':
    case 'outbox': {
      if (place.ownerId !== accountId) throw kernelFaults.notFound();
      const box = await describeScheduling(ctx, place.kind, asked);
      return members && place.kind === 'inbox' ? [box, ...(await describeMessages(ctx, asked))] : [box];
    }
    case 'message': {
      if (place.ownerId !== accountId) throw kernelFaults.notFound();
      const [message] = await describeMessages(ctx, asked, place.name);
      if (!message) throw kernelFaults.notFound();
      return [message];
    }
    case 'book-homes':
      return [plain(`${ROOT}addressbooks/`, 'Address books'), ...(members ? [bookHome(accountId)] : [])];
    case 'book-home': {
      if (place.ownerId !== accountId) throw kernelFaults.notFound();
      const books = members ? await describeBooks(ctx, await booksInHome(ctx), asked) : [];
      return [bookHome(accountId), ...books];
    }
  }
}

const bookHome = (accountId: string): Anything => ({
  path: bookHomePath(accountId),
  table: HOME,
  of: { accountId, ownerId: accountId, displayName: 'Address books' },
});

async function describeInBook(
  ctx: Context,
  place: Extract<Place, { kind: 'book' | 'card' }>,
  asked: Asked,
  members: boolean,
): Promise<readonly Anything[]> {
  const found = await bookAt(ctx, place, 'read');
  if (place.kind === 'book') {
    return [...(await describeBooks(ctx, [found], asked)), ...(members ? await describeCards(ctx, found, asked) : [])];
  }
  const [card] = await describeCards(ctx, found, asked, [place.name]);
  if (!card) throw kernelFaults.notFound();
  return [card];
}

const principalOf = (of: Awaited<ReturnType<typeof principalAt>>): Anything => ({
  path: principalPath(of.id),
  table: PRINCIPAL,
  of,
});

async function homeOf(ctx: Context, accountId: string, ownerId: string): Promise<Anything> {
  const { displayName } = await principalAt(ctx, ownerId);
  return { path: calendarHomePath(ownerId), table: HOME, of: { accountId, ownerId, displayName } };
}

async function describeHome(ctx: Context, ownerId: string, asked: Asked, members: boolean): Promise<Anything[]> {
  const accountId = askingAccount(ctx);
  const home = await homeOf(ctx, accountId, ownerId);
  if (ownerId === accountId) await ownHome(ctx);
  if (!members) return [home];
  const calendars = await describeCalendars(ctx, await calendarsInHome(ctx, ownerId), asked);
  if (ownerId !== accountId) return [home, ...calendars];
  return [
    home,
    ...calendars,
    await describeScheduling(ctx, 'inbox', asked),
    await describeScheduling(ctx, 'outbox', asked),
  ];
}

async function describeScheduling(
  ctx: Context,
  box: 'inbox' | 'outbox',
  asked: Asked,
): Promise<Described<SchedulingFacts>> {
  const accountId = askingAccount(ctx);
  const { mailbox, calendars } = await ownHome(ctx);
  const table = box === 'inbox' ? INBOX : OUTBOX;
  const wantsState = box === 'inbox' && asksFor(asked, d('sync-token'), s('getctag'));
  const state = wantsState ? await inboxState(ctx) : undefined;
  return { path: `${calendarHomePath(accountId)}${box}/`, table, of: { accountId, mailbox, calendars, state } };
}

/** Calendars with what was asked of them, their states read in one statement when they are wanted. */
export async function describeCalendars(
  ctx: Context,
  found: readonly FoundCalendar[],
  asked: Asked,
): Promise<Described<CalendarFacts>[]> {
  const accountId = askingAccount(ctx);
  const wantsState = asksFor(asked, d('sync-token'), s('getctag'));
  const readable = found.filter(({ role }) => isAtLeast(role, 'limitedRead'));
  const states = wantsState ? await statesOf(ctx, readable) : new Map<string, number>();
  // Among one's own, those of others are told apart by whose they are.
  const ofOthers = found.filter(
    ({ calendar, path }) => calendar.owner.id !== accountId && path.startsWith(calendarHomePath(accountId)),
  );
  const owners = await listDisplayNames(
    ctx,
    ofOthers.map(({ calendar }) => calendar.owner.id),
  );
  const largestObject = ctx.settings.tenant(calendarDefaults).largestObjectKilobytes * 1024;
  const described: Described<CalendarFacts>[] = [];
  for (const one of found) {
    const { calendar, role, path } = one;
    const acl = role === 'owner' && asksFor(asked, d('acl')) ? await aclOf(ctx, one) : undefined;
    const ownerName = ofOthers.includes(one) ? owners.get(calendar.owner.id) : undefined;
    const name =
      ownerName === undefined ? calendar.name : calendar.isDefault ? ownerName : `${calendar.name} (${ownerName})`;
    const of = { accountId, calendar, name, role, state: states.get(calendar.id), largestObject, acl };
    const dead = role === 'owner' ? calendar.deadProperties : undefined;
    described.push({ path, table: CALENDAR, of, dead });
  }
  return described;
}

/** Who has what in a calendar, as access control entries (RFC 3744 §5.5). What is given is changed elsewhere. */
async function aclOf(ctx: Context, found: FoundCalendar): Promise<string> {
  const entry = (principal: string, role: Role) =>
    xml(
      d('ace'),
      xml(d('principal'), principal) + xml(d('grant'), privileges(privilegesOf(role))) + xml(d('protected')),
    );
  const given = (await givenIn(ctx, found)).map(({ subject, role }) => {
    if (subject.kind === 'tenant') return entry(xml(d('authenticated')), role);
    return entry(href(subject.kind === 'contact' ? `mailto:${subject.id}` : principalPath(subject.id)), role);
  });
  return [entry(href(principalPath(found.calendar.owner.id)), 'owner'), ...given].join('');
}

async function describeInCalendar(
  ctx: Context,
  place: Extract<Place, { kind: 'calendar' | 'event' }>,
  asked: Asked,
  members: boolean,
): Promise<readonly Anything[]> {
  const isEvent = place.kind === 'event';
  const found = await calendarAt(ctx, place, isEvent ? 'limitedRead' : 'freeBusyRead');
  const shape = asksFor(asked, c('calendar-data')) ? (content: string) => content : undefined;
  if (isEvent) {
    const [event] = await describeMembers(ctx, found, { names: [place.name] }, shape);
    if (!event) throw kernelFaults.notFound();
    return [event];
  }
  const own = await describeCalendars(ctx, [found], asked);
  // Who sees times alone asks for them; what is in the calendar is not listed to them.
  if (!members || !isAtLeast(found.role, 'limitedRead')) return own;
  return [...own, ...(await describeMembers(ctx, found, {}, shape))];
}
