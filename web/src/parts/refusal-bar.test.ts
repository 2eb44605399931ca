import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');
const components = readdirSync(SOURCES, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.tsx'))
  .map((path) => ({ path, text: readFileSync(join(SOURCES, path), 'utf8') }));

/** The part itself, and what stands inside it: a refusal to explain or to ask has no explanation of its own. */
const INSIDE_IT = [
  'access/explanation.tsx',
  'parts/ask-for-access.tsx',
  'parts/fault-bar.tsx',
  'parts/refusal-bar.tsx',
  'parts/why-not.tsx',
];

test('no component shows a fault but by the part that has “Why?” and “Ask for access”', () => {
  expect(components.length).toBeGreaterThan(100);
  const others = components.filter(({ path }) => !INSIDE_IT.includes(path));
  expect(others.filter(({ text }) => /fault-bar/.test(text)).map(({ path }) => path)).toEqual([]);
  // A toast after "Undo" goes away by itself, and a calendar in the list says in its title why it is empty.
  const inPassing = ['parts/act.tsx', 'calendars/source-list.tsx'];
  const bare = others.filter(
    ({ path, text }) => !inPassing.includes(path) && /\b(\w+\.)?(fault|error)\)?[?!]?\.(sentence|message)\b/.test(text),
  );
  expect(bare.map(({ path }) => path)).toEqual([]);
});

test('whatever a component does to the server, its refusal is shown', () => {
  const silent: string[] = [];
  let acts = 0;
  for (const { path, text } of components) {
    for (const [, name = ''] of text.matchAll(/const (\w+) = useAct\b/g)) {
      acts += 1;
      const isShown = new RegExp(
        `\\b${name}\\.fault\\b|[=(,{:?]\\s*${name}\\s*[,)};:]|\\bact=\\{${name}\\}|return ${name};`,
      );
      if (!isShown.test(text)) silent.push(`${path}: ${name}`);
    }
  }
  expect(acts).toBeGreaterThan(50);
  expect(silent).toEqual([]);
});
