import { LRUCache } from 'lru-cache';

/**
 * So many at once and so many a second for each key, in this process (a token bucket).
 *
 * @param burst how many at once @param perSecond how fast they come back
 */
export function createAllowance({ burst, perSecond }: { burst: number; perSecond: number }) {
  const left = new LRUCache<string, { count: number; at: number }>({ max: 10_000 });
  /** Whether `key` may at `now`, in milliseconds. */
  return (key: string, now: number): boolean => {
    const before = left.get(key) ?? { count: burst, at: now };
    const count = Math.min(burst, before.count + (Math.max(0, now - before.at) / 1000) * perSecond);
    left.set(key, { count: count < 1 ? count : count - 1, at: now });
    return count >= 1;
  };
}

/** Whatever a partner says of agreements is kept for good: it may say much at once, and then no more than people write. */
export const SAYINGS = { burst: 300, perSecond: 0.05 };
