import type { TFunction } from 'i18next';
import type { Tone } from '../parts/state-text.tsx';

/** How far a log was signed, and when. */
export interface SignedUpTo {
  readonly size: number;
  readonly at: string;
}

export interface SideCounts {
  /** Sealed. */
  readonly size: number;
  readonly records: number;
  readonly unmatched: number;
}

/** How the log shared with one partner stands. */
export interface SharedLog {
  readonly partner: string;
  readonly displayName: string | null;
  readonly ours: SideCounts;
  readonly theirs: SideCounts;
  /** How many, on either side, have had no counterpart for too long. */
  readonly told: number;
  readonly exchange: {
    readonly exchangedAt: string | null;
    readonly apartSince: string | null;
    readonly failure: string | null;
    readonly heldSize: number | null;
    readonly faultSide: 'ours' | 'theirs' | null;
    readonly faultPosition: number | null;
    readonly faultProblem: string | null;
    readonly faultAt: string | null;
  } | null;
  readonly checkpoints: {
    readonly ours: SignedUpTo | null;
    readonly theirs: SignedUpTo | null;
    /** The newest of ours that the partner has shown to have read. */
    readonly held: SignedUpTo | null;
  };
}

export type PairState = 'matched' | 'waiting' | 'differs' | 'only-ours' | 'only-theirs';

/** What was written of one thing that happened, by both or by one. */
export interface Pair {
  readonly id: string;
  readonly state: PairState;
  readonly at: { readonly ours: string | null; readonly theirs: string | null };
  readonly kind: 'request' | 'act';
  readonly what: string;
  readonly from: string;
  readonly by: string | null;
  readonly about: readonly string[];
  readonly outcome: string;
}

/** What one side wrote, and what proves it. */
export interface ProvenSide extends Omit<Pair, 'state' | 'at' | 'id'> {
  readonly id: string;
  readonly at: string;
  readonly place: number | null;
  readonly to: string;
  readonly correlationId: string;
  readonly checkpoint: SignedUpTo | null;
  readonly isProven: boolean;
  readonly isHeld: boolean;
}

export interface PairDetail {
  readonly state: PairState;
  readonly ours: ProvenSide | null;
  readonly theirs: ProvenSide | null;
}

export const logPath = (partner: string) => `/admin/partners/${partner}/shared-log`;

export const PAIR_TONES: Readonly<Record<PairState, Tone>> = {
  matched: 'good',
  waiting: 'waiting',
  differs: 'stopped',
  'only-ours': 'warning',
  'only-theirs': 'warning',
};

/** Requests that both see; acts are called as in the audit. */
export const ASKED = [
  'calendars_availability',
  'calendars_mail-tips',
  'calendars_schedule',
  'calendars_trace',
  'calendars_shared_accept',
  'calendars_shared_read',
  'calendars_shared_objects',
  'calendars_contacts_find',
  'calendars_contacts_read',
  'directory_take-people',
  'access_request',
  'access_request-answered',
  'partners_agreement-version',
  'partners_agreement-amendment',
  'partners_agreement-reach',
  'partners_agreement-alarm',
  'partners_ended',
  'signin_signal',
] as const;

export const ACTS = [
  'directory_guest-invited',
  'directory_guest-redeemed',
  'directory_guest-ended',
  'directory_guest-extended',
  'directory_guest-restored',
  'directory_guest-orphaned',
  'directory_guest-left',
  'directory_guest-erased',
  'directory_redemption-reset',
  'directory_account-deleted',
  'directory_account-restored',
  'calendars_permission-added',
  'calendars_permission-changed',
  'calendars_permission-removed',
  'signin_signed-in',
] as const;

/** What happened, in the reader's language; what has no words of its own keeps its name. */
export function sayWhat({ kind, what }: Pick<Pair, 'kind' | 'what'>, t: TFunction): string {
  const key = what.replaceAll('.', '_');
  return kind === 'act'
    ? t(`actions.${key}`, { defaultValue: what })
    : t(`sharedLog.asked.${key}`, { defaultValue: what });
}

export function sayOutcome(outcome: string, t: TFunction): string {
  return outcome === 'done' ? t('sharedLog.done') : t('sharedLog.refused', { code: outcome });
}

export type LogState = 'broken' | 'ours-broken' | 'withheld' | 'unmatched' | 'apart' | 'waiting' | 'same';

/** The one word for how a log stands: the worst there is. */
export function stateOfLog({ ours, theirs, told, exchange }: SharedLog): LogState {
  if (exchange?.faultAt && exchange.faultPosition === null) return 'withheld';
  if (exchange?.faultAt) return exchange.faultSide === 'ours' ? 'ours-broken' : 'broken';
  if (exchange?.apartSince) return 'apart';
  if (told > 0) return 'unmatched';
  if (ours.unmatched + theirs.unmatched === 0) return 'same';
  return 'waiting';
}

export const LOG_TONES: Readonly<Record<LogState, Tone>> = {
  broken: 'stopped',
  'ours-broken': 'stopped',
  withheld: 'stopped',
  unmatched: 'warning',
  apart: 'warning',
  waiting: 'waiting',
  same: 'good',
};
