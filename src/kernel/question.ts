/**
 * What may be asked about access and what an answer looks like: questions, the ceilings that can only lower an answer,
 * the grants that can only raise it, and the reasons. `decision.ts` answers and hands all of this on: import it from there.
 */

import type { z } from 'zod';

/** Where a rule's setting stands; what an administrator can open and change. */
export interface SettingAddress {
  readonly tenantId: string;
  readonly module: string;
  /** `fixed` is built in: there is nothing to open. */
  readonly scope: 'tenant' | 'partner' | 'container' | 'fixed';
  /** The partner or container whose setting it is; absent for the tenant's own. */
  readonly target?: string;
  readonly name: string;
  readonly value?: unknown;
}

/** Who can raise what a rule holds down. */
export type Remedy = 'sign-in-again' | 'owner' | 'administrator' | 'partner' | 'operator' | 'consent' | 'nobody';

/** A rule that can only lower an answer. It reads facts, does no I/O, and reads one tenant's settings. */
export interface Ceiling<F, L extends string> {
  readonly name: string;
  readonly sentence: string;
  /** The highest level it permits; `true` leaves everything open and `false` nothing, whatever the question's levels. */
  readonly permits: (facts: F) => L | boolean;
  readonly setting: (facts: F) => SettingAddress;
  readonly remedy: Remedy;
  /** Numbers it holds down, named with their unit (`lifetimeSeconds`). The lowest of all ceilings wins. */
  readonly bound?: (facts: F) => Readonly<Record<string, number | undefined>>;
  /** The value its setting would need to permit `wanted`; left out where the administrator must choose. */
  readonly flip?: (facts: F, wanted: string) => unknown;
}

/** A grant as a fact: raises the answer to its level, up to the ceilings. */
export interface GrantFact<L extends string> {
  readonly id: string;
  readonly level: L;
  /** How the person comes by it: `direct`, `group`, `team`, `link`, `agreement`, `project`. */
  readonly path: string;
  readonly subject: { readonly kind: string; readonly id: string };
}

/** The rules of a question: all that is needed to answer it once its facts are known. */
export interface Rules<F, L extends string> {
  readonly name: string;
  readonly sentence: string;
  /** Lowest first; the first one is denial. */
  readonly levels: readonly L[];
  readonly ceilings: readonly Ceiling<F, L>[];
  readonly grants: (facts: F) => Iterable<GrantFact<L>>;
  /** Who can give a grant that is missing. */
  readonly grantedBy: Remedy;
}

/** Something one may ask about access. Gathering its facts is the only part that may read a store. */
export interface Question<Input, F, L extends string, Ctx = unknown> extends Rules<F, L> {
  /** What is asked about, as a person can fill it in; absent where the question is about nothing in particular. */
  readonly input?: z.ZodType<Input>;
  facts(ctx: Ctx, input: Input): F | Promise<F>;
  /** Whose the thing is: who can give what lacks where the remedy is the owner. Groups stand for their owners. */
  owners?(facts: F, input: Input): readonly { readonly kind: string; readonly id: string }[];
}

export type CeilingReason<L extends string> = {
  readonly kind: 'ceiling';
  readonly name: string;
  readonly sentence: string;
  readonly setting: SettingAddress;
  readonly remedy: Remedy;
  readonly level: L;
  /** Present when the rule itself broke; it then permits nothing. For the log and the operator. */
  readonly failure?: string;
};
export type BoundReason = Omit<CeilingReason<never>, 'kind' | 'level' | 'failure'> & {
  readonly kind: 'bound';
  readonly bound: string;
  readonly value: number;
};
export type GrantReason<L extends string> = {
  readonly kind: 'grant';
  readonly grantId: string;
  readonly level: L;
  readonly path: string;
  readonly subject: GrantFact<L>['subject'];
};
export type NoGrantReason = { readonly kind: 'no-grant'; readonly remedy: Remedy; readonly failure?: string };
export type Reason<L extends string> = CeilingReason<L> | BoundReason | GrantReason<L> | NoGrantReason;

