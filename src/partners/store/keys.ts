import { type Selectable, sql, type Updateable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Vault } from '../../platform/vault.ts';
import type { PartnerKey, PublicKey } from '../model/key.ts';
import type { Succession, Withdrawal } from '../model/key-statements.ts';

interface KeysTable {
  tenant_id: string;
  kid: string;
  public_jwk: Record<string, unknown>;
  private_sealed: Buffer | null;
  created_at: Date;
  retired_at: Date | null;
  signs_from: Date | null;
  retires_at: Date | null;
  succession: Succession | null;
  withdrawal: Withdrawal | null;
}

interface Tables {
  'partners.keys': KeysTable;
}

/** What a sealed key is bound to, for backups, too. */
export const purposeOf = (tenantId: string, kid: string) => `partner-key ${tenantId} ${kid}`;

/** The keys that count: the one that signs, and the one before or after it while both do. The newest first. */
export async function listLivingKeys(ctx: Context, vault: Vault): Promise<PartnerKey[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('partners.keys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('retired_at', 'is', null)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.flatMap((row) =>
    row.private_sealed === null
      ? []
      : {
          ...published(row),
          privateJwk: JSON.parse(vault.open(row.private_sealed, purposeOf(ctx.tenantId, row.kid))),
        },
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
      signs_from: key.signsFrom,
      retires_at: null,
      succession: key.succession === null ? null : jsonb(key.succession),
      withdrawal: null,
    })
    .execute();
}

/** Names the moment from which a key counts no more. */
export async function planRetirement(ctx: Context, kid: string, at: Date): Promise<void> {
  await changeKey(ctx, kid, { retires_at: at });
}

/** The key signs no more, here or anywhere: its private half is gone. */
export async function retireKey(ctx: Context, kid: string, withdrawal: Withdrawal | null): Promise<void> {
  await changeKey(ctx, kid, {
    retired_at: ctx.now,
    retires_at: null,
    private_sealed: null,
    ...(withdrawal === null ? {} : { withdrawal: jsonb(withdrawal) }),
  });
}

async function changeKey(ctx: Context, kid: string, values: Updateable<KeysTable>): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('partners.keys')
    .set(values)
    .where('tenant_id', '=', ctx.tenantId)
    .where('kid', '=', kid)
    .where('retired_at', 'is', null)
    .execute();
}

/** Two nodes that make a tenant's first key at once would make two: the second waits here for the first's commit. */
export async function lockKeys(ctx: Context): Promise<void> {
  await sql`select pg_advisory_xact_lock(7163007, hashtext(${ctx.tenantId}))`.execute(sqlOf(ctx));
}

const published = (row: Selectable<KeysTable>): PublicKey => ({
  kid: row.kid,
  publicJwk: { ...row.public_jwk, kid: row.kid },
  signsFrom: row.signs_from ?? row.created_at,
  retiresAt: row.retires_at,
  retiredAt: row.retired_at,
  succession: row.succession,
  withdrawal: row.withdrawal,
});

const jsonb = (value: unknown) => JSON.stringify(value) as never;
