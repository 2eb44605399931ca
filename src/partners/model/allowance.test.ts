import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAllowance } from './allowance.ts';

test('whoever asks too often waits until some of it has come back, and others do not', () => {
  const may = createAllowance({ burst: 3, perSecond: 2 });
  assert.deepEqual([may('a', 0), may('a', 0), may('a', 0), may('a', 0)], [true, true, true, false]);
  assert.equal(may('b', 0), true);
  assert.equal(may('a', 400), false);
  assert.equal(may('a', 500), true);
  assert.equal(may('a', 500), false);
  // Time that was waited for too long is not saved up.
  assert.deepEqual([may('a', 60_000), may('a', 60_000), may('a', 60_000), may('a', 60_000)], [true, true, true, false]);
});
