import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Compares `text` with a file that is checked in, so that a change of it is a diff to be read.
 * `UPDATE_GOLDEN=1` writes the file instead; never so in CI.
 */
export function assertGolden(file: string, text: string): void {
  if (process.env.UPDATE_GOLDEN === '1' && process.env.CI !== 'true') {
    writeFileSync(file, text);
    return;
  }
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
  assert.equal(text, kept, `${file} is not what it was. If the change is meant, run the test with UPDATE_GOLDEN=1.`);
}
