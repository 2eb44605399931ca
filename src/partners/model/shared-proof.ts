/** What an outside auditor needs to believe one shared record, and nothing about any other. Checked offline. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Checkpoints, type Verdict, verifyLeaves } from '../../audit/index.ts';
import { MerkleError, openCheckpoint, verifyInclusion } from '../../protocols/merkle.ts';
import { digestOf, leafOf, originOf, verifiersOf, type WrittenRecord, writtenRecord } from './shared-record.ts';

export const PROOF_FORMAT = 'entente-shared-proof/1';

const jwk = z.looseObject({ kty: z.string(), kid: z.string() });

/** One writer's record at its place, up to the checkpoint that the writer signed. */
const provenRecord = z.object({
  /** Who wrote it, and about the work with whom. */
  keeper: z.guid(),
  partner: z.guid(),
  written: writtenRecord,
  sequence: z.number().int().min(0),
  size: z.number().int().min(1),
  /** RFC 9162 §2.1.3, base64. */
  proof: z.array(z.string().max(100)).max(64),
  /** C2SP tlog-checkpoint. */
  note: z.string().max(10_000),
  keys: z.array(jwk).min(1).max(20),
});
export type ProvenRecord = z.output<typeof provenRecord>;

export const sharedProof = z.object({
  format: z.literal(PROOF_FORMAT),
  ours: provenRecord,
  /** The same in the partner's own log, where it is there. */
  theirs: provenRecord.nullable(),
});
export type SharedProof = z.output<typeof sharedProof>;

/** @returns what is wrong, in English; undefined for a proof that holds. */
export function problemOfProof({ ours, theirs }: SharedProof): string | undefined {
  const own = problemOfHalf(ours);
  if (own !== undefined || theirs === null) return own;
  if (theirs.keeper !== ours.partner || theirs.partner !== ours.keeper)
    return 'the two halves are of different organisations';
  if (!digestOf(theirs.written.record).equals(digestOf(ours.written.record)))
    return 'the two halves do not say the same';
  return problemOfHalf(theirs);
}

/** The same for what one of the two wrote. */
export function problemOfHalf(half: ProvenRecord): string | undefined {
  try {
    const checkpoint = openCheckpoint(half.note, verifiersOf(half.keeper, half.keys.map(toKey)));
    if (checkpoint.origin !== originOf(half.keeper, half.partner) || checkpoint.size !== half.size)
      return 'the checkpoint speaks of another log';
    const proof = half.proof.map((hash) => Buffer.from(hash, 'base64'));
    const isIn = verifyInclusion(leafOf(half.written), half.sequence, half.size, proof, checkpoint.root);
    return isIn ? undefined : `the record is not at place ${half.sequence} of the log that was signed`;
  } catch (error) {
    if (error instanceof MerkleError) return error.message;
    throw error;
  }
}

/** Reads a shared log from its first record, as `verifyLog` does the audit. `events` of the verdict counts records. */
export function verifySharedLog(log: {
  keeper: string;
  partner: string;
  keys: readonly z.output<typeof jwk>[];
  records: AsyncIterable<SealedRecord> | Iterable<SealedRecord>;
  checkpoints: Checkpoints;
}): Promise<Verdict> {
  return verifyLeaves({
    origin: originOf(log.keeper, log.partner),
    verifiers: verifiersOf(log.keeper, log.keys.map(toKey)),
    noun: 'record',
    leaves: leavesOf(log.records),
    checkpoints: log.checkpoints,
  });
}

export interface SealedRecord extends WrittenRecord {
  readonly sequence: number | null;
  /** As it was sealed; null in an export that has the records alone. */
  readonly leaf: Uint8Array | null;
}

async function* leavesOf(records: AsyncIterable<SealedRecord> | Iterable<SealedRecord>) {
  for await (const { at, record, sequence, leaf } of records)
    yield { sequence, computed: leafOf({ at, record }), kept: leaf, name: record.id };
}

const toKey = (key: z.output<typeof jwk>): KeyObject => createPublicKey({ key: key as never, format: 'jwk' });
