/**
 * Comparing with a partner what each has written about the work between them. Each side reads the other's log by pages,
 * proves that it goes on from what was read before, and looks for the counterpart of each record.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Partners, Run, Sweep } from '../../kernel/module.ts';
import {
  appendLeaves,
  type CheckpointVerifier,
  consistencyProof,
  type Hash,
  MerkleError,
  openCheckpoint,
  rootOf,
  rootOfFirst,
  verifyConsistency,
} from '../../protocols/merkle.ts';
import {
  isBetween,
  isNotedBy,
  leafOf,
  originOf,
  type Side,
  verifiersOf,
  writtenRecord,
} from '../model/shared-record.ts';
import { listPublicKeys } from '../store/keys.ts';
import {
  findCheckpoint,
  findLog,
  insertCheckpoint,
  insertOwnRecords,
  insertTheirRecords,
  isDue,
  type KeptRecord,
  type LogOf,
  listSealed,
  listSharedPartners,
  nodesOf,
  putExchange,
  saveLog,
} from '../store/shared-logs.ts';
import type { PartnerKeys } from './keys.ts';
import { serverEnvoy } from './records.ts';
import { noteBroken, noteFailure, noteGood, type ReportPorts, tellOfSharedLog } from './report-shared-log.ts';
import { SEALED_AT_ONCE, sealSharedLog } from './seal-shared-log.ts';

export interface SharedLogPorts extends ReportPorts {
  readonly run: Run;
  readonly keys: PartnerKeys;
  readonly partners: Partners;
  /** Every key that another organisation has ever signed with. */
  readonly partnerKeysOf: (ctx: Context, partner: TenantId) => Promise<readonly JWK[]>;
}

const CHECKPOINT = 'partners.checkpoint';
export const EXCHANGE = 'partners.exchange-checkpoints';

const RECORDS_AT_ONCE = 500;
/** Text of one page. Records that name many people make a page of fewer. */
const PAGE_CHARACTERS = 1_000_000;
/** More than this at a time is left to the next exchange, a minute later: no partner fills more of our disk than that. */
const PAGES_AT_ONCE = 40;
/** Where nothing happens, each side still looks whether the other's log is what it was. */
const LOOKED_AT_EVERY_MS = 15 * 60_000;

const asked = z.object({
  v: z.literal(1),
  /** Whose words: the log of whoever answers, or its copy of the asker's. */
  log: z.enum(['own', 'copy']),
  from: z.number().int().min(0),
  limit: z.number().int().min(1).max(1_000),
  /** How long the asker's own log is. Whoever answers and knows less comes to read it. */
  ownSize: z.number().int().min(0),
});

const base64 = z.string().max(100);
const answered = z.object({
  size: z.number().int().min(0),
  /** The newest checkpoint (C2SP), of that size. */
  note: z.string().max(10_000).nullable(),
  records: z.array(writtenRecord).max(1_000),
  /** That the log of `size` begins with what was read up to the end of this page (RFC 9162 §2.1.4). */
  proof: z.array(base64).max(64),
  /** The newest checkpoint of the asker's that is kept here. */
  held: z.string().max(10_000).nullable(),
});
type Answered = z.output<typeof answered>;

/** What a log says is not what was signed or read before. `position` is the first bad place, where it is known. */
class SharedLogError extends Error {
  readonly side: Side;
  readonly position: number | undefined;

  constructor(side: Side, problem: string, position?: number) {
    super(problem);
    this.side = side;
    this.position = position;
  }
}

