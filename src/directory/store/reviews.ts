import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import { GRANTS } from '../grants.ts';
import type { Review, ReviewAnswer, ReviewCounts } from '../model/review.ts';

interface ReviewsTable {
  tenant_id: TenantId;
  id: string;
  title: string;
  started_by: string;
  started_at: Date;
  due_at: Date;
  without_answer: Review['withoutAnswer'];
  organisation: string | null;
  reminded_at: Date | null;
  closed_at: Date | null;
  state: Review['state'];
}
interface Tables {
  'directory.reviews': ReviewsTable;
  'directory.review_items': {
    tenant_id: TenantId;
    review_id: string;
    account_id: AccountId;
    answer: ReviewAnswer | null;
    answered_by: string | null;
    answered_at: Date | null;
  };
}

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

/** Keeps a review, and puts every guest into it who is here now. Returns how many they are. */
export async function insertReview(ctx: Context, review: Review): Promise<number> {
  await db(ctx)
    .insertInto('directory.reviews')
    .values({
      tenant_id: ctx.tenantId,
      id: review.id,
      title: review.title,
      started_by: review.startedBy,
      started_at: review.startedAt,
      due_at: review.dueAt,
      without_answer: review.withoutAnswer,
      organisation: review.organisation,
      reminded_at: review.remindedAt,
      closed_at: null,
      state: 'open',
    })
    .execute();
  const { numAffectedRows } = await sql`
    insert into directory.review_items (tenant_id, review_id, account_id)
    select a.tenant_id, ${review.id}, a.id from directory.accounts a
     where a.tenant_id = ${ctx.tenantId} and (a.user_type = 'Guest' or a.creation_type = 'Invitation')
       and a.deleted_at is null and (a.ends_at is null or a.ends_at > ${ctx.now})
       and (${review.organisation}::text is null or a.home_domain = ${review.organisation})`.execute(db(ctx));
  return Number(numAffectedRows ?? 0);
}

