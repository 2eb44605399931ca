import { sql } from 'kysely';
import type { Context, TenantFacts, Tx } from '../../kernel/context.ts';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import { sqlOf, together, violatedConstraint } from '../../platform/database/index.ts';
import { tenantsFaults } from '../faults.ts';
import type { DomainName } from '../model/domain-name.ts';

interface Where {
  readonly tx: Tx;
}

/** A tenant as the operator sees it: what it is called and in which state, nothing of what is in it. */
export interface TenantRecord {
  readonly id: TenantId;
  readonly displayName: string;
  readonly initialDomain: string;
  readonly state: TenantFacts['state'];
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  readonly deletedAt: Date | null;
}

interface Tables {
  'tenants.tenants': {
    tenant_id: TenantId;
    display_name: string;
    initial_domain: string;
    state: TenantFacts['state'];
    suspended_at: Date | null;
    deleted_at: Date | null;
    created_at: Date;
  };
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

/** The same for many requests at once, from outside of any of their transactions. */
export const findTenantIdOutside = together(async (tx, domains: readonly string[]) => {
  const { rows } = await sql<{ tenant_id: TenantId | null }>`
    select d.tenant_id
      from unnest(${domains.map((domain) => domain.toLowerCase())}::text[]) with ordinality as asked(name, n)
      left join tenants.domains d on d.name = asked.name and d.verified_at is not null
     order by asked.n`.execute(sqlOf({ tx }));
  return rows.map(({ tenant_id }) => tenant_id ?? undefined);
});

/** Every tenant that is not deleted, and the host, whose own events are swept like a tenant's. */
export async function listTenantIds(where: Where): Promise<TenantId[]> {
  const { rows } = await sql<{ tenant_id: TenantId }>`
    select tenant_id from tenants.tenants where state <> 'deleted' order by tenant_id`.execute(sqlOf(where));
  return [HOST, ...rows.map((row) => row.tenant_id)];
}

/** The tenant of the context, locked until the transaction ends, so that two changes of state follow each other. */
export async function lockTenant(ctx: Context): Promise<TenantRecord | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.tenants')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

/** A page of all tenants by name, `after` the one whose page came before. For the operator. */
export async function listTenants(
  where: Where,
  filter: { search?: string; state?: TenantFacts['state']; after?: { displayName: string; id: string }; limit: number },
): Promise<TenantRecord[]> {
  let query = sqlOf<Tables>(where)
    .selectFrom('tenants.tenants')
    .selectAll()
    .orderBy('display_name')
    .orderBy('tenant_id')
    .limit(filter.limit);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.search !== undefined) {
    const pattern = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((is) =>
      is.or([
        is('display_name', 'ilike', pattern),
        is('initial_domain', 'ilike', pattern),
        sql<boolean>`exists (select from tenants.domains d where d.tenant_id = tenants.tenants.tenant_id
                              and d.verified_at is not null and d.name ilike ${pattern})`,
      ]),
    );
  }
  if (filter.after) {
    const { displayName, id } = filter.after;
    query = query.where(sql<boolean>`(display_name, tenant_id) > (${displayName}, ${id}::uuid)`);
  }
  return (await query.execute()).map(fromRow);
}

/** Those whose days of grace run, or are over. */
export async function listDeletedTenants(where: Where): Promise<TenantRecord[]> {
  const rows = await sqlOf<Tables>(where)
    .selectFrom('tenants.tenants')
    .selectAll()
    .where('state', '=', 'deleted')
    .orderBy('deleted_at')
    .execute();
  return rows.map(fromRow);
}

/** Sums over all tenants; for the operator. */
export async function readServerUsage(where: Where) {
  const { rows } = await sql<{
    kind: 'tenants' | 'storage' | 'licences';
    name: string;
    used: string | null;
    allowed: string | null;
    unlimited: number;
  }>`select kind, name, used::text, allowed::text, unlimited from tenants.server_usage() order by kind, name`.execute(
    sqlOf(where),
  );
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    used: row.used === null ? null : Number(row.used),
    allowed: row.allowed === null ? null : Number(row.allowed),
    unlimited: row.unlimited,
  }));
}

