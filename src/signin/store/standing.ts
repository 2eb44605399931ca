import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { sqlOf } from '../../platform/database/index.ts';

export interface TokenStanding {
  /** Whether the session it came from has ended before its time. */
  readonly isSessionOver: boolean;
  /** Whether the consent it was issued under was taken back. */
  readonly isGrantRevoked: boolean;
  /** Whether the application is known here and switched on. */
  readonly isApplicationEnabled: boolean;
  readonly applicationName: string | null;
  /** What an administrator or the person lets the application do here. */
  readonly delegated: readonly string[];
  readonly own: readonly string[];
}

/** How a token stands beyond its signature, in one statement. */
export async function readTokenStanding(
  ctx: Context,
  token: {
    sessionId: string | undefined;
    grantId: string | undefined;
    clientId: string;
    accountId: string | undefined;
  },
): Promise<TokenStanding> {
  const { rows } = await sql<{
    session_over: boolean;
    grant_revoked: boolean;
    is_enabled: boolean | null;
    display_name: string | null;
    delegated: string[] | null;
    own: string[] | null;
  }>`
    select exists (select from signin.sessions where tenant_id = ${ctx.tenantId} and id = ${token.sessionId ?? ''}
                     and (ended_at is not null or ends_at <= ${ctx.now})) as session_over,
           exists (select from signin.revoked_grants where tenant_id = ${ctx.tenantId}
                     and grant_id = ${token.grantId ?? ''}) as grant_revoked,
           p.is_enabled, p.display_name, c.delegated, c.own
      from (select 1) as one
      left join signin.service_principals p on p.tenant_id = ${ctx.tenantId} and p.application_id::text = ${token.clientId}
      left join lateral (
        select array_agg(distinct permission) filter (where kind <> 'application') as delegated,
               array_agg(distinct permission) filter (where kind = 'application') as own
          from signin.consents, unnest(permissions) as permission
         where tenant_id = ${ctx.tenantId} and service_principal_id = p.id
           and (kind <> 'person' or account_id::text = ${token.accountId ?? ''})
      ) c on true`.execute(sqlOf(ctx));
  const row = rows[0];
  return {
    isSessionOver: row?.session_over ?? false,
    isGrantRevoked: row?.grant_revoked ?? false,
    isApplicationEnabled: row?.is_enabled ?? false,
    applicationName: row?.display_name ?? null,
    delegated: row?.delegated ?? [],
    own: row?.own ?? [],
  };
}
