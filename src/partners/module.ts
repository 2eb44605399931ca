import type { TenantId } from '../kernel/ids.ts';
import type { Module, PartnerRequest, Partners, Run } from '../kernel/module.ts';
import type { Route } from '../platform/http/route.ts';
import type { Vault } from '../platform/vault.ts';
import {
  administerAccessDefaults,
  administerPartners,
  comeIn,
  goOut,
  useDirectConnect,
  useFromNetwork,
} from './questions.ts';
import { crossTenantAccessRoutes } from './routes/graph/cross-tenant-access.ts';
import { organizationDocumentRoute } from './routes/web/organization-document.ts';
import { accessDefaults, partnerAccess } from './settings.ts';
import { purposeOf } from './store/keys.ts';
import { openPartners } from './usecases/ask-partners.ts';
import { createPartnerKeys } from './usecases/keys.ts';
import { type Arrivals, openArrivals, type VouchPorts, vouchRequest } from './usecases/vouching.ts';

export interface PartnersPorts extends VouchPorts {
  readonly run: Run;
  readonly vault: Vault;
  /** What other organisations may ask, of every module. */
  readonly requests: () => readonly PartnerRequest[];
  /** The organisation on this server that holds a verified domain. */
  readonly tenantOfDomain: (domain: string) => Promise<TenantId | undefined>;
  /** Where others reach us over HTTPS, without a path. */
  readonly httpsOrigin: () => string;
}

/** Other organisations, and the way to them. */
export function partnersModule(
  ports: PartnersPorts,
): Module<Route> & { readonly partners: Partners; readonly arrivals: Arrivals } {
  const keys = createPartnerKeys(ports);
  const partners = openPartners(ports);
  return {
    name: 'partners',
    partners,
    arrivals: openArrivals({ ...ports, partners }),
    partnerRequests: [vouchRequest(ports)],
    settings: [accessDefaults, partnerAccess],
    questions: [administerPartners, administerAccessDefaults, goOut, comeIn, useDirectConnect, useFromNetwork] as never,
    routes: [...crossTenantAccessRoutes, organizationDocumentRoute({ ...ports, keys })],
    sealed: [
      {
        table: 'partners.keys',
        column: 'private_sealed',
        contextOf: ({ tenant_id, kid }) => purposeOf(String(tenant_id), String(kid)),
      },
    ],
  };
}
