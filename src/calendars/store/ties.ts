import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { TiedItem } from '../../kernel/module.ts';
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
