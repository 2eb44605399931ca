import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { z } from 'zod';
import type { Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { HOST, parseId, type TenantId } from '../../kernel/ids.ts';
import { isKeepable } from '../../kernel/text.ts';
import { isDiskFull, isUnavailable } from '../database/index.ts';
import { WIRE } from '../faults/wire.ts';
import { toDavError, toGraphError, toProblem } from '../faults/writers.ts';
import type { Log } from '../log.ts';
import { endsWithin } from '../patience.ts';
import { isProtected } from './protected.ts';
import { DAV_METHODS, type ErrorWire, type Method, Reply, type Route, type TransactionMode } from './route.ts';

const notText = () => new Fault('invalid', 'request.not-text', 'The request has characters that are not text.');

/** Who is asking, and in which tenant's name the work is done. */
export interface Authenticated {
  readonly actor: Actor;
  readonly tenantId: TenantId;
}

export interface HttpPorts {
  /** Reads the credential of a request. Throws `unauthenticated` when there is one and it is not good. */
  authenticate(request: FastifyRequest): Promise<Authenticated | undefined>;
  /** Runs `act` in a context; commits before it returns. `asked` tells whether a question was put. */
  open<T>(work: Authenticated & OpenWork, act: (ctx: Context) => Promise<T>): Promise<{ result: T; asked: number }>;
  /** Does what was tried out under an id, in the very world in which it was tried or not at all. */
  asTried?<T>(ctx: Context, tried: { id: string; isOpen: boolean }, act: () => Promise<T>): Promise<T>;
  readonly now: () => Date;
  readonly log: Log;
  /** Called once for each answered request, for metrics. */
  readonly onAnswered?: (answered: { method: string; path: string; status: number; seconds: number }) => void;
}

export interface OpenWork {
  readonly mode: TransactionMode | 'trial';
  readonly requestId: string;
  readonly correlationId: string;
  readonly clientAddress: string | null;
}

/** Names the answer of what-if that whoever sends this has read. */
const TRIED = 'entente-tried';

/** How long a close waits for the requests in work, unless told otherwise; in milliseconds. */
const CLOSE_MS = 10_000;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** HTTPS beside HTTP, on the same routes. */
  readonly tls?: { readonly port: number; readonly key: string; readonly cert: string };
  /** Largest JSON body, in bytes. Streams have their own limits. */
  readonly bodyLimit?: number;
  readonly trustProxy?: boolean;
  /** How long a close waits for the requests in work, in milliseconds. */
  readonly patienceMs?: number;
  /** The address people use, where it is another than ours. With `https:` something in front of us ends TLS. */
  readonly publicUrl?: string | undefined;
}

/** What balancers and monitors ask for over any wire; it carries no secret of a person. */
const OPEN_PATHS = /^\/(health\/|metrics$)/;

export interface HttpServer {
  readonly fastify: FastifyInstance;
  /** Every method and path that answers, as the listener knows them: also those that did not come as a `Route`. */
  readonly served: readonly { readonly method: string; readonly path: string }[];
  listen(): Promise<{ port: number; httpsPort: number | null }>;
  /** Stops taking requests, lets those in work finish, then closes. */
  close(): Promise<void>;
}

