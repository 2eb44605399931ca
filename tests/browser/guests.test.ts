/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ensureServicePrincipal } from '../../src/signin/store/applications.ts';
import { Browser as Cookies } from '../support/browser.ts';
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
import { eventually } from '../support/eventually.ts';
import { codesMailedTo } from '../support/passcodes.ts';
import { PASSWORD, type People, type Person, startPeople } from '../support/people.ts';
import { visitingHere } from '../support/visiting.ts';

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

test('ID-8: a guest is invited, comes in with the account at home, is seen as a guest, leaves, and is restored', async () => {
  const { origin } = people.app;
  const { bob } = people.contoso;
  const ann = await openWindow(browser);
  await signInAtPages(ann.page, origin, people.fabrikam.ann, '/guests');
  await settled(ann.page);
  await ann.page.getByRole('button', { name: 'Invite a guest' }).first().click();
  const panel = ann.page.getByRole('dialog');
  await panel.getByLabel('E-mail', { exact: false }).first().fill(bob.userPrincipalName);
  await panel.getByLabel('Name').fill('Bob of Contoso');
  // Told before it is sent, in a line and without a question.
  await panel.getByText(/^They can accept it and sign in\./).waitFor();
  await assertAccessible(ann.page, 'the invitation');
  await panel.getByRole('button', { name: 'Send invitation' }).click();
  const link = panel.getByLabel('Invitation link', { exact: true });
  await link.waitFor();
  const address = await link.inputValue();
  await ann.page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

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
  await home(guest.page, 'fabrikam.example');
  await settled(guest.page);
  const bar = (await guest.page.getByRole('banner').textContent()) ?? '';
  assert.match(bar, /Fabrikam/);
  assert.match(bar, /Guest/);
  await guest.page.getByRole('heading', { name: 'Hello, Bob' }).waitFor();
  await guest.page.getByRole('button', { name: /Account menu: Bob of Contoso/ }).click();
  await guest.page.getByText('Contoso', { exact: true }).last().waitFor();
  await guest.page.keyboard.press('Escape');
  assert.deepEqual(guest.faults, []);

  await ann.page.getByRole('button', { name: 'Refresh' }).click();
  const row = ann.page.getByRole('row', { name: /bob@contoso/ });
  await row.getByText('Accepted').waitFor();
  const text = (await row.textContent()) ?? '';
  for (const part of [/Bob of Contoso/, /contoso/i, /Ann Beebe/, /in \d+ (months|days)/, /now|ago/])
    assert.match(text, part);
  await row.getByRole('link', { name: 'Bob of Contoso' }).click();
  await ann.page.getByRole('heading', { name: 'What this guest can reach' }).waitFor();
  await settled(ann.page);
  await assertAccessible(ann.page, 'the guest');

  await goTo(ann.page, 'fabrikam.example', '/sign-ins');
  const line = ann.page.getByRole('row', { name: /Bob.*Contoso.*Entente in the browser.*Signed in/ });
  await line.waitFor();
  await line.getByRole('button').last().click();
  await ann.page.getByText('Only what belongs to one sign-in is shown.').waitFor();
  await ann.page
    .getByRole('row', { name: /Ann Beebe/ })
    .first()
    .waitFor({ state: 'detached' });
  await line.waitFor();
  await assertAccessible(ann.page, 'the lines of one sign-in');

  await goTo(guest.page, 'fabrikam.example', '/organisations');
  await guest.page.getByRole('button', { name: 'Leave' }).click();
  await guest.page
    .getByRole('alertdialog')
    .or(guest.page.getByRole('dialog'))
    .getByRole('button', { name: 'Leave' })
    .click();
  await eventually(async () => {
    const { body } = await people.api(people.fabrikam.ann)('GET', '/v1.0/directory/deletedItems/microsoft.graph.user');
    return body.value.some((one: { mail: string }) => one.mail === bob.userPrincipalName);
  });
  await guest.context.close();

  await goTo(ann.page, 'fabrikam.example', '/guests');
  await ann.page.getByRole('combobox', { name: /state/i }).selectOption({ label: 'Deleted' });
  await ann.page.getByRole('link', { name: 'Bob of Contoso' }).click();
  await ann.page.getByRole('button', { name: 'Restore' }).click();
  await ann.page.getByText('Accepted').first().waitFor();
  assert.deepEqual(ann.faults, []);
  await ann.context.close();
});