export async function findReview(
  ctx: Context,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<Review | undefined> {
  let query = db(ctx)
    .selectFrom('directory.reviews')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && fromRow(row);
}

/** The newest first, with what was answered so far. */
export async function listReviews(
  ctx: Context,
  filter: { readonly id?: string; readonly isOpen?: boolean; readonly before?: string; readonly limit: number },
): Promise<(Review & ReviewCounts)[]> {
  const { rows } = await sql<Selectable<ReviewsTable> & ReviewCounts>`
    select r.*, count(i.account_id)::int as guests, count(*) filter (where i.answer = 'keep')::int as kept,
           count(*) filter (where i.answer = 'end')::int as ended,
           count(*) filter (where i.account_id is not null and i.answer is null)::int as unanswered
      from directory.reviews r
      left join directory.review_items i on i.tenant_id = r.tenant_id and i.review_id = r.id
     where r.tenant_id = ${ctx.tenantId} and (${filter.id ?? null}::uuid is null or r.id = ${filter.id ?? null}::uuid)
       and (${filter.before ?? null}::uuid is null or r.id < ${filter.before ?? null}::uuid)
       and (not ${filter.isOpen ?? false} or r.state = 'open')
     group by r.tenant_id, r.id order by r.id desc limit ${filter.limit}`.execute(db(ctx));
  return rows.map((row) => ({
    ...fromRow(row),
    guests: row.guests,
    kept: row.kept,
    ended: row.ended,
    unanswered: row.unanswered,
  }));
}

export async function updateReview(
  ctx: Context,
  id: string,
  changes: Partial<Pick<Review, 'state' | 'remindedAt' | 'closedAt'>>,
): Promise<void> {
  const { state, remindedAt, closedAt } = changes;
  await db(ctx)
    .updateTable('directory.reviews')
    .set({
      id,
      ...(state === undefined ? {} : { state }),
      ...(remindedAt === undefined ? {} : { reminded_at: remindedAt }),
      ...(closedAt === undefined ? {} : { closed_at: closedAt }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export interface KeptItem {
  readonly reviewId: string;
  readonly guestId: AccountId;
  readonly answer: ReviewAnswer | null;
  readonly answeredBy: string | null;
  readonly answeredAt: Date | null;
  readonly rights: number;
  readonly lastUsedAt: Date | null;
}

/** A grant `m` of a guest in a group, and one `o` of whoever owns that group and is at home here. */
const IS_MEMBER = sql.raw(`m.kind = '${GRANTS.member.kind}' and m.subject_kind in ('guest', 'account')`);
const OWNS = sql.raw(`o.tenant_id = m.tenant_id and o.kind = '${GRANTS.owner.kind}' and o.object_kind = m.object_kind
  and o.object_id = m.object_id and o.subject_kind = 'account' and o.subject_id <> m.subject_id`);

/**
 * Guests in reviews by their id: of one review, or of all that are open where one of these answers for them. With what
 * they hold here.
 */
export async function listReviewItems(
  ctx: Context,
  filter: {
    readonly reviewId?: string;
    readonly guestId?: string;
    /** Whom these sponsor, or who is a member of a group that one of these owns. */
    readonly answerableTo?: readonly string[];
    readonly isUnanswered?: boolean;
    readonly after?: string;
    readonly limit: number;
  },
): Promise<KeptItem[]> {
  const { rows } = await sql<KeptItem>`
    select i.review_id as "reviewId", i.account_id as "guestId", i.answer, i.answered_by as "answeredBy",
           i.answered_at as "answeredAt", held.rights, held.last_used_at as "lastUsedAt"
      from directory.review_items i
      join directory.reviews r on r.tenant_id = i.tenant_id and r.id = i.review_id
     cross join lateral (select count(*)::int as rights, max(g.last_used_at) as last_used_at from access.grants g
             where g.tenant_id = i.tenant_id and g.subject_kind in ('guest', 'account')
               and g.subject_id = i.account_id::text) held
     where i.tenant_id = ${ctx.tenantId}
       and (${filter.reviewId ?? null}::uuid is null or i.review_id = ${filter.reviewId ?? null}::uuid)
       and (${filter.guestId ?? null}::uuid is null or i.account_id = ${filter.guestId ?? null}::uuid)
       and (${filter.reviewId !== undefined} or r.state = 'open')
       and (not ${filter.isUnanswered ?? false} or i.answer is null)
       and (${filter.after ?? null}::uuid is null or i.account_id > ${filter.after ?? null}::uuid)
       and (${filter.answerableTo === undefined} or exists (select from directory.sponsors s
             where s.tenant_id = i.tenant_id and s.account_id = i.account_id
               and s.sponsor_id = any(${filter.answerableTo ?? []}::uuid[]))
         or exists (select from access.grants m join access.grants o on ${OWNS}
             where m.tenant_id = i.tenant_id and m.subject_id = i.account_id::text and ${IS_MEMBER}
               and o.subject_id = any(${filter.answerableTo ?? []}::text[])))
     order by i.account_id, i.review_id limit ${filter.limit}`.execute(db(ctx));
  return rows;
}

/** Keeps an answer, unless there is one. Returns whether there was none. */
export async function answerItem(
  ctx: Context,
  item: { readonly reviewId: string; readonly guestId: AccountId },
  answer: ReviewAnswer,
  answeredBy: string | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db(ctx)
    .updateTable('directory.review_items')
    .set({ answer, answered_by: answeredBy, answered_at: ctx.now })
    .where('tenant_id', '=', ctx.tenantId)
    .where('review_id', '=', item.reviewId)
    .where('account_id', '=', item.guestId)
    .where('answer', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Who has yet to answer in a review, and about how many guests: the members and groups that sponsor them, and the
 * owners of the groups they are in.
 */
export async function listReviewers(
  ctx: Context,
  reviewId: string,
): Promise<{ mail: string; displayName: string; preferredLanguage: string | null; guests: number }[]> {
  const { rows } = await sql<{ mail: string; displayName: string; preferredLanguage: string | null; guests: number }>`
    with due as (select i.tenant_id, i.account_id from directory.review_items i
       where i.tenant_id = ${ctx.tenantId} and i.review_id = ${reviewId} and i.answer is null),
    asked as (select s.sponsor_id, s.sponsor_kind, i.account_id from due i
        join directory.sponsors s on s.tenant_id = i.tenant_id and s.account_id = i.account_id
       union
      select o.subject_id::uuid, 'account', i.account_id from due i
        join access.grants m on m.tenant_id = i.tenant_id and m.subject_id = i.account_id::text and ${IS_MEMBER}
        join access.grants o on ${OWNS}),
    waiting as (select sponsor_id, sponsor_kind, count(*)::int as guests from asked group by 1, 2)
    select p.mail, p.display_name as "displayName", p.preferred_language as "preferredLanguage", w.guests from waiting w
      join directory.accounts p on p.tenant_id = ${ctx.tenantId} and p.id = w.sponsor_id
     where w.sponsor_kind = 'account' and p.deleted_at is null and p.mail is not null
    union all
    select p.mail, p.display_name, p.preferred_language, w.guests from waiting w
      join directory.groups p on p.tenant_id = ${ctx.tenantId} and p.id = w.sponsor_id
     where w.sponsor_kind = 'group' and p.deleted_at is null and p.mail is not null
     order by 1`.execute(db(ctx));
  return rows;
}

const fromRow = (row: Selectable<ReviewsTable>): Review => ({
  id: row.id,
  title: row.title,
  startedBy: row.started_by,
  startedAt: row.started_at,
  dueAt: row.due_at,
  withoutAnswer: row.without_answer,
  organisation: row.organisation,
  remindedAt: row.reminded_at,
  closedAt: row.closed_at,
  state: row.state,
});
