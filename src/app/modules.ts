import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { type AsTried, accessModule, askWhatIf, mayAskWhatIf, worldOf } from '../access/index.ts';
import { auditModule, type NotificationPorts } from '../audit/index.ts';
import { calendarsModule } from '../calendars/index.ts';
import {
  countPeople,
  directoryModule,
  domainReferences,
  findAccount,
  homeIdsOf,
  isFromElsewhere,
  licensedMembers,
  loadActorFacts,
  personAtHome,
  renameDomainReferences,
} from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import { Fault, kernelFaults } from '../kernel/fault.ts';
import type { AccountId, ApplicationId, TenantId } from '../kernel/ids.ts';
import type { Module, Run } from '../kernel/module.ts';
import { partnersModule } from '../partners/index.ts';
import type { BlobStore } from '../platform/blobs/index.ts';
import type { Bus } from '../platform/bus.ts';
import { writeBackup } from '../platform/database/backup.ts';
import type { Database } from '../platform/database/index.ts';
import { openResolver } from '../platform/dns.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { type Handed, type MailPorts, mailJobs } from '../platform/mail-queue.ts';
import { openReach } from '../platform/reach.ts';
import { openEndpointCheck, openSafeFetch } from '../platform/safe-fetch.ts';
import { MailError, openMailer } from '../platform/smtp.ts';
import type { Vault } from '../platform/vault.ts';
import {
  type Addresses,
  applicationsKnown,
  consentedPermissions,
  isFirstParty,
  listGuestsElsewhere,
  type Signin,
  setPassword,
  weaknessOf,
} from '../signin/index.ts';
import {
  findTenantIdByDomain,
  findTenantIdOutside,
  fingerprintOfSettings,
  listSettings,
  type SettingsRegistry,
  tenantsModule,
} from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';
import { agreementPorts } from './agreement-ports.ts';
import type { Configuration } from './configuration.ts';
import { demoFromPage } from './demo.ts';
import { firstAdministrator } from './first-administrator.ts';
import { serverHealth } from './operator-health.ts';
import { textNames } from './settings-text-ports.ts';
import { isReachedOnlyFromHere, type SetupCode } from './setup-code.ts';
import { requestTrial } from './try-request.ts';
import type { TenantState } from './work.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  /** Logs in as the owner of the database: for archives of whole tenants. */
  readonly adminUrl: string;
  /** The certificate served over HTTPS, once we listen. */
  readonly certificate: () => string | undefined;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  readonly vault: Vault;
  readonly setupCode: SetupCode;
  readonly blobs: BlobStore;
  /** A tenant and its settings, from memory where known. */
  stateOf(id: TenantId): Promise<TenantState>;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
  readonly addresses: Addresses;
  readonly signin: Signin;
}

/** How long another organisation's server has for everything, and how much of its answer is read. */
const PARTNER_DEADLINE_MS = 5_000;
const PARTNER_ANSWER_BYTES = 4 * 1024 * 1024;

const isThere = () => true;
function isNotThere(error: unknown): false {
  if (error instanceof Fault && error.kind === 'not-found') return false;
  throw error;
}

const isNobody = (error: unknown): undefined => void isNotThere(error);

