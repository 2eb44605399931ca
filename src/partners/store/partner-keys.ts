import type { JWK } from 'jose';
import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { KnownKey } from '../model/key-change.ts';
import type { OrganizationDocument } from '../model/organization-document.ts';

interface PartnerKeysTable {
  tenant_id: string;
  partner_tenant_id: TenantId;
  kid: string;
  public_jwk: Record<string, unknown>;
  succeeds: string | null;
  heard_at: Date;
  confirmed_at: Date | null;
  retired_at: Date | null;
  withdrawn_at: Date | null;
}

interface Tables {
  'partners.partner_keys': PartnerKeysTable;
}

/** Every key that partners were ever known by here, of each the newest first. */
export async function listKnownKeys(ctx: Context, partner?: TenantId): Promise<Map<TenantId, KnownKey[]>> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.partner_keys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .$if(partner !== undefined, (query) => query.where('partner_tenant_id', '=', partner as TenantId))
    .orderBy('heard_at', 'desc')
    .orderBy('kid')
    .execute();
  const found = new Map<TenantId, KnownKey[]>();
  for (const one of rows)
    found.set(one.partner_tenant_id, [...(found.get(one.partner_tenant_id) ?? []), knownKey(one)]);
  return found;
}

const knownKey = (row: Selectable<PartnerKeysTable>): KnownKey => ({
  kid: row.kid,
  publicJwk: row.public_jwk as JWK,
  succeeds: row.succeeds,
  heardAt: row.heard_at,
  confirmedAt: row.confirmed_at,
  retiredAt: row.retired_at,
  withdrawnAt: row.withdrawn_at,
});

/** Keeps a key that another one answers for. */
export async function insertSuccessor(
  ctx: Context,
  partner: TenantId,
  key: Pick<KnownKey, 'kid' | 'publicJwk' | 'succeeds'>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.partner_keys')
    .values({ ...row(ctx, partner, key.publicJwk), succeeds: key.succeeds })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Neither is ever taken back. */
export async function markKnownKey(
  ctx: Context,
  partner: TenantId,
  kid: string,
  what: 'retired_at' | 'withdrawn_at',
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.partner_keys')
    .set({ [what]: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('kid', '=', kid)
    .where(what, 'is', null)
    .execute();
}

/** An administrator has confirmed this document: its keys are the partner's, and no others sign any more. */
export async function confirmKeys(ctx: Context, partner: TenantId, document: OrganizationDocument): Promise<void> {
  const { keys, formerKeys = [], withdrawals = [] } = document;
  const tables = sqlOf<Tables>(ctx);
  const given = withdrawals.map(({ statement }) => statement.kid);
  const rows = [
    ...formerKeys.map((key) => ({
      ...row(ctx, partner, key),
      retired_at: ctx.now,
      withdrawn_at: given.includes(key.kid ?? '') ? ctx.now : null,
    })),
    ...keys.map((key) => row(ctx, partner, key)),
  ].map((one) => ({ ...one, confirmed_at: ctx.now }));
  // Whoever wrote the document may have named one twice.
  const all = [...new Map(rows.map((one) => [one.kid, one])).values()];
  await tables
    .updateTable('partners.partner_keys')
    .set({ retired_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('partner_tenant_id', '=', partner)
    .where('retired_at', 'is', null)
    .where(
      'kid',
      'not in',
      keys.map(({ kid }) => kid ?? ''),
    )
    .execute();
  await tables
    .insertInto('partners.partner_keys')
    .values(all)
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'partner_tenant_id', 'kid']).doUpdateSet((set) => ({
        public_jwk: set.ref('excluded.public_jwk'),
        confirmed_at: set.ref('excluded.confirmed_at'),
        retired_at: set.ref('excluded.retired_at'),
        withdrawn_at: sql`coalesce(partner_keys.withdrawn_at, excluded.withdrawn_at)`,
      })),
    )
    .execute();
}

const row = (ctx: Context, partner: TenantId, jwk: JWK) => ({
  tenant_id: ctx.tenantId,
  partner_tenant_id: partner,
  kid: jwk.kid ?? '',
  public_jwk: JSON.stringify(jwk) as never,
  succeeds: null,
  heard_at: ctx.now,
  confirmed_at: null,
  retired_at: null,
  withdrawn_at: null,
});
