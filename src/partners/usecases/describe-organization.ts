import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { type PublicKey, signingAt } from '../model/key.ts';
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

/** Former keys, and what keys said of others: whoever was away longer than this confirms anew. */
const TOLD_AT_MOST = 50;

/** What the organisation of the context says of itself to others. */
export async function describeOrganization(ctx: Context, ports: DescribePorts): Promise<SignedDocument> {
  await ports.keys.of(ctx.tenantId);
  const origin = ports.httpsOrigin();
  const all = await listPublicKeys(ctx);
  const signing = signingAt(all, ctx.now);
  const former = all.filter(({ retiredAt }) => retiredAt !== null).slice(0, TOLD_AT_MOST);
  const successions = all.flatMap(({ succession }) => succession ?? []).slice(0, TOLD_AT_MOST);
  const withdrawals = all.flatMap(({ withdrawal }) => withdrawal ?? []).slice(0, TOLD_AT_MOST);
  const jwks = (keys: readonly PublicKey[]) => keys.map(({ publicJwk }) => publicJwk);
  const document: OrganizationDocument = {
    v: 1,
    tenantId: ctx.tenantId,
    displayName: ctx.tenant.displayName,
    domains: [...ctx.tenant.domains].sort(),
    endpoint: `${origin}${REQUESTS_PATH}`,
    issuer: issuerAt(origin, ctx.tenantId),
    keys: [
      ...(signing ? jwks([signing]) : []),
      ...jwks(all.filter((key) => key.retiredAt === null && key !== signing)),
    ],
    ...(former.length > 0 ? { formerKeys: jwks(former) } : {}),
    ...(successions.length > 0 ? { successions } : {}),
    ...(withdrawals.length > 0 ? { withdrawals } : {}),
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
