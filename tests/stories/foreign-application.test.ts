import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, isSignInPage, type Page, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';
import { authorizeAddress, claimsOf, exchange, type Started, typePassword } from '../support/sign-in.ts';

let people: People;
let ann: Api;
let carla: Api;
before(async () => {
  people = await startPeople({ withPasswords: true });
  ann = people.api(people.fabrikam.ann);
  carla = people.api(people.contoso.carla);
});
after(() => people.app.close());

const redirectUri = 'http://localhost:49153/back';
const isStop = (url: URL) => url.href.startsWith(redirectUri) || isSignInPage(url);

async function register(displayName: string, signInAudience: string): Promise<string> {
  const made = await ann('POST', '/v1.0/applications', {
    displayName,
    signInAudience,
    publicClient: { redirectUris: [redirectUri] },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.appId;
}

interface Visit {
  readonly browser: Browser;
  readonly started: Started;
  readonly at: URL;
}

/** Signs a person of Contoso in to the application, up to the question for their consent or back at it. */
async function visit(clientId: string, person: Person, scope = 'openid offline_access User.Read'): Promise<Visit> {
  const { origin } = people.app;
  const browser = new Browser();
  const started = authorizeAddress(origin, 'contoso.example', {
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
  });
  const page = await browser.open(started.address, isStop);
  const done = await typePassword(browser, page.url, person.userPrincipalName);
  const at = (await browser.open(new URL(done.json.redirectTo, origin).href, isStop)).url;
  return { browser, started, at };
}

const asked = ({ browser, at }: Visit): Promise<Page> => browser.send('GET', stepsOf(at));

async function answer(one: Visit, step: 'consent' | 'cancel', body = {}): Promise<Visit & { page: Page }> {
  const page = await one.browser.post(`${stepsOf(one.at)}/${step}`, body);
  if (page.status !== 200) return { ...one, page };
  const address = new URL(page.json.redirectTo, people.app.origin).href;
  return { ...one, page, at: (await one.browser.open(address, isStop)).url };
}

const tokensAt = (one: Visit, clientId: string, fields: Record<string, string>) =>
  exchange(one.browser, people.app.origin, 'contoso.example', { client_id: clientId, ...fields });

async function tokens(one: Visit, clientId: string): Promise<{ access_token: string; refresh_token: string }> {
  assert.ok(one.at.href.startsWith(redirectUri), one.at.href);
  const taken = await tokensAt(one, clientId, {
    grant_type: 'authorization_code',
    code: one.at.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: one.started.verifier,
  });
  assert.equal(taken.status, 200, taken.text);
  return taken.json;
}

const principalOf = async (clientId: string) =>
  (await carla('GET', '/v1.0/servicePrincipals')).body.value.find((one: { appId: string }) => one.appId === clientId);

async function assertEnded(one: Visit, clientId: string, held: { access_token: string; refresh_token: string }) {
  await eventually(async () => (await people.call(held.access_token)('GET', '/v1.0/me')).status === 401);
  const renewed = await tokensAt(one, clientId, { grant_type: 'refresh_token', refresh_token: held.refresh_token });
  assert.deepEqual([renewed.status, renewed.json.error], [400, 'invalid_grant']);
}

test('Bob of Contoso lets an application of Fabrikam act for him, in Contoso alone, and takes it back', async () => {
  const clientId = await register('Planner', 'AzureADMultipleOrgs');
  assert.equal(await principalOf(clientId), undefined);
  const bob = await visit(clientId, people.contoso.bob);
  const { json } = await asked(bob);
  assert.deepEqual(json.application, { displayName: 'Planner', publisher: 'Fabrikam' });
  assert.deepEqual([json.step, json.mayConsent], ['consent', 'self']);
  // For everyone is not his to say, and saying it changes nothing.
  assert.equal((await answer(bob, 'consent', { forEveryone: true })).page.status, 403);
  assert.equal(await principalOf(clientId), undefined);

  const back = await answer(bob, 'consent');
  const held = await tokens(back, clientId);
  const claims = claimsOf(held.access_token);
  assert.deepEqual([claims.tid, claims.oid, claims.scp], [people.contoso.id, people.contoso.bob.id, 'User.Read']);
  const me = await people.call(held.access_token)('GET', '/v1.0/me');
  assert.deepEqual([me.status, me.body.userPrincipalName], [200, people.contoso.bob.userPrincipalName]);
  const principal = await principalOf(clientId);
  assert.deepEqual(
    [principal.displayName, principal.appOwnerOrganizationId, principal.accountEnabled],
    ['Planner', people.fabrikam.id, true],
  );

  // Who decides about access finds it by name, with who registered it.
  const named = await carla('GET', '/admin/partners/access/applications');
  assert.deepEqual(
    named.body.value.find((one: { id: string }) => one.id === clientId),
    { id: clientId, displayName: 'Planner', publisher: { id: people.fabrikam.id, displayName: 'Fabrikam' } },
  );
  assert.equal((await people.api(people.contoso.bob)('GET', '/admin/partners/access/applications')).status, 403);

  const own = people.api(people.contoso.bob);
  const { body } = await own('GET', '/me/applications');
  const consent = body.value.find((one: { displayName: string }) => one.displayName === 'Planner');
  assert.equal((await own('DELETE', `/me/applications/${consent.id}`)).status, 204);
  await assertEnded(back, clientId, held);
  // Fabrikam, where it is registered, has nothing of it to see or to take.
  const grants = await ann('GET', '/v1.0/oauth2PermissionGrants');
  assert.ok(!grants.body.value.some((one: { clientId: string }) => one.clientId === principal.id));
});

test('Carla agrees for everyone in Contoso, nobody is asked, and she ends it for everyone', async () => {
  const clientId = await register('Timer', 'AzureADMultipleOrgs');
  const scope = 'openid offline_access User.Read User.Read.All';
  const refused = await visit(clientId, people.contoso.bob, scope);
  assert.equal((await asked(refused)).json.mayConsent, 'none');
  const carlas = await visit(clientId, people.contoso.carla, scope);
  assert.equal((await asked(carlas)).json.mayConsent, 'everyone');
  await tokens(await answer(carlas, 'consent', { forEveryone: true }), clientId);

  const bob = await visit(clientId, people.contoso.bob, scope);
  const held = await tokens(bob, clientId);
  assert.equal(claimsOf(held.access_token).tid, people.contoso.id);
  const principal = await principalOf(clientId);
  const { body } = await carla('GET', '/v1.0/oauth2PermissionGrants');
  const grant = body.value.find((one: { clientId: string }) => one.clientId === principal.id);
  assert.equal(grant.consentType, 'AllPrincipals');
  assert.equal((await carla('DELETE', `/v1.0/oauth2PermissionGrants/${grant.id}`)).status, 204);
  await assertEnded(bob, clientId, held);
});

test('switching an application off in Contoso ends its tokens there, and nobody comes in with it', async () => {
  const clientId = await register('Charts', 'AzureADMultipleOrgs');
  const bob = await answer(await visit(clientId, people.contoso.bob), 'consent');
  const held = await tokens(bob, clientId);
  const { id } = await principalOf(clientId);
  assert.equal((await carla('PATCH', `/v1.0/servicePrincipals/${id}`, { accountEnabled: false })).status, 204);
  await eventually(async () => (await people.call(held.access_token)('GET', '/v1.0/me')).status === 401);
  const page = await new Browser().open(bob.started.address, isStop);
  assert.equal(page.status, 400);
});

test('who may not consent is told whom to ask, and goes back to the application without anything', async () => {
  const clientId = await register('Notes', 'AzureADMultipleOrgs');
  const changed = await carla('PATCH', '/admin/settings/signin.consent', {
    values: { userConsent: 'administrators-only' },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const bob = await visit(clientId, people.contoso.bob);
  assert.deepEqual([(await asked(bob)).json.step, (await asked(bob)).json.mayConsent], ['consent', 'none']);
  const refused = await answer(bob, 'consent');
  assert.deepEqual([refused.page.status, refused.page.json.code], [403, 'signin.consent-needs-administrator']);
  assert.equal(await principalOf(clientId), undefined);
  const back = await answer(bob, 'cancel');
  assert.equal(back.at.searchParams.get('error'), 'access_denied');
});

test('an application for its own organisation alone is none to another', async () => {
  const clientId = await register('Ledger', 'AzureADMyOrg');
  const { address } = authorizeAddress(people.app.origin, 'contoso.example', {
    client_id: clientId,
    redirect_uri: redirectUri,
  });
  const page = await new Browser().open(address, isStop);
  assert.equal(page.status, 400);
  assert.match(page.text, /client/);
});
