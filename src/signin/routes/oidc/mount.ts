import type { IncomingMessage } from 'node:http';
import { stringify } from 'node:querystring';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type Provider from 'oidc-provider';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../../kernel/ids.ts';
import { API_AUDIENCE } from '../../model/access-token.ts';
import { API_PERMISSIONS, plainScope } from '../../model/permissions.ts';
import type { Interactions } from '../../usecases/interactions.ts';
import type { ClientLimits } from '../../usecases/limit-clients.ts';
import type { Lookups } from '../../usecases/lookups.ts';
import type { ProgramTokens } from '../../usecases/program-tokens.ts';
import type { SigningKeys } from '../../usecases/signing-keys.ts';
import { answerClientCredentials, clientIn } from './client-credentials.ts';
import { createProvider, ENDPOINTS, sessionSeconds } from './provider.ts';
import type { ProviderPorts } from './provider-ports.ts';

/** Providers kept built. Building one takes a few milliseconds, and most servers have few tenants. */
const KEPT_AT_MOST = 100;

export interface Providers {
  of(tenantId: TenantId): Promise<Provider>;
  forget(tenantId: TenantId): void;
}

/** The provider of each tenant, built on demand and anew when the tenant's keys change. */
export function createProviders(ports: ProviderPorts & { keys: SigningKeys }): Providers {
  const built = new LRUCache<TenantId, { version: string; provider: Provider }>({ max: KEPT_AT_MOST });
  return {
    async of(tenantId) {
      const keys = await ports.keys.of(tenantId);
      const version = keys.version(ports.now());
      const known = built.get(tenantId);
      if (known?.version === version) return known.provider;
      const provider = createProvider(ports, tenantId, keys, ports.now());
      built.set(tenantId, { version, provider });
      return provider;
    },
    forget: (tenantId) => void built.delete(tenantId),
  };
}

/** The provider's waiting requests, as the pages see them. */
export function createInteractions(providers: Providers): Interactions {
  return {
    async find(tenantId, uid) {
      const provider = await providers.of(tenantId);
      const found = await provider.Interaction.find(uid);
      if (!found) return undefined;
      const { missingOIDCScope = [], missingResourceScopes = {} } = found.prompt.details as {
        missingOIDCScope?: string[];
        missingResourceScopes?: Record<string, string[]>;
      };
      return {
        prompt: found.prompt.name === 'consent' ? 'consent' : 'login',
        clientId: String(found.params.client_id),
        loginHint: found.params.login_hint as string | undefined,
        accountId: found.session?.accountId as AccountId | undefined,
        missingPermissions: [...missingOIDCScope, ...(missingResourceScopes[API_AUDIENCE] ?? [])],
      };
    },
    async finish(tenantId, uid, result) {
      const provider = await providers.of(tenantId);
      const found = await provider.Interaction.find(uid);
      if (!found) throw kernelFaults.notFound();
      found.result = { ...found.lastSubmission, ...result } as never;
      await found.persist();
      // The path alone: the browser stays at the origin that it came by.
      const { pathname, search } = new URL(found.returnTo);
      return pathname + search;
    },
    async open(tenantId, { accountId, amr, ts }) {
      const provider = await providers.of(tenantId);
      const session = new provider.Session();
      session.loginAccount({ accountId, amr, loginTs: ts });
      await session.save(sessionSeconds(amr, ts));
      return session.jti;
    },
  };
}

interface MountPorts {
  readonly lookups: Lookups;
  readonly providers: Providers;
  readonly programTokens: ProgramTokens;
  readonly limits: ClientLimits;
  readonly issuerTemplate: () => string;
}

/** Where programs say who they are, by a secret. */
const PROGRAMS_TOO: ReadonlySet<string> = new Set([
  ENDPOINTS.token,
  ENDPOINTS.introspection,
  ENDPOINTS.revocation,
  ENDPOINTS.pushed_authorization_request,
]);

const ANY_TENANT = new Set(['common', 'organizations']);

/** Puts every tenant's sign-in addresses under `/{tenant}`, and those of `/common`, which find the tenant themselves. */
export function mountProviders(fastify: FastifyInstance, ports: MountPorts): void {
  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant = '' } = request.params as { tenant?: string };
    const [pathname = '', search] = request.url.split(/\?(.*)/s);
    const below = pathname.slice(tenantPart(pathname).length);
    if (ANY_TENANT.has(tenant)) return serveAny(ports, request, reply, tenant, below, search);
    const found = await ports.lookups.tenantAt(decodeURIComponent(tenant));
    if (!found || found.state === 'deleted') return noTenant(reply);
    const attempt = PROGRAMS_TOO.has(below) ? clientIn(request, found.id) : undefined;
    const wait = attempt && ports.limits.waitOf(attempt);
    if (wait !== undefined) return tooManyAttempts(reply, wait);
    const isTokenRequest = below === ENDPOINTS.token && search === undefined;
    if (isTokenRequest && (await answerClientCredentials(ports.programTokens, found.id, request, reply))) {
      if (attempt) ports.limits.succeeded(attempt);
      return reply;
    }
    await hand(ports, found.id, request, reply, tenant, below, search);
    // The provider's word for a program that is not who it says (RFC 6749 §5.2: invalid_client).
    if (attempt && reply.raw.statusCode === 401) await ports.limits.failed(attempt);
    else if (attempt && reply.raw.statusCode === 200) ports.limits.succeeded(attempt);
  };
  for (const url of [
    '/:tenant/oauth2/v2.0/*',
    '/:tenant/v2.0/.well-known/openid-configuration',
    '/:tenant/discovery/v2.0/keys',
  ]) {
    fastify.route({ method: ['GET', 'POST', 'OPTIONS'], url, handler: serve });
  }
}

