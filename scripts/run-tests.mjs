// `npm test`: everything that must hold, on a machine that may be fresh. Prints what fails, then `N passed, N failed`.
//   npm test -- --only static|unit|browser     one part
//   npm test -- tests/access cli/command-tree.test.ts    these files, and those in these folders
import { spawn, spawnSync } from 'node:child_process';
// globSync is younger than the Node that may start this file, so it is looked up when it is used.
import fs, { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { runChecks } from './check.mjs';
import { buildWeb, giveUp, prepare, root, say } from './runtime.mjs';

const PARTS = ['static', 'unit', 'browser'];
const isCi = /^(1|true)$/i.test(process.env.CI ?? '');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
if (values.only !== undefined && !PARTS.includes(values.only)) giveUp(`--only takes one of: ${PARTS.join(', ')}.`);

const node = await prepare('scripts/run-tests.mjs');
process.chdir(root);

const files = chooseFiles(positionals);
const wants = (part) => (values.only ?? part) === part && (part !== 'static' || positionals.length === 0);
const total = { passed: 0, failed: 0 };
/** What was not tested, to be said at the end where it cannot be overlooked. */
const gaps = [];

if (wants('static')) add(await runChecks(node));
if (wants('unit')) {
  if (files.server.length > 0)
    add(await withDatabase(() => runNodeTests('unit', files.server, availableParallelism())));
  if (files.web.length > 0) add(await runVitest(files.web));
}
if (wants('browser') && files.browser.length > 0) add(await runBrowserTests());

for (const gap of gaps) {
  say(`\n${'!'.repeat(100)}\n!! NOT TESTED: ${gap}\n${'!'.repeat(100)}\n`);
  if (isCi) total.failed++;
}
if (total.passed + total.failed === 0) say('No test was found: that is a failure, too.');
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function add({ passed, failed }) {
  total.passed += passed;
  total.failed += failed;
}

/** Sorts the test files (all, or those named and those in named folders) by what runs them. */
function chooseFiles(named) {
  for (const name of named) if (!existsSync(name)) giveUp(`There is no file ${name}.`);
  const all = fs
    .globSync(['{src,cli,tests,bench}/**/*.test.ts', 'web/**/*.test.{ts,tsx}'], { exclude: ['**/node_modules'] })
    .sort();
  const chosen = named.flatMap((name) => {
    const at = path.relative(root, path.resolve(name));
    const below = all.filter((file) => file.startsWith(`${at}${path.sep}`));
    return below.length > 0 ? below : [at];
  });
  const list = named.length > 0 ? chosen : all;
  const isBrowser = (file) => file.startsWith(path.join('tests', 'browser'));
  const isWeb = (file) => file.startsWith(`web${path.sep}`);
  return {
    server: list.filter((file) => !isBrowser(file) && !isWeb(file)),
    web: list.filter(isWeb),
    browser: list.filter(isBrowser),
  };
}

/** One PostgreSQL for the whole run; each test file makes its own databases in it. */
async function withDatabase(act) {
  if (process.env.ENTENTE_TEST_DATABASE) return act();
  const { startEmbeddedPostgres } = await import('../src/platform/database/embedded.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'entente-test-'));
  const postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'database') });
  await needNotOutliveTheMachine(postgres.adminUrl);
  process.env.ENTENTE_TEST_DATABASE = postgres.adminUrl;
  try {
    return await act();
  } finally {
    delete process.env.ENTENTE_TEST_DATABASE;
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for no disk: what a test kills is processes, and what they wrote stays with the operating system. */
async function needNotOutliveTheMachine(adminUrl) {
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('alter system set fsync = off');
  await admin.query('select pg_reload_conf()');
  await admin.end();
}

/** Runs files with node:test, each in a process of its own, and shows the failing ones with all they printed. */
async function runNodeTests(part, tests, concurrency) {
  const began = Date.now();
  const printed = new Map();
  const failures = [];
  const skipped = [];
  let counts;
  const events = run({ files: tests.map((file) => path.resolve(file)), concurrency, timeout: 300_000 });
  events.on('test:stdout', ({ file, message }) => printed.set(file, (printed.get(file) ?? '') + message));
  events.on('test:stderr', ({ file, message }) => printed.set(file, (printed.get(file) ?? '') + message));
  events.on('test:fail', (event) => {
    // A test that fails because one inside it failed has nothing to add.
    if (event.details.error?.failureType !== 'subtestsFailed') failures.push(event);
  });
  events.on('test:pass', (event) => {
    if (event.skip !== undefined) skipped.push(event);
  });
  events.on('test:summary', (event) => {
    if (event.file === undefined) counts = event.counts;
  });
  events.resume();
  await new Promise((resolve, reject) => events.once('end', resolve).once('error', reject));

  for (const { name, file, line, details } of failures) {
    const error = details.error?.cause ?? details.error;
    say(`\nFAILED ${path.relative(root, file ?? '')}:${line} › ${name}`);
    say(String(error?.stack ?? error).replaceAll(/^/gm, '  '));
  }
  for (const file of new Set(failures.map((failure) => failure.file)))
    if (printed.has(file)) say(`\nprinted by ${path.relative(root, file)}:\n${printed.get(file).trim().slice(-8000)}`);
  for (const { name, file, skip } of skipped)
    gaps.push(`${path.relative(root, file)} › ${name}${typeof skip === 'string' ? ` (${skip})` : ''}`);
  const result = { passed: counts?.passed ?? 0, failed: counts ? counts.failed + counts.cancelled : 1 };
  report(part, result, tests.length, began);
  return result;
}

function report(part, { passed, failed }, fileCount, began) {
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${part}: ${passed} of ${passed + failed} in ${fileCount} files (${seconds} s)`,
  );
}

/** Runs the web app's own tests, with the configuration in web/. */
async function runVitest(tests) {
  const began = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'entente-vitest-'));
  const outcome = path.join(folder, 'outcome.json');
  const args = ['run', '--root', 'web', '--config', 'vite.config.ts', '--reporter=json', `--outputFile=${outcome}`];
  const child = spawn(
    node,
    [path.join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...tests.map((file) => path.relative('web', file))],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  }
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  const result = { passed: 0, failed: 0 };
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(outcome, 'utf8'));
    result.passed = numPassedTests;
    result.failed = numFailedTests;
    for (const { name, status, message, assertionResults } of testResults) {
      const file = path.relative(root, name);
      // A file that cannot be loaded holds no failed test, only a message.
      if (status === 'failed' && assertionResults.every((test) => test.status !== 'failed')) {
        result.failed++;
        say(`\nFAILED ${file}\n  ${message}`);
      }
      for (const { fullName, status, failureMessages } of assertionResults) {
        if (status === 'failed') say(`\nFAILED ${file} › ${fullName}\n  ${failureMessages.join('\n  ')}`);
        if (status !== 'failed' && status !== 'passed') gaps.push(`${file} › ${fullName}`);
      }
    }
  } catch {
    say(printed);
  }
  if (code !== 0 && result.failed === 0) {
    result.failed = 1;
    say(printed);
  }
  rmSync(folder, { recursive: true, force: true });
  report('web', result, tests.length, began);
  return result;
}

/** Runs tests/browser, one file after the other, with the browser named to them in CHROMIUM. */
async function runBrowserTests() {
  const chromium = findChromium() ?? installChromium();
  if (chromium === undefined) {
    gaps.push(
      `the ${files.browser.length} browser test files, because there is no Chromium. ` +
        'Install it, or set CHROMIUM to the path of Chromium or Chrome.',
    );
    return { passed: 0, failed: 0 };
  }
  process.env.CHROMIUM = chromium;
  await buildWeb(node);
  return withDatabase(() => runNodeTests('browser', files.browser, 1));
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const places = [
    process.env.CHROMIUM,
    ...(process.env.PATH ?? '').split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name))),
    ...names.map((name) => `/usr/bin/${name}`),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  // Asked for its version: on some systems the name is there and only tells how to install the program.
  return places.find(
    (place) => place && existsSync(place) && spawnSync(place, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

/** On Debian and its children root may install it; elsewhere nothing is changed. */
function installChromium() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  say('Installing Chromium for the browser tests (apt-get install chromium) ...');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-y', '-q', 'chromium'], options);
  return findChromium();
}
