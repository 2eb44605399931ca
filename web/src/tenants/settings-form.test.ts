import { expect, test } from 'vitest';
import { editorFor, matches, readValue, textOf } from './settings-form.ts';

test('each kind of value gets the editor that suits it', () => {
  expect(editorFor({ type: 'boolean' })).toEqual({ kind: 'switch' });
  const days = editorFor({ type: 'array', items: { type: 'string', enum: ['monday', 'tuesday', 'friday'] } });
  expect(days).toEqual({ kind: 'choices', options: ['monday', 'tuesday', 'friday'] });
  expect(readValue(days, textOf(days, ['friday', 'monday']))).toEqual(['monday', 'friday']);
  expect(readValue(days, textOf(days, []))).toEqual([]);
  expect(editorFor({ type: 'string', enum: ['any', 'deny'] })).toEqual({
    kind: 'choice',
    options: ['any', 'deny'],
    isNullable: false,
  });
  expect(editorFor({ anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { type: 'null' }] })).toEqual({
    kind: 'number',
    isNullable: true,
    minimum: 1,
    maximum: 9,
  });
  expect(editorFor({ type: 'array', items: { type: 'string' } })).toEqual({ kind: 'list' });
  expect(editorFor({ anyOf: [{ type: 'string' }, { type: 'null' }] })).toEqual({
    kind: 'text',
    isNullable: true,
    isLong: false,
  });
});

test('a value no form understands is edited as text rather than hidden', () => {
  const editor = editorFor({ type: 'object' });
  expect(editor).toEqual({ kind: 'json' });
  expect(readValue(editor, textOf(editor, { a: [1] }))).toEqual({ a: [1] });
  expect(() => readValue(editor, '{a')).toThrow(SyntaxError);
});

test('an emptied field is null where the setting allows it, and an error where it does not', () => {
  expect(readValue({ kind: 'number', isNullable: true }, '')).toBeNull();
  expect(() => readValue({ kind: 'number', isNullable: false }, '')).toThrow(RangeError);
  expect(() => readValue({ kind: 'number', isNullable: false }, 'many')).toThrow(RangeError);
  expect(readValue({ kind: 'text', isNullable: false, isLong: false }, '')).toBe('');
});

test('a list is one entry a line, blanks dropped', () => {
  const editor = { kind: 'list' } as const;
  expect(readValue(editor, ' a.example\n\nb.example, c.example ')).toEqual(['a.example', 'b.example', 'c.example']);
  expect(textOf(editor, ['a', 'b'])).toBe('a\nb');
});

test('a search finds every word wherever it stands', () => {
  expect(matches('invite WHO', 'allowInvitesFrom', 'Who may invite.')).toBe(true);
  expect(matches('invite sites', 'allowInvitesFrom', 'Who may invite.')).toBe(false);
});

test('a list of domains is written one in each line, those with all below them with a star', () => {
  const entry = { type: 'object', properties: { domain: { type: 'string' }, includeSubdomains: { type: 'boolean' } } };
  const editor = editorFor({ type: 'array', items: { anyOf: [{ type: 'string' }, entry] } });
  expect(editor).toEqual({ kind: 'domains' });
  const kept = [
    { domain: 'contoso.example', includeSubdomains: false },
    { domain: 'tailspin.example', includeSubdomains: true },
  ];
  expect(textOf(editor, kept)).toBe('contoso.example\n*.tailspin.example');
  expect(readValue(editor, 'contoso.example\n *.tailspin.example\n')).toEqual(kept);
});
