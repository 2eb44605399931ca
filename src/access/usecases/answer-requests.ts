/** Requests for access as those see them who can answer, and as those do who asked. */
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { accessFaults } from '../faults.ts';
import type { AccessRequest, RequestHere, RequestState } from '../model/request.ts';
import { answeredLetter } from '../model/request-letters.ts';
import { administerRequests, answerOwnRequest, askForAccess } from '../questions.ts';
import { findRequest, forgetRequests, listRequests, lockRequest, settleRequest } from '../store/requests.ts';
import { pageOf, plain, type RequestPorts } from './ask-for-access.ts';
import { type Explained, explainFor, ownRulesOnly, visitorOf } from './explain.ts';

const SHOWN = 200;

/** What the asker has asked for, and what others ask of them as an owner. The latest first. */
export async function listOwnRequests(
  ctx: Context,
): Promise<{ readonly asked: readonly AccessRequest[]; readonly toAnswer: readonly RequestHere[] }> {
  await ctx.demand(askForAccess, undefined, 'ask');
  if (ctx.actor.kind !== 'account') return { asked: [], toAnswer: [] };
  const { accountId } = ctx.actor;
  const asked = await listRequests(ctx, { askerId: accountId }, { limit: SHOWN });
  const toAnswer = await listRequests(ctx, { ownerId: accountId }, { limit: SHOWN });
  return { asked, toAnswer: toAnswer.filter((one) => one.putTo === 'here') };
}

/** What is asked of the organisation's administrators. */
export async function listAdministratorsRequests(
  ctx: Context,
  { state, ...page }: { readonly state?: RequestState | undefined; readonly after?: string | undefined; limit: number },
): Promise<readonly RequestHere[]> {
  await ctx.demand(administerRequests, undefined, 'read');
  const filter = { isForAdministrators: true, ...(state === undefined ? {} : { state }) };
  return (await listRequests(ctx, filter, page)).filter((one) => one.putTo === 'here');
}

/** As whom somebody looks at a request: administrators see every rule, an owner what is theirs. */
export type Answerer = 'owner' | 'administrator';

export interface OpenedRequest {
  readonly request: RequestHere;
  /** What would be answered now. Null when whoever asked is gone, or the question is. */
  readonly now: Explained['explanation'] | null;
  /** Whether answering yes gives the one right that lacks; else something is to be changed first. */
  readonly canBeGiven: boolean;
}

/** @throws not-found for a request that is not theirs to see, as for one that never was. */
export async function openRequest(ctx: Context, ports: RequestPorts, id: string, as: Answerer): Promise<OpenedRequest> {
  const request = await demandRequest(ctx, await findRequest(ctx, id), as, 'read');
  const found = await explainRequest(ctx, ports, request);
  const now = found && ownRulesOnly(found, ctx.tenantId);
  return {
    request,
    now: now && as === 'owner' ? withoutRules(now) : now,
    canBeGiven: found !== null && isGiven(ports, request, found),
  };
}

/** What an owner who administers nothing is shown: what lacks, and no rule or right of anybody else. */
function withoutRules(explanation: Explained['explanation']): Explained['explanation'] {
  const { smallestChange } = explanation;
  const own = smallestChange.none ? [] : smallestChange.changes.filter(({ kind }) => kind === 'grant');
  return {
    ...explanation,
    rules: [],
    grants: [],
    because: explanation.because.filter(({ kind }) => kind === 'no-grant'),
    smallestChange: smallestChange.none ? { none: true, because: [] } : { ...smallestChange, changes: [...own] },
  };
}

/**
 * Answers a request: yes, once the answer to the question itself is yes (`gives`: by giving the one right that lacks),
 * or no. Whoever asked is told.
 * @throws not-found; access.refused; access.request-settled, .still-refused; what giving the right throws.
 */
export async function answerRequest(
  ctx: Context,
  ports: RequestPorts,
  id: string,
  answer: {
    readonly as: Answerer;
    readonly decision: 'grant' | 'decline';
    readonly gives?: boolean | undefined;
    readonly note?: string | undefined;
  },
): Promise<void> {
  const request = await demandRequest(ctx, await lockRequest(ctx, id), answer.as, 'write');
  if (request.state !== 'open') throw accessFaults.requestSettled();
  const isGranted = answer.decision === 'grant';
  if (isGranted) {
    const found = await explainRequest(ctx, ports, request);
    if (answer.gives && found && isGiven(ports, request, found)) await give(ctx, ports, request);
    await demandYes(ctx, ports, request);
  }
  const note = plain(answer.note ?? '');
  const by = ctx.actor.kind === 'account' ? ctx.actor.accountId : null;
  const byName = ctx.actor.kind === 'account' ? ctx.actor.displayName : ctx.tenant.displayName;
  const state = isGranted ? 'granted' : 'declined';
  await settleRequest(ctx, id, { state, note: note === '' ? null : note, by, byName });
  ctx.record({
    action: `access.request-${state}`,
    category: 'Access',
    targets: [{ kind: 'access-request', id, displayName: request.askerName }],
    facts: { question: request.question, wanted: request.wanted, decisionId: request.decisionId },
  });
  await tellAsker(ctx, ports, request, { isGranted, note, byName });
  for (const owner of request.ownerIds) await ports.tellPerson(ctx, owner);
}

