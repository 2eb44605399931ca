import { findHistory, openHistory } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { readObject } from '../../protocols/icalendar/index.ts';
import type { ObjectId, StoredObject } from '../model/calendar.ts';
import { currentState, listChanges } from '../store/changes.ts';
import { listObjects } from '../store/objects.ts';
import { type SeenEvent, seenEvent } from './events.ts';
import type { Followed, GoneEvent, ViewState } from './follow-view.ts';
import type { OpenCalendar } from './open-calendars.ts';

/** How far a follower of a calendar's events has come. */
export type EventsState = Omit<ViewState, 'from' | 'to'>;

/** Where a follower of everything in a calendar begins. */
export async function beginFollowingEvents(ctx: Context, { calendar, role }: OpenCalendar): Promise<EventsState> {
  const above = await currentState(ctx, calendar.id);
  return { history: await openHistory(ctx), role, above, mode: 'all' };
}

/**
 * The next part of the events of a calendar, a series as one, or of what has changed among them since. Something may be
 * told twice, and nothing is left out.
 * @throws odata.resync-required when the follower's role or the history is another.
 */
export async function followEvents(
  ctx: Context,
  open: OpenCalendar,
  state: EventsState,
  limit: number,
): Promise<Followed<EventsState>> {
  if (state.role !== open.role || state.history !== (await findHistory(ctx))) throw kernelFaults.resyncRequired();
  const { after, ...begun } = state;
  const calendarIds = [open.calendar.id];
  if (state.mode === 'all') {
    const asked = {
      calendarIds,
      component: 'VEVENT',
      limit,
      ...(after ? { after: after.id as ObjectId } : {}),
    } as const;
    const objects = await listObjects(ctx, asked);
    const rows = objects.map((object) => seen(open, object));
    const last = objects.at(-1);
    if (objects.length < limit || !last) return { rows, isDone: true, state: { ...begun, mode: 'changes' } };
    return { rows, isDone: false, state: { ...begun, after: { version: 0, id: last.id } } };
  }
  const reached = await currentState(ctx, open.calendar.id);
  const changes = await listChanges(ctx, open.calendar.id, { above: state.above, limit, ...(after ? { after } : {}) });
  const ids = changes.map(({ id }) => id);
  const objects = new Map((await listObjects(ctx, { calendarIds, ids })).map((object) => [object.id, object]));
  const rows = changes.flatMap(({ id }): (SeenEvent | GoneEvent)[] => {
    const object = objects.get(id);
    if (!object) return [{ objectId: id, recurrenceId: '', isGone: true }];
    return object.component === 'VEVENT' ? [seen(open, object)] : [];
  });
  const last = changes.at(-1);
  const isDone = changes.length < limit || !last;
  if (isDone) return { rows, isDone, state: { ...begun, above: Math.max(reached, state.above) } };
  return { rows, isDone, state: { ...begun, after: { version: last.version, id: last.id } } };
}

const seen = (open: OpenCalendar, object: StoredObject): SeenEvent =>
  seenEvent(open, { objectId: object.id, recurrenceId: '' }, object, readObject(object.content));
