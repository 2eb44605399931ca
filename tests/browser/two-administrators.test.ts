import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { problemOfProof, readReceipt, sharedProof } from '../../src/partners/index.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
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
import { runCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD } from '../support/people.ts';
import { type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
let browser: Browser;
const contexts: BrowserContext[] = [];
const faults: string[] = [];

/** One administrator in a browser of their own, at their own server. */
interface Desk {
  readonly side: Side;
  readonly page: Page;
  /** The agreement with the other one. */
  readonly agreement: string;
  open(path: string): Promise<void>;
}
let ann: Desk;
let carla: Desk;

async function sitDown(side: Side, other: Side): Promise<Desk> {
  const window = await openWindow(browser, { acceptsAnyCertificate: true });
  contexts.push(window.context);
  window.page.on('close', () => faults.push(...window.faults));
  await signInAtPages(window.page, `https://${side.place}`, side.administrator, '/partners');
  return {
    side,
    page: window.page,
    agreement: `/partners/${other.id}/agreement`,
    open: (path) => goTo(window.page, side.domain, path),
  };
}

before(async () => {
  [servers, browser] = await Promise.all([startTwoServers({ withPasswords: true }), openBrowser({ names: true })]);
  const { fabrikam, contoso } = servers;
  [ann, carla] = await Promise.all([sitDown(fabrikam, contoso), sitDown(contoso, fabrikam)]);
});

after(async () => {
  for (const context of contexts) await context.close();
  await browser?.close();
  await servers?.close();
  assert.deepEqual(faults, []);
});

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
/** Answers the question that is asked; where somebody gains or loses by it, that too. */
async function confirm(page: Page, name: string): Promise<void> {
  await page.getByRole('alertdialog').getByRole('button', { name, exact: true }).click();
  await answered(page, name);
}
async function answered(page: Page, name: string): Promise<void> {
  const report = page.getByRole('button', { name: 'Save all the same' });
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (await report.isVisible()) await report.click();
    else if ((await page.locator('[role=alertdialog]').count()) === 0) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`"${name}" is never done.`);
}
/** Whoever has been here for a while proves once more who they are, in a window of its own. */
async function proveAgain(page: Page): Promise<void> {
  const asking = page.getByRole('alertdialog', { name: 'Confirm that it is you' });
  await page.getByRole('button', { name: 'Save all the same' }).or(asking).first().waitFor();
  if (!(await asking.isVisible())) await press(page, 'Save all the same');
  await asking.waitFor();
  const opening = page.waitForEvent('popup');
  await asking.getByRole('button', { name: 'Sign in again' }).click();
  const popup = await opening;
  await popup.locator('input[type=password]').fill(PASSWORD);
  await Promise.all([popup.waitForEvent('close'), popup.keyboard.press('Enter')]);
}
/** What comes from the other server is there after a moment: the page is opened anew until it shows it. */
async function until({ page, open }: Desk, path: string, text: string | RegExp): Promise<void> {
  await open(path);
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    await page.reload();
    await settled(page);
    if (await page.getByText(text).first().isVisible()) return;
    await page.waitForTimeout(150);
  }
  throw new Error(`${path} never says ${text}.`);
}
/** The same of a page that has a button for it, and keeps what was filled in. */
const refreshed = (page: Page, wanted: Locator) =>
  eventually(async () => {
    await press(page, 'Refresh');
    await settled(page);
    return wanted.isVisible();
  });
const choose = (page: Page, term: string, way: string, level: string) =>
  page
    .getByRole('group', { name: term })
    .locator('> div', { hasText: way })
    .getByLabel('We')
    .selectOption({ label: level });

