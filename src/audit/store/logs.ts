import { sql } from 'kysely';
import { sqlOf } from '../../platform/database/index.ts';
import type { Frontier } from '../../protocols/merkle.ts';
import type { Where } from './events.ts';

export interface Log {
  readonly privateKey: Buffer;
  readonly publicKey: string;
  readonly frontier: Frontier;
}

export interface KeptCheckpoint {
  readonly size: number;
  readonly at: Date;
  readonly note: string;
}

interface Tables {
  'audit.logs': { tenant_id: string; private_key: Buffer; public_key: string; size: number; frontier: Buffer[] };
  'audit.checkpoints': { tenant_id: string; size: number; at: Date; note: string };
}

/** The tenant's log, locked until the transaction ends: one sealer at a time. */
export async function lockLog(where: Where): Promise<Log | undefined> {
  const row = await sqlOf<Tables>(where)
    .selectFrom('audit.logs')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .forUpdate()
    .executeTakeFirst();
  return (
    row && {
      privateKey: row.private_key,
      publicKey: row.public_key,
      frontier: { size: row.size, hashes: row.frontier },
    }
  );
}

export async function findLogKey(where: Where): Promise<string | undefined> {
  const row = await sqlOf<Tables>(where)
    .selectFrom('audit.logs')
    .select('public_key')
    .where('tenant_id', '=', where.tenantId)
    .executeTakeFirst();
  return row?.public_key;
}

/** Starts a log; a second start at the same moment changes nothing. */
export async function insertLog(where: Where, keys: { privateKey: Buffer; publicKey: string }): Promise<void> {
  await sqlOf<Tables>(where)
    .insertInto('audit.logs')
    .values({
      tenant_id: where.tenantId,
      private_key: keys.privateKey,
      public_key: keys.publicKey,
      size: 0,
      frontier: sql`'{}'::bytea[]`,
    })
    .onConflict((conflict) => conflict.column('tenant_id').doNothing())
    .execute();
}

export async function saveFrontier(where: Where, frontier: Frontier): Promise<void> {
  const hashes = frontier.hashes.map((hash) => Buffer.from(hash).toString('hex'));
  await sqlOf<Tables>(where)
    .updateTable('audit.logs')
    .set({
      size: frontier.size,
      frontier: sql`(select coalesce(array_agg(decode(hash, 'hex') order by place), '{}')
        from unnest(${hashes}::text[]) with ordinality as h(hash, place))`,
    })
    .where('tenant_id', '=', where.tenantId)
    .execute();
}

export async function insertCheckpoint(where: Where, checkpoint: KeptCheckpoint): Promise<void> {
  await sqlOf<Tables>(where)
    .insertInto('audit.checkpoints')
    .values({ tenant_id: where.tenantId, ...checkpoint })
    .execute();
}

/** Checkpoints in the order of the log. */
export async function listCheckpoints(where: Where, after: number, limit: number): Promise<KeptCheckpoint[]> {
  return sqlOf<Tables>(where)
    .selectFrom('audit.checkpoints')
    .select(['size', 'at', 'note'])
    .where('tenant_id', '=', where.tenantId)
    .where('size', '>', after)
    .orderBy('size')
    .limit(limit)
    .execute();
}
