import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarsTables } from './tables.ts';

/** What was last found out about a relationship. */
export interface RelationshipCheck {
  readonly checkedAt: Date;
  readonly isReachable: boolean;
  /** Null: the partner did not say. */
  readonly partnerGrantsUs: boolean | null;
  readonly partnerDomains: readonly string[];
}

export async function listRelationshipChecks(ctx: Context): Promise<Map<string, RelationshipCheck>> {
  const rows = await sqlOf<CalendarsTables>(ctx)
    .selectFrom('calendars.relationship_checks')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .execute();
  return new Map(
    rows.map((row) => [
      row.relationship_id,
      {
        checkedAt: row.checked_at,
        isReachable: row.is_reachable,
        partnerGrantsUs: row.partner_grants_us,
        partnerDomains: row.partner_domains,
      },
    ]),
  );
}

/** Keeps the newest check in place of the one before. */
export async function keepRelationshipCheck(ctx: Context, id: string, check: RelationshipCheck): Promise<void> {
  const values = {
    checked_at: check.checkedAt,
    is_reachable: check.isReachable,
    partner_grants_us: check.partnerGrantsUs,
    partner_domains: [...check.partnerDomains],
  };
  await sqlOf<CalendarsTables>(ctx)
    .insertInto('calendars.relationship_checks')
    .values({ tenant_id: ctx.tenantId, relationship_id: id, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'relationship_id']).doUpdateSet(values))
    .execute();
}

export async function eraseRelationshipCheck(ctx: Context, id: string): Promise<void> {
  await sqlOf<CalendarsTables>(ctx)
    .deleteFrom('calendars.relationship_checks')
    .where('tenant_id', '=', ctx.tenantId)
    .where('relationship_id', '=', id)
    .execute();
}
