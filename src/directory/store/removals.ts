import { sql } from 'kysely';
import type { Grant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { DirectoryTables, HolderKind } from './tables.ts';

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<DirectoryTables>(ctx);

/** Sets grants aside with the deleted account or group they belonged to. */
export async function keepGrants(ctx: Context, ownerId: string, grants: readonly Grant[]): Promise<void> {
  if (grants.length === 0) return;
  await db(ctx)
    .insertInto('directory.kept_grants')
    .values(
      grants.map((grant) => ({
        tenant_id: ctx.tenantId,
        owner_id: ownerId,
        grant_id: grant.id,
        content: sql`${JSON.stringify(grant)}::jsonb` as never,
      })),
    )
    .execute();
}

/** Takes what was set aside for an owner; it is not kept any longer. */
export async function takeKeptGrants(ctx: Context, ownerId: string): Promise<Grant[]> {
  const rows = await db(ctx)
    .deleteFrom('directory.kept_grants')
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_id', '=', ownerId)
    .returning('content')
    .execute();
  return rows.map(({ content }) => {
    const grant = content as Grant & { endsAt: string | null };
    return { ...grant, endsAt: grant.endsAt === null ? null : new Date(grant.endsAt) } as Grant;
  });
}

/** Notes that something is gone for good, for those who follow the directory. */
export async function noteRemoval(ctx: Context, kind: HolderKind, id: string): Promise<void> {
  await db(ctx)
    .insertInto('directory.removals')
    .values({ tenant_id: ctx.tenantId, kind, id, removed_at: ctx.now })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'id']).doUpdateSet({ removed_at: ctx.now }))
    .execute();
}

/** Ids of accounts or groups that were deleted before a moment. */
export async function listDeletedBefore(
  ctx: Context,
  kind: 'account' | 'group',
  before: Date,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id::text from ${sql.table(kind === 'account' ? 'directory.accounts' : 'directory.groups')}
     where tenant_id = ${ctx.tenantId} and deleted_at < ${before} order by deleted_at limit ${limit}`.execute(db(ctx));
  return rows.map((row) => row.id);
}
