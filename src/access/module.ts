import type { Context } from '../kernel/context.ts';
import type { Module } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import {
  administerRequests,
  answerOwnRequest,
  askForAccess,
  chooseOwnNotices,
  explainDecisions,
  manageLedger,
  readOwnRefusal,
  signOffLedger,
} from './questions.ts';
import { explainRoutes } from './routes/admin/explain.ts';
import { ledgerRoutes } from './routes/admin/ledger.ts';
import { outsideRightsRoute } from './routes/admin/outside-rights.ts';
import { requestRoutes } from './routes/admin/requests.ts';
import { whatIfRoutes } from './routes/admin/what-if.ts';
import { abilitiesRoute } from './routes/me/abilities.ts';
import { ownRequestRoutes } from './routes/me/requests.ts';
import { ownSharingRoutes } from './routes/me/sharing.ts';
import { whyNotRoutes } from './routes/me/why-not.ts';
import { type AdministrationPorts, administrationStanding } from './usecases/administration-standing.ts';
import { sweepRequests } from './usecases/answer-requests.ts';
import { whatIfJob } from './usecases/answer-what-if.ts';
import type { RequestPorts } from './usecases/ask-for-access.ts';
import { doAsTried } from './usecases/carry-out.ts';
import type { OutsidePorts } from './usecases/end-outside-rights.ts';
import { type GrantsTiePorts, grantsTie } from './usecases/grants-tie.ts';
import { type LedgerPorts, sweepEndedGrants } from './usecases/ledger.ts';
import { type NoticePorts, sweepNotices } from './usecases/notices.ts';
import { accessPartnerRequests, acrossJobs } from './usecases/requests-across.ts';
import { sweepWhatIfs } from './usecases/what-if.ts';
import type { WhatIfPorts } from './usecases/what-if-ports.ts';
import type { WhyNotPorts } from './usecases/why-not.ts';

export type AccessPorts = RequestPorts &
  LedgerPorts &
  AdministrationPorts &
  WhatIfPorts &
  GrantsTiePorts &
  NoticePorts &
  OutsidePorts &
  WhyNotPorts;

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
    questions: [
      explainDecisions,
      manageLedger,
      signOffLedger,
      readOwnRefusal,
      chooseOwnNotices,
      administerRequests,
      askForAccess,
      answerOwnRequest,
    ] as never,
    routes: [
      ...explainRoutes(ports),
      ...ledgerRoutes(ports),
      ...whatIfRoutes(ports),
      ...requestRoutes(ports),
      ...ownRequestRoutes(ports),
      outsideRightsRoute(ports),
      abilitiesRoute(ports.questions),
      ...whyNotRoutes(ports),
      ...ownSharingRoutes(ports),
    ],
    partnerRequests: accessPartnerRequests(ports),
    jobs: [whatIfJob(ports), ...acrossJobs(ports)],
    ties: [grantsTie(ports)],
    get standing() {
      return administrationStanding(ports);
    },
    sweeps: [
      { name: 'access.ended-grants', cron: '* * * * *', run: (ctx) => sweepEndedGrants(ctx, ports) },
      { name: 'access.notices', cron: '* * * * *', run: (ctx) => sweepNotices(ctx, ports) },
      { name: 'access.requests', cron: '*/30 * * * *', run: sweepRequests },
      { name: 'access.what-ifs', cron: '23 4 * * *', run: sweepWhatIfs },
    ],
  };
}
