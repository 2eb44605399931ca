import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId } from '../model/calendar.ts';
import type { PlacedOccurrence } from './objects.ts';

/**
 * What stands in calendars and overlaps `[from, to)`, at most `limit` of each: one index scan for each calendar. What is
 * cancelled is left out.
 */
export async function listForLookup(
  ctx: Context,
  asked: { calendarIds: readonly CalendarId[]; from: Date; to: Date; limit: number },
): Promise<PlacedOccurrence[]> {
  const { rows } = await sql<PlacedOccurrence>`
    select c.id as "calendarId", o.*
      from unnest(${asked.calendarIds}::uuid[]) as c(id)
     cross join lateral (
       select o.object_id as "objectId", o.recurrence_id as "recurrenceId", lower(o.period) as "startsAt",
              upper(o.period) as "endsAt", o.is_all_day as "isAllDay", o.show_as as "showAs",
              o.is_cancelled as "isCancelled", o.is_private as "isPrivate", o.subject, o.location
         from calendars.occurrences o
        where o.tenant_id = ${ctx.tenantId} and o.calendar_id = c.id
          and o.period && tstzrange(${asked.from}, ${asked.to}, '[)') and not o.is_cancelled
        limit ${asked.limit}) o`.execute(sqlOf(ctx));
  return rows;
}
