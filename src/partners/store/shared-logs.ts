/** What is written down of the work with each partner, by us and, in our copy, by them. */
import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Frontier, Node, ReadNode } from '../../protocols/merkle.ts';
import { digestOf, leafOf, type SharedRecord, type Side, type WrittenRecord } from '../model/shared-record.ts';

interface RecordsTable {
  tenant_id: TenantId;
  partner_tenant_id: TenantId;
  side: Side;
  id: string;
  at: Date;
  record: SharedRecord;
  digest: Buffer;
  sequence: number | null;
  leaf_hash: Buffer | null;
  matched_at: Date | null;
  reported_at: Date | null;
  exchange_id: string | null;
  noted_at: Date | null;
}

interface ExchangesTable {
  tenant_id: TenantId;
  partner_tenant_id: TenantId;
  exchanged_at: Date | null;
  steady_since: Date | null;
  apart_since: Date | null;
  failure: string | null;
  held_size: number | null;
  fault_side: Side | null;
  fault_position: number | null;
  fault_problem: string | null;
  fault_at: Date | null;
}

export interface Tables {
  'partners.shared_records': RecordsTable;
  'partners.shared_logs': {
    tenant_id: TenantId;
    partner_tenant_id: TenantId;
    side: Side;
    size: number;
    frontier: Buffer[];
  };
  'partners.shared_checkpoints': {
    tenant_id: TenantId;
    partner_tenant_id: TenantId;
    side: Side;
    size: number;
    at: Date;
    note: string;
  };
  'partners.shared_nodes': {
    tenant_id: TenantId;
    partner_tenant_id: TenantId;
    side: Side;
    level: number;
    place: number;
    hash: Buffer;
  };
  'partners.shared_exchanges': ExchangesTable;
}

/** One of the logs of an organisation: with whom, and whose words. */
export interface LogOf {
  readonly partner: TenantId;
  readonly side: Side;
}

/** A record as it is kept. */
export interface KeptRecord extends WrittenRecord {
  readonly id: string;
  readonly side: Side;
  readonly sequence: number | null;
  readonly leaf: Buffer | null;
  readonly matchedAt: Date | null;
  readonly reportedAt: Date | null;
}

/** How the comparison with a partner stands. */
export interface Exchange {
  readonly exchangedAt: Date | null;
  readonly steadySince: Date | null;
  /** Since when the partner's log could not be read. */
  readonly apartSince: Date | null;
  readonly failure: string | null;
  readonly heldSize: number | null;
  readonly faultSide: Side | null;
  readonly faultPosition: number | null;
  readonly faultProblem: string | null;
  readonly faultAt: Date | null;
}

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

/** Writes down what concerns partners, once each. In one statement, whatever the number. */
export async function insertOwnRecords(
  ctx: Pick<Context, 'tx' | 'tenantId' | 'now'>,
  written: readonly WrittenRecord[],
) {
  const rows = written.map(({ at, record }) => ({
    id: newId(),
    partner: record.from === ctx.tenantId ? record.to : record.from,
    at,
    record,
    digest: digestOf(record).toString('hex'),
  }));
  await sql`
    insert into partners.shared_records
      (tenant_id, partner_tenant_id, side, id, at, record, digest, exchange_id, noted_at)
    select ${ctx.tenantId}, partner, 'ours', id, at, record, decode(digest, 'hex'), (record->>'id')::uuid, ${ctx.now}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(id uuid, partner uuid, at timestamptz, record jsonb, digest text)
    on conflict do nothing`.execute(db(ctx));
}

/** Puts a page of the partner's records into our copy, in its places from `first` on. */
export async function insertTheirRecords(
  ctx: Context,
  partner: TenantId,
  first: number,
  written: readonly WrittenRecord[],
): Promise<void> {
  const rows = written.map((one, index) => ({
    id: newId(),
    at: one.at,
    record: one.record,
    digest: digestOf(one.record).toString('hex'),
    sequence: first + index,
    leaf: leafOf(one).toString('hex'),
  }));
  await sql`
    insert into partners.shared_records
      (tenant_id, partner_tenant_id, side, id, at, record, digest, sequence, leaf_hash, exchange_id, noted_at)
    select ${ctx.tenantId}, ${partner}, 'theirs', id, at, record, decode(digest, 'hex'), sequence, decode(leaf, 'hex'),
           (record->>'id')::uuid, ${ctx.now}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(id uuid, at timestamptz, record jsonb, digest text, sequence bigint, leaf text)`.execute(db(ctx));
}

