import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Account, findAccount, isFromElsewhere, loadActorFacts } from '../../../directory/index.ts';
import { type AccountId, newId, type TenantId } from '../../../kernel/ids.ts';
import { NETWORK_HEADER } from '../../../partners/index.ts';
import { API_AUDIENCE } from '../../model/access-token.ts';
import { EVERYTHING, WEB_CLIENT } from '../../model/first-party.ts';
import { API_PERMISSIONS, SIGN_IN_SCOPES } from '../../model/permissions.ts';
import { type Client, consentedPermissions, goodSecretHashes, isClientOfTenant } from '../../usecases/clients.ts';
import { accountInUse, applicationOf, askToComeIn } from '../../usecases/coming-in.ts';
import { personClaim } from '../../usecases/home-sign-in.ts';
import { programClaims } from '../../usecases/program-tokens.ts';
import { actor, type ProviderPorts } from './provider-ports.ts';
import { proofOf, TOKEN_EXCHANGE } from './token-exchange.ts';

/** How the provider finds the clients: it keeps none of them. */
export function clientAdapter(ports: ProviderPorts, tenantId: TenantId) {
  const none = async () => undefined;
  return {
    async find(id: string) {
      const client = await ports.clients.find(tenantId, id);
      return client && clientMetadata(client, ports.now());
    },
    upsert: none,
    findByUid: none,
    findByUserCode: none,
    consume: none,
    destroy: none,
    revokeByGrantId: none,
  } as never;
}

function clientMetadata(client: Client, now: Date) {
  const isConfidential = client.kind === 'web';
  const isOrganisation = client.kind === 'organisation';
  return {
    client_id: client.id,
    client_name: client.displayName,
    application_type: client.kind === 'native' ? 'native' : 'web',
    subject_type: 'pairwise',
    // Each client is its own sector; the address only has to be one.
    sector_identifier_uri: `https://${client.id}.invalid/`,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.logoutUris],
    response_types: client.redirectUris.length > 0 ? ['code'] : [],
    grant_types: [
      ...(client.redirectUris.length > 0 ? ['authorization_code'] : []),
      ...(client.redirectUris.length > 0 && !isOrganisation ? ['refresh_token', TOKEN_EXCHANGE] : []),
      ...(isConfidential && client.mayActAlone ? ['client_credentials'] : []),
    ],
    token_endpoint_auth_method: isOrganisation ? 'private_key_jwt' : isConfidential ? 'client_secret_post' : 'none',
    ...(isOrganisation ? { token_endpoint_auth_signing_alg: 'Ed25519', jwks: { keys: client.keys } } : {}),
    // Never compared: the secrets are kept as hashes.
    ...(isConfidential ? { client_secret: 'kept-as-a-hash' } : {}),
    secret_hashes: goodSecretHashes(client, now).map((hash) => Buffer.from(hash).toString('hex')),
    is_ours: client.isOurs,
  };
}

/** Somebody of this tenant as the provider wants them, or undefined when they may not be signed in any more. */
export async function findPerson(ports: ProviderPorts, tenantId: TenantId, id: string, ctx: KoaContextWithOIDC) {
  const accountId = id as AccountId;
  const from = ctx.oidc?.entities.RefreshToken ?? ctx.oidc?.entities.AuthorizationCode;
  const since = (from as { authTime?: number } | undefined)?.authTime ?? ctx.oidc?.session?.loginTs;
  const found = await ports.run({ tenantId, actor, readOnly: true }, async (inTenant) => {
    const facts = await loadActorFacts(inTenant, accountId);
    // Ending all sessions moves this moment: refresh tokens and browsers from before it are worth nothing either.
    const validFrom = Math.floor((facts?.sessionsValidFrom.getTime() ?? 0) / 1000);
    if (since !== undefined && since < validFrom) return undefined;
    const account = facts?.isEnabled ? await findAccount(inTenant, accountId) : undefined;
    if (!account) return undefined;
    // An open session does not outlive what is decided of its person; told at the page, where it can be explained.
    const application = applicationOf(ctx.oidc?.client?.clientId ?? WEB_CLIENT);
    const { level } = await askToComeIn(inTenant, account, { application, quiet: true });
    return level === 'in' ? account : undefined;
  });
  if (!found) return undefined;
  const network = ctx.req?.headers[NETWORK_HEADER];
  if (network !== undefined) {
    const application = applicationOf(ctx.oidc?.client?.clientId ?? WEB_CLIENT);
    const inUse = { ...accountInUse(tenantId, found), application, correlationId: newId() };
    if (!(await ports.arrivals.mayUseFromNetwork(network, inUse)).isPermitted) return undefined;
  }
  const source = (ctx.oidc?.entities.RefreshToken ?? ctx.oidc?.entities.AuthorizationCode) as
    | { amr?: string[]; authTime?: number }
    | undefined;
  return {
    accountId: id,
    claims: async () => ({
      sub: id,
      tid: tenantId,
      oid: id,
      ver: '2.0',
      userType: found.userType,
      name: found.displayName,
      preferred_username: found.userPrincipalName,
      given_name: found.givenName ?? undefined,
      family_name: found.surname ?? undefined,
      locale: found.preferredLanguage ?? undefined,
      email: found.mail ?? undefined,
      // Verified here means: under a domain that the tenant has proven. A guest's address is its home's word.
      email_verified: found.mail === null ? undefined : !isFromElsewhere(found),
      amr: source?.amr,
      ...(isClientOfTenant(ctx.oidc?.client?.clientId ?? '')
        ? { auth_time: source?.authTime, acr: acrOf(source?.amr), person: personHere(found, source?.amr) }
        : {}),
      ...(found.homeTenantId
        ? { home_tid: found.homeTenantId, idp: await issuerOfHome(ports, tenantId, found.homeTenantId) }
        : {}),
    }),
  };
}

