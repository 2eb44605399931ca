import { sql } from 'kysely';
import type { Actor, Context } from '../../kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { ImportLine } from '../model/guest-csv.ts';

export type ImportState = 'waiting' | 'running' | 'finished' | 'cancelled';
export type LineState = 'waiting' | 'success' | 'failure' | 'cancelled';

export interface GuestImport {
  readonly id: string;
  readonly fileName: string | null;
  readonly state: ImportState;
  readonly origin: string;
  readonly actor: Actor;
  readonly createdByName: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly total: number;
  readonly success: number;
  readonly failure: number;
  readonly waiting: number;
}

export interface ImportResult {
  readonly line: number;
  readonly address: string;
  readonly state: LineState;
  readonly code: string | null;
  readonly detail: string | null;
  readonly accountId: AccountId | null;
}

interface Tables {
  'directory.guest_imports': {
    tenant_id: TenantId;
    id: string;
    file_name: string | null;
    state: ImportState;
    origin: string;
    actor: Actor;
    created_by_name: string;
    created_at: Date;
    finished_at: Date | null;
  };
  'directory.guest_import_lines': {
    tenant_id: TenantId;
    import_id: string;
    line: number;
    address: string;
    content: ImportLine;
    state: LineState;
    code: string | null;
    detail: string | null;
    account_id: AccountId | null;
  };
}
const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

export async function insertImport(
  ctx: Context,
  input: { fileName: string | null; origin: string; createdByName: string; lines: readonly ImportLine[] },
): Promise<string> {
  const id = newId<'guest-import'>();
  await db(ctx)
    .insertInto('directory.guest_imports')
    .values({
      tenant_id: ctx.tenantId,
      id,
      file_name: input.fileName,
      state: 'waiting',
      origin: input.origin,
      actor: sql<never>`${JSON.stringify(ctx.actor)}::jsonb`,
      created_by_name: input.createdByName,
      created_at: ctx.now,
      finished_at: null,
    })
    .execute();
  await sql`
    insert into directory.guest_import_lines (tenant_id, import_id, line, address, content)
    select ${ctx.tenantId}, ${id}, (c ->> 'line')::int, c ->> 'address', c
      from jsonb_array_elements(${JSON.stringify(input.lines)}::jsonb) as c`.execute(db(ctx));
  return id;
}

/** Imports, the newest first; one by its id. Counted each time, so that the counts are never wrong. */
export async function listImports(ctx: Context, filter: { id?: string; limit: number }): Promise<GuestImport[]> {
  const { rows } = await sql<
    Tables['directory.guest_imports'] & { total: number; success: number; failure: number; waiting: number }
  >`
    select i.*, c.* from directory.guest_imports i cross join lateral (
      select count(*) as total, count(*) filter (where l.state = 'success') as success,
             count(*) filter (where l.state = 'failure') as failure,
             count(*) filter (where l.state = 'waiting') as waiting
        from directory.guest_import_lines l where l.tenant_id = i.tenant_id and l.import_id = i.id) c
     where i.tenant_id = ${ctx.tenantId} and (${filter.id ?? null}::uuid is null or i.id = ${filter.id ?? null}::uuid)
     order by i.created_at desc, i.id desc limit ${filter.limit}`.execute(db(ctx));
  return rows.map((row) => ({
    id: row.id,
    fileName: row.file_name,
    state: row.state,
    origin: row.origin,
    actor: row.actor,
    createdByName: row.created_by_name,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    total: row.total,
    success: row.success,
    failure: row.failure,
    waiting: row.waiting,
  }));
}

/** Changes the state of an import that is not over. Returns whether it was not. */
export async function moveImport(ctx: Context, id: string, state: ImportState): Promise<boolean> {
  const isOver = state === 'finished' || state === 'cancelled';
  const { numUpdatedRows } = await db(ctx)
    .updateTable('directory.guest_imports')
    .set({ state, ...(isOver ? { finished_at: ctx.now } : {}) })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The next lines to work on. Held until the transaction ends, so that each is worked on once. */
export async function takeWaitingLines(ctx: Context, importId: string, most: number): Promise<ImportLine[]> {
  const rows = await db(ctx)
    .selectFrom('directory.guest_import_lines')
    .select('content')
    .where('tenant_id', '=', ctx.tenantId)
    .where('import_id', '=', importId)
    .where('state', '=', 'waiting')
    .orderBy('line')
    .limit(most)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => row.content);
}

export async function settleLine(
  ctx: Context,
  importId: string,
  line: number,
  result: Pick<ImportResult, 'state' | 'code' | 'detail' | 'accountId'>,
): Promise<void> {
  await db(ctx)
    .updateTable('directory.guest_import_lines')
    .set({ state: result.state, code: result.code, detail: result.detail, account_id: result.accountId })
    .where('tenant_id', '=', ctx.tenantId)
    .where('import_id', '=', importId)
    .where('line', '=', line)
    .execute();
}

/** Settles all that still waits in one way. */
export async function settleWaitingLines(
  ctx: Context,
  importId: string,
  result: Pick<ImportResult, 'state' | 'code'>,
): Promise<void> {
  await db(ctx)
    .updateTable('directory.guest_import_lines')
    .set(result)
    .where('tenant_id', '=', ctx.tenantId)
    .where('import_id', '=', importId)
    .where('state', '=', 'waiting')
    .execute();
}

/** The letter to somebody who came by an import was refused: the line says so. */
export async function noteMailFailed(ctx: Context, accountId: AccountId, reason: string): Promise<void> {
  await db(ctx)
    .updateTable('directory.guest_import_lines')
    .set({ state: 'failure', code: 'mailFailed', detail: reason })
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('state', '=', 'success')
    .where('code', 'is', null)
    .execute();
}

export async function listImportResults(
  ctx: Context,
  importId: string,
  page: { after: number; limit: number },
): Promise<ImportResult[]> {
  const rows = await db(ctx)
    .selectFrom('directory.guest_import_lines')
    .select(['line', 'address', 'state', 'code', 'detail', 'account_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('import_id', '=', importId)
    .where('line', '>', page.after)
    .orderBy('line')
    .limit(page.limit)
    .execute();
  return rows.map(({ account_id, ...row }) => ({ ...row, accountId: account_id }));
}
