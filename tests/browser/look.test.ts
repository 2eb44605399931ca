import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { goTo, openBrowser, openWindow, signInAtPages } from '../support/chromium.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let browser: Browser;
before(async () => {
  people = await startPeople({ withPasswords: true });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await people?.app.close();
});
test('look', async () => {
  const ann = people.api(people.fabrikam.ann);
  await ann('PATCH', '/admin/calendar-sharing', { anonymousLinks: true, externalSharing: true, level: 'read' });
  const anders = people.api(people.fabrikam.anders);
  await anders('PUT', '/me/calendars/primary/publication', { detailLevel: 'AvailabilityOnly' });
  const shared = await anders('POST', '/v1.0/me/calendar/calendarPermissions', {
    emailAddress: { address: 'bob@contoso.example', name: 'Bob' },
    role: 'read',
  });
  console.log(shared.status, JSON.stringify(shared.body).slice(0, 300));
  for (const [name, look] of [
    ['desk', {}],
    ['phone', { isPhone: true, theme: 'dark' }],
  ] as const) {
    const { page, context, faults } = await openWindow(browser, look as never);
    await signInAtPages(page, people.app.origin, people.fabrikam.ann);
    await goTo(page, 'fabrikam.example', '/published');
    await page.getByRole('switch', { name: /People may publish calendars/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: /^Why/ }).first().click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: `/tmp/shots/whatif-${name}.png` });
    await page.getByRole('button', { name: 'Do not save' }).click();
    await goTo(page, 'fabrikam.example', '/sharing-policies');
    await page
      .getByRole('button', { name: /^Default/ })
      .first()
      .click();
    await page.getByLabel('At most').first().selectOption({ index: 0 });
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alertdialog').waitFor();
    await page.waitForTimeout(400);
    await page.screenshot({ path: `/tmp/shots/whatif-policy-${name}.png` });
    console.log(faults);
    await context.close();
  }
});
