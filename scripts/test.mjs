// `npm test`: everything that must hold, on a machine that may be fresh. Prints what fails, then `N passed, N failed`.
//   npm test -- --only static|unit|browser     one part
//   npm test -- src/files/questions.test.ts    these files
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { runChecks } from './check.mjs';
import { giveUp, prepare, root, say } from './runtime.mjs';

const PARTS = ['static', 'unit', 'browser'];
const isCi = /^(1|true)$/i.test(process.env.CI ?? '');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
if (values.only !== undefined && !PARTS.includes(values.only)) giveUp(`--only takes one of: ${PARTS.join(', ')}.`);

const node = await prepare('scripts/test.mjs');
process.chdir(root);

const files = chooseFiles(positionals);
const wants = (part) => (values.only ?? part) === part && (part !== 'static' || positionals.length === 0);
const total = { passed: 0, failed: 0 };
/** What was not tested, to be said at the end where it cannot be overlooked. */
const gaps = [];

if (wants('static')) add(await runChecks(node));
if (wants('unit')) {
  if (files.server.length > 0) add(await withDatabase(() => runNodeTests(files.server, availableParallelism())));
  if (files.web) add(await runVitest());
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

/** Sorts the test files (all, or those named) by what runs them. */
function chooseFiles(named) {
  for (const name of named) if (!existsSync(name)) giveUp(`There is no file ${name}.`);
  const all = named.length > 0 ? named.map((name) => path.relative(root, path.resolve(name))) : undefined;
  const list = all ?? globSync('{src,cli,tests}/**/*.test.ts').sort();
  const isBrowser = (file) => file.startsWith(path.join('tests', 'browser'));
  const isWeb = (file) => file.startsWith(`web${path.sep}`);
  return {
    server: list.filter((file) => !isBrowser(file) && !isWeb(file)),
    browser: list.filter(isBrowser),
    web: all ? all.filter(isWeb) : existsSync('web/vite.config.ts') ? [] : undefined,
    get hasWeb() {
      return this.web !== undefined;
    },
  };
}

/** One PostgreSQL for the whole run; each test file makes its own databases in it. */
async function withDatabase(act) {
  if (process.env.ENTENTE_TEST_DATABASE) return act();
  const { startEmbeddedPostgres } = await import('../src/platform/database/embedded.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'entente-test-'));
  const postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'database') });
  process.env.ENTENTE_TEST_DATABASE = postgres.adminUrl;
  try {
    return await act();
  } finally {
    delete process.env.ENTENTE_TEST_DATABASE;
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
