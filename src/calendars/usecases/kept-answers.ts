import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { settledVersion } from '../store/changes.ts';
import type { HeldCalendar } from './objects.ts';

/** Characters of answers kept in memory, of one and of all: a month of events is a megabyte. */
const ONE_AT_MOST = 4 * 1024 * 1024;
const ALL_AT_MOST = 96 * 1024 * 1024;

interface Kept {
  readonly version: number;
  readonly answer: string;
}

const kept = new LRUCache<string, Kept>({ maxSize: ALL_AT_MOST, sizeCalculation: ({ answer }) => answer.length + 500 });

/**
 * An answer about what is in a calendar, made anew only when something in it has changed. Programs ask the same again and
 * again. Who asks and what they may see has been decided before, each time. `asked` says all that the answer depends on
 * besides the calendar, whoever asks and their role.
 *
 * It is kept only while every transaction up to the calendar's newest change has ended: whatever changes the calendar
 * afterwards has a higher version, so an equal version means an equal calendar, on every node.
 */
export async function keptAnswer(
  ctx: Context,
  { calendar, role }: HeldCalendar,
  asked: string,
  make: () => Promise<string>,
): Promise<string> {
  const { actor } = ctx;
  const asker = actor.kind === 'account' ? actor.accountId : actor.kind === 'visitor' ? actor.address : actor.kind;
  const key = [ctx.tenantId, calendar.id, role, actor.kind, asker, asked].join('\n');
  const { version, isSettled } = await settledVersion(ctx, calendar.id);
  const known = kept.get(key);
  if (known && known.version === version) return known.answer;
  const answer = await make();
  if (isSettled && answer.length <= ONE_AT_MOST && key.length <= 10_000) kept.set(key, { version, answer });
  else kept.delete(key);
  return answer;
}
