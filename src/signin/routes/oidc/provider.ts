import Provider, { type Configuration, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { PASSCODE_SESSION_SECONDS } from '../../../directory/index.ts';
import { type AccountId, parseId, type TenantId } from '../../../kernel/ids.ts';
import { API_AUDIENCE } from '../../model/access-token.ts';
import { EVERYTHING } from '../../model/first-party.ts';
import { API_PERMISSIONS, SIGN_IN_SCOPES } from '../../model/permissions.ts';
import type { KeySet } from '../../model/signing-key.ts';
import { pairwiseSubject } from '../../model/subject.ts';
import { createArtifactAdapter } from '../../usecases/artifacts.ts';
import { isClientOfTenant, isSecretOf } from '../../usecases/clients.ts';
import { endSessionsOf } from '../../usecases/end-sessions.ts';
import { PROGRAM_TOKEN_SECONDS } from '../../usecases/program-tokens.ts';
import { registerIntrospection } from './introspection.ts';
import { accessTokenClaims, clientAdapter, findPerson, loadGrant } from './provider-answers.ts';
import { actor, type ProviderPorts } from './provider-ports.ts';
import { EXCHANGED_SECONDS, registerTokenExchange } from './token-exchange.ts';

const DAY = 24 * 60 * 60;
const TTL = {
  AccessToken: 60 * 60,
  AuthorizationCode: 60,
  ClientCredentials: PROGRAM_TOKEN_SECONDS,
  Grant: 180 * DAY,
  IdToken: 60 * 60,
  Interaction: 60 * 60,
  RefreshToken: 90 * DAY,
  Session: 14 * DAY,
} as const;

/** The cookie that holds a browser's session at one tenant: several tenants are signed in side by side. */
export const sessionCookie = (tenantId: TenantId, isHttpsOnly: boolean): string =>
  `${isHttpsOnly ? '__Host-' : ''}entente-session-${tenantId}`;

const COOKIE = { httpOnly: true, sameSite: 'lax', path: '/' } as const;

/** The cookie that ties one sign-in to the browser in which it began. */
export const browserCookie = (uid: string): string => `entente-signin-${uid}`;

/** Where the addresses of a tenant stand below `/{tenant}`; the reference product's. */
export const ENDPOINTS = {
  authorization: '/oauth2/v2.0/authorize',
  token: '/oauth2/v2.0/token',
  end_session: '/oauth2/v2.0/logout',
  revocation: '/oauth2/v2.0/revoke',
  introspection: '/oauth2/v2.0/introspect',
  jwks: '/discovery/v2.0/keys',
  userinfo: '/oidc/userinfo',
  pushed_authorization_request: '/oauth2/v2.0/par',
} as const;

/** The OpenID Connect provider of one tenant, signing with the keys it has now. Built when first asked for. */
export function createProvider(ports: ProviderPorts, tenantId: TenantId, keys: KeySet, now: Date): Provider {
  const issuer = ports.issuerOf(tenantId);
  const resourceServer = (accessTokenTTL: number) => ({
    scope: [...API_PERMISSIONS.map((permission) => permission.name), EVERYTHING].join(' '),
    audience: API_AUDIENCE,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL,
    jwt: { sign: { alg: 'ES256' as const, kid: keys.signing(now).kid } },
  });
  const configuration: Configuration = {
    adapter: (kind: string) =>
      kind === 'Client' ? clientAdapter(ports, tenantId) : createArtifactAdapter({ ...ports, tenantId }, kind),
    jwks: { keys: keys.published(now) as never },
    routes: ENDPOINTS,
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    responseTypes: ['code'],
    scopes: SIGN_IN_SCOPES.map((scope) => scope.name),
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) => pairwiseSubject(ports.subjectSalt, accountId, client.clientId),
    sectorIdentifierUriValidate: () => false,
    claims: {
      openid: ['sub', 'tid', 'oid', 'ver', 'home_tid', 'idp', 'userType', 'amr', 'acr', 'auth_time', 'person'],
      profile: ['name', 'preferred_username', 'given_name', 'family_name', 'locale'],
      email: ['email', 'email_verified'],
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['Ed25519', 'EdDSA'] },
    extraClientMetadata: { properties: ['secret_hashes', 'is_ours'] },
    extraParams: ['domain_hint', 'client-request-id'],
    pkce: { required: () => true },
    ttl: {
      ...TTL,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? TTL.AccessToken,
      Session: (_ctx, session) => sessionSeconds(session.amr, session.loginTs),
      RefreshToken: (_ctx, token) => atMost(TTL.RefreshToken, token.amr, token.authTime),
    },
    rotateRefreshToken: true,
    // Asking for `offline_access` is not needed for it; ending the session or the consent ends it either way.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    findAccount: (ctx, accountId) => findPerson(ports, tenantId, accountId, ctx),
    loadExistingGrant: (ctx) => loadGrant(ports, tenantId, ctx),
    interactions: {
      policy: policyWithoutNativeConsent(),
      url: async (ctx, interaction) => {
        const { login_hint: hint, 'client-request-id': correlation } = ctx.oidc.params ?? {};
        const correlationId = typeof correlation === 'string' ? parseId(correlation) : undefined;
        const secret = await ports.signIn().begin(tenantId, interaction.uid, {
          ...(typeof hint === 'string' ? { loginHint: hint } : {}),
          ...(correlationId ? { correlationId } : {}),
        });
        ctx.cookies.set(browserCookie(interaction.uid), secret, { ...COOKIE, maxAge: TTL.Interaction * 1000 });
        return `/signin/${interaction.uid}?tenant=${tenantId}`;
      },
    },
    cookies: {
      names: {
        session: sessionCookie(tenantId, ports.isHttpsOnly),
        interaction: `entente-interaction-${tenantId}`,
        resume: `entente-resume-${tenantId}`,
      },
      long: COOKIE,
      short: COOKIE,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      dPoP: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          // The client that asked knows the person; asking "really?" once more helps nobody (and the form carries its
          // own secret against forgery).
          ctx.body = page(
            form,
            '<script>document.forms[0].requestSubmit()</script>',
            '<input type="hidden" name="logout" value="yes"/>',
          );
        },
        postLogoutSuccessSource: (ctx) => ctx.redirect('/signed-out'),
      },
      resourceIndicators: {
        enabled: true,
        // Another organisation learns who somebody is, and gets nothing to act with.
        defaultResource: (_ctx, client) => (isClientOfTenant(client.clientId) ? (undefined as never) : API_AUDIENCE),
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, _resource, client) => {
          if (isClientOfTenant(client.clientId))
            throw new errors.InvalidTarget('there is no resource for organisations');
          return resourceServer(TTL.AccessToken);
        },
      },
    },
    formats: {
      customizers: {
        jwt: async (ctx, token, parts) => {
          parts.payload = await accessTokenClaims(ports, tenantId, ctx, token as never, parts.payload as never);
        },
      },
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.tokenEndpointAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    // Shown where nobody can be sent back: the address to return to is not the client's.
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = errorPage(out.error, out.error_description ?? '');
    },
    enableHttpPostMethods: false,
  };

  const provider = new Provider(issuer, configuration);
  provider.proxy = ports.trustProxy;
  provider.maxIpsCount = 1;
  provider.silent = true;
  registerTokenExchange(
    provider,
    {
      run: ports.run,
      askHome: ports.arrivals.askHome,
      authenticator: ports.authenticator,
      findPerson: (ctx, accountId) => findPerson(ports, tenantId, accountId, ctx),
      loadGrant: (ctx, accountId) => loadGrant(ports, tenantId, ctx, accountId),
      resourceServer: () => resourceServer(EXCHANGED_SECONDS),
    },
    tenantId,
  );
  registerIntrospection(provider, ports.authenticator, tenantId);
  provider.Client.prototype.compareClientSecret = function compare(this: { secret_hashes?: string[] }, actual: string) {
    const hashes = (this.secret_hashes ?? []).map((hash) => Buffer.from(hash, 'hex'));
    return isSecretOf(hashes, actual);
  } as never;
  const { prototype: session } = provider.Session;
  const destroy = session.destroy;
  // Signing out at the provider ends the session in our own list too, and with it all that was issued in it.
  session.destroy = async function end(this: InstanceType<typeof provider.Session>) {
    await destroy.call(this);
    const { accountId, uid } = this;
    if (!accountId) return;
    await ports.run({ tenantId, actor }, (ctx) =>
      endSessionsOf(ctx, accountId as AccountId, { ids: [uid] }, 'signed-out'),
    );
  };
  provider.use(async (ctx, next) => {
    await next();
    const { route } = (ctx as unknown as KoaContextWithOIDC).oidc ?? {};
    if (route === 'discovery' && ctx.body)
      Object.assign(ctx.body as object, { userinfo_endpoint: ports.userinfoAt(`${ctx.protocol}://${ctx.host}`) });
  });
  const replayed = (ctx: KoaContextWithOIDC, error: Error & { error_detail?: string }) => {
    if (!/already (used|consumed)/.test(error.error_detail ?? '')) return;
    const {
      RefreshToken,
      AuthorizationCode,
      Client: client,
    } = ctx.oidc.entities as Record<string, { grantId?: string; clientId: string } | undefined>;
    ports.onReplay(tenantId, {
      kind: /refresh/.test(error.error_detail ?? '') ? 'refresh-token' : 'code',
      clientId: client?.clientId ?? '',
      grantId: RefreshToken?.grantId ?? AuthorizationCode?.grantId ?? null,
    });
  };
  provider.on('grant.error', replayed as never);
  provider.on('server_error', (_ctx, error) => ports.log.error({ err: error }, 'the sign-in provider failed'));
  return provider;
}

