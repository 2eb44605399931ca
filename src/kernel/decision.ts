/**
 * The decision engine: the answer to every question of access is the lowest ceiling over the best grant.
 *
 * A ceiling can only lower an answer and a grant can only raise it, so there is no order to remember, the default is
 * denial, and the reason is always the rules found at the minimum. Everything here is pure: facts come in gathered.
 */

import type {
  BoundReason,
  Ceiling,
  CeilingReason,
  Change,
  Decision,
  Explanation,
  GrantFact,
  GrantReason,
  NoGrantReason,
  Reason,
  Rules,
  SettingAddress,
  SmallestChange,
  Supposition,
} from './question.ts';

export * from './question.ts';

/**
 * Answers a question: min(all ceilings, max(all grants)), with the reason.
 * Never throws: a rule that breaks permits nothing and says so, grants that cannot be read raise nothing.
 */
export function decide<F, L extends string>(rules: Rules<F, L>, facts: F): Decision<L> {
  const { levels } = rules;
  const because: Reason<L>[] = [];
  let level = levels.length - 1;
  for (const rule of rules.ceilings) {
    const found = measure(rule, levels, facts);
    const rank = found instanceof Error ? 0 : found;
    if (rank > level || rank === levels.length - 1) continue;
    if (rank < level) because.length = 0;
    level = rank;
    because.push(ceilingReason(rule, levels, facts, found));
  }

  const best = bestGrant(rules, facts);
  const raised = grantRank(best, levels);
  if (raised < level) because.length = 0;
  level = Math.min(level, raised);
  if (raised === 0 || best === undefined || best instanceof Error) because.push(noGrant(rules, best));
  else if (level > 0) because.push(grantReason(best));

  const bounds = level > 0 ? lowestBounds(rules, facts, because) : {};
  return { question: rules.name, level: levels[level]!, levels, because, bounds };
}

/** Whether a decision reaches a level. Throws a RangeError on a level its question does not know. */
export function atLeast<L extends string>(decision: Decision<L>, level: L): boolean {
  return decision.levels.indexOf(decision.level) >= rankOf(decision.levels, level);
}

/**
 * Lays a decision open: each rule with its level, its setting and who may change it, each grant, and the smallest
 * change that would reach `wanted` (by default the next level up). For those at home in the tenant of each setting:
 * leave out the rules of other tenants before showing it.
 */
export function explain<F, L extends string>(rules: Rules<F, L>, facts: F, wanted?: L): Explanation<L> {
  const { levels } = rules;
  const decision = decide(rules, facts);
  const granted = attempt(() => [...rules.grants(facts)]);
  const named = (kind: 'ceiling' | 'bound', name: string) =>
    decision.because.some((reason) => reason.kind === kind && reason.name === name);
  const carrier = decision.because.find((reason) => reason.kind === 'grant')?.grantId;
  const next = levels[Math.min(levels.indexOf(decision.level) + 1, levels.length - 1)]!;
  return {
    ...decision,
    sentence: rules.sentence,
    rules: rules.ceilings.map((rule) => {
      const found = measure(rule, levels, facts);
      return {
        ...ceilingReason(rule, levels, facts, found),
        bounds: found instanceof Error ? {} : boundsOf(rule, facts),
        decided: named('ceiling', rule.name) || named('bound', rule.name),
      };
    }),
    grants: (granted instanceof Error ? [] : granted).map((grant) => ({ ...grant, decided: grant.id === carrier })),
    smallestChange: smallestChange(rules, facts, wanted ?? next),
  };
}

/**
 * The fewest changes that make the answer reach `wanted`: every rule below it, and the grant if it is missing.
 * `apply` tells the facts as they would be after the changes; given it, changes that would not help (two rules may read
 * one setting in opposite senses) are not proposed, and what would still stand in the way is named instead.
 */
export function smallestChange<F, L extends string>(
  rules: Rules<F, L>,
  facts: F,
  wanted: L,
  apply?: (changes: readonly Change<L>[]) => F,
): SmallestChange<L> {
  const { levels } = rules;
  const goal = rankOf(levels, wanted);
  const changes: Change<L>[] = [];
  const stuck: Reason<L>[] = [];
  const places = new Set<string>();

  for (const rule of rules.ceilings) {
    const found = measure(rule, levels, facts);
    if (found instanceof Error ? goal === 0 : found >= goal) continue;
    const reason = ceilingReason(rule, levels, facts, found);
    if (reason.remedy === 'nobody' || found instanceof Error) stuck.push(reason);
    const value = attempt(() => rule.flip?.(facts, wanted));
    const known = value === undefined || value instanceof Error ? {} : { value };
    changes.push({
      kind: 'ceiling',
      rule: rule.name,
      setting: reason.setting,
      remedy: reason.remedy,
      to: wanted,
      ...known,
    });
    places.add(JSON.stringify({ ...reason.setting, value: undefined }));
  }

  const best = bestGrant(rules, facts);
  if (grantRank(best, levels) < goal) {
    if (rules.grantedBy === 'nobody' || best instanceof Error) stuck.push(noGrant(rules, best));
    changes.push({ kind: 'grant', remedy: rules.grantedBy, to: wanted });
    places.add('grant');
  }
  if (stuck.length > 0) return { none: true, because: stuck };
  const after = apply && decide(rules, apply(changes));
  if (after && !atLeast(after, wanted)) return { none: true, because: after.because };
  return { none: false, single: places.size <= 1, changes };
}

