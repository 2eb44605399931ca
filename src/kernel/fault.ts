/** The fourteen ways in which a request can fail, independent of the wire it came on. */
export const FAULT_KINDS = [
  'invalid', // the input breaks a rule that the caller can mend
  'unauthenticated', // we do not know who is asking
  'forbidden', // we know, and may say so: the answer is no
  'not-found', // missing, or the caller may not learn that it exists
  'conflict', // it clashes with something that exists
  'gone', // it existed and is over
  'stale', // the caller's copy is not the newest
  'too-large',
  'locked',
  'throttled',
  'internal', // our defect
  'unsupported',
  'unavailable', // try again later
  'over-quota',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * An error that may leave a use case. `sentence` is for the person reading; `facts` are shown only to callers at home
 * in the tenant that refused; `cause` is for the log and never reaches a client.
 */
export class Fault extends Error {
  readonly kind: FaultKind;
  /** Stable and documented, `module.what-happened`. A change of it is a breaking change. */
  readonly code: string;
  readonly sentence: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    kind: FaultKind,
    code: string,
    sentence: string,
    facts: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(`${code}: ${sentence}`, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = code;
    this.sentence = sentence;
    this.facts = facts;
  }
}

/** Faults that no module owns. */
export const kernelFaults = {
  invalid: (sentence: string, facts: Readonly<Record<string, unknown>> = {}) =>
    new Fault('invalid', 'request.invalid', sentence, facts),
  unauthenticated: (sentence = 'Sign in to continue.') =>
    new Fault('unauthenticated', 'request.unauthenticated', sentence),
  /** The answer to every id that is not the caller's to know: one sentence, one body, whoever asks. */
  notFound: () => new Fault('not-found', 'request.not-found', 'It does not exist, or you may not see it.'),
  /** A question answered "no" to a caller who may know that the thing exists. */
  refused: (facts: Readonly<Record<string, unknown>>) =>
    new Fault('forbidden', 'access.refused', 'You do not have access to do this.', facts),
  needsHttps: () =>
    new Fault('forbidden', 'request.needs-https', 'From another machine this server is used over HTTPS alone.'),
  /**
   * Only an older or weaker sign-in stands in the way (RFC 9470). The person signs in again within `maxAgeSeconds` and
   * does the same once more.
   */
  signInAgain: (facts: Readonly<Record<string, unknown>> & { readonly maxAgeSeconds: number }) =>
    new Fault(
      'unauthenticated',
      'access.sign-in-again',
      'Sign in again to do this, with your passkey or second factor if you have one.',
      facts,
    ),
  partnerUnknownRequest: () =>
    new Fault('unsupported', 'partners.unknown-request', 'The other organisation does not know this request.'),
  partnerForgedAddress: () =>
    new Fault('forbidden', 'partners.forged-address', 'The other organisation does not accept this sender.'),
  partnerUnreachable: (cause?: unknown) =>
    new Fault('unavailable', 'partners.unreachable', 'The other organisation does not answer right now.', {}, cause),
  /** What a follower knows is too old, or of another history. `location`: where to begin anew. */
  resyncRequired: (location?: string) =>
    new Fault(
      'gone',
      'odata.resync-required',
      'Too much has changed since then. Read everything again.',
      location === undefined ? {} : { location },
    ),
  internal: (cause: unknown) =>
    new Fault('internal', 'request.failed', 'Something went wrong on our side. Nothing was changed.', {}, cause),
  /** The disk, the database's or the files', is full: nobody's quota, and over once somebody makes room. */
  diskFull: (cause?: unknown) =>
    new Fault(
      'unavailable',
      'request.disk-full',
      'The server has no room left on its disk. Nothing was changed. Tell whoever runs it, and try again later.',
      { retryAfterSeconds: 30 },
      cause,
    ),
  unavailable: (cause?: unknown) =>
    new Fault(
      'unavailable',
      'request.unavailable',
      'The service is not available right now. Try again shortly.',
      {},
      cause,
    ),
};
