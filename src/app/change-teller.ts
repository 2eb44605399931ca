import type { NewEvent } from '../kernel/context.ts';
import type { TenantId } from '../kernel/ids.ts';
import type { Followed } from '../kernel/module.ts';
import { announce } from '../platform/bus.ts';
import type { Database } from '../platform/database/index.ts';
import type { Log } from '../platform/log.ts';
import { THING_CHANGED } from '../signin/index.ts';

/** Milliseconds in which changes are gathered into one announcement. */
const GATHER_MS = 100;
/** So many ids fit into an announcement. */
const IDS_AT_ONCE = 100;

export interface ChangeTeller {
  /** Called with the events of a commit, after it. */
  recorded(tenantId: TenantId, events: readonly NewEvent[]): void;
  close(): Promise<void>;
}

/**
 * Announces where something changed that open pages follow. Apart from the commits that changed it: a NOTIFY inside
 * them would let the database write one at a time. What is lost in between is read at the pages' next visit.
 */
export function createChangeTeller(ports: {
  readonly database: Database;
  readonly followed: readonly Followed[];
  readonly log: Log;
}): ChangeTeller {
  const waiting = new Map<TenantId, Map<string, Set<string>>>();
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> = Promise.resolve();

  async function tell(): Promise<void> {
    timer = undefined;
    const gathered = [...waiting];
    waiting.clear();
    try {
      await ports.database.outside(async (tx) => {
        for (const [tenantId, byName] of gathered) {
          for (const [name, ids] of byName) {
            const all = [...ids];
            for (let i = 0; i < all.length; i += IDS_AT_ONCE)
              await announce(tx, {
                topic: THING_CHANGED,
                tenantId,
                payload: { name, ids: all.slice(i, i + IDS_AT_ONCE) },
              });
          }
        }
      });
    } catch (error) {
      ports.log.warn({ err: error }, 'open pages were not told of a change');
    }
  }

  return {
    recorded(tenantId, events) {
      for (const { name, of } of ports.followed) {
        const ids = events.flatMap(({ action, targets = [], facts = {} }) => of({ action, targets, facts }));
        if (ids.length === 0) continue;
        const byName = waiting.get(tenantId) ?? new Map<string, Set<string>>();
        waiting.set(tenantId, byName.set(name, new Set([...(byName.get(name) ?? []), ...ids])));
      }
      if (waiting.size > 0)
        timer ??= setTimeout(() => {
          telling = telling.then(tell);
        }, GATHER_MS);
    },
    async close() {
      clearTimeout(timer);
      await telling;
    },
  };
}
