import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** Somebody looked the ledger over, and stands for it. */
export interface SignOff {
  readonly id: string;
  readonly signedBy: string | null;
  readonly signedByName: string;
  readonly signedAt: Date;
  /** Of one organisation's rights alone; null: of all that outsiders hold. */
  readonly homeDomain: string | null;
  readonly rights: number;
  readonly unused: number;
  readonly digest: string;
  readonly comment: string | null;
}

interface Tables {
  'access.sign_offs': {
    tenant_id: string;
    id: string;
    signed_by: string | null;
    signed_by_name: string;
    signed_at: Date;
    home_domain: string | null;
    rights: number;
    unused: number;
    digest: string;
    comment: string | null;
  };
}

export async function insertSignOff(ctx: Context, signOff: SignOff): Promise<void> {
  const { id, signedBy, signedByName, signedAt, homeDomain, rights, unused, digest, comment } = signOff;
  await sqlOf<Tables>(ctx)
    .insertInto('access.sign_offs')
    .values({
      tenant_id: ctx.tenantId,
      id,
      signed_by: signedBy,
      signed_by_name: signedByName,
      signed_at: signedAt,
      home_domain: homeDomain,
      rights,
      unused,
      digest,
      comment,
    })
    .execute();
}

/** The newest first; with `homeDomain`, those of it alone (null: those of everything). */
export async function listSignOffs(
  ctx: Context,
  filter: { readonly homeDomain?: string | null; readonly limit: number },
): Promise<SignOff[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('access.sign_offs')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (filter.homeDomain === null) query = query.where('home_domain', 'is', null);
  else if (filter.homeDomain !== undefined) query = query.where('home_domain', '=', filter.homeDomain);
  return (await query.execute()).map(fromRow);
}

/** What the ledger of outsiders is now: how many rights, how many of them unused since then, and a digest of all. */
export async function sumUpLedger(
  ctx: Context,
  { homeDomain, unusedSince }: { readonly homeDomain: string | null; readonly unusedSince: Date },
): Promise<{ rights: number; unused: number; digest: string }> {
  const { rows } = await sql<{ rights: number; unused: number; digest: string }>`
    select count(*)::int as rights,
           count(*) filter (where given_at < ${unusedSince}
             and (last_used_at is null or last_used_at < ${unusedSince}))::int as unused,
           encode(sha256(convert_to(coalesce(string_agg(
             concat_ws(' ', id, kind, subject_kind, subject_id, object_kind, object_id, level, path, ends_at),
             e'\\n' order by id), ''), 'UTF8')), 'hex') as digest
      from access.grants where tenant_id = ${ctx.tenantId} and home_domain is not null
       and (${homeDomain}::text is null or home_domain = ${homeDomain})
       and (ends_at is null or ends_at > ${ctx.now})`.execute(sqlOf(ctx));
  return rows[0]!;
}

const fromRow = (row: Selectable<Tables['access.sign_offs']>): SignOff => ({
  id: row.id,
  signedBy: row.signed_by,
  signedByName: row.signed_by_name,
  signedAt: row.signed_at,
  homeDomain: row.home_domain,
  rights: row.rights,
  unused: row.unused,
  digest: row.digest,
  comment: row.comment,
});
