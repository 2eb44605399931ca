import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { StoragePool, StoragePoolName } from '../model/storage.ts';

type Where = Pick<Context, 'tx' | 'tenantId'>;

export async function listStoragePools(ctx: Where): Promise<StoragePool[]> {
  const { rows } = await sql<{ pool: StoragePoolName; limit_bytes: number | null; used_bytes: number }>`
    select pool, limit_bytes, used_bytes from tenants.storage_pools
     where tenant_id = ${ctx.tenantId} order by pool`.execute(sqlOf(ctx));
  return rows.map((row) => ({ pool: row.pool, limitBytes: row.limit_bytes, usedBytes: row.used_bytes }));
}

/** Adds to what is used, unless it would pass the limit; then nothing changes and the answer is false. */
export async function takeStorage(ctx: Where, pool: StoragePoolName, bytes: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update tenants.storage_pools set used_bytes = used_bytes + ${bytes}
     where tenant_id = ${ctx.tenantId} and pool = ${pool}
       and (limit_bytes is null or used_bytes + ${bytes} <= limit_bytes)`.execute(sqlOf(ctx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** Takes from what is used. Violates storage_pools_used_is_positive when more comes back than was taken. */
export async function giveStorageBack(ctx: Where, pool: StoragePoolName, bytes: number): Promise<void> {
  await sql`update tenants.storage_pools set used_bytes = used_bytes - ${bytes}
             where tenant_id = ${ctx.tenantId} and pool = ${pool}`.execute(sqlOf(ctx));
}

export async function setStorageLimit(where: Where, pool: StoragePoolName, limitBytes: number | null): Promise<void> {
  await sql`
    insert into tenants.storage_pools (tenant_id, pool, limit_bytes) values (${where.tenantId}, ${pool}, ${limitBytes})
    on conflict (tenant_id, pool) do update set limit_bytes = excluded.limit_bytes`.execute(sqlOf(where));
}
