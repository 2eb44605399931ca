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
import { type People, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;

/** A Wednesday, so that the work week around it is shown. */
const WEDNESDAY = '2026-12-02';

before(async () => {
  people = await startPeople({ withPasswords: true });
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

for (const theme of ['light', 'dark'] as const) {
  test(`Ann writes a weekly meeting by keyboard alone, ${theme}`, async () => {
    const title = `Falcon weekly ${theme}`;
    const { page, context, faults } = await openWindow(browser, { theme });
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
    await form.getByLabel('Begins at').fill(theme === 'light' ? '13:30' : '09:00');
    // What the partner lets Fabrikam know, at once and beside the name.
    await form
      .getByText(theme === 'light' ? 'Busy' : 'Free then', { exact: true })
      .first()
      .waitFor();
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
}

test('Ann draws a meeting with the mouse, moves it, and takes the move back', async () => {
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
  assert.deepEqual(faults, []);
  await context.close();
});

for (const theme of ['light', 'dark'] as const) {
  test(`Find a time shows when Bob of Contoso is busy and why nothing is known of Tailspin, ${theme}`, async () => {
    const { page, context, faults } = await openWindow(browser, { theme });
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
}

test('on a phone, the calendar is an agenda that fits', async () => {
  const { page, context, faults } = await openWindow(browser, { isPhone: true, language: 'zh-Hans' });
  await signInAtPages(page, people.app.origin, people.fabrikam.ann, '/calendar');
  await settled(page);
  await assertFits(page, 'the calendar');
  await assertAccessible(page, 'the calendar of a phone');
  assert.deepEqual(faults, []);
  await context.close();
});
