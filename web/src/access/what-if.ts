import { type Api, ApiFault, type Call } from '../api.ts';

/** A request that would change something, as what-if takes it. */
export interface TriedRequest {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** What a change would do, as far as the server knows by now. */
export interface WhatIf {
  readonly id: string;
  /** By which people name the report to each other. */
  readonly number: string;
  readonly askedAt: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly lookedAt: number;
  readonly total: number | null;
  readonly summary: Summary | null;
  /** Why there is no answer. */
  readonly failure: string | null;
  /** The change itself would be refused. */
  readonly isRefused: boolean;
}

export interface Summary {
  readonly rights: number;
  readonly gained: number;
  readonly lost: number;
  /** `arriving`: of those who gain, who come to be by the change itself. */
  readonly subjects: { readonly gained: number; readonly arriving: number; readonly lost: number };
  readonly digest: string;
  readonly isCut: boolean;
  readonly shutOut: readonly ShutOut[];
  /** Domains of organisations that did not answer: nothing is told of their people. */
  readonly unheard: readonly string[];
}

/** An organisation whose people are let in no more, and yet keep what they have. */
export interface ShutOut {
  readonly domain: string;
  readonly rights: number;
  readonly goingOn: readonly {
    readonly id: string;
    /** Null: private. */
    readonly name: string | null;
    readonly owner: string;
  }[];
}

/** One right that would be raised or lowered. */
export interface WhatIfLine {
  readonly n: number;
  readonly direction: 'gained' | 'lost';
  readonly question: string;
  readonly subject: Named & {
    readonly homeDomain: string | null;
    /** They come to be by the change. */
    readonly isArriving: boolean;
  };
  readonly object: Named;
  /** What the right is about, in the words of its question. */
  readonly input: unknown;
  readonly before: string;
  readonly after: string;
  readonly because: readonly LineReason[];
  /** When they were refused it lately; null: a right as it stands. */
  readonly refusedAt: string | null;
}

interface Named {
  readonly kind: string;
  readonly id: string;
  readonly displayName: string | null;
}

export type LineReason =
  | { readonly kind: 'ceiling'; readonly name: string; readonly sentence: string }
  | { readonly kind: 'grant'; readonly path: string }
  | { readonly kind: 'no-grant' };

/** An act was tried out, and whoever asked for it would rather not. Nothing was changed, and nothing went wrong. */
export class NotWanted extends Error {}

/** The answer that was read: its id is what the act is carried out under, its digest what it said. */
export interface Tried {
  readonly id: string;
  readonly digest: string;
  /** What whoever read it chose to have done besides: the server does it with the first request, or neither. */
  readonly also: readonly TriedRequest[];
}

/**
 * Tries requests out, and shows who would gain and lose what; nothing is shown where nobody would, or where all of it
 * was read already (`read`). Undefined: whoever asks may not know, or it cannot be told beforehand.
 * @throws NotWanted.
 */
export type TryOut = (
  requests: readonly TriedRequest[],
  read: Tried | undefined,
  options?: { readonly isQuiet?: boolean },
) => Promise<Tried | undefined>;

/** The change that was tried would be refused: it says so itself once it is made, and better. */
export const REFUSED = 'what-if.refused';

/** Milliseconds. */
const PAUSES = [30, 50, 80, 120, 200, 300];

/** Searches that are given up together: once nobody waits for them, and when the page is left. */
export interface Searching {
  /** Asks, and looks until it is answered; `also`: what would be done with the first request. @throws ApiFault. */
  seek(
    requests: readonly TriedRequest[],
    also?: readonly TriedRequest[],
    tell?: (now: WhatIf) => void,
  ): Promise<WhatIf>;
  readonly signal: AbortSignal;
  stop(): void;
}

export function openSearching(api: Api): Searching {
  const stopping = new AbortController();
  const { signal } = stopping;
  const sought = new Set<string>();
  // What nobody waits for any more is not worked out to its end.
  const cancel = () => {
    for (const id of sought) api.post(`/admin/what-if/${id}/cancel`, undefined, { keepalive: true }).catch(() => {});
    sought.clear();
  };
  window.addEventListener('pagehide', cancel);
  return {
    signal,
    async seek(requests, also = [], tell) {
      const changes = [...requests.map((input) => ({ input })), ...also.map((input) => ({ input, follows: true }))];
      let now = await api.post<WhatIf>('/admin/what-if', { changes });
      for (let n = 0; now.state === 'waiting' || now.state === 'running'; n += 1) {
        sought.add(now.id);
        // Given up while it was being asked.
        if (signal.aborted) cancel();
        signal.throwIfAborted();
        tell?.(now);
        await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(n, PAUSES.length - 1)]));
        signal.throwIfAborted();
        now = await api.get<WhatIf>(`/admin/what-if/${now.id}`, { signal });
      }
      sought.delete(now.id);
      if (now.failure !== null) throw new ApiFault(0, now.isRefused ? REFUSED : 'what-if.failed', now.failure);
      return now;
    },
    stop() {
      window.removeEventListener('pagehide', cancel);
      cancel();
      stopping.abort();
    },
  };
}

/** A caller that sends nothing that would change anything, and keeps what it would have sent. Reading goes through. */
function noting(api: Api): { readonly api: Api; readonly requests: readonly TriedRequest[] } {
  const requests: TriedRequest[] = [];
  const note = async (method: TriedRequest['method'], path: string, body?: unknown): Promise<never> => {
    // A file is told as the text that it is.
    const told = body instanceof Blob ? await body.text() : body;
    requests.push({ method, path, ...(told === undefined ? {} : { body: told }) });
    return undefined as never;
  };
  const noted: Api = {
    ...api,
    post: (path, body) => note('POST', path, body),
    put: (path, body) => note('PUT', path, body),
    patch: (path, body) => note('PATCH', path, body),
    delete: (path) => note('DELETE', path),
  };
  return { api: noted, requests };
}

/** A caller whose first change is made only in the world in which it was tried. What follows it comes of it. */
function asTried(api: Api, { id }: Tried): Api {
  let isFirst = true;
  const marked = (call?: Call) => {
    if (!isFirst) return call;
    isFirst = false;
    return { ...call, headers: { ...call?.headers, 'entente-tried': id } };
  };
  return {
    ...api,
    post: (path, body, call) => api.post(path, body, marked(call)),
    put: (path, body, call) => api.put(path, body, marked(call)),
    patch: (path, body, call) => api.patch(path, body, marked(call)),
    delete: (path, call) => api.delete(path, marked(call)),
  };
}

/** A world that others change all the time is tried so often, as long as the answer stays the same. */
const ATTEMPTS = 5;

/** Does what was tried out and found right. When the world has changed meanwhile, it is tried again. */
export async function actAsTried<Output>(api: Api, tryOut: TryOut, act: (api: Api) => Promise<Output>) {
  let read: Tried | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const noted = noting(api);
    await act(noted.api);
    const tried = noted.requests.length === 0 ? undefined : await tryOut(noted.requests, read);
    try {
      return await act(tried ? asTried(api, tried) : api);
    } catch (error) {
      const hasChanged = (error as { code?: unknown }).code === 'access.world-changed';
      if (!hasChanged || attempt === ATTEMPTS) throw error;
      read = tried;
    }
  }
}
