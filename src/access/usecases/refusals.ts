/** What people were refused lately, put again. */
import type { Actor, Context } from '../../kernel/context.ts';
import { type Decision, decide } from '../../kernel/decision.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnyQuestion } from '../../kernel/module.ts';
import type { RememberedRefusal, WhatIfPorts } from './what-if-ports.ts';

/** What the question answers whoever is not here. */
export const deniedAll = ({ name, levels, grantedBy }: AnyQuestion): Decision<string> => ({
  question: name,
  level: levels[0],
  levels,
  because: [{ kind: 'no-grant', remedy: grantedBy }],
  bounds: {},
});

/** The answers of now, in the order of the refusals; undefined for what cannot be asked any more. */
export async function askRefusals(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'questions' | 'actorOf'>,
  refusals: readonly RememberedRefusal[],
): Promise<readonly (Decision<string> | undefined)[]> {
  const questions = new Map(ports.questions().map((one) => [one.name, one]));
  const actors = new Map<string, Actor | undefined>();
  const answers: (Decision<string> | undefined)[] = [];
  for (const { question: name, accountId, input } of refusals) {
    if (!actors.has(accountId)) actors.set(accountId, await ports.actorOf(ctx, accountId));
    const actor = actors.get(accountId);
    const question = questions.get(name);
    const about = question?.input?.safeParse(input);
    if (!actor || !question || about?.success === false) answers.push(undefined);
    else answers.push(await answerTo(ctx, question, actor, about?.data));
  }
  return answers;
}

/** What somebody is answered; denied where what it is about is gone. */
async function answerTo(ctx: Context, question: AnyQuestion, actor: Actor, input: unknown): Promise<Decision<string>> {
  try {
    return decide(question, await question.facts({ ...ctx, actor }, input)) as Decision<string>;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return deniedAll(question);
    throw error;
  }
}
