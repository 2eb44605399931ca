import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

interface Tables {
  'signin.totp': {
    tenant_id: string;
    account_id: AccountId;
    secret_sealed: Buffer;
    confirmed_at: Date | null;
    last_step: number;
  };
  'signin.recovery_codes': { tenant_id: string; account_id: AccountId; hash: Buffer; used_at: Date | null };
}

export interface Totp {
  readonly secretSealed: Buffer;
  readonly confirmedAt: Date | null;
  readonly lastStep: number;
}

export async function findTotp(ctx: Context, accountId: AccountId): Promise<Totp | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.totp')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && { secretSealed: row.secret_sealed, confirmedAt: row.confirmed_at, lastStep: row.last_step };
}

/** Keeps a new secret, not yet confirmed. */
export async function putTotp(ctx: Context, accountId: AccountId, secretSealed: Buffer): Promise<void> {
  const values = { secret_sealed: secretSealed, confirmed_at: null, last_step: 0 };
  await sqlOf<Tables>(ctx)
    .insertInto('signin.totp')
    .values({ tenant_id: ctx.tenantId, account_id: accountId, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute();
}

/** Uses up a time step. False when it, or a later one, was used already (RFC 6238 §5.2). */
export async function spendTotpStep(ctx: Context, accountId: AccountId, step: number): Promise<boolean> {
  const result = await sqlOf<Tables>(ctx)
    .updateTable('signin.totp')
    .set((expression) => ({
      last_step: step,
      confirmed_at: expression.fn.coalesce('confirmed_at', expression.val(ctx.now)),
    }))
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('last_step', '<', step)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteTotp(ctx: Context, accountId: AccountId): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  await db
    .deleteFrom('signin.totp')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
  await db
    .deleteFrom('signin.recovery_codes')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
}

/** A recovery code has 80 random bits: no slow hash is needed. Bound to the account, so that none can be moved. */
const codeHash = (accountId: string, code: string) =>
  createHash('sha256')
    .update(`${accountId} ${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`)
    .digest();

export async function replaceRecoveryCodes(
  ctx: Context,
  accountId: AccountId,
  codes: readonly string[],
): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  await db
    .deleteFrom('signin.recovery_codes')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .execute();
  await db
    .insertInto('signin.recovery_codes')
    .values(
      codes.map((code) => ({
        tenant_id: ctx.tenantId,
        account_id: accountId,
        hash: codeHash(accountId, code),
        used_at: null,
      })),
    )
    .execute();
}

export async function countRecoveryCodes(ctx: Context, accountId: AccountId): Promise<number> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.recovery_codes')
    .select((expression) => expression.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Uses up a recovery code. False when it is none, or was used. */
export async function spendRecoveryCode(ctx: Context, accountId: AccountId, code: string): Promise<boolean> {
  const result = await sqlOf<Tables>(ctx)
    .updateTable('signin.recovery_codes')
    .set({ used_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('hash', '=', codeHash(accountId, code))
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
