import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Cast, startCast } from '../../../tests/support/cast.ts';
import { listGrants, putGrant } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { GRANTS } from '../grants.ts';
import { changeAccountFields, endSessions } from './change-account.ts';
import { createAccount } from './create-account.ts';
import { deleteAccount, purgeDeletedAccounts, restoreAccount } from './delete-account.ts';
import { createGroup, deleteGroup, purgeGroup, restoreGroup } from './groups.ts';
import { loadActorFacts } from './load-actor-facts.ts';
import { addMember, readGroupsOf, readMembers, removeMember } from './members.ts';
import { giveRole, takeRole } from './roles.ts';
import { subjectsOf } from './subjects.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

let made = 0;
const aGroup = (ctx: Context, extra: object = {}) => {
  made += 1;
  return createGroup(ctx, { kind: 'security', displayName: `Group ${made}`, mailNickname: `group${made}`, ...extra });
};
const aPerson = (ctx: Context, extra: object = {}) => {
  made += 1;
  const address = `person${made}@fabrikam.example`;
  return createAccount(ctx, { userPrincipalName: address, displayName: `Person ${made}`, mail: address, ...extra });
};

test('a person acts as each group they are in, also through other groups', async () => {
  const { fabrikam } = cast;
  const [inner, middle, outer, subjects, members] = await fabrikam.ann(async (ctx) => {
    const groups = [await aGroup(ctx), await aGroup(ctx), await aGroup(ctx)] as const;
    await addMember(ctx, groups[2].id, { id: groups[1].id });
    await addMember(ctx, groups[1].id, { id: groups[0].id });
    await addMember(ctx, groups[0].id, { id: fabrikam.andersId });
    return [
      ...groups,
      await subjectsOf(ctx, fabrikam.andersId),
      await readMembers(ctx, groups[2].id, { transitive: true }),
    ] as const;
  });
  assert.deepEqual(
    new Set(subjects.filter(({ kind }) => kind === 'group').map(({ id }) => id)),
    new Set([inner.id, middle.id, outer.id]),
  );
  assert.deepEqual(new Set(members.map(({ id }) => id)), new Set([inner.id, middle.id, fabrikam.andersId]));
});

test('a group is no member of itself, not even through others', async () => {
  await cast.fabrikam.ann(async (ctx) => {
    const upper = await aGroup(ctx);
    const lower = await aGroup(ctx);
    await addMember(ctx, upper.id, { id: lower.id });
    await assert.rejects(addMember(ctx, lower.id, { id: upper.id }), { code: 'directory.membership-cycle' });
    await assert.rejects(addMember(ctx, lower.id, { id: lower.id }), { code: 'directory.membership-cycle' });
  });
});

test('two groups made members of each other at once: one is refused', async () => {
  const { fabrikam } = cast;
  const [a, b] = await fabrikam.ann(async (ctx) => [await aGroup(ctx), await aGroup(ctx)] as const);
  const results = await Promise.allSettled([
    fabrikam.ann((ctx) => addMember(ctx, a.id, { id: b.id })),
    fabrikam.ann((ctx) => addMember(ctx, b.id, { id: a.id })),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('a member twice is refused, and a member that is none cannot be taken out', async () => {
  const { fabrikam } = cast;
  const group = await fabrikam.ann((ctx) => aGroup(ctx));
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId }));
  await assert.rejects(
    fabrikam.ann((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId })),
    { code: 'directory.already-member' },
  );
  await assert.rejects(
    fabrikam.ann((ctx) => removeMember(ctx, group.id, fabrikam.annId)),
    { code: 'request.not-found' },
  );
});

test("XC-10: another tenant's group and person are not found", async () => {
  const { fabrikam, contoso } = cast;
  const group = await contoso.carla((ctx) => aGroup(ctx));
  const own = await fabrikam.ann((ctx) => aGroup(ctx));
  const code = 'request.not-found';
  await assert.rejects(
    fabrikam.ann((ctx) => readMembers(ctx, group.id)),
    { code },
  );
  await assert.rejects(
    fabrikam.ann((ctx) => addMember(ctx, own.id, { id: contoso.bobId })),
    { code },
  );
  await assert.rejects(
    fabrikam.ann((ctx) => changeAccountFields(ctx, contoso.bobId, { jobTitle: 'Ours' })),
    { code },
  );
});

