/** Both sides' records beside each other, a stretch of the log at a time: no question here reads a log whole. */
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Side } from '../model/shared-record.ts';
import {
  type KeptRecord,
  keptRecord,
  type LogOf,
  listCheckpoints,
  type RecordRow,
  type Tables,
} from './shared-logs.ts';

/** Records that one question looks through at most. What is further back is asked for next. */
const LOOKED_THROUGH = 20_000;

export interface PairFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Whoever did it or whom it was about; in small letters, whole or a part. */
  readonly person?: string | undefined;
  readonly what?: string | undefined;
  /** Only what has no counterpart. */
  readonly isUnmatched?: boolean | undefined;
}

/** A place in the order of time, from which a page goes on backwards. */
export interface PairPlace {
  readonly at: string;
  readonly id: string;
}

/** One record as it stands here, and its counterpart, if there is any: the same, or another word about the same. */
export interface Pair {
  readonly one: KeptRecord;
  readonly other: KeptRecord | undefined;
}

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

/**
 * What both wrote, the newest first. `next` is where to go on; it is there, too, where a filter found little in what
 * was looked through.
 */
export async function listPairs(
  ctx: Context,
  partner: TenantId,
  filter: PairFilter,
  page: { readonly after?: PairPlace | undefined; readonly limit: number },
): Promise<{ pairs: Pair[]; next: PairPlace | null }> {
  const { since, until, person, what, isUnmatched } = filter;
  const { after, limit } = page;
  const stretch = sql`tenant_id = ${ctx.tenantId} and partner_tenant_id = ${partner}
    ${after ? sql`and (at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    ${since ? sql`and at >= ${since}` : sql``} ${until ? sql`and at < ${until}` : sql``}
    ${isUnmatched ? sql`and matched_at is null` : sql``}`;
  const pattern = `%${person?.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<RecordRow>`
    select * from (
      select * from partners.shared_records where ${stretch} order by at desc, id desc limit ${LOOKED_THROUGH}) r
     where (side = 'ours' or (matched_at is null and not exists (
             select from partners.shared_records o where o.tenant_id = ${ctx.tenantId}
                and o.partner_tenant_id = ${partner} and o.matched_at is null and o.side = 'ours'
                and o.exchange_id = r.exchange_id)))
       ${what === undefined ? sql`` : sql`and record->>'what' = ${what}`}
       ${person === undefined ? sql`` : sql`and (record->>'by' like ${pattern} or record->>'about' like ${pattern})`}
     order by at desc, id desc limit ${limit + 1}`.execute(db(ctx));
  const shown = rows.slice(0, limit).map(keptRecord);
  const others = await findCounterparts(ctx, partner, rows.slice(0, limit));
  const pairs = shown.map((one) => ({ one, other: others.get(one.id) }));
  if (rows.length > limit) {
    const last = shown.at(-1) as KeptRecord;
    return { pairs, next: { at: last.at, id: last.id } };
  }
  const { rows: ends } = await sql<{ at: Date; id: string }>`
    select at, id from partners.shared_records where ${stretch}
     order by at desc, id desc offset ${LOOKED_THROUGH - 1} limit 1`.execute(db(ctx));
  const [end] = ends;
  return { pairs, next: end ? { at: end.at.toISOString(), id: end.id } : null };
}

/** One pair, by the id of either row. */
export async function findPair(ctx: Context, partner: TenantId, id: string): Promise<Pair | undefined> {
  const row = await db(ctx)
    .selectFrom('partners.shared_records')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', 'in', ['ours', 'theirs'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  return { one: keptRecord(row), other: (await findCounterparts(ctx, partner, [row])).get(id) };
}

/** By the id of the row whose counterpart it is. */
async function findCounterparts(
  ctx: Context,
  partner: TenantId,
  rows: readonly RecordRow[],
): Promise<ReadonlyMap<string, KeptRecord>> {
  const found = new Map<string, KeptRecord>();
  for (const side of ['ours', 'theirs'] as const) {
    const wanted = rows.filter((row) => row.side !== side);
    if (wanted.length === 0) continue;
    const of = (matched: 'is' | 'is not') =>
      db(ctx)
        .selectFrom('partners.shared_records')
        .selectAll()
        .where('tenant_id', '=', ctx.tenantId)
        .where('partner_tenant_id', '=', partner)
        .where('side', '=', side)
        .where('matched_at', matched, null);
    const digests = wanted.filter((row) => row.matched_at !== null).map((row) => row.digest);
    const same = digests.length === 0 ? [] : await of('is not').where('digest', 'in', digests).execute();
    const ids = wanted.flatMap((row) => (row.matched_at === null && row.exchange_id !== null ? [row.exchange_id] : []));
    const different = ids.length === 0 ? [] : await of('is').where('exchange_id', 'in', ids).execute();
    const byDigest = new Map(same.map((one) => [one.digest.toString('hex'), one]));
    const byExchange = new Map(different.map((one) => [one.exchange_id, one]));
    for (const row of wanted) {
      const other =
        row.matched_at === null ? byExchange.get(row.exchange_id) : byDigest.get(row.digest.toString('hex'));
      if (other) found.set(row.id, keptRecord(other));
    }
  }
  return found;
}

/** The first checkpoint that covers a place: the one a record has stood under since it was sealed. */
export const findCheckpointOver = async (ctx: Context, log: LogOf, place: number) =>
  (await listCheckpoints(ctx, log, place, 1))[0];

/** When each side's log was signed last, and up to where the partner has read ours. */
export async function readCheckpointTimes(ctx: Context, partner: TenantId, heldSize: number | null) {
  const newest = async (side: Side, upTo?: number) => {
    let query = db(ctx)
      .selectFrom('partners.shared_checkpoints')
      .select(['size', 'at'])
      .where('tenant_id', '=', ctx.tenantId)
      .where('partner_tenant_id', '=', partner)
      .where('side', '=', side)
      .orderBy('size', 'desc')
      .limit(1);
    if (upTo !== undefined) query = query.where('size', '<=', upTo);
    return (await query.executeTakeFirst()) ?? null;
  };
  return {
    ours: await newest('ours'),
    theirs: await newest('theirs'),
    held: heldSize === null ? null : await newest('ours', heldSize),
  };
}
