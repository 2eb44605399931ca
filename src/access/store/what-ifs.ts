import { type Generated, type Selectable, sql } from 'kysely';
import type { Actor, Context } from '../../kernel/context.ts';
import { parseId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Change, Line, Summary, WhatIf, WhatIfState } from '../model/what-if.ts';

interface WhatIfsTable {
  tenant_id: string;
  id: string;
  actor: unknown;
  asked_by: string;
  asked_at: Date;
  changes: unknown;
  supposed_at: Date | null;
  state: WhatIfState;
  ended_at: Date | null;
  looked_at: number;
  total: number | null;
  world: string | null;
  summary: unknown;
  failure: string | null;
  is_refused: Generated<boolean>;
}

interface LinesTable {
  tenant_id: string;
  what_if_id: string;
  n: number;
  direction: Line['direction'];
  question: string;
  subject_kind: string;
  subject_id: string;
  home_domain: string | null;
  object_kind: string;
  object_id: string;
  input: unknown;
  level_before: string;
  level_after: string;
  because: unknown;
  refused_at: Date | null;
  subject_name: string | null;
  object_name: string | null;
}

interface Tables {
  'access.what_ifs': WhatIfsTable;
  'access.what_if_lines': LinesTable;
}

export async function insertWhatIf(
  ctx: Context,
  asked: { id: string; askedBy: string; changes: readonly Change[]; supposedAt: Date | null },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .insertInto('access.what_ifs')
    .values({
      tenant_id: ctx.tenantId,
      id: asked.id,
      actor: JSON.stringify(ctx.actor),
      asked_by: asked.askedBy,
      asked_at: ctx.now,
      changes: JSON.stringify(asked.changes),
      supposed_at: asked.supposedAt,
      state: 'waiting',
      looked_at: 0,
    })
    .execute();
}

