import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assertAccessible, goTo, openBrowser, openWindow, signInAtPages } from '../support/chromium.ts';
import { type People, startPeople } from '../support/people.ts';

const DOMAIN = 'fabrikam.example';
const HEADINGS =
  'version:v1.0\nEmail address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,' +
  'Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]\n';

let people: People;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

before(async () => {
  people = await startPeople({ withPasswords: true });
  browser = await openBrowser();
  ({ context, page, faults } = await openWindow(browser));
  await signInAtPages(page, people.app.origin, people.fabrikam.ann);
});

after(async () => {
  await context?.close();
  await browser?.close();
  await people?.app.close();
  assert.deepEqual(faults, []);
});

const upload = (rows: readonly string[]) =>
  page.locator('input[data-part=file]').setInputFiles({
    name: 'guests.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(HEADINGS + rows.join('\n')),
  });

test('ID-20: a list with bad lines is refused line by line, and the mended one is followed to its end', async () => {
  await goTo(page, DOMAIN, '/guests/bulk');
  const good = ['one', 'two', 'three'].map((name) => `${name}@outside.example,https://apps.example,false,`);
  await upload([...good, 'nonsense,https://apps.example,false,', 'four@outside.example,https://apps.example,yes,']);
  await page.getByRole('row', { name: /6.*Not a mail address/ }).waitFor();
  await page.getByRole('row', { name: /7.*Write true or false/ }).waitFor();
  await assertAccessible(page, 'the refused list');

  await upload(good);
  await page.getByText('Done.', { exact: true }).waitFor();
  await page.getByText('3 invited, 0 failed, 3 in all').first().waitFor();
  assert.equal(await page.getByRole('row', { name: /@outside\.example.*Invited/ }).count(), 3);
  await assertAccessible(page, 'the finished list');
});

test('the secret of an application is shown once', async () => {
  await goTo(page, DOMAIN, '/applications');
  await page.getByRole('button', { name: 'Register an application' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('Payroll');
  await page.getByRole('dialog').getByRole('button', { name: 'Register an application' }).click();
  await page.getByRole('button', { name: 'Add a secret' }).click();
  await page.getByLabel('What it is for').fill('Nightly run');
  await page.keyboard.press('Enter');
  const secret = page.getByRole('textbox', { name: 'Secret', exact: true });
  await secret.waitFor();
  const text = await secret.inputValue();
  assert.ok(text.length >= 20);
  await page.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('row', { name: /Nightly run/ }).waitFor();
  assert.ok(!(await page.content()).includes(text));
  await page.keyboard.press('Escape');
});

test('IS-15: the audit is narrowed to one person, verified in words and taken away as a file', async () => {
  await goTo(page, DOMAIN, '/audit');
  await page
    .getByRole('row', { name: /Person created/ })
    .first()
    .waitFor();
  await page.getByRole('combobox', { name: 'Who' }).click();
  await page.keyboard.type('Ann');
  await page.getByRole('option', { name: /Ann Beebe/ }).click();
  await page
    .getByRole('row', { name: /Person created/ })
    .first()
    .waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Application registered.*ann@fabrikam\.example/ }).waitFor();
  await page.getByRole('searchbox', { name: 'Words' }).fill('secret-added');
  await page.getByRole('row', { name: /Application registered/ }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Secret added/ }).waitFor();

  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('Intact').waitFor();
  await assertAccessible(page, 'the verified audit');

  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /signed log/ }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'audit-fabrikam.example.ndjson');
  const [first = ''] = (await readFile(await download.path(), 'utf8')).split('\n');
  assert.equal(JSON.parse(first).log.tenantId, people.fabrikam.id);
});

test('the sign-in log says who came, to what, with what result', async () => {
  await goTo(page, DOMAIN, '/sign-ins');
  const row = page.getByRole('row', { name: /Ann Beebe.*Entente in the browser.*Signed in/ });
  await row.waitFor();
  await row.getByRole('button', { name: 'Ann Beebe' }).click();
  await page.getByRole('dialog').getByText('Password').waitFor();
  await assertAccessible(page, 'one sign-in');
  await page.keyboard.press('Escape');

  await page.getByRole('combobox', { name: 'Application' }).selectOption({ label: 'Entente in the browser' });
  await page.getByLabel('From').fill('2000-01-01');
  await row.waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  const [heads = '', line = ''] = (await readFile(await download.path(), 'utf8')).split('\r\n');
  assert.match(heads, /person,userName,application,result/);
  assert.match(line, /Ann Beebe,ann@fabrikam\.example,entente-web,success/);
  await page.getByRole('combobox', { name: 'Result' }).selectOption({ label: 'Did not sign in' });
  await page.getByText('Nothing matches').waitFor();
});

test('the history of settings says what was changed in words, and a change is undone there', async () => {
  await goTo(page, DOMAIN, '/settings');
  const group = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Directory access' }) });
  await group.getByRole('switch', { name: 'Members may create groups' }).click();
  await group.getByText('Changed by ann@fabrikam.example').waitFor();
  await group.getByRole('button', { name: 'History' }).click();
  const panel = page.getByRole('dialog');
  const row = panel.getByRole('row', { name: /Members may create groups.*On \(the default\) → Off.*ann@fabrikam/ });
  await row.waitFor();
  await assertAccessible(page, 'the history of settings');
  await row.getByRole('button', { name: /^Undo/ }).click();
  await panel.getByRole('row', { name: /Members may create groups.*Off → On \(the default\)/ }).waitFor();
  // What stands as it stood before has nothing to undo.
  await row.getByRole('button').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  const kept = await people.api(people.fabrikam.ann)('GET', '/admin/settings/directory.access');
  const { isSet, value } = kept.body.settings.find((one: { name: string }) => one.name === 'membersMayCreateGroups');
  assert.deepEqual([isSet, value], [false, true]);
});
