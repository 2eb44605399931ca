import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const top = mkdtempSync(path.join(tmpdir(), 'entente-boundaries-'));
after(() => rmSync(top, { recursive: true, force: true }));

interface Cruise {
  summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
  modules: { source: string }[];
}

function cruise(folder: string): Cruise {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      ...['--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

/** A small tree of files with this configuration; returns the names of the rules it breaks. */
function brokenBy(files: Record<string, string>): string[] {
  const folder = mkdtempSync(path.join(top, 'tree-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  symlinkSync(path.join(root, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
  symlinkSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return [...new Set(cruise(folder).summary.violations.map((violation) => violation.rule.name))].sort();
}

test('the boundary check reads every source file', () => {
  const read = new Set(cruise(root).modules.map((module) => module.source));
  const unread = globSync('src/**/*.ts', { cwd: root }).filter((file) => !read.has(file));
  assert.deepEqual(unread, []);
});

const EMPTY = 'export const nothing = 1;\n';
const BREAKS: { rule: string; files: Record<string, string> }[] = [
  {
    rule: 'no-cycles',
    files: {
      'src/kernel/a.ts': "import type { B } from './b.ts';\nexport type A = B | 1;\n",
      'src/kernel/b.ts': "import type { A } from './a.ts';\nexport type B = A | 2;\n",
    },
  },
  {
    rule: 'kernel-is-pure',
    files: { 'src/kernel/a.ts': "import '../platform/b.ts';\n", 'src/platform/b.ts': EMPTY },
  },
  {
    rule: 'protocols-are-codecs',
    files: { 'src/protocols/a.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n" },
  },
  {
    rule: 'platform-knows-no-module',
    files: { 'src/platform/a.ts': "import '../files/index.ts';\n", 'src/files/index.ts': EMPTY },
  },
  { rule: 'nobody-imports-app', files: { 'src/files/a.ts': "import '../app/b.ts';\n", 'src/app/b.ts': EMPTY } },
  {
    rule: 'module-front-door',
    files: { 'src/files/a.ts': "import '../access/model/b.ts';\n", 'src/access/model/b.ts': EMPTY },
  },
  {
    rule: 'ceilings-are-pure',
    files: { 'src/files/questions.ts': "import './store.ts';\n", 'src/files/store.ts': EMPTY },
  },
  {
    rule: 'sql-only-in-store',
    files: { 'src/files/usecases/a.ts': "import 'pg';\n" },
  },
  {
    rule: 'usecases-know-no-wire',
    files: { 'src/files/usecases/a.ts': "import '../routes/b.ts';\n", 'src/files/routes/b.ts': EMPTY },
  },
  {
    rule: 'routes-do-not-store',
    files: { 'src/files/routes/a.ts': "import '../store/b.ts';\n", 'src/files/store/b.ts': EMPTY },
  },
  {
    rule: 'production-imports-no-test',
    files: { 'src/files/a.ts': "import './b.test.ts';\n", 'src/files/b.test.ts': EMPTY },
  },
  {
    rule: 'rank-0-looks-down',
    files: { 'src/tenants/a.ts': "import '../directory/index.ts';\n", 'src/directory/index.ts': EMPTY },
  },
  {
    rule: 'peers-do-not-meet',
    files: { 'src/mail/a.ts': "import '../calendars/index.ts';\n", 'src/calendars/index.ts': EMPTY },
  },
];

for (const { rule, files } of BREAKS)
  test(`a source file that breaks the rule ${rule} is refused`, () => assert.deepEqual(brokenBy(files), [rule]));

test('an import that keeps the rules is not refused', () => {
  assert.deepEqual(
    brokenBy({
      'src/groups/usecases/a.ts': "import '../../files/index.ts';\nimport '../../kernel/b.ts';\n",
      'src/files/index.ts': EMPTY,
      'src/kernel/b.ts': EMPTY,
    }),
    [],
  );
});
