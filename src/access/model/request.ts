import type { TenantId } from '../../kernel/ids.ts';
import type { Petitioner } from '../../kernel/module.ts';

/** After so many days an answer comes too late. */
export const REQUEST_DAYS = 30;
export const LONGEST_MESSAGE = 1_000;
/** Of one person, open at once. */
export const OPEN_OF_ONE = 20;
/** Of all people of a partner, open at once. */
export const OPEN_OF_PARTNER = 200;

export type RequestState = 'open' | 'granted' | 'declined' | 'expired';

interface Asked {
  readonly id: string;
  readonly decisionId: string;
  readonly asker: Petitioner;
  readonly askerName: string;
  readonly message: string;
  /** How often the same was asked while nobody had answered. */
  readonly times: number;
  readonly state: RequestState;
  readonly note: string | null;
  readonly answeredByName: string | null;
  readonly askedAt: Date;
  readonly lastAskedAt: Date;
  readonly answeredAt: Date | null;
  readonly expiresAt: Date;
}

/** Somebody here answers. */
export interface RequestHere extends Asked {
  readonly putTo: 'here';
  readonly question: string;
  readonly input: unknown;
  readonly wanted: string;
  readonly ownerIds: readonly string[];
  readonly isForAdministrators: boolean;
  /** Of a visitor: what the request is called where they are at home. */
  readonly askerRequestId: string | null;
}

/** One of ours asks another organisation, which answers. */
export interface RequestElsewhere extends Asked {
  readonly putTo: 'partner';
  readonly partnerTenantId: TenantId;
  readonly partnerName: string;
}

export type AccessRequest = RequestHere | RequestElsewhere;
