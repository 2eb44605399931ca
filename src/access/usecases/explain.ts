import { operateServer } from '../../kernel/administration.ts';
import type { Actor, Context, VisitorActor } from '../../kernel/context.ts';
import { type Explanation, explain, type Reason } from '../../kernel/decision.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { AnyQuestion, Run } from '../../kernel/module.ts';
import type { CeilingReason, Remedy } from '../../kernel/question.ts';
import { accessFaults } from '../faults.ts';
import { explainDecisions, readOwnRefusal } from '../questions.ts';

/** What the explainer needs of higher modules, connected by the composition root. */
export interface ExplainPorts {
  readonly questions: () => readonly AnyQuestion[];
  readonly run: Run;
  /** The person as they would ask: with their roles, groups and home. */
  actorOf(ctx: Context, accountId: string): Promise<Actor | undefined>;
  /** A refusal as the audit kept it, by the decision's id or the short reference to it. */
  findRefusal(ctx: Context, reference: string): Promise<KeptRefusal | undefined>;
  /** What another organisation is called. Opens what it needs itself. @throws not-found. */
  partnerName(ctx: Pick<Context, 'tenantId' | 'correlationId'>, partner: TenantId): Promise<string>;
}

export interface KeptRefusal {
  readonly id: string;
  readonly at: Date;
  readonly question: string;
  readonly input: unknown;
  readonly level: string;
  readonly wanted?: string;
  readonly because: readonly Reason<string>[];
  readonly actor: { readonly kind: string; readonly id: string | null; readonly displayName: string };
  /** Of somebody without an object here, for whom their own organisation asked. */
  readonly visitor?: { readonly homeTenantId: TenantId; readonly address: string };
}

/** What the person refused is shown: one sentence, a reference, whom to ask. Never a rule, a name or a setting. */
export interface RefusalNotice {
  readonly sentence: string;
  readonly reference: string;
  readonly askWhom: string;
  /** Whether there is somebody to whom a request for access can be put. */
  readonly canAsk: boolean;
  /** The organisation that does not permit it, where it is another one; the reference is then its own. */
  readonly refusedBy: string | null;
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
  const actor = asked.subjectId === undefined ? ctx.actor : await ports.actorOf(ctx, asked.subjectId);
  if (!actor) throw accessFaults.subjectUnknown();
  return explained(ctx, await explainFor(ctx, question, actor, asked.input, asked.wanted));
}

/**
 * The whole answer, with the rules of whatever tenants: `ownRulesOnly` before it is shown.
 * @throws request.invalid for an input that is not what the question is about.
 */
export async function explainFor(
  ctx: Context,
  question: AnyQuestion,
  actor: Actor,
  about: unknown,
  wanted?: string,
): Promise<Explanation<string> & { readonly owners: readonly { readonly kind: string; readonly id: string }[] }> {
  const input = question.input?.safeParse(about);
  if (input && !input.success) {
    throw kernelFaults.invalid(`"input": ${input.error.issues.map((issue) => issue.message).join(' ')}`);
  }
  const facts = await question.facts({ ...ctx, actor }, input?.data);
  const whole: Explanation<string> = explain(question, facts, wanted);
  return { ...whole, owners: question.owners?.(facts, input?.data) ?? [] };
}

function explained(ctx: Context, { owners: _, ...whole }: Awaited<ReturnType<typeof explainFor>>): Explained {
  const isRefused = whole.level === whole.levels[0];
  return {
    explanation: ownRulesOnly(whole, ctx.tenantId),
    personSees: isRefused ? noticeOf(whole.because, ctx.tenantId, '', lackingIn(whole)) : null,
  };
}

/** A kept refusal with what would be answered now. */
export interface DecisionExplained {
  readonly refusal: KeptRefusal;
  readonly personSees: RefusalNotice;
  readonly now: Explained | null;
}

/** Call it outside a transaction. @throws access.refused; not-found. */
export async function explainDecision(
  ctx: Context,
  ports: ExplainPorts,
  reference: string,
): Promise<DecisionExplained> {
  await ctx.demand(explainDecisions, undefined, 'read');
  return explainKept(ctx, ports, reference);
}

/** The same of what the server's own administration refused to whoever operates it. */
export async function explainServerDecision(
  ctx: Context,
  ports: ExplainPorts,
  reference: string,
): Promise<DecisionExplained> {
  await ctx.demand(operateServer, undefined, 'read');
  return explainKept(ctx, ports, reference);
}

