import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { type Diagnosis, keptStep } from '../model/diagnosis.ts';
import type { Watch } from '../model/watch.ts';

interface DiagnosesTable {
  tenant_id: string;
  id: string;
  partner_tenant_id: TenantId;
  partner_name: string;
  asked_by: string;
  asked_at: Date;
  mailbox: string | null;
  is_healthy: boolean;
  steps: unknown;
  told: unknown;
  link_digest: Buffer | null;
  link_ends_at: Date | null;
}

interface Tables {
  'partners.diagnoses': DiagnosesTable;
  'partners.watches': {
    tenant_id: string;
    partner_tenant_id: TenantId;
    checked_at: Date;
    failing: string[];
    alarming: string[];
    partner_alarm: boolean;
    told_alarm: boolean;
    alerted_at: Date | null;
  };
}

/** Kept of each partner; older ones go. */
const KEPT_AT_MOST = 50;

export async function putDiagnosis(ctx: Context, made: Omit<Diagnosis, 'askedAt' | 'linkEndsAt'>): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  await db
    .insertInto('partners.diagnoses')
    .values({
      tenant_id: ctx.tenantId,
      id: made.id,
      partner_tenant_id: made.partnerTenantId,
      partner_name: made.partnerName,
      asked_by: made.askedBy,
      asked_at: ctx.now,
      mailbox: made.mailbox,
      is_healthy: made.isHealthy,
      steps: JSON.stringify(made.steps),
      told: JSON.stringify(made.told),
      link_digest: null,
      link_ends_at: null,
    })
    .execute();
  const newest = db
    .selectFrom('partners.diagnoses')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', made.partnerTenantId)
    .orderBy('id', 'desc')
    .limit(KEPT_AT_MOST);
  await db
    .deleteFrom('partners.diagnoses')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', made.partnerTenantId)
    .where('id', 'not in', newest)
    .execute();
}

const steps = z.array(keptStep);

const fromRow = (row: Selectable<DiagnosesTable>): Diagnosis => ({
  id: row.id,
  partnerTenantId: row.partner_tenant_id,
  partnerName: row.partner_name,
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  mailbox: row.mailbox,
  isHealthy: row.is_healthy,
  steps: steps.parse(row.steps),
  told: steps.parse(row.told),
  linkEndsAt: row.link_ends_at,
});

/** The newest first. */
export async function listDiagnoses(ctx: Context, partnerTenantId: TenantId): Promise<Diagnosis[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.diagnoses')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partnerTenantId)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(fromRow);
}

export async function findDiagnosis(ctx: Context, id: string): Promise<Diagnosis | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.diagnoses')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The one whose link holds the secret of this digest, while the link is good. */
export async function findDiagnosisByLink(ctx: Context, digest: Buffer): Promise<Diagnosis | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.diagnoses')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('link_digest', '=', digest)
    .where('link_ends_at', '>', ctx.now)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** One link for each: a new one ends the one before. */
export async function keepLink(ctx: Context, id: string, digest: Buffer, endsAt: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.diagnoses')
    .set({ link_digest: digest, link_ends_at: endsAt })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function findWatch(
  ctx: Context,
  partnerTenantId: TenantId,
  options: { lock?: boolean } = {},
): Promise<Watch | undefined> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('partners.watches')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partnerTenantId);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return (
    row && {
      checkedAt: row.checked_at,
      failing: row.failing,
      alarming: row.alarming,
      partnerAlarm: row.partner_alarm,
      toldAlarm: row.told_alarm,
      alertedAt: row.alerted_at,
    }
  );
}

export async function putWatch(ctx: Context, partnerTenantId: TenantId, watch: Watch): Promise<void> {
  const values = {
    checked_at: watch.checkedAt,
    failing: [...watch.failing],
    alarming: [...watch.alarming],
    partner_alarm: watch.partnerAlarm,
    told_alarm: watch.toldAlarm,
    alerted_at: watch.alertedAt,
  };
  await sqlOf<Tables>(ctx)
    .insertInto('partners.watches')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: partnerTenantId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'partner_tenant_id']).doUpdateSet(values))
    .execute();
}
