import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Outsider } from '../../kernel/module.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** Accounts here whose home is with somebody outside; whoever is at home here is never among them. */
const theirs = (ctx: Context, { tenantId, domains, accountId }: Outsider) => sql`
  a.tenant_id = ${ctx.tenantId} and a.deleted_at is null
  and (a.creation_type = 'Invitation' or a.external_user_state is not null or a.home_tenant_id is not null)
  and (a.id = ${accountId}::uuid or (${accountId === null}
       and (a.home_tenant_id = ${tenantId}::uuid or a.home_domain = any(${domains}::text[]))))`;

export async function listOutsiders(
  ctx: Context,
  outsider: Outsider,
  page: { readonly limit: number | null; readonly except: readonly string[] },
): Promise<readonly { id: AccountId; displayName: string; mail: string | null; isPending: boolean }[]> {
  const { rows } = await sql<{ id: AccountId; displayName: string; mail: string | null; isPending: boolean }>`
    select a.id, a.display_name as "displayName", a.mail_lower as mail,
           a.external_user_state is not distinct from 'PendingAcceptance' as "isPending"
      from directory.accounts a where ${theirs(ctx, outsider)} and not (a.id = any(${page.except}::uuid[]))
     order by a.id limit ${page.limit}`.execute(sqlOf(ctx));
  return rows;
}

/** Ends the stay of all of them now, with every session and token. Returns whose it was. */
export async function endStays(ctx: Context, outsider: Outsider): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update directory.accounts a
       set ends_at = least(coalesce(a.ends_at, ${ctx.now}), ${ctx.now}), sessions_valid_from = ${ctx.now}
     where ${theirs(ctx, outsider)} returning a.id`.execute(sqlOf(ctx));
  return rows.map(({ id }) => id);
}
