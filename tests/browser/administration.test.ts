import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { lockSettings } from '../../src/tenants/store/settings.ts';
import {
  assertAccessible,
  assertFits,
  goTo,
  onPhone,
  openBrowser,
  openWindow,
  signInAtPages,
} from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

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
  // Before anybody is invited, it is told what the list opens and to whom.
  const report = page.getByRole('alertdialog');
  await report.getByRole('heading', { name: '3 gain something.' }).waitFor();
  for (const name of ['one', 'two', 'three']) await report.getByText(name, { exact: true }).first().waitFor();
  assert.match(await report.getByLabel('Number of this report', { exact: true }).inputValue(), /^[0-9A-F]{8}$/);
  await assertAccessible(page, 'what a list of guests opens');
  await onPhone(page, () => assertFits(page, 'what a list of guests opens'));
  await report.getByRole('button', { name: 'Save all the same' }).click();
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
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Save all the same' }).click();
  await group.getByText('Changed by ann@fabrikam.example').waitFor();
  await group.getByRole('button', { name: 'History' }).click();
  const panel = page.getByRole('dialog');
  const row = panel.getByRole('row', { name: /Members may create groups.*On \(the default\) → Off.*ann@fabrikam/ });
  await row.waitFor();
  await assertAccessible(page, 'the history of settings');
  await row.getByRole('button', { name: /^Undo/ }).click();
  await question.getByRole('button', { name: 'Save all the same' }).click();
  await panel.getByRole('row', { name: /Members may create groups.*Off → On \(the default\)/ }).waitFor();
  // What stands as it stood before has nothing to undo.
  await row.getByRole('button').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  const kept = await people.api(people.fabrikam.ann)('GET', '/admin/settings/directory.access');
  const { isSet, value } = kept.body.settings.find((one: { name: string }) => one.name === 'membersMayCreateGroups');
  assert.deepEqual([isSet, value], [false, true]);
});

test('beyond 3.4.2 and 3.4.4: a long search shows how far it is and can be left; what they have is ended with the save, or stays', async () => {
  const ann = people.api(people.fabrikam.ann);
  const path = '/admin/settings/directory.external-collaboration';
  const domain = 'litware.example';
  const block = async (blockedDomains: unknown) =>
    assert.equal((await ann('PATCH', path, { values: { domainRestriction: 'deny', blockedDomains } })).status, 200);
  const guests = async (): Promise<number> =>
    (await ann('GET', `/admin/guests?organisation=${domain}`)).body.value.length;
  await block([]);
  await block([{ domain, includeSubdomains: false }]);
  await block([]);
  const inviteRedirectUrl = `${people.app.origin}/t/${DOMAIN}`;
  const invited = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: `kim@${domain}`,
    inviteRedirectUrl,
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  assert.equal(await guests(), 1);

  await goTo(page, DOMAIN, '/settings');
  const group = page.locator('section').filter({ has: page.getByRole('heading', { name: 'External collaboration' }) });
  await group.getByRole('button', { name: 'History' }).click();
  const panel = page.getByRole('dialog');
  const undo = panel
    .getByRole('row', { name: /Blocked domains/ })
    .first()
    .getByRole('button', { name: /^Undo/ });
  await undo.waitFor();

  // The server's answers come when this test lets them.
  const looks = /\/admin\/what-if\/[0-9a-f-]+$/;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(looks, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await undo.click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('progressbar', { name: 'Looking who gains or loses by this' }).waitFor();
  await assertAccessible(page, 'a long search');
  await onPhone(page, () => assertFits(page, 'a long search'));
  const cancelled = page.waitForRequest(/\/what-if\/[0-9a-f-]+\/cancel$/);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await cancelled;
  await question.waitFor({ state: 'detached' });
  release();
  await page.unroute(looks);
  await leftWhileSearching(ann);

  // What cannot be found out is said, and nothing is saved unless somebody wants it all the same.
  await page.route(looks, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: '{"code":"internal","detail":"Broken."}',
    }),
  );
  await undo.click();
  await question.getByText('It could not be found out who gains or loses by this').waitFor();
  await assertAccessible(page, 'a search that failed');
  await page.unroute(looks);
  await question.getByRole('button', { name: 'Try again' }).click();

  await question.getByRole('radio', { name: /^Stop only what is to come/ }).waitFor();
  assert.deepEqual(
    (await ann('GET', path)).body.settings.find((one: { name: string }) => one.name === 'blockedDomains').value,
    [],
  );
  await question.getByRole('radio', { name: /^End what they have here, too/ }).check();
  await assertAccessible(page, 'the choice of what ends');
  await onPhone(page, () => assertFits(page, 'the choice of what ends'));
  await question.getByRole('button', { name: 'Save all the same' }).click();
  await question.waitFor({ state: 'detached' });
  await eventually(async () => (await guests()) === 0);
  const kept = (await ann('GET', path)).body.settings.find((one: { name: string }) => one.name === 'blockedDomains');
  assert.equal(kept.value[0].domain, domain);
  faults.splice(0, faults.length, ...faults.filter((fault) => !/500/.test(fault)));
  await page.keyboard.press('Escape');
});

