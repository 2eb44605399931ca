import { operateServer } from '../../kernel/administration.ts';
import type { Context } from '../../kernel/context.ts';
import { tenantsFaults } from '../faults.ts';
import type { StoragePool, StoragePoolName } from '../model/storage.ts';
import { giveStorageBack, listStoragePools, setStorageLimit, takeStorage } from '../store/storage.ts';

/**
 * Counts bytes against the tenant in whose name the work is done, whoever does it: what a guest adds counts where it
 * lies (XC-5). In the transaction that stores them, so that neither is there without the other.
 * @throws tenants.storage-full, and nothing is counted.
 */
export async function reserveStorage(ctx: Context, pool: StoragePoolName, bytes: number): Promise<void> {
  requireCount(bytes);
  if (bytes > 0 && !(await takeStorage(ctx, pool, bytes))) throw tenantsFaults.storageFull(pool);
}

/** Gives bytes back, in the transaction that removes them. */
export async function releaseStorage(ctx: Context, pool: StoragePoolName, bytes: number): Promise<void> {
  requireCount(bytes);
  if (bytes > 0) await giveStorageBack(ctx, pool, bytes);
}

/** A limit below what is used keeps everything and takes nothing new. For the operator. */
export async function limitStorage(ctx: Context, pool: StoragePoolName, limitBytes: number | null): Promise<void> {
  await ctx.demand(operateServer, undefined, 'operate');
  const before = (await listStoragePools(ctx)).find((one) => one.pool === pool);
  await setStorageLimit(ctx, pool, limitBytes);
  ctx.record({
    action: 'tenants.storage-limit-changed',
    category: 'TenantManagement',
    targets: [
      {
        kind: 'storage-pool',
        id: pool,
        displayName: pool,
        changes: [{ name: 'limitBytes', old: before?.limitBytes ?? null, new: limitBytes }],
      },
    ],
  });
}

/** Both pools of the context's tenant. */
export const readStorage = (ctx: Context): Promise<StoragePool[]> => listStoragePools(ctx);

function requireCount(bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`${bytes} is no number of bytes.`);
}
