import { expect, test } from 'vitest';
import { type AccessDraft, gapsIn, isId, printDraft, readLines, readSetting } from './access-draft.ts';

const BOB = '00000000-0000-4000-8000-0000000000b0';
const FALCON = '00000000-0000-4000-8000-0000000000f0';

const NAMED = { users: [BOB], groups: [FALCON] };
const DRAFTS: readonly AccessDraft[] = [
  { people: 'everybody', users: [], groups: [], applications: 'all', named: [] },
  { people: 'everybody', users: [], groups: [], applications: 'others', named: ['payroll'] },
  { people: 'named', ...NAMED, applications: 'own', named: [] },
  { people: 'named', ...NAMED, applications: 'named', named: ['payroll', 'travel'] },
  { people: 'others', ...NAMED, applications: 'all', named: [] },
  { people: 'others', ...NAMED, applications: 'others', named: ['payroll'] },
];

test('a setting is read as it was written, in every combination', () => {
  for (const draft of DRAFTS) expect(readSetting(printDraft(draft))).toEqual(draft);
});

test('nobody means no application either, whatever the form said of them (CT-6)', () => {
  const nobody: AccessDraft = { people: 'nobody', ...NAMED, applications: 'named', named: ['payroll'] };
  const setting = printDraft(nobody);
  expect(setting.usersAndGroups).toEqual({
    accessType: 'blocked',
    targets: [{ target: 'AllUsers', targetType: 'user' }],
  });
  expect(setting.applications).toEqual({
    accessType: 'blocked',
    targets: [{ target: 'AllApplications', targetType: 'application' }],
  });
  expect(readSetting(setting).people).toBe('nobody');
  expect(gapsIn(nobody)).toEqual([]);
});

test('naming without a name is a gap', () => {
  const empty: AccessDraft = { people: 'named', users: [], groups: [], applications: 'others', named: [] };
  expect(gapsIn(empty)).toEqual(['people', 'applications']);
  for (const draft of DRAFTS) expect(gapsIn(draft)).toEqual([]);
});

test('ids are read line by line, and the first that is none is told', () => {
  expect(readLines(`${BOB.toUpperCase()}\n\n ${BOB} `, isId)).toEqual({ ids: [BOB], badLine: undefined });
  expect(readLines(`${BOB}\n\nbob@contoso.example`, isId).badLine).toBe(3);
});
