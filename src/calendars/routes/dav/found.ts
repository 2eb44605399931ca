/** From an address to what is there, for whoever asks. */
import { findAccount, findGroup } from '../../../directory/index.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../../kernel/ids.ts';
import type { Role } from '../../model/roles.ts';
import { readAddressList } from '../../usecases/asked.ts';
import { type ChangesSince, type Member, type MemberFilter, readMembers } from '../../usecases/members.ts';
import { type HeldCalendar, holdCalendar } from '../../usecases/objects.ts';
import { askingAccount, calendarsSharedWith, holdCalendarAt, readableCalendars } from '../../usecases/reach.ts';
import { calendarPath, sharedIdOf, sharedSlug } from './addresses.ts';
import { type PrincipalFacts, principalFacts } from './tables.ts';

/** A calendar at the address by which it was asked for. */
export interface FoundCalendar extends HeldCalendar {
  readonly path: string;
  /** Where what is in it is asked for, when that is not here. */
  readonly elsewhere?: Elsewhere;
}

export interface Elsewhere {
  members(filter: MemberFilter): Promise<Member[]>;
  changes(asked: { above: number; after?: { version: number; id: string }; limit: number }): Promise<ChangesSince>;
  /** The name under which followers know the collection: another one when they are told more, or less, of the same. */
  readonly followedAs: string;
}

/** What stands in a calendar, wherever that is. */
export const membersOf = (ctx: Context, found: FoundCalendar, filter: MemberFilter): Promise<Member[]> =>
  found.elsewhere ? found.elsewhere.members(filter) : readMembers(ctx, found, filter);

/** The calendar at an address. @throws as `holdCalendarAt`. */
export async function calendarAt(
  ctx: Context,
  place: { readonly ownerId: string; readonly slug: string },
  wanted: Role,
): Promise<FoundCalendar> {
  const shared = place.ownerId === askingAccount(ctx) ? sharedIdOf<'calendar'>(place.slug) : undefined;
  const held = await (shared ? holdCalendar(ctx, shared, wanted) : holdCalendarAt(ctx, place, wanted));
  return { ...held, path: calendarPath(place.ownerId, place.slug) };
}

/**
 * The principal of a person or a shared group at home here.
 * @throws not-found, also where the organisation does not let its people look each other up.
 */
export async function principalAt(ctx: Context, ownerId: string): Promise<PrincipalFacts> {
  const accountId = askingAccount(ctx);
  if (ownerId !== accountId) {
    const { level } = await ctx.ask(readAddressList, undefined, { quiet: true });
    if (level === 'none') throw kernelFaults.notFound();
  }
  const account = await findAccount(ctx, ownerId as AccountId);
  if (account && account.userType === 'Member') return principalFacts(accountId, account, 'account');
  const group = await findGroup(ctx, ownerId as GroupId);
  if (group?.kind !== 'shared') throw kernelFaults.notFound();
  return principalFacts(accountId, group, 'group');
}

/**
 * The calendars in somebody's home that whoever asks may read. In one's own stand those that others share, too: several
 * homes (RFC 4791 §6.2.1 allows them) are looked into by few programs, one home by all.
 */
export async function calendarsInHome(ctx: Context, ownerId: string): Promise<FoundCalendar[]> {
  const own = await readableCalendars(ctx, ownerId);
  const found = own.map((held) => ({ ...held, path: calendarPath(ownerId, held.calendar.slug) }));
  if (ownerId !== askingAccount(ctx)) return found;
  const shared = await calendarsSharedWith(ctx);
  return [...found, ...shared.map((held) => ({ ...held, path: calendarPath(ownerId, sharedSlug(held.calendar.id)) }))];
}
