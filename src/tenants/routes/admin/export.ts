import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { type ExportPorts, exportTenant } from '../../usecases/export-tenant.ts';

/** Everything the organisation has, to take along. */
export const exportRoute = (ports: ExportPorts): Route =>
  route({
    method: 'POST',
    path: '/admin/export',
    summary: 'An archive of everything the organisation has: a tar.gz of NDJSON with a manifest.',
    wire: 'problem',
    access: 'asks',
    tags: ['organization'],
    handle: async (ctx) => {
      const name = `${ctx.tenant.initialDomain}-${ctx.now.toISOString().slice(0, 10)}.tar.gz`;
      return new Reply(200, await exportTenant(ctx, ports), {
        'content-type': 'application/gzip',
        'content-disposition': `attachment; filename="${name}"`,
      });
    },
  });
