/**
 * Requests that their sender signed (RFC 9421, Ed25519) over method, address and content (RFC 9530), with a time and a
 * nonce, so that none of them can be altered, sent elsewhere or sent twice.
 */
import { createHash, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import type { JWK } from 'jose';
import type { JsonSigner } from './signed-json.ts';

export interface SignedRequest {
  readonly method: string;
  /** The whole address, as the receiver is known by it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request whose signature does not hold, or that was not signed. */
export class HttpSignatureError extends Error {
  override readonly name = 'HttpSignatureError';
  /** Whether it names a key that is none of those it was checked against. */
  readonly isUnknownKey: boolean;

  constructor(message: string, { isUnknownKey = false, ...options }: ErrorOptions & { isUnknownKey?: boolean } = {}) {
    super(message, options);
    this.isUnknownKey = isUnknownKey;
  }
}

const TAG = 'entente';
const PARAMETERS = ['created', 'nonce', 'keyid', 'alg', 'tag'];
const COMPONENTS = ['@method', '@target-uri', 'content-type', 'content-digest'];

/** The request's headers with a digest and a signature. `alsoSigned` names headers that belong to what is said. */
export async function signRequest(
  request: SignedRequest,
  signer: JsonSigner,
  { at, nonce, alsoSigned }: { at: Date; nonce: string; alsoSigned: readonly string[] },
): Promise<Record<string, string>> {
  const key = createPrivateKey({ key: signer.privateJwk as never, format: 'jwk' });
  const { headers } = await httpbis.signMessage(
    {
      key: { id: signer.kid, alg: 'ed25519', sign: async (bytes) => sign(null, bytes, key) },
      fields: [...COMPONENTS, ...alsoSigned],
      params: PARAMETERS,
      paramValues: { created: at, nonce, tag: TAG },
    },
    { ...request, headers: { ...request.headers, 'content-digest': digestOf(request.body) } },
  );
  return headers as Record<string, string>;
}

/**
 * Checks the one signature of a request. Whether its time and nonce are good is the caller's to say.
 * @throws HttpSignatureError.
 */
export async function verifyRequest(
  request: SignedRequest,
  keys: readonly JWK[],
  alsoSigned: readonly string[],
): Promise<{ kid: string; at: Date; nonce: string }> {
  const said = Buffer.from(request.headers['content-digest'] ?? '');
  const seen = Buffer.from(digestOf(request.body));
  if (said.length !== seen.length || !timingSafeEqual(said, seen))
    throw new HttpSignatureError('The content is not what its digest says.');
  let found: { kid: string; at: Date; nonce: string } | undefined;
  let isUnknownKey = false;
  const holds = await httpbis
    .verifyMessage(
      {
        // Several signatures would leave open which of them counts.
        all: true,
        requiredParams: PARAMETERS,
        requiredFields: [...COMPONENTS, ...alsoSigned],
        // Its own clock is the process's; ours may be another, so the time is judged by who asked.
        notAfter: Number.MAX_SAFE_INTEGER,
        async keyLookup({ keyid, created, nonce, tag, alg }) {
          const jwk = keys.find(({ kid }) => kid === keyid);
          if (!jwk) isUnknownKey = true;
          if (!jwk || found || tag !== TAG || alg !== 'ed25519' || !created || !nonce) return null;
          found = { kid: String(keyid), at: created, nonce };
          const key = createPublicKey({ key: jwk as never, format: 'jwk' });
          return {
            id: String(keyid),
            algs: ['ed25519'],
            verify: async (bytes, signature) => verify(null, bytes, key, signature),
          };
        },
      },
      { method: request.method, url: request.url, headers: { ...request.headers } },
    )
    .catch((error: unknown) => {
      throw new HttpSignatureError('The signature cannot be checked.', { cause: error, isUnknownKey });
    });
  if (holds !== true || !found) throw new HttpSignatureError('The signature does not hold.', { isUnknownKey });
  return found;
}

/** RFC 9530 §2, SHA-256. */
const digestOf = (body: string) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