test('two organisations find each other: one looks and confirms, the other finds it waiting', async () => {
  const { contoso, fabrikam } = servers;
  await press(ann.page, 'Add a partner');
  const panel = ann.page.getByRole('dialog');
  await panel.getByLabel(/One of its domains/).fill(contoso.place);
  await panel.getByRole('button', { name: 'Look' }).first().click();
  await panel.getByRole('checkbox', { name: contoso.domain }).waitFor();
  await assertAccessible(ann.page, 'what a partner publishes');
  await panel.getByRole('button', { name: 'Confirm as a partner' }).click();
  await panel.waitFor({ state: 'detached' });

  await until(carla, '/partners', 'Waiting for you');
  await assertAccessible(carla.page, 'who waits to be known');
  await press(carla.page, 'Look and confirm');
  await carla.page.getByRole('dialog').getByRole('checkbox', { name: fabrikam.domain }).waitFor();
  await press(carla.page, 'Confirm as a partner');
  await carla.page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('ID-25: who is a guest on another server finds it among her organisations at home', async () => {
  const { fabrikam } = servers;
  const made = await fabrikam.api(fabrikam.administrator)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: carla.side.administrator.userPrincipalName,
    inviteRedirectUrl: `https://${fabrikam.place}/t/${fabrikam.domain}`,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  guestId = made.body.invitedUser.id;
  const { page } = carla;
  await page.goto(new URL(made.body.inviteRedeemUrl, `https://${fabrikam.place}`).href);
  await press(page, 'Continue');
  await press(page, 'Accept');
  await page.getByText('Hello, Carla').waitFor();
  await page.getByRole('link', { name: 'Fabrikam' }).or(page.getByText('Nothing waits for you')).first().waitFor();
  assert.equal(await page.getByText('Not found').count(), 0);

  await page.goto(`https://${carla.side.place}/t/${carla.side.domain}/organisations`);
  await until(carla, '/organisations', 'On other servers');
  await page.getByRole('heading', { name: 'Fabrikam', exact: true }).waitFor();
  await assertAccessible(page, 'organisations on other servers');
  await onPhone(page, () => assertFits(page, 'organisations on other servers'));
});
let guestId = '';

test('EX-126: what a partner publishes anew is shown and waits; an administrator looks at it and confirms it', async () => {
  const { contoso, dns } = servers;
  const domain = 'emea.contoso.example';
  dns.setAddresses(domain, ['127.0.0.1']);
  await contoso.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    await sql`insert into tenants.domains (tenant_id, name, proof, verified_at, created_at)
              select tenant_id, ${domain}, proof, verified_at, created_at
                from tenants.domains where tenant_id = ${ctx.tenantId} and name = ${contoso.domain}`.execute(
      sqlOf(ctx),
    );
    await ctx.announce(TENANT_CHANGED, {});
  });
  const { page } = ann;
  await ann.open('/partners');
  await press(page, 'Contoso');
  const panel = page.getByRole('dialog');
  await press(page, 'Look again');
  await panel.getByText(`New domain: ${domain}`).waitFor();
  await settled(page);
  await assertAccessible(page, 'a partner that publishes something new');
  await onPhone(page, () => assertFits(page, 'a partner that publishes something new'));
  const known = async () => (await servers.fabrikam.api(servers.fabrikam.administrator)('GET', '/admin/partners')).body;
  assert.deepEqual((await known()).value[0].domains, [contoso.domain], 'nothing changes before it is confirmed');
  await press(page, 'Look at the change');
  await panel.getByText('New since you confirmed').waitFor();
  await press(page, 'Confirm as a partner');
  await panel.waitFor({ state: 'detached' });
  assert.deepEqual((await known()).value[0].domains, [contoso.domain, domain]);
  assert.equal((await known()).value[0].proposed, null);
});

test('beyond 3.1: an agreement is proposed, countered, signed by both, and both read the same text', async () => {
  const [us, them] = ['People of Contoso at ours', 'Our people at Contoso'];
  await ann.open(ann.agreement);
  await press(ann.page, 'Write a proposal');
  await choose(ann.page, 'When people are free', us, 'Times, subject and place');
  await choose(ann.page, 'When people are free', them, 'Times, subject and place');
  await assertAccessible(ann.page, 'a proposal being written');
  await press(ann.page, 'Keep as a draft');
  await ann.page.getByRole('dialog').waitFor({ state: 'detached' });
  await press(ann.page, 'Sign and send');
  await confirm(ann.page, 'Sign and send');
  await ann.page.getByText('It waits for Contoso to sign.').waitFor();

  await until(carla, carla.agreement, 'It waits for you');
  await press(carla.page, 'Answer with our version');
  await choose(carla.page, 'When people are free', 'People of Fabrikam at ours', 'Times alone');
  const panel = carla.page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Sign and send' }).click();
  await panel.waitFor({ state: 'detached' });

  await until(ann, ann.agreement, 'Was: Times, subject and place');
  await assertAccessible(ann.page, 'an answer with its differences marked');
  await onPhone(ann.page, () => assertFits(ann.page, 'an agreement'));
  // Whoever has been here for a while proves once more who they are.
  for (const { app } of [servers.fabrikam, servers.contoso]) app.clock.advance(11 * 60);
  await press(ann.page, 'Sign');
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Sign', exact: true }).click();
  await proveAgain(ann.page);
  await answered(ann.page, 'Sign');
  await ann.page.getByText('In force').first().waitFor();
  await until(carla, carla.agreement, 'In force');
  const digest = ({ page }: Desk) =>
    page
      .getByText(/^SHA-256 /)
      .first()
      .innerText();
  assert.equal(await digest(ann), await digest(carla));
  await press(ann.page, 'Check now');
  await ann.page.getByText('Every stored byte is as it was signed').waitFor();
  await ann.page.getByText('Contoso holds the same.').waitFor();

  // On paper: the whole of it, without what can only be clicked.
  await ann.page.emulateMedia({ media: 'print' });
  for (const name of ['Print', 'Suspend']) assert.equal(await ann.page.getByRole('button', { name }).count(), 0);
  for (const text of [/^SHA-256 /, 'When people are free'])
    assert.ok(await ann.page.getByText(text).first().isVisible(), `${text} is printed`);
  const when = `getComputedStyle(document.querySelector('#main time[data-exact]'), '::after').content`;
  assert.match(await ann.page.evaluate<string>(when), /20\d\d/, 'a time on paper has its date');
  await ann.page.emulateMedia({ media: 'screen' });
});

