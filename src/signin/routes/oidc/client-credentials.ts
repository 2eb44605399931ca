import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TenantId } from '../../../kernel/ids.ts';
import type { ClientAttempt } from '../../usecases/limit-clients.ts';
import { PROGRAM_TOKEN_SECONDS, type ProgramTokens } from '../../usecases/program-tokens.ts';

/** What the provider would read besides the credentials: a request with any of these is the provider's to answer. */
const THE_PROVIDERS = ['resource', 'client_assertion', 'client_assertion_type', 'authorization_details'] as const;

/**
 * Answers a program's plain and good request for a token (RFC 6749 §4.4) at once. False when the request is anything
 * else, or is to be refused: then nothing was answered, and the provider does it in its own words.
 */
export async function answerClientCredentials(
  tokens: ProgramTokens,
  tenantId: TenantId,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  const credentials = readCredentials(request);
  const token = credentials && (await tokens.issue(tenantId, { ...credentials, address: request.ip }));
  if (token === undefined) return false;
  reply
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(`{"access_token":"${token}","expires_in":${PROGRAM_TOKEN_SECONDS},"token_type":"Bearer"}`);
  return true;
}

/** The client's id and secret, each said once and in one way (RFC 6749 §2.3.1). */
function readCredentials(request: FastifyRequest): { clientId: string; secret: string } | undefined {
  const { headers } = request;
  // A browser has no business here; what it is to be told (CORS) is the provider's to say.
  if (request.method !== 'POST' || headers.origin !== undefined || headers.dpop !== undefined) return undefined;
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined;
  const form = request.body as Record<string, unknown> | undefined;
  if (form?.grant_type !== 'client_credentials') return undefined;
  if (THE_PROVIDERS.some((name) => form[name] !== undefined)) return undefined;
  const { client_id: id, client_secret: secret, scope } = form;
  if (Array.isArray(scope)) return undefined;
  if (headers.authorization === undefined)
    return typeof id === 'string' && typeof secret === 'string' ? { clientId: id, secret } : undefined;
  const basic = secret === undefined ? readBasic(headers.authorization) : undefined;
  return basic && (id === undefined || id === basic.clientId) ? basic : undefined;
}

/** Who a program says that it is and by which secret; undefined: it shows none. */
export function clientIn(request: FastifyRequest, tenantId: TenantId): ClientAttempt | undefined {
  const form = (request.body ?? {}) as Record<string, unknown>;
  const basic = request.headers.authorization === undefined ? undefined : readBasic(request.headers.authorization);
  const clientId = basic?.clientId ?? form.client_id;
  const secret = basic?.secret ?? form.client_secret;
  if (typeof clientId !== 'string' || typeof secret !== 'string') return undefined;
  return { tenantId, clientId, secret, address: request.ip };
}

/** Each half is form-encoded before it is put together. */
function readBasic(header: string): { clientId: string; secret: string } | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const [, id, secret] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', '%20'));
  try {
    return { clientId: decode(id), secret: decode(secret) };
  } catch {
    return undefined;
  }
}
