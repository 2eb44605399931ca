import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Addresses, Signin } from '../signin/index.ts';
import { tenantsModule } from '../tenants/index.ts';
import type { Configuration } from './configuration.ts';

/** What the composition root can hand to a module. A module's own factory names the few of these it needs. */
export interface Platform {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly now: () => Date;
  readonly run: Run;
  readonly addresses: Addresses;
  readonly signin: Signin;
}

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  return [tenantsModule(), platform.signin];
}