/** Those that the machine trusts, and those that the operator added. */
const authorities = (file: string) => [...rootCertificates, readFileSync(file, 'utf8')].join('\n');

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const { configuration, registry } = platform;
  const resolver = openResolver({ servers: configuration.dnsServers });
  const settingsNow = async (ctx: Context) => registry().snapshot(await listSettings(ctx));
  const elsewhere = {
    resolver,
    allow: configuration.privateNetworks,
    ca: configuration.trustedAuthorities && authorities(configuration.trustedAuthorities),
  };
  const partners = partnersModule({
    ...platform,
    ties: () => modules.flatMap((module) => module.ties ?? []),
    settingsNow,
    async findGuest(ctx, accountId) {
      const account = await findAccount(ctx, accountId as AccountId);
      return account && isFromElsewhere(account) ? account : undefined;
    },
    ...agreementPorts,
    terms: () => modules.flatMap((module) => module.agreementTerms ?? []),
    requests: () => modules.flatMap((module) => module.partnerRequests ?? []),
    acts: () => modules.flatMap((module) => module.sharedActs ?? []),
    tenantOfDomain: (domain) => platform.database.outside((tx) => findTenantIdOutside({ tx }, domain)),
    isHere: (id) => platform.stateOf(id).then(isThere, isNotThere),
    httpsOrigin: platform.addresses.httpsOrigin,
    personAtHome,
    homeIdsOf,
    isOwnApplication: isFirstParty,
    guestsElsewhere: listGuestsElsewhere,
    applicationsKnown,
    organisationHere: (id) => platform.stateOf(id).then(({ tenant }) => tenant.displayName, isNobody),
    fetch: openSafeFetch({ ...elsewhere, timeout: PARTNER_DEADLINE_MS, maxBytes: PARTNER_ANSWER_BYTES }),
    reach: openReach(elsewhere),
    checks: () => modules.flatMap((module) => module.partnerChecks ?? []),
    tellers: () => modules,
  });
  const trials = () => [
    requestTrial(() => modules.flatMap((module) => module.routes ?? [])),
    ...modules.flatMap((module) => module.trials ?? []),
  ];
  const notifications = notificationPorts(platform, resolver, () => modules);
  const modules: Module<Route>[] = [
    tenantsModule({
      registry,
      settingsOf: async (id) => (await platform.stateOf(id)).settings,
      hostname: configuration.publicUrl ? new URL(configuration.publicUrl).hostname : 'localhost',
      resolver,
      domainReferences,
      renameDomainReferences,
      groupMembers: licensedMembers,
      run: platform.run,
      blobs: platform.blobs,
      isSetupCode: platform.setupCode.isRight,
      createFirstAdministrator: firstAdministrator(platform.run),
      async countPeople(ctx) {
        const { atHome, guests } = await countPeople(ctx);
        return { accounts: atHome, guests };
      },
      isBehindProxy: configuration.publicUrl !== undefined || configuration.trustProxy,
      // A demo with a password on the page is fit for nobody but whoever sits here.
      demo: isReachedOnlyFromHere(configuration)
        ? () =>
            demoFromPage(
              { run: platform.run, agreeing: partners.agreeing, origin: platform.addresses.origin() },
              configuration.demoPassword,
            )
        : undefined,
      health: serverHealth({ ...platform, data: configuration.data }),
      rules: () => modules.flatMap((module) => module.settingsRules ?? []),
      names: textNames,
      worldOf: (ctx) => worldOf(ctx, { fingerprintOfSettings }),
      askWhatIf: async (ctx, trial, input) =>
        (await mayAskWhatIf(ctx)) ? askWhatIf(ctx, { trials }, { changes: [{ trial, input }] }) : undefined,
      administratorsOf: agreementPorts.administratorsOf,
      agreementDrift: partners.agreementDrift,
      exportTenant: (tenant, now) => writeBackup({ ...platform, tenant, now }).content,
    }),
    auditModule({ ...platform, ...notifications }),
    accessModule({
      ...accessPorts,
      addresses: platform.addresses,
      run: platform.run,
      questions: () => modules.flatMap((module) => module.questions ?? []),
      standing: () => modules.flatMap((module) => module.standing ?? []),
      trials,
      admits: () => modules.flatMap((module) => module.admits ?? []),
      goingOn: () => modules.flatMap((module) => module.goingOn ?? []),
      settingsNow,
      fingerprintOfSettings,
      partners: () => partners.partners,
      partnerName: partners.nameOf,
      askHomes: partners.arrivals.askHomes,
      endPeople: partners.partWithPeople,
      givers: () => modules.flatMap((module) => module.givers ?? []),
      withheld: () => modules.flatMap((module) => module.withheld ?? []),
      origin: platform.addresses.origin,
    }),
    partners,
    directoryModule({
      ...platform,
      arrivals: partners.arrivals,
      guestParting: partners.guestParting,
      partners: partners.partners,
      listGoingOut: partners.listGoingOut,
      homes: () => partners.homes,
      toldOf: async (ctx, id) => (await listGuestsElsewhere(ctx, id)).map(({ partnerTenantId }) => partnerTenantId),
      questions: () => modules.flatMap((module) => module.questions ?? []),
      setPassword: setGoodPassword,
    }),
    platform.signin,
    platform.signin.signals({
      partners: partners.partners,
      post: notifications.post,
      guestParting: partners.guestParting,
    }),
    calendarsModule({
      run: platform.run,
      partners: partners.partners,
      testPartnership: partners.testPartnership,
      mayUseFromNetwork: partners.arrivals.mayUseFromNetwork,
      problemOfEndpoint: openEndpointCheck({ resolver, allow: configuration.privateNetworks }),
      vault: platform.vault,
      origin: platform.addresses.origin,
      blobs: platform.blobs,
      actorOf: accessPorts.actorOf,
    }),
    { name: 'mail-queue', jobs: mailJobs(mailPorts(platform)) },
  ];
  return modules;
}

