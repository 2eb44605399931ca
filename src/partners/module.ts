import type { Context } from '../kernel/context.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Module, PartnerRequest, Partners, Run, SharedAct } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import { administerPartners } from './questions.ts';
import { endingRoutes } from './routes/admin/endings.ts';
import { partnerRoutes } from './routes/admin/partners.ts';
import { sharedLogRoutes } from './routes/admin/shared-log.ts';
import { organizationDocumentRoute } from './routes/web/organization-document.ts';
import { partnerRequestRoute } from './routes/web/requests.ts';
import { purposeOf } from './store/keys.ts';
import { openPartners } from './usecases/ask-partners.ts';
import { describeOrganization, foundAtOf } from './usecases/describe-organization.ts';
import type { Fetch } from './usecases/discover.ts';
import { type EndingPorts, endedRequest, endJob, endTrial, tellJob } from './usecases/endings.ts';
import { checkpointRequest, createExchanges, exchangeJob, sweepSharedLogs } from './usecases/exchange-checkpoints.ts';
import { createPartnerKeys } from './usecases/keys.ts';
import { actSubscriber } from './usecases/note-acts.ts';
import { introduceJob, introduceRequest, lookAgainJob, partnerKeysOf, sweepPartners } from './usecases/records.ts';
import { createWitness } from './usecases/witness.ts';

export interface PartnersPorts {
  readonly run: Run;
  readonly vault: Vault;
  readonly now: () => Date;
  /** What other organisations may ask, of every module. */
  readonly requests: () => readonly PartnerRequest[];
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  /** What concerns other organisations, of every module. */
  readonly acts: () => readonly SharedAct[];
  readonly log: Log;
  /** Whether an organisation is on this server. */
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
  /** Where others reach us over HTTPS, without a path. */
  readonly httpsOrigin: () => string;
  readonly fetch: Fetch;
  /** Every way in which we are tied to others, of every module. */
  readonly ties: EndingPorts['ties'];
  readonly settingsNow: EndingPorts['settingsNow'];
  readonly findGuest: EndingPorts['findGuest'];
}

/** Other organisations, and the way to them. */
export function partnersModule(ports: PartnersPorts): Module<Route> & { readonly partners: Partners } {
  const keys = createPartnerKeys(ports);
  const witness = createWitness(ports);
  const actor = { kind: 'system', name: 'partners' } as const;
  const describing = { keys, httpsOrigin: ports.httpsOrigin };
  const answering = { ...ports, witness };
  const partners = openPartners({
    ...answering,
    keys,
    foundAt: (tenantId) =>
      ports.run({ tenantId, actor, transaction: 'none' }, async (ctx) => foundAtOf(ctx, describing)),
  });
  const records = {
    ...ports,
    partners,
    describeHere: (tenantId: TenantId) =>
      ports.run({ tenantId, actor, readOnly: true }, (ctx) => describeOrganization(ctx, describing)),
  };
  const sharing = {
    ...records,
    keys,
    partnerKeysOf: (ctx: Context, id: TenantId) => partnerKeysOf(ctx, records, id),
  };
  const exchanges = createExchanges(sharing);
  const endings = { ...records, keys };
  return {
    name: 'partners',
    partners,
    questions: [administerPartners] as never,
    routes: [
      organizationDocumentRoute({ ...ports, keys }),
      partnerRequestRoute(answering),
      ...partnerRoutes(records),
      ...endingRoutes(endings),
      ...sharedLogRoutes({ ...sharing, witness, exchanges }),
    ],
    partnerRequests: [introduceRequest, checkpointRequest, endedRequest],
    trials: [endTrial(endings)],
    jobs: [lookAgainJob(records), introduceJob(records), exchangeJob(exchanges), endJob(endings), tellJob(endings)],
    sweeps: [{ name: 'partners.records', cron: '23 * * * *', run: sweepPartners }, sweepSharedLogs],
    subscribers: [actSubscriber(sharing)],
    close: witness.close,
    sealed: [
      {
        table: 'partners.keys',
        column: 'private_sealed',
        contextOf: ({ tenant_id, kid }) => purposeOf(String(tenant_id), String(kid)),
      },
    ],
  };
}
