import assert from 'node:assert/strict';
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
