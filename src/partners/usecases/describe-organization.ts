import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { OrganizationDocument, SignedDocument } from '../model/organization-document.ts';
import { listPublicKeys } from '../store/keys.ts';
import type { PartnerKeys } from './keys.ts';

export interface DescribePorts {
  readonly keys: PartnerKeys;
  /** Where others reach us over HTTPS, without a path. */
  readonly httpsOrigin: () => string;
}

/** Below it stand the tenant's id and the name of a request. */
export const REQUESTS_PATH = '/partners/requests';

/** What the organisation of the context says of itself to others. */
export async function describeOrganization(ctx: Context, ports: DescribePorts): Promise<SignedDocument> {
  await ports.keys.of(ctx.tenantId);
  const origin = ports.httpsOrigin();
  const document: OrganizationDocument = {
    v: 1,
    tenantId: ctx.tenantId,
    displayName: ctx.tenant.displayName,
    domains: [...ctx.tenant.domains].sort(),
    endpoint: `${origin}${REQUESTS_PATH}`,
    issuer: issuerAt(origin, ctx.tenantId),
    keys: (await listPublicKeys(ctx)).map(({ publicJwk }) => publicJwk),
  };
  return { document, signature: await ports.keys.sign(ctx, document, 'entente-organization') };
}

const issuerAt = (origin: string, tenantId: TenantId) => `${origin}/${tenantId}/v2.0`;

/** Where the document of the organisation is found, for those who do not know it: one of its domains, with our port. */
export function foundAtOf(
  { tenant }: Pick<Context, 'tenant'>,
  { httpsOrigin }: Pick<DescribePorts, 'httpsOrigin'>,
): string {
  const { hostname, host } = new URL(httpsOrigin());
  return tenant.domains.includes(hostname) ? host : tenant.defaultDomain;
}