/** By its id, or by the number that people read out: of several, the one that was asked last. */
export async function findWhatIf(ctx: Context, idOrNumber: string): Promise<WhatIf | undefined> {
  const id = parseId(idOrNumber);
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('access.what_ifs')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .$if(id !== undefined, (query) => query.where('id', '=', id as string))
    .$if(id === undefined, (query) =>
      query.where(sql<boolean>`right(id::text, 8) = ${idOrNumber.toLowerCase()}`).orderBy('asked_at', 'desc'),
    )
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Notes how it goes; undefined when it is over already, having been cancelled. */
export async function noteProgress(
  ctx: Context,
  id: string,
  progress: { lookedAt: number; total: number | null },
): Promise<boolean> {
  const updated = await sqlOf<Tables>(ctx)
    .updateTable('access.what_ifs')
    .set({ state: 'running', looked_at: progress.lookedAt, total: progress.total })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst();
  return updated.numUpdatedRows > 0n;
}

/** Ends it, once: what was cancelled stays so. */
export async function endWhatIf(
  ctx: Context,
  id: string,
  end:
    | { state: 'done'; world: string; summary: Summary; lines: readonly Line[] }
    | { state: 'failed'; failure: string; isRefused: boolean }
    | { state: 'cancelled' },
): Promise<boolean> {
  const updated = await sqlOf<Tables>(ctx)
    .updateTable('access.what_ifs')
    .set({
      state: end.state,
      ended_at: ctx.now,
      ...(end.state === 'failed' ? { failure: end.failure, is_refused: end.isRefused } : {}),
      ...(end.state === 'done'
        ? {
            world: end.world,
            summary: JSON.stringify(end.summary),
            looked_at: end.summary.rights,
            total: end.summary.rights,
          }
        : {}),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) return false;
  if (end.state === 'done') await insertLines(ctx, id, end.lines);
  return true;
}

const LINES_AT_ONCE = 5_000;

async function insertLines(ctx: Context, id: string, lines: readonly Line[]): Promise<void> {
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
    const rows = lines.slice(from, from + LINES_AT_ONCE).map((line, i) => ({
      n: from + i,
      direction: line.direction,
      question: line.question,
      subject_kind: line.subject.kind,
      subject_id: line.subject.id,
      home_domain: line.subject.homeDomain,
      object_kind: line.object.kind,
      object_id: line.object.id,
      input: line.input ?? null,
      level_before: line.before,
      level_after: line.after,
      because: line.because,
      refused_at: line.refusedAt,
      subject_name: line.names.subject,
      object_name: line.names.object,
    }));
    await sql`
      insert into access.what_if_lines (tenant_id, what_if_id, n, direction, question, subject_kind, subject_id,
        home_domain, object_kind, object_id, input, level_before, level_after, because, refused_at, subject_name,
        object_name)
      select ${ctx.tenantId}, ${id}, n, direction, question, subject_kind, subject_id, home_domain, object_kind,
             object_id, coalesce(input, 'null'::jsonb), level_before, level_after, because, refused_at, subject_name,
             object_name
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as l(n int, direction text, question text,
          subject_kind text, subject_id text, home_domain text, object_kind text, object_id text, input jsonb,
          level_before text, level_after text, because jsonb, refused_at timestamptz, subject_name text,
          object_name text)`.execute(sqlOf(ctx));
  }
}

/** What was lost first, then what was gained, in the order of the questions. */
export async function listLines(
  ctx: Context,
  id: string,
  page: { after?: number; limit: number },
): Promise<(Line & { readonly n: number })[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('access.what_if_lines')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('what_if_id', '=', id)
    .orderBy('n')
    .limit(page.limit);
  if (page.after !== undefined) query = query.where('n', '>', page.after);
  return (await query.execute()).map((row) => ({
    n: row.n,
    direction: row.direction,
    question: row.question,
    subject: { kind: row.subject_kind, id: row.subject_id, homeDomain: row.home_domain },
    object: { kind: row.object_kind, id: row.object_id },
    input: row.input,
    before: row.level_before,
    after: row.level_after,
    because: row.because as Line['because'],
    refusedAt: row.refused_at,
    names: { subject: row.subject_name, object: row.object_name },
  }));
}

/** Removes what was asked before a moment. */
export async function deleteWhatIfsBefore(ctx: Context, before: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('access.what_ifs')
    .where('tenant_id', '=', ctx.tenantId)
    .where('asked_at', '<', before)
    .execute();
}

/**
 * The version of the grants, licences, people and calendars of the tenant, as its transaction sees them: another one
 * after any change of what decides, and the same when a right was merely used.
 */
export async function groundsSeen(ctx: Context): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select version from access.grounds where tenant_id = ${ctx.tenantId}`.execute(sqlOf(ctx));
  return rows[0]?.version ?? 0;
}

/** Whether a transaction failed because another one changed the same things meanwhile (SQLSTATE class 40). */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof Error && ['40001', '40P01'].includes((error as { code?: string }).code ?? '');

/** Marks a place in the transaction that `undo` goes back to. */
export async function mark(ctx: Context): Promise<{ undo(): Promise<void> }> {
  const db = sqlOf(ctx);
  await sql`savepoint before_the_change`.execute(db);
  return { undo: async () => void (await sql`rollback to savepoint before_the_change`.execute(db)) };
}

/** What answers said of before they said it. */
const EARLIER = { unheard: [] };

const fromRow = (row: Selectable<WhatIfsTable>): WhatIf => ({
  id: row.id,
  actor: actorOf(row.actor as Actor),
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  changes: row.changes as Change[],
  supposedAt: row.supposed_at,
  state: row.state,
  endedAt: row.ended_at,
  lookedAt: row.looked_at,
  total: row.total,
  world: row.world,
  summary: row.summary === null ? null : { ...EARLIER, ...(row.summary as Summary) },
  failure: row.failure,
  isRefused: row.is_refused,
});

/** JSON keeps no dates. */
function actorOf(kept: Actor): Actor {
  if (kept.kind === 'account') return { ...kept, authenticatedAt: new Date(kept.authenticatedAt) };
  if (kept.kind === 'operator' && kept.authenticatedAt)
    return { ...kept, authenticatedAt: new Date(kept.authenticatedAt) };
  return kept;
}
