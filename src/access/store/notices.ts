import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Grant } from '../grants.ts';
import { fromRow, type GrantsTable } from './grants.ts';

/** What the owner of something is told of a right that somebody outside holds on it. */
export type News = 'shared' | 'opened' | 'ending';

const TOLD = { shared: 'told_shared_at', opened: 'told_opened_at', ending: 'told_ending_at' } as const;

/** Rights of outsiders of which this has not been told. What happened before `since` is old, and is not told any more. */
export async function listUntold(
  ctx: Context,
  news: News,
  { since, endsBefore, limit }: { readonly since: Date; readonly endsBefore: Date; readonly limit: number },
): Promise<Grant[]> {
  const isDue = {
    shared: sql`told_shared_at is null and given_at >= ${since}`,
    opened: sql`told_opened_at is null and last_used_at >= ${since}`,
    ending: sql`told_ending_at is null and ends_at > ${ctx.now} and ends_at < ${endsBefore}`,
  }[news];
  const { rows } = await sql<Selectable<GrantsTable>>`
    select * from access.grants where tenant_id = ${ctx.tenantId} and home_domain is not null and ${isDue}
       and (ends_at is null or ends_at > ${ctx.now})
     order by id limit ${limit} for update skip locked`.execute(sqlOf(ctx));
  return rows.map(fromRow);
}

export async function noteTold(ctx: Context, news: News, ids: readonly string[]): Promise<void> {
  await sql`update access.grants set ${sql.ref(TOLD[news])} = ${ctx.now}
    where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[])`.execute(sqlOf(ctx));
}

interface Tables {
  'access.mutes': { tenant_id: string; account_id: string; object_kind: string; object_id: string; muted_at: Date };
}

export interface Muted {
  readonly kind: string;
  readonly id: string;
}

export async function listMutes(ctx: Context, accountId: string): Promise<Muted[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('access.mutes')
    .select(['object_kind', 'object_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('muted_at')
    .execute();
  return rows.map(({ object_kind, object_id }) => ({ kind: object_kind, id: object_id }));
}

export async function putMute(ctx: Context, accountId: string, { kind, id }: Muted): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('access.mutes')
    .values({ tenant_id: ctx.tenantId, account_id: accountId, object_kind: kind, object_id: id, muted_at: ctx.now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function deleteMute(ctx: Context, accountId: string, { kind, id }: Muted): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('access.mutes')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('object_kind', '=', kind)
    .where('object_id', '=', id)
    .execute();
}
