import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { SignedDocument } from '../model/organization-document.ts';
import type { Introduction, PartnerHealth, PartnerRecord } from '../model/record.ts';
import { confirmKeys, listKnownKeys } from './partner-keys.ts';

interface Tables {
  'partners.partners': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    display_name: string;
    found_at: string;
    document: SignedDocument;
    proposed: SignedDocument | null;
    proposed_at: string | null;
    confirmed_at: Date;
    confirmed_by: string;
  };
  'partners.domains': { tenant_id: string; name: string; partner_tenant_id: TenantId };
  'partners.introductions': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    found_at: string;
    document: SignedDocument;
    introduced_at: Date;
  };
  'partners.health': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    answered_at: Date | null;
    failed_at: Date | null;
    failure: string | null;
    failures: number;
    clock_skew: number;
  };
  'partners.nonces': { tenant_id: string; partner_tenant_id: string; nonce: string; expires_at: Date };
}

const jsonb = (value: unknown) => JSON.stringify(value) as never;

export async function findPartner(ctx: Context, id: TenantId): Promise<PartnerRecord | undefined> {
  return (await readPartners(ctx, id))[0];
}

/** In the order of their names. */
export async function listPartners(ctx: Context): Promise<PartnerRecord[]> {
  return readPartners(ctx);
}

async function readPartners(ctx: Context, id?: TenantId): Promise<PartnerRecord[]> {
  const sql = sqlOf<Tables>(ctx);
  const rows = await sql
    .selectFrom('partners.partners')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .$if(id !== undefined, (query) => query.where('partner_tenant_id', '=', id as TenantId))
    .orderBy('display_name')
    .orderBy('partner_tenant_id')
    .execute();
  if (rows.length === 0) return [];
  const domains = await sql
    .selectFrom('partners.domains')
    .select(['name', 'partner_tenant_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .$if(id !== undefined, (query) => query.where('partner_tenant_id', '=', id as TenantId))
    .orderBy('name')
    .execute();
  const keys = await listKnownKeys(ctx, id);
  const health = await sql
    .selectFrom('partners.health')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .$if(id !== undefined, (query) => query.where('partner_tenant_id', '=', id as TenantId))
    .execute();
  return rows.map((row) => ({
    tenantId: row.partner_tenant_id,
    displayName: row.display_name,
    foundAt: row.found_at,
    document: row.document,
    proposed: row.proposed,
    proposedAt: row.proposed_at,
    keys: keys.get(row.partner_tenant_id) ?? [],
    domains: domains.filter((one) => one.partner_tenant_id === row.partner_tenant_id).map(({ name }) => name),
    confirmedAt: row.confirmed_at,
    confirmedBy: row.confirmed_by,
    health: healthOf(health.find((one) => one.partner_tenant_id === row.partner_tenant_id)),
  }));
}

const healthOf = (row: Selectable<Tables['partners.health']> | undefined): PartnerHealth => ({
  answeredAt: row?.answered_at ?? null,
  failedAt: row?.failed_at ?? null,
  failure: row?.failure ?? null,
  failures: row?.failures ?? 0,
  clockSkewSeconds: row?.clock_skew ?? 0,
});

/** Each confirmed partner by the first of its domains. */
export async function listPartnerNames(ctx: Context): Promise<{ readonly id: TenantId; readonly domain: string }[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.domains')
    .select(({ fn }) => ['partner_tenant_id', fn.min('name').as('domain')])
    .where('tenant_id', '=', ctx.tenantId)
    .groupBy('partner_tenant_id')
    .execute();
  return rows.map(({ partner_tenant_id: id, domain }) => ({ id, domain }));
}

/** The partner that a confirmed domain leads to. */
export async function findPartnerIdByDomain(ctx: Context, domain: string): Promise<TenantId | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.domains')
    .select('partner_tenant_id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('name', '=', domain.toLowerCase())
    .executeTakeFirst();
  return row?.partner_tenant_id;
}

/** Writes what an administrator confirmed, in place of what was confirmed before. */
export async function putPartner(
  ctx: Context,
  record: Omit<PartnerRecord, 'health' | 'proposed' | 'proposedAt' | 'keys' | 'confirmedAt' | 'displayName'>,
): Promise<void> {
  const sql = sqlOf<Tables>(ctx);
  const values = {
    display_name: record.document.document.displayName,
    found_at: record.foundAt,
    document: jsonb(record.document),
    proposed: null,
    proposed_at: null,
    confirmed_at: ctx.now,
    confirmed_by: record.confirmedBy,
  };
  await sql
    .insertInto('partners.partners')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: record.tenantId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'partner_tenant_id']).doUpdateSet(values))
    .execute();
  await sql
    .deleteFrom('partners.domains')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', record.tenantId)
    .execute();
  if (record.domains.length > 0)
    await sql
      .insertInto('partners.domains')
      .values(record.domains.map((name) => ({ tenant_id: ctx.tenantId, name, partner_tenant_id: record.tenantId })))
      .execute();
  await confirmKeys(ctx, record.tenantId, record.document.document);
  await deleteIntroduction(ctx, record.tenantId);
}

