/** A test of a partnership: its steps, its verdict, and what of it the partner is shown. */
import { z } from 'zod';
import {
  type Finding,
  type FindingFacts,
  type FindingWords,
  MENDERS,
  type Mender,
  STEP_SIDES,
  STEP_STATUSES,
  type StepSide,
  type StepStatus,
} from '../../kernel/diagnosis.ts';
import type { TenantId } from '../../kernel/ids.ts';

/** The way to a partner, step by step; each of them needs those before. */
export const WAY_STEPS = [
  'partners.record',
  'partners.name',
  'partners.address',
  'partners.connection',
  'partners.certificate',
  'partners.document',
  'partners.signature',
  'partners.identity',
  'partners.keys',
  'partners.domains',
  'partners.request',
  'partners.clock',
  'partners.version',
] as const;
export type WayStep = (typeof WAY_STEPS)[number];
/** Whether the partner looked from its end as well. */
export const OTHER_END = 'partners.other-end';

/** Who looked: the end that has the test made, the partner's, or one that compared both. */
export type StepEnd = 'ours' | 'theirs' | 'both';

/** One step as somebody reads it: the words of `seen` and `todo` can be told in another language by `code` and `facts`. */
export interface Step {
  readonly step: string;
  readonly end: StepEnd;
  readonly status: StepStatus;
  readonly side: StepSide;
  readonly code: string;
  readonly facts: FindingFacts;
  readonly seen: string;
  readonly todo: string | null;
  readonly who: Mender | null;
}

/** A test of a partnership that was made. */
export interface Diagnosis {
  readonly id: string;
  readonly partnerTenantId: TenantId;
  readonly partnerName: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly mailbox: string | null;
  readonly isHealthy: boolean;
  readonly steps: readonly Step[];
  /** As the partner may see it. */
  readonly told: readonly Step[];
  readonly linkEndsAt: Date | null;
}

export interface Verdict {
  readonly isHealthy: boolean;
  /** The first step that failed: what comes after it may follow from it. */
  readonly step: string | null;
  readonly end: StepEnd | null;
  readonly side: StepSide | null;
}

export function verdictOf(steps: readonly Step[]): Verdict {
  const found = steps.find(({ status }) => status === 'failed');
  return {
    isHealthy: found === undefined,
    step: found?.step ?? null,
    end: found?.end ?? null,
    side: found?.side ?? null,
  };
}

const code = z.string().regex(/^[a-z-]{1,60}$/);

/** What the other end tells of a step, seen from there. Read as the word of a stranger. */
export const toldFinding = z.object({
  step: z.string().regex(/^[a-z-]{1,40}\.[a-z-]{1,40}$/),
  status: z.enum(STEP_STATUSES),
  side: z.enum(STEP_SIDES),
  code,
  facts: z.record(z.string().regex(/^[a-zA-Z]{1,30}$/), z.string().max(1_000)).default({}),
  data: z.unknown().optional(),
});
export type ToldFinding = z.output<typeof toldFinding>;

/** What the other organisation is told of a finding. */
export function toldOf({ step, told, data, ...own }: Finding): z.input<typeof toldFinding> {
  const { status, side, code, facts = {} } = told ?? own;
  return { step, status, side, code, facts: shortened(facts), ...(data === undefined ? {} : { data }) };
}

const shortened = (facts: FindingFacts) =>
  Object.fromEntries(Object.entries(facts).map(([name, text]) => [name, text.slice(0, 1_000)]));

const OTHER_SIDE = { ours: 'theirs', theirs: 'ours', between: 'between' } as const;
const OTHER_MENDER = {
  'our-administrator': 'their-administrator',
  'our-operator': 'their-operator',
  'their-administrator': 'our-administrator',
  'their-operator': 'our-operator',
  'both-operators': 'both-operators',
} as const satisfies Record<Mender, Mender>;

/**
 * A finding in words. `names` are of whoever reads; what the other end found is turned round, so that `ours` is the
 * reader's side whoever looked.
 */
export function stepOf(
  found: Pick<Finding, 'step' | 'status' | 'side' | 'code' | 'facts'>,
  end: StepEnd,
  names: { readonly ours: string; readonly theirs: string },
  words: Readonly<Record<string, FindingWords>>,
): Step {
  const isTurned = end === 'theirs';
  const known = words[found.code];
  const code = known ? found.code : 'not-known-here';
  const { seen, todo, who } = known ?? (words['not-known-here'] as FindingWords);
  const facts: FindingFacts = {
    ...found.facts,
    ...(known ? {} : { code: found.code }),
    us: isTurned ? names.theirs : names.ours,
    them: isTurned ? names.ours : names.theirs,
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
  return {
    step: found.step,
    end,
    status: found.status,
    side: isTurned ? OTHER_SIDE[found.side] : found.side,
    code,
    facts,
    seen: fill(seen),
    todo: todo === undefined ? null : fill(todo),
    who: who === undefined ? null : isTurned ? OTHER_MENDER[who] : who,
  };
}

/** Steps that are about a direction, by what the other side calls it. */
const OTHER_DIRECTION: Readonly<Record<string, string>> = {
  'partners.people-out': 'partners.people-in',
  'partners.people-in': 'partners.people-out',
};

/** A step as the partner reads it: from the other side. */
export const fromOtherSide = (step: Step): Step => ({
  ...step,
  step: OTHER_DIRECTION[step.step] ?? step.step,
  end: step.end === 'both' ? 'both' : OTHER_SIDE[step.end],
  side: OTHER_SIDE[step.side],
  who: step.who && OTHER_MENDER[step.who],
});

const facts = z.record(z.string(), z.string());
/** As results are kept. */
export const keptStep = z.object({
  step: z.string(),
  end: z.enum(['ours', 'theirs', 'both']),
  status: z.enum(STEP_STATUSES),
  side: z.enum(STEP_SIDES),
  code: z.string(),
  facts,
  seen: z.string(),
  todo: z.string().nullable(),
  who: z.enum(MENDERS).nullable(),
});
