/** What stands in a calendar, as lists of it and its followers are told. */
import type { Context } from '../../kernel/context.ts';
import type { CalendarId } from '../model/calendar.ts';
import { type ChangedObject, currentState, type Known, listChanges } from '../store/changes.ts';
import { listMembers, type Member, type MemberFilter } from '../store/members.ts';
import type { HeldCalendar } from './objects.ts';
import { seesEverything, tell } from './told.ts';

export type { ChangedObject, Member, MemberFilter };

/** The members of a calendar that match, as somebody who holds it is told of them: one statement. */
export async function readMembers(
  ctx: Context,
  { calendar, role }: HeldCalendar,
  filter: MemberFilter,
): Promise<Member[]> {
  if (seesEverything(role)) return listMembers(ctx, calendar.id, filter);
  // What they may be told of each stands in its content.
  const members = await listMembers(ctx, calendar.id, { ...filter, withContent: true });
  return members.flatMap((member) => {
    const told = tell(role, { content: member.content ?? '', etag: member.etag });
    if (!told) return [];
    if (!told.isRedacted) return [member];
    return [{ ...member, content: told.content, etag: told.etag, size: Buffer.byteLength(told.content) }];
  });
}

/** What somebody who follows a collection is told. */
export interface Since<Change> {
  readonly changes: readonly Change[];
  /** Where the collection stands now. */
  readonly state: number;
  /** Whether there is more than was asked for. */
  readonly isCut: boolean;
}
export type ChangesSince = Since<ChangedObject>;

/** What changed in a calendar above a state, the oldest change first, at most `limit`. */
export const changesSince = (ctx: Context, calendarId: CalendarId, known: Known): Promise<ChangesSince> =>
  since(
    known,
    () => currentState(ctx, calendarId),
    (more) => listChanges(ctx, calendarId, more),
  );

export async function since<Change>(
  known: Known,
  readState: () => Promise<number>,
  list: (known: Known) => Promise<Change[]>,
): Promise<Since<Change>> {
  // Before the changes are read: what comes between is told twice, never missed.
  const state = await readState();
  const found = await list({ ...known, limit: known.limit + 1 });
  return { changes: found.slice(0, known.limit), state, isCut: found.length > known.limit };
}
