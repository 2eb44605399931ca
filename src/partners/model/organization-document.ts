import type { JWK } from 'jose';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';

const signature = z.object({ protected: z.string().max(1_000), signature: z.string().max(1_000) });
const domain = z.string().min(1).max(253).toLowerCase();

/**
 * What an organisation says of itself at `/.well-known/entente` of each of its domains, signed with every key it lists
 * last: who relies on it looks at each domain by itself, since anybody can list any name.
 */
export const organizationDocument = z.object({
  v: z.literal(1),
  tenantId: z.guid().transform((id) => id.toLowerCase() as TenantId),
  displayName: z.string().max(256),
  /** Verified domains, lower case, in A-label form, in alphabetical order. */
  domains: z.array(domain).min(1).max(1_000),
  /** Where requests of partners go, with the tenant's id and the request's name after it. */
  endpoint: z.url({ protocol: /^https$/ }).max(500),
  /** The OpenID Connect issuer of its people. */
  issuer: z.url({ protocol: /^https$/ }).max(500),
  /** Ed25519 (RFC 8037). The first signs now. */
  keys: z
    .array(
      z.looseObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string().max(100),
        kid: z.string().max(100),
      }),
    )
    .min(1)
    .max(20)
    .transform((keys) => keys as JWK[]),
});

export type OrganizationDocument = z.output<typeof organizationDocument>;

export const signedDocument = z.object({ document: organizationDocument, signature });
export type SignedDocument = z.output<typeof signedDocument>;
