import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from '../i18n/en.json';

const document = readFileSync(join(import.meta.dirname, '../../../docs/questions.md'), 'utf8');
const keyOf = (name: string) => name.replace(/[.:]/g, '_');
const typographic = (text: string) => text.replaceAll("'", '’');

/** What docs/questions.md, which is written from the server's declarations, says of each question. */
const questions = document
  .split('\n## ')
  .slice(1)
  .map((part) => {
    const [, sentence = '', levels = ''] = /\n\n(.+?) Levels: (.+?)\. /.exec(part) ?? [];
    const rules = [...part.matchAll(/^\| `([^`]+)` \| (.+?) \| /gm)].map(([, name = '', says = '']) => [name, says]);
    return { name: part.split('\n')[0] ?? '', sentence, levels: levels.split(' < '), rules };
  });

test('every question and rule of the server has its words here, and means what it means there', () => {
  expect(questions.length).toBeGreaterThan(40);
  const own = questions.filter(({ name }) => !name.startsWith('tenants.settings.administer:'));
  expect(en.explain.questions).toEqual(
    Object.fromEntries(own.map(({ name, sentence }) => [keyOf(name), typographic(sentence)])),
  );
  expect(en.explain.rules).toEqual(
    Object.fromEntries(
      questions.flatMap(({ rules }) => rules.map(([name = '', says = '']) => [keyOf(name), typographic(says)])),
    ),
  );
});

test('every level of every question has a word, its own or one for all', () => {
  const forAll: Record<string, string> = en.explain.levels;
  const own: Record<string, Record<string, string>> = en.explain.levelsOf;
  const wordless = questions.flatMap(({ name, levels }) =>
    levels.filter((level) => !own[keyOf(name)]?.[level] && !forAll[level]).map((level) => `${name} ${level}`),
  );
  expect(wordless).toEqual([]);
  // And no word is for a question or level that is no more.
  const unused = Object.entries(own).flatMap(([key, words]) =>
    Object.keys(words).filter(
      (level) => !questions.some(({ name, levels }) => keyOf(name) === key && levels.includes(level)),
    ),
  );
  expect(unused).toEqual([]);
});

test('every group of settings that has a question has a title', () => {
  const titles: Record<string, { title: string }> = en.settings.groups;
  const groups = questions.flatMap(({ name }) => name.split('tenants.settings.administer:').slice(1));
  expect(groups.filter((group) => !titles[keyOf(group)]?.title)).toEqual([]);
});
