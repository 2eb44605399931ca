import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Vault } from '../../platform/vault.ts';
import type { SigningKey } from '../model/signing-key.ts';

interface SigningKeysTable {
  tenant_id: string;
  kid: string;
  public_jwk: Record<string, unknown>;
  private_sealed: Buffer;
  created_at: Date;
  signs_from: Date;
  published_until: Date | null;
}

interface Tables {
  'signin.signing_keys': SigningKeysTable;
}

const purposeOf = (tenantId: string, kid: string) => `signing-key ${tenantId} ${kid}`;

/** The tenant's keys that may still sign or be checked against. */
export async function listSigningKeys(ctx: Context, vault: Vault): Promise<SigningKey[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.signing_keys')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where((where) => where.or([where('published_until', 'is', null), where('published_until', '>', ctx.now)]))
    .execute();
  return rows.map((row) => fromRow(row, vault));
}

export async function insertSigningKey(ctx: Context, key: SigningKey, vault: Vault): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('signin.signing_keys')
    .values({
      tenant_id: ctx.tenantId,
      kid: key.kid,
      public_jwk: key.publicJwk as Record<string, unknown>,
      private_sealed: vault.seal(JSON.stringify(key.privateJwk), purposeOf(ctx.tenantId, key.kid)),
      created_at: ctx.now,
      signs_from: key.signsFrom,
      published_until: key.publishedUntil,
    })
    .execute();
}

/** Lets every key but `kid` go at `until`, those already going excepted. */
export async function retireOtherKeys(ctx: Context, kid: string, until: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('signin.signing_keys')
    .set({ published_until: until })
    .where('tenant_id', '=', ctx.tenantId)
    .where('kid', '<>', kid)
    .where('published_until', 'is', null)
    .execute();
}

/** Two nodes that make a tenant's first key at once would make two: the second waits here for the first's commit. */
export async function lockSigningKeys(ctx: Context): Promise<void> {
  await sql`select pg_advisory_xact_lock(7163003, hashtext(${ctx.tenantId}))`.execute(sqlOf(ctx));
}

function fromRow(row: Selectable<SigningKeysTable>, vault: Vault): SigningKey {
  return {
    kid: row.kid,
    publicJwk: row.public_jwk,
    privateJwk: JSON.parse(vault.open(row.private_sealed, purposeOf(row.tenant_id, row.kid))),
    signsFrom: row.signs_from,
    publishedUntil: row.published_until,
  };
}
