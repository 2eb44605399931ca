import { listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { calendarsFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId } from '../model/calendar.ts';
import {
  type CalendarChanges,
  eraseCalendar,
  insertCalendar,
  type NewCalendar,
  updateCalendar,
} from '../store/calendars.ts';
import { findObject, listMeetings } from '../store/objects.ts';
import { lockMeeting } from '../store/scheduling.ts';
import { endShares } from './links.ts';
import { placeCalendarAnew } from './mailbox-settings.ts';
import { ensureMailbox, ownMailboxOwner } from './mailboxes.ts';
import { type HeldCalendar, holdCalendar } from './objects.ts';
import { scheduleRemoval } from './scheduling.ts';
import { tellShareOver } from './tell-share-over.ts';

export type { CalendarChanges };

/**
 * Makes a calendar for whoever asks.
 * @throws access.refused, calendars.calendar-exists.
 */
export async function createOwnCalendar(ctx: Context, calendar: Omit<NewCalendar, 'owner'>): Promise<Calendar> {
  const owner = await ownMailboxOwner(ctx, 'write');
  await ensureMailbox(ctx, owner);
  const made = await insertCalendar(ctx, { ...calendar, owner });
  record(ctx, 'calendars.calendar-created', made);
  return made;
}

/** The same for somebody whose default calendar whoever asks holds as its owner: a program that may do everything. */
export async function createCalendarOf(
  ctx: Context,
  { calendar: { owner, id } }: HeldCalendar,
  calendar: Omit<NewCalendar, 'owner'>,
): Promise<Calendar> {
  await holdCalendar(ctx, id, 'owner');
  const made = await insertCalendar(ctx, { ...calendar, owner });
  record(ctx, 'calendars.calendar-created', made);
  return made;
}

/** Changes what a calendar is called and how it looks. Its owner alone does. @throws not-found, access.refused. */
export async function changeCalendar(ctx: Context, id: CalendarId, changes: CalendarChanges): Promise<Calendar> {
  const { calendar } = await holdCalendar(ctx, id, 'owner');
  const changed = (await updateCalendar(ctx, id, changes)) ?? calendar;
  if (changed.timeZone !== calendar.timeZone) await placeCalendarAnew(ctx, changed);
  record(ctx, 'calendars.calendar-changed', changed);
  return changed;
}

/**
 * Removes a calendar with everything in it and everybody's right in it. It is as if each meeting in it were removed by
 * itself (RFC 6638 §3.2.3.2): who was invited is told that it is cancelled, who invited that its owner does not come.
 * @throws calendars.default-calendar, not-found, access.refused.
 */
export async function removeCalendar(ctx: Context, id: CalendarId): Promise<void> {
  const held = await holdCalendar(ctx, id, 'owner');
  const { calendar } = held;
  if (calendar.isDefault) throw calendarsFaults.defaultStays();
  for (const { id: objectId, uid } of await listMeetings(ctx, id)) {
    await lockMeeting(ctx, uid);
    const object = await findObject(ctx, { id: objectId }, { lock: true });
    if (object?.calendarId === id) await scheduleRemoval(ctx, held, object);
  }
  const object = { kind: GRANTS.calendar.objectKind, id };
  const given = await listGrants(ctx, { kind: GRANTS.calendar.kind, object });
  await tellShareOver(
    ctx,
    calendar,
    await endShares(
      ctx,
      given.map((grant) => grant.id),
    ),
  );
  await eraseCalendar(ctx, id);
  record(ctx, 'calendars.calendar-deleted', calendar);
}

function record(ctx: Context, action: string, calendar: Calendar): void {
  ctx.record({
    action,
    category: 'Calendar',
    targets: [{ kind: 'calendar', id: calendar.id, displayName: calendar.name }],
    facts: { ownerKind: calendar.owner.kind, ownerId: calendar.owner.id },
  });
}
