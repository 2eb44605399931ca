import type { JWK } from 'jose';
import type { Verdict } from '../../audit/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { inclusionProof } from '../../protocols/merkle.ts';
import {
  PROOF_FORMAT,
  type ProvenRecord,
  type SealedRecord,
  type SharedProof,
  verifySharedLog,
} from '../model/shared-proof.ts';
import { digestOf } from '../model/shared-record.ts';
import { administerPartners } from '../questions/agreements.ts';
import { listPublicKeys } from '../store/keys.ts';
import {
  countRecords,
  type Exchange,
  findCheckpoint,
  findExchange,
  findTheirPlace,
  type KeptRecord,
  type LogOf,
  listCheckpoints,
  listSealed,
  listUnmatched,
  nodesOf,
} from '../store/shared-logs.ts';
import { compareWithPartner, type SharedLogPorts } from './exchange-checkpoints.ts';

export type { KeptRecord, LogOf };

export interface SharedLogState {
  readonly partner: TenantId;
  readonly ours: { readonly size: number; readonly records: number; readonly unmatched: number };
  readonly theirs: { readonly size: number; readonly records: number; readonly unmatched: number };
  /** How many have been without a counterpart for so long that it was told, on either side. */
  readonly told: number;
  readonly exchange: Exchange | null;
}

/** How the log that is shared with a partner stands. @throws access.refused; not-found where nothing is shared. */
export async function readSharedLogState(ctx: Context, partner: TenantId): Promise<SharedLogState> {
  await ctx.demand(administerPartners, undefined, 'read');
  const counts = await countRecords(ctx, partner);
  const exchange = (await findExchange(ctx, partner)) ?? null;
  if (!exchange && counts.ours.records + counts.theirs.records === 0) throw kernelFaults.notFound();
  return { partner, ...counts, exchange };
}

/** A page of one side's sealed records, from a place on. */
export async function readSharedRecords(
  ctx: Context,
  log: LogOf,
  page: { readonly from: number; readonly limit: number },
): Promise<KeptRecord[]> {
  await readSharedLogState(ctx, log.partner);
  return listSealed(ctx, log, page.from, page.limit);
}

/** What one side wrote and the other has not, the oldest first. */
export async function readUnmatched(ctx: Context, log: LogOf, limit: number): Promise<KeptRecord[]> {
  await readSharedLogState(ctx, log.partner);
  return listUnmatched(ctx, log, limit);
}

/**
 * Reads with the keys that the partner's log is signed with at hand: asked for first, since the way to them may need a
 * connection of its own. A partner that nobody here knows any more has none.
 */
export async function withTheirKeys<T>(
  ctx: Context,
  ports: Pick<SharedLogPorts, 'run' | 'partnerKeysOf'>,
  partner: TenantId,
  act: (inside: Context, theirKeys: readonly JWK[]) => Promise<T>,
): Promise<T> {
  const { tenantId, actor, correlationId } = ctx;
  await ctx.demand(administerPartners, undefined, 'read');
  const theirKeys = await ports.partnerKeysOf(ctx, partner).catch((error: unknown) => {
    if (error instanceof Fault && error.kind === 'not-found') return [];
    throw error;
  });
  return ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) => act(inside, theirKeys));
}

/**
 * The proof of the record at one place of our log: it stands there and, where the partner has the same, in theirs.
 * Shows no other record. @throws not-found for a place that no checkpoint covers.
 */
export async function proveSharedRecord(
  ctx: Context,
  theirKeys: readonly JWK[],
  partner: TenantId,
  sequence: number,
): Promise<SharedProof> {
  await readSharedLogState(ctx, partner);
  const publicKeys = (await listPublicKeys(ctx)).map(({ publicJwk }) => publicJwk);
  const ours = await provenAt(ctx, { partner, side: 'ours' }, sequence, [ctx.tenantId, partner], publicKeys);
  if (!ours) throw kernelFaults.notFound();
  const place = await findTheirPlace(ctx, partner, digestOf(ours.written.record));
  const theirs =
    place === undefined || theirKeys.length === 0
      ? undefined
      : await provenAt(ctx, { partner, side: 'theirs' }, place, [partner, ctx.tenantId], theirKeys);
  return { format: PROOF_FORMAT, ours, theirs: theirs ?? null };
}

