import { expect, test } from 'vitest';
import { sayBytes } from './bytes.ts';

test('a size is told in the unit that fits', () => {
  expect(sayBytes(999, 'en')).toBe('999 byte');
  expect(sayBytes(1_500_000_000, 'en')).toBe('1.5 GB');
  expect(sayBytes(1_500_000, 'sv')).toBe('1,5 MB');
});
