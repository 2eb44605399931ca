import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';
import { type CheckpointVerifier, hashLeaf } from '../../protocols/merkle.ts';
import { canonicalBytes } from '../../protocols/signed-json.ts';

/** Whatever somebody asked for stands in records, so it must be text that every reader gets back as it was. */
const address = z
  .string()
  .max(320)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'is no plain text');

const NAMED_AT_MOST = 1_000;
const OUTCOME_AT_MOST = 100;

/** Those that can stand in a record, each once, in the order in which both sides write them. */
export const addressesIn = (texts: readonly string[]): string[] =>
  [...new Set(texts.map((text) => text.toLowerCase()))]
    .filter((text) => address.safeParse(text).success)
    .sort()
    .slice(0, NAMED_AT_MOST);

/** How a request ended, as it stands in a record. */
export const outcomeIn = (code: string): string => code.slice(0, OUTCOME_AT_MOST);

/**
 * What happened between two organisations, in the words both of them write down. It names who did it, the organisations
 * and the persons it was about, and how it ended: never what was asked, answered or said.
 */
export const sharedRecord = z.strictObject({
  v: z.literal(1),
  /** Of this one exchange or act; made by whoever began it. */
  id: z.guid(),
  // A client's own, which need not be of a version that the standard knows.
  correlationId: z.guid(),
  /** `request`: `from` asked and `to` answered, and each saw it. `act`: `from` did it, and `to` took note of it. */
  kind: z.enum(['request', 'act']),
  /** The request's or the event's name: `calendars.availability`, `directory.guest-redeemed`. */
  what: z.string().min(1).max(100),
  from: z.guid(),
  to: z.guid(),
  /** Whom `from` spoke for; null where nobody did. */
  by: address.nullable(),
  /** Persons of either it was about, in alphabetical order. */
  about: z.array(address).max(NAMED_AT_MOST),
  /** `done`, or the code of the refusal. */
  outcome: z.string().min(1).max(OUTCOME_AT_MOST),
});
export type SharedRecord = z.output<typeof sharedRecord>;

/** A record with the moment at which its writer wrote it, by the writer's clock. Both are sealed. */
export const writtenRecord = z.strictObject({
  /** In the one spelling that every reader gets back from the same moment. */
  at: z.iso.datetime().refine((at) => new Date(at).toISOString() === at, 'is spelled in another way'),
  record: sharedRecord,
});
export type WrittenRecord = z.output<typeof writtenRecord>;

/** What both sides are matched by. */
export const digestOf = (record: SharedRecord): Buffer => createHash('sha256').update(canonicalBytes(record)).digest();

export const leafOf = ({ at, record }: WrittenRecord): Buffer => Buffer.from(hashLeaf(canonicalBytes({ at, record })));

/** Which of two logs about the same: the one this organisation writes, or its copy of the partner's. */
export type Side = 'ours' | 'theirs';

/** The log that `keeper` writes about what is between it and `other`. One line, as checkpoints name it. */
export const originOf = (keeper: string, other: string) => `entente/shared/${keeper}/${other}`;
/** The name under which an organisation signs how far its shared logs have come. */
export const signerNameOf = (keeper: string) => `entente-shared-${keeper}`;

export const verifiersOf = (keeper: string, keys: readonly CheckpointVerifier['publicKey'][]): CheckpointVerifier[] =>
  keys.map((publicKey) => ({ name: signerNameOf(keeper), publicKey }));

/** An act is noted by the other side as it stands, by whoever it was done to. */
export const isNotedBy = (record: SharedRecord, keeper: TenantId, writer: TenantId): boolean =>
  record.kind === 'act' && record.from === writer && record.to === keeper;

/** Whether a record is between these two at all. */
export const isBetween = ({ from, to }: SharedRecord, one: string, other: string): boolean =>
  (from === one && to === other) || (from === other && to === one);
