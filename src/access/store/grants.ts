import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { type GrantId, newId, type TenantId } from '../../kernel/ids.ts';
import type { Outsider } from '../../kernel/module.ts';
import { FEW, oneOf, sqlOf } from '../../platform/database/index.ts';
import type { Grant, GrantKind, GrantPath, NewGrant, SubjectKind } from '../grants.ts';

export interface GrantsTable {
  tenant_id: string;
  id: GrantId;
  kind: GrantKind;
  subject_kind: SubjectKind;
  subject_id: string;
  object_kind: string;
  object_id: string;
  level: string;
  path: GrantPath;
  home_tenant_id: TenantId | null;
  home_domain: string | null;
  given_by: string;
  given_at: Date;
  sponsor_id: string | null;
  reason: string | null;
  ends_at: Date | null;
  last_used_at: Date | null;
}

interface Tables {
  'access.grants': GrantsTable;
}

/** Gives a right, or raises or lowers the same one (same subject, object, kind and path) to the new level. */
export async function putGrant(ctx: Context, grant: NewGrant): Promise<{ id: GrantId; isNew: boolean }> {
  const values = {
    level: grant.level,
    home_tenant_id: grant.homeTenantId ?? null,
    home_domain: grant.homeDomain ?? null,
    given_by: grant.givenBy,
    given_at: ctx.now,
    sponsor_id: grant.sponsorId ?? null,
    reason: grant.reason ?? null,
    ends_at: grant.endsAt ?? null,
  };
  const row = await sqlOf<Tables>(ctx)
    .insertInto('access.grants')
    .values({
      tenant_id: ctx.tenantId,
      id: newId<'grant'>(),
      kind: grant.kind,
      subject_kind: grant.subject.kind,
      subject_id: grant.subject.id,
      object_kind: grant.object.kind,
      object_id: grant.object.id,
      path: grant.path ?? 'direct',
      last_used_at: null,
      ...values,
    })
    .onConflict((conflict) => conflict.constraint('grants_once').doUpdateSet(values))
    .returning(['id', sql<boolean>`xmax = 0`.as('is_new')])
    .executeTakeFirstOrThrow();
  return { id: row.id, isNew: row.is_new };
}

export interface GrantFilter {
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly kind?: string;
  /** Those whose holder is at home there. */
  readonly homeTenantId?: TenantId;
  readonly subjectKinds?: readonly SubjectKind[];
  readonly subjects?: readonly { readonly kind: SubjectKind; readonly id: string }[];
  readonly object?: { readonly kind: string; readonly id?: string; readonly ids?: readonly string[] };
}

/** The grants that match, the ended ones left out. */
export async function listGrants(ctx: Context, filter: GrantFilter): Promise<Grant[]> {
  if (filter.subjects?.length === 0 || filter.object?.ids?.length === 0 || filter.ids?.length === 0) return [];
  let query = sqlOf<Tables>(ctx)
    .selectFrom('access.grants')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', ctx.now)]))
    .orderBy('id');
  if (filter.id !== undefined) query = query.where('id', '=', filter.id as GrantId);
  if (filter.ids !== undefined) query = query.where(sql<boolean>`id = any(${filter.ids}::uuid[])`);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind as GrantKind);
  if (filter.homeTenantId !== undefined) query = query.where('home_tenant_id', '=', filter.homeTenantId);
  if (filter.subjectKinds !== undefined)
    query = query.where(sql<boolean>`subject_kind = any(${filter.subjectKinds}::text[])`);
  if (filter.object !== undefined) {
    query = query.where('object_kind', '=', filter.object.kind);
    if (filter.object.id !== undefined) query = query.where('object_id', '=', filter.object.id);
    const { ids } = filter.object;
    if (ids !== undefined) query = query.where(sql<boolean>`object_id ${oneOf(ids, 'text')}`);
  }
  if (filter.subjects !== undefined) {
    const kinds = filter.subjects.map((subject) => subject.kind);
    const ids = filter.subjects.map((subject) => subject.id);
    // Few are written one by one: each is then a look into the index that is planned once and not at every request.
    query = query.where(
      filter.subjects.length <= FEW
        ? sql<boolean>`(${sql.join(
            filter.subjects.map(({ kind, id }) => sql`(subject_kind = ${kind} and subject_id = ${id})`),
            sql` or `,
          )})`
        : sql<boolean>`(subject_kind, subject_id) in (select * from unnest(${kinds}::text[], ${ids}::text[]))`,
    );
  }
  return (await query.execute()).map(fromRow);
}