/** Answers with a page of what we wrote about the work with the asker, and with nothing else of ours. */
export const checkpointRequest: PartnerRequest = {
  name: CHECKPOINT,
  shape: asked,
  transaction: 'write',
  isRoutine: true,
  async answer(ctx, { log: whose, from, limit, ownSize }: z.output<typeof asked>): Promise<Answered> {
    if (ctx.actor.kind !== 'visitor') throw kernelFaults.notFound();
    const partner = ctx.actor.homeTenantId;
    const log: LogOf = { partner, side: whose === 'own' ? 'ours' : 'theirs' };
    const checkpoint = await findCheckpoint(ctx, log);
    const size = checkpoint?.size ?? 0;
    const sealed = (await listSealed(ctx, log, from, Math.min(limit, RECORDS_AT_ONCE))).filter(
      ({ sequence }) => sequence !== null && sequence < size,
    );
    const records = fitting(sealed);
    const end = from + records.length;
    const copy: LogOf = { partner, side: 'theirs' };
    if (ownSize > (await findLog(ctx, copy)).size) await deferExchange(ctx, partner);
    return {
      size,
      note: checkpoint?.note ?? null,
      records: records.map(({ at, record }) => ({ at, record })),
      proof: end <= size ? (await consistencyProof(end, size, nodesOf(ctx, log))).map(toBase64) : [],
      held: (await findCheckpoint(ctx, copy))?.note ?? null,
    };
  },
};

/** As many as make a page: one at least, however long. */
function fitting(records: readonly KeptRecord[]): readonly KeptRecord[] {
  let characters = 0;
  const beyond = records.findIndex(({ record }, index) => {
    characters += JSON.stringify(record).length;
    return index > 0 && characters > PAGE_CHARACTERS;
  });
  return beyond < 0 ? records : records.slice(0, beyond);
}

/** Every minute: whoever has written something, misses something, or has not looked for a while, exchanges. */
export const sweepSharedLogs: Sweep = {
  name: 'partners.shared-logs',
  cron: '* * * * *',
  async run(ctx) {
    const before = new Date(ctx.now.getTime() - LOOKED_AT_EVERY_MS);
    for (const partner of await listSharedPartners(ctx))
      if (await isDue(ctx, partner, before)) await deferExchange(ctx, partner);
  },
};

export const deferExchange = (ctx: Context, partner: TenantId): Promise<void> =>
  ctx.defer(EXCHANGE, { partner }, { key: `${EXCHANGE}:${ctx.tenantId}:${partner}`, maxAttempts: 1 });

export const exchangeJob = (exchanges: Exchanges): Job => ({
  name: EXCHANGE,
  transaction: 'none',
  run: (ctx, { partner }) => exchanges.with(ctx, partner as TenantId),
});

/** Compares with a partner, one exchange with each at a time. */
export interface Exchanges {
  with(ctx: Context, partner: TenantId): Promise<void>;
}

export function createExchanges(ports: SharedLogPorts): Exchanges {
  const underWay = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();
  return {
    with(ctx, partner) {
      const key = `${ctx.tenantId} ${partner}`;
      // One that begins after this moment sees all there is now: more than one of them need not wait.
      const next = waiting.get(key);
      if (next) return next;
      const before = underWay.get(key) ?? Promise.resolve();
      const run = before
        .catch(() => undefined)
        .then(() => {
          waiting.delete(key);
          return exchangeCheckpoints(ctx, ports, partner);
        })
        .finally(() => underWay.get(key) === run && underWay.delete(key));
      underWay.set(key, run);
      waiting.set(key, run);
      return run;
    },
  };
}

/**
 * Seals what we wrote, reads what the partner wrote since, and compares. A partner that does not answer is read when it
 * does, from where we were; one whose log is not what it was is reported, each time until it is.
 */
async function exchangeCheckpoints(ctx: Context, ports: SharedLogPorts, partner: TenantId): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const key = await ports.keys.of(tenantId);
  while ((await here((inside) => sealSharedLog(inside, partner, key))) > 0);
  const ask = askerOf(ctx, ports, partner);
  let theirKeys: readonly KeyObject[] = [];

  try {
    theirKeys = (await ports.partnerKeysOf(ctx, partner)).map(toKey);
    let held: string | null = null;
    let isMore = true;
    for (let page = 0; isMore && page < PAGES_AT_ONCE; page += 1) {
      const { size } = await here((inside) => findLog(inside, { partner, side: 'theirs' }));
      const answer = await ask('own', size);
      isMore = await here((inside) => takePage(inside, partner, theirKeys, size, answer));
      held = answer.held;
    }
    await here((inside) => checkHeld(inside, partner, held));
    // What has not been read yet may be the counterpart of anything: it goes on within the minute.
    if (isMore) return;
    const news = await here((inside) => noteGood(inside, partner));
    await tellOfSharedLog(ctx, ports, partner, news);
  } catch (error) {
    if (error instanceof SharedLogError) {
      const position = error.position ?? (await findFirstBad(here, ask, theirKeys, { partner, side: error.side }));
      const found = { side: error.side, problem: error.message, position };
      const news = await here((inside) => noteBroken(inside, partner, found));
      await tellOfSharedLog(ctx, ports, partner, news);
      return;
    }
    const failure = error instanceof Fault ? error.code : 'request.failed';
    const news = await here((inside) => noteFailure(inside, partner, failure));
    await tellOfSharedLog(ctx, ports, partner, news);
    // What the partner's server does is not ours to try again at once; what ours does, is.
    if (!(error instanceof Fault)) throw error;
  }
}

