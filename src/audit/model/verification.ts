import { createPublicKey } from 'node:crypto';
import { appendLeaf, EMPTY_FRONTIER, MerkleError, openCheckpoint, rootOf } from '../../protocols/merkle.ts';
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

/**
 * Reads a log from its first event and says whether anything was changed, removed, inserted or moved. Needs the events,
 * the checkpoints and the public key, nothing else: it works on an export, offline.
 */
export async function verifyLog(log: {
  tenantId: string;
  publicKey: string;
  events: AsyncIterable<SealedEvent> | Iterable<SealedEvent>;
  checkpoints: readonly { readonly size: number; readonly note: string }[];
}): Promise<Verdict> {
  const verifier = { name: keyName(log.tenantId), publicKey: createPublicKey(log.publicKey) };
  let frontier = EMPTY_FRONTIER;
  let checked = 0;
  const verdict = (fault?: Verdict['fault']): Verdict => ({
    isIntact: fault === undefined,
    events: frontier.size,
    checkpoints: checked,
    ...(fault === undefined ? {} : { fault }),
  });

  for await (const { event, leaf } of log.events) {
    const position = frontier.size;
    if (event.sequence !== position) {
      return verdict({ position, problem: `an event is missing: the next one has the place ${event.sequence}` });
    }
    const computed = leafOf(event);
    if (leaf !== null && !computed.equals(leaf)) {
      return verdict({ position, problem: `the event ${event.id} is not what was sealed` });
    }
    frontier = appendLeaf(frontier, computed).frontier;
    for (let next = log.checkpoints[checked]; next && next.size === frontier.size; next = log.checkpoints[checked]) {
      const previous = log.checkpoints[checked - 1]?.size ?? 0;
      try {
        const checkpoint = openCheckpoint(next.note, [verifier]);
        if (checkpoint.origin !== originOf(log.tenantId)) throw new MerkleError('It speaks of another log.');
        if (checkpoint.size !== frontier.size || !Buffer.from(checkpoint.root).equals(rootOf(frontier))) {
          return verdict({
            position: previous,
            problem: `events ${previous} to ${next.size - 1} are not what was signed`,
          });
        }
      } catch (error) {
        if (!(error instanceof MerkleError)) throw error;
        return verdict({ position: previous, problem: `the checkpoint at ${next.size} is not good: ${error.message}` });
      }
      checked += 1;
    }
  }
  const missing = log.checkpoints[checked];
  if (missing) {
    return verdict({ position: frontier.size, problem: `the log ends here, but ${missing.size} events were signed` });
  }
  return verdict();
}