test('only an owner or administrator changes who is in a group; its members may leave', async () => {
  const { fabrikam } = cast;
  const group = await fabrikam.ann((ctx) => aGroup(ctx));
  await assert.rejects(
    fabrikam.anders((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId })),
    { code: 'access.refused' },
  );
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId }));
  await assert.rejects(
    fabrikam.anders((ctx) => addMember(ctx, group.id, { id: fabrikam.annId })),
    { code: 'access.refused' },
  );
  await fabrikam.anders((ctx) => removeMember(ctx, group.id, fabrikam.andersId));
  assert.deepEqual(await fabrikam.ann((ctx) => readMembers(ctx, group.id)), []);
});

test('hidden membership is told to its members and to who manages the group', async () => {
  const { fabrikam } = cast;
  const group = await fabrikam.ann((ctx) => aGroup(ctx, { visibility: 'HiddenMembership' }));
  await assert.rejects(
    fabrikam.anders((ctx) => readMembers(ctx, group.id)),
    { code: 'access.refused' },
  );
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId }));
  assert.equal((await fabrikam.anders((ctx) => readMembers(ctx, group.id))).length, 1);
});

test('hidden membership is told neither through an outer group nor from the side of the member', async () => {
  const { fabrikam } = cast;
  const [hidden, outer] = await fabrikam.ann(async (ctx) => {
    const groups = [await aGroup(ctx, { visibility: 'HiddenMembership' }), await aGroup(ctx)] as const;
    await addMember(ctx, groups[0].id, { id: fabrikam.annId });
    await addMember(ctx, groups[1].id, { id: groups[0].id });
    return groups;
  });
  const transitive = { transitive: true };
  const seenBy = async (as: typeof fabrikam.ann) => (await as((ctx) => readMembers(ctx, outer.id, transitive))).length;
  assert.equal(await seenBy(fabrikam.ann), 2);
  assert.equal(await seenBy(fabrikam.anders), 1);
  const groups = await fabrikam.anders((ctx) => readGroupsOf(ctx, fabrikam.annId));
  assert.ok(!groups.ids.includes(hidden.id));
  const own = await fabrikam.ann((ctx) => readGroupsOf(ctx, fabrikam.annId));
  assert.ok(own.ids.includes(hidden.id));
});

test('a deleted group is brought back and removed for good only by who manages groups', async () => {
  const { fabrikam } = cast;
  const group = await fabrikam.anders((ctx) => aGroup(ctx));
  await fabrikam.anders((ctx) => deleteGroup(ctx, group.id));
  const code = 'access.refused';
  await assert.rejects(
    fabrikam.anders((ctx) => purgeGroup(ctx, group.id)),
    { code },
  );
  await assert.rejects(
    fabrikam.anders((ctx) => restoreGroup(ctx, group.id)),
    { code },
  );
  await fabrikam.ann((ctx) => purgeGroup(ctx, group.id));
  await assert.rejects(
    fabrikam.ann((ctx) => restoreGroup(ctx, group.id)),
    { code: 'request.not-found' },
  );
});

test('IS-10: a user administrator does not bring an administrative role back by restoring its holder', async () => {
  const { fabrikam } = cast;
  const [ursula, auditor] = await fabrikam.ann(async (ctx) => {
    const people = [await aPerson(ctx), await aPerson(ctx)] as const;
    await giveRole(ctx, { role: 'user-administrator', holderId: people[0].id });
    await giveRole(ctx, { role: 'auditor', holderId: people[1].id });
    await deleteAccount(ctx, people[1].id);
    return people;
  });
  await assert.rejects(
    fabrikam.as(ursula.id)((ctx) => restoreAccount(ctx, auditor.id)),
    { code: 'access.refused' },
  );
  await fabrikam.ann((ctx) => restoreAccount(ctx, auditor.id));
});

test('IS-11: the last global administrator is not disabled, deleted or stripped of the role', async () => {
  const { contoso } = cast;
  const code = 'directory.last-administrator';
  await assert.rejects(
    contoso.carla((ctx) => changeAccountFields(ctx, contoso.carlaId, { accountEnabled: false })),
    { code },
  );
  await assert.rejects(
    contoso.carla((ctx) => deleteAccount(ctx, contoso.carlaId)),
    { code },
  );
  await assert.rejects(
    contoso.carla((ctx) => takeRole(ctx, { role: 'global-administrator', holderId: contoso.carlaId })),
    { code },
  );
  // A second one who cannot sign in does not count.
  await contoso.carla((ctx) => giveRole(ctx, { role: 'global-administrator', holderId: contoso.bobId }));
  await contoso.carla((ctx) => changeAccountFields(ctx, contoso.bobId, { accountEnabled: false }));
  await assert.rejects(
    contoso.carla((ctx) => deleteAccount(ctx, contoso.carlaId)),
    { code },
  );
  await contoso.carla((ctx) => changeAccountFields(ctx, contoso.bobId, { accountEnabled: true }));
  await contoso.carla((ctx) => takeRole(ctx, { role: 'global-administrator', holderId: contoso.carlaId }));
  const facts = await contoso.asOperator((ctx) => loadActorFacts(ctx, contoso.carlaId));
  assert.deepEqual(facts?.roles, []);
  await contoso.bob((ctx) => giveRole(ctx, { role: 'global-administrator', holderId: contoso.carlaId }));
  await contoso.bob((ctx) => takeRole(ctx, { role: 'global-administrator', holderId: contoso.bobId }));
});

