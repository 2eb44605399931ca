import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** What a guest's home said of them when it was last asked. */
export interface StoredVouch {
  readonly homeLetsOut: boolean;
  /** What home calls its refusal; null where it lets them out. */
  readonly homeReference: string | null;
  readonly isActive: boolean;
  readonly groupIds: readonly string[];
}

interface Tables {
  'signin.vouched': {
    tenant_id: string;
    account_id: AccountId;
    home_lets_out: boolean;
    home_reference: string | null;
    is_active: boolean;
    group_ids: string[];
    vouched_at: Date;
  };
  'signin.sessions': {
    tenant_id: string;
    account_id: AccountId;
    ends_at: Date;
    ended_at: Date | null;
    home_tenant_id: TenantId | null;
  };
}

export async function findVouch(ctx: Context, accountId: AccountId): Promise<StoredVouch | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.vouched')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return (
    row && {
      homeLetsOut: row.home_lets_out,
      homeReference: row.home_reference,
      isActive: row.is_active,
      groupIds: row.group_ids,
    }
  );
}

export async function putVouch(ctx: Context, accountId: AccountId, vouch: StoredVouch): Promise<void> {
  const values = {
    home_lets_out: vouch.homeLetsOut,
    home_reference: vouch.homeReference,
    is_active: vouch.isActive,
    group_ids: [...vouch.groupIds],
    vouched_at: ctx.now,
  };
  await sqlOf<Tables>(ctx)
    .insertInto('signin.vouched')
    .values({ tenant_id: ctx.tenantId, account_id: accountId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}

/** Guests who are signed in now, by the organisation where they are at home. */
export async function listGuestsSignedIn(ctx: Context): Promise<{ accountId: AccountId; homeTenantId: TenantId }[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.sessions')
    .select(['account_id', 'home_tenant_id'])
    .distinct()
    .where('tenant_id', '=', ctx.tenantId)
    .where('home_tenant_id', 'is not', null)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', ctx.now)
    .execute();
  return rows.map((row) => ({ accountId: row.account_id, homeTenantId: row.home_tenant_id as TenantId }));
}
