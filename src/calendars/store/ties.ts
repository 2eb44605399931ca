import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { GoingOn, TiedItem } from '../../kernel/module.ts';
import { sqlOf } from '../../platform/database/index.ts';

interface Page {
  readonly limit: number;
  readonly except: readonly string[];
}

/** Calendars of one other organisation in lists of ours. */
export async function listSubscriptionsTo(ctx: Context, partner: TenantId, page: Page): Promise<TiedItem[]> {
  const { rows } = await sql<TiedItem>`
    select id, 'calendars.shared-calendar' as kind, owner_name as subject, name as object from calendars.subscriptions
     where tenant_id = ${ctx.tenantId} and partner_tenant_id = ${partner} and not (id = any(${page.except}::uuid[]))
     order by id limit ${page.limit}`.execute(sqlOf(ctx));
  return rows;
}

export async function eraseSubscriptionsTo(ctx: Context, ids: readonly string[]): Promise<void> {
  await sql`delete from calendars.subscriptions
             where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[])`.execute(sqlOf(ctx));
}

/** Messages about meetings that wait to be carried to addresses of these domains. */
export async function listWaitingTo(ctx: Context, domains: readonly string[], page: Page): Promise<TiedItem[]> {
  const { rows } = await sql<TiedItem>`
    select id, 'calendars.waiting-message' as kind, recipient as subject, method as object from calendars.outgoing
     where tenant_id = ${ctx.tenantId} and state = 'waiting'
       and lower(split_part(recipient, '@', 2)) = any(${domains}::text[]) and not (id = any(${page.except}::uuid[]))
     order by id limit ${page.limit}`.execute(sqlOf(ctx));
  return rows;
}

const SHOWN_AT_MOST = 50;

/** Meetings that recur, are not over, and have somebody of these domains in them; each once, by its organiser. */
export async function listRecurringWith(ctx: Context, domains: readonly string[]): Promise<GoingOn[]> {
  // A line of iCalendar is folded anywhere (RFC 5545 §3.1), also within an address.
  const { rows } = await sql<GoingOn>`
    select distinct on (domain, o.uid) 'meeting' as kind, o.id, o.organizer as owner, domain,
           case when o.content ~* '(^|\n)CLASS:(PRIVATE|CONFIDENTIAL)' then null else o.summary end as name
      from calendars.objects o
      join unnest(${domains}::text[]) as domain
        on regexp_replace(o.content, '\r?\n[ \t]', '', 'g') ilike '%mailto:%@' || domain || '%'
     where o.tenant_id = ${ctx.tenantId} and o.is_recurring and o.organizer is not null
       and (o.ends_at is null or o.ends_at >= ${ctx.now})
     order by domain, o.uid, o.id limit ${SHOWN_AT_MOST}`.execute(sqlOf(ctx));
  return rows;
}
