import { findHistory, openHistory } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { readObject } from '../../protocols/icalendar/index.ts';
import type { ObjectId } from '../model/calendar.ts';
import { occurrencesBetween } from '../model/occurrence.ts';
import type { Role } from '../model/roles.ts';
import { exceptionKeys, findInstance } from '../model/series.ts';
import { currentState, eraseGoneInstances, listChanges, listGoneInstances } from '../store/changes.ts';
import { listObjects } from '../store/objects.ts';
import {
  type EventKey,
  printEventId,
  readInstances,
  readWhole,
  type SeenEvent,
  seenEvent,
  seenTime,
  wholeOf,
} from './events.ts';
import { forOwner, type OpenCalendar } from './open-calendars.ts';

/** How far a follower of a view has come. */
export interface ViewState {
  readonly history: string;
  /** What they were told depends on it. */
  readonly role: Role;
  /** ISO 8601 instants. */
  readonly from: string;
  readonly to: string;
  /** Everything up to this version of the calendar has been told when the pages that follow are. */
  readonly above: number;
  /** `all`: the view itself is being told. */
  readonly mode: 'all' | 'changes';
  readonly after?: { readonly version: number; readonly id: string };
}

/** A part of what a follower is told, and how far they have come by it. */
export interface Followed<State> {
  readonly rows: readonly (SeenEvent | GoneEvent)[];
  readonly state: State;
  readonly isDone: boolean;
}

export type GoneEvent = EventKey & { readonly isGone: true };

/** Where a follower of `[from, to)` begins. */
export async function beginFollowing(
  ctx: Context,
  { calendar, role }: OpenCalendar,
  { from, to }: { from: Date; to: Date },
): Promise<ViewState> {
  return {
    history: await openHistory(ctx),
    role,
    from: from.toISOString(),
    to: to.toISOString(),
    above: await currentState(ctx, calendar.id),
    mode: 'all',
  };
}

/**
 * The next part of a view, or of what has changed in it since. A series that has gone takes its instances with it; every
 * one of them is named. Something may be told twice, and nothing is left out.
 * @throws odata.resync-required when the follower's role or the history is another.
 */
export async function followView(
  ctx: Context,
  open: OpenCalendar,
  state: ViewState,
  limit: number,
): Promise<Followed<ViewState>> {
  if (state.role !== open.role || state.history !== (await findHistory(ctx))) throw kernelFaults.resyncRequired();
  return state.mode === 'all' ? tellAll(ctx, open, state, limit) : tellChanges(ctx, open, state, limit);
}

const windowOf = ({ from, to }: ViewState) => ({ from: new Date(from), to: new Date(to) });

async function tellAll(
  ctx: Context,
  open: OpenCalendar,
  state: ViewState,
  limit: number,
): Promise<Followed<ViewState>> {
  const after = state.after?.id ?? '';
  const times = (await readInstances(ctx, open, windowOf(state)))
    .map((time) => ({ time, id: printEventId(time) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .filter(({ id }) => id > after);
  const page = times.slice(0, limit);
  const seen = await readWhole(
    ctx,
    open,
    page.map(({ time }) => time),
  );
  const rows = seen.flatMap((one, n) => {
    // The series itself comes before the first of its instances.
    const isFirst = (n === 0 ? after : (page[n - 1]?.id ?? '')).split('_')[0] !== one.objectId;
    const series = isFirst ? seriesOf(one, open) : undefined;
    return series ? [series, one] : [one];
  });
  const isDone = times.length <= limit;
  const { after: _, ...begun } = state;
  if (isDone) return { rows, isDone, state: { ...begun, mode: 'changes' } };
  return { rows, isDone, state: { ...begun, after: { version: 0, id: page.at(-1)?.id ?? '' } } };
}

function seriesOf(one: SeenEvent, open: OpenCalendar): SeenEvent | undefined {
  if (!one.whole?.master || one.recurrenceId === '') return undefined;
  const read = readObject(one.whole.object.content);
  return seenEvent(open, { objectId: one.objectId, recurrenceId: '' }, one.whole.object, read);
}

async function tellChanges(
  ctx: Context,
  open: OpenCalendar,
  state: ViewState,
  limit: number,
): Promise<Followed<ViewState>> {
  const { calendar } = open;
  const reached = await currentState(ctx, calendar.id);
  const changes = await listChanges(ctx, calendar.id, {
    above: state.above,
    limit,
    ...(state.after ? { after: state.after } : {}),
  });
  const ids = changes.map(({ id }) => id);
  const objects = new Map(
    (await listObjects(ctx, { calendarIds: [calendar.id], ids })).map((object) => [object.id, object]),
  );
  const lost = Map.groupBy(await listGoneInstances(ctx, ids, state.above), ({ objectId }) => objectId);
  const rows = changes.flatMap(({ id }): (SeenEvent | GoneEvent)[] => {
    const object = objects.get(id);
    const gone = (lost.get(id) ?? []).map((one) => one.recurrenceId);
    if (!object) return [...gone.map((recurrenceId) => goneEvent(id, recurrenceId)), goneEvent(id, '')];
    if (object.component !== 'VEVENT') return [];
    const read = readObject(object.content);
    const { from, to } = windowOf(state);
    const instances = occurrencesBetween(read, from, to, forOwner(open));
    const here = new Set(instances.map(({ recurrenceId }) => recurrenceId));
    // An instance that was moved out of the view is no more in it, and one that came back is.
    const left = [...gone, ...exceptionKeys(read, calendar.timeZone)].filter(
      (key) => !here.has(key) && (gone.includes(key) ? !findInstance(read, key, calendar.timeZone) : true),
    );
    const told = [...new Set(left)].map((key) => goneEvent(id, key));
    if (instances.length === 0) return [...told, goneEvent(id, '')];
    const series = here.has('') ? [] : [seenEvent(open, { objectId: id, recurrenceId: '' }, object, read)];
    return [
      ...told,
      ...series.filter(({ whole }) => whole !== undefined),
      ...instances.map((one) => {
        const time = seenTime(open.role, id, one);
        const whole = time.told.detail === 'full' ? wholeOf(object, read, one.recurrenceId, calendar) : undefined;
        return { ...time, calendar, owner: open.owner, whole };
      }),
    ];
  });
  const last = changes.at(-1);
  const isDone = changes.length < limit || !last;
  const { after: _, ...begun } = state;
  if (isDone) return { rows, isDone, state: { ...begun, above: Math.max(reached, state.above) } };
  return { rows, isDone, state: { ...begun, after: { version: last.version, id: last.id } } };
}

const goneEvent = (objectId: ObjectId, recurrenceId: string): GoneEvent => ({ objectId, recurrenceId, isGone: true });

/** How long a follower may stay away, in days. */
export const FOLLOWED_DAYS = 30;

/** Forgets what followers need no more. */
export const forgetGoneInstances = (ctx: Context): Promise<void> =>
  eraseGoneInstances(ctx, new Date(ctx.now.getTime() - (FOLLOWED_DAYS + 1) * 86_400_000));
