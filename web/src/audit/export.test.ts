import { expect, test } from 'vitest';
import { toCsv } from './export.ts';

test('quotes, commas and line breaks stay in their field', () => {
  expect(toCsv([['a,b', 'say "hi"', 'two\nlines', 'plain']])).toBe('\uFEFF"a,b","say ""hi""","two\nlines",plain\r\n');
});

test('a field that a spreadsheet would run becomes text', () => {
  expect(toCsv([['=HYPERLINK("http://x")', '@SUM(A1)', '-1']])).toBe(
    `\uFEFF"'=HYPERLINK(""http://x"")",'@SUM(A1),'-1\r\n`,
  );
});
