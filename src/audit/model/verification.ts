import { createPublicKey } from 'node:crypto';
import {
  appendLeaf,
  type CheckpointVerifier,
  EMPTY_FRONTIER,
  MerkleError,
  openCheckpoint,
  rootOf,
} from '../../protocols/merkle.ts';
import { type AuditEvent, leafOf } from './event.ts';

export interface SealedEvent {
  readonly event: AuditEvent;
  /** The leaf kept when it was sealed; absent in an export, where the record alone is checked. */
  readonly leaf: Uint8Array | null;
}

export interface Verdict {
  readonly isIntact: boolean;
  /** How many sealed events and checkpoints were read and found good before the first fault. */
  readonly events: number;
  readonly checkpoints: number;
  /** The first bad place, counted from 0, and what is wrong there. */
  readonly fault?: { readonly position: number; readonly problem: string };
}

/** The name under which a tenant's log signs. */
export const keyName = (tenantId: string) => `entente-audit-${tenantId}`;
export const originOf = (tenantId: string) => `entente/audit/${tenantId}`;

/** One place of a log: what stands there now, hashed, and what was sealed there. */
export interface Leaf {
  readonly sequence: number | null;
  readonly computed: Buffer;
  /** Null where only the record is there to be checked. */
  readonly kept: Uint8Array | null;
  readonly name: string;
}

export interface SignedUpTo {
  readonly size: number;
  readonly note: string;
}
export type Checkpoints = AsyncIterable<SignedUpTo> | Iterable<SignedUpTo>;

export interface LeafLog {
  readonly origin: string;
  readonly verifiers: readonly CheckpointVerifier[];
  /** What stands in it, in English: `event`. */
  readonly noun: string;
  readonly leaves: AsyncIterable<Leaf> | Iterable<Leaf>;
  /** In the order of their sizes. One stands for every minute of years: they are read as the log is, never kept. */
  readonly checkpoints: Checkpoints;
}

/**
 * Reads a log from its first event and says whether anything was changed, removed, inserted or moved. Needs the events,
 * the checkpoints and the public key, nothing else: it works on an export, offline.
 */
export async function verifyLog(log: {
  tenantId: string;
  publicKey: string;
  events: AsyncIterable<SealedEvent> | Iterable<SealedEvent>;
  checkpoints: Checkpoints;
}): Promise<Verdict> {
  return verifyLeaves({
    origin: originOf(log.tenantId),
    verifiers: [{ name: keyName(log.tenantId), publicKey: createPublicKey(log.publicKey) }],
    noun: 'event',
    leaves: leavesOf(log.events),
    checkpoints: log.checkpoints,
  });
}

async function* leavesOf(events: AsyncIterable<SealedEvent> | Iterable<SealedEvent>): AsyncGenerator<Leaf> {
  for await (const { event, leaf } of events)
    yield { sequence: event.sequence, computed: leafOf(event), kept: leaf, name: event.id };
}

/** The same for a log of anything. */
export async function verifyLeaves(log: LeafLog): Promise<Verdict> {
  const { noun } = log;
  let frontier = EMPTY_FRONTIER;
  let checked = 0;
  const checkpoints = each(log.checkpoints);
  let next = (await checkpoints.next()).value;
  let previous = 0;
  const verdict = (fault?: Verdict['fault']): Verdict => ({
    isIntact: fault === undefined,
    events: frontier.size,
    checkpoints: checked,
    ...(fault === undefined ? {} : { fault }),
  });

  for await (const { sequence, computed, kept, name } of log.leaves) {
    const position = frontier.size;
    if (sequence !== position)
      return verdict({ position, problem: `the ${noun} is missing: the next one has the place ${sequence}` });
    if (kept !== null && !computed.equals(kept))
      return verdict({ position, problem: `the ${noun} ${name} is not what was sealed` });
    frontier = appendLeaf(frontier, computed).frontier;
    while (next && next.size === frontier.size) {
      try {
        const checkpoint = openCheckpoint(next.note, [...log.verifiers]);
        if (checkpoint.origin !== log.origin) throw new MerkleError('It speaks of another log.');
        if (checkpoint.size !== frontier.size || !Buffer.from(checkpoint.root).equals(rootOf(frontier))) {
          const problem = `${noun}s ${previous} to ${next.size - 1} are not what was signed`;
          return verdict({ position: previous, problem });
        }
      } catch (error) {
        if (!(error instanceof MerkleError)) throw error;
        return verdict({ position: previous, problem: `the checkpoint at ${next.size} is not good: ${error.message}` });
      }
      checked += 1;
      previous = next.size;
      next = (await checkpoints.next()).value;
    }
  }
  if (next) {
    return verdict({ position: frontier.size, problem: `the log ends here, but ${next.size} ${noun}s were signed` });
  }
  return verdict();
}

async function* each<T>(things: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, undefined> {
  yield* things;
}
