import { accessModule, type KeptRefusal, type Revokers } from '../access/index.ts';
import { auditModule, findEvent } from '../audit/index.ts';
import { countPeople, directoryModule } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import { dumpTenant } from '../platform/database/backup.ts';
import type { Database } from '../platform/database/index.ts';
import { openResolver } from '../platform/dns.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import type { Addresses, Signin } from '../signin/index.ts';
import { type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
import type { Configuration } from './configuration.ts';
import { firstAdministrator } from './first-administrator.ts';
import { serverHealth } from './operator-health.ts';
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
  /** A tenant and its settings, from memory where known. */
  stateOf(id: TenantId): Promise<TenantState>;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
  readonly addresses: Addresses;
  readonly signin: Signin;
}

/** How each kind of grant is taken away. A kind without an entry does not compile. */
const REVOKERS: Revokers = {};

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const { configuration, registry } = platform;
  const modules: Module<Route>[] = [
    tenantsModule({
      registry,
      settingsOf: async (id) => (await platform.stateOf(id)).settings,
      hostname: configuration.publicUrl ? new URL(configuration.publicUrl).hostname : 'localhost',
      resolver: openResolver({ servers: configuration.dnsServers }),
      domainReferences: async () => [],
      renameDomainReferences: async () => {},
      groupMembers: async () => [],
      run: platform.run,
      createFirstAdministrator: firstAdministrator(platform.run),
      countPeople,
      health: serverHealth({ ...platform, data: configuration.data }),
      dumpTenant: (tenantId, now) => dumpTenant({ adminUrl: platform.adminUrl, tenantId, now }),
    }),
    auditModule(platform),
    accessModule({
      questions: () => modules.flatMap((module) => module.questions ?? []),
      actorOf: async () => undefined,
      findRefusal,
      revokers: REVOKERS,
      subjectsOf: async (_ctx, accountId) => [{ kind: 'account', id: accountId }],
      namesOf: async () => new Map(),
    }),
    directoryModule(),
    platform.signin,
  ];
  return modules;
}

/** The refusal that a decision's id names, read from the audit. */
async function findRefusal(ctx: Context, decisionId: string): Promise<KeptRefusal | undefined> {
  const event = await findEvent(ctx, decisionId);
  if (event?.action !== 'access.refused') return undefined;
  const kept = event.facts as unknown as Pick<KeptRefusal, 'question' | 'input' | 'level' | 'because' | 'wanted'>;
  return { ...kept, at: event.at, actor: event.actor };
}
