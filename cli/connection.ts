import { existsSync, readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getCACertificates } from 'node:tls';
import { readServerFile } from '../src/app/server-file.ts';

/** A command that cannot be understood or begun: told in a sentence, exit code 2. */
export class UsageError extends Error {}

/** What the server refused or could not do, in its own sentence. Exit code 1. */
export class ServerFault extends Error {
  readonly status: number;
  /** Stable: `directory.domain-not-allowed`; `network` when no answer came. */
  readonly code: string;
  /** Under this the refusal can be explained, or found in the server's log. */
  readonly reference: string | undefined;
  readonly decisionId: string | undefined;
  /** Which parts of the input were wrong. */
  readonly problems: readonly { readonly name: string; readonly problem: string }[];
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, sentence: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.facts = facts;
    this.decisionId = typeof facts.decisionId === 'string' ? facts.decisionId : undefined;
    const request = facts.requestId ?? facts['request-id'];
    this.reference = this.decisionId ?? (typeof request === 'string' ? request : undefined);
    this.problems = Array.isArray(facts.problems) ? facts.problems : [];
  }
}

export interface ConnectionOptions {
  readonly server?: string;
  readonly data?: string;
  readonly tenant?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of the API, printed as it came or read by the command that asked.
export type Answer = any;

export interface Api {
  /** Whether it acts as the operator of the server rather than as a person or a program. */
  readonly isOperator: boolean;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Every object of a collection, all pages of it, up to `limit`. */
  list(path: string, limit?: number): Promise<Answer[]>;
  /** Sends JSON and gives the answer's bytes as they come. */
  download(method: string, path: string, body?: unknown): Promise<Readable>;
  upload(path: string, content: Readable, headers: Record<string, string>): Promise<Answer>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The data folder that the command looks into: `--data`, `ENTENTE_DATA`, or the server's own default. */
export const dataFolder = (options: ConnectionOptions, environment: Environment): string =>
  resolve(options.data ?? environment.ENTENTE_DATA ?? join(homedir(), '.entente'));

/**
 * Finds the server and the credential to speak to it with.
 * @throws UsageError when there is no server to be found, or nothing to sign in with.
 */
export async function connect(options: ConnectionOptions, environment: Environment): Promise<Api> {
  const data = dataFolder(options, environment);
  const given = options.server ?? environment.ENTENTE_SERVER;
  const origin = given === undefined ? (await readServerFile(data))?.origin : originOf(given);
  if (origin === undefined) {
    throw new UsageError(
      `No server runs with the data folder ${data}. Start one with "entente serve", or name it: --server http://host:port, or --data DIR.`,
    );
  }
  const operatorToken = readIfThere(join(data, 'operator.token'));
  const token = environment.ENTENTE_TOKEN || operatorToken;
  if (!token) {
    throw new UsageError(
      `There is nothing to sign in with: set ENTENTE_TOKEN, or give the server's data folder with --data (looked in ${data}).`,
    );
  }
  // The server takes it from its own machine alone; anywhere else it would only be given away.
  if (!environment.ENTENTE_TOKEN && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(origin).hostname)) {
    throw new UsageError(`The operator works on the server's own machine. For ${origin}, set ENTENTE_TOKEN.`);
  }
  const tenant = options.tenant ?? environment.ENTENTE_TENANT;
  return createApi({
    origin,
    token,
    isOperator: !environment.ENTENTE_TOKEN,
    ...(tenant ? { tenant } : {}),
    ...(existsSync(join(data, 'ca.pem')) ? { ca: readFileSync(join(data, 'ca.pem'), 'utf8') } : {}),
  });
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${text}" is no address of a server. It looks like http://localhost:8080.`);
  }
  return url.origin;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw new UsageError(`${path} may not be read by you. Set ENTENTE_TOKEN instead.`);
    return undefined;
  }
}

interface Server {
  readonly origin: string;
  readonly token: string;
  readonly isOperator: boolean;
  readonly tenant?: string;
  /** The local authority's certificate, trusted beside the system's. */
  readonly ca?: string;
}

function createApi(server: Server): Api {
  function open(method: string, path: string, headers: Record<string, string>): ClientRequest {
    const url = new URL(path, server.origin);
    const options = {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${server.token}`,
        // What the operator does to the server is done in the server's own name.
        ...(server.tenant === undefined || url.pathname.startsWith('/operator/')
          ? {}
          : { 'entente-tenant': server.tenant }),
        ...headers,
      },
    };
    if (url.protocol === 'http:') return httpRequest(url, options);
    const ca = server.ca === undefined ? {} : { ca: [...getCACertificates('default'), server.ca] };
    return httpsRequest(url, { ...options, ...ca });
  }

  const answerTo = (request: ClientRequest) =>
    new Promise<IncomingMessage>((done, failed) => {
      request.once('response', done).once('error', (error) => failed(unreachable(server.origin, error)));
    });

  async function send(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const request = open(method, path, headers);
    const answering = answerTo(request);
    request.end(text);
    return succeeded(await answering);
  }

  const call: Api['call'] = async (method, path, body) => read(await send(method, path, body));

  return {
    isOperator: server.isOperator,
    call,
    async list(path, limit = Number.POSITIVE_INFINITY) {
      const rows: Answer[] = [];
      for (let next: string | undefined = path; next !== undefined && rows.length < limit; ) {
        const page: Answer = await call('GET', next);
        rows.push(...page.value);
        next = nextPage(next, page);
      }
      return rows.slice(0, limit);
    },
    download: send,
    async upload(path, content, headers) {
      const request = open('POST', path, headers);
      const answering = answerTo(request);
      // A server that refuses early stops reading; its answer says more than the broken pipe.
      const sending = pipeline(content, request).catch(() => {});
      const answer = await answering;
      const result = read(await succeeded(answer));
      await sending;
      return result;
    },
  };
}

/** Graph names the next page by address, our own routes by where to go on. */
function nextPage(path: string, page: Answer): string | undefined {
  const link = page['@odata.nextLink'];
  if (typeof link === 'string') {
    const { pathname, search } = new URL(link);
    return pathname + search;
  }
  if (typeof page.next !== 'string') return undefined;
  const url = new URL(path, 'http://localhost');
  url.searchParams.set('after', page.next);
  return url.pathname + url.search;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}

async function read(answer: IncomingMessage): Promise<Answer> {
  const text = await textOf(answer);
  if (text === '') return undefined;
  return /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : text;
}

async function succeeded(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  let body: Answer;
  try {
    body = await read(answer);
  } catch {
    body = undefined;
  }
  throw faultOf(status, body);
}

/** Reads the two error bodies of the server: a problem (RFC 9457) and Graph's `{ error }`. */
function faultOf(status: number, body: Answer): ServerFault {
  if (typeof body?.error === 'object' && body.error !== null) {
    const { code, message, innerError } = body.error;
    return new ServerFault(status, String(innerError?.code ?? code), String(message), innerError ?? {});
  }
  if (typeof body?.title === 'string') return new ServerFault(status, String(body.code ?? status), body.title, body);
  return new ServerFault(status, String(status), `The server answered ${status} and no reason.`);
}

function unreachable(origin: string, error: Error): ServerFault {
  const { code } = error as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY/.test(code ?? '')) {
    return new ServerFault(
      0,
      'network',
      `The certificate of ${origin} is not trusted (${code}). Give the data folder that holds its ca.pem with --data.`,
    );
  }
  return new ServerFault(0, 'network', `No server answers at ${origin} (${code ?? error.message}).`);
}
