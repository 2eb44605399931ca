/**
 * JSON that its author signed: a JWS (RFC 7515, Ed25519) over the canonical form of the value (RFC 8785), the payload
 * detached (appendix F), so that the value stays readable and several may sign the same one.
 */
import canonicalize from 'canonicalize';
import { FlattenedSign, flattenedVerify, importJWK, type JWK } from 'jose';

/** One signature over a value that stands beside it. */
export interface JsonSignature {
  readonly protected: string;
  readonly signature: string;
}

/** Who signs: an Ed25519 key as a JWK, with the id that its readers find it by. */
export interface JsonSigner {
  readonly kid: string;
  readonly privateJwk: JWK;
}

/** What was signed is not what is here, or nobody of those asked about signed it. */
export class SignedJsonError extends Error {
  override readonly name = 'SignedJsonError';
}

const ALGORITHM = 'EdDSA';

/** The bytes that are signed and hashed: the same for the same value, wherever it was printed. */
export function canonicalBytes(value: unknown): Buffer {
  const text = canonicalize(value);
  if (text === undefined) throw new SignedJsonError('This is no JSON value.');
  return Buffer.from(text);
}

/** `typ` says what is signed (`entente-agreement`), so that a signature never counts for something else. */
export async function signJson(value: unknown, signer: JsonSigner, typ: string): Promise<JsonSignature> {
  const key = await importJWK(signer.privateJwk, ALGORITHM);
  const signed = await new FlattenedSign(canonicalBytes(value))
    .setProtectedHeader({ alg: ALGORITHM, kid: signer.kid, typ })
    .sign(key);
  return { protected: signed.protected ?? '', signature: signed.signature };
}

/**
 * Which of `keys` made the signature over `value`.
 * @throws SignedJsonError when none did, or it was made for another purpose.
 */
export async function verifyJson(
  value: unknown,
  signature: JsonSignature,
  keys: readonly JWK[],
  typ: string,
): Promise<string> {
  try {
    const { protectedHeader } = await flattenedVerify(
      { ...signature, payload: canonicalBytes(value).toString('base64url') },
      async ({ kid }) => {
        const jwk = keys.find((key) => key.kid === kid);
        if (!jwk) throw new SignedJsonError('It was signed with a key that is not known.');
        return importJWK(jwk, ALGORITHM);
      },
      { algorithms: [ALGORITHM] },
    );
    if (protectedHeader?.typ !== typ) throw new SignedJsonError('It was signed as something else.');
    return protectedHeader.kid ?? '';
  } catch (error) {
    if (error instanceof SignedJsonError) throw error;
    throw new SignedJsonError('The signature does not hold.', { cause: error });
  }
}

/** By which key a signature says it was made; undefined where it cannot be read. Proves nothing. */
export function kidOf({ protected: header }: Pick<JsonSignature, 'protected'>): string | undefined {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
