/** Other organisations as the server says them. */

export interface PartnerKey {
  readonly kid: string;
  /** The public key itself, Ed25519, in base64url. */
  readonly x: string;
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
  readonly proposed: Published | null;
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

export const PARTNERS = '/admin/partners';
