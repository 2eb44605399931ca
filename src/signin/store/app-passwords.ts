import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

export interface AppPassword {
  readonly id: string;
  readonly accountId: AccountId;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

interface AppPasswordsTable {
  tenant_id: string;
  id: string;
  account_id: AccountId;
  name: string;
  hash: Buffer;
  created_at: Date;
  last_used_at: Date | null;
  ended_at: Date | null;
}

interface Tables {
  'signin.app_passwords': AppPasswordsTable;
}

/** Those of an account that are in force, oldest first. */
export async function listAppPasswords(ctx: Context, accountId: AccountId): Promise<AppPassword[]> {
  const rows = await inForce(ctx).where('account_id', '=', accountId).orderBy('created_at').orderBy('id').execute();
  return rows.map(fromRow);
}

export async function findAppPasswordByHash(ctx: Context, hash: Buffer): Promise<AppPassword | undefined> {
  const row = await inForce(ctx).where('hash', '=', hash).executeTakeFirst();
  return row && fromRow(row);
}

export async function insertAppPassword(
  ctx: Context,
  { id, accountId, name, hash }: Pick<AppPassword, 'id' | 'accountId' | 'name'> & { hash: Buffer },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.app_passwords')
    .values({
      tenant_id: ctx.tenantId,
      id,
      account_id: accountId,
      name,
      hash,
      created_at: ctx.now,
      last_used_at: null,
      ended_at: null,
    })
    .execute();
}

/** Whether there was one in force to end. */
export async function endAppPassword(ctx: Context, accountId: AccountId, id: string): Promise<boolean> {
  const ended = await sqlOf<Tables>(ctx)
    .updateTable('signin.app_passwords')
    .set({ ended_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

export async function noteAppPasswordUse(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.app_passwords')
    .set({ last_used_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

const inForce = (ctx: Context) =>
  sqlOf<Tables>(ctx)
    .selectFrom('signin.app_passwords')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('ended_at', 'is', null);

const fromRow = (row: Selectable<AppPasswordsTable>): AppPassword => ({
  id: row.id,
  accountId: row.account_id,
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});
