import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { DirectoryTables } from './tables.ts';

/** What a text calls a person (by user principal name) or a group (by display name). */
export interface NameInText {
  readonly id: string;
  readonly kind: 'person' | 'group';
  readonly name: string;
}

/** Those that have a name which leads back to them alone. */
export async function namesInTexts(ctx: Context, ids: readonly string[]): Promise<NameInText[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<NameInText>`
    select id, 'person' as kind, user_principal_name as name
      from directory.accounts
     where tenant_id = ${ctx.tenantId} and deleted_at is null and id = any (${ids}::uuid[])
    union all
    select g.id, 'group', g.display_name
      from directory.groups g
     where g.tenant_id = ${ctx.tenantId} and g.deleted_at is null and g.id = any (${ids}::uuid[])
       and not exists (select from directory.groups o
                        where o.tenant_id = g.tenant_id and o.deleted_at is null and o.id <> g.id
                          and o.display_name_lower = g.display_name_lower)
  `.execute(sqlOf<DirectoryTables>(ctx));
  return rows;
}

/** Everything that is called so. */
export async function idsOfName(ctx: Context, kind: NameInText['kind'], name: string): Promise<string[]> {
  const { rows } =
    kind === 'person'
      ? await sql<{ id: string }>`
          select id from directory.accounts
           where tenant_id = ${ctx.tenantId} and deleted_at is null
             and user_principal_name_lower = lower(${name})`.execute(sqlOf<DirectoryTables>(ctx))
      : await sql<{ id: string }>`
          select id from directory.groups
           where tenant_id = ${ctx.tenantId} and deleted_at is null
             and display_name_lower = lower(${name})`.execute(sqlOf<DirectoryTables>(ctx));
  return rows.map(({ id }) => id);
}
