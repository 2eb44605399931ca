import { expect, test } from 'vitest';
import { placesFor } from './navigation.tsx';

const paths = (sees: (area: string) => boolean) =>
  placesFor(sees).flatMap(({ places }) => places.map(({ path }) => path));

test('an employee without roles sees only what is their own', () => {
  expect(paths(() => false)).toEqual(['', '/organisations', '/security', '/mail']);
});

test('a groups administrator sees groups beside that, and no empty heading', () => {
  const places = placesFor((area) => area === 'groups');
  expect(places.map(({ title }) => title)).toEqual([undefined, 'nav.directory', 'nav.mine']);
});

test("the server pages are the operator's alone", () => {
  expect(paths((area) => area !== 'operator').some((path) => path.startsWith('/operator'))).toBe(false);
  expect(paths((area) => area === 'operator')).toContain('/operator/tenants');
});
