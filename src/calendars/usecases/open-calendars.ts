import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { Calendar, CalendarId, Owner } from '../model/calendar.ts';
import type { ForOwner } from '../model/occurrence.ts';
import { isAtLeast, type Role } from '../model/roles.ts';
import { listCalendars } from '../store/calendars.ts';
import { calendarUse, ownCalendars } from './asked.ts';
import { ensureMailbox } from './mailboxes.ts';
import { type HeldCalendar, holdCalendar } from './objects.ts';
import { type OwnerCard, readOwner } from './owners.ts';

/** Whose calendars a path is about; undefined: whoever asks. */
export type Whose = Owner | undefined;

/** A calendar with what the reader may do with it, and whose it is. */
export interface OpenCalendar extends HeldCalendar {
  readonly owner: OwnerCard;
}

export const NOBODY: OwnerCard = { displayName: '', address: undefined, addresses: [] };

/** How times are read and counted in a calendar. */
export const forOwner = ({ calendar, owner }: Pick<OpenCalendar, 'calendar' | 'owner'>): ForOwner => ({
  timeZone: calendar.timeZone,
  addresses: owner.addresses,
});

/** @throws not-found for a program, which has no calendar of its own. */
export function ownerOf(ctx: Context, whose: Whose): Owner {
  if (whose) return whose;
  if (ctx.actor.kind !== 'account') throw kernelFaults.notFound();
  return { kind: 'account', id: ctx.actor.accountId };
}

/**
 * A calendar of somebody for whoever needs `wanted` of it; without an id their default one, made on the first visit.
 * @throws not-found also for a calendar of somebody else; access.refused.
 */
export async function holdCalendarOf(
  ctx: Context,
  whose: Whose,
  calendarId: CalendarId | undefined,
  wanted: Role,
): Promise<OpenCalendar> {
  const owner = ownerOf(ctx, whose);
  try {
    const id = calendarId ?? (await defaultCalendarOf(ctx, owner)).id;
    const held = await holdCalendar(ctx, id, wanted);
    if (!isOf(held.calendar, owner)) throw kernelFaults.notFound();
    return { ...held, owner: (await readOwner(ctx, owner)) ?? NOBODY };
  } catch (error) {
    // About one's own there is nothing to hide: the refusal says what is missing, a licence for instance.
    if (error instanceof Fault && !whose && calendarId === undefined) await ctx.demand(ownCalendars, undefined, 'read');
    throw error;
  }
}

export const isOf = ({ owner }: Calendar, { kind, id }: Owner) => owner.kind === kind && owner.id === id;

/** Somebody's default calendar, made on the first visit. Asks nothing: its callers do. */
export async function defaultCalendarOf(ctx: Context, owner: Owner): Promise<Calendar> {
  const [known] = await listCalendars(ctx, { owners: [owner], isDefault: true });
  if (known) return known;
  // What is made here for somebody who may not see it is rolled back with the refusal.
  await ensureMailbox(ctx, owner);
  return (await listCalendars(ctx, { owners: [owner], isDefault: true }))[0] as Calendar;
}

/**
 * The calendars of somebody in which the reader may do `wanted`, by default see anything, the default one first.
 * @throws not-found when there is none: then they do not learn whether there are others.
 */
export async function readCalendarsOf(
  ctx: Context,
  whose: Whose,
  wanted: Role = 'freeBusyRead',
): Promise<OpenCalendar[]> {
  const owner = ownerOf(ctx, whose);
  if (!whose) await ctx.demand(ownCalendars, undefined, 'read');
  await defaultCalendarOf(ctx, owner);
  const card = (await readOwner(ctx, owner)) ?? NOBODY;
  const held: OpenCalendar[] = [];
  for (const calendar of await listCalendars(ctx, { owners: [owner] })) {
    const { level: role } = await ctx.ask(calendarUse, { calendarId: calendar.id }, { quiet: true });
    if (isAtLeast(role, wanted)) held.push({ calendar, role, owner: card });
  }
  if (held.length === 0) throw kernelFaults.notFound();
  return held;
}
