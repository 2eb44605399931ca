import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { settledState } from '../store/changes.ts';
import type { HeldCalendar } from './objects.ts';

/** Octets of answers that are kept in memory. */
const KEPT_AT_MOST = 64 * 1024 * 1024;
/** One that is larger than this is asked for too rarely to push out the others. */
const LARGEST_KEPT = 4 * 1024 * 1024;

const kept = new LRUCache<string, Buffer>({
  maxSize: KEPT_AT_MOST,
  maxEntrySize: LARGEST_KEPT,
  sizeCalculation: (answer, key) => answer.length + key.length,
});

/**
 * The answer to a question about what stands in a calendar, made anew only when anything in it changed since: a person's
 * programs ask the same month over and over. `question` is all that the answer depends on besides the calendar, who
 * asks and their role, which the caller has just been told.
 */
export async function keptAnswer(
  ctx: Context,
  { calendar, role }: HeldCalendar,
  question: string,
  make: () => Promise<string>,
): Promise<Buffer> {
  const state = await settledState(ctx, calendar.id);
  // While somebody is writing, nobody can say of which state an answer is.
  if (state === undefined) return Buffer.from(await make());
  const asker = ctx.actor.kind === 'account' ? ctx.actor.accountId : ctx.actor.kind;
  const hash = createHash('sha256').update(question).digest('base64');
  const key = `${ctx.tenantId} ${calendar.id} ${state} ${calendar.timeZone} ${role} ${asker} ${hash}`;
  const known = kept.get(key);
  if (known) return known;
  const answer = Buffer.from(await make());
  kept.set(key, answer);
  return answer;
}
