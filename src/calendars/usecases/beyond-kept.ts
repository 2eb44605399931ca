import type { Context } from '../../kernel/context.ts';
import { readObject } from '../../protocols/icalendar/index.ts';
import type { Calendar, ObjectId } from '../model/calendar.ts';
import { type Occurrence, occurrencesBetween } from '../model/occurrence.ts';
import { listPartlyExpanded } from '../store/objects.ts';
import { readOwner } from './owners.ts';

/** The series whose kept instances do not cover a time that is asked about. */
export interface BeyondKept {
  /** Whose kept instances are to be left out: those of `in` stand for all of them. */
  readonly ids: ReadonlySet<ObjectId>;
  /** Their instances in that time, in no order. @throws CalendarTextError. */
  in(calendar: Calendar): Promise<(Occurrence & { readonly objectId: ObjectId })[]>;
}

/** What is not kept expanded of calendars in `[from, to)`, computed for the asker. Asks nothing; its callers do. */
export async function beyondKept(
  ctx: Context,
  calendars: readonly Calendar[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<BeyondKept> {
  const calendarIds = calendars.map(({ id }) => id);
  const series = calendarIds.length === 0 ? [] : await listPartlyExpanded(ctx, { calendarIds, from, to });
  const byCalendar = Map.groupBy(series, ({ calendarId }) => calendarId);
  return {
    ids: new Set(series.map(({ id }) => id)),
    async in({ id, owner, timeZone }) {
      const those = byCalendar.get(id);
      if (!those) return [];
      const { addresses = [] } = (await readOwner(ctx, owner)) ?? {};
      return those.flatMap((object) =>
        occurrencesBetween(readObject(object.content), from, to, { timeZone, addresses }).map((one) => ({
          ...one,
          objectId: object.id,
        })),
      );
    },
  };
}
