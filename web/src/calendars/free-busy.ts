import { minutesBetween, type Wall, wallOf } from './times.ts';
import type { Schedule, ShowAs } from './wire.ts';

/**
 * What is known of somebody's time. Nothing booked, nothing known, refused and not reached are four different things,
 * and nobody may take one for another.
 */
export type Knowledge = 'booked' | 'nothingBooked' | 'unknown' | 'denied' | 'unreachable';

/** A stretch of time as it stands in somebody's row. */
export interface Block {
  readonly start: Wall;
  readonly end: Wall;
  readonly status: ShowAs;
  readonly subject: string | undefined;
  readonly location: string | undefined;
  readonly isPrivate: boolean;
}

/** One person's answer. */
export interface Row {
  readonly address: string;
  readonly knowledge: Knowledge;
  readonly blocks: readonly Block[];
  /** The server's own sentence, where something is not known. */
  readonly reason: string | undefined;
  readonly code: string | undefined;
  /** Of a refusal: what it is called, and by whom where that is another organisation. */
  readonly reference: string | undefined;
  readonly refusedBy: string | undefined;
  readonly workingHours: Schedule['workingHours'];
}

/** exchange.md §3.1: which of the documented codes say what. */
const CODES: Readonly<Record<string, Knowledge>> = {
  ErrorNoFreeBusyAccess: 'denied',
  ErrorInvalidOrganizationRelationshipForFreeBusy: 'denied',
  ErrorProxyRequestNotAllowed: 'denied',
  ErrorProxyRequestProcessingFailed: 'unreachable',
  ErrorServiceDiscoveryFailed: 'unreachable',
  ErrorAutoDiscoverFailed: 'unreachable',
  ErrorMailRecipientNotFound: 'unknown',
  ErrorFreeBusyGenerationFailed: 'unknown',
  ErrorFreeBusyDLLimitReached: 'unknown',
  ErrorResultSetTooBig: 'unknown',
};

/** Reads one answer of `getSchedule` for a clock in `zone`. */
export function rowOf(address: string, schedule: Schedule | undefined, zone: string): Row {
  const blocks = (schedule?.scheduleItems ?? [])
    .filter(({ status }) => status !== 'free')
    .map((item) => ({
      start: wallOf(item.start, zone),
      end: wallOf(item.end, zone),
      status: item.status,
      subject: item.subject,
      location: item.location,
      isPrivate: item.isPrivate ?? false,
    }));
  const { error } = schedule ?? {};
  const knowledge: Knowledge = error
    ? (CODES[error.responseCode] ?? 'unknown')
    : schedule === undefined
      ? 'unknown'
      : blocks.length > 0
        ? 'booked'
        : 'nothingBooked';
  return {
    address,
    knowledge,
    blocks,
    reason: error?.message,
    code: error?.responseCode,
    reference: error?.reference,
    refusedBy: error?.refusedBy,
    workingHours: schedule?.workingHours,
  };
}

const STRENGTH: readonly ShowAs[] = ['free', 'workingElsewhere', 'tentative', 'busy', 'oof'];

/** What somebody is doing during a slot: the strongest of what overlaps it (3 > 2 > 1 > 4 > 0). */
export function statusDuring({ knowledge, blocks }: Row, start: Wall, end: Wall): ShowAs {
  if (knowledge !== 'booked' && knowledge !== 'nothingBooked') return 'unknown';
  let strongest: ShowAs = 'free';
  for (const block of blocks) {
    if (block.start < end && block.end > start && STRENGTH.indexOf(block.status) > STRENGTH.indexOf(strongest))
      strongest = block.status;
  }
  return strongest;
}

/** Whether somebody can come: free, and working elsewhere, count as yes. */
export const canCome = (status: ShowAs): boolean => status === 'free' || status === 'workingElsewhere';

/** Where a block stands in a row that shows `[from, to)`: parts of its width, 0 to 1. Undefined when outside. */
export function placeOf(
  block: Pick<Block, 'start' | 'end'>,
  from: Wall,
  to: Wall,
): { readonly left: number; readonly width: number } | undefined {
  if (block.end <= from || block.start >= to) return undefined;
  const whole = minutesBetween(from, to);
  const left = Math.max(0, minutesBetween(from, block.start));
  const right = Math.min(whole, minutesBetween(from, block.end));
  return { left: left / whole, width: (right - left) / whole };
}
