/** The one way to the server: fetch with a token, faults in one shape, patience when the server asks for it. */

/** What went wrong, in the server's own sentence. Every failed call of the web app ends in one of these. */
export class ApiFault extends Error {
  readonly status: number;
  /** Stable: `directory.domain-not-allowed`; `network` when no answer came. */
  readonly code: string;
  readonly sentence: string;
  /** Under this id the refusal can be explained. */
  readonly decisionId: string | undefined;
  readonly requestId: string | undefined;
  /** Which fields of the input were wrong. */
  readonly problems: readonly { readonly name: string; readonly problem: string }[];
  /** Everything else the server said, for the few pages that show more. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** What was asked, where the server was asked. */
  path?: string;

  constructor(status: number, code: string, sentence: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(sentence);
    this.name = 'ApiFault';
    this.status = status;
    this.code = code;
    this.sentence = sentence;
    this.facts = facts;
    this.decisionId = typeof facts.decisionId === 'string' ? facts.decisionId : undefined;
    const request = facts.requestId ?? facts['request-id'];
    this.requestId = typeof request === 'string' ? request : undefined;
    this.problems = Array.isArray(facts.problems) ? facts.problems : [];
  }
}

/** Reads the two error bodies the server writes: RFC 9457 problem details and Graph's `{ error: … }`. */
export function faultOf(status: number, body: unknown, fallback: string): ApiFault {
  if (typeof body === 'object' && body !== null) {
    const { error, error_description: described } = body as Record<string, unknown>;
    if (typeof error === 'object' && error !== null) {
      const { code, message, innerError } = error as Record<string, unknown>;
      const inner = (innerError ?? {}) as Record<string, unknown>;
      return new ApiFault(status, String(inner.code ?? code ?? status), String(message ?? fallback), inner);
    }
    // RFC 6749 §5.2, from the token endpoint.
    if (typeof error === 'string') return new ApiFault(status, error, String(described ?? fallback));
    const problem = body as Record<string, unknown>;
    if (typeof problem.title === 'string') {
      return new ApiFault(status, String(problem.code ?? status), problem.title, problem);
    }
  }
  return new ApiFault(status, String(status), fallback);
}

export interface Page<Row> {
  readonly value: readonly Row[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.count'?: number;
  /** Outside Graph: what to send as `after` for the following page. */
  readonly next?: string | number | null;
}

export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Call {
  readonly params?: Params;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** It arrives though the page is left meanwhile. */
  readonly keepalive?: boolean;
}

export interface Api {
  get<T>(path: string, call?: Call): Promise<T>;
  post<T>(path: string, body?: unknown, call?: Call): Promise<T>;
  put<T>(path: string, body?: unknown, call?: Call): Promise<T>;
  patch<T>(path: string, body?: unknown, call?: Call): Promise<T>;
  delete<T = void>(path: string, call?: Call): Promise<T>;
  /** The answer itself, for downloads. */
  raw(method: string, path: string, call?: Call): Promise<Response>;
}

export interface ApiPorts {
  /** The bearer token, or undefined for calls that need none. `isStale` after the server refused the last one. */
  token?(isStale: boolean): Promise<string | undefined>;
  /**
   * Asks the person to sign in again, where the server wants a fresher or a stronger sign-in for what they do (RFC
   * 9470); false when they would not. The call is made once more afterwards.
   */
  proveAgain?(fault: ApiFault): Promise<boolean>;
  readonly fetch?: typeof fetch;
  readonly wait?: (seconds: number) => Promise<void>;
  /** What to say when the server gave no sentence of its own. */
  readonly sentences?: () => { readonly network: string; readonly other: string };
}

const PATIENCE = 3;
const LONGEST_WAIT_SECONDS = 20;

/** Builds the caller. Waits and tries again on 429 and 503 as `Retry-After` says, at most three times. */
export function createApi(ports: ApiPorts = {}): Api {
  const {
    fetch: send = (...args) => fetch(...args),
    wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    sentences = () => ({ network: 'The server cannot be reached.', other: 'The request failed.' }),
  } = ports;

  async function raw(method: string, path: string, call: Call = {}): Promise<Response> {
    const isForm = call.body instanceof FormData || call.body instanceof Blob || typeof call.body === 'string';
    let isStale = false;
    let hasProven = false;
    for (let attempt = 0; ; attempt += 1) {
      const token = await ports.token?.(isStale);
      const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
      if (token !== undefined) headers.authorization = `Bearer ${token}`;
      if (call.body !== undefined && !isForm) headers['content-type'] = 'application/json';
      let response: Response;
      try {
        response = await send(withParams(path, call.params), {
          method,
          headers,
          credentials: 'same-origin',
          // What was put off until the page is left must still arrive.
          ...(method === 'DELETE' || call.keepalive ? { keepalive: true } : {}),
          ...(call.body === undefined ? {} : { body: isForm ? (call.body as BodyInit) : JSON.stringify(call.body) }),
          ...(call.signal ? { signal: call.signal } : {}),
        });
      } catch (error) {
        if ((error as Error).name === 'AbortError') throw error;
        throw new ApiFault(0, 'network', sentences().network);
      }
      if (response.ok) return response;
      const isTooWeak = /insufficient_user_authentication/.test(response.headers.get('www-authenticate') ?? '');
      if (isTooWeak) {
        const fault = await faultAt(path, response);
        if (hasProven || !(await ports.proveAgain?.(fault))) throw fault;
        hasProven = true;
        continue;
      }
      if (response.status === 401 && token !== undefined && !isStale) {
        isStale = true;
        continue;
      }
      if ((response.status === 429 || response.status === 503) && attempt < PATIENCE) {
        const seconds = Number(response.headers.get('retry-after') ?? 2);
        if (seconds <= LONGEST_WAIT_SECONDS) {
          await wait(Number.isFinite(seconds) ? Math.max(seconds, 0.2) : 2);
          continue;
        }
      }
      throw await faultAt(path, response);
    }
  }

  async function faultAt(path: string, response: Response): Promise<ApiFault> {
    const fault = faultOf(response.status, await bodyOf(response), sentences().other);
    fault.path = path;
    return fault;
  }

  const call = async <T>(method: string, path: string, options?: Call) =>
    (await bodyOf(await raw(method, path, options))) as T;
  return {
    raw,
    get: (path, options) => call('GET', path, options),
    post: (path, body, options) => call('POST', path, { ...options, body }),
    put: (path, body, options) => call('PUT', path, { ...options, body }),
    patch: (path, body, options) => call('PATCH', path, { ...options, body }),
    delete: (path, options) => call('DELETE', path, options),
  };
}

/** Every row of a paged list, page by page. Only for lists that are short by nature. */
export async function allRows<Row>(api: Api, path: string, params?: Params): Promise<Row[]> {
  const rows: Row[] = [];
  let page = await api.get<Page<Row>>(path, params ? { params } : {});
  rows.push(...page.value);
  while (page['@odata.nextLink']) {
    page = await api.get<Page<Row>>(samePath(page['@odata.nextLink']));
    rows.push(...page.value);
  }
  return rows;
}

/** Does one after another; the first that is refused ends it, and the rest is not done. */
export async function eachInTurn(ids: readonly string[], act: (id: string) => Promise<unknown>): Promise<void> {
  for (const id of ids) await act(id);
}

/** The path and query of a next link: a proxy in front may make its host another one than ours. */
export function samePath(link: string): string {
  const { pathname, search } = new URL(link, 'http://here');
  return pathname + search;
}

/** A string in an OData filter: quotes doubled. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

function withParams(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  if (!/json/.test(response.headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
