import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { remind } from '../../src/calendars/usecases/reminders.ts';
import {
  assertAccessible,
  assertFits,
  goTo,
  openBrowser,
  openWindow,
  settled,
  signInAtPages,
} from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;

/** A Wednesday, so that the work week around it is shown. */
const WEDNESDAY = '2026-12-02';

before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  browser = await openBrowser();
  const carla = await people.api(people.contoso.carla)('POST', '/admin/organization-relationships', {
    name: 'Fabrikam',
    domainNames: ['fabrikam.example'],
    freeBusy: { enabled: true, level: 'AvailabilityOnly' },
  });
  assert.equal(carla.status, 201, JSON.stringify(carla.body));
  const bob = await people.api(people.contoso.bob)('POST', '/v1.0/me/events', {
    subject: 'Proposal for another client',
    start: { dateTime: `${WEDNESDAY}T13:00:00`, timeZone: 'UTC' },
    end: { dateTime: `${WEDNESDAY}T15:00:00`, timeZone: 'UTC' },
  });
  assert.equal(bob.status, 201, JSON.stringify(bob.body));
});

after(async () => {
  await browser?.close();
  await people?.app.close();
});

/** The event of this title, as it stands in the calendar. */
const event = (page: Page, title: string) => page.locator('[data-key]', { hasText: title }).first();

async function eventsOfAnn(): Promise<readonly Record<string, never>[]> {
  const { body } = await people.api(people.fabrikam.ann)(
    'GET',
    `/v1.0/me/calendarView?startDateTime=${WEDNESDAY}T00:00:00Z&endDateTime=2026-12-16T00:00:00Z`,
  );
  return body.value;
}

test('Ann writes a weekly meeting by keyboard alone', async () => {
  const title = 'Falcon weekly';
  const { page, context, faults } = await openWindow(browser, { theme: 'dark' });
  await signInAtPages(page, people.app.origin, people.fabrikam.ann);
  await goTo(page, 'fabrikam.example', '/calendar');
  await settled(page);
  await assertAccessible(page, 'the calendar');

  await page.keyboard.press('n');
  const form = page.getByRole('dialog');
  await form.getByLabel('Title').waitFor();
  await page.waitForTimeout(200);
  await page.keyboard.type(title);
  await form.getByLabel('People').focus();
  await page.keyboard.type('bob@contoso.example');
  await page.keyboard.press('Enter');
  await form.getByRole('list', { name: 'People' }).getByText('Contoso').waitFor();
  await form.getByLabel('Begins', { exact: true }).fill(WEDNESDAY);
  await form.getByLabel('Begins at').fill('13:30');
  // What the partner lets Fabrikam know, at once and beside the name.
  await form.getByText('Busy', { exact: true }).first().waitFor();
  await form.getByLabel('Repeats').selectOption({ label: 'Every week' });
  await assertAccessible(page, 'the form of an event');
  await form.getByLabel('Title').focus();
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'detached' });
  await page.getByText(`${title} is in the calendar.`).first().waitFor();
  const times = (await eventsOfAnn()).filter(({ subject }) => subject === title);
  assert.deepEqual(
    times.map(({ type }) => type),
    ['occurrence', 'occurrence'],
  );

  // To its day, and into it with the arrows alone.
  await page.getByRole('button', { name: 'Today' }).focus();
  await page.evaluate(`document.activeElement?.blur()`);
  await page.keyboard.press('2');
  for (let i = 0; i < 60 && !(await event(page, title).isVisible()); i += 1) {
    await page.keyboard.press('PageDown');
    await page.waitForTimeout(250);
  }
  await event(page, title).focus();
  await page.keyboard.press('Enter');
  const card = page
    .getByRole('group', { name: title })
    .or(page.getByRole('dialog', { name: title }))
    .first();
  await card.getByText('Has not answered').waitFor();
  await assertAccessible(page, 'the card of an event');
  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

