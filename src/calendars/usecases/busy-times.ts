import type { Context } from '../../kernel/context.ts';
import type { Calendar } from '../model/calendar.ts';
import { listBusyTimes } from '../store/members.ts';
import { beyondKept } from './beyond-kept.ts';

export type Busy = 'busy' | 'tentative' | 'oof';

/** A time in which somebody is not free, cut to what was asked. Times of one kind do not touch. */
export interface BusyTime {
  readonly showAs: Busy;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** When calendars are busy in `[from, to)`, in order. Asks nothing; its callers do. */
export async function busyTimesOf(
  ctx: Context,
  calendars: readonly Calendar[],
  { from, to }: { from: Date; to: Date },
): Promise<BusyTime[]> {
  const calendarIds = calendars.map(({ id }) => id);
  const kept = await listBusyTimes(ctx, { calendarIds, from, to });
  const times = kept.flatMap(({ showAs, times }) => readRanges(times, showAs as Busy));
  const beyond = await beyondKept(ctx, calendars, { from, to });
  if (beyond.ids.size === 0) return times.sort(byStart);
  for (const calendar of calendars) {
    for (const one of await beyond.in(calendar)) {
      if (one.isCancelled || !isBusy(one.showAs)) continue;
      const [startsAt, endsAt] = [new Date(Math.max(+one.startsAt, +from)), new Date(Math.min(+one.endsAt, +to))];
      if (startsAt < endsAt) times.push({ showAs: one.showAs, startsAt, endsAt });
    }
  }
  return mergeBusy(times);
}

const isBusy = (showAs: string): showAs is Busy => showAs === 'busy' || showAs === 'tentative' || showAs === 'oof';
const byStart = (x: BusyTime, y: BusyTime) => +x.startsAt - +y.startsAt;

/** Joins times of one kind that overlap or touch; in order of their start. */
export function mergeBusy(times: readonly BusyTime[]): BusyTime[] {
  const merged: BusyTime[] = [];
  const last = new Map<Busy, number>();
  for (const time of times.toSorted(byStart)) {
    const at = last.get(time.showAs);
    const before = at === undefined ? undefined : merged[at];
    if (at !== undefined && before && time.startsAt <= before.endsAt) {
      merged[at] = { ...before, endsAt: time.endsAt > before.endsAt ? time.endsAt : before.endsAt };
    } else last.set(time.showAs, merged.push(time) - 1);
  }
  return merged;
}

/** The busy times of a lookup's items, cut to what was asked. */
export const busyIn = (
  items: readonly { readonly status: string; readonly startsAt: Date; readonly endsAt: Date }[],
  { from, to }: { from: Date; to: Date },
): BusyTime[] =>
  items.flatMap(({ status, startsAt, endsAt }) => {
    const cut = { startsAt: startsAt < from ? from : startsAt, endsAt: endsAt > to ? to : endsAt };
    return isBusy(status) && cut.startsAt < cut.endsAt ? [{ showAs: status, ...cut }] : [];
  });

/** PostgreSQL's text of a multirange of times: `{["2026-05-04 07:00:00+00","2026-05-04 08:00:00+00"),…}`. */
function readRanges(text: string, showAs: Busy): BusyTime[] {
  const times: BusyTime[] = [];
  for (const [, start, end] of text.matchAll(/[[(]"([^"]+)","([^"]+)"[\])]/g)) {
    const [startsAt, endsAt] = [readTime(start!), readTime(end!)];
    // One without length takes up nothing.
    if (startsAt < endsAt) times.push({ showAs, startsAt, endsAt });
  }
  return times;
}

const readTime = (text: string) => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
