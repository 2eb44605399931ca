import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A tenant's key for signing tokens, as it is kept: the private part sealed elsewhere. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: JsonWebKey;
  readonly privateJwk: JsonWebKey;
  readonly signsFrom: Date;
  /** Null while it is the newest. */
  readonly publishedUntil: Date | null;
}

/** No token of ours lives longer; a key that stopped signing is published at least as long. */
export const LONGEST_TOKEN_SECONDS = 24 * 60 * 60;

/** How long a new key is published before it signs, for relying parties that keep a copy of the key set. */
export const PUBLISHED_BEFORE_SECONDS = 60 * 60;

/** A fresh P-256 key for ES256 (RFC 7518 §3.4). */
export function newSigningKey(kid: string, signsFrom: Date): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    kid,
    publicJwk: publicKey.export({ format: 'jwk' }),
    privateJwk: privateKey.export({ format: 'jwk' }),
    signsFrom,
    publishedUntil: null,
  };
}

/** A tenant's keys at work. */
export interface KeySet {
  /** The key that signs now: the newest whose time has come. */
  signing(now: Date): { readonly kid: string; readonly privateKey: KeyObject };
  /** The public key of this id, if it is still good. */
  verifying(kid: string, now: Date): KeyObject | undefined;
  /** All that are published now, the signing one first: what the provider is built with. */
  published(now: Date): readonly (JsonWebKey & { kid: string })[];
  /** Changes whenever another key starts to sign or the published ones change. */
  version(now: Date): string;
}

export function keySetOf(keys: readonly SigningKey[]): KeySet {
  const newestFirst = [...keys].sort((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime());
  const privateKeys = new Map(
    keys.map((key) => [key.kid, createPrivateKey({ key: key.privateJwk as never, format: 'jwk' })]),
  );
  const publicKeys = new Map(
    keys.map((key) => [key.kid, createPublicKey({ key: key.publicJwk as never, format: 'jwk' })]),
  );
  const isPublished = (key: SigningKey, now: Date) => key.publishedUntil === null || key.publishedUntil > now;
  const signingKey = (now: Date) => {
    const key = newestFirst.find((one) => one.signsFrom <= now) ?? newestFirst.at(-1);
    if (!key) throw new Error('The tenant has no signing key.');
    return key;
  };
  return {
    signing(now) {
      const { kid } = signingKey(now);
      return { kid, privateKey: privateKeys.get(kid) as KeyObject };
    },
    verifying(kid, now) {
      const key = keys.find((one) => one.kid === kid);
      return key && isPublished(key, now) ? publicKeys.get(kid) : undefined;
    },
    published(now) {
      const first = signingKey(now);
      const rest = newestFirst.filter((key) => key !== first && isPublished(key, now));
      return [first, ...rest].map((key) => ({ ...key.privateJwk, kid: key.kid, alg: 'ES256', use: 'sig' }));
    },
    version(now) {
      return [signingKey(now), ...keys.filter((key) => isPublished(key, now))].map((key) => key.kid).join(' ');
    },
  };
}
