import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

export interface StoredPassword {
  readonly hash: string;
  readonly setAt: Date;
  readonly mustChange: boolean;
}

interface Tables {
  'signin.passwords': { tenant_id: string; account_id: AccountId; hash: string; set_at: Date; must_change: boolean };
}

export async function findPassword(ctx: Context, accountId: AccountId): Promise<StoredPassword | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.passwords')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && { hash: row.hash, setAt: row.set_at, mustChange: row.must_change };
}

export async function putPassword(
  ctx: Context,
  accountId: AccountId,
  password: { hash: string; mustChange: boolean },
): Promise<void> {
  const values = { hash: password.hash, set_at: ctx.now, must_change: password.mustChange };
  await sqlOf<Tables>(ctx)
    .insertInto('signin.passwords')
    .values({ tenant_id: ctx.tenantId, account_id: accountId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}
