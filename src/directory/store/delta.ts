import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

// A row's version is the id of the transaction that wrote it. Every transaction below the snapshot's xmin has ended, so
// "all versions from that xmin on" misses nothing: what commits late has a higher one. It may tell something twice.

/** From which version on a later reader must look, having read everything visible now. */
export async function currentHorizon(ctx: Context): Promise<number> {
  const { rows } = await sql<{ horizon: number }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon`.execute(sqlOf(ctx));
  return rows[0]!.horizon;
}

/**
 * The name of the history that versions count in; undefined before anybody has followed. It is another one after a
 * restore, in another cluster, in another database of it, and on a standby that took over (another timeline).
 */
export async function findHistory(ctx: Context): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select concat_ws('.', c.system_identifier, d.oid, left(pg_walfile_name(pg_current_wal_lsn()), 8), h.version) as name
      from directory.histories h, pg_control_system() c, pg_database d
     where h.tenant_id = ${ctx.tenantId} and d.datname = current_database()`.execute(sqlOf(ctx));
  return rows[0]?.name;
}

/** The same, begun where there is none yet. */
export async function openHistory(ctx: Context): Promise<string> {
  const found = await findHistory(ctx);
  if (found !== undefined) return found;
  await sql`insert into directory.histories (tenant_id, version) values (${ctx.tenantId}, 0)
    on conflict do nothing`.execute(sqlOf(ctx));
  return (await findHistory(ctx)) as string;
}

export interface ChangedId {
  readonly id: string;
  readonly version: number;
  /** `changed`: deleted and restorable; `deleted`: gone for good; null: there. */
  readonly removed: 'changed' | 'deleted' | null;
}

/** What changed since a version, the oldest change first. */
export async function listChanges(
  ctx: Context,
  kind: 'account' | 'group',
  asked: { since: number; after: { version: number; id: string } | null; limit: number },
): Promise<ChangedId[]> {
  const { version, id } = asked.after ?? { version: -1, id: '00000000-0000-0000-0000-000000000000' };
  const { rows } = await sql<ChangedId>`
    select * from (
      select id::text as id, version, case when deleted_at is null then null else 'changed' end as removed
        from ${sql.table(kind === 'account' ? 'directory.accounts' : 'directory.groups')}
       where tenant_id = ${ctx.tenantId} and version >= ${asked.since}
      union all
      select id::text, version, 'deleted' from directory.removals
       where tenant_id = ${ctx.tenantId} and kind = ${kind} and version >= ${asked.since}) as changes
     where (version, id) > (${version}::bigint, ${id}::text) order by version, id limit ${asked.limit}`.execute(
    sqlOf(ctx),
  );
  return rows;
}

/** Who came to and left these groups since a version. */
export async function listMembershipChanges(
  ctx: Context,
  groupIds: readonly string[],
  since: number,
): Promise<{ groupId: string; memberKind: string; memberId: string; isMember: boolean }[]> {
  const { rows } = await sql<{ groupId: string; memberKind: string; memberId: string; isMember: boolean }>`
    select group_id::text as "groupId", member_kind as "memberKind", member_id::text as "memberId",
           is_member as "isMember"
      from directory.membership_changes
     where tenant_id = ${ctx.tenantId} and version >= ${since} and group_id = any(${groupIds}::uuid[])
     order by group_id, member_id`.execute(sqlOf(ctx));
  return rows;
}
