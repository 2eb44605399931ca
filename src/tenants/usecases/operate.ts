import { operateServer } from '../../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import { tenantsFaults } from '../faults.ts';
import { domainOf, parseDomainName } from '../model/domain-name.ts';
import type { StoragePool, StoragePoolName } from '../model/storage.ts';
import { listStoragePools } from '../store/storage.ts';
import {
  findTenantRecord,
  hasTenants,
  listTenants,
  lockSetup,
  readServerUsage,
  type TenantRecord,
} from '../store/tenants.ts';
import {
  deleteTenant,
  purgeTenant,
  renameTenant,
  restoreTenant,
  resumeTenant,
  suspendTenant,
} from './change-tenant-state.ts';
import { createTenant, type NewTenant } from './create-tenant.ts';
import { findTenantByAddress } from './find-tenant-by-address.ts';
import {
  changeSubscription,
  countSubscribedSkus,
  type LicencePorts,
  removeSubscription,
  type SubscribedSku,
} from './licences.ts';
import { limitStorage } from './storage.ts';

/** Seconds after which an organisation whose first administrator did not come to be is taken for unfinished. */
const UNFINISHED_SECONDS = 120;
export const REMOVE_UNFINISHED = 'tenants.remove-unfinished';

export interface FirstAdministrator {
  readonly displayName: string;
  /** In the initial domain of the new tenant. */
  readonly userPrincipalName: string;
  /** Without one, a temporary one is made and returned. */
  readonly password?: string;
}

export interface MadeAdministrator {
  readonly accountId: string;
  readonly userPrincipalName: string;
  /** The temporary one, to hand over; null where a password was given. */
  readonly password: string | null;
}

export interface DemoPerson {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly role: string;
}

export interface PeopleCount {
  readonly accounts: number;
  readonly guests: number;
}