/** Which of these domains lead to another partner already. */
export async function listTakenDomains(ctx: Context, domains: readonly string[], except: TenantId): Promise<string[]> {
  if (domains.length === 0) return [];
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.domains')
    .select('name')
    .where('tenant_id', '=', ctx.tenantId)
    .where('name', 'in', domains)
    .where('partner_tenant_id', '<>', except)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}

/** Keeps what a partner published since, and where, to be confirmed; null: it is as confirmed again. */
export async function keepProposed(
  ctx: Context,
  id: TenantId,
  proposed: { readonly signed: SignedDocument; readonly foundAt: string } | null,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.partners')
    .set({ proposed: proposed && jsonb(proposed.signed), proposed_at: proposed?.foundAt ?? null })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', id)
    .execute();
}

/** What is heard of one partner is taken one after the other. */
export async function lockPartner(ctx: Context, id: TenantId): Promise<void> {
  await sqlOf<Tables>(ctx)
    .selectFrom('partners.partners')
    .select('partner_tenant_id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', id)
    .forUpdate()
    .execute();
}

/** @returns whether there was one. */
export async function deletePartner(ctx: Context, id: TenantId): Promise<boolean> {
  const { numDeletedRows } = await sqlOf<Tables>(ctx)
    .deleteFrom('partners.partners')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** How a partner that is on record has answered. Of others nothing is kept. */
export async function keepHealth(ctx: Context, id: TenantId, health: PartnerHealth): Promise<void> {
  const values = {
    answered_at: health.answeredAt,
    failed_at: health.failedAt,
    failure: health.failure,
    failures: health.failures,
    clock_skew: health.clockSkewSeconds,
  };
  if (!(await findPartner(ctx, id))) return;
  await sqlOf<Tables>(ctx)
    .insertInto('partners.health')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: id, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'partner_tenant_id']).doUpdateSet(values))
    .execute();
}

/** Introductions kept at once: strangers must not fill the list of an administrator. */
const INTRODUCTIONS_AT_MOST = 200;

/** @returns false when there are so many that this one is not kept. */
export async function putIntroduction(ctx: Context, introduced: Omit<Introduction, 'introducedAt'>): Promise<boolean> {
  const sql = sqlOf<Tables>(ctx);
  const { count } = await sql
    .selectFrom('partners.introductions')
    .select((one) => one.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '<>', introduced.tenantId)
    .executeTakeFirstOrThrow();
  if (count >= INTRODUCTIONS_AT_MOST) return false;
  const values = { found_at: introduced.foundAt, document: jsonb(introduced.document), introduced_at: ctx.now };
  await sql
    .insertInto('partners.introductions')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: introduced.tenantId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'partner_tenant_id']).doUpdateSet(values))
    .execute();
  return true;
}

export async function findIntroduction(ctx: Context, id: TenantId): Promise<Introduction | undefined> {
  return (await listIntroductions(ctx)).find(({ tenantId }) => tenantId === id);
}

/** The newest first. */
export async function listIntroductions(ctx: Context): Promise<Introduction[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.introductions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('introduced_at', 'desc')
    .execute();
  return rows.map((row) => ({
    tenantId: row.partner_tenant_id,
    foundAt: row.found_at,
    document: row.document,
    introducedAt: row.introduced_at,
  }));
}

/** @returns whether there was one. */
export async function deleteIntroduction(ctx: Context, id: TenantId): Promise<boolean> {
  const { numDeletedRows } = await sqlOf<Tables>(ctx)
    .deleteFrom('partners.introductions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** @returns false when this nonce was used before. */
export async function useNonce(ctx: Context, partner: TenantId, nonce: string, expiresAt: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await sqlOf<Tables>(ctx)
    .insertInto('partners.nonces')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: partner, nonce, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function deleteOldNonces(ctx: Context): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('partners.nonces')
    .where('tenant_id', '=', ctx.tenantId)
    .where('expires_at', '<', ctx.now)
    .execute();
}
