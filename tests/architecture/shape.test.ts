import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const NOT_MODULES = new Set(['app', 'kernel', 'platform', 'protocols']);
const INSIDE = new Set([
  'README.md',
  'index.ts',
  'module.ts',
  'settings',
  'questions',
  'grants',
  'model',
  'usecases',
  'store',
  'routes',
  'jobs',
  'events.ts',
  'faults.ts',
]);
const FORBIDDEN = /(^|[-.])(utils?|helpers?|common|managers?|services?|handlers?|misc|types?)([-.]|$)/;

const modules = readdirSync(SRC).filter((name) => statSync(join(SRC, name)).isDirectory() && !NOT_MODULES.has(name));

test('every module has the same inside', () => {
  assert.ok(modules.length >= 5);
  for (const module of modules) {
    const entries = readdirSync(join(SRC, module));
    for (const needed of ['README.md', 'index.ts', 'module.ts']) {
      assert.ok(entries.includes(needed), `src/${module} has no ${needed}`);
    }
    for (const entry of entries) {
      const layer = entry.replace(/(\.test)?\.ts$/, '');
      assert.ok(
        INSIDE.has(entry) || INSIDE.has(layer) || INSIDE.has(`${layer}.ts`),
        `src/${module}/${entry} has another name`,
      );
    }
  }
});

test('no file is named after nothing', () => {
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    assert.doesNotMatch(basename(file), FORBIDDEN, `src/${file}`);
  }
});

test('a module README fits one screen and has the headings of all', () => {
  for (const module of modules) {
    const text = readFileSync(join(SRC, module, 'README.md'), 'utf8');
    for (const heading of ['Owns', 'Words', 'Tables', 'Events', 'Refuses', 'Standards']) {
      assert.match(text, new RegExp(`^## ${heading}$`, 'm'), `src/${module}/README.md has no "## ${heading}"`);
    }
    assert.ok(text.split('\n').length <= 80, `src/${module}/README.md is longer than a screen`);
  }
});

test('every layer of a module that is both a file and a folder is one of them', () => {
  for (const module of modules) {
    for (const layer of ['settings', 'questions', 'grants', 'model', 'usecases', 'store', 'routes', 'jobs']) {
      const both = existsSync(join(SRC, module, layer)) && existsSync(join(SRC, module, `${layer}.ts`));
      assert.ok(!both, `src/${module}/${layer} is a file and a folder`);
    }
  }
});
