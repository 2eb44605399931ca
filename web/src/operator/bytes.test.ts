import { expect, test } from 'vitest';
import { sayAgent } from '../signin/security-page.tsx';
import { sayBytes } from './bytes.ts';

test('a size is told in the unit that fits', () => {
  expect(sayBytes(999, 'en')).toBe('999 byte');
  expect(sayBytes(1_500_000_000, 'en')).toBe('1.5 GB');
  expect(sayBytes(1_500_000, 'sv')).toBe('1,5 MB');
});

test('a browser is told by its name and its system', () => {
  expect(
    sayAgent('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0'),
  ).toBe('Edge, Windows');
  expect(sayAgent('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1')).toBe(
    'Safari, iOS',
  );
  expect(sayAgent('curl/8.0')).toBe('curl/8.0');
  expect(sayAgent(null)).toBe('');
});
