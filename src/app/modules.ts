import { accessModule, type KeptRefusal, type Revokers } from '../access/index.ts';
import { auditModule, findEvent } from '../audit/index.ts';
import { directoryModule } from '../directory/index.ts';
import type { Context } from '../kernel/context.ts';
import type { Module, Run } from '../kernel/module.ts';
import type { Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../platform/vault.ts';
import { type SettingsRegistry, tenantsModule } from '../tenants/index.ts';
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
}

/** How each kind of grant is taken away. A kind without an entry does not compile. */
const REVOKERS: Revokers = {};

/** Every module of the product, lower ranks first, connected to each other by ports. */
export function createModules(platform: Platform): readonly Module<Route>[] {
  const modules: Module<Route>[] = [
    tenantsModule(platform),
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
