import type { Readable } from 'node:stream';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { takeEverything } from '../questions.ts';

export interface ExportPorts {
  /** Everything the tenant has in the database, as a tar.gz; it flows after the caller's transaction has ended. */
  exportTenant(tenant: { id: TenantId; domain: string }, now: Date): Readable;
}

/** An archive of everything the context's tenant has. Taking one is in its audit. */
export async function exportTenant(ctx: Context, ports: ExportPorts): Promise<Readable> {
  await ctx.demand(takeEverything, undefined, 'write');
  ctx.record({
    action: 'tenants.tenant-exported',
    category: 'TenantManagement',
    targets: [{ kind: 'tenant', id: ctx.tenantId, displayName: ctx.tenant.displayName }],
  });
  return ports.exportTenant({ id: ctx.tenantId, domain: ctx.tenant.defaultDomain }, ctx.now);
}