async function give(ctx: Context, ports: RequestPorts, { question, asker, input, wanted }: RequestHere) {
  const giver = ports.givers().find((one) => one.question === question && one.gives(asker));
  await giver?.give(ctx, asker, input, wanted);
}

/** Whether nothing lacks but one right, which its module can give. */
function isGiven(ports: RequestPorts, { question, asker }: RequestHere, found: Explained['explanation']): boolean {
  const { smallestChange } = found;
  if (smallestChange.none) return false;
  const lacking = smallestChange.changes.filter(({ remedy }) => remedy !== 'sign-in-again');
  const isOneGrant = lacking.length === 1 && lacking[0]?.kind === 'grant';
  return isOneGrant && ports.givers().some((one) => one.question === question && one.gives(asker));
}

/** "Granted" is said only of what is so. @throws access.still-refused. */
async function demandYes(ctx: Context, ports: RequestPorts, request: RequestHere): Promise<void> {
  const found = await explainRequest(ctx, ports, request);
  if (!found) throw accessFaults.stillRefused();
  if (atLeast(found, request.wanted)) return;
  const { smallestChange } = found;
  // A stronger sign-in is the asker's own to bring.
  const isOthers = smallestChange.none || smallestChange.changes.some(({ remedy }) => remedy !== 'sign-in-again');
  if (isOthers) throw accessFaults.stillRefused();
}

async function explainRequest(ctx: Context, ports: RequestPorts, request: RequestHere) {
  const { asker, question: name, input, wanted } = request;
  const question = ports.questions().find((one) => one.name === name);
  const actor = asker.kind === 'visitor' ? visitorOf(asker) : await ports.actorOf(ctx, asker.id);
  if (!question || !actor || !question.levels.includes(wanted)) return null;
  return explainFor(ctx, question, actor, input ?? undefined, wanted);
}

/** Somebody at home is told here; somebody elsewhere by their own organisation. */
async function tellAsker(
  ctx: Context,
  ports: RequestPorts,
  { id, asker }: RequestHere,
  answer: { readonly isGranted: boolean; readonly note: string; readonly byName: string },
): Promise<void> {
  if (asker.kind === 'visitor') {
    await ctx.defer(TELL, { requestId: id, attempts: 0 }, { key: `${TELL}:${ctx.tenantId}:${id}` });
    return;
  }
  await tellAnswer(ctx, ports, asker.id, { requestId: id, ...answer });
}

/** The job that carries an answer to where the asker is at home. */
export const TELL = 'access.tell-answer';

export async function tellAnswer(
  ctx: Context,
  ports: RequestPorts,
  accountId: string,
  answer: { requestId: string; isGranted: boolean; note: string; byName: string },
): Promise<void> {
  await ports.tellPerson(ctx, accountId);
  const person = await ports.personOf(ctx, accountId);
  if (!person) return;
  await queueMail(ctx, {
    kind: answer.isGranted ? 'access-granted' : 'access-declined',
    aboutId: answer.requestId,
    to: { address: person.address, name: person.displayName },
    fromName: ctx.tenant.displayName,
    ...answeredLetter(person.language, { ...answer, by: answer.byName, url: pageOf(ctx, ports) }),
  });
}

/** @throws not-found. Who may read what an administrator may answer is refused, and told so. */
async function demandRequest(
  ctx: Context,
  request: AccessRequest | undefined,
  as: Answerer,
  wanted: 'read' | 'write',
): Promise<RequestHere> {
  if (as === 'administrator') {
    await ctx.demand(administerRequests, undefined, wanted);
    if (request?.putTo !== 'here' || !request.isForAdministrators) throw kernelFaults.notFound();
    return request;
  }
  const here = request?.putTo === 'here' ? request : undefined;
  const { level } = await ctx.ask(answerOwnRequest, { ownerIds: [...(here?.ownerIds ?? [])] }, { quiet: !here });
  if (!here || level === 'none') throw kernelFaults.notFound();
  return here;
}

const DAY = 86_400_000;
/** Days for which an answered request is kept. */
const KEPT_DAYS = 180;
const SWEPT_AT_ONCE = 500;

/** Ends what nobody answered in time, and forgets what is long over. */
export async function sweepRequests(ctx: Context): Promise<void> {
  for (const { id } of await listRequests(ctx, { state: 'open', expiredAt: ctx.now }, { limit: SWEPT_AT_ONCE }))
    await settleRequest(ctx, id, { state: 'expired', note: null, by: null, byName: null });
  await forgetRequests(ctx, new Date(ctx.now.getTime() - KEPT_DAYS * DAY));
}
