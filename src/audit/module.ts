import type { Module, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import type { Vault } from '../platform/vault.ts';
import { readAudit } from './questions.ts';
import { auditRoutes } from './routes/admin/audit.ts';
import { directoryAuditRoutes } from './routes/graph/directory-audits.ts';
import { sealEvents } from './usecases/sealing.ts';

export function auditModule(ports: { run: Run; vault: Vault }): Module<Route> {
  return {
    name: 'audit',
    questions: [readAudit],
    routes: [...auditRoutes(ports), ...directoryAuditRoutes],
    sweeps: [
      {
        name: 'audit.sealing',
        cron: '* * * * *',
        run: async (ctx) => {
          await sealEvents(ctx, ports.vault);
        },
      },
    ],
  };
}
