import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { GrantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Grant, GrantKind, GrantPath, SubjectKind } from '../grants.ts';
import { fromRow, type GrantsTable } from './grants.ts';

interface Tables {
  'access.grants': GrantsTable;
}

export interface LedgerFilter {
  /** Only rights of subjects whose home is elsewhere. */
  readonly outside?: boolean;
  readonly homeDomain?: string;
  readonly kind?: string;
  readonly path?: GrantPath;
  readonly subjects?: readonly { readonly kind: SubjectKind; readonly id: string }[];
  readonly object?: { readonly kind: string; readonly id?: string };
  /** Never used, or last used before this instant. */
  readonly unusedSince?: Date;
  readonly endsBefore?: Date;
}

/** A page of the ledger in the order of the grants' ids, which is the order in which they were given. */
export async function listLedger(
  ctx: Context,
  filter: LedgerFilter,
  page: { after?: string; limit: number },
): Promise<{ rows: Grant[]; next: string | null }> {
  if (filter.subjects?.length === 0) return { rows: [], next: null };
  let query = sqlOf<Tables>(ctx)
    .selectFrom('access.grants')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', ctx.now)]))
    .orderBy('id')
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where('id', '>', page.after as GrantId);
  if (filter.outside) query = query.where('home_domain', 'is not', null);
  if (filter.homeDomain !== undefined) query = query.where('home_domain', '=', filter.homeDomain.toLowerCase());
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind as GrantKind);
  if (filter.path !== undefined) query = query.where('path', '=', filter.path);
  if (filter.object !== undefined) {
    query = query.where('object_kind', '=', filter.object.kind);
    if (filter.object.id !== undefined) query = query.where('object_id', '=', filter.object.id);
  }
  if (filter.subjects !== undefined) {
    const kinds = filter.subjects.map((subject) => subject.kind);
    const ids = filter.subjects.map((subject) => subject.id);
    query = query.where(
      sql<boolean>`(subject_kind, subject_id) in (select * from unnest(${kinds}::text[], ${ids}::text[]))`,
    );
  }
  if (filter.unusedSince !== undefined) {
    const since = filter.unusedSince;
    query = query
      .where('given_at', '<', since)
      .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', since)]));
  }
  if (filter.endsBefore !== undefined) query = query.where('ends_at', '<', filter.endsBefore);
  const rows = (await query.execute()).map(fromRow);
  const hasMore = rows.length > page.limit;
  const shown = hasMore ? rows.slice(0, page.limit) : rows;
  return { rows: shown, next: hasMore ? (shown.at(-1)?.id ?? null) : null };
}

/** Grants whose end has come, of this tenant, oldest first. */
export async function listEndedGrants(ctx: Context, limit: number): Promise<Grant[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('access.grants')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('ends_at', '<=', ctx.now)
    .orderBy('ends_at')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}
