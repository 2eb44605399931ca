import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestApp } from '../support/app.ts';
import { assertAccessible, openBrowser, openWindow } from '../support/chromium.ts';

test('an empty server loads the demo for whoever has its code, and the password shown then signs in', async (t) => {
  const app = await startTestApp();
  t.after(() => app.close());
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openWindow(browser);
  // As if it came through a proxy: whoever is not on the machine itself must show the code that it printed.
  await page.setExtraHTTPHeaders({ via: '1.1 proxy' });
  await page.goto(app.origin);
  const load = page.getByRole('button', { name: 'Load the demo' });
  const code = page.getByRole('textbox', { name: 'Set-up code' });
  await code.fill('00000-00000-00000-00000');
  await assertAccessible(page, 'the first visit');
  await load.click();
  await page.getByText('Give the set-up code').waitFor();
  await code.fill(app.setupCode.text);
  await load.click();
  const password = page.getByRole('textbox', { name: 'Password for all of them' });
  await password.waitFor({ timeout: 60_000 });
  const text = await password.inputValue();
  await assertAccessible(page, 'the loaded demo');
  await page.getByRole('button', { name: 'Sign in as Ann Beebe' }).click();
  await page.locator('input[type=password]').fill(text);
  await page.keyboard.press('Enter');
  await page.locator('#page-title').waitFor();
  assert.equal(new URL(page.url()).pathname, '/t/fabrikam.example');
  assert.deepEqual(faults, []);
});