test('what was agreed opens the times of the other side, and no more than that', async () => {
  const day = '2026-12-02';
  const bob = servers.contoso.api(servers.contoso.member);
  const made = await bob('POST', '/v1.0/me/events', {
    subject: 'Secret plan',
    start: { dateTime: `${day}T13:00:00`, timeZone: 'UTC' },
    end: { dateTime: `${day}T15:00:00`, timeZone: 'UTC' },
  });
  assert.equal(made.status, 201);
  const asked = new URLSearchParams({ people: 'bob@contoso.example', day });
  await ann.page.goto(`https://${servers.fabrikam.place}/t/fabrikam.example/calendar/find-a-time?${asked}`);
  await settled(ann.page);
  const grid = ann.page.getByRole('region', { name: /December 2/ });
  await grid.getByText('Contoso').waitFor();
  await grid
    .getByText(/:00.+:00/)
    .first()
    .waitFor();
  assert.ok(!(await ann.page.content()).includes('Secret plan'));
});

test('beyond 3.3, 3.10: parting with one guest is looked at first, ends what they have, and is receipted; the guest finds it in her list no more', async () => {
  const { page } = carla;
  await ann.open(`/guests/${guestId}`);
  await ann.page.getByRole('link', { name: /^Part with Carla/ }).click();
  await ann.page.getByRole('row', { name: /Guest.*1/ }).waitFor();
  await assertAccessible(ann.page, 'what parting with a guest would find');
  await ann.page.getByRole('button', { name: /^Part with Carla/ }).click();
  await ann.page.getByRole('alertdialog').getByRole('textbox').fill('Carla Mendes');
  await confirm(ann.page, 'Part');
  await ann.page.getByText('Everything has ended').waitFor();
  await ann.page
    .getByRole('row', { name: /carla@contoso\.example.*Ended/i })
    .first()
    .waitFor();
  const downloading = ann.page.waitForEvent('download');
  await press(ann.page, 'Download the receipt');
  const path = await (await downloading).path();
  const checked = await runCommand(['receipt', 'verify', path], {});
  assert.equal(checked.code, 0, checked.err);
  assert.match(checked.out, /The receipt is whole: Fabrikam .* has parted with Carla Mendes\./);

  await page.goto(`https://${servers.fabrikam.place}/t/${servers.fabrikam.domain}/`);
  await page.getByRole('heading', { name: 'You are not a guest of Fabrikam' }).waitFor();
  await page.goto(`https://${carla.side.place}/t/${carla.side.domain}/organisations`);
  await until(carla, '/organisations', 'My home');
  assert.equal(await page.getByText('On other servers').count(), 0);
});

