import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLES } from '../../src/kernel/roles.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople({ settings: { demo: true } });
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
  await give('application-administrator', people.fabrikam.anders);
});
after(() => people.app.close());

async function give(role: string, { id: principalId }: Person): Promise<void> {
  const roleDefinitionId = ROLES.find((one) => one.name === role)?.templateId;
  const body = { roleDefinitionId, principalId, directoryScopeId: '/' };
  const given = await ann('POST', '/v1.0/roleManagement/directory/roleAssignments', body);
  assert.equal(given.status, 201, JSON.stringify(given.body));
}

/** A registration with its service principal. */
async function register(as: Api): Promise<{ id: string; appId: string; principalId: string }> {
  const made = await as('POST', '/v1.0/applications', { displayName: 'Tool' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { value } = (await as('GET', '/v1.0/servicePrincipals')).body;
  const principal = value.find((one: { appId: string }) => one.appId === made.body.appId);
  return { id: made.body.id, appId: made.body.appId, principalId: principal.id };
}

const empower = (as: Api, principalId: string, appRoleId: string) =>
  as('POST', `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`, { appRoleId, principalId });

/** An access token of the program itself. */
async function signInAsProgram(app: { id: string; appId: string }): Promise<Api> {
  const secret = await ann('POST', `/v1.0/applications/${app.id}/addPassword`, {});
  const answer = await fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.appId,
      client_secret: secret.body.secretText,
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return people.call(token);
}

test('who registers applications gives no program a right of its own, and so rises to nothing', async () => {
  const own = await register(anders);
  assert.equal((await empower(anders, own.principalId, 'RoleManagement.ReadWrite.Directory')).status, 403);
  assert.equal((await empower(ann, own.principalId, 'User.Read.All')).status, 201);
});

test('who registers applications makes no secret for a program that has rights of its own', async () => {
  const harmless = await register(ann);
  assert.equal((await anders('POST', `/v1.0/applications/${harmless.id}/addPassword`, {})).status, 200);
  const mighty = await register(ann);
  assert.equal((await empower(ann, mighty.principalId, 'RoleManagement.ReadWrite.Directory')).status, 201);
  assert.equal((await anders('POST', `/v1.0/applications/${mighty.id}/addPassword`, {})).status, 403);
  assert.equal((await ann('POST', `/v1.0/applications/${mighty.id}/addPassword`, {})).status, 200);
});

test('a program that registers applications gives neither itself nor another one rights', async () => {
  const registrar = await register(ann);
  assert.equal((await empower(ann, registrar.principalId, 'Application.ReadWrite.All')).status, 201);
  const program = await signInAsProgram(registrar);
  assert.equal((await empower(program, registrar.principalId, 'RoleManagement.ReadWrite.Directory')).status, 403);
  const delegated = { clientId: registrar.principalId, consentType: 'AllPrincipals', scope: 'User.ReadWrite.All' };
  assert.equal((await program('POST', '/v1.0/oauth2PermissionGrants', delegated)).status, 403);
  assert.equal((await anders('POST', '/v1.0/oauth2PermissionGrants', delegated)).status, 201);
});