async function explainKept(ctx: Context, ports: ExplainPorts, reference: string): Promise<DecisionExplained> {
  const { refusal, now } = await reading(ctx, ports, async (inside) => {
    const found = await ports.findRefusal(inside, reference);
    if (!found) throw kernelFaults.notFound();
    return { refusal: found, now: await explainAgain(inside, ports, found) };
  });
  return {
    refusal: { ...refusal, because: ownReasons(refusal.because, ctx.tenantId) },
    personSees: await noticeNamed(ctx, ports, refusal, now ? lackingIn(now.explanation) : []),
    now,
  };
}

/** What would be answered now. Null when nobody is there to ask it, or nothing to ask. */
async function explainAgain(ctx: Context, ports: ExplainPorts, refusal: KeptRefusal): Promise<Explained | null> {
  const question = ports.questions().find((one) => one.name === refusal.question);
  const actor = await refusedActor(ctx, ports, refusal);
  if (!question || !actor) return null;
  return explained(ctx, await explainFor(ctx, question, actor, refusal.input ?? undefined, refusal.wanted));
}

/** Who was refused, as they would ask now. Whoever was to prove who they are once more has not done so yet. */
async function refusedActor(
  ctx: Context,
  ports: Pick<ExplainPorts, 'actorOf'>,
  { actor, visitor, because }: Pick<KeptRefusal, 'actor' | 'visitor' | 'because'>,
): Promise<Actor | undefined> {
  if (visitor) return visitorOf(visitor);
  const { displayName } = actor;
  // The server asked about somebody who was not signed in yet.
  if (actor.kind === 'system') return { kind: 'system', name: displayName };
  const asked = because.some((reason) => 'remedy' in reason && reason.remedy === 'sign-in-again');
  const proof = asked ? { authenticatedAt: new Date(0) } : {};
  if (actor.kind === 'operator') return { kind: 'operator', displayName, accountId: actor.id as AccountId, ...proof };
  if (actor.kind !== 'account' || actor.id === null) return undefined;
  const person = await ports.actorOf(ctx, actor.id);
  return person?.kind === 'account' ? { ...person, ...proof } : person;
}

export const visitorOf = (visitor: { homeTenantId: TenantId; address: string }): VisitorActor => ({
  kind: 'visitor',
  displayName: visitor.address,
  ...visitor,
});

/** What the person who was refused may know of it. Anybody else learns nothing, not even that it happened. */
export async function noticeOfOwnRefusal(
  ctx: Context,
  ports: ExplainPorts,
  decisionId: string,
): Promise<RefusalNotice> {
  const { refusal, lacking } = await reading(ctx, ports, async (inside) => {
    const found = await ports.findRefusal(inside, decisionId);
    return { refusal: found, lacking: found ? await lackingNow(inside, ports, found) : [] };
  });
  // Asking for what never was is no refusal to keep.
  const quiet = refusal === undefined;
  const answer = await ctx.ask(readOwnRefusal, { refusedId: refusal?.actor.id ?? null }, { quiet });
  if (!refusal || answer.level === 'none') throw kernelFaults.notFound();
  return noticeNamed(ctx, ports, refusal, lacking);
}

/** Who would have to change something now; empty where that can no longer be said. */
async function lackingNow(ctx: Context, ports: ExplainPorts, refusal: KeptRefusal): Promise<readonly Remedy[]> {
  const question = ports.questions().find((one) => one.name === refusal.question);
  const actor = await refusedActor(ctx, ports, refusal);
  if (!question || !actor) return [];
  try {
    return lackingIn(await explainFor(ctx, question, actor, refusal.input ?? undefined, refusal.wanted));
  } catch (error) {
    // What it was about is gone.
    if (error instanceof Fault && error.kind !== 'internal') return [];
    throw error;
  }
}

/** Who would have to do something, all of them together, for the answer to be another. */
const lackingIn = ({ smallestChange }: Explanation<string>): readonly Remedy[] =>
  smallestChange.none ? ['nobody'] : smallestChange.changes.map(({ remedy }) => remedy);

const reading = <T>(
  { tenantId, actor, correlationId }: Context,
  { run }: ExplainPorts,
  act: (ctx: Context) => Promise<T>,
) => run({ tenantId, actor, correlationId, readOnly: true }, act);

const ASK_WHOM: Record<Remedy, string> = {
  'sign-in-again': 'Sign in again, with a stronger method if you are asked for one.',
  owner: 'Ask the owner.',
  administrator: 'Ask an administrator of this organisation.',
  partner: "Ask your own organisation's administrator to talk to the partner.",
  operator: 'Ask whoever runs this server.',
  consent: 'Ask an administrator to allow this application.',
  nobody: 'Nobody can change this.',
};

