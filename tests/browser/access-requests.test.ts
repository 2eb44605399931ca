/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, openBrowser, openWindow, settled, signInAtPages } from '../support/chromium.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;

before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await people?.app.close();
});

test('beyond 3.2: refused, why, asked for, decided by somebody else, and it works', async () => {
  const { origin } = people.app;
  const { ann, anders } = people.fabrikam;
  const hers = await openWindow(browser);
  await signInAtPages(hers.page, origin, ann, '/requests');
  await hers.page.getByText('Nobody is waiting for an answer from you').waitFor();

  const his = await openWindow(browser);
  await signInAtPages(his.page, origin, anders, '/ledger');
  const refusal = his.page.getByRole('alert');
  await refusal.getByText('Ask an administrator of this organisation.').waitFor();
  assert.match((await refusal.textContent()) ?? '', /Reference: [0-9A-F]{8}/);
  await refusal.getByRole('button', { name: 'Why?' }).click();
  const why = his.page.getByRole('dialog');
  await why.getByText('Ask an administrator of this organisation.').waitFor();
  assert.doesNotMatch((await why.textContent()) ?? '', /role|setting|Ann Beebe/);
  await why.getByRole('button', { name: 'Close' }).click();

  await refusal.getByRole('button', { name: 'Ask for access' }).click();
  const asking = his.page.getByRole('dialog');
  await assertAccessible(his.page, 'asking for access');
  await asking.getByRole('textbox').fill('I check who outside can open what, every quarter.');
  await asking.getByRole('button', { name: 'Send' }).click();
  await refusal.getByText('Asked.').waitFor();

  // Her page was open all the time: it is told.
  const card = hers.page.getByRole('listitem').filter({ hasText: 'Anders Langvatn' });
  await card.getByText('every quarter').waitFor();
  await assertAccessible(hers.page, 'the requests');
  await card.getByRole('button').click();
  const panel = hers.page.getByRole('dialog');
  await panel.getByText('Nobody has given this access.').waitFor();
  await panel.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Auditor' });
  await panel.getByRole('textbox').fill('You are our auditor now.');
  await assertAccessible(hers.page, 'a request');
  await panel.getByRole('button', { name: 'Give access' }).click();
  const gains = hers.page.getByRole('alertdialog');
  await gains.getByText('1 gains something.').waitFor();
  await gains.getByText('Anders Langvatn').first().waitFor();
  await gains.getByRole('button', { name: 'Save all the same' }).click();
  await panel.waitFor({ state: 'detached' });

  await refusal.getByRole('link', { name: 'See your requests' }).click();
  const own = his.page.getByRole('listitem').filter({ hasText: 'You are our auditor now.' });
  await own.getByText('Granted').waitFor();
  await his.page.goto(`${origin}/t/fabrikam.example/ledger`);
  await his.page.locator('#page-title').waitFor();
  await settled(his.page);
  assert.equal(await his.page.getByRole('alert').count(), 0, 'and it works');
  assert.deepEqual([...hers.faults, ...his.faults], []);
  await his.context.close();
  await hers.context.close();
});

test('beyond 3.2: what another organisation refuses has its reference and “Ask for access”, also on a phone', async () => {
  const { origin } = people.app;
  const { page, context, faults } = await openWindow(browser, { isPhone: true });
  await signInAtPages(page, origin, people.fabrikam.anders, '/calendar/find-a-time?people=bob@contoso.example');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  const asking = page.getByRole('dialog');
  await asking.getByText('The other organisation decides.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Why?' }).count(), 0, 'its reasons are its own');
  await asking.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Asked.').waitFor();
  await assertFits(page, 'a refusal by a partner');
  await page.goto(`${origin}/t/fabrikam.example/requests`);
  await page.getByText('Contoso').first().waitFor();
  await assertFits(page, 'the requests on a phone');
  assert.deepEqual(faults, []);
  await context.close();
});
