import { expect, test } from 'vitest';
import { levelOf } from './me.ts';
import { placesFor } from './navigation.tsx';

const paths = (sees: (area: string) => boolean) =>
  placesFor(sees).flatMap(({ places }) => places.map(({ path }) => path));

test('an employee without roles sees only what is their own', () => {
  expect(paths(() => false)).toEqual([
    '',
    '/mail',
    '/requests',
    '/shared-by-me',
    '/reviews',
    '/organisations',
    '/security',
  ]);
});

test('a groups administrator sees groups beside that, and no empty heading', () => {
  const places = placesFor((area) => area === 'groups');
  expect(places.map(({ title }) => title)).toEqual([undefined, 'nav.directory', 'nav.mine']);
});

test("the server pages are the operator's alone", () => {
  expect(paths((area) => area !== 'operator').some((path) => path.startsWith('/operator'))).toBe(false);
  expect(paths((area) => area === 'operator')).toContain('/operator/tenants');
});

test('settings are seen by whoever may read one group of them, and changed by whoever may change one', () => {
  const group = (name: string, level: string) => ({ [`tenants.settings.administer:${name}`]: level });
  expect(levelOf(group('tenants.branding', 'none'), 'settings')).toBe('none');
  expect(levelOf({ ...group('a', 'none'), ...group('b', 'read') }, 'settings')).toBe('read');
  expect(levelOf({ ...group('a', 'read'), ...group('b', 'write') }, 'settings')).toBe('write');
});

test('a member who may merely read the domains gets no page for them', () => {
  expect(levelOf({ 'tenants.domains.administer': 'read' }, 'domains')).toBe('none');
  expect(levelOf({ 'tenants.domains.administer': 'write' }, 'domains')).toBe('write');
});