test('Ann draws a meeting with the mouse, moves it, takes the move back, and makes it longer', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, `/calendar?date=${WEDNESDAY}&view=workWeek`);
  await settled(page);
  const column = await page
    .locator(`[role=gridcell][data-date="${WEDNESDAY}"], [data-date="${WEDNESDAY}"]`)
    .last()
    .boundingBox();
  assert.ok(column);
  const x = column.x + column.width / 2;
  const [from, to] = [column.y + column.height * 0.4, column.y + column.height * 0.4 + 70];
  await page.mouse.move(x, from);
  await page.mouse.down();
  await page.mouse.move(x, to, { steps: 8 });
  await page.mouse.up();
  const form = page.getByRole('dialog');
  await form.getByLabel('Title').fill('Drawn');
  assert.equal(await form.getByLabel('Begins', { exact: true }).inputValue(), WEDNESDAY);
  await form.getByRole('button', { name: 'Save' }).click();
  await event(page, 'Drawn').waitFor();
  const timeOf = async () =>
    (await eventsOfAnn()).find(({ subject }) => subject === 'Drawn')?.start as unknown as { dateTime: string };
  const before = (await timeOf()).dateTime;

  const box = await event(page, 'Drawn').boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 80, { steps: 8 });
  const moving = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.mouse.up();
  const { start } = await (await moving).json();
  assert.notEqual(start.dateTime, before);
  // The word with its undo goes away by itself: taken at once.
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone').first().waitFor();
  assert.equal((await timeOf()).dateTime, before);

  // By its lower edge, the end alone moves.
  const edge = await event(page, 'Drawn').boundingBox();
  assert.ok(edge);
  await page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height / 2);
  await page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height - 2);
  await page.mouse.down();
  await page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height + 70, { steps: 8 });
  const resizing = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.mouse.up();
  const longer = await (await resizing).json();
  assert.equal(longer.start.dateTime, before);
  const minutes = (Date.parse(longer.end.dateTime) - Date.parse(longer.start.dateTime)) / 60_000;
  assert.ok(minutes >= 90, `${minutes} minutes`);
  assert.deepEqual(faults, []);
  await context.close();
});

test('EX-47: Ann shares her contacts with Bob of Contoso, sees who has them, and stops', async () => {
  const ann = people.api(people.fabrikam.ann);
  const { value } = (await ann('GET', '/admin/sharing-policies')).body;
  const rules = ['contoso.example: ContactsSharing'];
  assert.equal((await ann('PATCH', `/admin/sharing-policies/${value[0].id}`, { rules })).status, 200);
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/contacts');
  await settled(page);
  const book = page.getByRole('group', { name: 'Contacts' });
  await book.getByText('Nobody else sees it.').waitFor();
  await assertAccessible(page, 'the contacts');
  await book.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog');
  const share = async (address: string) => {
    await dialog.getByLabel('Share with').fill(address);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  };
  // What the policy does not let out is refused, with its reason.
  await share('tom@tailspin.example');
  await dialog.getByText('The sharing policy does not let you share contacts with tom@tailspin.example.').waitFor();
  await dialog.getByRole('button', { name: 'Why: tom@tailspin.example' }).click();
  const why = page.getByRole('dialog').last();
  await why.getByText('Contacts are shared outside only with those').first().waitFor();
  await why.getByRole('button', { name: 'Close' }).click();
  await dialog.getByRole('button', { name: 'Remove tom@tailspin.example' }).click();
  await share('bob@contoso.example');
  await dialog.waitFor({ state: 'detached' });
  const row = book.getByRole('listitem').filter({ hasText: 'bob@contoso.example' });
  await row.getByText('Contoso').waitFor();
  await row.getByText('Reads it').waitFor();
  await assertAccessible(page, 'contacts that are shared');

  await book.getByRole('button', { name: 'Rename' }).click();
  await dialog.getByLabel('Name').fill('Customers');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const renamed = page.getByRole('group', { name: 'Customers' });
  await renamed.waitFor();

  const bob = await openWindow(browser, { isPhone: true });
  await signInAtPages(bob.page, people.app.origin, people.contoso.bob, '/contacts');
  await bob.page.getByRole('button', { name: 'Open one of another organisation' }).click();
  await bob.page.getByRole('dialog').getByLabel('Address of its owner').fill('ann@fabrikam.example');
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  const opened = bob.page.getByRole('listitem').filter({ hasText: 'You may read it' });
  await opened.getByText('ann@fabrikam.example').waitFor();
  await assertFits(bob.page, 'contacts of others');
  await assertAccessible(bob.page, 'contacts of others');
  await opened.getByRole('button', { name: 'Close' }).click();
  await opened.waitFor({ state: 'detached' });
  await bob.context.close();

  await renamed.getByRole('button', { name: 'Stop sharing with bob@contoso.example' }).click();
  await renamed.getByText('Nobody else sees it.').waitFor();
  assert.deepEqual([...faults, ...bob.faults], []);
  await context.close();
});

