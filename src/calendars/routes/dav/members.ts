import type { Context } from '../../../kernel/context.ts';
import { escapeXml } from '../../../protocols/dav-xml.ts';
import { listMembers, type Member, type MemberFilter } from '../../store/members.ts';
import { seesEverything, tell } from '../../usecases/told.ts';
import { memberPath } from './addresses.ts';
import type { FoundCalendar } from './found.ts';
import type { Described } from './properties.ts';
import { EVENT, type EventFacts } from './tables.ts';

/** How calendar data is told: as it is kept, or shaped as a report asked; undefined: not at all. */
export type Shape = ((content: string) => string) | undefined;
export const AS_KEPT: Shape = (content) => content;

/** The members of a calendar that match, as whoever asks is told of them. */
export async function describeMembers(
  ctx: Context,
  found: FoundCalendar,
  filter: MemberFilter,
  shape: Shape,
): Promise<Described<EventFacts>[]> {
  const needsContent = shape !== undefined || filter.withContent || !seesEverything(found.role);
  const members = await listMembers(ctx, found.calendar.id, { ...filter, withContent: needsContent });
  return describeEach(ctx, found, members, shape);
}

export function describeEach(
  ctx: Context,
  { calendar, role, path }: FoundCalendar,
  members: readonly Member[],
  shape: Shape,
): Described<EventFacts>[] {
  const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : '';
  const everything = seesEverything(role);
  const described: Described<EventFacts>[] = [];
  for (const member of members) {
    let { etag, content, size } = member;
    if (!everything) {
      const told = tell(role, { content: content ?? '', etag });
      if (!told) continue;
      if (told.isRedacted) size = Buffer.byteLength(told.content);
      etag = told.etag;
      content = told.content;
    }
    described.push({
      path: memberPath(path, member.name),
      table: EVENT,
      of: {
        accountId,
        role,
        ownerId: calendar.owner.id,
        etag,
        size,
        component: member.component,
        createdAt: member.createdAt,
        changedAt: member.changedAt,
        scheduleTag: member.scheduleTag,
        data: shape && content !== null ? escapeXml(shape(content)) : undefined,
      },
    });
  }
  return described;
}
