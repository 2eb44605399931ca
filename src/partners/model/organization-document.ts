import type { JWK } from 'jose';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';
import { jsonSignature, publicJwk, succession, withdrawal } from './key-statements.ts';

const domain = z.string().min(1).max(253).toLowerCase();
const jwks = (atMost: number) =>
  z
    .array(publicJwk)
    .max(atMost)
    .transform((keys) => keys as JWK[]);

/**
 * What an organisation says of itself at `/.well-known/entente` of each of its domains, signed by the first of its keys:
 * who relies on it looks at each domain by itself, since anybody can list any name. What a newer server says beside
 * this is kept, since it was signed with the rest.
 */
export const organizationDocument = z.looseObject({
  v: z.literal(1),
  tenantId: z.guid().transform((id) => id.toLowerCase() as TenantId),
  displayName: z.string().max(256),
  /** Verified domains, lower case, in A-label form, in alphabetical order. */
  domains: z.array(domain).min(1).max(1_000),
  /** Where requests of partners go, with the tenant's id and the request's name after it. */
  endpoint: z.url({ protocol: /^https$/ }).max(500),
  /** The OpenID Connect issuer of its people. */
  issuer: z.url({ protocol: /^https$/ }).max(500),
  /** Those that count now. The first signs. */
  keys: jwks(20).refine((keys) => keys.length > 0),
  /** Those that sign no more; what they signed stays good. The newest first. */
  formerKeys: jwks(200).optional(),
  /** What keys said of the ones after them. */
  successions: z.array(succession).max(200).optional(),
  /** What keys said of themselves when they were given up at once. */
  withdrawals: z.array(withdrawal).max(200).optional(),
});

export type OrganizationDocument = z.output<typeof organizationDocument>;

export const signedDocument = z.object({ document: organizationDocument, signature: jsonSignature });
export type SignedDocument = z.output<typeof signedDocument>;
