import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `work`, at most so many milliseconds, and tells whether it ended in time. Throws what it throws in time. */
export async function endsWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const waiting = new AbortController();
  const late = sleep(milliseconds, false, { signal: waiting.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    waiting.abort();
    // What comes too late is nobody's to hear.
    work.catch(() => {});
  }
}
