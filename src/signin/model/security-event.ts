/** Security event tokens (RFC 8417) about people, in the words of OpenID CAEP and RISC. */
import type { KeyObject } from 'node:crypto';
import { type CompactVerifyResult, compactVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { parseKeepable } from '../../kernel/text.ts';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type';

/** What is told of people. */
export const SIGNALS = {
  sessionRevoked: `${CAEP}/session-revoked`,
  credentialChange: `${CAEP}/credential-change`,
  assuranceLevelChange: `${CAEP}/assurance-level-change`,
  tokenClaimsChange: `${CAEP}/token-claims-change`,
  accountDisabled: `${RISC}/account-disabled`,
  accountEnabled: `${RISC}/account-enabled`,
  accountPurged: `${RISC}/account-purged`,
} as const;
export const SIGNAL_TYPES: readonly string[] = Object.values(SIGNALS);

/** About the stream itself. */
export const VERIFICATION = `${SSF}/verification`;
export const STREAM_UPDATED = `${SSF}/stream-updated`;

/** What waits to be told: everything but who tells it, to whom and when it left. */
export interface Signal {
  readonly type: string;
  /** RFC 9493, of whoever it is about, or of the stream. */
  readonly subject: SubjectId;
  readonly event: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
}

export type SubjectId =
  | { readonly format: 'iss_sub'; readonly iss: string; readonly sub: string }
  | { readonly format: 'opaque'; readonly id: string };

const TYPE = 'secevent+jwt';
const ALGORITHM = 'ES256';

/**
 * Signs a signal as it leaves: `iat` is that moment, so that a receiver can refuse what is old, and `jti` stays the
 * same however often it leaves. It has neither `sub` nor `exp` (RFC 8417 §2.2).
 */
export function signSignal(
  { id, type, subject, event, correlationId }: Signal & { readonly id: string },
  { issuer, audience, now }: { readonly issuer: string; readonly audience: string; readonly now: Date },
  key: { readonly kid: string; readonly privateKey: KeyObject },
): Promise<string> {
  return new SignJWT({
    iss: issuer,
    aud: audience,
    iat: Math.floor(now.getTime() / 1000),
    jti: id,
    txn: correlationId,
    sub_id: subject,
    events: { [type]: event },
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
    .sign(key.privateKey);
}

const claims = z.object({
  iss: z.string().max(500),
  aud: z.union([z.string().max(500), z.array(z.string().max(500)).max(20)]),
  iat: z.number().int(),
  jti: z.uuid(),
  txn: z.uuid().optional(),
  sub_id: z.union([
    z.object({ format: z.literal('iss_sub'), iss: z.string().max(500), sub: z.string().max(200) }),
    z.object({ format: z.literal('opaque'), id: z.string().max(200) }),
  ]),
  events: z.record(z.string().max(200), z.record(z.string(), z.unknown())),
  sub: z.undefined().optional(),
  exp: z.undefined().optional(),
});
export type SignalClaims = z.output<typeof claims>;

/** Why a token is not taken, in the codes of RFC 8935 §2.4. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  readonly code: SignalErrorCode;

  constructor(code: SignalErrorCode, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.code = code;
  }
}
export type SignalErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'access_denied';

/** A token says it was signed when it left: one on its way for longer, or from the future, is somebody's copy. */
const TOLERANCE_SECONDS = 600;

/** Who a token says it is from, unproven. Undefined for what is no token. */
export function issuerIn(token: string): string | undefined {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload?.iss === 'string' ? payload.iss : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a token says, once everything about it is right.
 * @param keyOf the issuer's key by its id; undefined when there is none.
 * @throws SignalError.
 */
export async function readSignal(
  token: string,
  expected: { readonly issuer: string; readonly audience: string; readonly now: Date },
  keyOf: (kid: string) => Promise<KeyObject | undefined>,
): Promise<SignalClaims> {
  let verified: CompactVerifyResult;
  try {
    verified = await compactVerify(
      token,
      async ({ kid }) => {
        const key = kid === undefined ? undefined : await keyOf(kid);
        if (!key) throw new SignalError('invalid_key', 'It is signed with a key that the issuer does not publish.');
        return key;
      },
      { algorithms: [ALGORITHM] },
    );
  } catch (error) {
    if (error instanceof SignalError) throw error;
    throw new SignalError('invalid_key', 'The signature does not hold.', error);
  }
  if (verified.protectedHeader.typ !== TYPE) throw new SignalError('invalid_request', `It is no ${TYPE}.`);
  const read = claims.safeParse(parseKeepable(Buffer.from(verified.payload).toString('utf8')));
  if (!read.success) throw new SignalError('invalid_request', 'Its claims cannot be read.', read.error);
  const { iss, aud, iat } = read.data;
  if (iss !== expected.issuer) throw new SignalError('invalid_issuer', 'It is from another issuer than its key.');
  if (![aud].flat().includes(expected.audience))
    throw new SignalError('invalid_audience', 'It is meant for somebody else.');
  if (Math.abs(expected.now.getTime() / 1000 - iat) > TOLERANCE_SECONDS)
    throw new SignalError('invalid_request', 'It was not signed just now.');
  return read.data;
}