/** The listener and the one wrapper around every route. */
export function createHttpServer(routes: readonly Route[], ports: HttpPorts, options: ListenOptions): HttpServer {
  let handler: ((...args: Parameters<Parameters<typeof createServer>[1] & object>) => void) | undefined;
  let tlsServer: Server | undefined;
  const app: FastifyInstance = fastify({
    loggerInstance: ports.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // Our lines name the request themselves; a logger of its own for each request costs more than they do.
    childLoggerFactory: (logger) => logger,
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    // The one proxy in front is believed, and what it was told before is not: a caller writes there what they like.
    trustProxy: options.trustProxy ? (_address, hop) => hop === 0 : false,
    // Ids come from us: a caller's id is kept as the correlation id, not trusted as ours.
    genReqId: () => randomUUID(),
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    serverFactory: (handle, _options) => {
      handler = handle as never;
      const server = createServer({ noDelay: true, keepAliveTimeout: 65_000 }, handle);
      return server;
    },
  });
  const served: { method: string; path: string }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) served.push({ method: one, path: url });
  });
  // A fastify without a verb answers 400 to it; one that knows it takes a body with it.
  for (const method of DAV_METHODS) app.addHttpMethod(method, { hasBody: true });
  app.register(cookie);
  app.register(formbody);
  // An empty JSON body is an absent one: clients send the header on bodiless calls.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    if (text === '') return done(null, undefined);
    try {
      const body = JSON.parse(text as string);
      // Escaped or not at all: a NUL or half a pair cannot come as UTF-8.
      if (/\\u(0000|d[89a-f])/i.test(text as string) && !isKeepable(body)) throw notText();
      done(null, body);
    } catch (error) {
      const isFault = error instanceof Fault;
      done(isFault ? error : new Fault('invalid', 'request.not-json', 'The body is not valid JSON.'), undefined);
    }
  });
  // Lists of guests arrive as files; their encoding is checked by whoever reads them.
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  // Pieces of files, as they are.
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, bytes, done) =>
    done(null, bytes),
  );
  // Of calendars and address books: parsed by whoever reads them, which is what they are for.
  app.addContentTypeParser(
    [
      ...['text/xml', 'application/xml', 'text/calendar', 'text/vcard', 'text/plain'],
      // Signed by whoever sent it, byte by byte.
      'application/vnd.entente.request+json',
    ],
    { parseAs: 'buffer' },
    (_request, bytes, done) => {
      // What is not UTF-8 would be kept as something else than was sent, without anybody noticing.
      if (!isUtf8(bytes as Buffer))
        done(new Fault('invalid', 'request.not-utf-8', 'The body is not UTF-8.'), undefined);
      else done(null, (bytes as Buffer).toString('utf8'));
    },
  );
  // A signed token by itself (RFC 8935): checked by whoever it is sent to.
  app.addContentTypeParser('application/secevent+jwt', { parseAs: 'string' }, (_request, text, done) =>
    done(null, text),
  );
  // Taken as it comes: a route that wants one reads the stream itself, and no other can use it.
  app.addContentTypeParser('application/gzip', (_request, payload, done) => done(null, payload));

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    if (request.url.includes('%00')) done(notText());
    else done();
  });
  let httpsPort: number | null = null;
  const inFront = {
    trustProxy: options.trustProxy ?? false,
    isHttpsOnly: options.publicUrl?.startsWith('https:') ?? false,
  };
  // Passwords and tokens are not for everybody between here and there. What was sent already cannot be taken back, but
  // it opens nothing, and the page that would send more is never shown.
  app.addHook('onRequest', (request, reply, done) => {
    if (isProtected(request, inFront) || OPEN_PATHS.test(request.url)) return done();
    const base = inFront.isHttpsOnly
      ? options.publicUrl
      : httpsPort === null
        ? undefined
        : `https://${request.hostname}:${httpsPort}`;
    const target = base === undefined ? null : URL.parse(request.url, base);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    // Never to another host, whatever the path looks like.
    if (!isReading || !target || target.host !== URL.parse(base ?? '')?.host) return done(kernelFaults.needsHttps());
    reply.redirect(target.href, 308);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const path = request.routeOptions.url ?? 'unknown';
    const seconds = reply.elapsedTime / 1000;
    ports.onAnswered?.({ method: request.method, path, status: reply.statusCode, seconds });
    ports.log.info(
      {
        requestId: request.id,
        method: request.method,
        path,
        status: reply.statusCode,
        ms: Math.round(seconds * 1e4) / 10,
      },
      'answered',
    );
    done();
  });
  app.setNotFoundHandler((request, reply) =>
    answerFault(ports, 'problem', kernelFaults.notFound(), request, reply, false),
  );
  app.setErrorHandler((error, request, reply) =>
    answerFault(ports, wireOf(request.url), faultOf(error), request, reply, false),
  );

  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
      // zod parses in the wrapper, so that a bad shape is a Fault on the route's own wire.
      handler: (request, reply) => serve(route, ports, request, reply),
    });
  }

  return {
    fastify: app,
    served,
    async listen() {
      await app.listen({ host: options.host, port: options.port });
      const port = (app.server.address() as AddressInfo).port;
      if (options.tls) {
        const { key, cert, port: wanted } = options.tls;
        tlsServer = createTlsServer({ key, cert, noDelay: true, keepAliveTimeout: 65_000 }, handler as never);
        // WebSockets arrive as upgrades; the plugin listens on the plain server.
        tlsServer.on('upgrade', (...args) => app.server.emit('upgrade', ...args));
        await new Promise<void>((resolve, reject) => {
          tlsServer?.once('error', reject);
          tlsServer?.listen(wanted, options.host, resolve);
        });
        httpsPort = (tlsServer.address() as AddressInfo).port;
      }
      return { port, httpsPort };
    },
    async close() {
      const servers = [app.server as Server, ...(tlsServer ? [tlsServer] : [])];
      const closingTls = tlsServer && new Promise<void>((resolve) => tlsServer?.close(() => resolve()));
      // A connection whose last answer is given while we close would be kept for its next request, for a minute.
      const idle = setInterval(() => {
        for (const server of servers) server.closeIdleConnections();
      }, 50);
      const closed = (async () => {
        await app.close();
        await closingTls;
      })();
      const isLate = !(await endsWithin(options.patienceMs ?? CLOSE_MS, closed));
      clearInterval(idle);
      if (!isLate) return;
      ports.log.warn('requests were still in work when the server stopped');
      for (const server of servers) server.closeAllConnections();
      await endsWithin(1_000, closed);
    },
  };
}

const READING: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT']);

function modeOf({ transaction, method }: Route, address: string): TransactionMode {
  if (typeof transaction === 'function') return transaction(address);
  return transaction ?? (READING.has(method) ? 'read' : 'write');
}

