import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Fault } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import { type AccessTokenClaims, readUnverified } from '../../model/access-token.ts';
import type { Authenticator } from '../../usecases/authenticator.ts';

/**
 * RFC 7662 for access tokens too. The provider knows who asks, and that it keeps no JWT: for such a one it asks here,
 * and here the token counts exactly as long as our own addresses would honour it. A client learns of its own tokens
 * alone; of any other it hears what it would of nonsense.
 */
export function registerIntrospection(
  provider: Provider,
  authenticator: () => Authenticator,
  tenantId: TenantId,
): void {
  const ofAccessTokens = new WeakSet<object>();
  provider.on('introspection.error', (ctx, error) => {
    if (error.message === 'unsupported_token_type') ofAccessTokens.add(ctx);
  });
  provider.use(async (koaContext, next) => {
    await next();
    if (!ofAccessTokens.has(koaContext)) return;
    const { oidc } = koaContext as unknown as KoaContextWithOIDC;
    koaContext.status = 200;
    koaContext.body = await describe(authenticator(), String(oidc.params?.token), {
      tenantId,
      clientId: oidc.client?.clientId,
    });
  });
}

async function describe(
  authenticator: Authenticator,
  bearer: string,
  asked: { tenantId: TenantId; clientId: string | undefined },
): Promise<Record<string, unknown>> {
  const standing = await authenticator
    .authenticate({ bearer, isLoopback: false, actIn: undefined, wantsOperator: false })
    .catch((error) => {
      if (error instanceof Fault && error.kind === 'unauthenticated') return undefined;
      throw error;
    });
  const claims = readUnverified(bearer)?.claims as AccessTokenClaims;
  if (!standing || standing.tenantId !== asked.tenantId || claims.azp !== asked.clientId) return { active: false };
  const { actor } = standing;
  const { iss, aud, sub, exp, iat, jti, client_id } = claims;
  return {
    active: true,
    token_type: 'Bearer',
    ...{ iss, aud, sub, exp, iat, jti, client_id },
    // What it may do now, of what it says: something may have been taken back since.
    ...(actor.kind === 'application' ? { roles: actor.permissions } : {}),
    ...(actor.kind === 'account'
      ? { scope: actor.scopes === 'all' ? claims.scp : actor.scopes.join(' '), username: actor.userPrincipalName }
      : {}),
  };
}
