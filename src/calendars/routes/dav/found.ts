/** From an address to what is there, for whoever asks: each thing with the question that lets them see it. */
import { listGrants } from '../../../access/index.ts';
import { GRANTS as DIRECTORY_GRANTS, findAccount, findGroup, subjectsOf } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type AccountId, type GroupId, newId } from '../../../kernel/ids.ts';
import { GRANTS } from '../../grants.ts';
import type { CalendarId } from '../../model/calendar.ts';
import { isAtLeast, type Role } from '../../model/roles.ts';
import { listCalendars } from '../../store/calendars.ts';
import { calendarUse, ownCalendars } from '../../usecases/asked.ts';
import { DEFAULT_SLUG, ensureMailbox } from '../../usecases/mailboxes.ts';
import { type HeldCalendar, holdCalendar } from '../../usecases/objects.ts';
import { calendarPath, sharedIdOf, sharedSlug } from './addresses.ts';
import { type PrincipalFacts, principalFacts } from './tables.ts';

/** A calendar at the address by which it was asked for. */
export interface FoundCalendar extends HeldCalendar {
  readonly path: string;
}

/** Who asks, by account. Programs that act for themselves have no home here; nor has anybody else. */
export function askingOf(ctx: Context): string {
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}

/**
 * The calendar at an address, for somebody who needs `wanted` of it.
 * @throws not-found, alike for none and for one of which they see nothing; access.refused for one they see less of.
 */
export async function calendarAt(
  ctx: Context,
  { ownerId, slug }: { ownerId: string; slug: string },
  wanted: Role,
): Promise<FoundCalendar> {
  const id = await calendarIdAt(ctx, ownerId, slug);
  return { ...(await holdCalendar(ctx, id, wanted)), path: calendarPath(ownerId, slug) };
}

async function calendarIdAt(ctx: Context, ownerId: string, slug: string): Promise<CalendarId> {
  const accountId = askingOf(ctx);
  const shared = ownerId === accountId ? sharedIdOf(slug) : undefined;
  if (shared !== undefined) return shared;
  const owners = [
    { kind: 'account', id: ownerId },
    { kind: 'group', id: ownerId },
  ] as const;
  const [calendar] = await listCalendars(ctx, { owners, slug });
  if (calendar) return calendar.id;
  if (ownerId === accountId && slug === DEFAULT_SLUG) {
    await ctx.demand(ownCalendars, undefined, 'read');
    await ensureMailbox(ctx, owners[0]);
    const [made] = await listCalendars(ctx, { owners, slug });
    if (made) return made.id;
  }
  // Asked all the same, about nothing: what is not there answers like what is not to be seen.
  return newId<'calendar'>();
}

/** The principal of a person or a shared group at home here. @throws not-found. */
export async function principalAt(ctx: Context, ownerId: string): Promise<PrincipalFacts> {
  const accountId = askingOf(ctx);
  const account = await findAccount(ctx, ownerId as AccountId);
  if (account && account.userType === 'Member') return principalFacts(accountId, account, 'account');
  const group = await findGroup(ctx, ownerId as GroupId);
  if (group?.kind !== 'shared') throw kernelFaults.notFound();
  return principalFacts(accountId, group, 'group');
}

/** The calendars in somebody's home that whoever asks may read: in one's own, with those that others share. */
export async function calendarsInHome(ctx: Context, ownerId: string): Promise<FoundCalendar[]> {
  const accountId = askingOf(ctx);
  const owners = [
    { kind: 'account', id: ownerId },
    { kind: 'group', id: ownerId },
  ] as const;
  if (ownerId === accountId) await ensureMailbox(ctx, owners[0]);
  const calendars = await listCalendars(ctx, { owners });
  const found: FoundCalendar[] = [];
  for (const calendar of calendars) {
    const { level } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
    if (!isAtLeast(level, 'limitedRead')) continue;
    found.push({ calendar, role: level, path: calendarPath(ownerId, calendar.slug) });
  }
  return ownerId === accountId ? [...found, ...(await sharedWith(ctx, accountId))] : found;
}

/** What others gave somebody by name, or through a group: not what everybody at home sees of everybody. */
async function sharedWith(ctx: Context, accountId: string): Promise<FoundCalendar[]> {
  const subjects = await subjectsOf(ctx, accountId);
  const given = await listGrants(ctx, { kind: GRANTS.calendar.kind, subjects });
  const owned = await listGrants(ctx, { kind: DIRECTORY_GRANTS.owner.kind, subjects });
  const groups = [
    ...subjects.filter(({ kind }) => kind === 'group').map(({ id }) => id),
    ...owned.filter(({ object }) => object.kind === DIRECTORY_GRANTS.owner.objectKind).map(({ object }) => object.id),
  ];
  const calendars = [
    ...(await listCalendars(ctx, { ids: [...new Set(given.map(({ object }) => object.id as CalendarId))] })),
    ...(await listCalendars(ctx, { owners: [...new Set(groups)].map((id) => ({ kind: 'group', id }) as const) })),
  ];
  const found = new Map<string, FoundCalendar>();
  for (const calendar of calendars) {
    if (found.has(calendar.id) || (calendar.owner.kind === 'account' && calendar.owner.id === accountId)) continue;
    const { level } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
    if (!isAtLeast(level, 'limitedRead')) continue;
    found.set(calendar.id, { calendar, role: level, path: calendarPath(accountId, sharedSlug(calendar.id)) });
  }
  return [...found.values()];
}
