import { HOST, parseId } from '../kernel/ids.ts';
import type { Job, Sweep } from '../kernel/module.ts';
import { findTenantRecord } from './store/tenants.ts';
import { isPastRestoring, purgeTenant } from './usecases/change-tenant-state.ts';

const PURGE = 'tenants.purge-tenant';

/** Removes a tenant in the host's name: its own audit goes with it, the host's keeps that it did. */
export const purgeDeletedTenant: Job = {
  name: PURGE,
  async run(ctx, payload) {
    const id = parseId<'tenant'>(String(payload.purge));
    const tenant = id && (await findTenantRecord(ctx, id));
    // Restored or purged in the meantime: nothing is left to do.
    if (tenant && isPastRestoring(tenant, ctx.now)) await purgeTenant(ctx, tenant.id);
  },
};

export const purgeDeletedTenants: Sweep = {
  name: 'tenants.purge-deleted',
  cron: '17 3 * * *',
  async run(ctx) {
    const tenant = await findTenantRecord(ctx, ctx.tenantId);
    if (!tenant || !isPastRestoring(tenant, ctx.now)) return;
    await ctx.defer(PURGE, { tenantId: HOST, purge: ctx.tenantId }, { key: `${PURGE}:${ctx.tenantId}` });
  },
};
