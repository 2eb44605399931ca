import { randomBytes } from 'node:crypto';
import { operateServer } from '../../kernel/administration.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { HOST, newId, type TenantId } from '../../kernel/ids.ts';
import { TENANT_CHANGED } from '../events.ts';
import { tenantsFaults } from '../faults.ts';
import { parseDomainName } from '../model/domain-name.ts';
import { DEFAULT_SKU, findSku } from '../model/licence.ts';
import { STORAGE_POOLS, type StoragePoolName } from '../model/storage.ts';
import { putSubscription } from '../store/licences.ts';
import { setStorageLimit } from '../store/storage.ts';
import { insertTenant } from '../store/tenants.ts';

export interface NewTenant {
  readonly displayName: string;
  /** Belongs to the tenant at once: the operator vouches for it. Never changed afterwards. */
  readonly initialDomain: string;
  readonly id?: TenantId;
  /** What it subscribes to; without a word, everything for everyone. */
  readonly subscriptions?: readonly { readonly sku: string; readonly units: number | null }[];
  /** Bytes of each pool; null or left out for as much as the disk has. */
  readonly storage?: Readonly<Partial<Record<StoragePoolName, number | null>>>;
}

/**
 * Creates an organisation with its initial domain. Call it in the host's own context (`run({ tenantId: HOST, … })`).
 * @throws tenants.not-a-domain, tenants.initial-domain-taken, tenants.id-taken.
 */
export async function createTenant(ctx: Context, input: NewTenant): Promise<TenantFacts> {
  if (ctx.tenantId !== HOST) throw kernelFaults.internal(new Error('a tenant is created in the name of the host'));
  await ctx.demand(operateServer, undefined, 'operate');
  const displayName = parseDisplayName(input.displayName);
  const initialDomain = parseDomainName(input.initialDomain);
  if (!initialDomain) throw tenantsFaults.notADomain(input.initialDomain);

  const subscriptions = (input.subscriptions ?? [{ sku: DEFAULT_SKU, units: null }]).map(({ sku, units }) => {
    const known = findSku(sku);
    if (!known) throw tenantsFaults.unknownSku(sku);
    return { sku: known.partNumber, units, createdAt: ctx.now, suspendedAt: null, endsAt: null };
  });

  const id = input.id ?? newId<'tenant'>();
  await insertTenant(ctx, { id, displayName, initialDomain, proof: newProof() }, async () => {
    const there = { tx: ctx.tx, tenantId: id };
    for (const subscription of subscriptions) await putSubscription(there, subscription);
    for (const pool of STORAGE_POOLS) await setStorageLimit(there, pool, input.storage?.[pool] ?? null);
  });
  ctx.record({
    action: 'tenants.tenant-created',
    category: 'TenantManagement',
    targets: [{ kind: 'tenant', id, displayName }],
    facts: { initialDomain },
  });
  await ctx.announce(TENANT_CHANGED, { tenantId: id });
  return {
    id,
    displayName,
    state: 'active',
    suspendedAt: null,
    initialDomain,
    defaultDomain: initialDomain,
    domains: [initialDomain],
  };
}

/** What a domain's TXT record must say; nobody can guess another tenant's. */
export const newProof = (): string => randomBytes(16).toString('hex');

/** @throws invalid when empty or longer than 256 characters. */
export function parseDisplayName(text: string): string {
  const name = text.trim();
  if (name.length < 1 || name.length > 256) {
    throw kernelFaults.invalid('The name of an organisation has 1 to 256 characters.');
  }
  return name;
}
