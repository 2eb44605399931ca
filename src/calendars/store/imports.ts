import type { ColumnType, Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { CalendarId } from '../model/calendar.ts';
import type { FileImport } from '../model/file-import.ts';

interface Tables {
  'calendars.imports': {
    tenant_id: TenantId;
    id: string;
    calendar_id: CalendarId;
    account_id: string;
    state: FileImport['state'];
    problem: string | null;
    total: number;
    done: number;
    created: number;
    changed: number;
    unchanged: number;
    skipped: ColumnType<FileImport['skipped'], string, string>;
    created_at: Date;
    ended_at: Date | null;
  };
}

export async function insertImport(
  ctx: Context,
  { id, calendarId, accountId, total }: Pick<FileImport, 'id' | 'calendarId' | 'accountId' | 'total'>,
): Promise<FileImport> {
  const row = await sqlOf<Tables>(ctx)
    .insertInto('calendars.imports')
    .values({
      ...{ tenant_id: ctx.tenantId, id, calendar_id: calendarId, account_id: accountId, state: 'waiting', total },
      ...{ problem: null, done: 0, created: 0, changed: 0, unchanged: 0, skipped: '[]' },
      ...{ created_at: ctx.now, ended_at: null },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export async function findImport(
  ctx: Context,
  id: string,
  options: { lock?: boolean } = {},
): Promise<FileImport | undefined> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('calendars.imports')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && fromRow(row);
}

/** Which of these are still under way. */
export async function importsUnderWay(ctx: Context, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.imports')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', 'in', [...ids])
    .where('state', '=', 'waiting')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export async function updateImport(
  ctx: Context,
  id: string,
  {
    skipped,
    endedAt,
    ...changes
  }: Partial<Omit<FileImport, 'id' | 'calendarId' | 'accountId' | 'total' | 'createdAt'>>,
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('calendars.imports')
    .set({
      ...changes,
      ...(skipped === undefined ? {} : { skipped: JSON.stringify(skipped) }),
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
    })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Removes what ended before a moment. */
export async function eraseOldImports(ctx: Context, before: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.imports')
    .where('tenant_id', '=', ctx.tenantId)
    .where('ended_at', '<', before)
    .execute();
}

const fromRow = (row: Selectable<Tables['calendars.imports']>): FileImport => ({
  id: row.id,
  calendarId: row.calendar_id,
  accountId: row.account_id,
  state: row.state,
  problem: row.problem,
  total: row.total,
  done: row.done,
  created: row.created,
  changed: row.changed,
  unchanged: row.unchanged,
  skipped: row.skipped,
  createdAt: row.created_at,
  endedAt: row.ended_at,
});