/** Makes those who would set up this server wait for each other, until the transaction ends. */
export async function lockSetup(where: Where): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('tenants:setup', 0))`.execute(sqlOf(where));
}

/** Whether any tenant stands on this server, deleted ones included. */
export async function hasTenants(where: Where): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select exists (select from tenants.tenants) as has`.execute(
    sqlOf(where),
  );
  return rows[0]?.has === true;
}

/**
 * Writes a new tenant with its initial domain, then calls `furnish` in the new tenant's name, all in the host's
 * transaction: a tenant is there whole or not at all.
 * @throws conflict when the domain is already held.
 */
export async function insertTenant(
  ctx: Context,
  tenant: { id: TenantId; displayName: string; initialDomain: DomainName; proof: string },
  furnish: () => Promise<void>,
): Promise<void> {
  try {
    await sql`
      with born as (
        insert into tenants.tenants (tenant_id, display_name, initial_domain, state, created_at)
        values (${tenant.id}, ${tenant.displayName}, ${tenant.initialDomain}, 'active', ${ctx.now}) returning tenant_id
      )
      insert into tenants.domains (tenant_id, name, proof, verified_at, is_initial, is_default, supported_services,
                                   created_at)
      select tenant_id, ${tenant.initialDomain}, ${tenant.proof}, ${ctx.now}::timestamptz, true, true,
             '{Email,OfficeCommunicationsOnline}', ${ctx.now}::timestamptz from born`.execute(sqlOf(ctx));
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'tenants_initial_domain_key' || constraint === 'domains_one_holder') {
      throw tenantsFaults.initialDomainTaken(tenant.initialDomain);
    }
    if (constraint === 'tenants_pkey') throw tenantsFaults.idTaken();
    throw error;
  }
  // BOUNDARY: the only place where one transaction works in two names. The second tenant did not exist before it.
  await sql`select set_config('entente.tenant_id', ${tenant.id}, true)`.execute(sqlOf(ctx));
  await furnish();
  await sql`select set_config('entente.tenant_id', ${HOST}, true)`.execute(sqlOf(ctx));
}

/** Changes what the operator may change of the context's tenant. */
export async function updateTenant(
  ctx: Context,
  changes: Partial<Pick<TenantRecord, 'displayName' | 'state' | 'suspendedAt' | 'deletedAt'>>,
): Promise<void> {
  const { displayName, state, suspendedAt, deletedAt } = changes;
  await sqlOf<Tables>(ctx)
    .updateTable('tenants.tenants')
    .set({
      ...(displayName === undefined ? {} : { display_name: displayName }),
      ...(state === undefined ? {} : { state }),
      ...(suspendedAt === undefined ? {} : { suspended_at: suspendedAt }),
      ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .execute();
}

/** Removes every row of a deleted tenant from every module's tables. There is no way back. */
export async function purgeTenantRows(where: Where, id: TenantId): Promise<void> {
  await sql`select tenants.purge_tenant(${id})`.execute(sqlOf(where));
}

/** The tenant whatever its state, for the operator. */
export async function findTenantRecord(where: Where, id: TenantId): Promise<TenantRecord | undefined> {
  const row = await sqlOf<Tables>(where)
    .selectFrom('tenants.tenants')
    .selectAll()
    .where('tenant_id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

function fromRow(row: Tables['tenants.tenants']): TenantRecord {
  return {
    id: row.tenant_id,
    displayName: row.display_name,
    initialDomain: row.initial_domain,
    state: row.state,
    createdAt: row.created_at,
    suspendedAt: row.suspended_at,
    deletedAt: row.deleted_at,
  };
}
