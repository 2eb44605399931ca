import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { DirectoryTables } from './tables.ts';

/** Display names of accounts, groups and contacts by id, deleted ones too. Ids that are none of these are left out. */
export async function listDisplayNames(ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select id, display_name as name from directory.accounts where tenant_id = ${ctx.tenantId} and id = any (${ids}::uuid[])
    union all
    select id, display_name from directory.groups where tenant_id = ${ctx.tenantId} and id = any (${ids}::uuid[])
    union all
    select id, display_name from directory.contacts where tenant_id = ${ctx.tenantId} and id = any (${ids}::uuid[])
  `.execute(sqlOf<DirectoryTables>(ctx));
  return new Map(rows.map((row) => [row.id, row.name]));
}
