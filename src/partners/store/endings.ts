import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Ending, EndingItem, SignedReceipt } from '../model/ending.ts';

interface EndingsTable {
  tenant_id: string;
  id: string;
  partner_tenant_id: TenantId | null;
  domains: string[];
  account_id: string | null;
  display_name: string;
  reason: string | null;
  new_owner_id: string | null;
  asked_by: string;
  asked_at: Date;
  found: unknown;
  state: Ending['state'];
  ended_at: Date | null;
  notice: Ending['notice'];
  notice_attempts: number;
  notice_failure: string | null;
  noticed_at: Date | null;
  receipt: unknown;
}

interface Tables {
  'partners.endings': EndingsTable;
  'partners.ending_items': {
    tenant_id: string;
    ending_id: string;
    tie: string;
    item_id: string;
    kind: string;
    outcome: EndingItem['outcome'];
    subject: string;
    object: string;
    detail: string | null;
    at: Date;
  };
}

type NewEnding = Pick<
  Ending,
  'id' | 'tenantId' | 'domains' | 'accountId' | 'displayName' | 'reason' | 'newOwnerId' | 'askedBy' | 'found' | 'notice'
>;

export async function insertEnding(ctx: Context, ending: NewEnding): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.endings')
    .values({
      tenant_id: ctx.tenantId,
      id: ending.id,
      partner_tenant_id: ending.tenantId,
      domains: [...ending.domains],
      account_id: ending.accountId,
      display_name: ending.displayName,
      reason: ending.reason,
      new_owner_id: ending.newOwnerId,
      asked_by: ending.askedBy,
      asked_at: ctx.now,
      found: JSON.stringify(ending.found),
      state: 'running',
      notice: ending.notice,
      notice_attempts: 0,
    })
    .execute();
}

export async function findEnding(
  ctx: Context,
  id: string,
  options: { lock?: boolean } = {},
): Promise<Ending | undefined> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && fromRow(row);
}

/** The newest first. */
export async function listEndings(ctx: Context, page: { before?: string; limit: number }): Promise<Ending[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('id', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return (await query.execute()).map(fromRow);
}

/** One under way for the same organisation or person, which goes on instead of another one. */
export async function findRunning(
  ctx: Context,
  { tenantId, domains, accountId }: Pick<Ending, 'tenantId' | 'domains' | 'accountId'>,
): Promise<Ending | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('state', '=', 'running')
    .where('account_id', accountId === null ? 'is' : '=', accountId)
    .where('partner_tenant_id', tenantId === null ? 'is' : '=', tenantId)
    .where(sql<boolean>`domains = ${domains}::text[]`)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function insertItems(ctx: Context, endingId: string, items: readonly EndingItem[]): Promise<void> {
  const rows = items.map(({ tie, id, kind, outcome, subject, object, detail }) => ({
    tie,
    item_id: id,
    kind,
    outcome,
    subject,
    object,
    detail: detail ?? null,
  }));
  await sql`
    insert into partners.ending_items (tenant_id, ending_id, tie, item_id, kind, outcome, subject, object, detail, at)
    select ${ctx.tenantId}, ${endingId}, tie, item_id, kind, outcome, subject, object, detail, ${ctx.now}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as i(tie text, item_id text, kind text, outcome text,
             subject text, object text, detail text)`.execute(sqlOf(ctx));
}

/** In the order in which things ended. */
export async function listItems(ctx: Context, endingId: string): Promise<EndingItem[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.ending_items')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('ending_id', '=', endingId)
    .orderBy('kind')
    .orderBy('item_id')
    .execute();
  return rows.map(({ tie, item_id, kind, outcome, subject, object, detail }) => ({
    tie,
    id: item_id,
    kind,
    outcome,
    subject,
    object,
    ...(detail === null ? {} : { detail }),
  }));
}

/** What of one tie could not be ended: it is not tried again. */
export async function listIrrecoverable(ctx: Context, endingId: string, tie: string): Promise<string[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.ending_items')
    .select('item_id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('ending_id', '=', endingId)
    .where('tie', '=', tie)
    .where('outcome', '=', 'irrecoverable')
    .execute();
  return rows.map(({ item_id }) => item_id);
}

export async function updateEnding(
  ctx: Context,
  id: string,
  changes: Partial<Pick<Ending, 'state' | 'endedAt' | 'notice' | 'noticeAttempts' | 'noticeFailure' | 'noticedAt'>> & {
    receipt?: SignedReceipt;
  },
): Promise<void> {
  const { state, endedAt, notice, noticeAttempts, noticeFailure, noticedAt, receipt } = changes;
  await sqlOf<Tables>(ctx)
    .updateTable('partners.endings')
    .set({
      id,
      ...(state === undefined ? {} : { state }),
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      ...(notice === undefined ? {} : { notice }),
      ...(noticeAttempts === undefined ? {} : { notice_attempts: noticeAttempts }),
      ...(noticeFailure === undefined ? {} : { notice_failure: noticeFailure }),
      ...(noticedAt === undefined ? {} : { noticed_at: noticedAt }),
      ...(receipt === undefined ? {} : { receipt: JSON.stringify(receipt) }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

const fromRow = (row: Selectable<EndingsTable>): Ending => ({
  id: row.id,
  tenantId: row.partner_tenant_id,
  domains: row.domains,
  accountId: row.account_id,
  displayName: row.display_name,
  reason: row.reason,
  newOwnerId: row.new_owner_id,
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  found: row.found as Ending['found'],
  state: row.state,
  endedAt: row.ended_at,
  notice: row.notice,
  noticeAttempts: row.notice_attempts,
  noticeFailure: row.notice_failure,
  noticedAt: row.noticed_at,
  receipt: row.receipt as SignedReceipt | null,
});

/** How many things of each kind have ended by now. */
export async function countEnded(ctx: Context, endingId: string): Promise<Record<string, number>> {
  const { rows } = await sql<{ kind: string; count: number }>`
    select kind, count(distinct item_id)::int as count from partners.ending_items
     where tenant_id = ${ctx.tenantId} and ending_id = ${endingId} group by kind`.execute(sqlOf(ctx));
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}
