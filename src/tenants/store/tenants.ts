import { sql } from 'kysely';
import type { TenantFacts, Tx } from '../../kernel/context.ts';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

interface Where {
  readonly tx: Tx;
}

/** The tenant with its verified domains, or undefined. Needs no tenant's transaction. */
export async function findTenant(where: Where, id: TenantId): Promise<TenantFacts | undefined> {
  const { rows } = await sql<{
    tenant_id: TenantId;
    display_name: string;
    state: TenantFacts['state'];
    suspended_at: Date | null;
    initial_domain: string;
    default_domain: string | null;
    domains: string[];
  }>`
    select t.tenant_id, t.display_name, t.state, t.suspended_at, t.initial_domain,
           max(d.name) filter (where d.is_default) as default_domain,
           coalesce(array_agg(d.name order by d.name) filter (where d.verified_at is not null), '{}') as domains
      from tenants.tenants t left join tenants.domains d using (tenant_id)
     where t.tenant_id = ${id} group by t.tenant_id`.execute(sqlOf(where));
  const row = rows[0];
  return (
    row && {
      id: row.tenant_id,
      displayName: row.display_name,
      state: row.state,
      suspendedAt: row.suspended_at,
      initialDomain: row.initial_domain,
      defaultDomain: row.default_domain ?? row.initial_domain,
      domains: row.domains,
    }
  );
}

/** The tenant that has proven the domain, or undefined. For addressing only: never shown to another tenant. */
export async function findTenantIdByDomain(where: Where, domain: string): Promise<TenantId | undefined> {
  const { rows } = await sql<{ tenant_id: TenantId }>`
    select tenant_id from tenants.domains where name = ${domain.toLowerCase()} and verified_at is not null`.execute(
    sqlOf(where),
  );
  return rows[0]?.tenant_id;
}

/** Every tenant that is not deleted, and the host, whose own events are swept like a tenant's. */
export async function listTenantIds(where: Where): Promise<TenantId[]> {
  const { rows } = await sql<{ tenant_id: TenantId }>`
    select tenant_id from tenants.tenants where state <> 'deleted' order by tenant_id`.execute(sqlOf(where));
  return [HOST, ...rows.map((row) => row.tenant_id)];
}