/**
 * Answers the same question on the same facts under a supposition. (Under other settings: `decide` on other facts.)
 * Throws a RangeError when it supposes something of a rule that the question does not have.
 */
export function whatIf<F, L extends string>(rules: Rules<F, L>, facts: F, suppose: Supposition<L>): Decision<L> {
  const { ceilings = {}, withoutGrants = [], grants = [] } = suppose;
  const unknown = Object.keys(ceilings).find((name) => !rules.ceilings.some((rule) => rule.name === name));
  if (unknown !== undefined) throw new RangeError(`${rules.name} has no rule ${unknown}.`);
  return decide(
    {
      ...rules,
      ceilings: rules.ceilings
        .filter((rule) => ceilings[rule.name] !== null)
        .map((rule) => (Object.hasOwn(ceilings, rule.name) ? { ...rule, permits: () => ceilings[rule.name]! } : rule)),
      grants: (known) => [...rules.grants(known)].filter((grant) => !withoutGrants.includes(grant.id)).concat(grants),
    },
    facts,
  );
}

/** The rank of the level a rule permits, or what broke in it. */
function measure<F, L extends string>(rule: Ceiling<F, L>, levels: readonly L[], facts: F): number | Error {
  try {
    const permitted = rule.permits(facts);
    const rank = permitted === true ? levels.length - 1 : permitted === false ? 0 : levels.indexOf(permitted);
    if (rank < 0) throw new RangeError(`It permits ${String(permitted)}, which is no level of the question.`);
    if (rule.bound) boundsOf(rule, facts);
    return rank;
  } catch (error) {
    return asError(error);
  }
}

/** The id of the grant that an answer stands on, also where a ceiling holds it down. */
export function grantInUse<F, L extends string>(rules: Rules<F, L>, facts: F): string | undefined {
  const best = bestGrant(rules, facts);
  return best instanceof Error ? undefined : best?.id;
}

/** The grant of the highest level; of equals the first. An Error when they cannot be read: then nothing is granted. */
function bestGrant<F, L extends string>(rules: Rules<F, L>, facts: F): GrantFact<L> | undefined | Error {
  const top = rules.levels.length - 1;
  let best: GrantFact<L> | undefined;
  let highest = 0;
  try {
    for (const grant of rules.grants(facts)) {
      const rank = rules.levels.indexOf(grant.level);
      if (rank <= highest) continue;
      best = grant;
      highest = rank;
      if (rank === top) break;
    }
    return best;
  } catch (error) {
    return asError(error);
  }
}

const grantRank = <L extends string>(best: GrantFact<L> | undefined | Error, levels: readonly L[]): number =>
  best === undefined || best instanceof Error ? 0 : levels.indexOf(best.level);

/** The numbers a rule bounds. Throws a RangeError on one that is not a number. */
function boundsOf<F>(rule: Ceiling<F, string>, facts: F): Record<string, number> {
  const bounds: Record<string, number> = {};
  for (const [name, value] of Object.entries(rule.bound?.(facts) ?? {})) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || Number.isNaN(value)) throw new RangeError(`Its bound ${name} is not a number.`);
    bounds[name] = value;
  }
  return bounds;
}

/** The lowest of each bounded number; every rule at a lowest is added to the reasons. */
function lowestBounds<F, L extends string>(rules: Rules<F, L>, facts: F, because: Reason<L>[]): Record<string, number> {
  const lowest: Record<string, number> = {};
  const found: BoundReason[] = [];
  for (const rule of rules.ceilings) {
    if (!rule.bound) continue;
    const { name, sentence, remedy } = rule;
    for (const [bound, value] of Object.entries(boundsOf(rule, facts))) {
      lowest[bound] = Math.min(value, lowest[bound] ?? value);
      found.push({ kind: 'bound', name, sentence, setting: settingOf(rule, facts), remedy, bound, value });
    }
  }
  because.push(...found.filter(({ bound, value }) => value === lowest[bound]));
  return lowest;
}

function ceilingReason<F, L extends string>(
  rule: Ceiling<F, L>,
  levels: readonly L[],
  facts: F,
  found: number | Error,
): CeilingReason<L> {
  const { name, sentence, remedy } = rule;
  const setting = settingOf(rule, facts);
  return found instanceof Error
    ? { kind: 'ceiling', name, sentence, setting, remedy: 'operator', level: levels[0]!, failure: found.message }
    : { kind: 'ceiling', name, sentence, setting, remedy, level: levels[found]! };
}

/** The address of a rule's setting; an empty one when the rule breaks on being asked. */
function settingOf<F>(rule: Ceiling<F, string>, facts: F): SettingAddress {
  try {
    return rule.setting(facts);
  } catch {
    return { tenantId: '', module: '', scope: 'fixed', name: rule.name };
  }
}

const grantReason = <L extends string>({ id, level, path, subject }: GrantFact<L>): GrantReason<L> => ({
  kind: 'grant',
  grantId: id,
  level,
  path,
  subject,
});

const noGrant = <F>(rules: Rules<F, string>, best: unknown): NoGrantReason =>
  best instanceof Error
    ? { kind: 'no-grant', remedy: 'operator', failure: best.message }
    : { kind: 'no-grant', remedy: rules.grantedBy };

function rankOf<L extends string>(levels: readonly L[], level: L): number {
  const rank = levels.indexOf(level);
  if (rank < 0) throw new RangeError(`${level} is none of the levels ${levels.join(', ')}.`);
  return rank;
}

function attempt<T>(act: () => T): T | Error {
  try {
    return act();
  } catch (error) {
    return asError(error);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
