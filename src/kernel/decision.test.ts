import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, ceiling, decide, explain, type GrantFact, question, smallestChange, whatIf } from './decision.ts';

type Level = 'none' | 'view' | 'edit';
interface Facts {
  licensed: boolean;
  capability: Level;
  grants: GrantFact<Level>[];
}
const grant = (id: string, level: Level): GrantFact<Level> => ({
  id,
  level,
  path: 'direct',
  subject: { kind: 'account', id: 'bob' },
});
const serviceIsLicensed = ceiling('files.licensed', 'The person holds a licence for files.', (f: Facts) => f.licensed, {
  setting: (f) => ({ tenantId: 'fabrikam', module: 'tenants', scope: 'tenant', name: 'files', value: f.licensed }),
  remedy: 'administrator',
});
const sharingCapability = ceiling('files.capability', 'The site shares outside.', (f: Facts) => f.capability, {
  setting: (f) => ({
    tenantId: 'fabrikam',
    module: 'files',
    scope: 'container',
    target: 'site1',
    name: 'sharingCapability',
    value: f.capability,
  }),
  remedy: 'owner',
  flip: (_, wanted) => wanted,
});
const reach = question({
  name: 'files.item.reach',
  sentence: 'May this person open or edit this item?',
  levels: ['none', 'view', 'edit'],
  facts: (facts: Facts) => facts,
  ceilings: [serviceIsLicensed, sharingCapability],
  grants: (f) => f.grants,
});

test('without a grant the answer is denial, however high the ceilings', () => {
  const decision = decide(reach, { licensed: true, capability: 'edit', grants: [] });
  assert.deepEqual(decision, {
    question: 'files.item.reach',
    level: 'none',
    levels: ['none', 'view', 'edit'],
    because: [{ kind: 'no-grant', remedy: 'owner' }],
    bounds: {},
  });
});

test('a grant raises the answer up to the lowest ceiling, and both are named', () => {
  const facts: Facts = { licensed: true, capability: 'view', grants: [grant('g1', 'view'), grant('g7', 'edit')] };
  const decision = decide(reach, facts);
  assert.equal(decision.level, 'view');
  assert.deepEqual(
    decision.because.map((reason) =>
      reason.kind === 'grant' ? reason.grantId : reason.kind === 'ceiling' && reason.name,
    ),
    ['files.capability', 'g7'],
  );
  assert.ok(atLeast(decision, 'view') && !atLeast(decision, 'edit'));
  assert.deepEqual(smallestChange(reach, facts, 'edit'), {
    none: false,
    single: true,
    changes: [
      {
        kind: 'ceiling',
        rule: 'files.capability',
        setting: sharingCapability.setting(facts),
        remedy: 'owner',
        to: 'edit',
        value: 'edit',
      },
    ],
  });
  assert.equal(whatIf(reach, facts, { ceilings: { 'files.capability': null } }).level, 'edit');
  assert.equal(explain(reach, facts).rules.filter((rule) => rule.decided).length, 1);
});

const address = (name: string) => () => ({ tenantId: 'fabrikam', module: 'files', scope: 'tenant' as const, name });
const asking = (parts: Partial<Parameters<typeof question<unknown, Facts, Level>>[0]>) =>
  question<unknown, Facts, Level>({
    name: 'files.item.reach',
    sentence: 'May this person open or edit this item?',
    levels: ['none', 'view', 'edit'],
    facts: () => open,
    ceilings: [],
    grants: (facts) => facts.grants,
    ...parts,
  });
const open: Facts = { licensed: true, capability: 'edit', grants: [grant('g1', 'edit')] };
const closed = ceiling('files.legal-hold', 'Nothing on hold is opened.', (_: Facts) => false, {
  setting: address('hold'),
  remedy: 'nobody',
});

test('an answer that nothing holds down names the grant that it stands on', () => {
  assert.deepEqual(decide(reach, open).because, [
    { kind: 'grant', grantId: 'g1', level: 'edit', path: 'direct', subject: { kind: 'account', id: 'bob' } },
  ]);
});

test('grants that cannot be read raise nothing, and the operator is told', () => {
  const broken = asking({
    grants: function* () {
      yield grant('g1', 'edit');
      throw new Error('connection lost');
    },
  });
  const wanted = { kind: 'no-grant', remedy: 'operator', failure: 'connection lost' } as const;
  // The first grant is of the highest level, so the rest is never read.
  assert.equal(decide(broken, open).level, 'edit');
  const late = asking({
    grants: function* () {
      yield grant('g1', 'view');
      throw new Error('connection lost');
    },
  });
  assert.deepEqual(decide(late, open).because, [wanted]);
  assert.deepEqual(explain(late, open).grants, []);
  assert.deepEqual(smallestChange(late, open, 'view'), { none: true, because: [wanted] });
});

