/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  goTo,
  openBrowser,
  openWindow,
  settled,
  signInAtPages,
} from '../support/chromium.ts';
import { PASSWORD, type People, startPeople } from '../support/people.ts';

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

const home = (page: Page, domain: string) =>
  page.waitForURL(new RegExp(`/t/${domain}$`)).then(() => page.locator('#page-title').waitFor());

test('whoever gives an address on the first page is asked for the password next, and lands at home', async () => {
  const { page, context, faults } = await openWindow(browser);
  await page.goto(people.app.origin);
  await page.locator('input').waitFor();
  await page.keyboard.type('anders@fabrikam.example');
  await page.keyboard.press('Enter');
  await page.locator('input[type=password]').waitFor();
  assert.match((await page.locator('main').textContent()) ?? '', /anders@fabrikam\.example/);
  await assertAccessible(page, 'the password page');

  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await home(page, 'fabrikam.example');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a form shows what is kept, and keeps what is written', async () => {
  const { page, context } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/people');
  await page.getByRole('link', { name: 'Anders Langvatn' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  const panel = page.getByRole('dialog');
  const title = panel.getByRole('textbox', { name: 'Title' });
  assert.equal(await panel.getByRole('textbox', { name: 'Name' }).first().inputValue(), 'Anders Langvatn');
  assert.equal(await title.inputValue(), 'Project Manager');
  await title.fill('Head of Projects');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.getByText('Head of Projects').first().waitFor();
  const kept = await people.api(people.fabrikam.ann)('GET', `/v1.0/users/${people.fabrikam.anders.id}`);
  assert.deepEqual([kept.body.jobTitle, kept.body.displayName], ['Head of Projects', 'Anders Langvatn']);
  await context.close();
});

test('a guest is invited, accepts with the account at home, is shown as a guest, leaves, and is restored', async () => {
  const ann = await openWindow(browser);
  await signInAtPages(ann.page, people.app.origin, people.fabrikam.ann, '/guests');
  await ann.page.getByRole('button', { name: 'Invite a guest' }).first().click();
  const panel = ann.page.getByRole('dialog');
  await panel.getByLabel('E-mail').fill('bob@contoso.example');
  await panel.getByLabel('Message').fill('See you on Tuesday.');
  await panel.getByRole('button', { name: 'Send invitation' }).click();
  await panel.getByText('Invitation link').waitFor();
  await ann.page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  const bob = await openWindow(browser);
  await signInAtPages(bob.page, people.app.origin, people.contoso.bob, '/mail');
  const letter = bob.page.getByRole('button', { name: /invites you/ });
  for (let tries = 0; tries < 20 && (await letter.count()) === 0; tries++) {
    await bob.page.waitForTimeout(250);
    await bob.page.reload();
    await bob.page.locator('#page-title').waitFor();
    await settled(bob.page);
  }
  assert.match(
    (await bob.page.getByRole('row', { name: /invites you/ }).textContent()) ?? '',
    /Ann Beebe \(Fabrikam\)/,
  );
  await letter.click();
  await bob.page
    .getByRole('dialog')
    .getByRole('link', { name: /\/redeem\?/ })
    .click();
  await bob.page.getByText('See you on Tuesday.').waitFor();
  await assertAccessible(bob.page, 'the invitation');
  // Signed in at home already: nothing is typed any more.
  await bob.page.getByRole('button', { name: 'Continue' }).click();
  await bob.page.getByText('asks for your consent').waitFor();
  await assertAccessible(bob.page, 'the consent');
  await bob.page.getByRole('button', { name: 'Accept' }).click();
  await home(bob.page, 'fabrikam.example');
  await settled(bob.page);
  const bar = (await bob.page.getByRole('banner').textContent()) ?? '';
  assert.match(bar, /Fabrikam/);
  assert.match(bar, /Guest/);
  await bob.page.getByRole('heading', { name: 'Hello, Bob' }).waitFor();
  await bob.page.getByRole('button', { name: /Account menu: Bob Kelly/ }).click();
  await bob.page.getByText('Contoso', { exact: true }).last().waitFor();
  await bob.page.keyboard.press('Escape');

  await ann.page.getByRole('button', { name: 'Refresh' }).click();
  await ann.page.getByRole('link', { name: 'Bob Kelly' }).waitFor();
  const row = ann.page.getByRole('row', { name: /bob@contoso/ });
  const text = (await row.textContent()) ?? '';
  for (const part of [/Bob Kelly/, /contoso/i, /Accepted/, /Ann Beebe/, /in \d+ (months|days)/, /now|ago/])
    assert.match(text, part);

  await goTo(bob.page, 'fabrikam.example', '/organisations');
  await bob.page.getByRole('button', { name: 'Leave' }).click();
  await bob.page
    .getByRole('alertdialog')
    .or(bob.page.getByRole('dialog'))
    .getByRole('button', { name: 'Leave' })
    .click();
  const guest = `/v1.0/directory/deletedItems/microsoft.graph.user`;
  for (let tries = 0; tries < 20; tries++) {
    const { body } = await people.api(people.fabrikam.ann)('GET', guest);
    if (body.value.some((one: { mail: string }) => one.mail === 'bob@contoso.example')) break;
    await bob.page.waitForTimeout(200);
  }
  await bob.context.close();

  await goTo(ann.page, 'fabrikam.example', '/groups');
  await goTo(ann.page, 'fabrikam.example', '/guests');
  await ann.page.getByRole('combobox', { name: /state/i }).selectOption({ label: 'Deleted' });
  await ann.page.getByRole('link', { name: 'Bob Kelly' }).click();
  await ann.page.getByRole('button', { name: 'Restore' }).click();
  await ann.page.getByText('Accepted').first().waitFor();
  await ann.context.close();
});

test('whoever gets unwanted invitations blocks their sender with a code to the address', async () => {
  await people.api(people.fabrikam.ann)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: 'carla@contoso.example',
    inviteRedirectUrl: `${people.app.origin}/t/fabrikam.example`,
    sendInvitationMessage: true,
  });
  const { page, context, faults } = await openWindow(browser, { isPhone: true });
  await page.goto(
    `${people.app.origin}/blocked-organisations?${new URLSearchParams({ t: people.fabrikam.id, address: 'carla@contoso.example' })}`,
  );
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code').waitFor();
  await assertAccessible(page, 'the code page');
  await page.getByLabel('Code').fill(await codeFor('carla'));
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Never again from Fabrikam' }).click();
  await page.getByRole('button', { name: 'Allow Fabrikam again' }).waitFor();
  await assertAccessible(page, 'the blocked organisations');
  await assertFits(page, 'the blocked organisations');
  assert.deepEqual(faults, []);
  await context.close();
});

