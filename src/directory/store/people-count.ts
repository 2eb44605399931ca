import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** How many people are at home here, and how many come from elsewhere; the deleted ones left out. */
export async function countPeople(
  ctx: Pick<Context, 'tx' | 'tenantId'>,
): Promise<{ accounts: number; guests: number }> {
  const { rows } = await sql<{ accounts: number; guests: number }>`
    select count(*) filter (where user_type = 'Member') as accounts, count(*) filter (where user_type = 'Guest') as guests
      from directory.accounts where tenant_id = ${ctx.tenantId} and deleted_at is null`.execute(sqlOf(ctx));
  return rows[0] ?? { accounts: 0, guests: 0 };
}
