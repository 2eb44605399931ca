/** What the page of a shared log shows: how the exchange stands, and both sides' records beside each other. */
import type { JWK } from 'jose';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { inclusionProof } from '../../protocols/merkle.ts';
import { type ProvenRecord, problemOfHalf } from '../model/shared-proof.ts';
import type { Side } from '../model/shared-record.ts';
import { administerPartners } from '../questions/agreements.ts';
import { type KeptRecord, listSharedPartners, nodesOf } from '../store/shared-logs.ts';
import {
  findCheckpointOver,
  findPair,
  listPairs,
  type Pair,
  type PairFilter,
  type PairPlace,
  readCheckpointTimes,
} from '../store/shared-pairs.ts';
import type { SharedLogPorts } from './exchange-checkpoints.ts';
import { readSharedLogState, type SharedLogState, writersOf } from './read-shared-log.ts';

export type { Pair, PairFilter, PairPlace };

/** `waiting`: the other side has not had its time to write it down. */
export type PairState = 'matched' | 'waiting' | 'differs' | 'only-ours' | 'only-theirs';

export const stateOfPair = ({ one, other }: Pair): PairState => {
  if (one.matchedAt !== null) return 'matched';
  if (other !== undefined) return 'differs';
  if (one.reportedAt === null) return 'waiting';
  return one.side === 'ours' ? 'only-ours' : 'only-theirs';
};

export interface SharedLogOverview extends SharedLogState {
  /** Null where nobody here knows it any more. */
  readonly displayName: string | null;
  /** When each was signed last; `held` is the newest of ours that the partner has shown to have read. */
  readonly checkpoints: Awaited<ReturnType<typeof readCheckpointTimes>>;
}

/** How the log shared with one partner stands. Needs no transaction. @throws as `readSharedLogState`. */
export async function readSharedLogOverview(
  ctx: Context,
  ports: SharedLogPorts,
  partner: TenantId,
): Promise<SharedLogOverview> {
  const { tenantId, actor, correlationId } = ctx;
  await ctx.demand(administerPartners, undefined, 'read');
  const found = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
    overview(inside, partner),
  );
  return { ...found, displayName: await nameOf(ctx, ports, partner) };
}

/** All partners with whom something is written down. Needs no transaction. */
export async function listSharedLogs(ctx: Context, ports: SharedLogPorts): Promise<SharedLogOverview[]> {
  const { tenantId, actor, correlationId } = ctx;
  await ctx.demand(administerPartners, undefined, 'read');
  const all = await ports.run({ tenantId, actor, correlationId, readOnly: true }, async (inside) => {
    const found: Omit<SharedLogOverview, 'displayName'>[] = [];
    for (const partner of await listSharedPartners(inside)) found.push(await overview(inside, partner));
    return found;
  });
  return Promise.all(all.map(async (one) => ({ ...one, displayName: await nameOf(ctx, ports, one.partner) })));
}

async function overview(ctx: Context, partner: TenantId): Promise<Omit<SharedLogOverview, 'displayName'>> {
  const state = await readSharedLogState(ctx, partner);
  return { ...state, checkpoints: await readCheckpointTimes(ctx, partner, state.exchange?.heldSize ?? null) };
}

const nameOf = (ctx: Context, ports: SharedLogPorts, partner: TenantId): Promise<string | null> =>
  ports.nameOf(ctx, partner).catch(() => null);

/** A page of what both wrote, the newest first. */
export async function readPairs(
  ctx: Context,
  partner: TenantId,
  filter: PairFilter,
  page: { readonly after?: PairPlace | undefined; readonly limit: number },
) {
  await readSharedLogState(ctx, partner);
  return listPairs(ctx, partner, filter, page);
}

/** What stands in one log about something, and what proves it. */
export interface ProvenSide {
  readonly kept: KeptRecord;
  /** The first checkpoint that covers it; null until it is sealed. */
  readonly checkpoint: { readonly size: number; readonly at: Date } | null;
  /** Whether the signed checkpoint really says so, as read just now. */
  readonly isProven: boolean;
  /** Whether the partner has shown to hold a checkpoint of ours over it. Theirs is held here, or it was not read. */
  readonly isHeld: boolean;
}

/** Both texts of one pair, each with its proof. @throws not-found. */
export async function readPair(ctx: Context, theirKeys: readonly JWK[], partner: TenantId, id: string) {
  const { exchange } = await readSharedLogState(ctx, partner);
  const pair = await findPair(ctx, partner, id);
  if (!pair) throw kernelFaults.notFound();
  const heldSize = exchange?.heldSize ?? 0;
  const on = async (side: Side): Promise<ProvenSide | null> => {
    const kept = [pair.one, pair.other].find((one) => one?.side === side);
    return kept ? proven(ctx, theirKeys, partner, kept, heldSize) : null;
  };
  return { state: stateOfPair(pair), ours: await on('ours'), theirs: await on('theirs') };
}

async function proven(
  ctx: Context,
  theirKeys: readonly JWK[],
  partner: TenantId,
  kept: KeptRecord,
  heldSize: number,
): Promise<ProvenSide> {
  const { side, sequence } = kept;
  const log = { partner, side };
  const checkpoint = sequence === null ? undefined : await findCheckpointOver(ctx, log, sequence);
  if (!checkpoint || sequence === null) return { kept, checkpoint: null, isProven: false, isHeld: false };
  const { size, note, at } = checkpoint;
  const path = await inclusionProof(sequence, size, nodesOf(ctx, log));
  const half: ProvenRecord = {
    ...(await writersOf(ctx, theirKeys, log)),
    written: { at: kept.at, record: kept.record },
    sequence,
    size,
    proof: path.map((hash) => Buffer.from(hash).toString('base64')),
    note,
  };
  return {
    kept,
    checkpoint: { size, at },
    isProven: problemOfHalf(half) === undefined,
    isHeld: side === 'theirs' || sequence < heldSize,
  };
}
