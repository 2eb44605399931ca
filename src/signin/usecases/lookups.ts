import { LRUCache } from 'lru-cache';
import type { TenantFacts } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import { HOST, parseId, type TenantId } from '../../kernel/ids.ts';

/** What must be found before a tenant is known. Each answers where something belongs, and nothing of it. */
export interface Lookups {
  /** By id or verified domain. */
  tenantAt(address: string): Promise<TenantFacts | undefined>;
  /** Where an application is registered, by its client id. */
  tenantOfApplication(id: string): Promise<TenantId | undefined>;
  /** Which tenant issued a code or a refresh token, to whoever holds it. */
  tenantOfArtifact(kind: string, id: string): Promise<TenantId | undefined>;
}

const DOMAINS_KEPT = 5_000;

/**
 * The database's lookups, with tenants from memory where known. `tenantOf` rejects with not-found for a tenant that is
 * none.
 */
export function createLookups(inDatabase: Lookups, tenantOf: (id: TenantId) => Promise<TenantFacts>): Lookups {
  /** A hint: who held a domain last counts only while their own facts still list it. */
  const lastHolders = new LRUCache<string, TenantId>({ max: DOMAINS_KEPT });

  const known = (id: TenantId): Promise<TenantFacts | undefined> =>
    tenantOf(id).catch((error) => {
      if (error instanceof Fault && error.kind === 'not-found') return undefined;
      throw error;
    });

  return {
    ...inDatabase,
    async tenantAt(address) {
      const id = parseId<'tenant'>(address);
      if (id) return id === HOST ? undefined : known(id);
      const domain = address.toLowerCase();
      const lastHolder = lastHolders.get(domain);
      const held = lastHolder && (await known(lastHolder));
      if (held?.domains.includes(domain)) return held;
      const found = await inDatabase.tenantAt(address);
      if (found) lastHolders.set(domain, found.id);
      return found;
    },
  };
}