test('a link in a panel leaves nothing hidden behind', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.contoso.carla, '/relationships');
  await page.getByRole('button', { name: 'Fabrikam' }).click();
  await page.getByRole('dialog').getByRole('link').first().click();
  await page.waitForURL(/partner-view/);
  await settled(page);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await assertAccessible(page, 'the page behind the link');
  assert.deepEqual(faults, []);
  await context.close();
});

test('Find a time shows when Bob of Contoso is busy and why nothing is known of Tailspin', async () => {
  const { page, context, faults } = await openWindow(browser);
  const asked = new URLSearchParams({ people: 'bob@contoso.example,tom@tailspin.example', day: WEDNESDAY });
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, `/calendar/find-a-time?${asked}`);
  await settled(page);
  const grid = page.getByRole('region', { name: /December 2/ });
  await grid.getByText('Contoso').waitFor();
  await grid
    .getByText(/1:00.+3:00/)
    .first()
    .waitFor();
  await grid.getByText('May not be seen').waitFor();
  assert.ok(!(await page.content()).includes('Proposal for another client'));
  await assertAccessible(page, 'the grid of people');
  const slot = grid.getByRole('slider');
  const said = await slot.getAttribute('aria-valuetext');
  await slot.focus();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await slot.getAttribute('aria-valuetext'), said);
  await page.getByRole('button', { name: 'Invite for this time' }).click();
  await page.getByRole('dialog').getByLabel('Title').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

/** Opens the card of an event of one's own. */
async function openCard(page: Page, title: string): Promise<void> {
  await page.locator('[data-key^="calendar:"]', { hasText: title }).first().click();
  await page.getByRole('heading', { name: title }).waitFor();
}

/** Chooses how far a change of a series reaches. */
async function choose(page: Page, reach: string, confirm: string): Promise<void> {
  await page.getByRole('radio', { name: reach }).check();
  await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
}

test('Anders changes one event of a series, then all from a day on, and then deletes the rest', async () => {
  const anders = people.api(people.fabrikam.anders);
  const made = await anders('POST', '/v1.0/me/events', {
    subject: 'Stand-up',
    start: { dateTime: '2026-11-30T09:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-11-30T09:30:00', timeZone: 'UTC' },
    recurrence: {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'numbered', startDate: '2026-11-30', numberOfOccurrences: 5 },
    },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const titles = async () => {
    const path = '/v1.0/me/calendarView?startDateTime=2026-11-29T00:00:00Z&endDateTime=2026-12-06T00:00:00Z';
    return (await anders('GET', path)).body.value.map(({ subject }: { subject: string }) => subject);
  };
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.anders, `/calendar?date=${WEDNESDAY}&view=workWeek`);
  await settled(page);
  const edit = async (n: number, reach: string, title: string) => {
    await page.locator('[data-key^="calendar:"]').nth(n).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await choose(page, reach, 'Edit');
    const form = page.getByRole('dialog');
    await form.getByLabel('Title').fill(title);
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await event(page, title).waitFor();
  };
  await edit(0, 'Only this one', 'Kick-off');
  assert.deepEqual(await titles(), ['Kick-off', 'Stand-up', 'Stand-up', 'Stand-up', 'Stand-up']);
  await edit(3, 'This one and all after it', 'Round-up');
  assert.deepEqual(await titles(), ['Kick-off', 'Stand-up', 'Stand-up', 'Round-up', 'Round-up']);

  // Deleted, taken back, and deleted for good: the server is told when the page is left.
  await openCard(page, 'Round-up');
  await page.getByRole('button', { name: 'Delete' }).click();
  await choose(page, 'All events of the series', 'Delete');
  await event(page, 'Round-up').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await event(page, 'Round-up').waitFor();
  await openCard(page, 'Round-up');
  await page.getByRole('button', { name: 'Delete' }).click();
  await choose(page, 'All events of the series', 'Delete');
  await event(page, 'Round-up').waitFor({ state: 'detached' });
  await goTo(page, 'fabrikam.example', '/groups');
  await eventually(async () => (await titles()).length === 3);
  assert.deepEqual(faults, []);
  await context.close();
});