type Ask = (log: 'own' | 'copy', from: number, limit?: number) => Promise<Answered>;

function askerOf(ctx: Context, ports: SharedLogPorts, partner: TenantId): Ask {
  const { tenantId, actor, correlationId } = ctx;
  const envoy = serverEnvoy(ctx);
  return async (log, from, limit = RECORDS_AT_ONCE) => {
    const { size: ownSize } = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
      findLog(inside, { partner, side: 'ours' }),
    );
    const request = { v: 1, log, from, limit, ownSize };
    return heard(answered, await ports.partners.ask(envoy, partner, CHECKPOINT, request));
  };
}

/**
 * The first place from `from` on where what stands here differs from what the partner has of the same log: exact, where
 * a checkpoint alone tells a range. Undefined when the partner does not answer, and where none is found within as many
 * records as are ever sealed at once. Needs no transaction.
 */
export async function compareWithPartner(
  ctx: Context,
  ports: SharedLogPorts,
  log: LogOf,
  from: number,
): Promise<number | undefined> {
  const { tenantId, actor, correlationId } = ctx;
  const ask = askerOf(ctx, ports, log.partner);
  try {
    for (let position = from; position < from + SEALED_AT_ONCE; ) {
      const there = await ask(log.side === 'theirs' ? 'own' : 'copy', position);
      const kept = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
        listSealed(inside, log, position, there.records.length + 1),
      );
      for (const [index, other] of there.records.entries()) {
        const one = kept[index];
        if (one?.sequence !== position + index || !leafOf(one).equals(leafOf(other))) return position + index;
      }
      position += there.records.length;
      if (there.records.length === 0) return kept.length > 0 ? position : undefined;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** Checks a page of the partner's log and keeps it. Says whether there is more. @throws SharedLogError. */
async function takePage(
  ctx: Context,
  partner: TenantId,
  keys: readonly KeyObject[],
  from: number,
  { size, note, records, proof }: Answered,
): Promise<boolean> {
  const log = { partner, side: 'theirs' } as const;
  const before = await findLog(ctx, log, { lock: true });
  // Another exchange was faster.
  if (before.size !== from) return true;
  if (size < from)
    throw new SharedLogError('theirs', `the log ends at ${size}, but ${from} records were signed before`, size);
  if (note === null) {
    if (size > 0) throw new SharedLogError('theirs', 'the log is not signed', from);
    return false;
  }
  const strange = records.findIndex(({ record }) => !isBetween(record, ctx.tenantId, partner));
  if (strange >= 0) throw new SharedLogError('theirs', 'a record is about somebody else', from + strange);
  const root = rootSigned(note, partner, ctx.tenantId, keys, size);
  const { frontier, completed } = appendLeaves(before, records.map(leafOf));
  if (!verifyConsistency(frontier.size, rootOf(frontier), size, root, proof.map(fromBase64)))
    throw new SharedLogError('theirs', 'the log does not go on from what was read and signed before');
  if (records.length > 0) {
    await insertTheirRecords(ctx, partner, from, records);
    await saveLog(ctx, log, frontier, completed);
    // What the partner did to us is noted as it stands; what we did, or asked, or answered, we know ourselves.
    const acts = records.filter(({ record }) => isNotedBy(record, ctx.tenantId, partner));
    const at = ctx.now.toISOString();
    await insertOwnRecords(
      ctx,
      acts.map(({ record }) => ({ at, record })),
    );
  }
  if (frontier.size === size) await insertCheckpoint(ctx, log, { size, note });
  else if (records.length === 0) throw new SharedLogError('theirs', 'records that were signed are held back', from);
  return frontier.size < size;
}

/** @throws SharedLogError when the note is not the writer's, or not about this log at this size. */
function rootSigned(note: string, writer: TenantId, reader: TenantId, keys: readonly KeyObject[], size: number) {
  const side: Side = 'theirs';
  try {
    const checkpoint = openCheckpoint(note, verifiersOf(writer, keys));
    if (checkpoint.origin !== originOf(writer, reader) || checkpoint.size !== size)
      throw new SharedLogError(side, 'the checkpoint speaks of another log');
    return checkpoint.root;
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    throw new SharedLogError(side, `the checkpoint is not good: ${error.message}`, size);
  }
}

/** Whether our log still goes on from what the partner has kept of it with our signature. @throws SharedLogError. */
async function checkHeld(ctx: Context, partner: TenantId, note: string | null): Promise<void> {
  if (note === null) return;
  const log = { partner, side: 'ours' } as const;
  const keys = (await listPublicKeys(ctx)).map(({ publicJwk }) => toKey(publicJwk));
  let held: ReturnType<typeof openCheckpoint>;
  try {
    held = openCheckpoint(note, verifiersOf(ctx.tenantId, keys));
  } catch (error) {
    // Its word against ours: without our signature it proves nothing.
    if (error instanceof MerkleError) return;
    throw error;
  }
  if (held.origin !== originOf(ctx.tenantId, partner)) return;
  const own = await findLog(ctx, log);
  if (held.size > own.size)
    throw new SharedLogError('ours', `the log ends at ${own.size}, but ${held.size} records were signed`, own.size);
  const proof = await consistencyProof(held.size, own.size, nodesOf(ctx, log));
  if (!verifyConsistency(held.size, held.root, own.size, rootOf(own), proof))
    throw new SharedLogError('ours', 'the log is not what was signed to the partner');
  await putExchange(ctx, partner, { heldSize: held.size });
}

type Here = <T>(act: (inside: Context) => Promise<T>) => Promise<T>;

/**
 * The first place where a log as it was kept here differs from what the partner shows of it now: by halving, since the
 * proof that comes with any place says whether all before it are the same. Asks as often as the log's length has digits
 * in binary, and reads no log whole.
 */
async function findFirstBad(here: Here, ask: Ask, theirKeys: readonly KeyObject[], log: LogOf): Promise<number> {
  const { partner, side } = log;
  const { size } = await here((inside) => findLog(inside, log));
  const rootAt = (length: number) => here((inside) => rootOfFirst(length, nodesOf(inside, log)));
  const verifiers = await here(async (inside) =>
    side === 'theirs'
      ? verifiersOf(partner, theirKeys)
      : verifiersOf(
          inside.tenantId,
          (await listPublicKeys(inside)).map(({ publicJwk }) => toKey(publicJwk)),
        ),
  );
  let [same, different] = [0, size + 1];
  while (different - same > 1) {
    const length = Math.floor((same + different) / 2);
    const shown = await ask(side === 'theirs' ? 'own' : 'copy', length - 1, 1);
    if (beginsWith(shown, verifiers, length, await rootAt(length))) same = length;
    else different = length;
  }
  return same;
}

/** Whether the log that is shown, signed, begins with `length` records of that root. */
function beginsWith(
  { note, records, proof }: Answered,
  verifiers: readonly CheckpointVerifier[],
  length: number,
  root: Hash,
): boolean {
  if (note === null || records.length !== 1) return false;
  try {
    const checkpoint = openCheckpoint(note, [...verifiers]);
    return verifyConsistency(length, root, checkpoint.size, checkpoint.root, proof.map(fromBase64));
  } catch (error) {
    if (error instanceof MerkleError) return false;
    throw error;
  }
}

const toKey = (jwk: JWK): KeyObject => createPublicKey({ key: jwk as never, format: 'jwk' });
const toBase64 = (hash: Uint8Array) => Buffer.from(hash).toString('base64');
const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');
