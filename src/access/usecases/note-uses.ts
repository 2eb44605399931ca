import { LRUCache } from 'lru-cache';
import { parseId, type TenantId } from '../../kernel/ids.ts';
import type { Run } from '../../kernel/module.ts';
import type { Log } from '../../platform/log.ts';
import { noteUses } from '../store/grants.ts';

/** Notes which rights are used, some at a time: a mere use never waits for a write, nor writes at every request. */
export interface UseNotes {
  note(tenantId: TenantId, grantId: string): void;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

const EVERY_MS = 1_000;
/** A right that is used all the time is noted so often. */
const AGAIN_MS = 10 * 60_000;
const KNOWN = 100_000;

export function openUseNotes({ run, log }: { readonly run: Run; readonly log: Log }): UseNotes {
  const noted = new LRUCache<string, true>({ max: KNOWN, ttl: AGAIN_MS });
  let waiting = new Map<TenantId, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const now = waiting;
    waiting = new Map();
    timer = undefined;
    for (const [tenantId, ids] of now) {
      const actor = { kind: 'system', name: 'access.note-uses' } as const;
      try {
        await run({ tenantId, actor }, (ctx) => noteUses(ctx, [...ids]));
      } catch (error) {
        log.warn({ err: error }, 'it could not be noted which rights were used');
      }
    }
  }

  return {
    note(tenantId, grantId) {
      // Rights that follow from a role or from owning something have no row of their own.
      if (parseId(grantId) === undefined) return;
      const key = `${tenantId} ${grantId}`;
      if (noted.has(key)) return;
      noted.set(key, true);
      const ids = waiting.get(tenantId) ?? new Set();
      waiting.set(tenantId, ids.add(grantId));
      timer ??= setTimeout(() => {
        writing = writing.then(write);
      }, EVERY_MS).unref();
    },
    async close() {
      clearTimeout(timer);
      writing = writing.then(write);
      await writing;
    },
  };
}
