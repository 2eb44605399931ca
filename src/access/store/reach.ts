import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { SubjectKind } from '../grants.ts';

/** One way by which somebody outside reaches an object. */
export interface ReachRow {
  /** The right on the object itself. */
  readonly grantId: string;
  readonly kind: string;
  readonly level: string;
  readonly path: string;
  readonly subject: { readonly kind: SubjectKind; readonly id: string };
  readonly homeDomain: string | null;
  /** Ids of the groups between the object and the person, the one that holds the right first. */
  readonly through: readonly string[];
  readonly givenBy: string;
  readonly givenAt: Date;
  readonly endsAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** Groups in groups are followed so far down. */
const DEPTH = 20;

/**
 * Everybody outside who holds a right on an object, by every path: their own, through groups in groups, as anybody of
 * an organisation, by a link. `memberKind` is the kind of grant that makes somebody a member of a group.
 */
export async function listReach(
  ctx: Context,
  object: { readonly kind: string; readonly id: string },
  { memberKind, limit }: { readonly memberKind: string; readonly limit: number },
): Promise<ReachRow[]> {
  const now = ctx.now;
  const { rows } = await sql<ReachRow & { subject_kind: SubjectKind; subject_id: string }>`
    with recursive held as materialized (
      select * from access.grants g where g.tenant_id = ${ctx.tenantId} and g.object_kind = ${object.kind}
         and g.object_id = ${object.id} and (g.ends_at is null or g.ends_at > ${now})),
    down as (
      select id as grant_id, subject_kind, subject_id, home_domain, '{}'::text[] as through, last_used_at, ends_at
        from held
      union all
      select d.grant_id, m.subject_kind, m.subject_id, m.home_domain, d.through || d.subject_id, m.last_used_at,
             least(d.ends_at, m.ends_at)
        from down d
        join access.grants m on m.tenant_id = ${ctx.tenantId} and m.object_kind = 'group'
         and m.object_id = d.subject_id and m.kind = ${memberKind} and (m.ends_at is null or m.ends_at > ${now})
       where d.subject_kind = 'group' and not (m.subject_id = any(d.through)) and cardinality(d.through) < ${DEPTH})
    select h.id as "grantId", h.kind, h.level, h.path, d.subject_kind, d.subject_id, d.home_domain as "homeDomain",
           d.through, h.given_by as "givenBy", h.given_at as "givenAt", d.ends_at as "endsAt",
           coalesce(d.last_used_at, h.last_used_at) as "lastUsedAt"
      from down d join held h on h.id = d.grant_id
     where d.home_domain is not null or d.subject_kind in ('domain', 'link', 'anyone')
     order by d.home_domain nulls last, d.subject_kind, d.subject_id, cardinality(d.through)
     limit ${limit}`.execute(sqlOf(ctx));
  return rows.map(({ subject_kind, subject_id, ...row }) => ({
    ...row,
    subject: { kind: subject_kind, id: subject_id },
  }));
}
