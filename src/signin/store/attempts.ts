import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

/**
 * Counts an attempt under `key` and says how many there were in the window, this one included. Counted before the
 * attempt is judged, so that many at once are not one. A window that is over starts anew.
 */
export async function countAttempt(
  ctx: Context,
  key: string,
  windowSeconds: number,
): Promise<{ count: number; endsAt: Date }> {
  const endsAt = new Date(ctx.now.getTime() + windowSeconds * 1000);
  const { rows } = await sql<{ count: number; window_ends_at: Date }>`
    insert into signin.attempts (tenant_id, key, count, window_ends_at)
    values (${ctx.tenantId}, ${key}, 1, ${endsAt})
    on conflict (tenant_id, key) do update
      set count = case when attempts.window_ends_at <= ${ctx.now} then 1 else attempts.count + 1 end,
          window_ends_at = case when attempts.window_ends_at <= ${ctx.now} then excluded.window_ends_at
                                else attempts.window_ends_at end
    returning count, window_ends_at`.execute(sqlOf(ctx));
  const row = rows[0] as { count: number; window_ends_at: Date };
  return { count: row.count, endsAt: row.window_ends_at };
}

/** Forgets the attempts under `key`: one succeeded. */
export async function clearAttempts(ctx: Context, key: string): Promise<void> {
  await sql`delete from signin.attempts where tenant_id = ${ctx.tenantId} and key = ${key}`.execute(sqlOf(ctx));
}
