import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROLES } from '../../src/kernel/roles.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

// Anders helps people back in, and tries to take over somebody through whom he would rise.
let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople({ settings: { demo: true } });
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
  for (const role of ['helpdesk-administrator', 'user-administrator']) await give(role, people.fabrikam.anders.id);
});
after(() => people.app.close());

async function give(role: string, principalId: string): Promise<void> {
  const roleDefinitionId = ROLES.find((one) => one.name === role)?.templateId;
  const body = { roleDefinitionId, principalId, directoryScopeId: '/' };
  const given = await ann('POST', '/v1.0/roleManagement/directory/roleAssignments', body);
  assert.equal(given.status, 201, JSON.stringify(given.body));
}

const PASSWORD = 'purple pears ripen late';

async function newPerson(name: string): Promise<string> {
  const made = await ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@fabrikam.example`,
    passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

test('somebody who owns a group with a role is as guarded as somebody who holds the role', async () => {
  const owner = await newPerson('olga');
  const reset = (id: string) => anders('POST', `/admin/accounts/${id}/reset-sign-in`, {});
  const setPassword = (id: string) =>
    anders('PATCH', `/v1.0/users/${id}`, {
      passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false },
    });
  assert.equal((await reset(owner)).status, 200);
  const group = await ann('POST', '/v1.0/groups', {
    displayName: 'Administrators',
    mailNickname: 'administrators',
    mailEnabled: false,
    securityEnabled: true,
    isAssignableToRole: true,
    'owners@odata.bind': [`https://graph.microsoft.com/v1.0/users/${owner}`],
  });
  assert.equal(group.status, 201, JSON.stringify(group.body));
  await give('global-administrator', group.body.id);
  assert.equal((await reset(owner)).status, 403);
  assert.equal((await setPassword(owner)).status, 403);
  const invited = await anders('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: 'olga@elsewhere.example',
    inviteRedirectUrl: 'https://fabrikam.example/',
    invitedUser: { id: owner },
    resetRedemption: true,
  });
  assert.equal(invited.status, 403, JSON.stringify(invited.body));
});

test('who may give no role brings nobody back into a group that carries one', async () => {
  const member = await newPerson('oscar');
  const group = await ann('POST', '/v1.0/groups', {
    displayName: 'Deputies',
    mailNickname: 'deputies',
    mailEnabled: false,
    securityEnabled: true,
    isAssignableToRole: true,
    'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${member}`],
  });
  assert.equal(group.status, 201, JSON.stringify(group.body));
  await give('global-administrator', group.body.id);
  assert.equal((await ann('DELETE', `/v1.0/users/${member}`)).status, 204);
  const restore = (as: Api) => as('POST', `/v1.0/directory/deletedItems/${member}/restore`);
  assert.equal((await restore(anders)).status, 403);
  assert.equal((await restore(ann)).status, 200);
});

test('an administrator of the organisation in which an operator has their account does not come by the server', async () => {
  const nora = await newPerson('nora');
  await give('global-administrator', nora);
  const as = people.api({
    id: nora as never,
    tenantId: people.fabrikam.id,
    userPrincipalName: 'nora@fabrikam.example',
  });
  const { id } = people.fabrikam.ann;
  const tries = [
    ['POST', `/admin/accounts/${id}/reset-sign-in`, { removeSecondFactors: true }],
    ['PATCH', `/v1.0/users/${id}`, { passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false } }],
    ['PATCH', `/v1.0/users/${id}`, { userPrincipalName: 'other@fabrikam.example' }],
    ['DELETE', `/v1.0/users/${id}`],
    [
      'POST',
      '/v1.0/invitations',
      {
        invitedUserEmailAddress: 'ann@elsewhere.example',
        inviteRedirectUrl: 'https://fabrikam.example/',
        invitedUser: { id },
        resetRedemption: true,
      },
    ],
  ] as const;
  for (const [method, path, body] of tries) {
    const answer = await as(method, path, body);
    assert.equal(answer.status, 403, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  }
  // Both what was tried and what was done is in the organisation's audit.
  const actions = async () => {
    const { body } = await ann('GET', '/admin/audit/events?limit=20');
    return body.value.map((one: { action: string; reason: string | null }) => `${one.action} ${one.reason ?? ''}`);
  };
  assert.ok((await actions()).includes('access.refused signin.credentials.reset-operator'), String(await actions()));
  // Somebody at the machine itself helps an operator back in, and another operator does.
  const machine = people.call((await readFile(join(people.app.data, 'operator.token'), 'utf8')).trim());
  const helped = await machine(
    'POST',
    `/admin/accounts/${id}/reset-sign-in`,
    {},
    { 'entente-tenant': 'fabrikam.example' },
  );
  assert.equal(helped.status, 200, JSON.stringify(helped.body));
  assert.ok((await actions()).some((action: string) => action.startsWith('signin.reset ')));
});

test('an operator changes the server only soon after signing in, and looks at it whenever signed in', async () => {
  const operator = people.api(people.fabrikam.ann);
  const { id } = people.tailspin;
  const rename = (as: Api) => as('PATCH', `/operator/tenants/${id}`, { displayName: 'Tailspin Toys' });
  assert.equal((await rename(operator)).status, 200);
  people.app.clock.advance(10 * 60 + 1);
  const refused = await rename(operator);
  assert.deepEqual([refused.status, refused.body.code], [401, 'access.sign-in-again']);
  for (const path of ['/operator/tenants', `/operator/tenants/${id}`, '/operator/usage', '/operator/health'])
    assert.equal((await operator('GET', path)).status, 200, path);
  // The server's own refusal is opened by whoever operates it, and by no organisation.
  const { decisionId } = refused.body;
  const opened = await operator('GET', `/operator/decisions/${decisionId.slice(-8)}`);
  assert.deepEqual(
    [opened.status, opened.body.refusal?.wanted, opened.body.now?.explanation.level],
    [200, 'operate', 'read'],
    JSON.stringify(opened.body),
  );
  assert.equal((await operator('GET', `/admin/decisions/${decisionId}`)).status, 404);
  assert.equal((await people.api(people.contoso.carla)('GET', `/operator/decisions/${decisionId}`)).status, 403);
  assert.equal((await rename(people.api(people.fabrikam.ann))).status, 200);
});
