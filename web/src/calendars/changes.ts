import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Api, ApiFault } from '../api.ts';
import { useSay } from '../parts/act.tsx';
import { useApi, useTenant } from '../shell/tenant.ts';
import type { Moved } from './calendar-grid.tsx';
import { movedWith, splitBefore } from './recurrence.ts';
import { onClock, type Shown, type Source } from './sources.ts';
import { dayOf, daysBetween, minutesBetween, plus, type Wall, wallOf } from './times.ts';
import type { CalendarEvent, Moment } from './wire.ts';

/** Which events of a series a change is meant for. */
export type Reach = 'this' | 'following' | 'all';

/** How long a deletion can be taken back. Only then is the server told. Milliseconds. */
const UNDO_TIME = 8_000;

const moment = (wall: Wall, timeZone: string): Moment => ({ dateTime: wall, timeZone });

/** Where an event's own address begins; its calendar's events stand below it. */
export const eventPath = (source: Source, id: string) => `${source.path}/events/${encodeURIComponent(id)}`;

/** Where what hangs on an event stands, and what is said about it: below whose it is, whatever the calendar. */
export const eventOfOwnerPath = ({ path = '' }: Source, id: string) =>
  `${path.replace(/\/calendars\/[^/]+$/, '')}/events/${encodeURIComponent(id)}`;

export const timesOf = ({ start, end, isAllDay }: Moved, zone: string) => ({
  start: moment(start, zone),
  end: moment(end, zone),
  isAllDay,
});

/**
 * What people do to events. Everything is shown at once; when the server refuses, it is shown as it was, with the
 * server's sentence.
 */
export function useChanges(zone: string) {
  const api = useApi();
  const tenant = useTenant();
  const queries = useQueryClient();
  const say = useSay();
  const { t } = useTranslation();
  const waiting = useRef(new Map<string, () => void>());
  /** What is deleted here and not yet there: whatever is read meanwhile, it is not shown. */
  const [gone, setGone] = useState<ReadonlyMap<string, (row: CalendarEvent) => boolean>>(new Map());
  // Whoever leaves the page has decided: nothing waits for an undo that cannot come.
  useEffect(() => {
    const all = waiting.current;
    const finish = () => {
      for (const run of [...all.values()]) run();
    };
    addEventListener('pagehide', finish);
    return () => {
      removeEventListener('pagehide', finish);
      finish();
    };
  }, []);

  const key = [tenant, 'events'];
  const refresh = () => queries.invalidateQueries({ queryKey: [tenant] });
  const edit = (change: (rows: CalendarEvent[]) => CalendarEvent[]) => {
    const before = queries.getQueriesData<CalendarEvent[]>({ queryKey: key });
    queries.setQueriesData<CalendarEvent[]>({ queryKey: key }, (rows) => (Array.isArray(rows) ? change(rows) : rows));
    return () => {
      for (const [one, rows] of before) queries.setQueryData(one, rows);
    };
  };
  const failed = (rollback: () => void) => (error: unknown) => {
    rollback();
    void refresh();
    say(error instanceof ApiFault ? error.sentence : t('fault.unknown'));
  };

  /** Puts an event, or all of its series, elsewhere in time, with a way back. */
  async function move(shown: Shown, to: Moved, reach: Reach, isUndo = false): Promise<void> {
    const { event, source } = shown;
    if (!event) return;
    await queries.cancelQueries({ queryKey: key });
    const rollback = edit((rows) => rows.map((row) => (row.id === event.id ? { ...row, ...timesOf(to, zone) } : row)));
    const from: Moved = { start: shown.start, end: shown.end, isAllDay: shown.isAllDay };
    try {
      if (reach === 'this' || !event.seriesMasterId) await api.patch(eventPath(source, event.id), timesOf(to, zone));
      else if (reach === 'all') await moveSeries(api, source, event.seriesMasterId, from, to, zone);
      else await splitSeries(api, source, event.seriesMasterId, shown, zone, timesOf(to, zone), to.start);
      void refresh();
      const back = reach === 'following' ? undefined : () => void move({ ...shown, ...to }, from, reach, true);
      if (isUndo) say(t('action.undone'));
      else say(t('calendars.moved', { name: shown.title ?? t('calendars.untitled') }), back);
    } catch (error) {
      failed(rollback)(error);
    }
  }

  /** Takes an event away. The server is told when the time to undo is over, or the page is left. */
  function remove(shown: Shown, reach: Reach): void {
    const { event, source } = shown;
    if (!event) return;
    const isGone = (row: CalendarEvent) =>
      reach === 'this' || !event.seriesMasterId
        ? row.id === event.id
        : row.seriesMasterId === event.seriesMasterId && (reach === 'all' || wallOf(row.start, zone) >= shown.start);
    const without = (key: string) => (before: typeof gone) => new Map([...before].filter(([one]) => one !== key));
    const comeBack = () => setGone(without(shown.key));
    setGone((before) => new Map(before).set(shown.key, isGone));
    const timer = setTimeout(() => waiting.current.get(shown.key)?.(), UNDO_TIME);
    waiting.current.set(shown.key, () => {
      clearTimeout(timer);
      waiting.current.delete(shown.key);
      const act =
        reach === 'this' || !event.seriesMasterId
          ? api.delete(eventPath(source, event.id))
          : reach === 'all'
            ? api.delete(eventPath(source, event.seriesMasterId))
            : endSeries(api, source, event.seriesMasterId, shown, zone);
      act.then(() => refresh().then(comeBack), failed(comeBack));
    });
    say(t('calendars.deleted', { name: shown.title ?? t('calendars.untitled') }), () => {
      clearTimeout(timer);
      if (waiting.current.delete(shown.key)) comeBack();
    });
  }

  const isGone = ({ event }: Shown) => event !== undefined && [...gone.values()].some((one) => one(event));
  return { move, remove, isGone };
}

