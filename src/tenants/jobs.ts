import { HOST, parseId, type TenantId } from '../kernel/ids.ts';
import type { Job, Run, Sweep } from '../kernel/module.ts';
import { type BlobStore, tenantBlobs } from '../platform/blobs/index.ts';
import { findTenantRecord, listDeletedTenants } from './store/tenants.ts';
import { ERASE_BLOBS, isPastRestoring, purgeTenant } from './usecases/change-tenant-state.ts';
import { type OperatorPorts, REMOVE_UNFINISHED, removeUnfinished } from './usecases/operate.ts';

const PURGE = 'tenants.purge-tenant';

/** Removes a tenant in the host's name: its own audit goes with it, the host's keeps that it went. */
export const purgeDeletedTenant: Job = {
  name: PURGE,
  async run(ctx, payload) {
    const id = parseId<'tenant'>(String(payload.purge));
    const tenant = id && (await findTenantRecord(ctx, id));
    // Restored or purged in the meantime: nothing is left to do.
    if (tenant && isPastRestoring(tenant, ctx.now)) await purgeTenant(ctx, tenant.id);
  },
};

export interface BlobPorts {
  readonly run: Run;
  readonly blobs: BlobStore;
}

/** Blobs after which it is looked again whether the tenant is still gone. */
const ERASED_AT_ONCE = 500;

/** Removes what a purged tenant kept in the blob store. Begun again, it goes on with what is left. */
export const erasePurgedBlobs = ({ run, blobs }: BlobPorts): Job => ({
  name: ERASE_BLOBS,
  transaction: 'none',
  async run({ actor, correlationId }, payload) {
    const id = parseId<'tenant'>(String(payload.purged));
    if (!id) return;
    let erased = 0;
    for await (const { key } of blobs.list(tenantBlobs(id))) {
      // A backup may have brought the tenant back since, with its blobs.
      const isGone = erased % ERASED_AT_ONCE > 0 || (await run({ ...HOSTED, actor, correlationId }, goneIs(id)));
      if (!isGone) return;
      await blobs.delete(key);
      erased += 1;
    }
  },
});

const HOSTED = { tenantId: HOST, readOnly: true } as const;
const goneIs = (id: TenantId) => async (host: Parameters<typeof findTenantRecord>[0]) =>
  (await findTenantRecord(host, id)) === undefined;

/** Of an organisation that was opened together with its first administrator, when the server died in between. */
export const removeUnfinishedTenant = (ports: Pick<OperatorPorts, 'run' | 'countPeople'>): Job => ({
  name: REMOVE_UNFINISHED,
  async run(ctx, payload) {
    const id = parseId<'tenant'>(String(payload.unfinished));
    if (id) await removeUnfinished(ports, ctx, id);
  },
});

/** Deleted tenants are swept by nobody but the host. */
export const purgeDeletedTenants: Sweep = {
  name: 'tenants.purge-deleted',
  cron: '17 3 * * *',
  async run(ctx) {
    if (ctx.tenantId !== HOST) return;
    for (const tenant of await listDeletedTenants(ctx)) {
      if (isPastRestoring(tenant, ctx.now))
        await ctx.defer(PURGE, { purge: tenant.id }, { key: `${PURGE}:${tenant.id}` });
    }
  },
};