/** Waits for the letter with the code to come. */
async function codeFor(name: 'carla'): Promise<string> {
  for (let tries = 0; tries < 40; tries++) {
    const { body } = await people.api(people.contoso[name])('GET', '/me/mail');
    for (const { subject } of body.value as { subject: string }[]) {
      const code = /\b\d{8}\b/.exec(subject)?.[0];
      if (code) return code;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('No code came.');
}

test('a blocked domain is refused in a sentence that names the list, and the reason can be read', async () => {
  const { page, context } = await openWindow(browser);
  const ann = people.api(people.fabrikam.ann);
  const group = 'directory.external-collaboration';
  const change = await ann('PATCH', `/admin/settings/${group}`, {
    values: { domainRestriction: 'deny', blockedDomains: [{ domain: 'tailspin.example', includeSubdomains: true }] },
  });
  assert.ok(change.status < 300, JSON.stringify(change.body));
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/guests');
  await page.getByRole('button', { name: 'Invite a guest' }).first().click();
  await page.getByRole('dialog').getByLabel('E-mail').fill('tom@tailspin.example');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  const refusal = page.getByRole('alert');
  await refusal.waitFor();
  assert.match((await refusal.textContent()) ?? '', /tailspin\.example.*list of blocked domains/);
  await refusal.getByRole('button', { name: 'Why?' }).click();
  const why = page.getByRole('dialog').last();
  await why.getByText('What decided').waitFor();
  const text = (await why.textContent()) ?? '';
  for (const part of [/Blocked domains/, /The smallest change/, /What the refused person sees/])
    assert.match(text, part);
  await assertAccessible(page, 'the explanation');
  await context.close();
});
