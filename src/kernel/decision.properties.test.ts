/** Properties that hold for every list of ceilings and grants, tried on random ones. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  atLeast,
  type Ceiling,
  type Change,
  type Decision,
  decide,
  explain,
  type GrantFact,
  question,
  type Remedy,
  type Rules,
  smallestChange,
  whatIf,
} from './decision.ts';

const CASES = 10_000;
const LEVELS = ['none', 'busy-only', 'limited', 'full'] as const;
type Level = (typeof LEVELS)[number];
const rank = (level: Level) => LEVELS.indexOf(level);

/** Settings stand in places that rules may share; each holds a rank. */
interface Facts {
  settings: readonly number[];
  grants: readonly GrantFact<Level>[];
}
/** How a random rule reads its place. `backward` permits less the higher its setting stands. */
type Reading = 'level' | 'yes-or-no' | 'backward';
interface Case {
  rules: Rules<Facts, Level>;
  facts: Facts;
}

const readings: Record<Reading, Pick<Ceiling<number, Level>, 'permits' | 'flip'>> = {
  level: { permits: (at) => LEVELS[at]!, flip: (_, wanted) => rank(wanted as Level) },
  'yes-or-no': { permits: (at) => at > 0, flip: () => 3 },
  backward: { permits: (at) => LEVELS[3 - at]!, flip: (_, wanted) => 3 - rank(wanted as Level) },
};

const oneIn = (n: number) => fc.nat({ max: n - 1 }).map((drawn) => drawn === 0);
const level = fc.constantFrom(...LEVELS);

const rule = (index: number): fc.Arbitrary<Ceiling<Facts, Level>> =>
  fc
    .record({
      reading: fc.oneof(
        { weight: 600, arbitrary: fc.constant<Reading>('level') },
        { weight: 300, arbitrary: fc.constant<Reading>('yes-or-no') },
        { weight: 2, arbitrary: fc.constant<Reading>('backward') },
      ),
      shared: oneIn(8),
      remedy: fc.oneof(
        { weight: 999, arbitrary: fc.constantFrom<Remedy>('administrator', 'owner', 'partner', 'sign-in-again') },
        { weight: 1, arbitrary: fc.constant<Remedy>('nobody') },
      ),
      bounds: fc.dictionary(fc.constantFrom('lifetimeSeconds', 'sizeBytes'), fc.nat(5), { maxKeys: 2 }),
    })
    .map(({ reading, shared, remedy, bounds }) => {
      const place = shared ? 0 : index;
      const { permits, flip } = readings[reading];
      return {
        name: `rule-${index}`,
        sentence: `Rule ${index} of a random question.`,
        permits: ({ settings }) => permits(settings[place]!),
        setting: ({ settings }) => ({
          tenantId: `t${place % 3}`,
          module: 'calendars',
          scope: 'tenant',
          name: `${place}`,
          value: settings[place],
        }),
        remedy,
        flip: ({ settings }, wanted) => flip!(settings[place]!, wanted),
        ...(Object.keys(bounds).length > 0 && { bound: () => bounds }),
      };
    });

const grant = fc
  .tuple(level, fc.constantFrom('direct', 'group', 'link'))
  .map(([level, path]) => ({ level, path, subject: { kind: 'account', id: 'bob' } }));

/** Up to eight ceilings, permissive ones more often than not, so that allowed answers are as common as refusals. */
const aCase: fc.Arbitrary<Case> = fc
  .nat({ max: 8 })
  .chain((count) =>
    fc.tuple(
      fc.tuple(...Array.from({ length: count }, (_, index) => rule(index))),
      fc.array(fc.constantFrom(0, 1, 2, 3, 3, 3, 3), { minLength: 9, maxLength: 9 }),
      fc.array(grant, { maxLength: 4 }),
    ),
  )
  .map(([ceilings, settings, grants]) => ({
    rules: asked(ceilings),
    facts: { settings, grants: grants.map((fact, index) => ({ id: `g${index}`, ...fact })) },
  }));

function asked(ceilings: readonly Ceiling<Facts, Level>[]) {
  return question({
    name: 'calendars.free-busy.read',
    sentence: 'How much of this calendar may this person see?',
    levels: LEVELS,
    facts: (_: unknown, facts: Facts) => facts,
    ceilings,
    grants: (facts) => facts.grants,
  });
}

const highestPermitted = (one: Ceiling<Facts, Level>, facts: Facts): number => {
  const permitted = one.permits(facts);
  return permitted === true ? 3 : permitted === false ? 0 : rank(permitted);
};
const namedRules = (decision: Decision<Level>) =>
  new Set(decision.because.map((reason) => ('name' in reason ? reason.name : undefined)));

