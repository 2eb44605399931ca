import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openWindow, settled } from '../support/chromium.ts';
import { eventually } from '../support/guests.ts';
import { codesMailedTo } from '../support/passcodes.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;

before(async () => {
  people = await startPeople({ settings: { demo: true } });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await people?.app.close();
});

const EMIL = 'emil@nowhere-else.example';

const codes = () => codesMailedTo(people.app.adminUrl, EMIL);

test('ID-10: a guest who has no account anywhere accepts with one code, and is in', async () => {
  const { origin } = people.app;
  const made = await people.api(people.fabrikam.ann)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: EMIL,
    inviteRedirectUrl: `${origin}/t/fabrikam.example`,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));

  const { page, faults } = await openWindow(browser);
  await page.goto(made.body.inviteRedeemUrl);
  await page.getByRole('heading', { name: 'Fabrikam invites you' }).waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Code').fill(await eventually(async () => (await codes())[0]));
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Fabrikam asks for your consent' }).waitFor();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.locator('#page-title').waitFor();
  await settled(page);
  assert.equal(new URL(page.url()).pathname, '/t/fabrikam.example');
  assert.equal((await codes()).length, 1);
  assert.deepEqual(faults, []);
});