/** Whoever closes the page while it is looked what a change would do has it looked for no longer. */
async function leftWhileSearching(ann: Api): Promise<void> {
  const { page: other, context: window } = await openWindow(browser);
  await signInAtPages(other, people.app.origin, people.fabrikam.ann);
  await goTo(other, DOMAIN, '/settings');
  const group = other
    .locator('section')
    .filter({ has: other.getByRole('heading', { name: 'External collaboration' }) });
  await group.getByRole('button', { name: 'History' }).click();
  const undo = other
    .getByRole('dialog')
    .getByRole('row', { name: /Blocked domains/ })
    .first();
  // The search waits for settings that somebody else is changing, for as long as the page is there.
  const asked = other.waitForResponse((response) => response.url().endsWith('/admin/what-if'));
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    await lockSettings(ctx);
    await undo.getByRole('button', { name: /^Undo/ }).click();
    const { id } = (await (await asked).json()) as { id: string };
    await other.getByRole('progressbar').waitFor();
    await other.goto('about:blank');
    const state = async () => (await ann('GET', `/admin/what-if/${id}`)).body.state;
    await eventually(async () => (await state()) === 'cancelled', 'the server looks no longer');
  });
  await window.close();
}

test('a partner is asked for its domains, let look, tried step by step, and looked at with its own eyes', async () => {
  await goTo(page, DOMAIN, '/relationships');
  await page.getByRole('button', { name: 'Add a partner' }).first().click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('Ask the partner for its domains').fill('contoso.example');
  await panel.getByRole('button', { name: 'Ask' }).click();
  await panel.getByRole('checkbox', { name: 'contoso.example' }).waitFor();
  await panel.getByRole('textbox', { name: 'Name' }).fill('Contoso');
  await panel.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Save all the same' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Contoso', exact: true }).click();
  await panel.getByLabel('Somebody’s address there').fill('bob@contoso.example');
  await panel.getByRole('button', { name: 'Test' }).click();
  await panel.getByText('Contoso has looked from its end.').waitFor();
  await assertAccessible(page, 'a relationship that was tried');
  await panel.getByRole('link', { name: /What they see of us/ }).click();

  await page.getByText('Anybody at contoso.example').waitFor();
  const line = page.getByRole('row', { name: /Anders Langvatn.*When they are busy/ });
  await line.waitFor();
  await line.getByRole('button', { name: 'Why: Anders Langvatn' }).click();
  await page.getByRole('dialog').getByText('What decided').waitFor();
  await assertAccessible(page, 'why a partner sees it');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('combobox', { name: 'Domain or address' }).fill('tom@tailspin.example');
  await page.getByRole('button', { name: 'Look as them' }).click();
  await page.getByText('tom@tailspin.example', { exact: true }).waitFor();
  await page.getByRole('row', { name: /Anders Langvatn.*Nothing.*only where a relationship/ }).waitFor();
  await page.getByText('Nothing is shared with them by name.').waitFor();
});