/** An answer and all that decided it. */
export interface Decision<L extends string> {
  readonly question: string;
  readonly level: L;
  readonly levels: readonly L[];
  /** Every ceiling at the minimum, the grant an allowed answer stands on (or that none exists), every lowest bound. */
  readonly because: readonly Reason<L>[];
  /** The lowest of each bounded number; empty when the answer is denial. */
  readonly bounds: Readonly<Record<string, number>>;
}

/** One step of a smallest change: raise a rule's setting, or give a grant. */
export type Change<L extends string> =
  | {
      readonly kind: 'ceiling';
      readonly rule: string;
      readonly setting: SettingAddress;
      readonly remedy: Remedy;
      readonly to: L;
      /** The value the setting needs, where the rule knows it. */
      readonly value?: unknown;
    }
  | { readonly kind: 'grant'; readonly remedy: Remedy; readonly to: L };

/**
 * What would raise the answer. `single` is false when more than one setting or grant must change (label it "no single
 * change"): then all changes are needed together. `none` is true when a rule in the way cannot be raised by anybody.
 */
export type SmallestChange<L extends string> =
  | { readonly none: false; readonly single: boolean; readonly changes: readonly Change<L>[] }
  | { readonly none: true; readonly because: readonly Reason<L>[] };

/** A decision with every rule laid open, also those that did not decide. */
export interface Explanation<L extends string> extends Decision<L> {
  readonly sentence: string;
  readonly rules: readonly (CeilingReason<L> & {
    readonly decided: boolean;
    readonly bounds: Readonly<Record<string, number>>;
  })[];
  readonly grants: readonly (GrantFact<L> & { readonly decided: boolean })[];
  readonly smallestChange: SmallestChange<L>;
}

/** What to suppose: rules removed (`null`) or held at a level, grants taken away by id or added. */
export interface Supposition<L extends string> {
  readonly ceilings?: Readonly<Record<string, L | null>>;
  readonly withoutGrants?: readonly string[];
  readonly grants?: readonly GrantFact<L>[];
}

type Rest<F, L extends string> = Pick<Ceiling<F, L>, 'setting' | 'remedy' | 'bound' | 'flip'>;

/**
 * Declares a ceiling. Its name says the rule as a claim; its sentence is what an administrator reads. One that
 * answers true or false fits every question; one that answers a level fits the questions that have it.
 */
export function ceiling<F>(
  name: string,
  sentence: string,
  permits: (facts: F) => boolean,
  rest: Rest<F, never>,
): Ceiling<F, never>;
export function ceiling<F, L extends string>(
  name: string,
  sentence: string,
  permits: (facts: F) => L | boolean,
  rest: Rest<F, L>,
): Ceiling<F, L>;
export function ceiling<F, L extends string>(
  name: string,
  sentence: string,
  permits: (facts: F) => L | boolean,
  rest: Rest<F, L>,
): Ceiling<F, L> {
  return { name, sentence, permits, ...rest };
}

/** Declares a question. Throws a RangeError when its levels or the names of its ceilings are not distinct. */
export function question<Input, F, L extends string, Ctx = unknown>(declared: {
  name: string;
  sentence: string;
  levels: readonly L[];
  input?: z.ZodType<Input>;
  facts: (ctx: Ctx, input: Input) => F | Promise<F>;
  ceilings: readonly Ceiling<NoInfer<F>, NoInfer<L>>[];
  grants: (facts: NoInfer<F>) => Iterable<GrantFact<NoInfer<L>>>;
  grantedBy?: Remedy;
  owners?: (facts: NoInfer<F>, input: NoInfer<Input>) => readonly { readonly kind: string; readonly id: string }[];
}): Question<Input, F, L, Ctx> {
  const names = declared.ceilings.map((rule) => rule.name);
  if (declared.levels.length < 2) throw new RangeError(`${declared.name} needs at least two levels.`);
  for (const list of [declared.levels, names]) {
    if (new Set<string>(list).size < list.length) throw new RangeError(`${declared.name} repeats one of ${list}.`);
  }
  return { grantedBy: 'owner', ...declared };
}
