import type { Context } from '../kernel/context.ts';
import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import { explainDecisions, manageLedger, readOwnRefusal } from './questions.ts';
import { explainRoutes } from './routes/admin/explain.ts';
import { ledgerRoutes } from './routes/admin/ledger.ts';
import { outsideRightsRoute } from './routes/admin/outside-rights.ts';
import { whatIfRoutes } from './routes/admin/what-if.ts';
import { abilitiesRoute } from './routes/me/abilities.ts';
import { type AdministrationPorts, administrationStanding } from './usecases/administration-standing.ts';
import type { ExplainPorts } from './usecases/explain.ts';
import { type GrantsTiePorts, grantsTie } from './usecases/grants-tie.ts';
import { type LedgerPorts, sweepEndedGrants } from './usecases/ledger.ts';
import { doAsTried, sweepWhatIfs, type WhatIfPorts, whatIfJob } from './usecases/what-if.ts';

export type AccessPorts = ExplainPorts & LedgerPorts & AdministrationPorts & WhatIfPorts & GrantsTiePorts;

/** Does what a request asks for in the world in which it was tried out, or not at all. */
export type AsTried = <T>(
  ctx: Context,
  tried: { readonly id: string; readonly isOpen: boolean },
  act: () => Promise<T>,
) => Promise<T>;

export function accessModule(ports: AccessPorts): Module<Route> & { readonly asTried: AsTried } {
  return {
    name: 'access',
    asTried: (ctx, tried, act) => doAsTried(ctx, ports, tried, act),
    questions: [explainDecisions, manageLedger, readOwnRefusal] as never,
    routes: [
      ...explainRoutes(ports),
      ...ledgerRoutes(ports),
      ...whatIfRoutes(ports),
      outsideRightsRoute(ports),
      abilitiesRoute(ports.questions),
    ],
    jobs: [whatIfJob(ports)],
    ties: [grantsTie(ports)],
    get standing() {
      return administrationStanding(ports);
    },
    sweeps: [
      { name: 'access.ended-grants', cron: '* * * * *', run: (ctx) => sweepEndedGrants(ctx, ports) },
      { name: 'access.what-ifs', cron: '23 4 * * *', run: sweepWhatIfs },
    ],
  };
}
