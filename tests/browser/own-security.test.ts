import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, openBrowser, openWindow, settled, signInAtPages } from '../support/chromium.ts';
import { PASSWORD, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;

before(async () => {
  people = await startPeople({ withPasswords: true });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await people?.app.close();
});

/** Begins again as somebody whom the server does not know: no cookies, nothing kept. */
async function forget(page: Page, person: Person): Promise<void> {
  await page.context().clearCookies();
  await page.evaluate('localStorage.clear(); sessionStorage.clear();');
  await page.goto(`${people.app.origin}/t/${person.userPrincipalName.split('@')[1]}/security`);
  await page.locator('input[name=userName]').waitFor();
}

test('IS-6: a passkey registered at My security signs its owner in without a name', async () => {
  const { anders } = people.fabrikam;
  const { page, context, faults } = await openWindow(browser);
  const devices = await context.newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signInAtPages(page, people.app.origin, anders, '/security');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Work laptop');
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /Work laptop/ });
  await row.waitFor();

  await forget(page, anders);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await row.waitFor();
  assert.equal(await page.locator('#page-title').textContent(), 'My security');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a code from an authenticator app is asked for beside the password once it is set up', async () => {
  const { bob } = people.contoso;
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, bob, '/security');
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Next' }).click();
  const secret = page.getByLabel('Or type this into the app', { exact: true });
  await secret.waitFor();
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  await assertAccessible(page, 'the app being set up');
  const app = new TOTP({ secret: Secret.fromBase32(await secret.inputValue()) });
  const code = () => app.generate({ timestamp: people.app.clock.now.getTime() });
  await page.getByLabel('Code', { exact: false }).last().fill(code());
  await page.keyboard.press('Enter');
  const codes = page.getByRole('textbox', { name: 'Recovery codes' });
  await codes.waitFor();
  assert.equal((await codes.inputValue()).trim().split('\n').length, 10);
  await page.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('On; 10 recovery codes left').waitFor();

  // A code opens once: the next one comes half a minute later.
  people.app.clock.advance(30);
  await forget(page, bob);
  await page.keyboard.type(bob.userPrincipalName);
  await page.keyboard.press('Enter');
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Enter the code your authenticator app shows.').waitFor();
  await assertAccessible(page, 'the second factor');
  await page.getByLabel('Code', { exact: false }).fill('000000');
  await page.keyboard.press('Enter');
  await page.getByText('The code is not right').waitFor();
  await page.getByLabel('Code', { exact: false }).fill(code());
  await page.keyboard.press('Enter');
  await page.getByText('On; 10 recovery codes left').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('an app password is shown once and ended after a question', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/security');
  await page.getByRole('button', { name: 'Make an app password' }).click();
  await page.getByRole('dialog').getByLabel('Program').fill('Calendar on the phone');
  await page.keyboard.press('Enter');
  const password = page.getByRole('textbox', { name: 'App password' });
  await password.waitFor();
  const text = await password.inputValue();
  assert.ok(text.length >= 16);
  await assertAccessible(page, 'the app password');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  const row = page.getByRole('row', { name: /Calendar on the phone/ });
  await row.waitFor();
  assert.ok(!(await page.content()).includes(text));
  await row.getByRole('button', { name: 'End' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('can no longer sign in').waitFor();
  await assertAccessible(page, 'the question');
  await question.getByRole('button', { name: 'End' }).click();
  await row.waitFor({ state: 'detached' });
  await settled(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('IS-13: an application that one allowed is listed, and taken back after a question', async () => {
  const { ann } = people.fabrikam;
  const api = people.api(ann);
  const { body: application } = await api('POST', '/v1.0/applications', { displayName: 'Payroll' });
  const { body: principals } = await api('GET', '/v1.0/servicePrincipals');
  const principal = principals.value.find((one: { appId: string }) => one.appId === application.appId);
  const given = await api('POST', '/v1.0/oauth2PermissionGrants', {
    clientId: principal.id,
    consentType: 'Principal',
    principalId: ann.id,
    scope: 'User.Read',
  });
  assert.equal(given.status, 201);

  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, ann, '/security');
  const row = page.getByRole('row', { name: /Payroll.*User\.Read/ });
  await row.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('alertdialog').getByText('It loses access at once').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Take back' }).click();
  await page.getByText('You allowed none.').waitFor();
  assert.deepEqual((await api('GET', '/v1.0/oauth2PermissionGrants')).body.value, []);
  assert.deepEqual(faults, []);
  await context.close();
});

test('what changes an account a while after signing in asks who it is, and then goes on', async () => {
  const { tom } = people.tailspin;
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, tom, '/security');
  await page.getByRole('button', { name: 'Make an app password' }).click();
  await page.getByRole('dialog').getByLabel('Program').fill('Calendar on the tablet');
  people.app.clock.advance(11 * 60);
  await page.keyboard.press('Enter');
  const prompt = page.getByRole('alertdialog', { name: 'Confirm that it is you' });
  await prompt.waitFor();
  await assertAccessible(page, 'the question who it is');
  const opening = context.waitForEvent('page');
  await prompt.getByRole('button', { name: 'Sign in again' }).click();
  const popup = await opening;
  await popup.locator('input[type=password]').fill(PASSWORD);
  await Promise.all([popup.waitForEvent('close'), popup.keyboard.press('Enter')]);
  // Nothing was typed twice.
  await prompt.waitFor({ state: 'detached' });
  await page.getByRole('textbox', { name: 'App password' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('row', { name: /Calendar on the tablet/ }).waitFor();

  // Whoever would not is told what was refused, and nothing has changed.
  people.app.clock.advance(11 * 60);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Next' }).click();
  await prompt.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Sign in again to do this').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
