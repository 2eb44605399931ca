import type { TenantFacts } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';

/** What must be found before a tenant is known. Each answers where something belongs, and nothing of it. */
export interface Lookups {
  /** By id or verified domain. */
  tenantAt(address: string): Promise<TenantFacts | undefined>;
  /** Where an application is registered, by its client id. */
  tenantOfApplication(id: string): Promise<TenantId | undefined>;
  /** Which tenant issued a code or a refresh token, to whoever holds it. */
  tenantOfArtifact(kind: string, id: string): Promise<TenantId | undefined>;
}