test('EX-36: what publishing gives away is allowed, seen, and forbidden after it was shown whose it is', async () => {
  await goTo(page, DOMAIN, '/published');
  const allowed = page.getByRole('switch', { name: /People may publish calendars/ });
  await allowed.click();
  await page.getByText('People may publish their calendars.').first().waitFor();
  const anders = people.api(people.fabrikam.anders);
  const made = await anders('PUT', '/me/calendars/primary/publication', { detailLevel: 'AvailabilityOnly' });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const open = async () => (await fetch(made.body.publishedICalUrl)).status;
  assert.equal(await open(), 200);
  await page.getByRole('button', { name: 'Refresh' }).click();
  const row = page.getByRole('row', { name: /Anders Langvatn.*Anybody with a link.*See when it is busy/ });
  await row.waitFor();
  await assertAccessible(page, 'what is published');
  await row.getByRole('button', { name: /^New addresses/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'New addresses' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  assert.equal(await open(), 404);

  await allowed.click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('heading', { name: '1 loses something.' }).waitFor();
  const loser = question.getByRole('listitem').filter({ hasText: 'Anybody with the address' });
  await loser.getByText('See when it is busy → nothing', { exact: false }).waitFor();
  await loser.getByRole('button', { name: /^Why/ }).click();
  await assertAccessible(page, 'who loses what');
  await onPhone(page, () => assertFits(page, 'who loses what'));
  await question.getByRole('button', { name: 'Do not save' }).click();
  await question.waitFor({ state: 'detached' });
  assert.equal((await people.api(people.fabrikam.ann)('GET', '/admin/calendar-sharing')).body.anonymousLinks, true);
  await allowed.click();
  await question.getByRole('button', { name: 'Save all the same' }).click();
  await question.waitFor({ state: 'detached' });
  await eventually(async () => {
    const again = await anders('GET', '/me/calendars/primary/publication');
    return again.body.allowedDetailLevels.length === 0;
  });
});

test('a sharing policy is written and given to somebody, and a room to be booked is made', async () => {
  await goTo(page, DOMAIN, '/sharing-policies');
  await page.getByRole('button', { name: 'Add a policy' }).first().click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('textbox', { name: 'Name' }).fill('Sales');
  await panel.getByLabel('At most').selectOption({ label: 'All details' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Sales', exact: true }).click();
  await panel.getByRole('combobox', { name: 'People' }).click();
  await page.keyboard.type('Anders');
  await page.getByRole('option', { name: /Anders Langvatn/ }).click();
  await panel.getByRole('button', { name: 'Assign' }).click();
  await page.getByText('Sales was assigned.').first().waitFor();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('row', { name: /Sales.*Every other organisation: at most “All details”.*1/ }).waitFor();

  await goTo(page, DOMAIN, '/rooms');
  await page.getByRole('button', { name: 'Add a room' }).first().click();
  await panel.getByLabel('Name').fill('Lake');
  await panel.getByLabel('E-mail').fill('lake@fabrikam.example');
  await panel.getByLabel('Seats').fill('8');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Lake.*lake@fabrikam\.example.*8/ }).waitFor();
});

test('a text of settings is planned, applied, and compared with what is changed by hand', async () => {
  await goTo(page, DOMAIN, '/settings');
  await page.getByRole('button', { name: 'As text' }).click();
  await page.getByText('No text was applied yet').waitFor();
  const field = page.getByLabel('Text to apply');
  await field.fill('settings:\n  directory.access:\n    membersMayReadOthers: perhaps\n    noSuchThing: 1\n');
  await page.getByRole('button', { name: 'Show the plan' }).click();
  await page.getByText('Line 4: "noSuchThing"').waitFor();
  await assertAccessible(page, 'the refused text');

  await page.locator('input[data-part=file]').setInputFiles({
    name: 'fabrikam.yaml',
    mimeType: 'application/yaml',
    buffer: Buffer.from('settings:\n  directory.access:\n    membersMayReadOthers: false\n'),
  });
  await page.getByRole('button', { name: 'Show the plan' }).click();
  await page.getByRole('heading', { name: '1 setting would change' }).waitFor();
  await page.getByRole('heading', { name: 'They lose' }).waitFor();
  await assertAccessible(page, 'the plan');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('Everything is as the text says').waitFor();

  const token = await people.token(people.fabrikam.ann);
  const byHand = await people.call(token)('PATCH', '/admin/settings/directory.access', {
    values: { membersMayReadOthers: true },
  });
  assert.equal(byHand.status, 200);
  await page.reload();
  await page.getByRole('row', { name: /false.*true.*ann@fabrikam\.example/ }).waitFor();
  assert.match(await page.getByRole('textbox', { name: 'The text' }).inputValue(), /membersMayReadOthers: true/);
  await assertAccessible(page, 'what differs');
  await onPhone(page, async () => {
    await goTo(page, DOMAIN, '/settings/text');
    await page.getByText('ann@fabrikam.example').first().waitFor();
    await assertFits(page, 'settings as text');
  });
});
