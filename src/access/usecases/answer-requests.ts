/** Requests for access as those see them who can answer, and as those do who asked. */
import type { Actor, Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { Giver, Way, Wish } from '../../kernel/module.ts';
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
  /** What answering yes gives, where it is the one thing that lacks; else something is to be changed first. */
  readonly giving: Giving | null;
}

/** @throws not-found for a request that is not theirs to see, as for one that never was. */
export async function openRequest(ctx: Context, ports: RequestPorts, id: string, as: Answerer): Promise<OpenedRequest> {
  const request = await demandRequest(ctx, await findRequest(ctx, id), as, 'read');
  const found = await explainRequest(ctx, ports, request);
  const now = found && ownRulesOnly(found.whole, ctx.tenantId);
  return {
    request,
    now: now && as === 'owner' ? withoutRules(now) : now,
    giving: found && ((await givingOf(ctx, ports, request, found)) ?? null),
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
    /** Which of the ways, where there are several; else the first. */
    readonly way?: string | undefined;
    readonly note?: string | undefined;
  },
): Promise<void> {
  const request = await demandRequest(ctx, await lockRequest(ctx, id), answer.as, 'write');
  if (request.state !== 'open') throw accessFaults.requestSettled();
  const isGranted = answer.decision === 'grant';
  const note = plain(answer.note ?? '');
  if (isGranted) {
    if (answer.gives) await give(ctx, ports, request, { way: answer.way, because: note === '' ? null : note });
    await demandYes(ctx, ports, request);
  }
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

/** What a yes gives, and among what whoever answers chooses. */
export interface Giving {
  readonly giver: Giver;
  readonly ways: readonly Way[];
}

async function give(
  ctx: Context,
  ports: RequestPorts,
  request: RequestHere,
  chosen: { readonly way: string | undefined; readonly because: string | null },
): Promise<void> {
  const found = await explainRequest(ctx, ports, request);
  const giving = found && (await givingOf(ctx, ports, request, found));
  if (!giving) return;
  const { giver, ways } = giving;
  const way = chosen.way ?? ways[0]?.id ?? '';
  if (chosen.way !== undefined && !ways.some(({ id }) => id === way))
    throw kernelFaults.invalid(`"way" must be one of ${ways.map(({ id }) => id).join(', ')}.`);
  await giver.give(ctx, { ...found.wish, way, because: chosen.because });
}

/** What can be given by whoever answers, where nothing lacks but one thing. */
async function givingOf(
  ctx: Context,
  ports: RequestPorts,
  { question, asker }: RequestHere,
  { whole: { smallestChange }, wish, actor }: Looked,
): Promise<Giving | undefined> {
  if (smallestChange.none) return undefined;
  const lacking = smallestChange.changes.filter(({ remedy }) => remedy !== 'sign-in-again');
  const [first] = lacking;
  if (!first) return undefined;
  const mends = (giver: Giver): boolean => {
    if (giver.question === undefined) return true;
    if (giver.question !== question || lacking.length > 1) return false;
    return first.kind === 'grant' ? giver.rule === undefined : giver.rule === first.rule;
  };
  for (const giver of ports.givers()) {
    if (!mends(giver) || !giver.gives(asker)) continue;
    const ways = await giver.ways?.(ctx, { ...wish, actor });
    if (ways === undefined || ways.length > 0) return { giver, ways: ways ?? [] };
  }
  return undefined;
}

/** "Granted" is said only of what is so. @throws access.still-refused. */
async function demandYes(ctx: Context, ports: RequestPorts, request: RequestHere): Promise<void> {
  // What was just given may be a setting.
  const found = await explainRequest({ ...ctx, settings: await ports.settingsNow(ctx) }, ports, request);
  if (!found) throw accessFaults.stillRefused();
  if (atLeast(found.whole, request.wanted)) return;
  for (const giver of ports.givers())
    if (giver.question === request.question && (await giver.has?.(ctx, found.wish))) return;
  const { smallestChange } = found.whole;
  // A stronger sign-in is the asker's own to bring.
  const isOthers = smallestChange.none || smallestChange.changes.some(({ remedy }) => remedy !== 'sign-in-again');
  if (isOthers) throw accessFaults.stillRefused();
}

interface Looked {
  readonly whole: Explained['explanation'];
  readonly wish: Wish;
  readonly actor: Actor;
}

async function explainRequest(ctx: Context, ports: RequestPorts, request: RequestHere): Promise<Looked | null> {
  const { asker, question: name, input, wanted } = request;
  const question = ports.questions().find((one) => one.name === name);
  const actor = asker.kind === 'visitor' ? visitorOf(asker) : await ports.actorOf(ctx, asker.id);
  if (!question || !actor || !question.levels.includes(wanted)) return null;
  const about = input ?? undefined;
  const { owners: _, ...whole } = await explainFor(ctx, question, actor, about, wanted);
  return { whole, actor, wish: { asker, question, input: about, wanted } };
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
