import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { kernelFaults } from '../kernel/fault.ts';
import { Reply, type Route, route } from '../platform/http/route.ts';

/** The reference product's own limit. */
const REQUESTS_AT_MOST = 20;

const oneRequest = z.object({
  id: z.string().min(1).max(100),
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
  url: z.string().min(1).max(8192),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).max(REQUESTS_AT_MOST).optional(),
});
type OneRequest = z.output<typeof oneRequest>;

interface OneResponse {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Microsoft Graph `$batch`: up to twenty requests in one, each with its own status. Every one goes through the whole
 * server as if it had come alone, with the caller's own credential, so nothing is bypassed; each is a transaction of
 * its own. A request whose `dependsOn` failed is not made and answers 424.
 */
export function batchRoute(server: () => FastifyInstance): Route {
  return route({
    method: 'POST',
    path: '/v1.0/$batch',
    summary: 'Up to twenty requests in one.',
    wire: 'graph',
    access: { public: 'Each request inside is authenticated and decided by itself.' },
    transaction: 'none',
    tags: ['batch'],
    body: z.object({ requests: z.array(oneRequest).min(1).max(REQUESTS_AT_MOST) }),
    handle: async (ctx, { body, headers }) => {
      if (ctx.actor.kind === 'anonymous') throw kernelFaults.unauthenticated();
      checkOrder(body.requests);
      const credential = ['authorization', 'entente-tenant'].flatMap((name) =>
        typeof headers[name] === 'string' ? [[name, headers[name]] as const] : [],
      );
      const made = new Map<string, Promise<OneResponse>>();
      const make = async (one: OneRequest): Promise<OneResponse> => {
        for (const id of one.dependsOn ?? []) {
          const before = await made.get(id);
          if (!before || before.status >= 400)
            return failed(one.id, 424, 'failedDependency', 'A request before it failed.');
        }
        const given = { ...Object.fromEntries(credential), 'client-request-id': ctx.correlationId };
        return send(server(), one, given, ctx.clientAddress);
      };
      // Those that depend on nothing start at once; the others wait for theirs.
      for (const one of body.requests) made.set(one.id, make(one));
      return new Reply(200, { responses: await Promise.all(made.values()) });
    },
  });
}

/** What a request inside may say of itself. Who sends it and from where is not among it. */
const TAKEN = new Set([
  'accept',
  'accept-language',
  'consistencylevel',
  'content-type',
  'if-match',
  'if-none-match',
  'prefer',
]);

/** Ids are distinct, and a request depends only on earlier ones, so that there is no circle. */
function checkOrder(requests: readonly OneRequest[]): void {
  const earlier = new Set<string>();
  for (const one of requests) {
    if (earlier.has(one.id)) throw kernelFaults.invalid(`Two requests have the id "${one.id}".`);
    const unknown = one.dependsOn?.find((id) => !earlier.has(id));
    if (unknown !== undefined) {
      throw kernelFaults.invalid(`The request "${one.id}" depends on "${unknown}", which does not come before it.`);
    }
    earlier.add(one.id);
  }
}

async function send(
  server: FastifyInstance,
  one: OneRequest,
  given: Readonly<Record<string, string>>,
  clientAddress: string | null,
): Promise<OneResponse> {
  // Relative to the version, as Graph has it; an address elsewhere, or a batch in a batch, is refused. Judged as it
  // will be read: dots, escaped or not, and backslashes lead out of a folder too.
  const address = URL.parse(`http://batch/v1.0/${one.url.replace(/^\/+/, '')}`);
  const path = address?.pathname ?? '';
  if (!path.startsWith('/v1.0/') || /^\/v1\.0\/(\$batch|[a-z]+:)/i.test(decoded(path))) {
    return failed(one.id, 400, 'invalidRequest', `"${one.url}" cannot be asked for in a batch.`);
  }
  const own = Object.fromEntries(
    Object.entries(one.headers ?? {})
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => TAKEN.has(name)),
  );
  const hasBody = one.body !== undefined && one.method !== 'GET';
  const answer = await server.inject({
    method: one.method,
    url: `${path}${address?.search ?? ''}`,
    // It comes from where the batch came from, for the audit and every limit.
    ...(clientAddress === null ? {} : { remoteAddress: clientAddress }),
    headers: {
      ...own,
      ...given,
      ...(hasBody ? { 'content-type': own['content-type'] ?? 'application/json' } : {}),
    },
    ...(hasBody ? { payload: typeof one.body === 'string' ? one.body : JSON.stringify(one.body) } : {}),
  });
  const kept = ['content-type', 'location', 'etag', 'retry-after', 'request-id'].flatMap((name) =>
    typeof answer.headers[name] === 'string' ? [[name, answer.headers[name]] as const] : [],
  );
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  return {
    id: one.id,
    status: answer.statusCode,
    headers: Object.fromEntries(kept),
    ...(answer.body === '' ? {} : { body: isJson ? JSON.parse(answer.body) : answer.body }),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function failed(id: string, status: number, code: string, message: string): OneResponse {
  return { id, status, headers: { 'content-type': 'application/json' }, body: { error: { code, message } } };
}
