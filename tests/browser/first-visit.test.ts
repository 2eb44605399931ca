import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestApp } from '../support/app.ts';
import { assertAccessible, openBrowser, openWindow } from '../support/chromium.ts';

test('an empty server loads the demo from its first page, and the password shown there signs in', async (t) => {
  const app = await startTestApp();
  t.after(() => app.close());
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openWindow(browser);
  await page.goto(app.origin);
  await page.getByRole('button', { name: 'Load the demo' }).click();
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
