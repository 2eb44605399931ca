import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { explainDecisions, manageLedger, readOwnRefusal } from './questions.ts';
import { explainRoutes } from './routes/admin/explain.ts';
import { ledgerRoutes } from './routes/admin/ledger.ts';
import { abilitiesRoute } from './routes/me/abilities.ts';
import type { ExplainPorts } from './usecases/explain.ts';
import { type LedgerPorts, sweepEndedGrants } from './usecases/ledger.ts';

export function accessModule(ports: ExplainPorts & LedgerPorts): Module<Route> {
  return {
    name: 'access',
    questions: [explainDecisions, manageLedger, readOwnRefusal] as never,
    routes: [...explainRoutes(ports), ...ledgerRoutes(ports), abilitiesRoute(ports.questions)],
    sweeps: [{ name: 'access.ended-grants', cron: '* * * * *', run: (ctx) => sweepEndedGrants(ctx, ports) }],
  };
}