/** How surely the person was known: RFC 8176 says which ways were used, this whether there were two of them. */
const acrOf = (methods: readonly string[] | undefined) => (methods?.includes('mfa') ? 'multi-factor' : 'single-factor');

const personHere = (account: Account, methods: readonly string[] = []) =>
  isFromElsewhere(account) ? undefined : personClaim(account, methods);

async function issuerOfHome(ports: ProviderPorts, tenantId: TenantId, homeTenantId: TenantId): Promise<string> {
  return (await ports.homes.find(tenantId, { tenantId: homeTenantId }))?.issuer ?? ports.issuerOf(homeTenantId);
}

/**
 * What the client was let do for this person, as the provider's grant: everything for our own, what was consented to
 * for others. Read anew at each authorization, so that a consent taken back counts at once.
 */
export async function loadGrant(
  ports: ProviderPorts,
  tenantId: TenantId,
  ctx: KoaContextWithOIDC,
  accountId = ctx.oidc.session?.accountId,
) {
  const { client, session, provider } = ctx.oidc;
  if (!client || !accountId) return undefined;
  const isOurs = Boolean((client as unknown as { is_ours?: boolean }).is_ours);
  const allowed = isOurs
    ? undefined
    : // Whoever goes to another organisation is asked there; what it may learn of them is fixed.
      isClientOfTenant(client.clientId)
      ? ['openid']
      : await ports.run({ tenantId, actor, readOnly: true }, (inTenant) =>
          consentedPermissions(inTenant, client.clientId, { accountId }),
        );
  const may = (name: string) => allowed === undefined || allowed.includes(name);
  const before = session?.grantIdFor(client.clientId);
  const grant =
    (before && (await provider.Grant.find(before))) || new provider.Grant({ clientId: client.clientId, accountId });
  const signIn = SIGN_IN_SCOPES.map((scope) => scope.name).filter(may);
  const api = [...API_PERMISSIONS.map((permission) => permission.name).filter(may), ...(isOurs ? [EVERYTHING] : [])];
  grant.openid = {};
  grant.resources = {};
  if (signIn.length > 0) grant.addOIDCScope(signIn.join(' '));
  if (api.length > 0) grant.addResourceScope(API_AUDIENCE, api.join(' '));
  await grant.save();
  return grant;
}

interface IssuedToken {
  readonly kind: string;
  readonly clientId: string;
  readonly accountId?: string;
  readonly grantId?: string;
  readonly sessionUid?: string;
  readonly scope?: string;
}

/** What our access tokens say beyond RFC 9068; see `AccessTokenClaims`. */
export async function accessTokenClaims(
  ports: ProviderPorts,
  tenantId: TenantId,
  ctx: KoaContextWithOIDC,
  token: IssuedToken,
  base: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { scope: _scope, ...rest } = base;
  if (token.kind === 'ClientCredentials') {
    const program = await ports.clients.find(tenantId, token.clientId);
    if (!program) throw new errors.InvalidClient('the client may not be here any more');
    await ports.programTokens().noteSignIn(tenantId, program, ctx.ip);
    return { ...rest, ...programClaims(tenantId, program) };
  }
  const source = (ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AuthorizationCode) as
    | { amr?: string[]; authTime?: number }
    | undefined;
  const account = await ctx.oidc.account?.claims('id_token', 'openid', {}, []);
  return {
    ...rest,
    azp: token.clientId,
    appid: token.clientId,
    tid: tenantId,
    ver: '2.0',
    oid: token.accountId,
    idtyp: 'user',
    scp: token.clientId === WEB_CLIENT ? EVERYTHING : (token.scope ?? ''),
    amr: source?.amr ?? proofOf(ctx)?.amr ?? [],
    auth_time: source?.authTime ?? proofOf(ctx)?.authTime,
    sid: token.sessionUid,
    gid: token.grantId,
    ...(account?.home_tid ? { home_tid: account.home_tid, idp: account.idp } : {}),
  };
}
