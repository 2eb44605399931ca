import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, goTo, openBrowser, openWindow, settled, signInAtPages } from '../support/chromium.ts';
import { PASSWORD, type People, startPeople } from '../support/people.ts';

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

test('ID-8: Ann invites Bob at the pages, and Bob comes in with the account he has at home', async () => {
  const { origin } = people.app;
  const { bob } = people.contoso;
  const ann = await openWindow(browser);
  await signInAtPages(ann.page, origin, people.fabrikam.ann, '/guests');
  await settled(ann.page);
  await ann.page.getByRole('button', { name: 'Invite a guest' }).first().click();
  const panel = ann.page.getByRole('dialog');
  await panel.getByLabel('E-mail', { exact: false }).first().fill(bob.userPrincipalName);
  await panel.getByLabel('Name').fill('Bob of Contoso');
  await assertAccessible(ann.page, 'the invitation');
  await panel.getByRole('button', { name: 'Send invitation' }).click();
  const link = panel.getByLabel('Invitation link', { exact: true });
  await link.waitFor();
  const address = await link.inputValue();

  const guest = await openWindow(browser);
  await guest.page.goto(address);
  await guest.page.getByRole('heading', { name: 'Fabrikam invites you' }).waitFor();
  await assertAccessible(guest.page, 'the opened invitation');
  await guest.page.getByRole('button', { name: 'Continue' }).click();
  // At home he is not asked who he is: the invitation said so.
  const password = guest.page.locator('input[type=password]');
  await password.waitFor();
  await password.fill(PASSWORD);
  await guest.page.keyboard.press('Enter');
  await guest.page.getByRole('heading', { name: 'Fabrikam asks for your consent' }).waitFor();
  await assertAccessible(guest.page, 'the consent');
  await guest.page.getByRole('button', { name: 'Accept' }).click();
  await guest.page.locator('#page-title').waitFor();
  assert.equal(new URL(guest.page.url()).pathname, '/t/fabrikam.example');
  assert.deepEqual(guest.faults, []);

  await ann.page.getByRole('button', { name: 'Close' }).last().click();
  await ann.page.getByRole('button', { name: 'Refresh' }).click();
  const row = ann.page.getByRole('row', { name: /Bob of Contoso/ });
  await row.getByText('Accepted').waitFor();
  assert.match((await row.textContent()) ?? '', /contoso/i);
  await row.getByRole('link', { name: 'Bob of Contoso' }).click();
  await ann.page.getByRole('heading', { name: 'What this guest can reach' }).waitFor();
  await settled(ann.page);
  await assertAccessible(ann.page, 'the guest');

  await goTo(ann.page, 'fabrikam.example', '/sign-ins');
  const line = ann.page.getByRole('row', { name: /Bob.*Contoso.*Entente in the browser.*Signed in/ });
  await line.waitFor();
  await line.getByRole('button').last().click();
  await ann.page.getByText('Only what belongs to one sign-in is shown.').waitFor();
  await ann.page.getByRole('row', { name: /Ann Beebe/ }).waitFor({ state: 'detached' });
  await line.waitFor();
  await assertAccessible(ann.page, 'the lines of one sign-in');
  assert.deepEqual(ann.faults, []);
});
