import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from './en.json';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('every setting and its group is called in words in every language, not by its field', () => {
  const groups: Record<string, unknown> = en.settings.groups;
  const words: Record<string, Record<string, unknown> | undefined> = en.settings.words;
  const missing: string[] = [];
  let settings = 0;
  let group = '';
  // docs/settings.md is written from the declarations: each group, then a row for each of its settings.
  for (const line of read('docs/settings.md').split('\n')) {
    const [, name] = /^`([a-z.-]+)`, for/.exec(line) ?? [];
    if (name) {
      group = name.replace('.', '_');
      if (groups[group] === undefined) missing.push(name);
    }
    const [, setting] = /^\| `(\w+)` \|/.exec(line) ?? [];
    if (!setting) continue;
    settings += 1;
    if (words[group]?.[setting] === undefined) missing.push(`${group} ${setting}`);
  }
  expect(settings).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

test('every administrative role is called in words in every language', () => {
  const names: Record<string, string> = en.roles.names;
  const sentences: Record<string, string> = en.roles.sentences;
  const ids = read('src/kernel/roles.ts').match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  expect(ids.length).toBeGreaterThan(10);
  expect(ids.filter((id) => !names[id] || !sentences[id])).toEqual([]);
});
