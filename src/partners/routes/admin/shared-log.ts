import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { administerPartners } from '../../questions/agreements.ts';
import type { Exchanges, SharedLogPorts } from '../../usecases/exchange-checkpoints.ts';
import {
  listSharedLogs,
  type Pair,
  type PairPlace,
  type ProvenSide,
  readPair,
  readPairs,
  readSharedLogOverview,
  type SharedLogOverview,
  stateOfPair,
} from '../../usecases/look-at-shared-log.ts';
import {
  exportShared,
  type KeptRecord,
  type LogOf,
  proveSharedRecord,
  readSharedLogState,
  readSharedRecords,
  readUnmatched,
  verifyShared,
  withTheirKeys,
} from '../../usecases/read-shared-log.ts';
import type { Witness } from '../../usecases/witness.ts';

const tags = ['partners'];
const partnerId = z.guid().transform((text) => text.toLowerCase() as TenantId);
const params = z.object({ partnerId });
const side = z
  .enum(['ours', 'theirs'])
  .default('ours')
  .describe('What we wrote, or our copy of what the partner wrote.');
const after = z.templateLiteral([z.iso.datetime(), '/', z.uuid()]).transform((text): PairPlace => {
  const [at = '', id = ''] = text.split('/');
  return { at, id };
});
const BASE = '/admin/partners/:partnerId/shared-log';

/** What was written down of the work with one partner, by both, and how the two compare. */
export function sharedLogRoutes(
  ports: SharedLogPorts & { readonly witness: Witness; readonly exchanges: Exchanges },
): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/partners/shared-logs',
      summary: 'How the logs shared with each partner stand.',
      wire: 'problem',
      access: 'asks',
      tags,
      transaction: 'none',
      async handle(ctx) {
        const found = await listSharedLogs(ctx, ports);
        return { value: found.map(presentOverview) };
      },
    }),
    route({
      method: 'GET',
      path: BASE,
      summary: 'How the log shared with a partner stands: sizes, what has no counterpart, and the first bad place.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      transaction: 'none',
      async handle(ctx, { params: { partnerId: partner } }) {
        return presentOverview(await readSharedLogOverview(ctx, ports, partner));
      },
    }),
    route({
      method: 'GET',
      path: `${BASE}/pairs`,
      summary: 'What both wrote, beside each other, the newest first; with what only one of them has.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      query: z.strictObject({
        since: z.iso.datetime({ offset: true }).optional(),
        until: z.iso.datetime({ offset: true }).optional(),
        person: z.string().trim().toLowerCase().min(1).max(320).optional(),
        what: z.string().max(100).optional(),
        unmatched: z.stringbool().default(false),
        after: after.optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      async handle(ctx, { params: { partnerId: partner }, query }) {
        const { since, until, unmatched, after, limit, ...rest } = query;
        const filter = {
          ...rest,
          since: since === undefined ? undefined : new Date(since),
          until: until === undefined ? undefined : new Date(until),
          isUnmatched: unmatched,
        };
        const { pairs, next } = await readPairs(ctx, partner, filter, { after, limit });
        return { value: pairs.map(presentPair), next: next && `${next.at}/${next.id}` };
      },
    }),
    route({
      method: 'GET',
      path: `${BASE}/pairs/:recordId`,
      summary: 'Both texts of one record, with the checkpoints that they stand under.',
      wire: 'problem',
      access: 'asks',
      tags,
      params: z.object({ partnerId, recordId: z.uuid() }),
      transaction: 'none',
      handle: (ctx, { params: { partnerId: partner, recordId } }) =>
        withTheirKeys(ctx, ports, partner, async (inside, theirKeys) => {
          const { state, ours, theirs } = await readPair(inside, theirKeys, partner, recordId);
          return { state, ours: presentProven(ours), theirs: presentProven(theirs) };
        }),
    }),
    route({
      method: 'GET',
      path: `${BASE}/records`,
      summary: 'Sealed records in the order of the log.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      query: z.strictObject({
        side,
        from: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(999).default(50),
      }),
      async handle(ctx, { params: { partnerId: partner }, query }) {
        const records = await readSharedRecords(ctx, { partner, side: query.side }, query);
        return { value: records.map(presentRecord) };
      },
    }),
    route({
      method: 'GET',
      path: `${BASE}/unmatched`,
      summary: 'What one side wrote and the other has not, the oldest first.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      query: z.strictObject({ side, limit: z.coerce.number().int().min(1).max(999).default(50) }),
      async handle(ctx, { params: { partnerId: partner }, query }) {
        const records = await readUnmatched(ctx, { partner, side: query.side }, query.limit);
        return { value: records.map(presentRecord) };
      },
    }),
    route({
      method: 'GET',
      path: `${BASE}/:place/proof`,
      summary: 'That one record stands in both logs, provable to anybody without showing another.',
      wire: 'problem',
      access: 'asks',
      tags,
      params: z.object({ partnerId, place: z.coerce.number().int().min(0) }),
      transaction: 'none',
      handle: (ctx, { params: { partnerId: partner, place } }) =>
        withTheirKeys(ctx, ports, partner, (inside, theirKeys) => proveSharedRecord(inside, theirKeys, partner, place)),
    }),
    route({
      method: 'GET',
      path: `${BASE}/verification`,
      summary: 'Whether a log is what was signed; names the first bad place.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      transaction: 'none',
      query: z.strictObject({ side }),
      handle: (ctx, { params: { partnerId: partner }, query }) =>
        verifyShared(ctx, ports, { partner, side: query.side }),
    }),
    route({
      method: 'GET',
      path: `${BASE}/export`,
      summary: 'A log as lines of JSON, verifiable offline.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      query: z.strictObject({ side }),
      transaction: 'none',
      async handle(ctx, { params: { partnerId: partner }, query }) {
        await withTheirKeys(ctx, ports, partner, (inside) => readSharedLogState(inside, partner));
        return new Reply(200, streamExport(ctx, ports, { partner, side: query.side }), {
          'content-type': 'application/x-ndjson',
          'content-disposition': `attachment; filename="shared-${query.side}-${partner}.ndjson"`,
        });
      },
    }),
    route({
      method: 'POST',
      path: `${BASE}/exchange`,
      summary: 'Compares with the partner now instead of within a minute.',
      wire: 'problem',
      access: 'asks',
      tags,
      params,
      transaction: 'none',
      async handle(ctx, { params: { partnerId: partner } }) {
        const { tenantId, actor, correlationId } = ctx;
        await ctx.demand(administerPartners, undefined, 'read');
        await ports.witness.flush();
        await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
          readSharedLogState(inside, partner),
        );
        await ports.exchanges.with(ctx, partner);
        return presentOverview(await readSharedLogOverview(ctx, ports, partner));
      },
    }),
  ];
}

