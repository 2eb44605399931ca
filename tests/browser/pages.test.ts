/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  goTo,
  onPhone,
  openBrowser,
  openWindow,
  settled,
  signInAtPages,
} from '../support/chromium.ts';
import { type People, startPeople } from '../support/people.ts';

const PLACES = [
  '',
  '/calendar',
  '/calendar/find-a-time',
  '/people',
  '/guests',
  '/guests/bulk',
  '/groups',
  '/roles',
  '/domains',
  '/partners',
  '/cross-tenant-access',
  '/licences',
  '/applications',
  '/relationships',
  '/rooms',
  '/sharing-policies',
  '/published',
  '/partner-view',
  '/calendar-defaults',
  '/settings',
  '/explain',
  '/ledger',
  '/audit',
  '/sign-ins',
  '/requests',
  '/organisations',
  '/security',
  '/mail',
  '/operator/tenants',
  '/operator/usage',
  '/operator/health',
];

let people: People;
let browser: Browser;
/** One person, one guest, one group: before the lists that share their addresses. */
let details: readonly string[];

before(async () => {
  people = await startPeople({ withPasswords: true });
  browser = await openBrowser();
  const ann = people.api(people.fabrikam.ann);
  const { body: invited } = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: people.contoso.bob.userPrincipalName,
    inviteRedirectUrl: `${people.app.origin}/t/fabrikam.example`,
  });
  const { body: group } = await ann('POST', '/v1.0/groups', {
    displayName: 'Engineering',
    mailNickname: 'engineering',
    mailEnabled: false,
    securityEnabled: true,
    groupTypes: [],
  });
  details = [
    `/people/${people.fabrikam.ann.id}`,
    `/guests/${invited.invitedUser.id}`,
    `/groups/${group.id}`,
    `/cross-tenant-access/${people.contoso.id}`,
  ];
});

after(async () => {
  await browser?.close();
  await people?.app.close();
});

// Both looks, in the languages with the shortest and the longest words. The stories beside this one speak English.
for (const look of [
  { theme: 'light', language: 'zh-Hans' },
  { theme: 'dark', language: 'sv' },
] as const) {
  test(`every page is accessible and fits a phone, ${look.theme}`, async () => {
    const { page, context, faults } = await openWindow(browser, look);
    await page.goto(people.app.origin);
    await page.locator('input').waitFor();
    await assertAccessible(page, 'the first page');
    await signInAtPages(page, people.app.origin, people.fabrikam.ann);
    for (const path of [...PLACES.slice(0, 1), ...details, ...PLACES.slice(1)]) {
      await goTo(page, 'fabrikam.example', path);
      await page.locator('#page-title').waitFor();
      await assertAccessible(page, path || '/');
      await onPhone(page, () => assertFits(page, path || '/'));
    }
    await onPhone(page, async () => {
      await goTo(page, 'fabrikam.example', '/people');
      await assertAccessible(page, 'the cards of a phone');
      await page.locator('header button').first().click();
      await page.getByRole('dialog').getByRole('navigation').waitFor();
      await assertAccessible(page, 'the navigation of a phone');
    });
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('an employee sees only what is theirs', async () => {
  const { page, context } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.anders);
  await settled(page);
  const places = await page.getByRole('navigation').getByRole('link').allTextContents();
  assert.deepEqual(places, [
    ...['Home', 'Calendar', 'Contacts', 'Demo mailbox', 'Groups'],
    ...['Requests', 'Shared by me', 'Reviews', 'My organisations', 'My security'],
  ]);
  await context.close();
});

test('the keyboard reaches the page, walks the rows, and opens and closes a panel', async () => {
  const { page, context } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/people');
  await settled(page);
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement?.textContent'), 'Skip to the page');

  const focused = () => page.evaluate('document.activeElement?.textContent');
  await page.getByRole('link', { name: 'Ann Beebe' }).focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'Anders Langvatn');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'Ann Beebe');

  const create = page.getByRole('button', { name: 'Create a person' });
  await create.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog');
  await panel.waitFor();
  await assertAccessible(page, 'the panel');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  // One of a hundred questions is found by words of it.
  await goTo(page, 'fabrikam.example', '/explain');
  await page.getByRole('combobox', { name: 'Question' }).focus();
  await page.keyboard.type('how much share recipient');
  await page.getByRole('group', { name: 'Calendars and contacts' }).getByRole('option').waitFor();
  await context.close();
});