test('beyond 3.1.4: a stored text that was changed is told in words to both, opens nothing, and holds again once restored', async () => {
  const change = (to: string) =>
    servers.fabrikam.app.run(
      { tenantId: servers.fabrikam.id, actor: { kind: 'system', name: 'test' } },
      async (ctx) => {
        await sql`update partners.agreement_versions set content = ${sql.raw(to)}`.execute(sqlOf(ctx));
      },
    );
  /** Why Fabrikam is not told when Bob is free. */
  const errorOfBob = async () => {
    const at = (hour: string) => ({ dateTime: `2026-12-02T${hour}:00:00`, timeZone: 'UTC' });
    const asked = { schedules: ['bob@contoso.example'], startTime: at('08'), endTime: at('18') };
    const { administrator, api } = servers.fabrikam;
    const found = await api(administrator)('POST', '/v1.0/me/calendar/getSchedule', asked);
    assert.equal(found.status, 200, JSON.stringify(found.body));
    return found.body.value[0].error;
  };
  assert.equal(await errorOfBob(), undefined);
  await change("content || ' '");
  await ann.open(ann.agreement);
  await press(ann.page, 'Check now');
  await ann.page.getByText('What is stored here is not what was signed').waitFor();
  await ann.page.getByText(/Restore the database from a backup that is sound, then check again/).waitFor();
  await until(ann, ann.agreement, 'Nothing in it holds');
  assert.equal(await ann.page.getByText('In force').count(), 0);
  await ann.page.getByRole('button', { name: 'End the agreement', exact: true }).waitFor();
  await assertAccessible(ann.page, 'an agreement that is broken');
  await onPhone(ann.page, () => assertFits(ann.page, 'an agreement that is broken'));
  await until(carla, carla.agreement, 'Nothing in it holds');
  await eventually(async () => (await errorOfBob()) !== undefined);

  await change('left(content, -1)');
  await ann.open(ann.agreement);
  await press(ann.page, 'Check now');
  await ann.page.getByText('Every stored byte is as it was signed').waitFor();
  for (const desk of [ann, carla]) await until(desk, desk.agreement, 'In force');
  await eventually(async () => (await errorOfBob()) === undefined);
});

test('beyond 3.4: narrowing shows who loses by it; both read it in the history; suspending closes it', async () => {
  await ann.open(ann.agreement);
  await ann.page.getByRole('button', { name: 'Narrow: When people are free' }).first().click();
  const panel = ann.page.getByRole('dialog', { name: /^Narrow/ });
  await panel.getByLabel('We').selectOption({ label: 'Nothing' });
  await panel.getByLabel('Reason').fill('Until the audit is over.');
  await panel.getByRole('button', { name: 'Narrow', exact: true }).click();
  const report = ann.page.getByRole('alertdialog');
  await report.getByRole('heading', { name: 'They lose' }).waitFor();
  await assertAccessible(ann.page, 'who loses by narrowing');
  await report.getByRole('button', { name: 'Save all the same' }).click();
  await panel.waitFor({ state: 'detached' });
  for (const desk of [ann, carla]) {
    await until(desk, desk.agreement, 'In force');
    await desk.page.getByRole('tab', { name: 'History' }).click();
    await desk.page.getByText('Narrowed by fabrikam.example').waitFor();
    await desk.page.getByText('Until the audit is over.').waitFor();
  }
  await assertAccessible(carla.page, 'the history of an agreement');
  await onPhone(carla.page, () => assertFits(carla.page, 'the history'));

  await press(ann.page, 'Suspend');
  await ann.page.getByLabel('Reason (optional)').fill('A laptop was stolen.');
  await confirm(ann.page, 'Suspend');
  await ann.page.getByText('We have suspended it. Reason: A laptop was stolen.').waitFor();
  await until(carla, carla.agreement, 'Fabrikam has suspended it. Reason: A laptop was stolen.');
});

