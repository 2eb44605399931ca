import type { TenantId } from '../../kernel/ids.ts';
import type { KnownKey } from './key-change.ts';
import type { SignedDocument } from './organization-document.ts';

/** Another organisation as an administrator here confirmed it. */
export interface PartnerRecord {
  readonly tenantId: TenantId;
  readonly displayName: string;
  /** Where its document was found: a domain, with a port where it is not 443 (`contoso.example:8443`). */
  readonly foundAt: string;
  readonly document: SignedDocument;
  /** What it has published since and nobody here has confirmed. */
  readonly proposed: SignedDocument | null;
  /** Where that was found, as `foundAt`. */
  readonly proposedAt: string | null;
  /** Every key that it was ever known by, the newest first. */
  readonly keys: readonly KnownKey[];
  /** Those of its domains that were proven and confirmed, in alphabetical order. */
  readonly domains: readonly string[];
  readonly confirmedAt: Date;
  readonly confirmedBy: string;
  readonly health: PartnerHealth;
}

/** An organisation that asked to be known here, and of which nobody here has decided yet. */
export interface Introduction {
  readonly tenantId: TenantId;
  readonly foundAt: string;
  readonly document: SignedDocument;
  readonly introducedAt: Date;
}

/** The ways in which a request to another organisation can fail before it is answered. */
export const FAILURES = [
  'name',
  'address',
  'certificate',
  'connection',
  'timeout',
  'answer',
  'clock',
  'signature',
  'unknown-here',
  'busy',
] as const;
export type Failure = (typeof FAILURES)[number];

export interface PartnerHealth {
  readonly answeredAt: Date | null;
  readonly failedAt: Date | null;
  readonly failure: Failure | string | null;
  /** In a row. */
  readonly failures: number;
  /** The partner's clock less ours. */
  readonly clockSkewSeconds: number;
}

/** How far two clocks may be apart before a signed request is refused; either way. */
export const CLOCK_TOLERANCE_SECONDS = 300;

/** How long a nonce is remembered: no request is good for longer. */
export const NONCE_SECONDS = 2 * CLOCK_TOLERANCE_SECONDS;
