import { HOST, parseId } from '../kernel/ids.ts';
import type { Job, Sweep } from '../kernel/module.ts';
import { findTenantRecord, listDeletedTenants } from './store/tenants.ts';
import { isPastRestoring, purgeTenant } from './usecases/change-tenant-state.ts';
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