test('CT-7, CT-20: whom a block shuts out is shown before; then the guest is refused with the reason, and let in again', async () => {
  const { origin } = people.app;
  const { bob, id: contoso } = people.contoso;
  await accepts(bob.userPrincipalName);
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, origin, people.fabrikam.ann, '/cross-tenant-access');
  await page.getByText(/^No other organisations yet/).waitFor();
  await settled(page);
  await assertAccessible(page, 'the cross-tenant access policy');
  const panel = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Add an organisation' }).click();
  await panel.getByLabel('Id of the organisation').fill('contoso');
  await page.keyboard.press('Enter');
  await panel.getByText('This is not an id.').waitFor();
  await panel.getByLabel('Id of the organisation').fill(contoso.toUpperCase());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Access with Contoso' }).waitFor();
  await settled(page);

  const guests = page.getByRole('listitem').filter({ hasText: 'Their people as guests here' });
  await guests.getByText('As default').waitFor();
  const change = () => guests.getByRole('button', { name: 'Change: Their people as guests here' }).click();
  await change();
  await panel.getByLabel('What holds for Contoso').selectOption({ label: 'A value of its own' });
  await panel.getByLabel('Who', { exact: true }).selectOption({ label: 'Only those named' });
  await panel.getByLabel('People of Contoso').fill(`${bob.id}\nbob@contoso.example`);
  await panel.getByText('Line 2 is not an id.').waitFor();
  await panel.getByLabel('People of Contoso').fill('');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Name at least one person or group.').waitFor();
  await assertAccessible(page, 'a setting with nobody named');
  await panel.getByLabel('Who', { exact: true }).selectOption({ label: 'Nobody' });
  await panel.getByRole('button', { name: 'Look' }).click();
  await panel
    .getByRole('row', { name: /bob_contoso\.example.*Entente/ })
    .first()
    .waitFor();
  await panel.getByRole('button', { name: 'Save' }).click();
  const report = page.getByRole('alertdialog');
  await report.getByText(/^Bob /).first().waitFor();
  await assertAccessible(page, 'whom a block shuts out');
  await report.getByRole('button', { name: 'Save all the same' }).click();
  await guests.getByText('Its own').waitFor();
  await guests.getByText('Nobody', { exact: true }).waitFor();
  await assertAccessible(page, 'the access with one organisation');

  const visit = async (arrived: (page: Page) => Promise<unknown>) => {
    const guest = await openWindow(browser);
    await guest.page.goto(`${origin}/t/fabrikam.example`);
    await guest.page.locator('input[name=userName]').fill(bob.userPrincipalName);
    await guest.page.keyboard.press('Enter');
    await guest.page.getByRole('button', { name: 'Continue' }).click();
    await guest.page.locator('input[type=password]').fill(PASSWORD);
    await guest.page.keyboard.press('Enter');
    await arrived(guest.page);
    assert.deepEqual(guest.faults, []);
    await guest.context.close();
  };
  await visit((there) => there.getByText('An administrator of Fabrikam must allow this first.').waitFor());

  // Somebody who only looks sees it, and nothing to change it with.
  const { anders } = people.fabrikam;
  const ann = people.api(people.fabrikam.ann);
  const given = await ann('POST', '/v1.0/roleManagement/directory/roleAssignments', {
    roleDefinitionId: AUDITOR,
    principalId: anders.id,
    directoryScopeId: '/',
  });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  const auditor = await openWindow(browser);
  await signInAtPages(auditor.page, origin, anders, `/cross-tenant-access/${contoso}`);
  await auditor.page.getByText('Nobody', { exact: true }).first().waitFor();
  assert.equal(await auditor.page.getByRole('button', { name: /^Change|Remove/ }).count(), 0);
  await auditor.context.close();
  const entry = `/v1.0/policies/crossTenantAccessPolicy/partners/${contoso}`;
  assert.equal((await people.api(anders)('PATCH', entry, { b2bCollaborationInbound: null })).status, 403);

  await change();
  await panel
    .getByLabel('What holds for Contoso')
    .selectOption({ label: 'As for everybody (Everybody, for all applications)' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await report.getByText(/^Bob /).first().waitFor();
  await report.getByRole('button', { name: 'Save all the same' }).click();
  await guests.getByText('As default').waitFor();
  await visit((there) => home(there, 'fabrikam.example'));

  // What holds it down besides what is set here is said, with the reason.
  const rules = (values: Record<string, unknown>) =>
    ann('PATCH', '/admin/settings/partners.agreement-rules', { values });
  assert.equal((await rules({ requiredFor: ['guests'] })).status, 200);
  await page.reload();
  const bar = guests.getByText('It goes less far than is set here:');
  await bar.waitFor();
  await settled(page);
  await assertAccessible(page, 'a value that is held down');
  await guests.getByRole('button', { name: /^Why/ }).click();
  await panel.getByText('What decided').waitFor();
  await page.keyboard.press('Escape');
  assert.equal((await rules({ requiredFor: null })).status, 200);

  // Applications are picked by name, with who registered them; one that nobody here knows, by its id.
  const planner = await people.api(people.contoso.carla)('POST', '/v1.0/applications', {
    displayName: 'Planner',
    signInAudience: 'AzureADMultipleOrgs',
  });
  assert.equal(planner.status, 201, JSON.stringify(planner.body));
  // Somebody here has let it in.
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    ensureServicePrincipal(ctx, { id: planner.body.appId, tenantId: contoso, displayName: 'Planner' }),
  );
  await page.reload();
  await change();
  await panel.getByLabel('What holds for Contoso').selectOption({ label: 'A value of its own' });
  await panel.getByLabel('For which applications').selectOption({ label: 'Only those named' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Name at least one application.').waitFor();
  const pick = async (from: string, text: string, option: string | RegExp) => {
    await panel.getByRole('combobox', { name: from, exact: true }).click();
    await page.keyboard.type(text);
    await page.getByRole('option', { name: option }).click();
  };
  await pick('Applications', 'contoso', 'Planner (Contoso)');
  await pick('Applications', 'itself', 'Entente itself (Office365)');
  await pick('Applications', 'somebody-elses', /somebody-elses/);
  await panel.getByRole('button', { name: 'somebody-elses Not known here' }).waitFor();
  await assertAccessible(page, 'applications that are picked');
  await panel.getByRole('button', { name: 'Save' }).click();
  await guests.getByText('Planner (Contoso), Entente itself (Office365), somebody-elses (not known here)').waitFor();

  // What is given of calendars is in the same entry.
  const times = page.getByRole('listitem').filter({ hasText: 'Whether times are looked up.' });
  await times.getByText('Not said, and so denied').waitFor();
  await times.getByRole('button', { name: 'Change: Looking up times' }).click();
  await panel.getByLabel('What holds for Contoso').selectOption({ label: 'Allowed' });
  await panel.getByLabel('Of whom here').selectOption({ label: 'Only those named' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Name at least one person or group.').waitFor();
  await pick('People of ours', 'Anders', /Anders/);
  await panel.getByText('So it will be: Allowed, of 1 person.').waitFor();
  await assertAccessible(page, 'what is given of calendars');
  await panel.getByRole('button', { name: 'Save' }).click();
  await report.getByText('They gain').waitFor();
  await report.getByRole('button', { name: 'Save all the same' }).click();
  await times.getByText('Allowed, of 1 person').waitFor();
  await settled(page);
  await assertAccessible(page, 'the access with one organisation');
  await onPhone(page, () => assertFits(page, 'the access with one organisation'));
  await page.getByRole('button', { name: 'Remove' }).click();
  await report.getByRole('button', { name: 'Remove' }).click();
  await report.waitFor({ state: 'detached' });
  await page.locator('#main').getByRole('button', { name: 'Remove' }).waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

/** Somebody of Contoso becomes a guest of Fabrikam. */
async function accepts(userName: string): Promise<void> {
  const visits = visitingHere(people);
  const { redeem } = await visits.invite(userName);
  const cookies = new Cookies();
  await visits.proveAtHome(cookies, redeem, userName);
  const done = await visits.act(cookies, redeem, 'consent', { accepted: true });
  assert.equal(done.json.step, 'done', done.text);
}

const AUDITOR = 'a9a0d6a2-6f3c-4b0e-8a64-6b5c8f0c7d11';

test('an invitation comes by mail with its message; whoever is signed in at home types nothing to answer it', async () => {
  const { carla } = people.contoso;
  await people.api(people.fabrikam.ann)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: carla.userPrincipalName,
    inviteRedirectUrl: `${people.app.origin}/t/fabrikam.example`,
    sendInvitationMessage: true,
    invitedUserMessageInfo: { customizedMessageBody: 'See you on Tuesday.' },
  });
  await letterTo(carla, /invites you/);
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, carla, '/mail');
  await settled(page);
  const row = page.getByRole('row', { name: /invites you/ });
  assert.match((await row.textContent()) ?? '', /Ann Beebe \(Fabrikam\)/);
  await row.getByRole('button', { name: /invites you/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('link', { name: /\/redeem\?/ })
    .click();
  await page.getByText('See you on Tuesday.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('asks for your consent').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('whoever gets unwanted invitations blocks their sender with a code to the address', async () => {
  const { carla } = people.contoso;
  const { page, context, faults } = await openWindow(browser, { isPhone: true });
  await page.goto(
    `${people.app.origin}/blocked-organisations?${new URLSearchParams({ t: people.fabrikam.id, address: carla.userPrincipalName })}`,
  );
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code').waitFor();
  await assertAccessible(page, 'the code page');
  await page.getByLabel('Code').fill(await letterTo(carla, /\b\d{8}\b/));
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Never again from Fabrikam' }).click();
  await page.getByRole('button', { name: 'Allow Fabrikam again' }).waitFor();
  await assertAccessible(page, 'the blocked organisations');
  await assertFits(page, 'the blocked organisations');
  assert.deepEqual(faults, []);
  await context.close();
});

/** Waits for a letter whose subject holds this, and gives back what was found there. */
async function letterTo(person: Person, wanted: RegExp): Promise<string> {
  const api = people.api(person);
  return eventually(async () => {
    const { body } = await api('GET', '/me/mail');
    for (const { subject } of body.value as { subject: string }[]) {
      const [found] = wanted.exec(subject) ?? [];
      if (found) return found;
    }
    return undefined;
  }, 'No such letter came.');
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

const EMIL = 'emil@nowhere-else.example';

const codes = () => codesMailedTo(people.app.adminUrl, EMIL);

test('ID-10: a guest who has no account anywhere accepts with one code, and is in', async () => {
  const { origin } = people.app;
  const made = await people.api(people.fabrikam.ann)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: EMIL,
    inviteRedirectUrl: `${origin}/t/fabrikam.example`,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));

  const { page, context, faults } = await openWindow(browser);
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
  await context.close();
});
