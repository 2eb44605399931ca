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
  agreement_id: string | null;
  kinds: string[] | null;
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
  | 'id'
  | 'tenantId'
  | 'domains'
  | 'accountId'
  | 'agreementId'
  | 'kinds'
  | 'displayName'
  | 'reason'
  | 'newOwnerId'
  | 'askedBy'
  | 'found'
  | 'notice'
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
      agreement_id: ending.agreementId,
      kinds: ending.kinds && [...ending.kinds],
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

/** Two that begin to part with the same at once do so one after the other: the second finds what the first has begun. */
export async function lockEndings(
  ctx: Context,
  { tenantId, domains, accountId, agreementId }: Pick<Ending, 'tenantId' | 'domains' | 'accountId' | 'agreementId'>,
): Promise<void> {
  const whom = JSON.stringify(['ending', ctx.tenantId, tenantId, accountId, agreementId, domains]);
  await sql`select pg_advisory_xact_lock(hashtextextended(${whom}, 0))`.execute(sqlOf(ctx));
}

/** One under way for the same organisation or person, which goes on instead of another one. */
export async function findRunning(
  ctx: Context,
  { tenantId, domains, accountId, agreementId }: Pick<Ending, 'tenantId' | 'domains' | 'accountId' | 'agreementId'>,
): Promise<Ending | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('state', '=', 'running')
    .where('account_id', accountId === null ? 'is' : '=', accountId)
    .where('partner_tenant_id', tenantId === null ? 'is' : '=', tenantId)
    .where('agreement_id', agreementId === null ? 'is' : '=', agreementId)
    .where(sql<boolean>`domains = ${domains}::text[]`)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Whether a parting with a whole organisation is under way. */
export async function isPartingWith(ctx: Context, partner: TenantId): Promise<boolean> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('state', '=', 'running')
    .where('account_id', 'is', null)
    .where('agreement_id', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * What ended or was to end with agreements with this organisation belongs to the parting with it: one receipt has all.
 * Returns how many of each kind had ended.
 */
export async function takeOverItems(ctx: Context, id: string, partner: TenantId): Promise<Record<string, number>> {
  const theirs = sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('agreement_id', 'is not', null)
    .where('state', '=', 'running');
  // Locked by itself first: what a step wrote that was under way is then seen by the next statement.
  const ids = (await theirs.forUpdate().execute()).map((one) => one.id);
  if (ids.length === 0) return {};
  const { rows } = await sql<{ kind: string; n: number }>`
    with moved as (update partners.ending_items set ending_id = ${id}
       where tenant_id = ${ctx.tenantId} and ending_id = any(${ids}::uuid[]) returning kind)
    select kind, count(*)::int as n from moved group by kind`.execute(sqlOf(ctx));
  await sqlOf<Tables>(ctx)
    .deleteFrom('partners.endings')
    .where('tenant_id', '=', ctx.tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

/** Those under way. */
export async function listRunning(ctx: Context): Promise<string[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('state', '=', 'running')
    .execute();
  return rows.map(({ id }) => id);
}

/** Partings that an organisation still has to be told of. */
export async function listUntoldEndings(
  ctx: Context,
  partnerTenantId: TenantId,
): Promise<readonly { readonly id: string; readonly attempts: number; readonly lastError: string | null }[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .select(['id', 'notice_attempts', 'notice_failure'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partnerTenantId)
    .where('notice', '=', 'outstanding')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ id: row.id, attempts: row.notice_attempts, lastError: row.notice_failure }));
}

/** The last one of a guest. */
export async function findEndingOf(ctx: Context, accountId: string): Promise<Ending | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.endings')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
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
  changes: Partial<
    Pick<Ending, 'found' | 'state' | 'endedAt' | 'notice' | 'noticeAttempts' | 'noticeFailure' | 'noticedAt'>
  > & {
    receipt?: SignedReceipt;
  },
): Promise<void> {
  const { found, state, endedAt, notice, noticeAttempts, noticeFailure, noticedAt, receipt } = changes;
  await sqlOf<Tables>(ctx)
    .updateTable('partners.endings')
    .set({
      id,
      ...(found === undefined ? {} : { found: JSON.stringify(found) }),
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
  agreementId: row.agreement_id,
  kinds: row.kinds,
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
