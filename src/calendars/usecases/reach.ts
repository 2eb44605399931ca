/** The calendars that somebody reaches: in their own home, in others', and what was shared with them. */
import { listGrants, remembered } from '../../access/index.ts';
import { GRANTS as DIRECTORY_GRANTS, subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId, Mailbox, Owner } from '../model/calendar.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import { listCalendars } from '../store/calendars.ts';
import { currentStates } from '../store/changes.ts';
import { calendarUse, noteCalendar, ownCalendars } from './asked.ts';
import { DEFAULT_SLUG, ensureMailbox } from './mailboxes.ts';
import { type HeldCalendar, holdCalendar } from './objects.ts';

/** Who asks, by account. Programs that act for themselves have no home here; nor has anybody else. */
export function askingAccount(ctx: Context): string {
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return ctx.actor.accountId;
}

/** Either kind of owner: an address does not say which. */
const ownersOf = (ownerId: string): readonly Owner[] => [
  { kind: 'account', id: ownerId },
  { kind: 'group', id: ownerId },
];

/**
 * A calendar by its owner and its slug, for somebody who needs `wanted` of it.
 * @throws not-found, alike for none and for one of which they see nothing; access.refused for one they see less of.
 */
export async function holdCalendarAt(
  ctx: Context,
  { ownerId, slug }: { readonly ownerId: string; readonly slug: string },
  wanted: Role,
): Promise<HeldCalendar> {
  const find = async () => (await listCalendars(ctx, { owners: ownersOf(ownerId), slug }))[0];
  let calendar = await remembered(ctx, `calendar at ${ownerId} ${slug}`, find);
  if (!calendar && slug === DEFAULT_SLUG && ownerId === askingAccount(ctx)) {
    await ctx.demand(ownCalendars, undefined, 'read');
    await ensureMailbox(ctx, { kind: 'account', id: ownerId });
    calendar = await find();
  }
  if (calendar) noteCalendar(ctx, calendar);
  // Asked all the same, about nothing: what is not there answers like what is not to be seen.
  return holdCalendar(ctx, calendar?.id ?? newId<'calendar'>(), wanted);
}

/** Whether whoever asks has a calendar of this slug. */
export const hasCalendar = async (ctx: Context, slug: string): Promise<boolean> =>
  (await listCalendars(ctx, { owners: [{ kind: 'account', id: askingAccount(ctx) }], slug })).length > 0;

/** Somebody's own mailbox with its calendars, made on the first visit. The caller has asked. */
export async function ownHome(ctx: Context): Promise<{ mailbox: Mailbox; calendars: readonly Calendar[] }> {
  const owner = { kind: 'account', id: askingAccount(ctx) } as const;
  const mailbox = await ensureMailbox(ctx, owner);
  return { mailbox, calendars: await listCalendars(ctx, { owners: [owner] }) };
}

/** The calendars of one owner of which whoever asks sees more than times. */
export const readableCalendars = async (ctx: Context, ownerId: string): Promise<HeldCalendar[]> =>
  readable(ctx, await listCalendars(ctx, { owners: ownersOf(ownerId) }));

/** What others gave whoever asks by name, or through a group: not what everybody at home sees of everybody. */
export async function calendarsSharedWith(ctx: Context): Promise<HeldCalendar[]> {
  const accountId = askingAccount(ctx);
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
  const others = calendars.filter(({ owner }) => owner.kind !== 'account' || owner.id !== accountId);
  return readable(ctx, [...new Map(others.map((calendar) => [calendar.id, calendar])).values()]);
}

async function readable(ctx: Context, calendars: readonly Calendar[]): Promise<HeldCalendar[]> {
  const held: HeldCalendar[] = [];
  for (const calendar of calendars) {
    noteCalendar(ctx, calendar);
    const { level } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
    if (isAtLeast(level, 'limitedRead')) held.push({ calendar, role: level });
  }
  return held;
}

/** How far calendars have come, for their followers: see `currentState`. */
export const statesOf = (ctx: Context, held: readonly HeldCalendar[]): Promise<ReadonlyMap<CalendarId, number>> =>
  currentStates(
    ctx,
    held.map(({ calendar }) => calendar.id),
  );

/** Who was given what in a calendar. For its owner. */
export async function givenIn(ctx: Context, { calendar }: HeldCalendar) {
  const object = { kind: GRANTS.calendar.objectKind, id: calendar.id };
  const grants = await listGrants(ctx, { kind: GRANTS.calendar.kind, object });
  // What is published is open to nobody here more than to the world.
  const named = grants.filter(({ subject }) => subject.kind !== 'anyone');
  return named.map(({ subject, level }) => ({ subject, role: level as Role }));
}