/** Every current grant of a kind in the order of its objects, in pages. */
export async function* listGrantsByObject(
  ctx: Context,
  of: { readonly kind: GrantKind; readonly objectKind: string },
  size: number,
): AsyncIterable<readonly Grant[]> {
  for (let after: Grant | undefined; ; ) {
    let query = sqlOf<Tables>(ctx)
      .selectFrom('access.grants')
      .selectAll()
      .where('tenant_id', '=', ctx.tenantId)
      .where('object_kind', '=', of.objectKind)
      .where('kind', '=', of.kind)
      .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', ctx.now)]))
      .orderBy('object_id')
      .orderBy('subject_kind')
      .orderBy('subject_id')
      .orderBy('path')
      .limit(size);
    if (after) {
      const { object, subject, path } = after;
      query = query.where(
        sql<boolean>`(object_id, subject_kind, subject_id, path) > (${object.id}, ${subject.kind}, ${subject.id}, ${path})`,
      );
    }
    const page = (await query.execute()).map(fromRow);
    if (page.length > 0) yield page;
    if (page.length < size) return;
    after = page.at(-1);
  }
}

/** Notes that rights were used now. Of others nothing is noted. */
export async function noteUses(ctx: Context, ids: readonly string[]): Promise<void> {
  await sql`update access.grants set last_used_at = ${ctx.now}
    where tenant_id = ${ctx.tenantId} and id = any(${ids}::uuid[])`.execute(sqlOf(ctx));
}

/** Notes that somebody was here now, who uses what they hold of these kinds by being here at all. */
export async function noteUsesBy(ctx: Context, subjectId: string, kinds: readonly GrantKind[]): Promise<void> {
  await sql`update access.grants set last_used_at = ${ctx.now}
    where tenant_id = ${ctx.tenantId} and subject_kind = 'guest' and subject_id = ${subjectId}
      and kind = any(${kinds}::text[])`.execute(sqlOf(ctx));
}

/** Notes that a right was used now. */
export async function noteUse(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('access.grants')
    .set({ last_used_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id as GrantId)
    .execute();
}

/** The rights of somebody outside: by where they are at home, by who they are here, and by what they are called. */
export async function listGrantsOfOutsider(
  ctx: Context,
  { tenantId, domains, accountId, kinds }: Outsider,
  here: { readonly accountIds: readonly string[]; readonly addresses: readonly string[] },
  page: { readonly limit: number; readonly except: readonly string[] },
): Promise<Grant[]> {
  const isWhole = accountId === null;
  const { rows } = await sql<Selectable<GrantsTable>>`
    select g.* from access.grants g
     where g.tenant_id = ${ctx.tenantId} and not (g.id = any(${page.except}::uuid[]))
       and (${kinds ?? null}::text[] is null or g.kind = any(${kinds ?? null}::text[]))
       and g.id in (
         select id from access.grants where tenant_id = ${ctx.tenantId} and subject_kind in ('account', 'guest')
            and subject_id = any(${here.accountIds}::text[])
         union select id from access.grants where tenant_id = ${ctx.tenantId} and subject_kind = 'contact'
            and subject_id = any(${here.addresses}::text[])
         union select id from access.grants where ${isWhole} and tenant_id = ${ctx.tenantId}
            and home_domain = any(${domains}::text[])
         union select id from access.grants where ${isWhole} and tenant_id = ${ctx.tenantId}
            and home_tenant_id = ${tenantId}::uuid
         union select id from access.grants where ${isWhole} and tenant_id = ${ctx.tenantId}
            and subject_kind in ('domain', 'tenant') and subject_id = any(${[...domains, ...(tenantId ? [tenantId] : [])]}::text[]))
     order by g.id limit ${page.limit}`.execute(sqlOf(ctx));
  return rows.map(fromRow);
}

/** Removes grants by id and returns what they were. */
export async function deleteGrants(ctx: Context, ids: readonly string[]): Promise<Grant[]> {
  if (ids.length === 0) return [];
  const rows = await sqlOf<Tables>(ctx)
    .deleteFrom('access.grants')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', 'in', ids as GrantId[])
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

/** Removes the grants of a kind that have ended, and returns them. */
export async function deleteEndedGrants(ctx: Context, kind: GrantKind): Promise<Grant[]> {
  const rows = await sqlOf<Tables>(ctx)
    .deleteFrom('access.grants')
    .where('tenant_id', '=', ctx.tenantId)
    .where('kind', '=', kind)
    .where('ends_at', '<=', ctx.now)
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

export function fromRow(row: Selectable<GrantsTable>): Grant {
  return {
    id: row.id,
    kind: row.kind,
    subject: { kind: row.subject_kind, id: row.subject_id },
    object: { kind: row.object_kind, id: row.object_id },
    level: row.level,
    path: row.path,
    homeTenantId: row.home_tenant_id,
    homeDomain: row.home_domain,
    givenBy: row.given_by,
    givenAt: row.given_at,
    sponsorId: row.sponsor_id,
    reason: row.reason,
    endsAt: row.ends_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Whether somebody keeps this server running. Their grant is the host's, and is not seen from inside a tenant. */
export async function operatesServer(ctx: Context, accountId: string): Promise<boolean> {
  const { rows } = await sql<{ yes: boolean }>`select access.operates_server(${accountId}::uuid) as yes`.execute(
    sqlOf(ctx),
  );
  return rows[0]?.yes ?? false;
}
