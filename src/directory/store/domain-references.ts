import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** An object that carries a name under a domain. */
export interface DomainUse {
  readonly kind: 'account' | 'group';
  readonly id: string;
  readonly displayName: string;
}

/** Our accounts and groups whose sign-in name, mail or other address lies under a domain; guests' own do not count. */
export async function listDomainUses(ctx: Context, domain: string): Promise<DomainUse[]> {
  const { rows } = await sql<DomainUse>`
    select 'account' as kind, a.id::text, a.display_name as "displayName" from directory.accounts a
     where a.tenant_id = ${ctx.tenantId} and a.deleted_at is null
       and (split_part(a.user_principal_name_lower, '@', 2) = ${domain}
            or (a.creation_type is null and exists (
                 select from directory.addresses d where d.tenant_id = a.tenant_id and d.holder_kind = 'account'
                    and d.holder_id = a.id and split_part(d.address, '@', 2) = ${domain})))
    union all
    select 'group', g.id::text, g.display_name from directory.groups g
     where g.tenant_id = ${ctx.tenantId} and g.deleted_at is null and exists (
       select from directory.addresses d where d.tenant_id = g.tenant_id and d.holder_kind = 'group'
          and d.holder_id = g.id and split_part(d.address, '@', 2) = ${domain})
     order by 3, 2`.execute(sqlOf(ctx));
  return rows;
}
