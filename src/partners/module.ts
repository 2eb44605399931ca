import { type AgreementTerm, agreedTerms, agreementRules } from '../kernel/agreement.ts';
import type { Context } from '../kernel/context.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Module, PartnerRequest, Partners, Run, SharedAct } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import { TENANT_CHANGED } from '../tenants/index.ts';
import { allTerms } from './model/carried-terms.ts';
import { guestsTerm } from './questions/agreed-guests.ts';
import {
  administerPartners,
  changePartnerKeys,
  partWithPartners,
  reachTermQuestion,
  signAgreements,
} from './questions/agreements.ts';
import {
  administerAccessDefaults,
  comeIn,
  goOut,
  useDirectConnect,
  useFromNetwork,
} from './questions/cross-tenant-access.ts';
import { accessWhatIfRoute } from './routes/admin/access-what-if.ts';
import { agreementRoutes } from './routes/admin/agreements.ts';
import { endingRoutes } from './routes/admin/endings.ts';
import { knownApplicationsRoute } from './routes/admin/known-applications.ts';
import { ownKeyRoutes } from './routes/admin/own-keys.ts';
import { partnerRoutes } from './routes/admin/partners.ts';
import { sharedLogRoutes } from './routes/admin/shared-log.ts';
import { testRoutes } from './routes/admin/tests.ts';
import { crossTenantAccessRoutes } from './routes/graph/cross-tenant-access.ts';
import { organizationDocumentRoute } from './routes/web/organization-document.ts';
import { partnerRequestRoute } from './routes/web/requests.ts';
import { sharedTestRoute } from './routes/web/shared-tests.ts';
import { accessDefaults, partnerAccess, partnerTests } from './settings.ts';
import { purposeOf } from './store/keys.ts';
import { accessTie } from './usecases/access-tie.ts';
import { type Agreeing, openAgreeing } from './usecases/agreeing.ts';
import type { AgreementPorts } from './usecases/agreement-ports.ts';
import {
  APPLY,
  applyAgreement,
  CHECK,
  CHECK_ALL,
  sweepAgreements,
  verifyAgreement,
} from './usecases/apply-agreement.ts';
import { openElsewhere } from './usecases/ask-elsewhere.ts';
import { openPartners } from './usecases/ask-partners.ts';
import { sweepKeys, tellPublishedAnewJob } from './usecases/change-key.ts';
import {
  type AgreementDrift,
  compareJob,
  compareSubscriber,
  compareSweep,
  measureFromNow,
  reachRequest,
  readAgreementDrift,
} from './usecases/compare-settings.ts';
import { describeOrganization, foundAtOf } from './usecases/describe-organization.ts';
import { type DiagnosePorts, diagnoseRequest } from './usecases/diagnose.ts';
import { tryRequest } from './usecases/diagnose-way.ts';
import type { Fetch } from './usecases/discover.ts';
import { endAgreementsWith, listOpenAgreements } from './usecases/end-agreements.ts';
import type { EndingPorts } from './usecases/ending-ports.ts';
import {
  endingOfGuest,
  endJob,
  endStandingOn,
  endTrial,
  type GuestParting,
  partWithGuest,
  partWithPeople,
  sweepEndings,
} from './usecases/endings.ts';
import { checkpointRequest, createExchanges, exchangeJob, sweepSharedLogs } from './usecases/exchange-checkpoints.ts';
import { type Homes, openHomes } from './usecases/homes.ts';
import { createPartnerKeys, KEYS_CHANGED } from './usecases/keys.ts';
import type { ApplicationPorts } from './usecases/known-applications.ts';
import { lookAgainJob, lookAt, publishedAnewRequest, sweepPartners } from './usecases/look-again.ts';
import { networkRequest } from './usecases/networks.ts';
import { actSubscriber } from './usecases/note-acts.ts';
import { agreementCheck, mailCheck, policyCheck, queueCheck } from './usecases/partner-checks.ts';
import { type GoesOut, type GoingOutPorts, listGoingOut } from './usecases/past-sign-ins.ts';
import { agreementRequests } from './usecases/receive-agreements.ts';
import { introduceJob, introduceRequest, knownPartner, partnerKeysOf } from './usecases/records.ts';
import { sendAgreementJob } from './usecases/send-agreements.ts';
import type { SupposePorts } from './usecases/suppose-access.ts';
import { endedRequest, tellJob } from './usecases/tell-of-ending.ts';
import { type Tested, testPartnership } from './usecases/test-partnership.ts';
import { queueUntold, tellAgainByPartners, type UntoldPorts, untoldByPartners } from './usecases/untold.ts';
import { type Arrivals, openArrivals, type VouchPorts, vouchRequest } from './usecases/vouching.ts';
import { tellWatchJob, watchAlarmRequest, watchJob, watchSweep } from './usecases/watch-partners.ts';
import { createWitness } from './usecases/witness.ts';

