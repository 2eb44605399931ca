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
