/** What keys say of themselves and of each other, as it is published and kept. */
import { z } from 'zod';

/** Ed25519 (RFC 8037), with its id. */
export const publicJwk = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().max(100),
  kid: z.string().max(100),
});
export const jsonSignature = z.object({ protected: z.string().max(1_000), signature: z.string().max(1_000) });

/** What a key says of the one that comes after it. */
export const succession = z.object({
  statement: z.looseObject({
    v: z.literal(1),
    tenantId: z.string().max(100),
    by: z.string().max(100),
    successor: publicJwk,
  }),
  signature: jsonSignature,
});
export type Succession = z.output<typeof succession>;

/** What a key says of itself when it is given up at once. Whoever holds it can say so, and can only shut a door by it. */
export const withdrawal = z.object({
  statement: z.looseObject({ v: z.literal(1), tenantId: z.string().max(100), kid: z.string().max(100) }),
  signature: jsonSignature,
});
export type Withdrawal = z.output<typeof withdrawal>;

export const SUCCESSION = 'entente-succession';
export const WITHDRAWAL = 'entente-withdrawal';
