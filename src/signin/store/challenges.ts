import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

const MINUTES = 10;

/** Keeps the challenge of a passkey that is being made: one per account, for ten minutes. */
export async function keepChallenge(ctx: Context, accountId: AccountId, challenge: string): Promise<void> {
  const expiresAt = new Date(ctx.now.getTime() + MINUTES * 60_000);
  await sql`
    insert into signin.passkey_challenges (tenant_id, account_id, challenge, expires_at)
    values (${ctx.tenantId}, ${accountId}, ${challenge}, ${expiresAt})
    on conflict (tenant_id, account_id) do update set challenge = excluded.challenge, expires_at = excluded.expires_at`.execute(
    sqlOf(ctx),
  );
}

/** The challenge, which is good for one answer. */
export async function takeChallenge(ctx: Context, accountId: AccountId): Promise<string | undefined> {
  const { rows } = await sql<{ challenge: string; expires_at: Date }>`
    delete from signin.passkey_challenges where tenant_id = ${ctx.tenantId} and account_id = ${accountId}
    returning challenge, expires_at`.execute(sqlOf(ctx));
  return rows[0] && rows[0].expires_at > ctx.now ? rows[0].challenge : undefined;
}
