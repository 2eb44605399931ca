import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessPorts } from '../../src/app/access-ports.ts';
import { addMember } from '../../src/directory/usecases/members.ts';
import type { GroupId } from '../../src/kernel/ids.ts';
import { ROLES } from '../../src/kernel/roles.ts';
import { BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { bodyOf } from '../support/bodies.ts';
import { filled, nameOf, type Objects } from '../support/paths.ts';
import type { Api } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let objects: Objects;
let anders: Api;

before(async () => {
  world = await startWorld();
  objects = world.objects.fabrikam;
  anders = world.api(world.fabrikam.anders);
});
after(() => world.app.close());

const explain = async (question: string, subjectId: string, input?: unknown) => {
  const body = { question, subjectId, ...(input === undefined ? {} : { input }) };
  const { status, body: explained } = await world.ann('POST', '/admin/explain', body);
  assert.equal(status, 200, JSON.stringify(explained));
  return explained;
};

test('beyond 3.2: an explanation names the rule, where it is set and who can change it', async () => {
  const policy = '/v1.0/policies/authorizationPolicy';
  assert.ok((await world.ann('PATCH', policy, { allowInvitesFrom: 'adminsAndGuestInviters' })).status < 300);
  const stranger = { domain: 'elsewhere.example', homeTenantId: null };
  const bare = await plainMember();
  const { explanation, personSees } = await explain('directory.guests.invite', bare, stranger);
  assert.equal(explanation.level, 'none');
  const [reason] = explanation.because;
  assert.deepEqual(
    [reason.kind, reason.name, reason.remedy],
    ['ceiling', 'directory.allow-invites-from', 'administrator'],
  );
  assert.deepEqual(
    [reason.setting.module, reason.setting.name, reason.setting.value],
    ['directory', 'allowInvitesFrom', 'adminsAndGuestInviters'],
  );
  assert.equal(explanation.smallestChange.none, false);
  assert.equal(explanation.smallestChange.changes[0].value, 'everyone');
  assert.equal(personSees.sentence, 'You do not have access to do this.');

  assert.ok((await world.ann('PATCH', policy, { allowInvitesFrom: 'everyone' })).status < 300);
  const now = await explain('directory.guests.invite', bare, stranger);
  assert.equal(now.explanation.level, 'invite', 'the proposed change, applied, flips the answer');
  assert.equal(now.personSees, null);
});

/** Somebody of Fabrikam without any right. */
async function plainMember(): Promise<string> {
  const name = `plain${Math.random().toString(36).slice(2)}`;
  const made = await world.ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@fabrikam.example`,
    passwordProfile: { password: 'green apples ripen slowly' },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

test('a refusal can be opened by its id, and tells the refused person no rule, no setting and no name', async () => {
  const refused = await anders('GET', '/admin/ledger');
  assert.equal(refused.status, 403);
  const { decisionId } = refused.body;
  const opened = await world.ann('GET', `/admin/decisions/${decisionId}`);
  assert.equal(opened.status, 200);
  assert.equal(opened.body.refusal.question, 'access.ledger.manage');
  assert.equal(opened.body.refusal.actor.id, world.fabrikam.anders.id);
  assert.equal(opened.body.now.explanation.level, 'none');

  const notice = await anders('GET', `/me/decisions/${decisionId}`);
  assert.equal(notice.status, 200);
  assert.deepEqual(Object.keys(notice.body).sort(), ['askWhom', 'canAsk', 'reference', 'refusedBy', 'sentence']);
  assert.equal(notice.body.reference, decisionId.slice(-8).toUpperCase());
  const text = JSON.stringify(notice.body);
  for (const told of ['access.ledger', 'role', 'setting', 'Group of', 'fabrikam', 'Ann'])
    assert.ok(!text.includes(told), `the notice says "${told}"`);
  assert.equal((await world.ann('GET', `/me/decisions/${decisionId}`)).status, 404, 'nobody else sees the notice');
  assert.equal((await world.carla('GET', `/admin/decisions/${decisionId}`)).status, 404, 'nor opens it elsewhere');
});

test('beyond 3.2: a rule of another organisation shows neither in an explanation nor in a notice', async () => {
  // Contoso lets nobody out to Fabrikam: its own administrator sees the rule, Fabrikam's sees none of it.
  const path = '/admin/settings/partners.partner-access';
  const target = world.fabrikam.id;
  const set = await world.carla('PATCH', path, { target, values: { b2bCollaborationOutbound: BLOCK_ALL } });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  const input = { tenantId: world.fabrikam.id };
  const asked = { question: 'partners.people.go-out', subjectId: world.contoso.bob.id, input };
  const atHome = await world.carla('POST', '/admin/explain', asked);
  assert.equal(atHome.body.explanation.level, 'none');
  assert.match(JSON.stringify(atHome.body.explanation), /b2bCollaborationOutbound/);
  const elsewhere = await world.ann('POST', '/admin/explain', { question: 'partners.people.go-out', input });
  assert.doesNotMatch(JSON.stringify(elsewhere.body), new RegExp(`${world.contoso.id}|blocked`));
});

test('the ledger tells what a guest has, also through groups, and who outside can reach a thing', async () => {
  const guest = objects.guest;
  const outer = await world.inside(world.fabrikam.id, async (ctx) => {
    await addMember(ctx, objects.group as GroupId, { kind: 'account', id: guest });
    return objects.group;
  });
  const made = await world.ann('POST', '/v1.0/groups', {
    displayName: 'Outer group',
    mailNickname: 'outer',
    mailEnabled: false,
    securityEnabled: true,
  });
  const nested = made.body.id as string;
  await world.inside(world.fabrikam.id, (ctx) => addMember(ctx, nested as GroupId, { kind: 'group', id: outer }));

  const held = (await world.ann('GET', `/admin/ledger?accountId=${guest}`)).body.value;
  const direct = held.find((row: { object: { id: string } }) => row.object.id === outer);
  assert.deepEqual([direct.title, direct.through, direct.homeDomain], ['Member of group', null, 'tailspin.example']);
  const through = held.find((row: { object: { id: string } }) => row.object.id === nested);
  assert.deepEqual([through.object.displayName, through.through], ['Outer group', 'Group of fabrikam.example']);

  const outside = (await world.ann('GET', `/admin/ledger?outside=true&objectKind=group&objectId=${outer}`)).body.value;
  assert.deepEqual(
    outside.map((row: { subject: { id: string } }) => row.subject.id),
    [guest],
  );

  const ended = await world.ann('DELETE', `/admin/ledger/${direct.id}`);
  assert.equal(ended.status, 204, JSON.stringify(ended.body));
  assert.deepEqual((await world.ann('GET', `/admin/ledger?accountId=${guest}`)).body.value, [], 'and what stood on it');
  const events = (await world.ann('GET', `/admin/audit/events?targetId=${guest}&limit=5`)).body.value;
  assert.equal(events[0].action, 'directory.group-member-removed', 'the end of a right is in the audit');
});

/** What the defaults let every member do: ask for notifications of their own, invite, look up, make a group. */
const EVERY_MEMBERS = new Set([
  '/v1.0/directoryObjects/getByIds',
  '/v1.0/groups',
  '/v1.0/invitations',
  '/v1.0/subscriptions',
  '/v1.0/subscriptions/:id',
  '/v1.0/users/:id/calendar/getSchedule',
  '/v1.0/users/:id/getMailTips',
]);

/** Trying, checking and standing for what was read are for who reads. */
const CHANGES_NOTHING = new Set([
  'POST /admin/partners/access/what-if',
  'POST /admin/partners/agreements/:id/verify',
  'POST /admin/ledger/sign-offs',
]);

test('IS-10: an auditor reads the whole ledger and audit, and writes nothing on any route', async () => {
  const id = await plainMember();
  const templateId = ROLES.find(({ name }) => name === 'auditor')?.templateId;
  const given = await world.ann('POST', `/v1.0/directoryRoles/${templateId}/members/$ref`, {
    '@odata.id': `${world.app.origin}/v1.0/directoryObjects/${id}`,
  });
  assert.equal(given.status, 204, JSON.stringify(given.body));
  const auditor = world.api({ id: id as never, tenantId: world.fabrikam.id, userPrincipalName: '' });

  const readable = world.app.routes.filter(
    (route) =>
      route.method === 'GET' && /^\/admin\/(audit|ledger|decisions|questions)|^\/v1.0\/auditLogs/.test(route.path),
  );
  assert.ok(readable.length >= 8);
  for (const route of readable) {
    const answer = await auditor('GET', filled(route.path, objects));
    // Sign-ins are the security reader's; everything of the ledger and the audit is the auditor's.
    assert.equal(answer.status, 200, `${nameOf(route)} answers ${answer.status}`);
  }

  const before = await world.ann('GET', '/admin/audit/events?refusals=false&limit=1');
  // What is one's own is changed by oneself, whatever one's role.
  const mine = /^\/(v1\.0\/)?me(\/|$)/;
  const written: string[] = [];
  for (const route of world.app.routes) {
    if (route.method === 'GET' || typeof route.access === 'object' || mine.test(route.path)) continue;
    if (CHANGES_NOTHING.has(nameOf(route))) continue;
    if (route.transaction === 'read' || EVERY_MEMBERS.has(route.path)) continue;
    const body = bodyOf(route, () => objects.account, objects);
    const answer = await auditor(route.method, filled(route.path, objects), body);
    // 409: it could not be, whoever asks.
    if (![400, 403, 404, 409].includes(answer.status)) written.push(`${nameOf(route)} answers ${answer.status}`);
  }
  assert.deepEqual(written, []);
  const after = await world.ann('GET', '/admin/audit/events?refusals=false&limit=1');
  assert.equal(after.body.value[0].id, before.body.value[0].id, 'nothing happened');
});

test('the explainer asks as the person themselves would', async () => {
  const actor = await world.inside(world.fabrikam.id, (ctx) => accessPorts.actorOf(ctx, world.fabrikam.ann.id));
  assert.ok(actor?.kind === 'account' && actor.roles.includes('global-administrator'));
  const mighty = await explain('audit.events.read', world.fabrikam.ann.id);
  assert.equal(mighty.explanation.level, 'write');
  assert.equal(mighty.explanation.because[0].grantId, 'role:global-administrator');
});