/** The way in which access carries out what was tried, out of all modules. */
export function asTriedIn(modules: readonly Module<Route>[]): AsTried {
  const found = modules.find(({ name }) => name === 'access') as { asTried?: AsTried } | undefined;
  if (!found?.asTried) throw new Error('There is no module "access".');
  return found.asTried;
}

type PartnersInside = Pick<ReturnType<typeof partnersModule>, 'arrivals' | 'homes' | 'agreeing'>;

/** The way to other organisations and their people, out of all modules. */
export function partnersIn(modules: readonly Module<Route>[]): PartnersInside {
  const found = modules.find(({ name }) => name === 'partners') as Partial<PartnersInside> | undefined;
  if (!found?.arrivals || !found.homes || !found.agreeing) throw new Error('There is no module "partners".');
  return found as PartnersInside;
}

/** Keeps a password that an administrator or program chose, if it is good enough. */
async function setGoodPassword(
  ctx: Context,
  id: AccountId,
  password: { text: string; mustChange: boolean },
): Promise<void> {
  const weakness = weaknessOf(password.text, [ctx.tenant.displayName, ...ctx.tenant.domains]);
  if (weakness !== undefined) throw kernelFaults.invalid(weakness);
  await setPassword(ctx, id, password);
}

/**
 * Through the mail server where one is set. Without one, the demo delivers to its own people, so that an invitation can
 * be followed to its end; elsewhere mail waits to be read by an administrator.
 */
function mailPorts({ configuration }: Platform): MailPorts {
  const { smtpUrl, mailFrom, demo } = configuration;
  if (smtpUrl === undefined) return demo ? { findLocalTenant: findTenantIdByDomain } : {};
  const mailer = openMailer({ url: smtpUrl });
  return {
    async send(mail): Promise<Handed> {
      try {
        await mailer.send({
          from: { address: mailFrom, name: mail.fromName },
          replyTo: mail.replyTo === null ? undefined : { address: mail.replyTo },
          to: [{ address: mail.to.address, name: mail.to.name ?? undefined }],
          cc: mail.cc.map((address) => ({ address })),
          subject: mail.subject,
          text: mail.text ?? '',
          html: mail.html ?? undefined,
          calendar: mail.calendar ?? undefined,
          // A second try after a lost answer is then one letter to the reader's mail server.
          messageId: `<${mail.id}@${mailFrom.slice(mailFrom.lastIndexOf('@') + 1)}>`,
        });
        return { outcome: 'accepted' };
      } catch (error) {
        if (!(error instanceof MailError)) throw error;
        return { outcome: error.permanent ? 'refused' : 'try-later', reason: error.reply ?? error.message };
      }
    },
  };
}

type Resolver = ReturnType<typeof openResolver>;

/** Notifications go to addresses that strangers chose: resolved first, never into a private network unless allowed. */
function notificationPorts({ configuration }: Platform, resolver: Resolver, modules: () => readonly Module<Route>[]) {
  const post = openSafeFetch({
    resolver,
    allow: configuration.privateNetworks,
    // Only somebody who may reach private networks has a use for an unprotected wire.
    plainHttp: configuration.privateNetworks.length > 0,
  });
  const ports: Omit<NotificationPorts, 'run' | 'vault'> = {
    changes: () => modules().flatMap((module) => module.changes ?? []),
    async post(url, body, headers) {
      const answer = await post(url, { method: 'POST', body, headers });
      return { status: answer.status, body: answer.body.toString('utf8') };
    },
    async ownerOf(ctx, { owner, ownerScopes }) {
      if (owner.kind === 'application') {
        // What it may do now, of what it could when it subscribed.
        const now = await consentedPermissions(ctx, owner.id, 'itself');
        const permissions = (ownerScopes ?? []).filter((permission) => now.includes(permission));
        return { kind: 'application', applicationId: owner.id as ApplicationId, displayName: owner.id, permissions };
      }
      const facts = await loadActorFacts(ctx, owner.id as AccountId);
      if (!facts?.isEnabled) return undefined;
      const actor = await accessPorts.actorOf(ctx, owner.id);
      return actor?.kind === 'account' ? { ...actor, scopes: ownerScopes ?? 'all' } : undefined;
    },
  };
  return ports;
}