/** Tries a property on random cases and prints how many there were, of each kind that it counts. */
function holds<T>(t: TestContext, arbitrary: fc.Arbitrary<T>, property: (value: T) => string, seed?: number) {
  const counts: Record<string, number> = {};
  fc.assert(
    fc.property(arbitrary, (value) => {
      const kind = property(value);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }),
    { numRuns: CASES, ...(seed !== undefined && { seed }) },
  );
  t.diagnostic(`${CASES} cases: ${JSON.stringify(counts)}`);
  return counts;
}

test('beyond 3.1.5: no answer is above any ceiling or above the best grant, and none is lower than it must be', (t) => {
  const counts = holds(t, aCase, ({ rules, facts }) => {
    const answer = decide(rules, facts).level;
    const best = Math.max(0, ...facts.grants.map((fact) => rank(fact.level)));
    const ceilings = rules.ceilings.map((one) => highestPermitted(one, facts));
    for (const permitted of ceilings) assert.ok(rank(answer) <= permitted);
    assert.ok(rank(answer) <= best);
    assert.equal(rank(answer), Math.min(best, ...ceilings));
    return answer;
  });
  for (const answer of LEVELS) assert.ok(counts[answer]! > CASES / 100, `${answer} is hardly tried`);
});

test('beyond 3.2.3: removing what was not named changes neither the level nor a bound nor a reason', (t) => {
  holds(t, aCase, ({ rules, facts }) => {
    const decision = decide(rules, facts);
    const named = namedRules(decision);
    const unnamed = rules.ceilings.filter(({ name }) => !named.has(name)).map(({ name }) => [name, null] as const);
    const carrier = decision.because.find((reason) => reason.kind === 'grant');
    const otherGrants = facts.grants.map(({ id }) => id).filter((id) => id !== carrier?.grantId);
    const outcome = ({ level, bounds, because }: Decision<Level>) => ({ level, bounds, because });

    for (const one of unnamed) {
      const without = whatIf(rules, facts, { ceilings: Object.fromEntries([one]) });
      assert.deepEqual(outcome(without), outcome(decision));
    }
    const withoutAll = whatIf(rules, facts, { ceilings: Object.fromEntries(unnamed), withoutGrants: otherGrants });
    assert.equal(withoutAll.level, decision.level);
    assert.deepEqual(withoutAll.bounds, decision.bounds);
    return unnamed.length > 0 ? 'with rules to remove' : 'all rules named';
  });
});

test('every rule named for the level is needed: with all the others open, it alone still holds the answer down', (t) => {
  holds(t, aCase, ({ rules, facts }) => {
    const decision = decide(rules, facts);
    for (const reason of decision.because) {
      if (reason.kind !== 'ceiling') continue;
      const others = rules.ceilings.filter(({ name }) => name !== reason.name).map(({ name }) => [name, null]);
      const full: GrantFact<Level> = {
        id: 'full',
        level: 'full',
        path: 'direct',
        subject: { kind: 'account', id: 'x' },
      };
      const alone = whatIf(rules, facts, { ceilings: Object.fromEntries(others), grants: [full] });
      assert.equal(alone.level, decision.level);
    }
    return decision.because[0]!.kind;
  });
});

test('beyond 3.2.2: the smallest change flips the answer when it is made, and says so when none does', (t) => {
  const counts = holds(
    t,
    fc
      .tuple(aCase, fc.constantFrom<Level>('busy-only', 'limited', 'full'))
      .filter(([{ rules, facts }, wanted]) => !atLeast(decide(rules, facts), wanted)),
    ([{ rules, facts }, wanted]) => {
      // The sandbox: the settings named are set to the values named, missing grants given, and the question asked anew.
      const apply = (changes: readonly Change<Level>[]): Facts => {
        const settings = [...facts.settings];
        const grants = [...facts.grants];
        for (const change of changes) {
          if (change.kind === 'ceiling') settings[Number(change.setting.name)] = change.value as number;
          else grants.push({ id: 'new', level: change.to, path: 'direct', subject: { kind: 'account', id: 'bob' } });
        }
        return { settings, grants };
      };
      const found = smallestChange(rules, facts, wanted, apply);
      if (found.none) {
        assert.ok(found.because.length > 0);
        return 'labelled as not to be changed';
      }
      assert.ok(found.changes.length > 0);
      assert.ok(atLeast(decide(rules, apply(found.changes)), wanted));
      return found.single ? 'flipped by one' : 'flipped by several, labelled as no single change';
    },
    20_261_121,
  );
  assert.ok((counts['labelled as not to be changed'] ?? 0) <= CASES / 100);
  assert.ok(counts['flipped by one']! > CASES / 10);
});

