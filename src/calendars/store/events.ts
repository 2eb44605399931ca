import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { readPage } from '../../platform/database/page.ts';
import type { ListQuery, Page } from '../../platform/listing.ts';
import type { CalendarId, ObjectId } from '../model/calendar.ts';
import type { Occurrence } from '../model/occurrence.ts';

/** What events may be filtered and sorted by. */
const COLUMNS = {
  id: { kind: 'guid', column: 'e.objectId' },
  uid: { kind: 'string', column: 'e.uid' },
  subject: { kind: 'string', column: 'e.subject' },
  startsAt: { kind: 'instant', column: 'e.startsAt' },
  endsAt: { kind: 'instant', column: 'e.endsAt' },
  isAllDay: { kind: 'boolean', column: 'e.isAllDay' },
  isCancelled: { kind: 'boolean', column: 'e.isCancelled' },
  showAs: { kind: 'string', column: 'e.showAs' },
  createdAt: { kind: 'instant', column: 'e.createdAt' },
  changedAt: { kind: 'instant', column: 'e.changedAt' },
} as const;

export type EventRow = Occurrence & { readonly objectId: ObjectId };

/**
 * One page of the events of a calendar, each with where its first instance stands. `subjects` says whose words can be
 * read and filtered by: what is withheld here is nowhere.
 */
export async function listEventRows(
  ctx: Context,
  calendarId: CalendarId,
  subjects: 'all' | 'public' | 'none',
  asked: ListQuery,
): Promise<Page<EventRow>> {
  const events = sql<EventRow>`(
    select o.id as "objectId", o.uid, '' as "recurrenceId", o.starts_at as "startsAt",
           o.starts_at + coalesce(upper(f.period) - lower(f.period), interval '0') as "endsAt",
           o.created_at as "createdAt", o.changed_at as "changedAt",
           coalesce(f.is_all_day, false) as "isAllDay", coalesce(f.show_as, 'busy') as "showAs",
           coalesce(f.is_cancelled, false) as "isCancelled", p.is_private as "isPrivate",
           case when ${subjects === 'all'} or ${subjects === 'public'} and not p.is_private
                then o.summary end as subject,
           case when ${subjects === 'all'} or ${subjects === 'public'} and not p.is_private
                then f.location end as location
      from calendars.objects o
      left join lateral (
        select * from calendars.occurrences f where f.tenant_id = o.tenant_id and f.object_id = o.id
         order by f.recurrence_id limit 1) f on true
      cross join lateral (
        select o.content ~* '(^|\\n)CLASS(;[^:\\n]*)?:(?!PUBLIC\\s*(\\n|$))' as is_private) p
     where o.tenant_id = ${ctx.tenantId} and o.calendar_id = ${calendarId} and o.component = 'VEVENT')`;
  const query = sqlOf(ctx).selectFrom(events.as('e')).selectAll('e');
  const page = await readPage(query as never, { columns: COLUMNS, id: 'e.objectId' }, asked);
  return page as Page<EventRow>;
}
