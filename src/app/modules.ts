import type { TenantId } from '../kernel/ids.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import { openResolver } from '../platform/dns.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import { type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
import type { Configuration } from './configuration.ts';
import type { TenantState } from './work.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  /** A tenant and its settings, from memory where known. */
  stateOf(id: TenantId): Promise<TenantState>;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
}

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const { configuration, registry } = platform;
  return [
    tenantsModule({
      registry,
      settingsOf: async (id) => (await platform.stateOf(id)).settings,
      hostname: configuration.publicUrl ? new URL(configuration.publicUrl).hostname : 'localhost',
      resolver: openResolver({ servers: configuration.dnsServers }),
      // Without a directory nothing is named in a domain and nobody is in a group.
      domainReferences: async () => [],
      renameDomainReferences: async () => {},
      groupMembers: async () => [],
    }),
  ];
}
