import type { TenantFacts, Tx } from '../../kernel/context.ts';
import { parseId } from '../../kernel/ids.ts';
import { parseDomainName } from '../model/domain-name.ts';
import { findTenant, findTenantIdByDomain } from '../store/tenants.ts';

/**
 * The tenant that `/{tenant}/…` addresses: by id or by a verified domain. Undefined when there is none; one that is
 * purged is none, a suspended or deleted one is returned with its state.
 */
export async function findTenantByAddress(where: { tx: Tx }, address: string): Promise<TenantFacts | undefined> {
  const id = parseId<'tenant'>(address);
  if (id) return findTenant(where, id);
  const domain = parseDomainName(address);
  const holder = domain && (await findTenantIdByDomain(where, domain));
  return holder && findTenant(where, holder);
}