export interface PartnersPorts
  extends VouchPorts,
    ApplicationPorts,
    Pick<SupposePorts, 'homeIdsOf' | 'isOwnApplication'>,
    GoingOutPorts,
    Pick<AgreementPorts, 'registry' | 'hasSecondFactor' | 'administratorsOf'> {
  readonly run: Run;
  readonly bus: Pick<Bus, 'on' | 'onGap'>;
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
  /** The way to other servers, looked at step by step. */
  readonly reach: DiagnosePorts['reach'];
  /** What tests of partnerships look at, of every module. */
  readonly checks: DiagnosePorts['checks'];
  readonly tellers: UntoldPorts['tellers'];
  /** Every way in which we are tied to others, of every module. */
  readonly ties: EndingPorts['ties'];
  readonly settingsNow: EndingPorts['settingsNow'];
  readonly findGuest: EndingPorts['findGuest'];
  /** What can be agreed about, of every module. */
  readonly terms: () => readonly AgreementTerm[];
}

/** Other organisations, and the way to them. */
export function partnersModule(ports: PartnersPorts): Module<Route> & {
  readonly partners: Partners;
  readonly arrivals: Arrivals;
  /** Tests a partnership for whoever has been asked whether they may. */
  readonly testPartnership: (ctx: Context, to: { domain: string; mailbox: string }) => AsyncIterable<Tested>;
  readonly homes: Homes;
  readonly agreeing: Agreeing;
  readonly guestParting: GuestParting;
  /** Ends whatever people of these domains have here, for who has decided already. */
  readonly partWithPeople: (ctx: Context, domains: readonly string[]) => Promise<number>;
  /** Our people who work elsewhere by now. */
  readonly listGoingOut: (ctx: Context) => Promise<readonly GoesOut[]>;
  /** How what was signed stands to what is set. */
  readonly agreementDrift: (ctx: Context) => Promise<readonly AgreementDrift[]>;
  /** What another organisation is called. Opens what it needs itself. @throws not-found. */
  readonly nameOf: (ctx: Pick<Context, 'tenantId' | 'correlationId'>, partner: TenantId) => Promise<string>;
} {
  const keys = createPartnerKeys(ports);
  for (const topic of [KEYS_CHANGED, TENANT_CHANGED])
    ports.bus.on(topic, ({ tenantId, payload }) => keys.forget((payload.tenantId ?? tenantId) as TenantId));
  ports.bus.onGap(() => keys.forgetAll());
  const witness = createWitness(ports);
  const actor = { kind: 'system', name: 'partners' } as const;
  const describing = { keys, httpsOrigin: ports.httpsOrigin };
  const answering = { ...ports, witness };
  const describeHere = (tenantId: TenantId) =>
    ports.run({ tenantId, actor, readOnly: true }, (ctx) => describeOrganization(ctx, describing));
  const nameOf = async (ctx: Pick<Context, 'tenantId' | 'correlationId'>, partner: TenantId) =>
    (await knownPartner(ctx, { ...ports, describeHere }, partner)).displayName;
  const elsewhere = openElsewhere({
    ...ports,
    keys,
    foundAt: (tenantId) =>
      ports.run({ tenantId, actor, transaction: 'none' }, async (ctx) => foundAtOf(ctx, describing)),
  });
  const partners = openPartners({ ...answering, elsewhere, nameOf });
  const telling = { ...ports, elsewhere };
  const records = {
    ...ports,
    partners,
    describeHere,
    queueUntold: (ctx: Context, partner: TenantId) => queueUntold(ctx, telling, partner),
  };
  const agreements: AgreementPorts & Pick<PartnersPorts, 'settingsNow'> = {
    ...ports,
    partners,
    keys,
    terms: () => allTerms(ports.terms()),
    partnerOf: (ctx, partner) => knownPartner(ctx, records, partner),
    measureFromNow: (ctx, id) => measureFromNow(ctx, agreements, id),
    endStandingOn: (ctx, standing) => endStandingOn(ctx, ports, { ...standing, accountId: null, newOwnerId: null }),
  };
  const reachTerm = reachTermQuestion((name) => agreements.terms().find((term) => term.name === name));
  const sharing = {
    ...records,
    keys,
    nameOf,
    partnerKeysOf: (ctx: Context, id: TenantId) => partnerKeysOf(ctx, records, id),
  };
  const exchanges = createExchanges(sharing);
  const endings: EndingPorts = {
    ...records,
    keys,
    agreements: {
      listOpen: listOpenAgreements,
      end: (ctx, partner, reason, run = ports.run) => endAgreementsWith(ctx, { ...agreements, run }, partner, reason),
    },
  };
  const arrivals = openArrivals({ ...ports, partners });
  const ownKeys = { ...records, keys };
  const testing = { ...records, elsewhere };
  return {
    name: 'partners',
    partners,
    arrivals,
    testPartnership: (ctx, { domain, mailbox }) => testPartnership(ctx, testing, { partner: domain, mailbox }),
    partnerChecks: [
      agreementCheck(agreements),
      policyCheck,
      queueCheck(() => ports.tellers().flatMap(({ untold }) => untold ?? [])),
      mailCheck,
    ],
    untold: untoldByPartners,
    tellAgain: tellAgainByPartners,
    settings: [accessDefaults, partnerAccess, agreementRules, agreedTerms, partnerTests],
    agreementDrift: (ctx) => readAgreementDrift(ctx, agreements),
    homes: openHomes({ ...records, keys }),
    agreeing: openAgreeing(agreements, records),
    guestParting: {
      part: (ctx, guest, reason) => partWithGuest(ctx, ports, guest, reason),
      read: endingOfGuest,
    },
    partWithPeople: (ctx, domains) => partWithPeople(ctx, ports, domains),
    nameOf,
    listGoingOut: (ctx) => listGoingOut(ctx, ports),
    agreementTerms: [guestsTerm],
    questions: [
      administerPartners,
      administerAccessDefaults,
      goOut,
      comeIn,
      useDirectConnect,
      useFromNetwork,
      signAgreements,
      partWithPartners,
      changePartnerKeys,
      reachTerm,
    ] as never,
    routes: [
      ...crossTenantAccessRoutes,
      accessWhatIfRoute({ ...ports, askHome: arrivals.askHome }),
      knownApplicationsRoute(ports),
      organizationDocumentRoute({ ...ports, keys }),
      partnerRequestRoute({
        ...answering,
        lookAt: (to, partner, place) => lookAt({ tenantId: to }, records, partner, place),
      }),
      ...agreementRoutes(agreements),
      ...partnerRoutes({ ...records, elsewhere }),
      ...ownKeyRoutes(ownKeys),
      ...endingRoutes(endings),
      ...sharedLogRoutes({ ...sharing, witness, exchanges }),
      ...testRoutes(testing),
      sharedTestRoute(ports),
    ],
    partnerRequests: [
      introduceRequest,
      publishedAnewRequest,
      checkpointRequest,
      vouchRequest(ports),
      networkRequest({ ...ports, askHome: arrivals.askHome }),
      ...agreementRequests(agreements),
      reachRequest(agreements),
      endedRequest(),
      tryRequest,
      diagnoseRequest(testing),
      watchAlarmRequest(testing),
    ],
    trials: [endTrial(endings)],
    ties: [accessTie],
    jobs: [
      { name: CHECK_ALL, run: sweepAgreements },
      lookAgainJob(records),
      introduceJob(records),
      tellPublishedAnewJob(ownKeys),
      exchangeJob(exchanges),
      sendAgreementJob(agreements),
      compareJob(agreements),
      endJob(endings),
      tellJob(endings),
      watchJob(testing),
      tellWatchJob(testing),
      { name: APPLY, run: (ctx, { agreementId }) => applyAgreement(ctx, agreements, String(agreementId)) },
      {
        name: CHECK,
        transaction: 'none',
        async run(ctx, { agreementId }) {
          await verifyAgreement(ctx, agreements, String(agreementId));
        },
      },
    ],
    sweeps: [
      { name: 'partners.endings', cron: '*/5 * * * *', run: sweepEndings },
      { name: 'partners.keys', cron: '*/5 * * * *', run: sweepKeys },
      { name: 'partners.records', cron: '23 * * * *', run: sweepPartners },
      { name: CHECK_ALL, cron: '*/10 * * * *', run: sweepAgreements },
      sweepSharedLogs,
      watchSweep,
      compareSweep,
    ],
    subscribers: [actSubscriber(sharing), compareSubscriber],
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