test('whoever comes to no page keeps the navigation, and gets back to where they were', async () => {
  const { page, context } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/groups');
  await settled(page);
  await goTo(page, 'fabrikam.example', '/nowhere/at-all');
  await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'People' }).waitFor();
  await assertAccessible(page, 'no page');
  await onPhone(page, () => assertFits(page, 'no page'));
  await page.getByRole('button', { name: 'Back to where you were' }).click();
  await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
  // Of a person who is not there, asking again makes none.
  await goTo(page, 'fabrikam.example', '/people/00000000-0000-4000-8000-000000000000');
  await page.getByText('Not found').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
  await context.close();
});

test('dialogs are opened, used and left with the keyboard alone, and give the focus back', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, `/people/${people.fabrikam.anders.id}`);
  await settled(page);
  const focused = () => page.evaluate('document.activeElement?.textContent');
  const isInside = () =>
    page.evaluate("document.activeElement?.closest('[role=dialog],[role=alertdialog]') !== null") as Promise<boolean>;
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };

  // A question: the focus is kept inside, Escape answers no, and the command that asked has the focus again.
  await page.getByRole('button', { name: 'Block sign-in' }).focus();
  await press('Enter');
  const question = page.getByRole('alertdialog');
  await question.waitFor();
  for (let step = 0; step < 5; step += 1) {
    assert.equal(await isInside(), true, `step ${step} is inside the question`);
    await press('Tab');
  }
  await press('Escape');
  await question.waitFor({ state: 'detached' });
  await page.waitForTimeout(100);
  assert.equal(await focused(), 'Block sign-in');

  // A form: typed into, sent with Enter, gone, and the command that opened it has the focus again.
  await page.getByRole('button', { name: 'Edit' }).focus();
  await press('Enter');
  const panel = page.getByRole('dialog');
  const title = panel.getByRole('textbox', { name: 'Title' });
  await title.waitFor();
  for (let step = 0; step < 12 && !(await title.evaluate('(box) => box === document.activeElement')); step += 1) {
    assert.equal(await isInside(), true, `step ${step} is inside the panel`);
    await press('Tab');
  }
  await press('ControlOrMeta+a');
  await page.keyboard.type('Head of Keys');
  await press('Enter');
  await panel.waitFor({ state: 'detached' });
  await page.getByText('Head of Keys').first().waitFor();
  assert.equal(await focused(), 'Edit');

  // A question that gives way to what came of it, and a menu.
  await page.getByRole('button', { name: 'Reset password' }).focus();
  await press('Enter');
  await question.waitFor();
  await question.getByRole('button', { name: 'Reset password' }).focus();
  await press('Enter');
  await page.getByRole('textbox', { name: 'First password' }).waitFor();
  await page.waitForTimeout(100);
  assert.equal(await isInside(), true);
  await press('Escape');
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /Account menu/ }).focus();
  await press('Enter');
  await page.getByRole('menu').first().waitFor();
  await press('Escape');
  assert.match(String(await page.evaluate("document.activeElement?.getAttribute('aria-label')")), /Account menu/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a guest stands in the list with the badge of their organisation and the state in words', async () => {
  const { page, context } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/guests');
  const row = page.getByRole('row', { name: /bob/i });
  await row.waitFor();
  const text = await row.textContent();
  assert.match(text ?? '', /contoso/i);
  assert.match(text ?? '', /Invited, not yet accepted/);
  await context.close();
});

test('pages may hold no script but their own, and stand in nobody else’s frame', async () => {
  const answer = await fetch(`${people.app.origin}/t/fabrikam.example/people`);
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  const [, asset] = /src="(\/assets\/[^"]+)"/.exec(await answer.text()) ?? [];
  const script = await fetch(`${people.app.origin}${asset}`);
  assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  for (const path of ['/v1.0/nothing', '/admin/nothing', '/me/nothing', '/nothing', '/assets/nothing.js']) {
    const missing = await fetch(`${people.app.origin}${path}`);
    assert.equal(missing.status, 404, path);
    assert.match(missing.headers.get('content-type') ?? '', /json/, path);
  }
});