async function letDeliveryBeAsked(api: Api, domain: string): Promise<void> {
  const path = '/admin/organization-relationships';
  const { value } = (await api('GET', path)).body;
  const known = value.find(({ domainNames }: { domainNames: string[] }) => domainNames.includes(domain));
  const set = known
    ? await api('PATCH', `${path}/${known.id}`, { deliveryReportEnabled: true })
    : await api('POST', path, { name: domain, domainNames: [domain], deliveryReportEnabled: true });
  assert.ok(set.status < 300, JSON.stringify(set.body));
}

test('EX-55: Bob invites Ann, who proposes another time; he agrees, and both see it at once', async () => {
  const [bob, ann] = [await openWindow(browser), await openWindow(browser)];
  const at = `/calendar?date=${WEDNESDAY}&view=workWeek`;
  await signInAtPages(ann.page, people.app.origin, people.fabrikam.ann, at);
  await settled(ann.page);
  const made = await people.api(people.contoso.bob)('POST', '/v1.0/me/events', {
    subject: 'Contract',
    start: { dateTime: '2026-12-03T09:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-12-03T10:00:00', timeZone: 'UTC' },
    attendees: [{ type: 'required', emailAddress: { address: 'ann@fabrikam.example' } }],
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  // Nobody asked for it: the page was told. It would look again by itself only after half a minute.
  await event(ann.page, 'Contract').waitFor({ timeout: 12_000 });
  await openCard(ann.page, 'Contract');
  await ann.page.getByText('contoso.example').or(ann.page.getByText('Contoso')).first().waitFor();
  await assertAccessible(ann.page, 'the card of an invitation');
  await ann.page.getByRole('button', { name: 'Propose another time' }).click();
  const form = ann.page.getByRole('dialog');
  await form.getByLabel('Begins at').fill('14:00');
  await form.getByLabel('A word to the organiser').fill('I am away in the morning.');
  await assertAccessible(ann.page, 'the proposal');
  await form.getByRole('button', { name: 'Send the proposal' }).click();
  await form.waitFor({ state: 'detached' });

  await signInAtPages(bob.page, people.app.origin, people.contoso.bob, at);
  await settled(bob.page);
  await openCard(bob.page, 'Contract');
  await bob.page.getByText('I am away in the morning.').waitFor();
  await bob.page.getByRole('button', { name: 'Move it there' }).click();
  await event(bob.page, 'Contract').getByText('2:00').waitFor();
  await event(ann.page, 'Contract').getByText('2:00').waitFor({ timeout: 12_000 });
  await openCard(ann.page, 'Contract');
  await ann.page.getByRole('button', { name: 'Accept' }).click();
  await openCard(bob.page, 'Contract');
  await bob.page.getByText('Comes', { exact: true }).waitFor({ timeout: 12_000 });
  // What became of the invitation is told once both organisations let it be asked; until then, why it is not.
  await bob.page.getByRole('button', { name: 'Did it arrive at ann@fabrikam.example?' }).click();
  await bob.page.getByRole('button', { name: 'Why?' }).waitFor();
  await assertAccessible(bob.page, 'a delivery report that is refused');
  for (const [who, domain] of [
    [people.contoso.carla, 'fabrikam.example'],
    [people.fabrikam.ann, 'contoso.example'],
  ] as const)
    await letDeliveryBeAsked(people.api(who), domain);
  await bob.page.getByRole('button', { name: 'Did it arrive at ann@fabrikam.example?' }).click();
  await bob.page.getByText('Arrived there.').waitFor();
  await assertAccessible(bob.page, 'a delivery report');
  assert.deepEqual([...ann.faults, ...bob.faults], []);
  await ann.context.close();
  await bob.context.close();
});

test('EX-42: Bob shares his calendar until a day; Ann follows the letter, reads it beside hers, and puts it away', async () => {
  const carla = people.api(people.contoso.carla);
  const { value } = (await carla('GET', '/admin/sharing-policies')).body;
  const rules = ['fabrikam.example: CalendarSharingFreeBusyDetail'];
  assert.equal((await carla('PATCH', `/admin/sharing-policies/${value[0].id}`, { rules })).status, 200);

  const bob = await openWindow(browser);
  await signInAtPages(bob.page, people.app.origin, people.contoso.bob, '/calendar');
  await settled(bob.page);
  await bob.page.getByRole('button', { name: 'More about Calendar' }).click();
  await bob.page.getByRole('menuitem', { name: 'Share' }).click();
  const dialog = bob.page.getByRole('dialog');
  await dialog.getByLabel('Share with').fill('ann@fabrikam.example');
  await bob.page.keyboard.press('Enter');
  await dialog.getByLabel('What they see').first().click();
  // What the policy and the product keep inside is greyed.
  assert.equal(await bob.page.getByRole('option', { name: /May edit/ }).getAttribute('aria-disabled'), 'true');
  await bob.page.getByRole('option', { name: /Titles and places/ }).click();
  const until = new Date(people.app.clock.now.getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel('Until').first().fill(until);
  await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  const row = dialog.getByRole('listitem').filter({ hasText: 'ann@fabrikam.example' });
  await row.waitFor();
  assert.equal(await row.getByLabel('Until').inputValue(), until);
  await assertAccessible(bob.page, 'the dialog of sharing');
  await bob.context.close();

  const link = await eventually(async () => {
    const { body } = await people.api(people.fabrikam.ann)('GET', '/me/mail');
    return /https?:[^\s"<]*calendar\/accept[^\s"<\\]*/.exec(JSON.stringify(body))?.[0];
  });
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann);
  await page.goto(`${people.app.origin}${new URL(link).pathname}${new URL(link).search}`);
  await page.getByLabel('Your work address').fill('ann@fabrikam.example');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('The calendar of Bob Kelly is now among yours.').waitFor();
  await assertAccessible(page, 'the accepted calendar');
  await page.goto(`${people.app.origin}/t/fabrikam.example/calendar?date=${WEDNESDAY}&view=workWeek`);
  const shared = page.getByRole('region', { name: 'Shared with me' });
  await shared.getByText('Contoso').waitFor();
  await event(page, 'Proposal for another client').waitFor();
  await shared.getByRole('button', { name: /More about Bob Kelly/ }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await shared.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

test('a file of an event is attached, saved by its reader, and taken away', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.anders, '/calendar?date=2026-12-14&view=day');
  await settled(page);
  await page.getByRole('button', { name: 'New event' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Title').fill('With a file');
  const buffer = Buffer.from('What is to be said.');
  await form.locator('input[type=file]').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await openCard(page, 'With a file');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save notes.txt' }).click();
  assert.equal(await readFile(await (await saving).path(), 'utf8'), 'What is to be said.');
  await page.getByRole('button', { name: 'Edit' }).click();
  await form.getByRole('button', { name: 'Take notes.txt away' }).click();
  await form.getByText('notes.txt').waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

test('a calendar file is taken in, told how it went, and a calendar saved as a file', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.anders);
  await goTo(page, 'fabrikam.example', '/calendar');
  await settled(page);
  const more = page.getByRole('button', { name: /^More about/ }).first();
  await more.click();
  await page.getByRole('menuitem', { name: 'Take in a file' }).click();
  const panel = page.getByRole('dialog');
  const lines = [1, 2, 3].flatMap((n) => [
    'BEGIN:VEVENT',
    `UID:taken-in-${n}`,
    'DTSTAMP:20260401T000000Z',
    `DTSTART:2026120${n}T090000Z`,
    'DURATION:PT30M',
    `SUMMARY:Taken in ${n}`,
    'END:VEVENT',
  ]);
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Other//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
  const file = { name: 'other.ics', mimeType: 'text/calendar', buffer: Buffer.from(text) };
  await panel.locator('input[data-part=file]').setInputFiles(file);
  await panel.getByText('Everything is through. 3 new, 0 changed, 0 as before.').waitFor();
  await settled(page);
  await assertAccessible(page, 'a file that was taken in');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  const saving = page.waitForEvent('download');
  await more.click();
  await page.getByRole('menuitem', { name: 'Save as a file' }).click();
  const saved = await readFile(await (await saving).path(), 'utf8');
  for (const n of [1, 2, 3]) assert.match(saved, new RegExp(`UID:taken-in-${n}`));
  assert.deepEqual(faults, []);
  await context.close();
});

test('Anders says when he works, sees a second clock, the keys, and how it looks on paper', async () => {
  const made = await people.api(people.fabrikam.anders)('POST', '/v1.0/me/events', {
    subject: 'On paper',
    start: { dateTime: `${WEDNESDAY}T11:00:00`, timeZone: 'UTC' },
    end: { dateTime: `${WEDNESDAY}T12:00:00`, timeZone: 'UTC' },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.anders, `/calendar?date=${WEDNESDAY}&view=workWeek`);
  await settled(page);
  const open = async (name: string) => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
    await page.getByRole('dialog').waitFor();
  };
  await open('Calendar settings');
  await page.getByRole('checkbox', { name: 'Fri' }).uncheck();
  await page.getByRole('switch', { name: 'Put new invitations into the calendar at once' }).uncheck();
  await page.getByText('Reminders outside this window').waitFor();
  await assertAccessible(page, 'the settings of a calendar');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const kept = await people.api(people.fabrikam.anders)('GET', '/v1.0/me/mailboxSettings');
  assert.deepEqual(kept.body.workingHours.daysOfWeek, ['monday', 'tuesday', 'wednesday', 'thursday']);
  const meetings = await people.api(people.fabrikam.anders)('GET', '/me/meeting-settings');
  assert.equal(meetings.body.addNewRequestsTentatively, false);
  await open('Second time zone');
  await page.getByRole('dialog').getByLabel('Second time zone').selectOption('Asia/Tokyo');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByText('17:00').first().waitFor();
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('New event').waitFor();
  await page.keyboard.press('Escape');
  await page.emulateMedia({ media: 'print' });
  await event(page, 'On paper').waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('on a phone, the calendar is an agenda that fits', async () => {
  const { page, context, faults } = await openWindow(browser, { isPhone: true, language: 'zh-Hans' });
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/calendar');
  await settled(page);
  await assertFits(page, 'the calendar');
  await assertAccessible(page, 'the calendar of a phone');
  assert.deepEqual(faults, []);
  await context.close();
});

// The last: it moves the server's clock.
test('a reminder comes to the open page by itself, is put off, comes again, and is put away', async () => {
  const { page, context, faults } = await openWindow(browser);
  await signInAtPages(page, people.app.origin, people.fabrikam.ann);
  await settled(page);
  const at = (minutes: number) => ({
    dateTime: new Date(people.app.clock.now.getTime() + minutes * 60_000).toISOString().slice(0, 19),
    timeZone: 'UTC',
  });
  const ann = people.api(people.fabrikam.ann);
  const made = await ann('POST', '/v1.0/me/events', {
    subject: 'Fire drill',
    start: at(16),
    end: at(240),
    reminderMinutesBeforeStart: 15,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const sweep = async (seconds: number) => {
    people.app.clock.advance(seconds);
    await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, remind);
  };
  await sweep(90);
  // Nobody asked for it: the page was told.
  const toast = page.locator('.fui-Toast', { hasText: 'Fire drill' });
  await toast.waitFor();
  await assertAccessible(page, 'a page with a reminder');
  await toast.getByRole('button', { name: '5 minutes' }).click();
  await toast.waitFor({ state: 'detached' });
  await eventually(async () => (await ann('GET', '/me/reminders')).body.value.length === 0);
  // The page's own clock went on while the server's stood.
  await sweep(1800);
  await toast.waitFor();
  await toast.getByRole('button', { name: 'Put away' }).click();
  await toast.waitFor({ state: 'detached' });
  await eventually(async () => (await ann('GET', '/me/reminders')).body.value.length === 0);
  await sweep(1800);
  assert.equal(await toast.count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});
