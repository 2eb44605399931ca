import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';
import { expect, test } from 'vitest';
import en from '../i18n/en.json';
import { sayTarget } from './wire.ts';

const SERVER = join(import.meta.dirname, '../../../src');
const MODULES = 'access|audit|calendars|directory|partners|platform|signin|tenants';

/** What the server records: as `action:` of an event, and where a module's own `record` takes it. */
function recorded() {
  const whole = new Set<string>();
  const begun = new Set<string>();
  const kinds = new Set<string>();
  const categories = new Set<string>();
  for (const file of readdirSync(SERVER, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const line of readFileSync(join(SERVER, file), 'utf8').split('\n')) {
      for (const [, kind = ''] of line.matchAll(/targets: \[\{ kind: '([a-z-]+)'/g)) kinds.add(kind);
      for (const [, category = ''] of line.matchAll(/\bcategory: '([A-Za-z]+)'/g)) categories.add(category);
      const [, one, other] = /\baction: (.*)|\brecord\(\w+, (.*)/.exec(line) ?? [];
      const said = one ?? other ?? '';
      for (const [, name = ''] of said.matchAll(new RegExp(`'((?:${MODULES})\\.[a-z-]+)'`, 'g'))) whole.add(name);
      for (const [, head = ''] of said.matchAll(new RegExp(`\`((?:${MODULES})\\.[a-z-]*)\\\${`, 'g'))) begun.add(head);
    }
  }
  return { whole: [...whole].sort(), begun: [...begun].sort(), kinds: [...kinds], categories: [...categories] };
}

test('whatever the server records is said in words, not by the name that its makers gave it', () => {
  const said = new Set(Object.keys(en.actions));
  const { whole, begun, kinds, categories } = recorded();
  expect(whole.length).toBeGreaterThan(90);
  const keyOf = (name: string) => name.replace('.', '_');
  expect(whole.filter((name) => !said.has(keyOf(name)))).toEqual([]);
  expect(begun.filter((head) => ![...said].some((key) => key.startsWith(keyOf(head))))).toEqual([]);
  expect(kinds.length).toBeGreaterThan(20);
  expect(kinds.filter((kind) => !(kind in en.audit.kinds))).toEqual([]);
  expect(categories.filter((category) => !(category in en.audit.categories))).toEqual([]);
});

const t = await i18next.createInstance().init({ lng: 'en', resources: { en: { translation: en } } });

test('what it happened to is said by its name or by what sort of thing it is, never by an id', () => {
  const id = '01a20202-7579-7373-9488-4c42ed8fa6c6';
  expect(sayTarget({ kind: 'event', id }, t)).toBe('Event');
  expect(sayTarget({ kind: 'account', id, displayName: 'Ann Beebe' }, t)).toBe('Ann Beebe');
  expect(sayTarget({ kind: 'settings', id: 'calendars.mail-tips', displayName: 'kept then' }, t)).toBe(
    en.settings.groups['calendars_mail-tips'].title,
  );
  expect(sayTarget({ kind: 'settings', id: 'gone.group', displayName: 'Gone group' }, t)).toBe('Gone group');
});