const tenantPart = (pathname: string) => pathname.slice(0, pathname.indexOf('/', 1));

/** Lets the tenant's provider answer on the raw sockets. */
async function hand(
  ports: MountPorts,
  tenantId: TenantId,
  request: FastifyRequest,
  reply: FastifyReply,
  tenant: string,
  below: string,
  search: string | undefined,
): Promise<void> {
  const provider = await ports.providers.of(tenantId);
  const raw = request.raw as IncomingMessage & { originalUrl?: string };
  // The provider's own addresses begin below the tenant; it finds what stands before them by comparing the two.
  const path = below === '/v2.0/.well-known/openid-configuration' ? '/.well-known/openid-configuration' : below;
  const query = search === undefined ? '' : `?${withPlainScopes(search)}`;
  raw.url = path + query;
  raw.originalUrl = `/${tenant}${path}${query}`;
  if (request.method === 'POST') giveBody(raw, plainBody(request.body, below));
  reply.hijack();
  await provider.callback()(raw, reply.raw);
}

/** Our names of the scopes in a query: clients put the API's address in front of them. */
function withPlainScopes(search: string): string {
  const params = new URLSearchParams(search);
  const scope = params.get('scope');
  if (scope === null) return search;
  params.set('scope', plainScopes(scope));
  return params.toString();
}

function plainBody(body: unknown, below: string): string {
  const form = { ...(body as Record<string, unknown> | undefined) };
  if (typeof form.scope === 'string') {
    if (form.grant_type === 'client_credentials') delete form.scope;
    else form.scope = plainScopes(form.scope);
    // A token request repeats what was granted; the provider refuses what it left out (`offline_access`).
    if (form.grant_type === 'refresh_token' && below === ENDPOINTS.token) delete form.scope;
  }
  return stringify(form as Parameters<typeof stringify>[0]);
}

function plainScopes(text: string): string {
  const names = text
    .split(' ')
    .filter((name) => name !== '')
    .map(plainScope);
  // `.default`: everything that was agreed to; the grant holds no more than that.
  if (!names.includes('.default')) return names.join(' ');
  return [
    ...names.filter((name) => name !== '.default'),
    ...API_PERMISSIONS.filter((one) => !one.needsAdministrator).map((one) => one.name),
  ].join(' ');
}

/** COMPAT: oidc-provider reads the request itself and warns about a body that was read already; this is that body. */
function giveBody(raw: IncomingMessage, text: string): void {
  const bytes = Buffer.from(text);
  raw.headers['content-length'] = String(bytes.length);
  Object.defineProperties(raw, {
    readable: { value: true, configurable: true },
    iterator: { value: () => Readable.from([bytes])[Symbol.asyncIterator](), configurable: true },
  });
}

async function serveAny(
  ports: MountPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  tenant: string,
  below: string,
  search: string | undefined,
): Promise<unknown> {
  if (below === '/v2.0/.well-known/openid-configuration')
    return reply.send(anyDiscovery(request, ports.issuerTemplate(), tenant));
  if (below === ENDPOINTS.authorization) {
    // Home realm discovery: the organisation is in the name. Without one, the page asks for it.
    const params = new URLSearchParams(search ?? '');
    const hint = params.get('domain_hint') ?? params.get('login_hint') ?? '';
    const domain = hint.slice(hint.lastIndexOf('@') + 1).toLowerCase();
    const target = domain.includes('.')
      ? `/${encodeURIComponent(domain)}${ENDPOINTS.authorization}?${params}`
      : `/?continue=${encodeURIComponent(`${ENDPOINTS.authorization}?${params}`)}`;
    return reply.redirect(target, 303);
  }
  const form = { ...(request.body as Record<string, string> | undefined) };
  const [kind, secret] = form.code
    ? ['AuthorizationCode', form.code]
    : ['RefreshToken', form.refresh_token ?? form.token];
  if (below === ENDPOINTS.token && secret !== undefined) {
    const tenantId = await ports.lookups.tenantOfArtifact(kind as string, String(secret));
    if (tenantId) return hand(ports, tenantId, request, reply, tenantId, below, search);
    return reply.status(400).send({ error: 'invalid_grant', error_description: 'grant request is invalid' });
  }
  return noTenant(reply);
}

/** The reference product's document for all tenants: clients put the id of the tenant they met into the issuer. */
function anyDiscovery(request: FastifyRequest, issuerTemplate: string, tenant: string) {
  const scheme = request.protocol === 'https' || 'encrypted' in request.raw.socket ? 'https' : 'http';
  const at = (path: string) => `${scheme}://${request.host}/${tenant}${path}`;
  return {
    issuer: issuerTemplate,
    authorization_endpoint: at(ENDPOINTS.authorization),
    token_endpoint: at(ENDPOINTS.token),
    end_session_endpoint: at(ENDPOINTS.end_session),
    jwks_uri: `${scheme}://${request.host}/{tenantid}${ENDPOINTS.jwks}`,
    userinfo_endpoint: `${scheme}://${request.host}${ENDPOINTS.userinfo}`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'none'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    authorization_response_iss_parameter_supported: true,
  };
}

const tooManyAttempts = (reply: FastifyReply, seconds: number) =>
  reply
    .status(429)
    .header('retry-after', String(seconds))
    .header('cache-control', 'no-store')
    .send({
      error: 'temporarily_unavailable',
      error_description: `Too many attempts with a wrong secret. Try again in ${seconds} seconds.`,
    });

const noTenant = (reply: FastifyReply) =>
  reply.status(404).send({ error: 'invalid_tenant', error_description: 'There is no such organisation here.' });