test('no change is left out of the smallest change that could be: each one is needed', (t) => {
  holds(t, aCase, ({ rules, facts }) => {
    const found = smallestChange(rules, facts, 'full');
    if (found.none) return 'none';
    for (const skipped of found.changes) {
      const raised = found.changes.filter((change) => change !== skipped && change.kind === 'ceiling');
      const given = found.changes.some((change) => change !== skipped && change.kind === 'grant');
      const without = whatIf(rules, facts, {
        ceilings: Object.fromEntries(raised.map((change) => [(change as { rule: string }).rule, 'full'])),
        grants: given ? [{ id: 'new', level: 'full', path: 'direct', subject: { kind: 'account', id: 'bob' } }] : [],
      });
      assert.notEqual(without.level, 'full');
    }
    return `${Math.min(found.changes.length, 3)} changes${found.changes.length > 2 ? ' or more' : ''}`;
  });
});

test('the order of ceilings and grants never matters', (t) => {
  const shuffled = aCase.chain((one) =>
    fc.tuple(
      fc.constant(one),
      fc.shuffledSubarray([...one.rules.ceilings], { minLength: one.rules.ceilings.length }),
      fc.shuffledSubarray([...one.facts.grants], { minLength: one.facts.grants.length }),
    ),
  );
  holds(t, shuffled, ([{ rules, facts }, ceilings, grants]) => {
    const before = decide(rules, facts);
    const after = decide(asked(ceilings), { ...facts, grants });
    assert.equal(after.level, before.level);
    assert.deepEqual(after.bounds, before.bounds);
    assert.deepEqual(namedRules(after), namedRules(before));
    return before.level;
  });
});

test('a bound is the lowest of all, with every rule at it named, and a refusal bounds nothing', (t) => {
  holds(t, aCase, ({ rules, facts }) => {
    const { level, bounds, because } = decide(rules, facts);
    if (level === 'none') {
      assert.deepEqual(bounds, {});
      return 'refused';
    }
    const all = rules.ceilings.flatMap((one) =>
      Object.entries(one.bound?.(facts) ?? {}).map(([bound, value]) => ({ name: one.name, bound, value: value! })),
    );
    for (const { bound } of all) {
      assert.equal(bounds[bound], Math.min(...all.filter((other) => other.bound === bound).map(({ value }) => value)));
    }
    assert.deepEqual(
      because.filter((reason) => reason.kind === 'bound').map(({ name, bound, value }) => ({ name, bound, value })),
      all.filter(({ bound, value }) => value === bounds[bound]),
    );
    return all.length > 0 ? 'bounded' : 'unbounded';
  });
});

test('a rule that breaks counts as the lowest level and is reported, whatever the others say', (t) => {
  const breakages: Record<string, Partial<Ceiling<Facts, Level>>> = {
    throws: {
      permits: () => {
        throw new TypeError('no such fact');
      },
    },
    'throws no error': {
      permits: () => {
        throw 'no such fact';
      },
    },
    'permits an unknown level': { permits: () => 'everything' as Level },
    'permits nothing sayable': { permits: () => undefined as never },
    'permits a promise': { permits: () => Promise.resolve('full') as never },
    'bounds by no number': { permits: () => 'full', bound: () => ({ sizeBytes: Number.NaN }) },
    'throws on its bound': {
      permits: () => 'full',
      bound: () => {
        throw new TypeError('no such fact');
      },
    },
  };
  const broken = fc.tuple(aCase, fc.constantFrom(...Object.keys(breakages)), fc.nat());
  holds(t, broken, ([{ rules, facts }, how, at]) => {
    const bad: Ceiling<Facts, Level> = {
      name: 'broken',
      sentence: 'A rule that breaks.',
      permits: () => true,
      setting: () => ({ tenantId: 't0', module: 'calendars', scope: 'fixed', name: 'broken' }),
      remedy: 'nobody',
      ...breakages[how],
    };
    const decision = decide(asked(rules.ceilings.toSpliced(at % (rules.ceilings.length + 1), 0, bad)), facts);
    assert.equal(decision.level, 'none');
    const reason = decision.because.find((one) => one.kind === 'ceiling' && one.name === 'broken');
    assert.ok(reason?.kind === 'ceiling' && reason.failure);
    assert.equal(reason.remedy, 'operator');
    return how;
  });
});

test('an explanation gives the decision, every rule at its level, and marks exactly what was named', (t) => {
  holds(t, aCase, ({ rules, facts }) => {
    const decision = decide(rules, facts);
    const { sentence, rules: shown, grants, smallestChange: change, ...same } = explain(rules, facts);
    assert.deepEqual(same, decision);
    assert.equal(sentence, rules.sentence);
    const named = namedRules(decision);
    assert.deepEqual(
      shown.map(({ name, level, decided }) => ({ name, level: rank(level), decided })),
      rules.ceilings.map((one) => ({
        name: one.name,
        level: highestPermitted(one, facts),
        decided: named.has(one.name),
      })),
    );
    assert.equal(grants.length, facts.grants.length);
    assert.equal(grants.filter(({ decided }) => decided).length, decision.level === 'none' ? 0 : 1);
    assert.equal(!change.none && change.changes.length === 0, decision.level === 'full');
    return decision.level;
  });
});
