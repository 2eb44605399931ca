/**
 * What may be asked about access: questions, the ceilings that can only lower an answer, the grants that can only
 * raise it. Declared once per module; `decision.ts` answers.
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
}): Question<Input, F, L, Ctx> {
  const names = declared.ceilings.map((rule) => rule.name);
  if (declared.levels.length < 2) throw new RangeError(`${declared.name} needs at least two levels.`);
  for (const list of [declared.levels, names]) {
    if (new Set<string>(list).size < list.length) throw new RangeError(`${declared.name} repeats one of ${list}.`);
  }
  return { grantedBy: 'owner', ...declared };
}