test('IS-11: two administrators who leave the role at once: one stays', async () => {
  const { contoso } = cast;
  await contoso.carla((ctx) => giveRole(ctx, { role: 'global-administrator', holderId: contoso.bobId }));
  const results = await Promise.allSettled(
    [contoso.carlaId, contoso.bobId].map((holderId) =>
      contoso.asOperator((ctx) => takeRole(ctx, { role: 'global-administrator', holderId })),
    ),
  );
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const holderId of [contoso.carlaId, contoso.bobId]) {
    await contoso.asOperator((ctx) => giveRole(ctx, { role: 'global-administrator', holderId }));
  }
  await contoso.asOperator((ctx) => takeRole(ctx, { role: 'global-administrator', holderId: contoso.bobId }));
});

test('IS-10: a user administrator cannot take over a global administrator, nor give themselves a role', async () => {
  const { fabrikam } = cast;
  const ursula = await fabrikam.ann(async (ctx) => {
    const account = await aPerson(ctx);
    await giveRole(ctx, { role: 'user-administrator', holderId: account.id });
    return account.id;
  });
  const code = 'access.refused';
  const asUrsula = fabrikam.as(ursula);
  await assert.rejects(
    asUrsula((ctx) => changeAccountFields(ctx, fabrikam.annId, { accountEnabled: false })),
    { code },
  );
  await assert.rejects(
    asUrsula((ctx) => endSessions(ctx, fabrikam.annId)),
    { code },
  );
  await assert.rejects(
    asUrsula((ctx) => giveRole(ctx, { role: 'global-administrator', holderId: ursula })),
    { code },
  );
  const guarded = await fabrikam.ann((ctx) => aGroup(ctx, { isAssignableToRole: true }));
  await assert.rejects(
    asUrsula((ctx) => addMember(ctx, guarded.id, { id: ursula })),
    { code },
  );
  await asUrsula((ctx) => changeAccountFields(ctx, fabrikam.andersId, { jobTitle: 'Engineer' }));
});

test('a role given to a group is held by its members while they are in it', async () => {
  const { fabrikam } = cast;
  const rolesOf = (id: AccountId) => fabrikam.ann(async (ctx) => (await loadActorFacts(ctx, id))?.roles);
  const [plain, group, person] = await fabrikam.ann(
    async (ctx) => [await aGroup(ctx), await aGroup(ctx, { isAssignableToRole: true }), await aPerson(ctx)] as const,
  );
  await assert.rejects(
    fabrikam.ann((ctx) => giveRole(ctx, { role: 'auditor', holderId: plain.id })),
    { code: 'directory.not-assignable-to-role' },
  );
  await fabrikam.ann((ctx) => giveRole(ctx, { role: 'auditor', holderId: group.id }));
  assert.deepEqual(await rolesOf(person.id), []);
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: person.id }));
  assert.deepEqual(await rolesOf(person.id), ['auditor']);
  await assert.rejects(
    fabrikam.ann((ctx) => addMember(ctx, group.id, { id: plain.id })),
    { code: 'directory.nested-role-group' },
  );
  await fabrikam.ann((ctx) => removeMember(ctx, group.id, person.id));
  assert.deepEqual(await rolesOf(person.id), []);
});

test('disabling somebody makes every session from before worthless', async () => {
  const { fabrikam, app } = cast;
  const person = await fabrikam.ann((ctx) => aPerson(ctx));
  app.clock.advance(60);
  await fabrikam.ann((ctx) => changeAccountFields(ctx, person.id, { accountEnabled: false }));
  const facts = await fabrikam.ann((ctx) => loadActorFacts(ctx, person.id));
  assert.equal(facts?.isEnabled, false);
  assert.ok(facts!.sessionsValidFrom > person.sessionsValidFrom);
});

