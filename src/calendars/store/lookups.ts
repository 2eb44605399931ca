import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId } from '../model/calendar.ts';
import { inTime, PLACED, type PlacedOccurrence } from './objects.ts';

/**
 * What stands in calendars and overlaps `[from, to)`, at most `limit` of each: one index scan for each calendar. What is
 * cancelled is left out.
 */
export async function listForLookup(
  ctx: Context,
  asked: { calendarIds: readonly CalendarId[]; from: Date; to: Date; limit: number },
): Promise<PlacedOccurrence[]> {
  const { rows } = await sql<PlacedOccurrence>`
    select ${PLACED} from ${inTime(asked, { withCancelled: false, atMost: asked.limit })}
     where o.tenant_id = ${ctx.tenantId}`.execute(sqlOf(ctx));
  return rows;
}