async function serve(route: Route, ports: HttpPorts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  let who: Authenticated | undefined;
  try {
    who = route.readsOwnCredential ? undefined : await ports.authenticate(request);
    if (!who && route.access === 'asks') throw kernelFaults.unauthenticated();
    const input = {
      params: parse(route.params, request.params, 'path'),
      query: parse(route.query, request.query, 'query'),
      body: parse(route.body, request.body, 'body'),
      headers: request.headers,
      origin: originOf(request),
      raw: request,
      reply,
    };
    const mode = modeOf(route, request.url);
    const { result, asked } = await ports.open(
      {
        ...(who ?? { actor: { kind: 'anonymous' }, tenantId: HOST }),
        mode,
        requestId: request.id,
        correlationId: correlationOf(request),
        clientAddress: request.ip,
      },
      (ctx) => {
        const id = request.headers[TRIED];
        const act = () => route.handle(ctx, input as never);
        if (typeof id !== 'string' || mode === 'read' || !ports.asTried) return act();
        return ports.asTried(ctx, { id, isOpen: mode === 'write' }, act);
      },
    );
    if (route.access === 'asks' && asked === 0) {
      throw kernelFaults.internal(new Error(`${route.method} ${route.path} answered without asking a question`));
    }
    return answer(reply, result);
  } catch (error) {
    const isAtHome = who?.actor.kind !== 'account' ? who !== undefined : who.actor.userType === 'Member';
    return answerFault(ports, route.wire, faultOf(error), request, reply, isAtHome);
  }
}

function answer(reply: FastifyReply, result: unknown): unknown {
  if (reply.sent) return reply;
  if (result instanceof Reply) {
    reply.status(result.status).headers(result.headers);
    return reply.send(result.body);
  }
  if (result === undefined) return reply.status(204).send();
  return reply.send(result);
}

const WRITERS = { graph: toGraphError, problem: toProblem, dav: toDavError };

function answerFault(
  ports: HttpPorts,
  wire: ErrorWire,
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  isAtHome: boolean,
): FastifyReply {
  if (fault.kind === 'internal')
    ports.log.error({ requestId: request.id, err: fault.cause ?? fault }, 'request failed');
  else if (fault.kind === 'unavailable') ports.log.warn({ requestId: request.id, err: fault.cause }, 'unavailable');
  const write = WRITERS[wire];
  const written = write(fault, { isAtHome, requestId: request.id, now: ports.now() });
  if (fault.kind === 'gone' && typeof fault.facts.location === 'string') reply.header('location', fault.facts.location);
  if (fault.kind === 'unauthenticated') {
    const { maxAgeSeconds } = fault.facts;
    // RFC 9470 §3: the token is good, and the sign-in behind it too old or too weak for this.
    const challenge = ` error="insufficient_user_authentication", max_age="${maxAgeSeconds}"`;
    // The token's signature is good, and what it says is no longer so: only a new one will do.
    const { claimsChallenge } = fault.facts;
    const newToken = ` error="insufficient_claims", claims="${claimsChallenge}"`;
    const bearer = `Bearer${maxAgeSeconds !== undefined ? challenge : claimsChallenge !== undefined ? newToken : ''}`;
    // Calendar programs hold a password of their own; a browser must not ask for one on every other wire.
    reply.header('www-authenticate', wire === 'dav' ? ['Basic realm="Entente", charset="UTF-8"', bearer] : bearer);
  }
  const wait = fault.facts.retryAfterSeconds;
  if (fault.kind === 'throttled' || fault.kind === 'unavailable') reply.header('retry-after', String(wait ?? 2));
  return reply
    .status(written.status)
    .header('content-type', written.contentType)
    .send(Buffer.from(typeof written.body === 'string' ? written.body : JSON.stringify(written.body)));
}

/** Anything thrown that is not a Fault is our defect, unless the database, the disk or the HTTP parser says otherwise. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (isDiskFull(error)) return kernelFaults.diskFull(error);
  if (isUnavailable(error)) return kernelFaults.unavailable(error);
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const kind = status === 413 ? 'too-large' : status === 415 ? 'unsupported' : 'invalid';
    return new Fault(kind, `request.${kind}`, (error as Error).message);
  }
  return kernelFaults.internal(error);
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value ?? (where === 'body' ? undefined : {}));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => ({
    name: issue.path.join('.') || where,
    problem: issue.message,
  }));
  const first = problems[0];
  throw kernelFaults.invalid(`${first ? `"${first.name}": ${first.problem}` : `The ${where} is not valid.`}`, {
    problems,
  });
}

function correlationOf(request: FastifyRequest): string {
  const given = request.headers['client-request-id'];
  return (typeof given === 'string' && parseId(given)) || request.id;
}

function originOf(request: FastifyRequest): string {
  const encrypted = 'encrypted' in request.raw.socket;
  const scheme = request.protocol === 'https' || encrypted ? 'https' : 'http';
  return `${scheme}://${request.host}`;
}

function wireOf(url: string): ErrorWire {
  if (url.startsWith('/dav/')) return 'dav';
  return url.startsWith('/v1.0') ? 'graph' : 'problem';
}

/** The status of a fault on HTTP, for listeners that answer by themselves. */
export const httpStatus = (fault: Fault): number => WIRE[fault.kind].http;
