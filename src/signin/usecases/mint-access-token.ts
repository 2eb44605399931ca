import { randomUUID } from 'node:crypto';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { API_AUDIENCE, signAccessToken } from '../model/access-token.ts';
import { COMMAND_CLIENT, EVERYTHING } from '../model/first-party.ts';
import { pairwiseSubject } from '../model/subject.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface MintPorts {
  readonly keys: SigningKeys;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly subjectSalt: Uint8Array;
}

/**
 * An access token for a person without their presence: for demos and tests alone, so it is recorded, and says in `amr`
 * that nobody signed in.
 * @throws not-found when the account is none of the tenant's.
 */
export async function mintAccessToken(
  ports: MintPorts,
  ctx: Context,
  accountId: AccountId,
  options: { scopes?: readonly string[]; minutes?: number } = {},
): Promise<{ token: string; expiresInSeconds: number }> {
  const account = await findAccount(ctx, accountId);
  if (!account) throw kernelFaults.notFound();
  const keys = await ports.keys.of(ctx.tenantId);
  const now = Math.floor(ctx.now.getTime() / 1000);
  const expiresInSeconds = Math.min(options.minutes ?? 60, 24 * 60) * 60;
  const issuer = ports.issuerOf(ctx.tenantId);
  const token = signAccessToken(
    {
      iss: issuer,
      aud: API_AUDIENCE,
      exp: now + expiresInSeconds,
      iat: now,
      jti: randomUUID(),
      sub: pairwiseSubject(ports.subjectSalt, accountId, COMMAND_CLIENT),
      client_id: COMMAND_CLIENT,
      azp: COMMAND_CLIENT,
      appid: COMMAND_CLIENT,
      tid: ctx.tenantId,
      oid: accountId,
      ver: '2.0',
      idtyp: 'user',
      scp: (options.scopes ?? [EVERYTHING]).join(' '),
      ...(account.homeTenantId ? { home_tid: account.homeTenantId, idp: ports.issuerOf(account.homeTenantId) } : {}),
      amr: ['demo'],
      auth_time: now,
    },
    keys.signing(ctx.now),
  );
  ctx.record({
    action: 'signin.token-minted',
    category: 'Security',
    targets: [{ kind: 'account', id: accountId, displayName: account.displayName }],
    facts: { scopes: options.scopes ?? [EVERYTHING], expiresInSeconds },
  });
  return { token, expiresInSeconds };
}