async function provenAt(
  ctx: Context,
  log: LogOf,
  sequence: number,
  [keeper, partner]: readonly [TenantId, TenantId],
  keys: readonly object[],
): Promise<ProvenRecord | undefined> {
  const checkpoint = await findCheckpoint(ctx, log);
  const [kept] = await listSealed(ctx, log, sequence, 1);
  if (!checkpoint || kept?.sequence !== sequence || sequence >= checkpoint.size) return undefined;
  const proof = await inclusionProof(sequence, checkpoint.size, nodesOf(ctx, log));
  return {
    keeper,
    partner,
    written: { at: kept.at, record: kept.record },
    sequence,
    size: checkpoint.size,
    proof: proof.map((hash) => Buffer.from(hash).toString('base64')),
    note: checkpoint.note,
    keys: keys as ProvenRecord['keys'],
  };
}

/**
 * Reads one side's whole log again and says whether it is what was signed. Names the first bad place: found by what was
 * sealed, or else by what the partner has of the same log. Needs no transaction, since the partner may be asked.
 */
export async function verifyShared(ctx: Context, ports: SharedLogPorts, log: LogOf): Promise<Verdict> {
  const verdict = await withTheirKeys(ctx, ports, log.partner, async (inside, theirKeys) => {
    await readSharedLogState(inside, log.partner);
    const writers = await writersOf(inside, theirKeys, log);
    const [records, checkpoints] = [sealedRecords(inside, log), allCheckpoints(inside, log)];
    return verifySharedLog({ ...writers, records, checkpoints });
  });
  if (!verdict.fault) return verdict;
  const position = await compareWithPartner(ctx, ports, log, verdict.fault.position);
  return position === undefined ? verdict : { ...verdict, fault: { ...verdict.fault, position } };
}

/** One side's log as lines of JSON, which `entente audit verify` checks anywhere. Asks nothing: its caller has. */
export async function* exportShared(ctx: Context, theirKeys: readonly JWK[], log: LogOf): AsyncGenerator<string> {
  yield line({ sharedLog: { ...(await writersOf(ctx, theirKeys, log)), exportedAt: ctx.now.toISOString() } });
  for await (const { sequence, at, record, leaf } of sealedRecords(ctx, log))
    yield line({ written: { sequence, at, record, leaf: leaf && Buffer.from(leaf).toString('base64') } });
  for await (const { size, note } of allCheckpoints(ctx, log)) yield line({ checkpoint: { size, note } });
}

/** Who writes the log, about the work with whom, and with which keys it is signed. */
export async function writersOf(ctx: Context, theirKeys: readonly JWK[], { partner, side }: LogOf) {
  const keys = side === 'ours' ? (await listPublicKeys(ctx)).map(({ publicJwk }) => publicJwk) : theirKeys;
  const [keeper, other] = side === 'ours' ? [ctx.tenantId, partner] : [partner, ctx.tenantId];
  return { keeper, partner: other, keys: keys as ProvenRecord['keys'] };
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const READ_AT_ONCE = 1_000;

async function* sealedRecords(ctx: Context, log: LogOf): AsyncGenerator<SealedRecord> {
  let from = 0;
  for (;;) {
    const page = await listSealed(ctx, log, from, READ_AT_ONCE);
    yield* page;
    const last = page.at(-1)?.sequence;
    if (page.length < READ_AT_ONCE || last === undefined || last === null) return;
    from = last + 1;
  }
}

async function* allCheckpoints(ctx: Context, log: LogOf) {
  let after = 0;
  for (;;) {
    const page = await listCheckpoints(ctx, log, after, READ_AT_ONCE);
    yield* page;
    const last = page.at(-1)?.size;
    if (page.length < READ_AT_ONCE || last === undefined) return;
    after = last;
  }
}
