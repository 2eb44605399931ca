import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';

/** WebDAV's own verbs (RFC 4918, 3253, 3744, 4791) beside those of HTTP. */
export const DAV_METHODS = ['PROPFIND', 'PROPPATCH', 'REPORT', 'MKCALENDAR', 'MKCOL', 'COPY', 'MOVE', 'ACL'] as const;
export type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | (typeof DAV_METHODS)[number];

/** Which error body a route's faults are written in. */
export type ErrorWire = 'graph' | 'problem' | 'dav';

export type TransactionMode = 'read' | 'write' | 'none';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Request<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the caller reached us: scheme, host and port, no path. For addresses in answers. */
  readonly origin: string;
  /** Cookies, streams and sockets, for the few routes that need them. */
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * One route of a wire. The wrapper authenticates, opens the tenant's transaction, calls `handle`, commits, and only
 * then answers; so "did it succeed?" is decided once.
 */
export interface Route<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly wire: ErrorWire;
  /**
   * `asks`: `handle` puts at least one question to access/ (a successful answer without one is our defect, and fails).
   * `public`: open to anyone, with the reason in a sentence.
   */
  readonly access: 'asks' | { readonly public: string };
  /** Reads the `Authorization` header itself: what stands there is none of our tokens. Only with `public`. */
  readonly readsOwnCredential?: true;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The answer's shape, for the OpenAPI document. */
  readonly answer?: z.ZodType;
  /**
   * `write` for every method that can change something, unless said otherwise; `none` for routes that open their own.
   * A function, where the address says which.
   */
  readonly transaction?: TransactionMode | ((address: string) => TransactionMode);
  /**
   * Everything it does is in its own transaction, so that what-if may do it and undo it. Where the route opens
   * transactions by itself: makes the same change in the context's alone.
   */
  readonly canBeTried?:
    | true
    | TriedBy<Request<Parsed<Params>, Parsed<Query>, Parsed<Body>>>
    | TriedBy<Request<Parsed<Params>, Parsed<Query>, Parsed<Body>>>['act'];
  readonly tags?: readonly string[];
  /** Largest body, in bytes, where the listener's own limit does not fit. */
  readonly bodyLimit?: number;
  handle(ctx: Context, request: Request<Parsed<Params>, Parsed<Query>, Parsed<Body>>): Promise<unknown>;
}

/** How what-if makes a change that its route makes in transactions of its own. */
export interface TriedBy<Asked> {
  /** Asks others first, in a context that holds no transaction; `act` is given the answer. */
  // biome-ignore lint/suspicious/noExplicitAny: each prepares what it needs itself.
  prepare?(ctx: Context, request: Asked): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: each prepares what it needs itself.
  act(ctx: Context, request: Asked, prepared: any): Promise<unknown>;
}

/** Declares a route with its types inferred from its schemas. */
export function route<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(declaration: Route<Params, Query, Body>): Route {
  return declaration as unknown as Route;
}

/** What a handler returns when 200 and a JSON body are not the answer. */
export class Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const created = (body: unknown, location?: string) => new Reply(201, body, location ? { location } : {});
export const accepted = (body?: unknown, location?: string) => new Reply(202, body, location ? { location } : {});
export const noContent = () => new Reply(204);
