import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AnyQuestion } from '../../kernel/module.ts';

/**
 * How far each question about nothing in particular lets the asker go, so that a screen shows only what the server
 * would allow. Nobody is refused by looking, so nothing is written.
 */
export async function listAbilities(
  ctx: Context,
  questions: readonly AnyQuestion[],
): Promise<Readonly<Record<string, string>>> {
  if (ctx.actor.kind === 'anonymous') throw kernelFaults.unauthenticated();
  const abilities: Record<string, string> = {};
  for (const question of questions) {
    if (question.input === undefined) {
      abilities[question.name] = (await ctx.ask(question, undefined, { quiet: true })).level;
    }
  }
  return abilities;
}