test('a deleted person loses everything at once, and has it back when restored', async () => {
  const { fabrikam } = cast;
  const [person, group] = await fabrikam.ann(async (ctx) => [await aPerson(ctx), await aGroup(ctx)] as const);
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: person.id }));
  await fabrikam.ann((ctx) => giveRole(ctx, { role: 'auditor', holderId: person.id }));
  const grants = () => fabrikam.ann((ctx) => listGrants(ctx, { subjects: [{ kind: 'account', id: person.id }] }));
  const before = (await grants()).map(({ kind }) => kind).sort();

  await fabrikam.ann((ctx) => deleteAccount(ctx, person.id));
  assert.deepEqual(await grants(), []);
  assert.equal(await fabrikam.ann((ctx) => loadActorFacts(ctx, person.id)), undefined);

  await fabrikam.ann((ctx) => restoreAccount(ctx, person.id));
  assert.deepEqual((await grants()).map(({ kind }) => kind).sort(), before);
  assert.deepEqual((await fabrikam.ann((ctx) => loadActorFacts(ctx, person.id)))?.roles, ['auditor']);
});

test('a deleted person whose name was taken meanwhile is not restored over it', async () => {
  const { fabrikam } = cast;
  const person = await fabrikam.ann((ctx) => aPerson(ctx));
  await fabrikam.ann((ctx) => deleteAccount(ctx, person.id));
  const input = { userPrincipalName: person.userPrincipalName, displayName: 'New', mail: person.mail };
  await fabrikam.ann((ctx) => createAccount(ctx, input));
  await assert.rejects(
    fabrikam.ann((ctx) => restoreAccount(ctx, person.id)),
    { kind: 'conflict' },
  );
});

test('a deleted person can be restored on day 29 and not on day 31', async () => {
  const { fabrikam, app } = cast;
  const [early, late] = await fabrikam.ann(async (ctx) => [await aPerson(ctx), await aPerson(ctx)] as const);
  for (const { id } of [early, late]) await fabrikam.ann((ctx) => deleteAccount(ctx, id));
  app.clock.advance(29 * 86_400);
  await fabrikam.ann((ctx) => restoreAccount(ctx, early.id));
  app.clock.advance(2 * 86_400);
  await assert.rejects(
    fabrikam.ann((ctx) => restoreAccount(ctx, late.id)),
    { code: 'request.not-found' },
  );
  await app.run({ tenantId: fabrikam.id, actor: { kind: 'system', name: 'sweep' } }, purgeDeletedAccounts);
  const kept = await fabrikam.ann((ctx) => loadActorFacts(ctx, early.id));
  assert.equal(kept?.isEnabled, true);
});

test('a deleted group takes its members and rights with it, and brings them back', async () => {
  const { fabrikam } = cast;
  const [group, outer] = await fabrikam.ann(async (ctx) => [await aGroup(ctx), await aGroup(ctx)] as const);
  await fabrikam.ann((ctx) => addMember(ctx, group.id, { id: fabrikam.andersId }));
  await fabrikam.ann((ctx) => addMember(ctx, outer.id, { id: group.id }));
  const groups = async () =>
    (await fabrikam.ann((ctx) => subjectsOf(ctx, fabrikam.andersId)))
      .filter(({ id }) => id === group.id || id === outer.id)
      .map(({ id }) => id)
      .sort();
  await fabrikam.ann((ctx) => deleteGroup(ctx, group.id));
  assert.deepEqual(await groups(), []);
  await fabrikam.ann((ctx) => restoreGroup(ctx, group.id));
  assert.deepEqual(await groups(), [group.id, outer.id].sort());
});

test('a membership that has ended counts no more', async () => {
  const { fabrikam, app } = cast;
  const group = await fabrikam.ann(async (ctx) => {
    const found = await aGroup(ctx);
    await putGrant(ctx, {
      kind: GRANTS.member.kind,
      subject: { kind: 'account', id: fabrikam.andersId },
      object: { kind: 'group', id: found.id },
      level: GRANTS.member.level,
      givenBy: 'test',
      endsAt: new Date(ctx.now.getTime() + 3_600_000),
    });
    return found;
  });
  const isIn = async () =>
    (await fabrikam.ann((ctx) => subjectsOf(ctx, fabrikam.andersId))).some(({ id }) => id === group.id);
  assert.equal(await isIn(), true);
  app.clock.advance(3_601);
  assert.equal(await isIn(), false);
});

test('people change their own telephone, and not their own title', async () => {
  const { fabrikam } = cast;
  const changed = await fabrikam.anders((ctx) =>
    changeAccountFields(ctx, fabrikam.andersId, { mobilePhone: '+46 8 123 456' }),
  );
  assert.equal(changed.mobilePhone, '+46 8 123 456');
  await assert.rejects(
    fabrikam.anders((ctx) => changeAccountFields(ctx, fabrikam.andersId, { jobTitle: 'Director' })),
    { code: 'access.refused' },
  );
});
