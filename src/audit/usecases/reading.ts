import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AuditEvent } from '../model/event.ts';
import { type SealedEvent, type Verdict, verifyLog } from '../model/verification.ts';
import { readAudit } from '../questions.ts';
import { type EventFilter, findEvent, listEvents, listSealed, type Where } from '../store/events.ts';
import { findLogKey, listCheckpoints } from '../store/logs.ts';

export type { EventFilter };

/** A page of events, newest first. */
export async function readEvents(
  ctx: Context,
  filter: EventFilter,
  page: { after?: string; limit: number },
): Promise<{ events: AuditEvent[]; next: string | null }> {
  await ctx.demand(readAudit, undefined, 'read');
  const events = await listEvents(ctx, filter, { ...page, limit: page.limit + 1 });
  const shown = events.slice(0, page.limit);
  return { events: shown, next: events.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

export async function readEvent(ctx: Context, id: string): Promise<AuditEvent> {
  await ctx.demand(readAudit, undefined, 'read');
  const event = await findEvent(ctx, id);
  if (!event) throw kernelFaults.notFound();
  return event;
}

/** Reads the whole sealed log again and says whether it is what was signed. */
export async function verifyAudit(ctx: Context): Promise<Verdict> {
  await ctx.demand(readAudit, undefined, 'read');
  const publicKey = await findLogKey(ctx);
  if (publicKey === undefined) return { isIntact: true, events: 0, checkpoints: 0 };
  const { tenantId } = ctx;
  return verifyLog({ tenantId, publicKey, events: sealedEvents(ctx), checkpoints: allCheckpoints(ctx) });
}

/** The sealed log as lines of JSON, one each: the key, then events and checkpoints in the order of the log. */
export async function* exportAudit(ctx: Context): AsyncGenerator<string> {
  const publicKey = await findLogKey(ctx);
  yield line({ log: { tenantId: ctx.tenantId, publicKey: publicKey ?? null, exportedAt: ctx.now.toISOString() } });
  for await (const { event } of sealedEvents(ctx)) yield line({ event: { ...event, at: event.at.toISOString() } });
  for await (const checkpoint of allCheckpoints(ctx)) {
    yield line({ checkpoint: { size: checkpoint.size, at: checkpoint.at.toISOString(), note: checkpoint.note } });
  }
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`;

const READ_AT_ONCE = 1_000;

async function* sealedEvents(where: Where): AsyncGenerator<SealedEvent> {
  let from = 0;
  for (;;) {
    const page = await listSealed(where, from, READ_AT_ONCE);
    yield* page;
    const last = page.at(-1)?.event.sequence;
    if (page.length < READ_AT_ONCE || last === undefined || last === null) return;
    from = last + 1;
  }
}

async function* allCheckpoints(where: Where) {
  let after = 0;
  for (;;) {
    const page = await listCheckpoints(where, after, READ_AT_ONCE);
    yield* page;
    const last = page.at(-1)?.size;
    if (page.length < READ_AT_ONCE || last === undefined) return;
    after = last;
  }
}