/** Writes the export as fast as it is read, in a transaction of its own that sees one moment of the log. */
function streamExport(ctx: Context, ports: SharedLogPorts, log: LogOf): PassThrough {
  const stream = new PassThrough();
  withTheirKeys(ctx, ports, log.partner, (inside, theirKeys) =>
    pipeline(Readable.from(exportShared(inside, theirKeys, log)), stream),
  ).catch((error: Error) => stream.destroy(error));
  return stream;
}

const isoOf = (at: Date | null | undefined) => at?.toISOString() ?? null;

const presentOverview = ({ checkpoints: { ours, theirs, held }, ...state }: SharedLogOverview) => {
  const present = (one: { size: number; at: Date } | null) => one && { size: one.size, at: isoOf(one.at) };
  return { ...state, checkpoints: { ours: present(ours), theirs: present(theirs), held: present(held) } };
};

const presentPair = (pair: Pair) => {
  const { one, other } = pair;
  const { what, by, about, outcome, kind, from } = one.record;
  const at = (side: KeptRecord['side']) => [one, other].find((found) => found?.side === side)?.at ?? null;
  const times = { ours: at('ours'), theirs: at('theirs') };
  return { id: one.id, state: stateOfPair(pair), at: times, what, kind, by, about, outcome, from };
};

const presentProven = (side: ProvenSide | null) =>
  side && {
    ...presentRecord(side.kept),
    checkpoint: side.checkpoint && { size: side.checkpoint.size, at: isoOf(side.checkpoint.at) },
    isProven: side.isProven,
    isHeld: side.isHeld,
  };

const presentRecord = ({ sequence, at, record, matchedAt, reportedAt }: KeptRecord) => ({
  place: sequence,
  at,
  ...record,
  matchedAt: isoOf(matchedAt),
  reportedAt: isoOf(reportedAt),
});
