import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { databaseOf, groundsVersion, isUntouched, nextEnd } from '../store/grounds.ts';

interface Remembered {
  readonly version: number;
  /** Before that moment, in milliseconds. */
  readonly until: number;
  readonly facts: unknown;
}

const KEPT_AT_MOST = 50_000;

const memories = new WeakMap<object, LRUCache<string, Remembered>>();
const versions = new WeakMap<Context, Promise<number>>();

/**
 * Facts that decisions stand on, gathered anew only when something of that kind has changed in the tenant, or a right of
 * somebody in it has ended. `key` says what they are about, whoever asks; `gather` reads nothing but grants, licences,
 * people, groups and calendars. Facts that follow from a setting or from the time are for the caller to add.
 *
 * The database is asked for the version of these in each request, together with other requests: so the facts are those
 * of now, on every server. Once the context has touched the database they are gathered from there: it may have changed
 * them itself. What is `undefined` is not kept.
 */
export async function remembered<Facts>(ctx: Context, key: string, gather: () => Promise<Facts>): Promise<Facts> {
  if (!isUntouched(ctx)) return gather();
  const version = await versionFor(ctx);
  const kept = memoryOf(databaseOf(ctx));
  const place = `${ctx.tenantId} ${key}`;
  const known = kept.get(place);
  if (known && known.version === version && ctx.now.getTime() < known.until) return known.facts as Facts;
  // Read after the version: what changes meanwhile is gathered again, never missed.
  const [facts, end] = await Promise.all([gather(), nextEnd(ctx)]);
  if (facts === undefined) return facts;
  kept.set(place, { version, until: end?.getTime() ?? Number.POSITIVE_INFINITY, facts });
  return facts;
}

function memoryOf(database: object): LRUCache<string, Remembered> {
  const memory = memories.get(database) ?? new LRUCache({ max: KEPT_AT_MOST });
  memories.set(database, memory);
  return memory;
}

function versionFor(ctx: Context): Promise<number> {
  const known = versions.get(ctx) ?? groundsVersion(ctx);
  versions.set(ctx, known);
  return known;
}
