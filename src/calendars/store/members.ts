import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId, ObjectId, StoredObject } from '../model/calendar.ts';
import { inTime } from './objects.ts';

/** An object as lists of a calendar's members tell of it: without its content unless that was asked for. */
export interface Member {
  readonly id: ObjectId;
  readonly name: string;
  readonly etag: string;
  readonly component: StoredObject['component'];
  readonly scheduleTag: string | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** In octets. */
  readonly size: number;
  readonly content: string | null;
  /**
   * A series whose kept part does not cover the asked time and has nothing in it: whether it has, its rule tells. Then
   * the content is there.
   */
  readonly isUnsure: boolean;
}

export interface MemberFilter {
  readonly names?: readonly string[];
  readonly component?: StoredObject['component'];
  /** Those with an occurrence that overlaps `[from, to)`; null: without bound. */
  readonly overlapping?: { readonly from: Date | null; readonly to: Date | null };
  readonly withContent?: boolean;
}

/** The members of a calendar that match, in the order in which they were made: one statement. */
export async function listMembers(ctx: Context, calendarId: CalendarId, filter: MemberFilter): Promise<Member[]> {
  const { names, component, overlapping, withContent = false } = filter;
  const content = (isUnsure: boolean) => (withContent || isUnsure ? sql`o.content` : sql`null`);
  const columns = (isUnsure: boolean) =>
    sql`o.id, o.name, o.etag, o.component, o.schedule_tag as "scheduleTag", o.created_at as "createdAt",
        o.changed_at as "changedAt", octet_length(o.content) as size, ${content(isUnsure)} as content,
        ${isUnsure ? sql`true` : sql`false`} as "isUnsure"`;
  const wanted: RawBuilder<unknown> = sql`o.tenant_id = ${ctx.tenantId} and o.calendar_id = ${calendarId}
    ${names === undefined ? sql`` : sql`and o.name = any(${names}::text[])`}
    ${component === undefined ? sql`` : sql`and o.component = ${component}`}`;
  if (overlapping === undefined) {
    const { rows } = await sql<Member>`
      select ${columns(false)} from calendars.objects o where ${wanted} order by o.id`.execute(sqlOf(ctx));
    return rows;
  }
  const { from, to } = overlapping;
  const { rows } = await sql<Member>`
    with hit as materialized (
      select distinct object_id from ${inTime({ calendarIds: [calendarId], from, to })}
       where o.tenant_id = ${ctx.tenantId})
    select ${columns(false)} from hit join calendars.objects o on o.id = hit.object_id where ${wanted}
    union all
    select ${columns(true)} from calendars.objects o
     where ${wanted} and o.expanded_to is not null
       and o.starts_at < coalesce(${to}::timestamptz, 'infinity')
       and (o.expanded_to < coalesce(${to}::timestamptz, 'infinity')
            or o.expanded_from > coalesce(${from}::timestamptz, '-infinity'))
       and o.id not in (select object_id from hit)
     order by 1`.execute(sqlOf(ctx));
  return rows;
}

/** The merged time that calendars take up in `[from, to)`, by what it is shown as, in order. Cancelled events count nothing. */
export async function listBusyTimes(
  ctx: Context,
  asked: { calendarIds: readonly CalendarId[]; from: Date; to: Date },
): Promise<{ showAs: string; times: string }[]> {
  const range = sql`tstzrange(${asked.from}::timestamptz, ${asked.to}::timestamptz, '[)')`;
  const { rows } = await sql<{ showAs: string; times: string }>`
    select o.show_as as "showAs", range_agg(o.period * ${range})::text as times
      from ${inTime(asked, { withCancelled: false })}
     where o.tenant_id = ${ctx.tenantId} and o.show_as in ('busy', 'tentative', 'oof')
     group by o.show_as`.execute(sqlOf(ctx));
  return rows;
}