/**
 * `lacking`: who would have to change something now; empty: what was kept says it. `grantedBy`: who could give more,
 * where what is given is not enough.
 */
function noticeOf(
  because: readonly Reason<string>[],
  tenantId: string,
  decisionId: string,
  lacking: readonly Remedy[],
  grantedBy: Remedy = 'administrator',
): RefusalNotice {
  const foreign = refusingPartner(because, tenantId);
  const kept = because.map((reason) => ('remedy' in reason ? reason.remedy : grantedBy));
  const remedies = lacking.length > 0 ? lacking : kept;
  const others = remedies.filter((one) => one !== 'sign-in-again');
  const isNobodys = remedies.includes('nobody');
  const remedy: Remedy = isNobodys ? 'nobody' : foreign ? 'partner' : (others[0] ?? remedies[0] ?? 'administrator');
  return {
    sentence: foreign ? 'The other organisation does not permit this.' : 'You do not have access to do this.',
    reference: referenceOf(foreign?.reference ?? decisionId),
    askWhom: ASK_WHOM[remedy],
    canAsk: !isNobodys && others.length > 0,
    refusedBy: null,
  };
}

/** The same with the other organisation's name, where it is one that refuses. */
async function noticeNamed(
  ctx: Context,
  ports: ExplainPorts,
  refusal: KeptRefusal,
  lacking: readonly Remedy[],
): Promise<RefusalNotice> {
  const question = ports.questions().find(({ name }) => name === refusal.question);
  const notice = noticeOf(refusal.because, ctx.tenantId, refusal.id, lacking, question?.grantedBy);
  const foreign = refusingPartner(refusal.because, ctx.tenantId);
  if (!foreign) return notice;
  const refusedBy = await ports.partnerName(ctx, foreign.tenantId).catch(() => null);
  return refusedBy === null ? notice : { ...notice, sentence: `${refusedBy} does not permit this.`, refusedBy };
}

/** The other organisation whose rule refuses, and what it calls the refusal where it has said so. */
export function refusingPartner(
  because: readonly Reason<string>[],
  tenantId: string,
): { readonly tenantId: TenantId; readonly reference: string | null } | undefined {
  for (const reason of because) {
    if (isOwn(reason, tenantId) || !('setting' in reason)) continue;
    const { setting } = reason;
    return {
      tenantId: setting.tenantId as TenantId,
      reference: typeof setting.value === 'string' ? setting.value : null,
    };
  }
  return undefined;
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

/** What is left of another organisation's rules: that it does not permit it, and nothing of how or where. */
const PARTNER_RULE = {
  name: 'partners.partner-does-not-permit',
  sentence: 'The other organisation does not permit this.',
  setting: { tenantId: '', module: 'partners', scope: 'fixed', name: 'partner' },
  remedy: 'partner',
} as const;

/** Ours as they are; of all others one that says that there are some. */
function ownReasons(because: readonly Reason<string>[], tenantId: string): readonly Reason<string>[] {
  const foreign = because.find((reason) => !isOwn(reason, tenantId)) as CeilingReason<string> | undefined;
  return [
    ...because.filter((reason) => isOwn(reason, tenantId)),
    ...(foreign ? [{ kind: 'ceiling', level: foreign.level, ...PARTNER_RULE } as const] : []),
  ];
}

export function ownRulesOnly(whole: Explanation<string>, tenantId: string): Explanation<string> {
  const { smallestChange } = whole;
  const foreign = whole.rules.find((rule) => !isOwn(rule, tenantId) && rule.decided);
  const hidden = { kind: 'ceiling', bounds: {}, decided: true, ...PARTNER_RULE } as const;
  return {
    ...whole,
    because: ownReasons(whole.because, tenantId),
    rules: [
      ...whole.rules.filter((rule) => isOwn(rule, tenantId)),
      ...(foreign ? [{ ...hidden, level: foreign.level }] : []),
    ],
    smallestChange: smallestChange.none
      ? { none: true, because: ownReasons(smallestChange.because, tenantId) }
      : {
          ...smallestChange,
          changes: smallestChange.changes.map((change) =>
            change.kind === 'ceiling' && !isOwn(change, tenantId)
              ? {
                  kind: 'ceiling',
                  rule: PARTNER_RULE.name,
                  setting: PARTNER_RULE.setting,
                  remedy: PARTNER_RULE.remedy,
                  to: change.to,
                }
              : change,
          ),
        },
  };
}
