import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import type { Browser } from 'playwright-core';
import { assertAccessible, openBrowser, openWindow } from '../support/chromium.ts';
import { PASSWORD, type People, startPeople } from '../support/people.ts';
import { authorizeAddress, claimsOf } from '../support/sign-in.ts';

let people: People;
let browser: Browser;
/** The application that the person comes from: it takes the code on a port of its own (RFC 8252 §7.3). */
let application: Server;
let redirectUri: string;
let arrivals: URL[];

before(async () => {
  people = await startPeople({ withPasswords: true });
  const ca = await readFile(join(people.app.data, 'ca.pem'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  browser = await openBrowser();
  arrivals = [];
  application = createServer((request, response) => {
    arrivals.push(new URL(request.url ?? '/', redirectUri));
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>Planner</title><h1>Back in Planner</h1>');
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  redirectUri = `http://localhost:${(application.address() as AddressInfo).port}`;
});

after(async () => {
  application?.close();
  await browser?.close();
  await people?.app.close();
});

test('somebody whose organisation the application does not know names it, signs in there and is back (MSAL)', async () => {
  const { httpsOrigin } = people.app;
  const made = await people.api(people.fabrikam.ann)('POST', '/v1.0/applications', {
    displayName: 'Planner',
    signInAudience: 'AzureADMultipleOrgs',
    publicClient: { redirectUris: ['http://localhost'] },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const clientId = made.body.appId;
  for (const [audience, person, tenantId] of [
    ['common', people.fabrikam.anders, people.fabrikam.id],
    ['organizations', people.contoso.bob, people.contoso.id],
  ] as const) {
    const authority = `${httpsOrigin}/${audience}`;
    const client = new PublicClientApplication({
      auth: { clientId, authority, knownAuthorities: [new URL(authority).host] },
    });
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const scopes = ['https://graph.microsoft.com/User.Read'];
    const state = `state of ${audience}`;
    const address = await client.getAuthCodeUrl({
      scopes,
      redirectUri,
      state,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    });
    const { page, faults } = await openWindow(browser, { acceptsAnyCertificate: true });
    await page.goto(address);
    const name = page.locator('input[name=userName]');
    await name.waitFor();
    await assertAccessible(page, 'the question for the organisation');
    await name.fill('somebody@nowhere.example');
    await page.keyboard.press('Enter');
    await page.getByText('nowhere.example', { exact: false }).first().waitFor();
    await name.fill(person.userPrincipalName);
    await page.keyboard.press('Enter');
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByRole('heading', { name: 'Back in Planner' }).waitFor();
    const back = arrivals.filter(({ searchParams }) => searchParams.has('code')).at(-1);
    assert.equal(back?.searchParams.get('state'), state);
    const code = back?.searchParams.get('code') ?? '';
    const result = await client.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
    const claims = claimsOf(result?.accessToken ?? '');
    assert.deepEqual([claims.tid, claims.oid, claims.azp], [tenantId, person.id, clientId]);
    assert.deepEqual(faults, []);
  }
});

test('the start page goes on to nothing but our own sign-in, whatever an address asks for', async () => {
  const { origin } = people.app;
  const { page } = await openWindow(browser);
  const gone: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) gone.push(request.url());
  });
  for (const aim of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/t/x',
    '.evil.example/oauth2/v2.0/authorize?',
  ]) {
    await page.goto(`${origin}/?continue=${encodeURIComponent(aim)}`);
    await page.locator('input[name=userName]').fill('anders@fabrikam.example');
    await page.keyboard.press('Enter');
    await page.locator('input[type=password]').waitFor();
  }
  for (const address of gone) assert.equal(new URL(address).origin, origin, address);
  // Where the person is sent back to is still held to what the application registered.
  const forged = new URLSearchParams({
    client_id: 'entente-web',
    response_type: 'code',
    redirect_uri: 'https://evil.example/',
  });
  await page.goto(`${origin}/common/oauth2/v2.0/authorize?${forged}`);
  await page.locator('input[name=userName]').fill('anders@fabrikam.example');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The sign-in stopped' }).waitFor();
  assert.equal(new URL(page.url()).origin, origin);
});

test('who may not consent sees who can, and goes back to the application', async () => {
  const { origin } = people.app;
  const made = await people.api(people.fabrikam.ann)('POST', '/v1.0/applications', {
    displayName: 'Auditor',
    signInAudience: 'AzureADMultipleOrgs',
    publicClient: { redirectUris: ['http://localhost'] },
  });
  const started = authorizeAddress(origin, 'contoso.example', {
    client_id: made.body.appId,
    redirect_uri: redirectUri,
    scope: 'openid User.Read.All',
    login_hint: people.contoso.bob.userPrincipalName,
  });
  const { page, faults } = await openWindow(browser);
  await page.goto(started.address);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Only an administrator of your organisation can let “Auditor” do this.').waitFor();
  await page.getByText('Fabrikam').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Accept' }).count(), 0);
  await assertAccessible(page, 'the consent that is not theirs to give');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'Back in Planner' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
  assert.deepEqual(faults, []);
});
