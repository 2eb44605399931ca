import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

export interface Session {
  readonly id: string;
  readonly accountId: AccountId;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly authenticatedAt: Date;
  readonly endsAt: Date;
  readonly methods: readonly string[];
  readonly homeTenantId: TenantId | null;
  readonly clientAddress: string | null;
  readonly userAgent: string | null;
}

interface SessionsTable {
  tenant_id: string;
  id: string;
  account_id: AccountId;
  created_at: Date;
  last_seen_at: Date;
  authenticated_at: Date;
  ends_at: Date;
  ended_at: Date | null;
  end_reason: string | null;
  methods: string[];
  home_tenant_id: TenantId | null;
  client_address: string | null;
  user_agent: string | null;
}

interface Tables {
  'signin.sessions': SessionsTable;
}

/** Keeps a session, or notes that it was seen. False when it has been ended: it does not come back. */
export async function keepSession(ctx: Context, session: Omit<Session, 'createdAt' | 'lastSeenAt'>): Promise<boolean> {
  const values = {
    account_id: session.accountId,
    last_seen_at: ctx.now,
    authenticated_at: session.authenticatedAt,
    ends_at: session.endsAt,
    methods: [...session.methods],
    home_tenant_id: session.homeTenantId,
    client_address: session.clientAddress,
    user_agent: session.userAgent,
  };
  const kept = await sqlOf<Tables>(ctx)
    .insertInto('signin.sessions')
    .values({
      tenant_id: ctx.tenantId,
      id: session.id,
      created_at: ctx.now,
      ended_at: null,
      end_reason: null,
      ...values,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'id']).doUpdateSet(values).where('signin.sessions.ended_at', 'is', null),
    )
    .returning('id')
    .executeTakeFirst();
  return kept !== undefined;
}

/** The sessions of an account that have not ended, newest first. */
export async function listSessions(ctx: Context, accountId: AccountId): Promise<Session[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('signin.sessions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', ctx.now)
    .orderBy('created_at', 'desc')
    .limit(200)
    .execute();
  return rows.map(fromRow);
}

/** Ends sessions of an account: those named, or all but one. Returns the ids of those that were open. */
export async function endSessions(
  ctx: Context,
  accountId: AccountId,
  which: { ids: readonly string[] } | { except: string | null },
  reason: string,
): Promise<string[]> {
  let query = sqlOf<Tables>(ctx)
    .updateTable('signin.sessions')
    .set({ ended_at: ctx.now, end_reason: reason })
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null);
  if ('ids' in which) {
    if (which.ids.length === 0) return [];
    query = query.where('id', 'in', which.ids);
  } else if (which.except !== null) query = query.where('id', '<>', which.except);
  return (await query.returning('id').execute()).map((row) => row.id);
}

function fromRow(row: Selectable<SessionsTable>): Session {
  return {
    id: row.id,
    accountId: row.account_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    authenticatedAt: row.authenticated_at,
    endsAt: row.ends_at,
    methods: row.methods,
    homeTenantId: row.home_tenant_id,
    clientAddress: row.client_address,
    userAgent: row.user_agent,
  };
}
