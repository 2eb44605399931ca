import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

export interface Passkey {
  /** The credential id, base64url. */
  readonly id: string;
  readonly accountId: AccountId;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly displayName: string;
  readonly isBackedUp: boolean;
  /** The AAGUID: which make of authenticator. */
  readonly authenticator: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly clonedAt: Date | null;
}

interface PasskeysTable {
  tenant_id: string;
  id: string;
  account_id: AccountId;
  public_key: Buffer;
  counter: number;
  transports: string[];
  display_name: string;
  is_backed_up: boolean;
  authenticator: string;
  created_at: Date;
  last_used_at: Date | null;
  cloned_at: Date | null;
}

interface Tables {
  'signin.passkeys': PasskeysTable;
}

export async function insertPasskey(
  ctx: Context,
  passkey: Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'clonedAt'>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.passkeys')
    .values({
      tenant_id: ctx.tenantId,
      id: passkey.id,
      account_id: passkey.accountId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: [...passkey.transports],
      display_name: passkey.displayName,
      is_backed_up: passkey.isBackedUp,
      authenticator: passkey.authenticator,
      created_at: ctx.now,
      last_used_at: null,
      cloned_at: null,
    })
    .execute();
}

/** The passkey, locked until the transaction ends: of two uses at once the second sees the first one's counter. */
export async function lockPasskey(ctx: Context, id: string): Promise<Passkey | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.passkeys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listPasskeys(ctx: Context, accountId: AccountId): Promise<Passkey[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.passkeys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .execute();
  return rows.map(fromRow);
}

export async function notePasskeyUse(ctx: Context, id: string, use: { counter: number } | 'cloned'): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.passkeys')
    .set(use === 'cloned' ? { cloned_at: ctx.now } : { counter: use.counter, last_used_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Removes one passkey of the account, or all. Returns how many there were. */
export async function deletePasskeys(ctx: Context, accountId: AccountId, id?: string): Promise<number> {
  let query = sqlOf<Tables>(ctx)
    .deleteFrom('signin.passkeys')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId);
  if (id !== undefined) query = query.where('id', '=', id);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

const fromRow = (row: Selectable<PasskeysTable>): Passkey => ({
  id: row.id,
  accountId: row.account_id,
  publicKey: row.public_key,
  counter: row.counter,
  transports: row.transports,
  displayName: row.display_name,
  isBackedUp: row.is_backed_up,
  authenticator: row.authenticator,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  clonedAt: row.cloned_at,
});
