import type { Api } from '../api.ts';

export type StepEnd = 'ours' | 'theirs' | 'both';
export type StepSide = 'ours' | 'theirs' | 'between';

/** One step of a test of a partnership. `seen` and `todo` are English; `code` and `facts` say the same in any language. */
export interface Step {
  readonly step: string;
  readonly end: StepEnd;
  readonly status: 'passed' | 'failed' | 'not-applicable' | 'not-reached';
  readonly side: StepSide;
  readonly code: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly seen: string;
  readonly todo: string | null;
  readonly who: string | null;
}

export interface Verdict {
  readonly isHealthy: boolean;
  readonly step: string | null;
  readonly end: StepEnd | null;
  readonly side: StepSide | null;
}

/** A test as far as it has come. */
export interface Testing {
  readonly steps: readonly Step[];
  readonly verdict?: Verdict;
  readonly id?: string | null;
  readonly partnerTenantId?: string | null;
}

/** Has a test made and tells of each step as it comes. */
export async function follow(
  api: Api,
  path: string,
  body: unknown,
  tell: (testing: Testing) => void,
): Promise<Testing> {
  const response = await api.raw('POST', path, { body });
  let testing: Testing = { steps: [] };
  const take = (line: string) => {
    if (line === '') return;
    const { step, ...end } = JSON.parse(line) as { step?: Step } & Omit<Testing, 'steps'>;
    testing = step ? { ...testing, steps: [...testing.steps, step] } : { ...testing, ...end };
    tell(testing);
  };
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    const lines = (rest + next.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  take(rest);
  return testing;
}

const AGREED = /([\w.-]+) of ([\w.-]+): offered ([\w-]+), accepted ([\w-]+), so ([\w-]+)\./g;

/** The fact `terms` of the step `terms-agreed`: what each term comes to, by whose it is. A line cut off is left out. */
export function readAgreedTerms(terms: string): { term: string; of: string; level: string }[] {
  return [...terms.matchAll(AGREED)].map(([, term = '', of = '', , , level = '']) => ({ term, of, level }));
}
