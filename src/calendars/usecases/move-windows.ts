import type { Context } from '../../kernel/context.ts';
import type { Job } from '../../kernel/module.ts';
import { CalendarTextError, readObject } from '../../protocols/icalendar/index.ts';
import type { ObjectId } from '../model/calendar.ts';
import { expandAround, KEPT_DAYS } from '../model/occurrence.ts';
import { listCalendars } from '../store/calendars.ts';
import { extendOccurrences, listUsedUp } from '../store/objects.ts';
import { readOwner } from './owners.ts';

const MOVE_WINDOWS = 'calendars.move-windows';
const AT_ONCE = 100;
const DAY = 86_400_000;
/** How much of the kept part may be used up before it moves: then each series is expanded anew once a month. */
const USED_DAYS = 30;

/**
 * Keeps endless series expanded as far ahead of today as they were on the day they were written. Nobody is told: what lies
 * beyond is computed for whoever asks, so nothing that anybody sees changes.
 */
export async function moveWindows(ctx: Context, after: ObjectId | null = null): Promise<void> {
  const before = new Date(ctx.now.getTime() + (KEPT_DAYS.after - USED_DAYS) * DAY);
  const objects = await listUsedUp(ctx, { before, after, limit: AT_ONCE });
  const calendars = await listCalendars(ctx, { ids: [...new Set(objects.map(({ calendarId }) => calendarId))] });
  for (const object of objects) {
    const calendar = calendars.find(({ id }) => id === object.calendarId);
    if (!calendar) continue;
    const { addresses = [] } = (await readOwner(ctx, calendar.owner)) ?? {};
    try {
      const { occurrences, window } = expandAround(readObject(object.content), ctx.now, {
        timeZone: calendar.timeZone,
        addresses,
      });
      if (window) await extendOccurrences(ctx, object, occurrences, window.to);
    } catch (error) {
      // Grown beyond what can be followed since it was written: it stays as it is and is computed when it is asked for.
      if (!(error instanceof CalendarTextError || error instanceof RangeError)) throw error;
    }
  }
  const last = objects.at(-1);
  if (last && objects.length === AT_ONCE) await ctx.defer(MOVE_WINDOWS, { after: last.id });
}

/** The rest of a sweep, a part at a time. */
export const moveWindowsJob: Job = {
  name: MOVE_WINDOWS,
  run: (ctx, { after }) => moveWindows(ctx, after as ObjectId),
};
