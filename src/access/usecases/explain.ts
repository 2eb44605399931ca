import type { Actor, Context } from '../../kernel/context.ts';
import { type Explanation, explain, type Reason } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AnyQuestion } from '../../kernel/module.ts';
import type { Remedy } from '../../kernel/question.ts';
import { accessFaults } from '../faults.ts';
import { explainDecisions, readOwnRefusal } from '../questions.ts';

/** What the explainer needs of higher modules, connected by the composition root. */
export interface ExplainPorts {
  readonly questions: () => readonly AnyQuestion[];
  /** The person as they would ask: with their roles, groups and home. */
  actorOf(ctx: Context, accountId: string): Promise<Actor | undefined>;
  /** A refusal as the audit kept it, by the decision's id. */
  findRefusal(ctx: Context, decisionId: string): Promise<KeptRefusal | undefined>;
}

export interface KeptRefusal {
  readonly at: Date;
  readonly question: string;
  readonly input: unknown;
  readonly level: string;
  readonly wanted?: string;
  readonly because: readonly Reason<string>[];
  readonly actor: { readonly kind: string; readonly id: string | null; readonly displayName: string };
}

/** What the person refused is shown: one sentence, a reference, whom to ask. Never a rule, a name or a setting. */
export interface RefusalNotice {
  readonly sentence: string;
  readonly reference: string;
  readonly askWhom: string;
}

export interface Explained {
  readonly explanation: Explanation<string>;
  readonly personSees: RefusalNotice | null;
}

/**
 * Answers a question as if `subjectId` asked it now, with every rule laid open.
 * BOUNDARY: rules of other tenants are left out; of them only "the partner does not permit this" remains.
 */
export async function explainQuestion(
  ctx: Context,
  ports: ExplainPorts,
  asked: { question: string; subjectId?: string; input?: unknown; wanted?: string },
): Promise<Explained> {
  await ctx.demand(explainDecisions, undefined, 'read');
  const question = ports.questions().find((one) => one.name === asked.question);
  if (!question) throw accessFaults.questionUnknown(asked.question);
  if (asked.wanted !== undefined && !question.levels.includes(asked.wanted)) {
    throw kernelFaults.invalid(`"wanted" must be one of ${question.levels.join(', ')}.`);
  }
  const input = question.input?.safeParse(asked.input);
  if (input && !input.success) {
    throw kernelFaults.invalid(`"input": ${input.error.issues.map((issue) => issue.message).join(' ')}`);
  }
  const actor = asked.subjectId === undefined ? ctx.actor : await ports.actorOf(ctx, asked.subjectId);
  if (!actor) throw accessFaults.subjectUnknown();
  const facts = await question.facts({ ...ctx, actor }, input?.data);
  const whole: Explanation<string> = explain(question, facts, asked.wanted);
  const isRefused = whole.level === question.levels[0];
  return {
    explanation: ownRulesOnly(whole, ctx.tenantId),
    personSees: isRefused ? noticeOf(whole.because, ctx.tenantId, '') : null,
  };
}

/** A kept refusal with what would be answered now. */
export async function explainDecision(
  ctx: Context,
  ports: ExplainPorts,
  decisionId: string,
): Promise<{ refusal: KeptRefusal; personSees: RefusalNotice; now: Explained | null }> {
  await ctx.demand(explainDecisions, undefined, 'read');
  const refusal = await ports.findRefusal(ctx, decisionId);
  if (!refusal) throw kernelFaults.notFound();
  const { question, input, actor } = refusal;
  const subjectId = actor.kind === 'account' && actor.id !== null ? actor.id : undefined;
  const wanted = refusal.wanted === undefined ? {} : { wanted: refusal.wanted };
  const isStillKnown = ports.questions().some((one) => one.name === question);
  const isStillHere = subjectId === undefined ? false : (await ports.actorOf(ctx, subjectId)) !== undefined;
  return {
    refusal: { ...refusal, because: refusal.because.filter((reason) => isOwn(reason, ctx.tenantId)) },
    personSees: noticeOf(refusal.because, ctx.tenantId, decisionId),
    now:
      isStillKnown && isStillHere
        ? await explainQuestion(ctx, ports, {
            question,
            ...(subjectId === undefined ? {} : { subjectId }),
            input,
            ...wanted,
          })
        : null,
  };
}

/** What the person who was refused may know of it. Anybody else learns nothing, not even that it happened. */
export async function noticeOfOwnRefusal(
  ctx: Context,
  ports: ExplainPorts,
  decisionId: string,
): Promise<RefusalNotice> {
  const refusal = await ports.findRefusal(ctx, decisionId);
  // Asking for what never was is no refusal to keep.
  const quiet = refusal === undefined;
  const answer = await ctx.ask(readOwnRefusal, { refusedId: refusal?.actor.id ?? null }, { quiet });
  if (!refusal || answer.level === 'none') throw kernelFaults.notFound();
  return noticeOf(refusal.because, ctx.tenantId, decisionId);
}

const ASK_WHOM: Record<Remedy, string> = {
  'sign-in-again': 'Sign in again, with a stronger method if you are asked for one.',
  owner: 'Ask the owner.',
  administrator: 'Ask an administrator of this organisation.',
  partner: "Ask your own organisation's administrator to talk to the partner.",
  operator: 'Ask whoever runs this server.',
  consent: 'Ask an administrator to allow this application.',
  nobody: 'Nobody can change this.',
};

function noticeOf(because: readonly Reason<string>[], tenantId: string, decisionId: string): RefusalNotice {
  const foreign = because.some((reason) => !isOwn(reason, tenantId));
  const first = because.find((reason) => reason.kind === 'ceiling' || reason.kind === 'no-grant');
  const remedy: Remedy = foreign ? 'partner' : first && 'remedy' in first ? first.remedy : 'administrator';
  return {
    sentence: foreign ? 'The other organisation does not permit this.' : 'You do not have access to do this.',
    reference: referenceOf(decisionId),
    askWhom: ASK_WHOM[remedy],
  };
}

/** Short enough to read out on the telephone; enough of the id's random end to find it again. */
export function referenceOf(decisionId: string): string {
  return decisionId.slice(-8).toUpperCase();
}

function isOwn(
  reason: { readonly setting?: { readonly tenantId: string } } | Reason<string>,
  tenantId: string,
): boolean {
  const setting = 'setting' in reason ? reason.setting : undefined;
  return setting === undefined || setting.tenantId === '' || setting.tenantId === tenantId;
}

function ownRulesOnly(whole: Explanation<string>, tenantId: string): Explanation<string> {
  const { smallestChange } = whole;
  return {
    ...whole,
    because: whole.because.filter((reason) => isOwn(reason, tenantId)),
    rules: whole.rules.filter((rule) => isOwn(rule, tenantId)),
    smallestChange: smallestChange.none
      ? { none: true, because: smallestChange.because.filter((reason) => isOwn(reason, tenantId)) }
      : {
          ...smallestChange,
          changes: smallestChange.changes.map((change) =>
            change.kind === 'ceiling' && !isOwn(change, tenantId)
              ? {
                  kind: 'ceiling',
                  rule: 'partner',
                  setting: { ...change.setting, module: 'partners', name: '', value: undefined },
                  remedy: 'partner',
                  to: change.to,
                }
              : change,
          ),
        },
  };
}
