import type { DomainName } from './domain-name.ts';

/** What a domain is used for, in the reference product's words. */
export const SUPPORTED_SERVICES = ['Email', 'OfficeCommunicationsOnline'] as const;
export type SupportedService = (typeof SUPPORTED_SERVICES)[number];

/** A name that a tenant claims; its own once verified, and then no other tenant's. */
export interface Domain {
  readonly name: DomainName;
  /** What the TXT record must carry; another for each tenant that claims the name. */
  readonly proof: string;
  readonly verifiedAt: Date | null;
  readonly isInitial: boolean;
  readonly isDefault: boolean;
  readonly supportedServices: readonly SupportedService[];
  readonly createdAt: Date;
}

/** The text that a TXT record of the domain must have, to the letter. */
export const proofText = (domain: Pick<Domain, 'proof'>): string => `entente-verification=${domain.proof}`;

/** Something that carries the domain in its name or address, and must be renamed before the domain can go. */
export interface DomainReference {
  /** `account`, `group` or `application`. */
  readonly kind: string;
  readonly id: string;
  readonly displayName: string;
}

/** Where TXT records are read. A name without any, or without itself, has none. Rejects when DNS gives no answer. */
export interface TxtLookup {
  txt(name: string): Promise<readonly string[]>;
}
