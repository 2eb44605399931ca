import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { LicenceAssignment, ServicePlan, Subscription } from '../model/licence.ts';

interface Tables {
  'tenants.subscriptions': {
    tenant_id: string;
    sku: string;
    units: number | null;
    created_at: Date;
    suspended_at: Date | null;
    ends_at: Date | null;
  };
  'tenants.licence_assignments': {
    tenant_id: string;
    sku: string;
    subject_kind: 'account' | 'group';
    subject_id: string;
    disabled_plans: ServicePlan[];
    assigned_at: Date;
    assigned_by: string;
  };
}

type Where = Pick<Context, 'tx' | 'tenantId'>;

/** The tenant's subscriptions by SKU; with `hold`, kept from others until the transaction ends, always in this order. */
export async function listSubscriptions(
  ctx: Where,
  filter: { skus?: readonly string[]; hold?: boolean } = {},
): Promise<Subscription[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('tenants.subscriptions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('sku');
  if (filter.skus) query = query.where('sku', 'in', filter.skus.length > 0 ? filter.skus : ['']);
  if (filter.hold) query = query.forUpdate();
  return (await query.execute()).map(subscriptionFromRow);
}

export async function putSubscription(where: Where, subscription: Subscription): Promise<void> {
  const values = { units: subscription.units, suspended_at: subscription.suspendedAt, ends_at: subscription.endsAt };
  await sqlOf<Tables>(where)
    .insertInto('tenants.subscriptions')
    .values({ tenant_id: where.tenantId, sku: subscription.sku, created_at: subscription.createdAt, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'sku']).doUpdateSet(values))
    .execute();
}

/** Removes a subscription with every assignment of it. */
export async function deleteSubscription(ctx: Where, sku: string): Promise<void> {
  for (const table of ['tenants.licence_assignments', 'tenants.subscriptions'] as const) {
    await sqlOf<Tables>(ctx).deleteFrom(table).where('tenant_id', '=', ctx.tenantId).where('sku', '=', sku).execute();
  }
}

/** Assignments of the tenant: of some SKUs, or to some subjects. */
export async function listAssignments(
  ctx: Where,
  filter: { skus?: readonly string[]; subjectIds?: readonly string[] },
): Promise<LicenceAssignment[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('tenants.licence_assignments')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('sku')
    .orderBy('subject_id');
  if (filter.skus) query = query.where('sku', 'in', filter.skus.length > 0 ? filter.skus : ['']);
  if (filter.subjectIds) {
    if (filter.subjectIds.length === 0) return [];
    query = query.where('subject_id', 'in', filter.subjectIds);
  }
  return (await query.execute()).map((row) => ({
    sku: row.sku,
    subject: { kind: row.subject_kind, id: row.subject_id },
    disabledPlans: row.disabled_plans,
  }));
}

/** The tenant's subscriptions, each with what of it is assigned to any of these subjects: in one statement. */
export async function listSubscriptionsHeld(
  ctx: Where,
  subjectIds: readonly string[],
): Promise<{ subscriptions: Subscription[]; assignments: LicenceAssignment[] }> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.subscriptions as s')
    .selectAll('s')
    .select(
      sql<LicenceAssignment[]>`(
        select coalesce(jsonb_agg(jsonb_build_object(
                 'sku', a.sku, 'subject', jsonb_build_object('kind', a.subject_kind, 'id', a.subject_id),
                 'disabledPlans', a.disabled_plans)), '[]')
          from tenants.licence_assignments a
         where a.tenant_id = s.tenant_id and a.sku = s.sku and a.subject_id = any(${subjectIds}::uuid[]))`.as('held'),
    )
    .where('s.tenant_id', '=', ctx.tenantId)
    .orderBy('s.sku')
    .execute();
  return { subscriptions: rows.map(subscriptionFromRow), assignments: rows.flatMap(({ held }) => held) };
}

export async function putAssignment(ctx: Context, assignment: LicenceAssignment, by: string): Promise<void> {
  const values = { disabled_plans: [...assignment.disabledPlans], assigned_at: ctx.now, assigned_by: by };
  await sqlOf<Tables>(ctx)
    .insertInto('tenants.licence_assignments')
    .values({
      tenant_id: ctx.tenantId,
      sku: assignment.sku,
      subject_kind: assignment.subject.kind,
      subject_id: assignment.subject.id,
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'sku', 'subject_kind', 'subject_id']).doUpdateSet(values))
    .execute();
}

/** Takes SKUs (or all) away from a subject; returns those that were there. */
export async function deleteAssignments(
  ctx: Where,
  subject: LicenceAssignment['subject'],
  skus?: readonly string[],
): Promise<string[]> {
  let query = sqlOf<Tables>(ctx)
    .deleteFrom('tenants.licence_assignments')
    .where('tenant_id', '=', ctx.tenantId)
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id);
  if (skus) query = query.where('sku', 'in', skus.length > 0 ? skus : ['']);
  return (await query.returning('sku').execute()).map((row) => row.sku);
}

const subscriptionFromRow = (row: Selectable<Tables['tenants.subscriptions']>): Subscription => ({
  sku: row.sku,
  units: row.units,
  createdAt: row.created_at,
  suspendedAt: row.suspended_at,
  endsAt: row.ends_at,
});
