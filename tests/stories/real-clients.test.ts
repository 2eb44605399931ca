import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import * as oidc from 'openid-client';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';
import { claimsOf, typePassword } from '../support/sign-in.ts';

let people: People;
let ca: string;
let authority: string;
let ann: Api;
const ANDERS = 'anders@fabrikam.example';
before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  ca = await readFile(join(people.app.data, 'ca.pem'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  authority = `${people.app.httpsOrigin}/${people.fabrikam.id}`;
  ann = people.api(people.fabrikam.ann);
});
after(() => people.app.close());

async function register(input: object): Promise<{ id: string; appId: string; principalId: string }> {
  const made = await ann('POST', '/v1.0/applications', { displayName: 'Planner', ...input });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { body } = await ann('GET', '/v1.0/servicePrincipals');
  const principal = body.value.find((one: { appId: string }) => one.appId === made.body.appId);
  return { id: made.body.id, appId: made.body.appId, principalId: principal.id };
}

async function addPassword(id: string): Promise<string> {
  const added = await ann('POST', `/v1.0/applications/${id}/addPassword`, {
    passwordCredential: { displayName: 'ci' },
  });
  assert.equal(added.status, 200, JSON.stringify(added.body));
  return added.body.secretText;
}

/** A person at the browser: signs in, agrees, and is sent back. */
async function throughPages(address: string, redirectUri: string, expectConsent: string[] | 'none'): Promise<URL> {
  const browser = new Browser({ ca });
  const stop = (url: URL) => url.href.startsWith(redirectUri) || isSignInPage(url);
  const page = await browser.open(address, stop);
  assert.ok(isSignInPage(page.url), page.text);
  const done = await typePassword(browser, page.url, ANDERS);
  let at = await browser.open(new URL(done.json.redirectTo, page.url).href, stop);
  if (expectConsent !== 'none') {
    assert.ok(isSignInPage(at.url), `expected consent at ${at.url}`);
    const asked = await browser.send('GET', stepsOf(at.url));
    assert.equal(asked.json.step, 'consent');
    assert.equal(asked.json.application.displayName, 'Planner');
    const names = asked.json.permissions.map((one: { name: string }) => one.name);
    assert.deepEqual(names.sort(), [...expectConsent].sort());
    const agreed = await browser.post(`${stepsOf(at.url)}/consent`);
    assert.equal(agreed.status, 200, agreed.text);
    at = await browser.open(new URL(agreed.json.redirectTo, at.url).href, stop);
  }
  assert.ok(at.url.href.startsWith(redirectUri), at.url.href);
  return at.url;
}

const msal = (appId: string, rest: object = {}) => ({
  auth: { clientId: appId, authority, knownAuthorities: [new URL(authority).host], ...rest },
});

test('MSAL, public: signs in with code and PKCE on a loopback port of its own, then renews silently', async () => {
  const { appId } = await register({ publicClient: { redirectUris: ['http://localhost'] } });
  const client = new PublicClientApplication(msal(appId));
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  // RFC 8252 §7.3: the port is the program's to choose at each run.
  const redirectUri = 'http://localhost:49153';
  const scopes = ['https://graph.microsoft.com/User.Read'];
  const address = await client.getAuthCodeUrl({
    scopes,
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  });
  const back = await throughPages(address, redirectUri, ['openid', 'profile', 'User.Read']);
  const code = back.searchParams.get('code') ?? '';
  const result = await client.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
  assert.equal(result?.account?.username, ANDERS);
  const claims = claimsOf(result?.accessToken ?? '');
  assert.deepEqual([claims.scp, claims.azp, claims.oid], ['User.Read', appId, people.fabrikam.anders.id]);

  const silent = await client.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });
  assert.equal(claimsOf(silent?.accessToken ?? '').oid, people.fabrikam.anders.id);
  assert.notEqual(silent?.accessToken, result.accessToken);
  assert.equal((await people.call(silent?.accessToken)('GET', '/oidc/userinfo')).status, 200);
});

test('MSAL, confidential: a program acts by itself with what an administrator gave it, until it is taken (IS-13)', async () => {
  const { id, appId, principalId } = await register({ displayName: 'Planner' });
  const clientSecret = await addPassword(id);
  const given = await ann('POST', `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`, {
    appRoleId: 'Application.Read.All',
    principalId,
  });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  const client = new ConfidentialClientApplication(msal(appId, { clientSecret }));
  const scopes = ['https://graph.microsoft.com/.default'];
  const result = await client.acquireTokenByClientCredential({ scopes, skipCache: true });
  const claims = claimsOf(result?.accessToken ?? '');
  assert.deepEqual([claims.idtyp, claims.roles, claims.tid], ['app', ['Application.Read.All'], people.fabrikam.id]);

  const program = people.call(result?.accessToken);
  assert.equal((await program('GET', '/v1.0/servicePrincipals')).status, 200);
  assert.equal((await program('POST', '/v1.0/applications', { displayName: 'X' })).status, 403);
  await ann('DELETE', `/v1.0/servicePrincipals/${principalId}/appRoleAssignments/${given.body.id}`);
  await eventually(async () => (await program('GET', '/v1.0/servicePrincipals')).status === 403);

  const wrong = new ConfidentialClientApplication(msal(appId, { clientSecret: `${clientSecret}x` }));
  await assert.rejects(wrong.acquireTokenByClientCredential({ scopes, skipCache: true }), /invalid_client/);
});

