import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessSetting, ALLOW_ALL, accessSetting, BLOCK_ALL, namedIn, permitsAccess } from './access-setting.ts';

const U1 = '00000000-0000-4000-8000-0000000000a1';
const U2 = '00000000-0000-4000-8000-0000000000a2';
const G1 = '00000000-0000-4000-8000-0000000000b1';
const A1 = { id: 'a1', isOwn: false };
const A2 = { id: 'a2', isOwn: false };
const OWN = { id: 'entente-web', isOwn: true };
const inG1 = { userId: U1, groupIds: [G1] };
const outside = { userId: U2, groupIds: [] };

type Access = 'allowed' | 'blocked';
const of = (people: Access, who: string, applications: Access, what: string): AccessSetting =>
  accessSetting.parse({
    usersAndGroups: {
      accessType: people,
      targets: [{ target: who, targetType: who === G1 ? 'group' : 'user' }],
    },
    applications: { accessType: applications, targets: [{ target: what, targetType: 'application' }] },
  });
/** How the four kinds of asker fare: in the group or not, with the named application or another. */
const outcome = (setting: AccessSetting) =>
  [inG1, outside].flatMap((who) => [A1, A2].map((which) => (permitsAccess(setting, who, which) ? 'y' : 'n'))).join('');

test('CT-4: the truth table, all sixteen cells', () => {
  const table: Record<string, string> = {
    'allowed allowed': 'ynnn',
    'allowed blocked': 'nynn',
    'blocked allowed': 'nnyn',
    'blocked blocked': 'nyyy',
  };
  for (const [types, expected] of Object.entries(table)) {
    const [people, applications] = types.split(' ') as [Access, Access];
    assert.equal(outcome(of(people, G1, applications, 'a1')), expected, types);
  }
});

test('CT-5: the nine documented examples', () => {
  const examples: readonly (readonly [string, AccessSetting, string])[] = [
    ['all people, all applications', ALLOW_ALL, 'yyyy'],
    ['g1, all applications', of('allowed', G1, 'allowed', 'AllApplications'), 'yynn'],
    ['all people, a1', of('allowed', 'AllUsers', 'allowed', 'a1'), 'ynyn'],
    ['g1, all but a1', of('allowed', G1, 'blocked', 'a1'), 'nynn'],
    ['all but g1, all applications', of('blocked', G1, 'allowed', 'AllApplications'), 'nnyy'],
    ['all but g1, a1', of('blocked', G1, 'allowed', 'a1'), 'nnyn'],
    ['g1, a1', of('allowed', G1, 'allowed', 'a1'), 'ynnn'],
    ['not g1 with a1', of('blocked', G1, 'blocked', 'a1'), 'nyyy'],
    ['nobody, nothing', BLOCK_ALL, 'nnnn'],
  ];
  for (const [name, setting, expected] of examples) assert.equal(outcome(setting), expected, name);
});

test('our own applications are meant by the names of the reference product for its own', () => {
  for (const name of ['Office365', 'AllMicrosoftApps']) {
    const setting = of('allowed', 'AllUsers', 'allowed', name);
    assert.equal(permitsAccess(setting, outside, OWN), true);
    assert.equal(permitsAccess(setting, outside, A1), false);
  }
});

test('CT-6: what contradicts itself is refused', () => {
  assert.throws(() => of('blocked', 'AllUsers', 'allowed', 'a1'), /Blocking all users blocks all applications/);
  assert.throws(() => of('blocked', 'AllUsers', 'blocked', 'a1'), /Blocking all users blocks all applications/);
  assert.throws(() => of('allowed', G1, 'blocked', 'AllApplications'), /at least one application/);
  const mixed = structuredClone(ALLOW_ALL) as { usersAndGroups: { targets: object[] } };
  mixed.usersAndGroups.targets.push({ target: U1, targetType: 'user' });
  assert.throws(() => accessSetting.parse(mixed), /all users, or some of them/);
  assert.throws(() => accessSetting.parse({ usersAndGroups: ALLOW_ALL.usersAndGroups }));
});

const anyOf = <T>(...values: T[]) => fc.constantFrom(...values);
const settings = fc
  .record({
    people: anyOf<Access>('allowed', 'blocked'),
    who: fc.oneof(fc.constant<string[]>(['AllUsers']), fc.uniqueArray(anyOf<string>(U1, U2, G1), { minLength: 1 })),
    applications: anyOf<Access>('allowed', 'blocked'),
    what: fc.oneof(
      fc.constant<string[]>(['AllApplications']),
      fc.uniqueArray(anyOf<string>('a1', 'a2', 'Office365', 'AllMicrosoftApps'), { minLength: 1 }),
    ),
  })
  .map(({ people, who, applications, what }) =>
    accessSetting.safeParse({
      usersAndGroups: {
        accessType: people,
        targets: who.map((target) => ({ target, targetType: target === G1 ? 'group' : 'user' })),
      },
      applications: {
        accessType: applications,
        targets: what.map((target) => ({ target, targetType: 'application' })),
      },
    }),
  )
  .filter(({ success }) => success)
  .map(({ data }) => data as AccessSetting);
const askers = fc.record({ userId: anyOf(U1, U2, null), groupIds: anyOf<string[]>([], [G1]) });
const applications = anyOf(A1, A2, OWN);

test('every setting answers as its table says, and never depends on the order or on what it does not name', () => {
  fc.assert(
    fc.property(settings, askers, applications, (setting, who, which) => {
      const { usersAndGroups, applications: apps } = setting;
      const userHit = usersAndGroups.targets.some(
        ({ target }) => target === 'AllUsers' || target === who.userId || who.groupIds.includes(target),
      );
      const appHit = apps.targets.some(
        ({ target }) =>
          target === 'AllApplications' ||
          target === which.id ||
          (which.isOwn && ['Office365', 'AllMicrosoftApps'].includes(target)),
      );
      const expected =
        usersAndGroups.accessType === 'allowed'
          ? userHit && (apps.accessType === 'allowed' ? appHit : !appHit)
          : apps.accessType === 'allowed'
            ? !userHit && appHit
            : !(userHit && appHit);
      const answer = permitsAccess(setting, who, which);
      const reversed = {
        usersAndGroups: { ...usersAndGroups, targets: usersAndGroups.targets.toReversed() },
        applications: { ...apps, targets: apps.targets.toReversed() },
      };
      const elsewhere = { ...who, groupIds: [...who.groupIds, '00000000-0000-4000-8000-0000000000ff'] };
      assert.equal(answer, expected);
      assert.equal(permitsAccess(reversed, who, which), answer);
      assert.equal(permitsAccess(setting, elsewhere, which), answer);
      // With no application chosen yet, one that is open is enough.
      if (answer) assert.equal(permitsAccess(setting, who, null), true);
    }),
    { numRuns: 5_000 },
  );
});

test('what a setting names is what must be known of a person, and no more', () => {
  fc.assert(
    fc.property(settings, askers, applications, (setting, who, which) => {
      const { users, groups } = namedIn([setting]);
      const known = {
        userId: who.userId !== null && users.includes(who.userId) ? who.userId : null,
        groupIds: who.groupIds.filter((id) => groups.includes(id)),
      };
      assert.equal(permitsAccess(setting, known, which), permitsAccess(setting, who, which));
    }),
    { numRuns: 2_000 },
  );
});
