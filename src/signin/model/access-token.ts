import { type KeyObject, sign, verify } from 'node:crypto';

/** The audience of every access token for the Graph wire, our own administration and the person's own pages. */
export const API_AUDIENCE = 'api://entente';

/** What an access token says (RFC 9068, with the reference product's names where it has one). */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  /** Pairwise: another application sees another value (OpenID Connect Core §8.1). */
  readonly sub: string;
  readonly client_id: string;
  /** The client id under the names that the reference product's libraries read. */
  readonly azp: string;
  readonly appid: string;
  readonly tid: string;
  /** The account in the tenant whose work is done; the service principal for a program acting for itself. */
  readonly oid: string;
  readonly ver: '2.0';
  /** `app` for a program acting for itself, `user` for one acting for a person. */
  readonly idtyp: 'app' | 'user';
  readonly scp?: string;
  readonly roles?: readonly string[];
  /** Where a guest is at home, and who vouched for them there. */
  readonly home_tid?: string;
  readonly idp?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
  readonly sid?: string;
  /** The consent that it was issued under: ending that ends the token. */
  readonly gid?: string;
}

/** Clocks of two machines may differ by this much. */
const TOLERANCE_SECONDS = 5;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs with ES256 (RFC 7518 §3.4) as `at+jwt` (RFC 9068 §2.1). */
export function signAccessToken(claims: AccessTokenClaims, key: { kid: string; privateKey: KeyObject }): string {
  const body = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })}.${encode(claims)}`;
  return `${body}.${joined(sign('sha256', Buffer.from(body), key.privateKey)).toString('base64url')}`;
}

/**
 * A signature of P-256 as a JWS has it, r and s side by side (RFC 7518 §3.4), from the ASN.1 that node:crypto writes
 * (RFC 3279 §2.2.3): both stand behind their length, with a zero in front where they would read as negative. Asking
 * node:crypto for this form doubles the time that a token takes.
 */
function joined(der: Buffer): Buffer {
  const both = Buffer.alloc(64);
  const rEnds = 4 + (der[3] ?? 0);
  for (const [begins, ends, at] of [
    [4, rEnds, 32],
    [rEnds + 2, der.length, 64],
  ] as const) {
    const number = der.subarray(Math.max(begins, ends - 32), ends);
    both.set(number, at - number.length);
  }
  return both;
}

/**
 * The claims of a token whose signature was NOT checked: only to find the key it must be checked with.
 * Undefined for anything that is not a JWT of the one type and algorithm that we issue.
 */
export function readUnverified(token: string): { kid: string; claims: AccessTokenClaims } | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8'));
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    // The algorithm is ours to choose, never the token's (RFC 8725 §3.1).
    if (header?.alg !== 'ES256' || header.typ !== 'at+jwt' || typeof header.kid !== 'string') return undefined;
    return typeof claims === 'object' && claims !== null ? { kid: header.kid, claims } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the signature is good. Synchronous: a hop to a thread costs more than the check. */
export function hasGoodSignature(token: string, publicKey: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (signature.length !== 64) return false;
  return verify('sha256', Buffer.from(token.slice(0, end)), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/** Whether the claims are for us and in force. */
export function isInForce(claims: AccessTokenClaims, expected: { issuer: string; now: Date }): boolean {
  const seconds = expected.now.getTime() / 1000;
  return (
    claims.iss === expected.issuer &&
    claims.aud === API_AUDIENCE &&
    typeof claims.exp === 'number' &&
    typeof claims.iat === 'number' &&
    claims.exp > seconds - TOLERANCE_SECONDS
  );
}
