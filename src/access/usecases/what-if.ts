/** Asking what changes would do, and reading the answer. */
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Change, WhatIf } from '../model/what-if.ts';
import { explainDecisions, manageLedger } from '../questions.ts';
import { deleteWhatIfsBefore, endWhatIf, findWhatIf, insertWhatIf, listLines } from '../store/what-ifs.ts';
import { trialOf, type WhatIfPorts } from './what-if-ports.ts';

/** The job that answers. */
export const ANSWER = 'access.what-if';
const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;

/**
 * Asks what changes would do; the answer is worked out by a job and read by the id. Whoever asks must be able to read
 * what the answer may reveal, and may try out only what they may do.
 * @throws access.trial-unknown, request.invalid naming what is wrong with a change.
 */
export async function askWhatIf(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'trials'>,
  asked: { readonly changes: readonly Change[]; readonly supposedAt?: Date | null },
): Promise<WhatIf> {
  await demandReading(ctx);
  if (asked.changes.length === 0 && !asked.supposedAt) throw kernelFaults.invalid('Say what is to be changed.');
  if (asked.supposedAt && asked.supposedAt < ctx.now) throw kernelFaults.invalid('Suppose a moment to come.');
  for (const change of asked.changes) {
    const { trial, input } = trialOf(ports, change);
    trial.verify?.(input);
  }
  const id = newId();
  const { actor } = ctx;
  await insertWhatIf(ctx, {
    id,
    askedBy:
      actor.kind === 'account' ? actor.userPrincipalName : 'displayName' in actor ? actor.displayName : actor.kind,
    changes: asked.changes,
    supposedAt: asked.supposedAt ?? null,
  });
  await ctx.defer(ANSWER, { whatIfId: id }, { maxAttempts: 3 });
  return (await findWhatIf(ctx, id))!;
}

/** @throws not-found. */
export async function readWhatIf(ctx: Context, id: string): Promise<WhatIf> {
  await demandReading(ctx);
  const found = await findWhatIf(ctx, id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/** The rights that would be lost, then those gained. @throws not-found. */
export async function readLines(ctx: Context, id: string, page: { after?: number; limit: number }) {
  const found = await readWhatIf(ctx, id);
  return listLines(ctx, found.id, page);
}

/** For who asked, and who may end rights. @throws not-found; what is over stays as it is. */
export async function cancelWhatIf(ctx: Context, id: string): Promise<WhatIf> {
  const { actor: asker, id: whole } = await readWhatIf(ctx, id);
  const isOwn = ctx.actor.kind === 'account' && asker.kind === 'account' && asker.accountId === ctx.actor.accountId;
  if (!isOwn) await ctx.demand(manageLedger, undefined, 'write');
  await endWhatIf(ctx, whole, { state: 'cancelled' });
  return readWhatIf(ctx, whole);
}

/** Forgets what was asked long ago. */
export const sweepWhatIfs = (ctx: Context): Promise<void> =>
  deleteWhatIfsBefore(ctx, new Date(ctx.now.getTime() - KEPT_DAYS * DAY_MS));

/** Whether the asker may put such questions. Asked of itself, so that nothing is noted where they may not. */
export async function mayAskWhatIf(ctx: Context): Promise<boolean> {
  for (const needed of [explainDecisions, manageLedger])
    if (!atLeast(await ctx.ask(needed, undefined, { quiet: true }), 'read')) return false;
  return true;
}

async function demandReading(ctx: Context): Promise<void> {
  await ctx.demand(explainDecisions, undefined, 'read');
  await ctx.demand(manageLedger, undefined, 'read');
}
