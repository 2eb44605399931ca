import type { Mapping } from './mapping-lines.ts';
import { PARTNERS } from './wire.ts';

export type SyncState = 'off' | 'active' | 'paused' | 'quarantined' | 'stopped';

/** How bringing our people to one partner stands, as the server says it. */
export interface Synchronization {
  readonly configuration: {
    readonly isOn: boolean;
    readonly everyone: boolean;
    readonly groups: readonly string[];
    readonly people: readonly string[];
    readonly createAs: 'Member' | 'Guest';
    readonly changesType: boolean;
    readonly mappings: readonly Mapping[];
    readonly deletionThreshold: number;
  };
  readonly state: SyncState;
  readonly reason: string | null;
  readonly failure: string | null;
  readonly lastCycle: {
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly counts: Readonly<Record<string, number>>;
  } | null;
  readonly people: Readonly<Record<string, number>>;
  readonly problems: readonly {
    readonly accountId: string;
    readonly displayName: string;
    readonly isThere: boolean;
    readonly reason: string | null;
    readonly changedAt: string;
  }[];
  readonly isConsentGiven: boolean;
  readonly inbound: { readonly isSyncAllowed: boolean; readonly isConsentAutomatic: boolean; readonly people: number };
}

/** One line of what was done. */
export interface Brought {
  readonly id: string;
  readonly at: string;
  readonly reason?: string | null;
  readonly targets: readonly { readonly id: string; readonly displayName?: string }[];
  readonly facts: { readonly outcome: string; readonly partnerTenantId: string };
}

export interface BringStep {
  readonly step: 'read' | 'scope' | 'map' | 'provision';
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly detail: unknown;
}

export const synchronizationOf = (partnerId: string) => `${PARTNERS}/${partnerId}/synchronization`;