/**
 * Seconds that a session or a refresh token lives. Whoever proved only an address, by a code, does so again after a day
 * (ID-10), however busy they are.
 */
function atMost(seconds: number, methods: string[] | undefined, provenAt: number | undefined): number {
  if (methods?.length !== 1 || methods[0] !== 'otp') return seconds;
  return Math.max(1, (provenAt ?? 0) + PASSCODE_SESSION_SECONDS - Math.floor(Date.now() / 1000));
}

/** Seconds that a browser stays signed in after its person has proven who they are by `methods`. */
export const sessionSeconds = (methods: string[] | undefined, provenAt: number | undefined): number =>
  atMost(TTL.Session, methods, provenAt);

/** Signing people in does not need a question each time merely because the client is a native one. */
function policyWithoutNativeConsent() {
  const base = interactionPolicy.base();
  base.get('consent')?.checks.remove('native_client_prompt');
  const { Check } = interactionPolicy;
  // A browser whose session was ended for all, or whose account was switched off, is asked to sign in again.
  base
    .get('login')
    ?.checks.add(
      new Check('account_ended', 'the session has ended', (ctx) =>
        ctx.oidc.session?.accountId && !ctx.oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return base;
}

const htmlSafe = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const errorPage = (error: string, description: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>The sign-in stopped</title><h1>The sign-in stopped</h1>
<p>The application asked for something that cannot be done: ${htmlSafe(description)} (${htmlSafe(error)}).</p>
<p><a href="/">To the start page</a></p></html>`;

const page = (form: string, script: string, field: string) =>
  `<!doctype html><meta charset="utf-8"><title>Signing out</title>${form.replace('</form>', `${field}<button>Sign out</button></form>`)}${script}`;
