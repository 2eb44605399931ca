import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds for what follows a commit: the work behind it, its announcement, its letter. Long, for a busy machine. */
const PATIENCE = 60_000;

/** Waits for what follows a commit, and gives back what was found. */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  what = 'It did not come to pass within a minute.',
): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, what);
    await setTimeout(25);
  }
}

/** Repeats what throws until it does not; after a minute it throws what it threw last. */
export async function soon<T>(look: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(50);
    }
  }
}

/**
 * Reads until it says the same twice. What follows changes may say something else once more when an older transaction,
 * anywhere on the database server, has ended.
 */
export async function unchanging(read: () => Promise<string>): Promise<string> {
  let last = await read();
  await eventually(async () => {
    const was = last;
    last = await read();
    return last === was;
  }, 'It says something else each time.');
  return last;
}
