import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

interface Tables {
  'directory.passcodes': {
    tenant_id: TenantId;
    id: string;
    address: string;
    salt: Buffer;
    code_hash: Buffer;
    created_at: Date;
    expires_at: Date;
    attempts: number;
    used_at: Date | null;
  };
  'directory.passcode_attempts': { tenant_id: TenantId; counted: string; window_start: Date; count: number };
  'directory.address_proofs': { tenant_id: TenantId; token_hash: Buffer; address: string; expires_at: Date };
}
const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

export interface KeptPasscode {
  readonly id: string;
  readonly salt: Buffer;
  readonly codeHash: Buffer;
}

/** Keeps a code in place of those the address had: only the newest one works. */
export async function insertPasscode(
  ctx: Context,
  passcode: KeptPasscode & { address: string; expiresAt: Date },
): Promise<void> {
  await db(ctx)
    .deleteFrom('directory.passcodes')
    .where('tenant_id', '=', ctx.tenantId)
    .where('address', '=', passcode.address)
    .execute();
  await db(ctx)
    .insertInto('directory.passcodes')
    .values({
      tenant_id: ctx.tenantId,
      id: passcode.id,
      address: passcode.address,
      salt: passcode.salt,
      code_hash: passcode.codeHash,
      created_at: ctx.now,
      expires_at: passcode.expiresAt,
      attempts: 0,
      used_at: null,
    })
    .execute();
}

/** Spends one attempt on the address's code; undefined when there is none that may still be tried. */
export async function spendAttempt(ctx: Context, address: string, most: number): Promise<KeptPasscode | undefined> {
  const row = await db(ctx)
    .updateTable('directory.passcodes')
    .set((row) => ({ attempts: row('attempts', '+', 1) }))
    .where('tenant_id', '=', ctx.tenantId)
    .where('address', '=', address)
    .where('used_at', 'is', null)
    .where('expires_at', '>', ctx.now)
    .where('attempts', '<', most)
    .returning(['id', 'salt', 'code_hash'])
    .executeTakeFirst();
  return row && { id: row.id, salt: row.salt, codeHash: row.code_hash };
}

export async function markPasscodeUsed(ctx: Context, id: string): Promise<void> {
  await db(ctx)
    .updateTable('directory.passcodes')
    .set({ used_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Counts one more try of `counted` in the current window of `windowSeconds`, and returns how many there were. */
export async function countAttempt(ctx: Context, counted: string, windowSeconds: number): Promise<number> {
  const windowMs = windowSeconds * 1000;
  const windowStart = new Date(Math.floor(ctx.now.getTime() / windowMs) * windowMs);
  const row = await db(ctx)
    .insertInto('directory.passcode_attempts')
    .values({ tenant_id: ctx.tenantId, counted, window_start: windowStart, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'counted', 'window_start'])
        .doUpdateSet({ count: sql<number>`passcode_attempts.count + 1` }),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  return row.count;
}

export async function insertAddressProof(
  ctx: Context,
  proof: { tokenHash: Buffer; address: string; expiresAt: Date },
): Promise<void> {
  await db(ctx)
    .insertInto('directory.address_proofs')
    .values({
      tenant_id: ctx.tenantId,
      token_hash: proof.tokenHash,
      address: proof.address,
      expires_at: proof.expiresAt,
    })
    .execute();
}

/** The address that a token proves, while it does. */
export async function findProvenAddress(ctx: Context, tokenHash: Buffer): Promise<string | undefined> {
  const row = await db(ctx)
    .selectFrom('directory.address_proofs')
    .select('address')
    .where('tenant_id', '=', ctx.tenantId)
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', ctx.now)
    .executeTakeFirst();
  return row?.address;
}

/** Drops what has run out: codes, proofs and counts of yesterday. */
export async function deleteExpiredPasscodes(ctx: Context): Promise<void> {
  const yesterday = new Date(ctx.now.getTime() - 86_400_000);
  for (const [table, column] of [
    ['directory.passcodes', 'expires_at'],
    ['directory.address_proofs', 'expires_at'],
    ['directory.passcode_attempts', 'window_start'],
  ] as const) {
    await sql`delete from ${sql.table(table)} where tenant_id = ${ctx.tenantId}
      and ${sql.ref(column)} < ${yesterday}`.execute(db(ctx));
  }
}
