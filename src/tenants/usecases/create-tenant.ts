import { randomBytes } from 'node:crypto';
import { operateServer } from '../../kernel/administration.ts';
import type { Context, TenantFacts } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { HOST, newId, type TenantId } from '../../kernel/ids.ts';
import { TENANT_CHANGED } from '../events.ts';
import { tenantsFaults } from '../faults.ts';
import { parseDomainName } from '../model/domain-name.ts';
import { insertTenant } from '../store/tenants.ts';

export interface NewTenant {
  readonly displayName: string;
  /** Belongs to the tenant at once: the operator vouches for it. Never changed afterwards. */
  readonly initialDomain: string;
  readonly id?: TenantId;
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

  const id = input.id ?? newId<'tenant'>();
  await insertTenant(ctx, { id, displayName, initialDomain, proof: newProof() }, async () => {});
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