/** Partners with whom there is anything written down, or that write something down about us. */
export async function listSharedPartners(ctx: Context): Promise<TenantId[]> {
  const { rows } = await sql<{ partner_tenant_id: TenantId }>`
    select partner_tenant_id from partners.shared_exchanges where tenant_id = ${ctx.tenantId}
    union
    select partner_tenant_id from partners.shared_records where tenant_id = ${ctx.tenantId} and sequence is null
    order by 1`.execute(db(ctx));
  return rows.map((row) => row.partner_tenant_id);
}

/** Whether anything is not sealed or not matched, or the last look at each other is older than `before`. */
export async function isDue(ctx: Context, partner: TenantId, before: Date): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select exists (select from partners.shared_records where tenant_id = ${ctx.tenantId}
                     and partner_tenant_id = ${partner} and sequence is null)
        or exists (select from partners.shared_records where tenant_id = ${ctx.tenantId}
                     and partner_tenant_id = ${partner} and matched_at is null and reported_at is null)
        or not exists (select from partners.shared_exchanges where tenant_id = ${ctx.tenantId}
                         and partner_tenant_id = ${partner} and exchanged_at > ${before}) as due`.execute(db(ctx));
  return rows[0]?.due ?? false;
}

/** A log as it stands; locked until the transaction ends where asked for: one writer at a time. */
export async function findLog(ctx: Context, { partner, side }: LogOf, options: { lock?: boolean } = {}) {
  if (options.lock)
    await db(ctx)
      .insertInto('partners.shared_logs')
      .values({
        tenant_id: ctx.tenantId,
        partner_tenant_id: partner,
        side,
        size: 0,
        frontier: sql`'{}'::bytea[]`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  let query = db(ctx)
    .selectFrom('partners.shared_logs')
    .select(['size', 'frontier'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return { size: row?.size ?? 0, hashes: row?.frontier ?? [] } satisfies Frontier;
}

/** Our records that have no place yet, in the order in which they were written. */
export async function listUnsealed(ctx: Context, partner: TenantId, limit: number) {
  const rows = await db(ctx)
    .selectFrom('partners.shared_records')
    .select(['id', 'at', 'record'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', 'ours')
    .where('sequence', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, at, record }) => ({ id, at: at.toISOString(), record }));
}

/** Gives records their places from `first` on, and remembers what was sealed. */
export async function placeRecords(
  ctx: Context,
  partner: TenantId,
  first: number,
  placed: readonly { readonly id: string; readonly leaf: Buffer }[],
): Promise<void> {
  const rows = placed.map(({ id, leaf }, index) => ({ id, sequence: first + index, leaf: leaf.toString('hex') }));
  await sql`
    update partners.shared_records r set sequence = p.sequence, leaf_hash = decode(p.leaf, 'hex')
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p(id uuid, sequence bigint, leaf text)
     where r.tenant_id = ${ctx.tenantId} and r.partner_tenant_id = ${partner} and r.side = 'ours' and r.id = p.id`.execute(
    db(ctx),
  );
}

/** Keeps how far a log has come, with the subtrees that came into being. */
export async function saveLog(
  ctx: Context,
  { partner, side }: LogOf,
  frontier: Frontier,
  completed: readonly Node[],
): Promise<void> {
  const hashes = frontier.hashes.map((hash) => Buffer.from(hash).toString('hex'));
  await db(ctx)
    .updateTable('partners.shared_logs')
    .set({
      size: frontier.size,
      frontier: sql`(select coalesce(array_agg(decode(hash, 'hex') order by place), '{}')
        from unnest(${hashes}::text[]) with ordinality as h(hash, place))`,
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side)
    .execute();
  const nodes = completed
    .filter(({ level }) => level > 0)
    .map(({ level, index, hash }) => ({ level, place: index, hash: Buffer.from(hash).toString('hex') }));
  if (nodes.length === 0) return;
  await sql`
    insert into partners.shared_nodes (tenant_id, partner_tenant_id, side, level, place, hash)
    select ${ctx.tenantId}, ${partner}, ${side}, level, place, decode(hash, 'hex')
      from jsonb_to_recordset(${JSON.stringify(nodes)}::jsonb) as n(level int, place bigint, hash text)`.execute(
    db(ctx),
  );
}

/** Reads the hashes that proofs are made of. */
export const nodesOf =
  (ctx: Context, { partner, side }: LogOf): ReadNode =>
  async (level, index) => {
    const found =
      level === 0
        ? await db(ctx)
            .selectFrom('partners.shared_records')
            .select('leaf_hash as hash')
            .where('tenant_id', '=', ctx.tenantId)
            .where('partner_tenant_id', '=', partner)
            .where('side', '=', side)
            .where('sequence', '=', index)
            .executeTakeFirst()
        : await db(ctx)
            .selectFrom('partners.shared_nodes')
            .select('hash')
            .where('tenant_id', '=', ctx.tenantId)
            .where('partner_tenant_id', '=', partner)
            .where('side', '=', side)
            .where('level', '=', level)
            .where('place', '=', index)
            .executeTakeFirst();
    // A hole in the log: any proof over it fails, as it must.
    return found?.hash ?? Buffer.alloc(32);
  };

export async function insertCheckpoint(
  ctx: Context,
  { partner, side }: LogOf,
  checkpoint: { readonly size: number; readonly note: string },
): Promise<void> {
  await db(ctx)
    .insertInto('partners.shared_checkpoints')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: partner, side, at: ctx.now, ...checkpoint })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The newest checkpoint of a log. */
export async function findCheckpoint(ctx: Context, { partner, side }: LogOf) {
  return db(ctx)
    .selectFrom('partners.shared_checkpoints')
    .select(['size', 'note', 'at'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Checkpoints in the order of the log. */
export async function listCheckpoints(ctx: Context, { partner, side }: LogOf, after: number, limit: number) {
  return db(ctx)
    .selectFrom('partners.shared_checkpoints')
    .select(['size', 'note', 'at'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side)
    .where('size', '>', after)
    .orderBy('size')
    .limit(limit)
    .execute();
}

/** Sealed records from a place on, in the order of the log. */
export async function listSealed(ctx: Context, { partner, side }: LogOf, from: number, limit: number) {
  const rows = await db(ctx)
    .selectFrom('partners.shared_records')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side)
    .where('sequence', '>=', from)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map(keptRecord);
}

/** The place of the partner's record that says the same, in our copy of its log. */
export async function findTheirPlace(ctx: Context, partner: TenantId, digest: Buffer): Promise<number | undefined> {
  const row = await db(ctx)
    .selectFrom('partners.shared_records')
    .select('sequence')
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', 'theirs')
    .where('digest', '=', digest)
    .where('matched_at', 'is not', null)
    .executeTakeFirst();
  return row?.sequence ?? undefined;
}

/** What one side has and the other has not, the oldest first. */
export async function listUnmatched(ctx: Context, { partner, side }: LogOf, limit: number) {
  const rows = await db(ctx)
    .selectFrom('partners.shared_records')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('side', '=', side)
    .where('matched_at', 'is', null)
    .orderBy('sequence', (order) => order.asc().nullsLast())
    .limit(limit)
    .execute();
  return rows.map(keptRecord);
}

/** How many records each side has in all, and how many of them have no counterpart. Counts what is open, never all. */
export async function countRecords(ctx: Context, partner: TenantId) {
  const of = (side: Side) => sql`tenant_id = ${ctx.tenantId} and partner_tenant_id = ${partner} and side = ${side}`;
  const { rows } = await sql<{ side: Side; size: number; unsealed: number; unmatched: number }>`
    select side, coalesce((select size from partners.shared_logs l where l.tenant_id = ${ctx.tenantId}
                             and l.partner_tenant_id = ${partner} and l.side = s.side), 0) as size,
           case side when 'ours' then (select count(*) from partners.shared_records
                                        where ${of('ours')} and sequence is null) else 0 end as unsealed,
           (select count(*) from partners.shared_records r where r.tenant_id = ${ctx.tenantId}
               and r.partner_tenant_id = ${partner} and r.side = s.side and matched_at is null) as unmatched
      from (values ('ours'), ('theirs')) as s(side)`.execute(db(ctx));
  const { rows: untold } = await sql<{ count: number }>`
    select count(*) as count from partners.shared_records where tenant_id = ${ctx.tenantId}
       and partner_tenant_id = ${partner} and matched_at is null and reported_at is null`.execute(db(ctx));
  const found = (side: Side) => {
    const row = rows.find((one) => one.side === side);
    const size = row?.size ?? 0;
    return { size, records: size + (row?.unsealed ?? 0), unmatched: row?.unmatched ?? 0 };
  };
  const [ours, theirs] = [found('ours'), found('theirs')];
  return { ours, theirs, told: ours.unmatched + theirs.unmatched - (untold[0]?.count ?? 0) };
}

/** Finds each other: one of ours and one of theirs that say the same. A record that is there twice is matched once. */
export async function matchRecords(ctx: Context, partner: TenantId): Promise<void> {
  const unmatched = sql`tenant_id = ${ctx.tenantId} and partner_tenant_id = ${partner} and matched_at is null`;
  await sql`
    with ours as materialized (
      select id, digest from partners.shared_records where ${unmatched} and side = 'ours'),
    theirs as materialized (
      select distinct on (digest) id, digest from partners.shared_records
       where ${unmatched} and side = 'theirs' order by digest, sequence),
    pairs as materialized (select o.id as ours, t.id as theirs from ours o join theirs t using (digest))
    update partners.shared_records r set matched_at = ${ctx.now}
      from (select 'ours' as side, ours as id from pairs union all select 'theirs', theirs from pairs) p
     where r.tenant_id = ${ctx.tenantId} and r.partner_tenant_id = ${partner} and r.side = p.side
       and r.id = p.id`.execute(db(ctx));
}

/** Marks what has waited for its counterpart since before `before` as told. Returns what was not told already. */
export async function reportUnmatched(ctx: Context, partner: TenantId, before: Date) {
  const rows = await db(ctx)
    .updateTable('partners.shared_records')
    .set({ reported_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('sequence', 'is not', null)
    .where('matched_at', 'is', null)
    .where('reported_at', 'is', null)
    // By our clock: what a partner dates into the future is told of as early as anything else.
    .where(sql<Date>`coalesce(noted_at, at)`, '<', before)
    .returning(['side', 'record'])
    .execute();
  return rows.map(({ side, record }) => ({ side, id: record.id }));
}

export async function findExchange(ctx: Context, partner: TenantId): Promise<Exchange | undefined> {
  const row = await db(ctx)
    .selectFrom('partners.shared_exchanges')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .executeTakeFirst();
  return (
    row && {
      exchangedAt: row.exchanged_at,
      steadySince: row.steady_since,
      apartSince: row.apart_since,
      failure: row.failure,
      heldSize: row.held_size,
      faultSide: row.fault_side,
      faultPosition: row.fault_position,
      faultProblem: row.fault_problem,
      faultAt: row.fault_at,
    }
  );
}

/** Writes how the comparison stands now, where it did not stand at all, too. */
export async function putExchange(ctx: Context, partner: TenantId, exchange: Partial<Exchange>): Promise<void> {
  const changes = Object.fromEntries(
    Object.entries(exchange).map(([name, value]) => [name.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`), value]),
  ) as Partial<ExchangesTable>;
  await db(ctx)
    .insertInto('partners.shared_exchanges')
    .values({ tenant_id: ctx.tenantId, partner_tenant_id: partner, ...changes } as ExchangesTable)
    .onConflict((conflict) =>
      Object.keys(changes).length === 0
        ? conflict.doNothing()
        : conflict.columns(['tenant_id', 'partner_tenant_id']).doUpdateSet(changes),
    )
    .execute();
}

export type RecordRow = Selectable<RecordsTable>;

export const keptRecord = (row: RecordRow): KeptRecord => ({
  id: row.id,
  side: row.side,
  at: row.at.toISOString(),
  record: row.record,
  sequence: row.sequence,
  leaf: row.leaf_hash,
  matchedAt: row.matched_at,
  reportedAt: row.reported_at,
});
