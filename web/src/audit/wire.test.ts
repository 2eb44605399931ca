import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from '../i18n/en.json';

const SERVER = join(import.meta.dirname, '../../../src');
const MODULES = 'access|audit|calendars|directory|partners|platform|signin|tenants';

/** What the server records: as `action:` of an event, and where a module's own `record` takes it. */
function recordedActions() {
  const whole = new Set<string>();
  const begun = new Set<string>();
  for (const file of readdirSync(SERVER, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const line of readFileSync(join(SERVER, file), 'utf8').split('\n')) {
      const [, one, other] = /\baction: (.*)|\brecord\(\w+, (.*)/.exec(line) ?? [];
      const said = one ?? other ?? '';
      for (const [, name = ''] of said.matchAll(new RegExp(`'((?:${MODULES})\\.[a-z-]+)'`, 'g'))) whole.add(name);
      for (const [, head = ''] of said.matchAll(new RegExp(`\`((?:${MODULES})\\.[a-z-]*)\\\${`, 'g'))) begun.add(head);
    }
  }
  return { whole: [...whole].sort(), begun: [...begun].sort() };
}

test('whatever the server records is said in words, not by the name that its makers gave it', () => {
  const said = new Set(Object.keys(en.actions));
  const { whole, begun } = recordedActions();
  expect(whole.length).toBeGreaterThan(90);
  const keyOf = (name: string) => name.replace('.', '_');
  expect(whole.filter((name) => !said.has(keyOf(name)))).toEqual([]);
  expect(begun.filter((head) => ![...said].some((key) => key.startsWith(keyOf(head))))).toEqual([]);
});
