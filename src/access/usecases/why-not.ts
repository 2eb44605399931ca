/** What a screen offers and what it does not, of one question: how far the asker may go, and why not further. */
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AnyQuestion, Withheld } from '../../kernel/module.ts';
import { accessFaults } from '../faults.ts';
import { askForAccess } from '../questions.ts';
import type { ExplainPorts } from './explain.ts';

export interface WhyNotPorts extends Pick<ExplainPorts, 'questions'> {
  /** What screens may put questions about, beside those about nothing in particular, of every module. */
  readonly withheld: () => readonly Withheld[];
}

interface Put {
  readonly question: string;
  readonly input?: unknown;
}

/**
 * How far a question lets the asker go. Nobody is refused by looking, so nothing is written.
 * @throws not-found for a thing they may not know of; request.invalid; access.question-unknown.
 */
export async function howFar(ctx: Context, ports: WhyNotPorts, put: Put): Promise<string> {
  const { question, input } = await read(ctx, ports, put);
  return (await ctx.ask(question, input, { quiet: true })).level;
}

/**
 * Puts the question behind something that a screen does not offer, in the name of whoever looks at it: so that it has a
 * reference, an explanation and somebody to ask, as if it had been tried. Null: it may be done now.
 * @throws not-found for a thing they may not know of; request.invalid; access.question-unknown.
 */
export async function whyNot(
  ctx: Context,
  ports: WhyNotPorts,
  put: Put & { readonly wanted: string },
): Promise<string | null> {
  const { question, input } = await read(ctx, ports, put);
  const { wanted } = put;
  if (!question.levels.includes(wanted))
    throw kernelFaults.invalid(`"wanted" must be one of ${question.levels.join(', ')}.`);
  const answer = await ctx.ask(question, input, { wanted });
  return atLeast(answer, wanted) ? null : answer.decisionId;
}

async function read(ctx: Context, ports: WhyNotPorts, put: Put): Promise<{ question: AnyQuestion; input: unknown }> {
  await ctx.demand(askForAccess, undefined, 'ask');
  const question = ports.questions().find(({ name }) => name === put.question);
  if (!question) throw accessFaults.questionUnknown(put.question);
  if (!question.input) return { question, input: undefined };
  const input = question.input.safeParse(put.input);
  if (!input.success)
    throw kernelFaults.invalid(`"input": ${input.error.issues.map(({ message }) => message).join(' ')}`);
  const about = ports.withheld().find((one) => one.question.name === question.name);
  if (!(await about?.mayKnow(ctx, input.data))) throw kernelFaults.notFound();
  return { question, input: input.data };
}
