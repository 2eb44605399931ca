import type { Filter } from './filter-lines.ts';
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
    readonly filters: readonly Filter[];
    readonly bringsGroups: boolean;
    readonly bringsManagers: boolean;
    readonly createAs: 'Member' | 'Guest';
    readonly changesType: boolean;
    readonly mappings: readonly Mapping[];
    readonly deletionThreshold: number;
    readonly minutesBetween: number;
  };
  readonly state: SyncState;
  readonly reason: string | null;
  readonly failure: string | null;
  readonly lastCycle: {
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly isRunning: boolean;
    readonly counts: Readonly<Record<string, number>>;
  } | null;
  /** When the next run is due; null: at once, or nothing is brought now. */
  readonly dueAt: string | null;
  readonly people: Readonly<Record<string, number>>;
  readonly problems: readonly {
    readonly accountId: string;
    readonly displayName: string;
    readonly isThere: boolean;
    readonly reason: string | null;
    readonly changedAt: string;
  }[];
  /** Who would leave, while that waits for an administrator; the first 200. */
  readonly leaving: readonly { readonly accountId: string; readonly displayName: string }[];
  readonly isConsentGiven: boolean;
  readonly inbound: { readonly isSyncAllowed: boolean; readonly isConsentAutomatic: boolean; readonly people: number };
}

/** One line of what was done, in whole or with one person. */
export interface SyncEvent {
  readonly id: string;
  readonly at: string;
  readonly what: string;
  readonly reason: string | null;
  /** Who did it; null: the server by itself. */
  readonly by: string | null;
  readonly person: { readonly id: string; readonly displayName: string } | null;
  readonly facts: {
    readonly outcome?: string;
    readonly counts?: Readonly<Record<string, number>>;
    readonly leaving?: number;
    readonly threshold?: number;
    readonly confirmRemovals?: boolean;
  };
}

export interface BringStep {
  readonly step: 'read' | 'scope' | 'map' | 'provision';
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly detail: unknown;
}

export const synchronizationOf = (partnerId: string) => `${PARTNERS}/${partnerId}/synchronization`;
