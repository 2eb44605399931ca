/** Other organisations as the server says them. */

export interface PartnerKey {
  readonly kid: string;
  /** The public key itself, Ed25519, in base64url. */
  readonly x: string;
}

/** Of ours: `signs`, `next`, `leaving`; of a partner's: `confirmed`, `announced` by the key before it, `unknown`. */
export type KeyState =
  | 'signs'
  | 'next'
  | 'leaving'
  | 'former'
  | 'withdrawn'
  | 'confirmed'
  | 'announced'
  | 'published'
  | 'unknown';

/** One of our own keys. */
export interface OwnKey extends PartnerKey {
  readonly state: KeyState;
  readonly signsFrom: string;
  readonly retiresAt: string | null;
}

/** One by which a partner was ever known here. */
export interface KnownKey extends PartnerKey {
  readonly state: KeyState;
}

/** What an organisation publishes of itself. */
export interface Published {
  readonly displayName: string;
  readonly domains: readonly string[];
  readonly endpoint: string;
  readonly issuer: string;
  /** The first signs now. */
  readonly keys: readonly PartnerKey[];
}

export interface Health {
  readonly answeredAt: string | null;
  readonly failedAt: string | null;
  readonly failure: string | null;
  /** In a row. */
  readonly failures: number;
  readonly clockSkewSeconds: number;
}

export interface Partner {
  readonly id: string;
  readonly displayName: string;
  /** Where it was found: what it is looked up by again. */
  readonly foundAt: string;
  readonly domains: readonly string[];
  readonly published: Published;
  /** Every key that it was known by, the newest first. */
  readonly keys: readonly KnownKey[];
  readonly proposed: Published | null;
  /** Where that was found. */
  readonly proposedAt: string | null;
  readonly confirmedAt: string;
  readonly confirmedBy: string;
  readonly health: Health;
}

/** What was found behind a domain, before anything is stored. */
export interface Found {
  readonly id: string;
  readonly foundAt: string;
  readonly isHere: boolean;
  /** Names exactly what was shown; it is confirmed under this name. */
  readonly digest: string;
  readonly published: Published;
  readonly proven: readonly string[];
  readonly unproven: readonly string[];
  /** Domains that lead to another partner already. */
  readonly taken: readonly string[];
  /** It is an old copy and cannot be confirmed. */
  readonly isOlder: boolean;
  /** Keys by which it is known already. */
  readonly knownKeys: readonly KnownKey[];
  readonly isConfirmed: boolean;
  readonly confirmedDomains: readonly string[];
}

/** An organisation that asked to be known. */
export interface Introduction {
  readonly id: string;
  readonly foundAt: string;
  readonly introducedAt: string;
  readonly published: Published;
}

/** What could not be told to a partner, by the part of the product that says it. */
export interface Untold {
  readonly module: string;
  readonly count: number;
  readonly refused: number;
  /** A fault's code and sentence. */
  readonly reason: string | null;
}

export const PARTNERS = '/admin/partners';
