import type { Context } from './context.ts';
import type { TenantId } from './ids.ts';

/** How one step of a test of a partnership came out. */
export const STEP_STATUSES = ['passed', 'failed', 'not-applicable', 'not-reached'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** On whose side something is, seen from whoever looked. */
export const STEP_SIDES = ['ours', 'theirs', 'between'] as const;
export type StepSide = (typeof STEP_SIDES)[number];

/** Who can do something about it, seen from whoever looked. */
export const MENDERS = [
  'our-administrator',
  'our-operator',
  'their-administrator',
  'their-operator',
  'both-operators',
] as const;
export type Mender = (typeof MENDERS)[number];

/** What is said of something that was found; `{name}` stands for a fact. `us` and `them` name who looked and at whom. */
export interface FindingWords {
  readonly seen: string;
  /** What to do; absent: nothing. */
  readonly todo?: string;
  readonly who?: Mender;
}

export type FindingFacts = Readonly<Record<string, string>>;

/** What one step found. The sentence and the remedy follow from `code`, by the words of the check. */
export interface Finding {
  readonly step: string;
  readonly status: StepStatus;
  readonly side: StepSide;
  readonly code: string;
  readonly facts?: FindingFacts;
  /** JSON for a check that compares both ends. The other organisation gets it. */
  readonly data?: unknown;
  /** What the other organisation is told in its place; absent: the same. */
  readonly told?: Omit<Finding, 'step' | 'data' | 'told'>;
}

/** A partnership under test, as one of its ends looks at it. */
export interface PartnershipUnderTest {
  readonly partner: {
    readonly tenantId: TenantId;
    readonly displayName: string;
    /** Those that were confirmed, lower case. */
    readonly domains: readonly string[];
    readonly isHere: boolean;
  };
  /** Somebody of the organisation that is asked, whose mailbox may be looked up; null: nobody was named. */
  readonly mailbox: string | null;
  /** Whether this end has the test made, or looks because the other one asked. */
  readonly isAsker: boolean;
}

/** What an end found out for those who compare both ends. */
export interface BothEnds {
  dataOf(end: 'ours' | 'theirs', step: string): unknown;
}

/** Something that a test of a partnership looks at. */
export interface PartnerCheck {
  /** The steps it takes, in their order. */
  readonly steps: readonly string[];
  readonly words: Readonly<Record<string, FindingWords>>;
  /**
   * Looks at what is here about a partner, in a transaction that only reads. Each end does, for itself; what the partner
   * may not know stands beside `told`.
   */
  look?(ctx: Context, tested: PartnershipUnderTest): Promise<readonly Finding[]>;
  /** Once both ends have looked and the partner answers. Opens what it needs itself. */
  compare?(ctx: Context, tested: PartnershipUnderTest, ends: BothEnds): Promise<readonly Finding[]>;
}

type Found = Pick<Finding, 'code' | 'facts'> & Partial<Pick<Finding, 'data' | 'side' | 'told'>>;

export const passed = (step: string, { side = 'ours', ...found }: Found): Finding => ({
  step,
  status: 'passed',
  side,
  ...found,
});
export const notApplicable = (step: string, { side = 'ours', ...found }: Found): Finding => ({
  step,
  status: 'not-applicable',
  side,
  ...found,
});
export const failed = (step: string, side: StepSide, found: Omit<Found, 'side'>): Finding => ({
  step,
  status: 'failed',
  side,
  ...found,
});
