import { expect, test } from 'vitest';
import { sayAgent } from './sessions.tsx';

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
