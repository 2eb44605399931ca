import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD, type Person } from './people.ts';

/** The browser that the runner found, or Debian's. */
/** With `names`, every `*.example` is this machine, as it is to servers that stand here under such names. */
export function openBrowser(options: { names?: boolean } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      ...(options.names ? ['--host-resolver-rules=MAP *.example 127.0.0.1'] : []),
    ],
  });
}

export interface Look {
  readonly language?: 'en' | 'sv' | 'zh-Hans';
  readonly theme?: 'light' | 'dark';
  /** A phone's width instead of a desk's. */
  readonly isPhone?: boolean;
  /** For pages over HTTPS: our own authority is not one the browser knows. */
  readonly acceptsAnyCertificate?: boolean;
}

const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

// What runs in the page is written as text: the server's own types know no document.

/** A fresh browser window. `faults` gathers what the pages complained of: scripts that broke, content refused. */
export async function openWindow(browser: Browser, look: Look = {}) {
  const { language = 'en', theme = 'light', isPhone = false, acceptsAnyCertificate = false } = look;
  const context: BrowserContext = await browser.newContext({
    viewport: isPhone ? PHONE : DESK,
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: acceptsAnyCertificate,
  });
  await context.addInitScript(
    `localStorage.setItem('entente.language', '${language}'); localStorage.setItem('entente.theme', '${theme}');`,
  );
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
  });
  return { context, page, faults };
}

/** Signs in at the pages, by keyboard alone, and waits for the home page. */
export async function signInAtPages(page: Page, origin: string, person: Person, path = ''): Promise<void> {
  const domain = person.userPrincipalName.split('@')[1];
  await page.goto(`${origin}/t/${domain}${path}`);
  await page.locator('input[name=userName]').waitFor();
  await page.keyboard.type(person.userPrincipalName);
  await page.keyboard.press('Enter');
  await page.locator('input[type=password]').waitFor();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/t/${domain}`));
  await page.locator('#page-title').waitFor();
}

/** Goes to another page of the same organisation, as a link inside the app would, and waits until it has loaded. */
export async function goTo(page: Page, domain: string, path: string): Promise<void> {
  const address = JSON.stringify(`/t/${domain}${path}`);
  await page.evaluate(`history.pushState({}, '', ${address}); dispatchEvent(new PopStateEvent('popstate'));`);
  await until(page, `location.pathname === ${address}`);
  await settled(page);
}

/** Waits for something to be true in the page, from outside: the pages' own policy forbids to evaluate text in them. */
async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await page.evaluate(expression)) return;
    await setTimeout(50);
  }
  throw new Error(`It did not come true: ${expression}`);
}

/** Waits until nothing is loading any more, and nothing is on its way from one look to another. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await until(page, `document.querySelector('[role=status] .fui-Skeleton') === null`);
  const isMoving = `one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity`;
  await until(page, `!document.getAnimations().some((one) => ${isMoving})`);
}

/** Fails with every rule of WCAG 2.2 AA that the page breaks, and where. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  let said = await violationsOf(page);
  // What came while it was looked at may have been in the middle of a change of colours.
  if (said.length > 0) {
    await settled(page);
    said = await violationsOf(page);
  }
  assert.deepEqual(said, [], `${name} is not accessible`);
}

async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // The component library's own stops at the ends of a focus group: they pass focus on at once and are never read.
    .exclude('[data-tabster-dummy]')
    // Said aloud by a live region of its own and gone after some seconds: it belongs to no part of the page.
    .exclude('.fui-ToastContainer')
    // Without what passed, and without a second window to put the findings of frames together: the app has no frames.
    // Three times as fast.
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(
    ({ id, help, nodes }) =>
      `${id} (${help}): ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n    ')}`,
  );
}

/** Makes the window as narrow as a phone for a while. */
export async function onPhone(page: Page, act: () => Promise<void>): Promise<void> {
  await page.setViewportSize(PHONE);
  await act();
  await page.setViewportSize(DESK);
}

/** Fails when the page is wider than the window. */
export async function assertFits(page: Page, name: string): Promise<void> {
  const { wide, width } = await page.evaluate<{ wide: number; width: number }>(
    '({ wide: document.documentElement.scrollWidth, width: innerWidth })',
  );
  assert.ok(wide <= width, `${name} is ${wide} pixels wide in a window of ${width}`);
}
