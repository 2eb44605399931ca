import type { Context } from '../../../kernel/context.ts';
import { escapeXml } from '../../../protocols/dav-xml.ts';
import type { Member, MemberFilter } from '../../usecases/members.ts';
import { askingAccount } from '../../usecases/reach.ts';
import { memberPath } from './addresses.ts';
import { type FoundCalendar, membersOf } from './found.ts';
import type { Described } from './properties.ts';
import { EVENT, type EventFacts } from './tables.ts';

/** How calendar data is told: as it is kept, or shaped as a report asked; undefined: not at all. */
export type Shape = ((content: string) => string) | undefined;
export const AS_KEPT: Shape = (content) => content;

/** The members of a calendar that match, ready to be described. */
export async function describeMembers(
  ctx: Context,
  found: FoundCalendar,
  filter: MemberFilter,
  shape: Shape,
): Promise<Described<EventFacts>[]> {
  const members = await membersOf(ctx, found, { ...filter, withContent: shape !== undefined });
  return describeEach(ctx, found, members, shape);
}

export function describeEach(
  ctx: Context,
  { calendar, role, path }: FoundCalendar,
  members: readonly Member[],
  shape: Shape,
): Described<EventFacts>[] {
  const accountId = askingAccount(ctx);
  const ownerId = calendar.owner.id;
  return members.map((member) => {
    const data = shape && member.content !== null ? escapeXml(shape(member.content)) : undefined;
    return { path: memberPath(path, member.name), table: EVENT, of: { ...member, accountId, role, ownerId, data } };
  });
}