/** How one part of the server is: `ok`, `warning` (look at it soon), `failed`. */
export interface HealthPart {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly sentence: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface OperatorPorts extends LicencePorts {
  readonly run: Run;
  /** Makes the first global administrator, in the new tenant's name. */
  createFirstAdministrator(
    ctx: Context,
    administrator: FirstAdministrator,
    /** Whether this person also keeps the server running. */
    options: { isOperator: boolean },
  ): Promise<MadeAdministrator>;
  /** Fills an empty server with the demo; left out where it must not be offered. */
  readonly demo?: (() => Promise<{ people: readonly DemoPerson[]; password: string }>) | undefined;
  /** Whether this is the code that lets somebody set an empty server up from another machine. */
  isSetupCode(text: string): boolean;
  /** Then a request that seems to come from this machine may come from anywhere. */
  readonly isBehindProxy: boolean;
  /** The people of the context's tenant. */
  countPeople(ctx: Context): Promise<PeopleCount>;
  health(ctx: Context): Promise<readonly HealthPart[]>;
}

export interface TenantUsage extends PeopleCount {
  readonly storage: readonly StoragePool[];
  readonly licences: readonly SubscribedSku[];
}

export interface TenantChanges {
  readonly displayName?: string;
  readonly state?: 'active' | 'suspended';
  /** Bytes, or null for as much as the disk has. */
  readonly storage?: Readonly<Partial<Record<StoragePoolName, number | null>>>;
  /** By SKU; null ends the subscription. */
  readonly subscriptions?: Readonly<
    Record<string, { units?: number | null; isSuspended?: boolean; endsAt?: Date | null } | null>
  >;
}

/** A page of the server's tenants, each with what it uses. */
export async function listTenantsWithUsage(
  ctx: Context,
  ports: OperatorPorts,
  filter: { search?: string; state?: TenantFacts['state']; after?: { displayName: string; id: string }; limit: number },
): Promise<{ tenants: OperatedTenant[]; next: TenantRecord | null }> {
  await ctx.demand(operateServer, undefined, 'read');
  const found = await listTenants(ctx, { ...filter, limit: filter.limit + 1 });
  const page = found.slice(0, filter.limit);
  const tenants: OperatedTenant[] = [];
  for (const tenant of page) tenants.push(await getTenantWithUsage(ctx, ports, tenant.id));
  return { tenants, next: found.length > filter.limit ? (page.at(-1) ?? null) : null };
}

export interface OperatedTenant extends TenantRecord {
  readonly defaultDomain: string;
  readonly domains: readonly string[];
  readonly usage: TenantUsage;
}

/** One tenant, by its id or any of its domains, with what it uses. */
export async function getTenantWithUsage(ctx: Context, ports: OperatorPorts, address: string): Promise<OperatedTenant> {
  await ctx.demand(operateServer, undefined, 'read');
  const facts = await findTenantByAddress(ctx, address);
  const tenant = facts && (await findTenantRecord(ctx, facts.id));
  if (!tenant) throw tenantsFaults.tenantNotFound();
  const { defaultDomain, domains } = facts;
  return { ...tenant, defaultDomain, domains, usage: await usageOf(ctx, ports, tenant.id) };
}

/** Creates a tenant, with its first administrator where one is named: both, or neither. */
export async function openTenant(
  ctx: Context,
  ports: OperatorPorts,
  input: NewTenant & { administrator?: FirstAdministrator },
): Promise<{ tenant: TenantFacts; administrator: MadeAdministrator | null }> {
  await ctx.demand(operateServer, undefined, 'operate');
  return openFor(ctx, ctx.actor, ports, input, { isOperator: false });
}

/** Whether this server has no tenant yet, so that anybody may set it up. */
export const isEmptyServer = async (ctx: Context): Promise<boolean> => !(await hasTenants(ctx));

/** What shows that somebody setting a server up is its operator and not merely the first to come by. */
export interface SetupProof {
  /** Whether they sit at the very machine. */
  readonly isNear: boolean;
  readonly code: string | undefined;
}

/**
 * Sets an empty server up: its first tenant, whose administrator also keeps the server running. Once.
 * @throws tenants.setup-code-needed, tenants.already-set-up; of two at once, one wins.
 */
export async function setUpServer(
  ctx: Context,
  ports: OperatorPorts,
  input: NewTenant & { administrator: FirstAdministrator },
  proof: SetupProof,
) {
  await beginSetup(ctx, ports, proof);
  return openFor(ctx, { kind: 'system', name: 'setup' }, ports, input, { isOperator: true });
}

/** Fills an empty server with the demo instead. @throws not-found where it is not offered. */
export async function setUpDemo(ctx: Context, ports: OperatorPorts, proof: SetupProof) {
  await beginSetup(ctx, ports, proof);
  if (!ports.demo) throw tenantsFaults.tenantNotFound();
  return ports.demo();
}

async function beginSetup(ctx: Context, ports: OperatorPorts, { isNear, code }: SetupProof): Promise<void> {
  if (!isNear && !ports.isSetupCode(code ?? '')) throw tenantsFaults.setupCodeNeeded();
  // Held until this transaction ends, so whoever comes second finds the tenant that the first has made.
  await lockSetup(ctx);
  if (!(await isEmptyServer(ctx))) throw tenantsFaults.alreadySetUp();
}

/** Changes what the operator decides of a tenant; all of it or nothing. */
export async function changeTenant(
  ctx: Context,
  ports: OperatorPorts,
  id: TenantId,
  changes: TenantChanges,
): Promise<void> {
  await inTenant(ctx, ports, id, async (there) => {
    if (changes.displayName !== undefined) await renameTenant(there, changes.displayName);
    for (const [pool, limit] of Object.entries(changes.storage ?? {})) {
      if (limit !== undefined) await limitStorage(there, pool as StoragePoolName, limit);
    }
    for (const [sku, change] of Object.entries(changes.subscriptions ?? {})) {
      if (change === null) await removeSubscription(there, sku);
      else await changeSubscription(there, ports, sku, change);
    }
    if (changes.state === 'suspended') await suspendTenant(there);
    if (changes.state === 'active') await resumeTenant(there);
  });
}

/** Marks a tenant as deleted; `isFinal` then removes it at once and for ever instead of in 30 days. */
export async function closeTenant(ctx: Context, ports: OperatorPorts, id: TenantId, isFinal: boolean): Promise<void> {
  await ctx.demand(operateServer, undefined, 'operate');
  const tenant = await findTenantRecord(ctx, id);
  if (!tenant) throw tenantsFaults.tenantNotFound();
  if (tenant.state !== 'deleted' || !isFinal) await inTenant(ctx, ports, id, deleteTenant);
  if (isFinal) await purgeTenant(ctx, id);
}

export const reopenTenant = (ctx: Context, ports: OperatorPorts, id: TenantId): Promise<void> =>
  inTenant(ctx, ports, id, restoreTenant);

/** What the whole server holds. */
export async function getServerUsage(ctx: Context) {
  await ctx.demand(operateServer, undefined, 'read');
  const usage = await readServerUsage(ctx);
  const of = (kind: string) => usage.filter((row) => row.kind === kind);
  return {
    tenants: Object.fromEntries(of('tenants').map(({ name, used }) => [name, used])),
    storage: of('storage').map(({ name, used, allowed, unlimited }) => ({
      name,
      usedBytes: used,
      // A sum of limits says nothing once one tenant has none.
      limitBytes: unlimited > 0 ? null : allowed,
    })),
    licences: of('licences').map(({ name, allowed, unlimited }) => ({
      sku: name,
      units: unlimited > 0 ? null : allowed,
    })),
  };
}

export async function getHealth(ctx: Context, ports: OperatorPorts): Promise<readonly HealthPart[]> {
  await ctx.demand(operateServer, undefined, 'read');
  return ports.health(ctx);
}

async function openFor(
  ctx: Context,
  actor: Actor,
  ports: OperatorPorts,
  input: NewTenant & { administrator?: FirstAdministrator },
  options: { isOperator: boolean },
) {
  const domain = parseDomainName(input.initialDomain);
  if (!domain) throw tenantsFaults.notADomain(input.initialDomain);
  const { administrator: wanted } = input;
  if (wanted && domainOf(wanted.userPrincipalName) !== domain) {
    throw tenantsFaults.administratorElsewhere(wanted.userPrincipalName, domain);
  }

  const work = { actor, correlationId: ctx.correlationId };
  const tenant = await ports.run({ ...work, tenantId: HOST }, async (host) => {
    const made = await createTenant(host, input);
    // The administrator comes in a transaction of the new tenant's own. Should we die before that, this cleans up.
    if (wanted) {
      const runAt = new Date(host.now.getTime() + UNFINISHED_SECONDS * 1000);
      await host.defer(REMOVE_UNFINISHED, { unfinished: made.id }, { runAt });
    }
    return made;
  });
  if (!wanted) return { tenant, administrator: null };
  try {
    const administrator = await ports.run({ ...work, tenantId: tenant.id }, (there) =>
      ports.createFirstAdministrator(there, wanted, options),
    );
    return { tenant, administrator };
  } catch (error) {
    await removeUnfinished(ports, work, tenant.id);
    throw error;
  }
}

/** Removes an organisation that nobody can enter: it is none. What has people already stays. */
export async function removeUnfinished(
  ports: Pick<OperatorPorts, 'run' | 'countPeople'>,
  work: { actor: Actor; correlationId: string },
  id: TenantId,
): Promise<void> {
  const tenant = await ports.run({ ...work, tenantId: HOST }, (host) => findTenantRecord(host, id));
  if (!tenant) return;
  const isEmpty = await ports.run({ ...work, tenantId: id }, async (there) => {
    if ((await ports.countPeople(there)).accounts > 0) return false;
    if (tenant.state !== 'deleted') await deleteTenant(there);
    return true;
  });
  if (isEmpty) await ports.run({ ...work, tenantId: HOST }, (host) => purgeTenant(host, id));
}

async function usageOf(ctx: Context, ports: OperatorPorts, tenantId: TenantId): Promise<TenantUsage> {
  const work = { tenantId, actor: ctx.actor, correlationId: ctx.correlationId, readOnly: true };
  return ports.run(work, async (there) => ({
    ...(await ports.countPeople(there)),
    storage: await listStoragePools(there),
    licences: await countSubscribedSkus(there, ports),
  }));
}

/** Works in a tenant's own name, so that the tenant's audit shows what the operator did. */
async function inTenant(
  ctx: Context,
  ports: OperatorPorts,
  id: TenantId,
  act: (there: Context) => Promise<void>,
): Promise<void> {
  await ctx.demand(operateServer, undefined, 'operate');
  if (!(await findTenantRecord(ctx, id))) throw tenantsFaults.tenantNotFound();
  await ports.run({ tenantId: id, actor: ctx.actor, correlationId: ctx.correlationId }, act);
}
