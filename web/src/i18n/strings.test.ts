import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { startingLanguage } from './index.ts';

const SOURCES = join(import.meta.dirname, '..');

function flatten(tree: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]) =>
      typeof value === 'string' ? [[prefix + name, value] as const] : [...flatten(value, `${prefix}${name}.`)],
    ),
  );
}
const read = (language: string) =>
  flatten(JSON.parse(readFileSync(join(import.meta.dirname, `${language}.json`), 'utf8')));
const languages = { en: read('en'), sv: read('sv'), zh: read('zh') };
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  .map((file) => {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    return { file, source: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX) };
  });

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

test('every text exists in every language, and none is empty', () => {
  const keys = [...languages.en.keys()].sort();
  expect(keys.length).toBeGreaterThan(100);
  for (const texts of Object.values(languages)) {
    expect([...texts.keys()].sort()).toEqual(keys);
    expect([...texts].filter(([, text]) => text.trim() === '')).toEqual([]);
  }
});

test('every translation names the same values in braces', () => {
  const braces = (text = '') => [...new Set(text.match(/{{\w+}}/g))].sort();
  const differing = [...languages.en].filter(([key, text]) =>
    [languages.sv, languages.zh].some((other) => braces(other.get(key)).join() !== braces(text).join()),
  );
  expect(differing).toEqual([]);
});

test('Swedish and Chinese are translated, not copied', () => {
  // A sentence that reads the same in two languages was forgotten. Single words may be equal (Server, Status).
  const copied = (other: Map<string, string>) =>
    [...languages.en].filter(
      ([key, text]) => /[a-z]{3,} [a-z]{3,}/i.test(text.replace(/{{\w+}}/g, '')) && other.get(key) === text,
    );
  expect(copied(languages.sv)).toEqual([]);
  expect(copied(languages.zh)).toEqual([]);
});

test('every key that the pages ask for exists, and every text is asked for somewhere', () => {
  const asked = new Set<string>();
  const prefixes: string[] = ['actions.'];
  for (const { source } of files) {
    visit(source, (node) => {
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) asked.add(node.text);
      if (ts.isTemplateExpression(node)) prefixes.push(node.head.text);
    });
  }
  const missing: string[] = [];
  for (const { file, source } of files) {
    visit(source, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText(source) !== 't') return;
      const [key] = node.arguments;
      if (!key || !ts.isStringLiteral(key)) return;
      if (!languages.en.has(key.text) && !languages.en.has(`${key.text}_other`)) missing.push(`${file}: ${key.text}`);
    });
  }
  expect(missing).toEqual([]);
  const unused = [...languages.en.keys()]
    .map((key) => key.replace(/_(one|other)$/, ''))
    .filter((key) => !asked.has(key) && !prefixes.some((prefix) => prefix.length > 3 && key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

test('no page holds text of its own: what people read comes from the translations', () => {
  const READ_ALOUD = new Set([
    'label',
    'aria-label',
    'title',
    'placeholder',
    'hint',
    'alt',
    'sentence',
    'submit',
    'confirm',
  ]);
  const literal: string[] = [];
  for (const { file, source } of files) {
    visit(source, (node) => {
      if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text)) literal.push(`${file}: ${node.text.trim()}`);
      if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
        const name = node.name.getText(source);
        const { text } = node.initializer;
        // A domain name as a sample is the same in every language.
        if (READ_ALOUD.has(name) && /\p{L}{2,}/u.test(text) && !/^\S+\.example$/.test(text))
          literal.push(`${file}: ${name}="${text}"`);
      }
    });
  }
  expect(literal).toEqual([]);
});

test('begins in the language chosen before, else in the first of the browser that we speak', () => {
  expect(startingLanguage('sv', ['en-GB'])).toBe('sv');
  expect(startingLanguage(null, ['fr-FR', 'zh-CN', 'en'])).toBe('zh-Hans');
  expect(startingLanguage(null, ['fr'])).toBe('en');
});
