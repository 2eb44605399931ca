import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import { databaseOf, settledVersion } from '../store/changes.ts';
import type { HeldCalendar } from './objects.ts';

/** Octets of answers kept in memory, of one and of all: a month of events is a megabyte. */
const ONE_AT_MOST = 4 * 1024 * 1024;
const ALL_AT_MOST = 96 * 1024 * 1024;

interface Kept {
  readonly version: number;
  /** As it is sent: encoding a megabyte costs more than all else about it. */
  readonly answer: Buffer;
}

const memories = new WeakMap<object, LRUCache<string, Kept>>();
const sizeCalculation = ({ answer }: Kept, key: string) => answer.length + 2 * key.length + 500;

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
): Promise<Buffer> {
  const { actor } = ctx;
  const asker = actor.kind === 'account' ? actor.accountId : actor.kind === 'visitor' ? actor.address : actor.kind;
  const key = [ctx.tenantId, calendar.id, role, actor.kind, asker, asked].join('\n');
  const kept = memories.get(databaseOf(ctx)) ?? new LRUCache({ maxSize: ALL_AT_MOST, sizeCalculation });
  memories.set(databaseOf(ctx), kept);
  const { version, isSettled } = await settledVersion(ctx, calendar.id);
  const known = kept.get(key);
  if (known && known.version === version && isSettled) return known.answer;
  const answer = Buffer.from(await make());
  if (isSettled && answer.length <= ONE_AT_MOST && key.length <= 10_000) kept.set(key, { version, answer });
  else kept.delete(key);
  return answer;
}