test('CT-14, CT-18: both allow it, people are brought, and removals wait until an administrator has seen who leaves', async () => {
  const { fabrikam, contoso } = servers;
  const [ours, theirs] = [`/partners/${fabrikam.id}/synchronization`, `/partners/${contoso.id}/synchronization`];
  await carla.open(ours);
  await press(carla.page, 'Allow it');
  await press(carla.page, 'Set up');
  const panel = carla.page.getByRole('dialog');
  await panel.getByLabel('Who is brought').selectOption({ label: 'Everybody who is at home here' });
  await panel.getByLabel('At most so many leave').fill('1');
  await assertAccessible(carla.page, 'what is set about bringing people');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.waitFor({ state: 'detached' });
  await until(carla, ours, 'Fabrikam does not allow it.');

  await ann.open(theirs);
  await ann.page.getByRole('button', { name: 'Allow it' }).last().click();
  await ann.page.getByRole('button', { name: 'Allow it no longer' }).waitFor();
  await press(carla.page, 'Go on');
  await until(carla, ours, /^Created: /);
  await carla.page.getByRole('combobox', { name: 'Person' }).click();
  await carla.page.keyboard.type('Bob');
  await carla.page.getByRole('option', { name: /Bob/ }).click();
  await press(carla.page, 'Bring now');
  await carla.page.getByText('(As it was)').waitFor();
  await assertAccessible(carla.page, 'people being brought');

  await press(carla.page, 'Change');
  await panel.getByLabel('Who is brought').selectOption({ label: 'Only those named' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.waitFor({ state: 'detached' });
  await until(carla, ours, 'Who would leave');
  await assertAccessible(carla.page, 'removals that wait');
  await onPhone(carla.page, () => assertFits(carla.page, 'removals that wait'));
  await press(carla.page, 'Let them leave');
  await carla.page.getByRole('alertdialog').getByRole('button', { name: 'Let them leave' }).click();
  await until(carla, ours, /^Removed: /);
});

test('beyond 3.11: both logs stand beside each other, and a record is opened to both texts and its proof', async () => {
  const { page } = ann;
  await ann.open('/partners');
  await page.getByRole('link', { name: 'Shared logs' }).click();
  await page.getByRole('row', { name: /Contoso/ }).waitFor();
  await settled(page);
  await assertAccessible(page, 'the logs shared with each partner');
  await page.getByRole('row').getByRole('link', { name: 'Contoso' }).click();
  await press(page, 'Compare now');
  await page.getByText('The logs were compared.').first().waitFor();
  const row = page.getByRole('row', {
    name: /When people are free, looked up.*bob@contoso\.example.*Both say the same/,
  });
  await until(ann, `/shared-logs/${servers.contoso.id}`, 'Both say the same');
  await page.getByLabel('Person').fill('BOB@');
  await page.getByLabel('What happened').selectOption({ label: 'When people are free, looked up' });
  await refreshed(page, row.first());
  await assertAccessible(page, 'a log beside the other');
  await onPhone(page, () => assertFits(page, 'a log beside the other'));
  await row.first().getByRole('button').press('Enter');
  const panel = page.getByRole('dialog');
  await panel.getByText(/^Theirs: proved by the checkpoint of .* signed by Contoso and kept here\.$/).waitFor();
  await panel.getByText(/^Ours: proved by the checkpoint of .* signed by us/).waitFor();
  await settled(page);
  await assertAccessible(page, 'both texts of a record');
  await onPhone(page, () => assertFits(page, 'both texts of a record'));
  const downloading = page.waitForEvent('download');
  await press(page, 'Download this proof');
  const proof = sharedProof.parse(JSON.parse(await readFile(await (await downloading).path(), 'utf8')));
  assert.equal(problemOfProof(proof), undefined);
  assert.equal(proof.theirs?.keeper, servers.contoso.id);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await press(page, 'Check both logs');
  await page
    .getByText(/Intact: /)
    .nth(1)
    .waitFor();
  await page.getByLabel('Which').selectOption({ label: 'Only those without a counterpart' });
  await refreshed(page, page.getByText('Nothing matches'));
});

test('beyond 3.3: parting shows what it finds, ends it, and leaves a receipt that holds without a server', async () => {
  const anders = servers.fabrikam.api(servers.fabrikam.member);
  const bob = { address: 'bob@contoso.example', name: 'Bob' };
  const shared = await anders('POST', '/v1.0/me/calendar/calendarPermissions', {
    emailAddress: bob,
    role: 'freeBusyRead',
  });
  assert.equal(shared.status, 201, JSON.stringify(shared.body));
  await ann.open('/partners');
  await press(ann.page, 'Contoso');
  await ann.page.getByRole('link', { name: 'Part with Contoso' }).click();
  await ann.page.getByRole('row', { name: /Calendar shared.*1/ }).waitFor();
  await settled(ann.page);
  await assertAccessible(ann.page, 'what parting would find');
  await onPhone(ann.page, () => assertFits(ann.page, 'what parting would find'));
  await ann.page.getByLabel('Reason').fill('The project is over.');
  await press(ann.page, 'Part with Contoso');
  // It takes a fresh proof of who does it: without one nothing has begun.
  for (const { app } of [servers.fabrikam, servers.contoso]) app.clock.advance(11 * 60);
  const asking = ann.page.getByRole('alertdialog');
  await asking.getByRole('textbox').fill('contoso.example');
  await asking.getByRole('button', { name: 'Part', exact: true }).click();
  await proveAgain(ann.page);
  await answered(ann.page, 'Part');
  await ann.page.getByText('Everything has ended').waitFor();
  await ann.page.getByText('They know', { exact: true }).waitFor();
  await ann.page.getByRole('row', { name: /bob@contoso\.example.*Calendar \(Anders Langvatn\).*Ended/ }).waitFor();
  await assertAccessible(ann.page, 'a receipt');
  await onPhone(ann.page, () => assertFits(ann.page, 'a receipt'));
  const downloading = ann.page.waitForEvent('download');
  await press(ann.page, 'Download the receipt');
  const file = JSON.parse(await readFile(await (await downloading).path(), 'utf8'));
  assert.equal((await readReceipt(file)).with.displayName, 'Contoso');
  file.receipt.with.displayName = 'Tailspin';
  await assert.rejects(readReceipt(file));
  await until(ann, '/partners/endings', 'Everything has ended');
  await until(carla, carla.agreement, 'Ended');
});
