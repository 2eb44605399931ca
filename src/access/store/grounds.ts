import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { databaseOf, isUntouched, sqlOf, together } from '../../platform/database/index.ts';

export { databaseOf, isUntouched };

/**
 * The version of what decisions in the context's tenant stand on: its grants, licences, people and calendars. It is
 * another one after the commit of any change to these, on every server.
 */
export const groundsVersion = (ctx: Context): Promise<number> => readGrounds(ctx, ctx.tenantId);

const readGrounds = together(async (tx, tenants: readonly TenantId[]) => {
  const { rows } = await sql<{ version: number }>`
    select version from access.grounds_of(${tenants}::uuid[]) as version`.execute(sqlOf({ tx }));
  return rows.map(({ version }) => version);
});

/** When the next right of the tenant ends by itself; null: none does. */
export async function nextEnd(ctx: Context): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(ends_at) as at from access.grants where tenant_id = ${ctx.tenantId} and ends_at > ${ctx.now}`.execute(
    sqlOf(ctx),
  );
  return rows[0]?.at ?? null;
}