test('openid-client: discovers, signs in over HTTPS, renews, revokes', async () => {
  const redirectUri = 'https://planner.example/return';
  const { id, appId } = await register({ web: { redirectUris: [redirectUri] } });
  const secret = await addPassword(id);
  const server = await oidc.discovery(new URL(`${authority}/v2.0`), appId, {
    client_secret: secret,
    id_token_signed_response_alg: 'ES256',
  });
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const address = oidc.buildAuthorizationUrl(server, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const back = await throughPages(address.href, redirectUri, ['openid', 'profile']);
  const tokens = await oidc.authorizationCodeGrant(server, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  assert.equal(tokens.claims()?.preferred_username, ANDERS);
  const info = await oidc.fetchUserInfo(server, tokens.access_token, tokens.claims()?.sub ?? '');
  assert.equal(info.name, 'Anders Langvatn');
  const renewed = await oidc.refreshTokenGrant(server, tokens.refresh_token ?? '');
  assert.ok(renewed.access_token);
  await oidc.tokenRevocation(server, renewed.refresh_token ?? '');
  await assert.rejects(oidc.refreshTokenGrant(server, renewed.refresh_token ?? ''));
});

test('what needs an administrator is not agreed to by anybody else', async () => {
  const redirectUri = 'https://planner.example/return';
  const { appId } = await register({ spa: { redirectUris: [redirectUri] } });
  const browser = new Browser({ ca });
  const query = new URLSearchParams({
    client_id: appId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid User.ReadWrite.All',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  const page = await browser.open(`${authority}/oauth2/v2.0/authorize?${query}`, isSignInPage);
  const done = await typePassword(browser, page.url, ANDERS);
  const at = await browser.open(new URL(done.json.redirectTo, page.url).href, isSignInPage);
  const refused = await browser.post(`${stepsOf(at.url)}/consent`);
  assert.deepEqual([refused.status, refused.json.code], [403, 'signin.consent-needs-administrator']);
  const cancelled = await browser.post(`${stepsOf(at.url)}/cancel`);
  const back = await browser.open(new URL(cancelled.json.redirectTo, at.url).href, (url) =>
    url.href.startsWith(redirectUri),
  );
  assert.equal(back.url.searchParams.get('error'), 'access_denied');
});

test('addresses to return to are taken exactly and only where nobody else can stand', async () => {
  for (const uri of [
    'http://planner.example/x',
    'https://*.example/x',
    'https://planner.example/#x',
    'javascript:alert(1)',
    'nonsense',
  ]) {
    const made = await ann('POST', '/v1.0/applications', { displayName: 'Bad', web: { redirectUris: [uri] } });
    assert.equal(made.status, 400, uri);
  }
  assert.equal(
    (await people.api(people.fabrikam.anders)('POST', '/v1.0/applications', { displayName: 'Mine' })).status,
    403,
  );
});

test('the common address finds the organisation by the name, and by the code', async () => {
  const query = 'client_id=entente-web&response_type=code&login_hint=anders%40fabrikam.example';
  const { httpsOrigin } = people.app;
  const found = await new Browser({ ca }).send('GET', `${httpsOrigin}/common/oauth2/v2.0/authorize?${query}`);
  assert.match(String(found.headers.location), /^\/fabrikam\.example\/oauth2\/v2\.0\/authorize\?/);
  const document = await new Browser({ ca }).send(
    'GET',
    `${httpsOrigin}/organizations/v2.0/.well-known/openid-configuration`,
  );
  assert.equal(document.json.issuer, `${httpsOrigin}/{tenantid}/v2.0`);
  const none = await new Browser({ ca }).send(
    'GET',
    `${httpsOrigin}/nobody.example/v2.0/.well-known/openid-configuration`,
  );
  assert.deepEqual([none.status, none.json.error], [404, 'invalid_tenant']);
});

test('discovery follows the origin of the request, and the issuer is one', async () => {
  const { origin, httpsOrigin } = people.app;
  for (const at of [origin, httpsOrigin]) {
    const { json } = await new Browser({ ca }).send(
      'GET',
      `${at}/fabrikam.example/v2.0/.well-known/openid-configuration`,
    );
    assert.equal(json.issuer, `${httpsOrigin}/${people.fabrikam.id}/v2.0`);
    for (const name of [
      'authorization_endpoint',
      'token_endpoint',
      'jwks_uri',
      'userinfo_endpoint',
      'end_session_endpoint',
    ])
      assert.ok(json[name].startsWith(`${at}/`), `${name}: ${json[name]}`);
    assert.deepEqual(json.code_challenge_methods_supported, ['S256']);
  }
});