test('a grant of an unknown level raises nothing', () => {
  assert.equal(decide(reach, { ...open, grants: [grant('g1', 'everything' as Level)] }).level, 'none');
});

test('a rule that cannot say where its setting stands still decides', () => {
  const lost = ceiling('files.lost', 'A rule.', (_: Facts) => 'view' as const, {
    setting: () => {
      throw new Error('no such place');
    },
    remedy: 'administrator',
  });
  const [reason] = decide(asking({ ceilings: [lost] }), open).because;
  assert.ok(reason?.kind === 'ceiling' && reason.level === 'view');
  assert.deepEqual(reason.setting, { tenantId: '', module: '', scope: 'fixed', name: 'files.lost' });
});

test('a rule that nobody can raise leaves no smallest change, and is named', () => {
  const found = smallestChange(
    asking({ ceilings: [closed, sharingCapability] }),
    { ...open, capability: 'none' },
    'view',
  );
  assert.ok(found.none);
  assert.deepEqual(
    found.because.map((reason) => reason.kind === 'ceiling' && reason.name),
    ['files.legal-hold'],
  );
  const ungrantable = asking({ grantedBy: 'nobody' });
  assert.ok(smallestChange(ungrantable, { ...open, grants: [] }, 'view').none);
});

test('two rules that read one setting need a single change; a rule and a missing grant need two', () => {
  const again = { ...sharingCapability, name: 'files.capability-again' };
  const twice = smallestChange(
    asking({ ceilings: [sharingCapability, again] }),
    { ...open, capability: 'none' },
    'edit',
  );
  assert.ok(!twice.none && twice.single && twice.changes.length === 2);
  const both = smallestChange(reach, { ...open, capability: 'none', grants: [] }, 'edit');
  assert.ok(!both.none && !both.single);
  assert.deepEqual(
    both.changes.map((change) => change.kind),
    ['ceiling', 'grant'],
  );
});

test('an answer that already reaches what is wanted needs no change', () => {
  assert.deepEqual(smallestChange(reach, open, 'edit'), { none: false, single: true, changes: [] });
  assert.deepEqual(smallestChange(asking({ ceilings: [closed] }), open, 'none'), {
    none: false,
    single: true,
    changes: [],
  });
});

test('a bound that is left out bounds nothing, and the lowest of the rest wins with its rule named', () => {
  const bounding = (name: string, lifetimeSeconds: number | undefined) =>
    ceiling(name, 'A link lives no longer.', (_: Facts) => true, {
      setting: address(name),
      remedy: 'administrator',
      bound: () => ({ lifetimeSeconds }),
    });
  const decision = decide(asking({ ceilings: [bounding('a', 60), bounding('b', 30), bounding('c', undefined)] }), open);
  assert.deepEqual(decision.bounds, { lifetimeSeconds: 30 });
  assert.deepEqual(
    decision.because.map((reason) => reason.kind === 'bound' && reason.name),
    [false, 'b'],
  );
});

test('an unknown level or rule is refused, never taken as permission', () => {
  const decision = decide(reach, open);
  assert.throws(() => atLeast(decision, 'everything' as Level), RangeError);
  assert.throws(() => smallestChange(reach, open, 'everything' as Level), RangeError);
  assert.throws(() => whatIf(reach, open, { ceilings: { 'files.capabilty': null } }), /has no rule files.capabilty/);
});

test('a supposed level, a taken grant and a given grant each change the answer', () => {
  assert.equal(whatIf(reach, open, { ceilings: { 'files.licensed': 'view' } }).level, 'view');
  assert.equal(whatIf(reach, open, { withoutGrants: ['g1'] }).level, 'none');
  assert.equal(whatIf(reach, { ...open, grants: [] }, { grants: [grant('g2', 'view')] }).level, 'view');
  assert.equal(decide(reach, open).level, 'edit');
});

test('a question whose levels or rules repeat, or that has one level, cannot be declared', () => {
  assert.throws(() => asking({ levels: ['none'] }), RangeError);
  assert.throws(() => asking({ levels: ['none', 'view', 'none'] }), RangeError);
  assert.throws(() => asking({ ceilings: [closed, closed] }), RangeError);
});
