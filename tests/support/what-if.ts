/** Asking what changes would do, as a program does. */
import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import type { Api } from './people.ts';

export interface Asked {
  readonly changes: readonly { readonly trial?: string; readonly input: unknown }[];
  readonly at?: string;
}

/** What the server answers once it has found out. */
export async function whatIf(api: Api, asked: Asked) {
  const { status, body } = await api('POST', '/admin/what-if', asked);
  assert.equal(status, 202, JSON.stringify(body));
  return eventually(async () => {
    const now = (await api('GET', `/admin/what-if/${body.id}`)).body;
    return now.state !== 'waiting' && now.state !== 'running' && now;
  });
}

export interface LineBody {
  readonly n: number;
  readonly question: string;
  readonly subject: {
    readonly kind: string;
    readonly id: string;
    readonly displayName: string | null;
    readonly isArriving: boolean;
  };
  readonly object: { readonly displayName: string | null };
  readonly input: { readonly linkId?: string } & Record<string, unknown>;
  readonly before: string;
  readonly after: string;
  readonly direction: string;
  readonly refusedAt: string | null;
  readonly because: readonly { readonly kind: string; readonly name?: string }[];
}

/** All lines of an answer. */
export async function linesOf(api: Api, id: string): Promise<LineBody[]> {
  const lines: LineBody[] = [];
  for (let after: number | null = null; ; ) {
    const page: { value: LineBody[]; next: number | null } = (
      await api('GET', `/admin/what-if/${id}/lines?limit=500${after === null ? '' : `&after=${after}`}`)
    ).body;
    lines.push(...page.value);
    if (page.next === null) return lines;
    after = page.next;
  }
}
