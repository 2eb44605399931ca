import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { Succession, Withdrawal } from './key-statements.ts';

/** A public key with which an organisation's signatures are checked. */
export interface PublicKey {
  readonly kid: string;
  /** Ed25519 (RFC 8037), with its `kid`. */
  readonly publicJwk: JWK;
  readonly signsFrom: Date;
  /** Null while no other is to take its place. */
  readonly retiresAt: Date | null;
  /** Null while it is published as one that counts. What it signed before stays good. */
  readonly retiredAt: Date | null;
  /** What the key before it signed about it; null for a first key, and one that begins anew. */
  readonly succession: Succession | null;
  /** Set when it was given up at once, because somebody else may have it. */
  readonly withdrawal: Withdrawal | null;
}

/** The key with which an organisation signs what it says to others: requests, agreements, receipts, its own record. */
export interface PartnerKey extends PublicKey {
  readonly privateJwk: JWK;
}

export function newPartnerKey(kid: string, signsFrom: Date): PartnerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    kid,
    publicJwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid },
    privateJwk: privateKey.export({ format: 'jwk' }) as JWK,
    signsFrom,
    retiresAt: null,
    retiredAt: null,
    succession: null,
    withdrawal: null,
  };
}

/** Which of the keys that count signs at a moment: the newest whose time has come. */
export const signingAt = <Key extends PublicKey>(keys: readonly Key[], now: Date): Key | undefined =>
  keys
    .filter(({ retiredAt, signsFrom }) => retiredAt === null && signsFrom <= now)
    .sort((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime())[0];
