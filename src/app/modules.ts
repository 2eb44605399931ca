import { accessModule } from '../access/index.ts';
import { auditModule } from '../audit/index.ts';
import { directoryModule } from '../directory/index.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import type { Addresses, Signin } from '../signin/index.ts';
import { type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
import { accessPorts } from './access-ports.ts';
import type { Configuration } from './configuration.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  readonly vault: Vault;
  /** Every module's settings; there once all modules are made, so ask when it is needed. */
  readonly registry: () => SettingsRegistry;
  readonly addresses: Addresses;
  readonly signin: Signin;
}

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const modules: Module<Route>[] = [
    tenantsModule(platform),
    auditModule(platform),
    accessModule({
      ...accessPorts,
      questions: () => modules.flatMap((module) => module.questions ?? []),
    }),
    directoryModule(),
    platform.signin,
  ];
  return modules;
}
