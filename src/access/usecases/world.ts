/** A world to ask in: as a transaction sees the organisation, now or at a moment to come. */
import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { atLeast, decide } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { groundsSeen } from '../store/what-ifs.ts';
import type { WhatIfPorts } from './what-if-ports.ts';

/**
 * The context as its transaction stands now, at the supposed moment; it asks by that, and remembers no refusal. `beat` is
 * called whenever it asks: by what it throws, a long change is broken off.
 */
export async function worldIn(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'settingsNow'>,
  supposedAt: Date | null,
  beat: () => Promise<void> = async () => {},
): Promise<Context> {
  const there: Context = {
    ...ctx,
    now: supposedAt ?? ctx.now,
    settings: await ports.settingsNow(ctx),
    async ask(question, input) {
      await beat();
      const decision = decide(question, await question.facts(there, input));
      return { ...decision, decisionId: newId<'decision'>() };
    },
    async demand(question, input, wanted) {
      const answer = await there.ask(question, input);
      if (!atLeast(answer, wanted)) throw kernelFaults.refused({ because: answer.because });
      return answer;
    },
  };
  return there;
}

/** A digest of all that an answer stands on, as the transaction sees it. */
export async function worldOf(ctx: Context, ports: Pick<WhatIfPorts, 'fingerprintOfSettings'>): Promise<string> {
  const prints = [await groundsSeen(ctx), await ports.fingerprintOfSettings(ctx)];
  return createHash('sha256').update(prints.join('\n')).digest('base64url');
}
