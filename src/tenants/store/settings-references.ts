import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Wanted } from '../model/settings-plan.ts';

interface Tables {
  'tenants.settings_references': {
    tenant_id: string;
    declaration: string;
    wanted: unknown;
    applied_at: Date;
    applied_by: string;
  };
  'tenants.reported_drifts': {
    tenant_id: string;
    declaration: string;
    target: string;
    name: string;
    value: unknown;
    reported_at: Date;
  };
}

/** What the text that was applied last wants of one group. */
export interface SettingsReference {
  readonly declaration: string;
  readonly wanted: readonly Wanted[];
  readonly appliedAt: Date;
  readonly appliedBy: string;
}

type Where = Pick<Context, 'tx' | 'tenantId'>;

const jsonb = (value: unknown) => sql<never>`${JSON.stringify(value)}::jsonb`;

export async function listReferences(ctx: Where): Promise<SettingsReference[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.settings_references')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('declaration')
    .execute();
  return rows.map((row) => ({
    declaration: row.declaration,
    wanted: row.wanted as Wanted[],
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
  }));
}

export async function hasReferences(ctx: Where): Promise<boolean> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.settings_references')
    .select('declaration')
    .where('tenant_id', '=', ctx.tenantId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps what is wanted of a group from now on, in place of what was. */
export async function putReference(
  ctx: Context,
  declaration: string,
  { wanted, by }: { readonly wanted: readonly Wanted[]; readonly by: string },
): Promise<void> {
  const values = { wanted: jsonb(wanted), applied_at: ctx.now, applied_by: by };
  await sqlOf<Tables>(ctx)
    .insertInto('tenants.settings_references')
    .values({ tenant_id: ctx.tenantId, declaration, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'declaration']).doUpdateSet(values))
    .execute();
}

/** A value that is not as it is wanted, and was told of. */
export interface ReportedDrift {
  readonly declaration: string;
  readonly target: string;
  readonly name: string;
  /** Null: not set. */
  readonly value: unknown;
}

export async function listReportedDrifts(ctx: Where): Promise<ReportedDrift[]> {
  return sqlOf<Tables>(ctx)
    .selectFrom('tenants.reported_drifts')
    .select(['declaration', 'target', 'name', 'value'])
    .where('tenant_id', '=', ctx.tenantId)
    .execute();
}

export async function putReportedDrift(ctx: Context, { value, ...place }: ReportedDrift): Promise<void> {
  const values = { value: jsonb(value), reported_at: ctx.now };
  await sqlOf<Tables>(ctx)
    .insertInto('tenants.reported_drifts')
    .values({ tenant_id: ctx.tenantId, ...place, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'declaration', 'target', 'name']).doUpdateSet(values))
    .execute();
}

export async function deleteReportedDrift(ctx: Where, place: Omit<ReportedDrift, 'value'>): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('tenants.reported_drifts')
    .where('tenant_id', '=', ctx.tenantId)
    .where('declaration', '=', place.declaration)
    .where('target', '=', place.target)
    .where('name', '=', place.name)
    .execute();
}
