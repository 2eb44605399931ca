import type { Actor, Context } from './context.ts';
import { atLeast, decide } from './decision.ts';
import { kernelFaults } from './fault.ts';
import { newId } from './ids.ts';
import type { Run } from './module.ts';

/**
 * A way into the transaction that one is in already. For trying out what otherwise opens transactions by itself: all of
 * it is then undone with the one it stands in.
 */
export const inPlace =
  (ctx: Context): Run =>
  (work, act) => {
    if (work.tenantId !== ctx.tenantId)
      throw kernelFaults.internal(new Error('What is tried out in one organisation cannot work in another.'));
    return act(inNameOf(ctx, work.actor));
  };

/** The context as somebody else would have it: what is asked in it is asked for them, and no refusal is remembered. */
export function inNameOf(ctx: Context, actor: Actor): Context {
  const there: Context = {
    ...ctx,
    actor,
    async ask(question, input) {
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
