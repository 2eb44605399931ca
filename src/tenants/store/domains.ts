import type { Context } from '../../kernel/context.ts';
import { sqlOf, violatedConstraint } from '../../platform/database/index.ts';
import { tenantsFaults } from '../faults.ts';
import type { Domain, SupportedService } from '../model/domain.ts';
import type { DomainName } from '../model/domain-name.ts';

interface Tables {
  'tenants.domains': {
    tenant_id: string;
    name: DomainName;
    proof: string;
    verified_at: Date | null;
    is_initial: boolean;
    is_default: boolean;
    supported_services: SupportedService[];
    created_at: Date;
  };
}

type Where = Pick<Context, 'tx' | 'tenantId'>;

const domains = (ctx: Where) =>
  sqlOf<Tables>(ctx).selectFrom('tenants.domains').selectAll().where('tenant_id', '=', ctx.tenantId);

export async function listDomains(ctx: Where): Promise<Domain[]> {
  return (await domains(ctx).orderBy('name').execute()).map(fromRow);
}

export async function findDomain(ctx: Where, name: string): Promise<Domain | undefined> {
  const row = await domains(ctx)
    .where('name', '=', name as DomainName)
    .executeTakeFirst();
  return row && fromRow(row);
}

/**
 * The domain, held for the rest of the transaction. `update` keeps out whoever would use it; `share` lets many use it
 * at once and keeps out whoever would remove it.
 */
export async function lockDomain(ctx: Where, name: string, hold: 'update' | 'share'): Promise<Domain | undefined> {
  const query = domains(ctx).where('name', '=', name as DomainName);
  const row = await (hold === 'update' ? query.forUpdate() : query.forShare()).executeTakeFirst();
  return row && fromRow(row);
}

/** Those of `names` that another tenant has proven. BOUNDARY: for deciding a claim; never shown. */
export async function listHeldElsewhere(ctx: Where, names: readonly DomainName[]): Promise<DomainName[]> {
  if (names.length === 0) return [];
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('tenants.domains')
    .select('name')
    .where('name', 'in', names)
    .where('tenant_id', '<>', ctx.tenantId)
    .where('verified_at', 'is not', null)
    .execute();
  return rows.map((row) => row.name);
}

/** @throws tenants.domain-already-added. */
export async function insertDomain(ctx: Context, name: DomainName, proof: string): Promise<Domain> {
  try {
    const row = await sqlOf<Tables>(ctx)
      .insertInto('tenants.domains')
      .values({
        tenant_id: ctx.tenantId,
        name,
        proof,
        verified_at: null,
        is_initial: false,
        is_default: false,
        supported_services: [],
        created_at: ctx.now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return fromRow(row);
  } catch (error) {
    if (violatedConstraint(error) === 'domains_pkey') throw tenantsFaults.domainAlreadyAdded(name);
    throw error;
  }
}

/** @throws tenants.domain-held-elsewhere when another tenant was first. */
export async function markVerified(ctx: Context, name: DomainName): Promise<Domain> {
  try {
    const row = await sqlOf<Tables>(ctx)
      .updateTable('tenants.domains')
      .set({ verified_at: ctx.now, supported_services: ['Email', 'OfficeCommunicationsOnline'] })
      .where('tenant_id', '=', ctx.tenantId)
      .where('name', '=', name)
      .returningAll()
      .executeTakeFirstOrThrow();
    return fromRow(row);
  } catch (error) {
    if (violatedConstraint(error) === 'domains_one_holder') throw tenantsFaults.domainHeldElsewhere(name);
    throw error;
  }
}

export async function setSupportedServices(
  ctx: Context,
  name: DomainName,
  services: SupportedService[],
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('tenants.domains')
    .set({ supported_services: services })
    .where('tenant_id', '=', ctx.tenantId)
    .where('name', '=', name)
    .execute();
}

/** Moves the mark of the default domain: at no time are there two. */
export async function setDefault(ctx: Context, name: DomainName): Promise<void> {
  const own = () => sqlOf<Tables>(ctx).updateTable('tenants.domains').where('tenant_id', '=', ctx.tenantId);
  await own().set({ is_default: false }).where('is_default', '=', true).execute();
  await own().set({ is_default: true }).where('name', '=', name).execute();
}

export async function deleteDomainRow(ctx: Context, name: DomainName): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('tenants.domains')
    .where('tenant_id', '=', ctx.tenantId)
    .where('name', '=', name)
    .execute();
}

function fromRow(row: Tables['tenants.domains']): Domain {
  return {
    name: row.name,
    proof: row.proof,
    verifiedAt: row.verified_at,
    isInitial: row.is_initial,
    isDefault: row.is_default,
    supportedServices: row.supported_services,
    createdAt: row.created_at,
  };
}
