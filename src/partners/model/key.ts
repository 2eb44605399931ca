import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';

/** A public key with which an organisation's signatures are checked. */
export interface PublicKey {
  readonly kid: string;
  /** Ed25519 (RFC 8037), with its `kid`. */
  readonly publicJwk: JWK;
  /** Null while it signs. What it signed before stays good. */
  readonly retiredAt: Date | null;
}

/** The key with which an organisation signs what it says to others: requests, agreements, receipts, its own record. */
export interface PartnerKey extends PublicKey {
  readonly privateJwk: JWK;
}

export function newPartnerKey(kid: string): PartnerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    kid,
    publicJwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid },
    privateJwk: privateKey.export({ format: 'jwk' }) as JWK,
    retiredAt: null,
  };
}