async function moveSeries(api: Api, source: Source, master: string, from: Moved, to: Moved, zone: string) {
  const series = await api.get<CalendarEvent>(eventPath(source, master), { headers: onClock(zone) });
  const start = wallOf(series.start, zone);
  const days = daysBetween(dayOf(from.start), dayOf(to.start));
  const moved = `${dayOf(plus(start, { days }))}T${to.start.slice(11)}`;
  await api.patch(eventPath(source, master), {
    ...timesOf(
      { start: moved, end: plus(moved, { minutes: minutesBetween(to.start, to.end) }), isAllDay: to.isAllDay },
      zone,
    ),
    ...(series.recurrence ? { recurrence: movedWith(series.recurrence, start, moved) } : {}),
  });
}

/** What a new event takes over from the one it continues. */
const CONTINUED = [
  'subject',
  'body',
  'location',
  'attendees',
  'categories',
  'showAs',
  'sensitivity',
  'isReminderOn',
  'reminderMinutesBeforeStart',
] as const;

/**
 * "This and following": a new series from here on, then the old one ends before it. In that order, so that a failure in
 * between leaves one event too many, never one too few.
 */
export async function splitSeries(
  api: Api,
  source: Source,
  master: string,
  shown: Shown,
  zone: string,
  changes: Partial<CalendarEvent>,
  start: Wall,
): Promise<void> {
  const series = await api.get<CalendarEvent>(eventPath(source, master), { headers: onClock(zone) });
  if (!series.recurrence) return;
  const first = wallOf(series.start, zone);
  if (dayOf(first) === dayOf(shown.start)) {
    // Everything from the first on is all of it.
    await api.patch(eventPath(source, master), {
      ...changes,
      recurrence: changes.recurrence ?? movedWith(series.recurrence, first, start),
    });
    return;
  }
  const earlier = await instancesBefore(api, source, master, first, shown.start, zone);
  const { before, after } = splitBefore(series.recurrence, shown.start, earlier);
  const kept = Object.fromEntries(
    CONTINUED.flatMap((name) => (series[name] === undefined ? [] : [[name, series[name]]])),
  );
  const created = await api.post<CalendarEvent>(`${source.path}/events`, {
    ...kept,
    start: moment(shown.start, zone),
    end: moment(shown.end, zone),
    isAllDay: shown.isAllDay,
    ...changes,
    recurrence: changes.recurrence ?? movedWith(after, shown.start, start),
  });
  try {
    await api.patch(eventPath(source, master), { recurrence: before });
  } catch (error) {
    await api.delete(eventPath(source, created.id));
    throw error;
  }
}

async function endSeries(api: Api, source: Source, master: string, shown: Shown, zone: string): Promise<void> {
  const series = await api.get<CalendarEvent>(eventPath(source, master), { headers: onClock(zone) });
  if (!series.recurrence || dayOf(wallOf(series.start, zone)) === dayOf(shown.start)) {
    await api.delete(eventPath(source, master));
    return;
  }
  await api.patch(eventPath(source, master), { recurrence: splitBefore(series.recurrence, shown.start, 0).before });
}

/** How a series goes on from one of its instances. */
export async function restOf(api: Api, source: Source, master: string, shown: Shown, zone: string) {
  const series = await api.get<CalendarEvent>(eventPath(source, master), { headers: onClock(zone) });
  if (!series.recurrence) return null;
  const earlier = await instancesBefore(api, source, master, wallOf(series.start, zone), shown.start, zone);
  return earlier === 0 ? series.recurrence : splitBefore(series.recurrence, shown.start, earlier).after;
}

async function instancesBefore(api: Api, source: Source, master: string, first: Wall, until: Wall, zone: string) {
  const { value } = await api.get<{ value: readonly CalendarEvent[] }>(`${eventPath(source, master)}/instances`, {
    params: { startDateTime: first, endDateTime: until, $top: 999, $select: 'id,start' },
    headers: onClock(zone),
  });
  return value.filter((one) => wallOf(one.start, zone) < until).length;
}
