import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Vault } from '../../platform/vault.ts';
import type { PartnerKey, PublicKey } from '../model/key.ts';

interface KeysTable {
  tenant_id: string;
  kid: string;
  public_jwk: Record<string, unknown>;
  private_sealed: Buffer;
  created_at: Date;
  retired_at: Date | null;
}

interface Tables {
  'partners.keys': KeysTable;
}

/** What a sealed key is bound to, for backups, too. */
export const purposeOf = (tenantId: string, kid: string) => `partner-key ${tenantId} ${kid}`;

/** The key that signs now, if there is one. */
export async function findKey(ctx: Context, vault: Vault): Promise<PartnerKey | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('partners.keys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  return (
    row && {
      ...published(row),
      privateJwk: JSON.parse(vault.open(row.private_sealed, purposeOf(ctx.tenantId, row.kid))),
    }
  );
}

/** Every public key that anything was ever signed with, the newest first. */
export async function listPublicKeys(ctx: Pick<Context, 'tx' | 'tenantId'>): Promise<PublicKey[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.keys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(published);
}

export async function insertKey(ctx: Context, key: PartnerKey, vault: Vault): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('partners.keys')
    .values({
      tenant_id: ctx.tenantId,
      kid: key.kid,
      public_jwk: key.publicJwk as Record<string, unknown>,
      private_sealed: vault.seal(JSON.stringify(key.privateJwk), purposeOf(ctx.tenantId, key.kid)),
      created_at: ctx.now,
      retired_at: null,
    })
    .execute();
}

/** Two nodes that make a tenant's first key at once would make two: the second waits here for the first's commit. */
export async function lockKeys(ctx: Context): Promise<void> {
  await sql`select pg_advisory_xact_lock(7163007, hashtext(${ctx.tenantId}))`.execute(sqlOf(ctx));
}

const published = (row: Selectable<KeysTable>): PublicKey => ({
  kid: row.kid,
  publicJwk: { ...row.public_jwk, kid: row.kid },
  retiredAt: row.retired_at,
});
