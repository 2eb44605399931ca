import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Context, Tx } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** One thing the OpenID Connect provider remembers, as it is kept. */
export interface Artifact {
  readonly sealed: Buffer;
  readonly consumedAt: Date | null;
}

export interface NewArtifact {
  readonly sealed: Buffer;
  readonly grantId: string | null;
  readonly sessionId: string | null;
  readonly clientId: string | null;
  readonly accountId: string | null;
  readonly expiresAt: Date;
}

interface ArtifactsTable {
  tenant_id: string;
  kind: string;
  id_hash: Buffer;
  payload_sealed: Buffer;
  grant_id: string | null;
  session_id: string | null;
  client_id: string | null;
  account_id: string | null;
  expires_at: Date;
  consumed_at: Date | null;
}

interface Tables {
  'signin.artifacts': ArtifactsTable;
}

const hashOf = (kind: string, id: string) => createHash('sha256').update(`${kind} ${id}`).digest();

const one = (ctx: Context, kind: string, id: string) =>
  sqlOf<Tables>(ctx)
    .selectFrom('signin.artifacts')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('kind', '=', kind)
    .where('id_hash', '=', hashOf(kind, id))
    .where('expires_at', '>', ctx.now);

const fromRow = (row: { payload_sealed: Buffer; consumed_at: Date | null }): Artifact => ({
  sealed: row.payload_sealed,
  consumedAt: row.consumed_at,
});

export async function putArtifact(ctx: Context, kind: string, id: string, artifact: NewArtifact): Promise<void> {
  const values = {
    payload_sealed: artifact.sealed,
    grant_id: artifact.grantId,
    session_id: artifact.sessionId,
    client_id: artifact.clientId,
    account_id: artifact.accountId,
    expires_at: artifact.expiresAt,
  };
  await sqlOf<Tables>(ctx)
    .insertInto('signin.artifacts')
    .values({ tenant_id: ctx.tenantId, kind, id_hash: hashOf(kind, id), consumed_at: null, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'id_hash']).doUpdateSet(values))
    .execute();
}

export async function findArtifact(ctx: Context, kind: string, id: string): Promise<Artifact | undefined> {
  const row = await one(ctx, kind, id).executeTakeFirst();
  return row && fromRow(row);
}

/** The artifact of a kind that belongs to a session: the provider's own session, by its uid. */
export async function findArtifactOfSession(ctx: Context, kind: string, uid: string): Promise<Artifact | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('signin.artifacts')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('kind', '=', kind)
    .where('session_id', '=', uid)
    .where('expires_at', '>', ctx.now)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Marks a code or a refresh token as used. False when somebody else was first: of two at once, one wins. */
export async function consumeArtifact(ctx: Context, kind: string, id: string): Promise<boolean> {
  const result = await sqlOf<Tables>(ctx)
    .updateTable('signin.artifacts')
    .set({ consumed_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('kind', '=', kind)
    .where('id_hash', '=', hashOf(kind, id))
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteArtifact(ctx: Context, kind: string, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('signin.artifacts')
    .where('tenant_id', '=', ctx.tenantId)
    .where('kind', '=', kind)
    .where('id_hash', '=', hashOf(kind, id))
    .execute();
}

/** Deletes what was issued under consents, sessions or to an application, and says under which consents. */
export async function deleteArtifacts(
  ctx: Context,
  of:
    | { grantId: string }
    | { sessionIds: readonly string[] }
    | { accountId: string; clientId?: string }
    | { clientId: string },
): Promise<string[]> {
  let query = sqlOf<Tables>(ctx).deleteFrom('signin.artifacts').where('tenant_id', '=', ctx.tenantId);
  if ('grantId' in of) query = query.where('grant_id', '=', of.grantId);
  if ('sessionIds' in of) {
    if (of.sessionIds.length === 0) return [];
    query = query.where('session_id', 'in', of.sessionIds);
  }
  if ('accountId' in of) query = query.where('account_id', '=', of.accountId);
  if ('clientId' in of && of.clientId !== undefined) query = query.where('client_id', '=', of.clientId);
  const rows = await query.returning('grant_id').execute();
  return [...new Set(rows.map((row) => row.grant_id).filter((id) => id !== null))];
}

/** Remembers that tokens issued under these consents are no longer honoured, until the last has expired by itself. */
export async function insertRevokedGrants(ctx: Context, grantIds: readonly string[], until: Date): Promise<void> {
  if (grantIds.length === 0) return;
  await sql`
    insert into signin.revoked_grants (tenant_id, grant_id, revoked_at, expires_at)
    select ${ctx.tenantId}, unnest(${grantIds as string[]}::text[]), ${ctx.now}, ${until}
    on conflict do nothing`.execute(sqlOf(ctx));
}

/** Forgets what has expired. */
export async function deleteExpired(ctx: Context): Promise<void> {
  const now = ctx.now;
  await sql`delete from signin.artifacts where tenant_id = ${ctx.tenantId} and expires_at < ${now}`.execute(sqlOf(ctx));
  await sql`delete from signin.revoked_grants where tenant_id = ${ctx.tenantId} and expires_at < ${now}`.execute(
    sqlOf(ctx),
  );
  await sql`delete from signin.attempts where tenant_id = ${ctx.tenantId} and window_ends_at < ${now}`.execute(
    sqlOf(ctx),
  );
}

/** The tenant that issued a code or a refresh token, for the address that names none. */
export async function findTenantOfArtifact(where: { tx: Tx }, kind: string, id: string): Promise<TenantId | undefined> {
  const { rows } = await sql<{ tenant: TenantId | null }>`
    select signin.tenant_of_artifact(${kind}, ${hashOf(kind, id)}) as tenant`.execute(sqlOf(where));
  return rows[0]?.tenant ?? undefined;
}
