import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor, Context } from '../../kernel/context.ts';
import { atLeast, type Decision, decide } from '../../kernel/decision.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { AnyQuestion, GoingOn, Job, Module, Right, Run, Standing, Trial } from '../../kernel/module.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { accessFaults } from '../faults.ts';
import { type Change, type Line, lineReasons, type ShutOut, type Summary, type WhatIf } from '../model/what-if.ts';
import { explainDecisions, manageLedger } from '../questions.ts';
import {
  deleteWhatIfsBefore,
  endWhatIf,
  findWhatIf,
  groundsSeen,
  insertWhatIf,
  isOvertaken,
  listLines,
  mark,
  noteProgress,
} from '../store/what-ifs.ts';
import type { ExplainPorts } from './explain.ts';

/** What what-if needs of the other modules, connected by the composition root. */
export interface WhatIfPorts extends Pick<ExplainPorts, 'actorOf' | 'questions'> {
  readonly run: Run;
  readonly standing: () => readonly Standing[];
  readonly trials: () => readonly Trial[];
  /** Whether people of a domain may be let in, as every module says that has a say in it. */
  readonly admits: () => readonly NonNullable<Module['admits']>[];
  readonly goingOn: () => readonly NonNullable<Module['goingOn']>[];
  /** The settings as they stand in the context's transaction. */
  settingsNow(ctx: Context): Promise<SettingsSnapshot>;
  /** A text that changes with any setting. */
  fingerprintOfSettings(ctx: Context): Promise<string>;
  /** What people were refused since then, the latest first, each once. */
  refusalsSince(ctx: Context, since: Date, limit: number): Promise<readonly RememberedRefusal[]>;
}

export interface RememberedRefusal {
  readonly at: Date;
  readonly question: string;
  readonly input: unknown;
  readonly accountId: string;
}

const RUN = 'access.what-if';
const DAY_MS = 86_400_000;
/** How far back refusals are put again, and how many of them. */
const REFUSALS_DAYS = 30;
const REFUSALS_AT_MOST = 1_000;
const LINES_AT_MOST = 100_000;
/** How often progress is noted and a cancel noticed. */
const NOTED_EVERY_MS = 500;
/** How long an answer is sought that others overtake. */
const OVERTAKEN_AT_MOST_MS = 60_000;
const KEPT_DAYS = 90;
const ASKED_AT_ONCE = 1_000;

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
    const { trial, input } = parsed(ports, change);
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
  await ctx.defer(RUN, { whatIfId: id }, { maxAttempts: 3 });
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
  await readWhatIf(ctx, id);
  return listLines(ctx, id, page);
}

/** For who asked, and who may end rights. @throws not-found; what is over stays as it is. */
export async function cancelWhatIf(ctx: Context, id: string): Promise<WhatIf> {
  const { actor: asker } = await readWhatIf(ctx, id);
  const isOwn = ctx.actor.kind === 'account' && asker.kind === 'account' && asker.accountId === ctx.actor.accountId;
  if (!isOwn) await ctx.demand(manageLedger, undefined, 'write');
  await endWhatIf(ctx, id, { state: 'cancelled' });
  return readWhatIf(ctx, id);
}

/**
 * Makes the changes that were tried out, provided that nothing they were judged by has changed since.
 * @throws not-found; access.what-if-not-done; access.only-by-its-own-request; access.world-changed: then it must be
 * asked again.
 */
export async function carryOut(ctx: Context, ports: WhatIfPorts, id: string): Promise<WhatIf> {
  const found = await readWhatIf(ctx, id);
  if (found.state !== 'done' || found.changes.length === 0) throw accessFaults.whatIfNotDone();
  for (const change of found.changes) {
    const { trial, input } = parsed(ports, change);
    if (trial.isRehearsal?.(input)) throw accessFaults.onlyByItsOwnRequest();
  }
  if (found.world !== (await worldOf(ctx, ports))) throw accessFaults.worldChanged();
  for (const change of found.changes) {
    const { trial, input } = parsed(ports, change);
    await trial.act(ctx, input);
  }
  recordCarriedOut(ctx, found);
  return found;
}

/**
 * Does what was tried out before, by whatever way it is done, provided that nothing it was judged by has changed since;
 * what was to follow it is done with it, all or nothing where the transaction is one.
 * `isOpen`: the context's transaction is open, and what is done is done in it.
 * @throws access.what-if-not-done; access.world-changed: then it must be tried again. What `act` throws.
 */
export async function doAsTried<T>(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'run' | 'fingerprintOfSettings' | 'trials' | 'settingsNow'>,
  { id, isOpen }: { readonly id: string; readonly isOpen: boolean },
  act: () => Promise<T>,
): Promise<T> {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const within = <R>(look: (inside: Context) => Promise<R>): Promise<R> =>
    isOpen ? look(ctx) : ports.run({ tenantId, actor, correlationId, clientAddress }, look);
  const found = await within(async (inside) => {
    const tried = parseId(id) ? await findWhatIf(inside, id) : undefined;
    if (tried?.state !== 'done') throw accessFaults.whatIfNotDone();
    if (tried.world !== (await worldOf(inside, ports))) throw accessFaults.worldChanged();
    return tried;
  });
  const following = found.changes.filter(({ follows }) => follows).map((change) => parsed(ports, change));
  if (following.some(({ trial, input }) => trial.isRehearsal?.(input))) throw accessFaults.onlyByItsOwnRequest();
  const result = await act();
  await within(async (inside) => {
    for (const { trial, input } of following) await trial.act(await worldIn(inside, ports, null), input);
    recordCarriedOut(inside, found);
  });
  return result;
}

const recordCarriedOut = (ctx: Context, { id, summary }: WhatIf): void =>
  ctx.record({
    action: 'access.what-if-carried-out',
    category: 'Policy',
    targets: [{ kind: 'what-if', id }],
    facts: { gained: summary?.gained ?? 0, lost: summary?.lost ?? 0, digest: summary?.digest ?? null },
  });

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

function parsed(ports: Pick<WhatIfPorts, 'trials'>, change: Change): { trial: Trial; input: unknown } {
  const trial = ports.trials().find(({ name }) => name === change.trial);
  if (!trial) throw accessFaults.trialUnknown(change.trial);
  const input = trial.shape.safeParse(change.input);
  if (!input.success) throw kernelFaults.invalid(input.error.issues.map(({ message }) => message).join(' '));
  return { trial, input: input.data };
}

/** The job that answers: it changes nothing but its own record, which others read while it works. */
export function whatIfJob(ports: WhatIfPorts): Job {
  return {
    name: RUN,
    transaction: 'none',
    async run(ctx, payload) {
      const { tenantId, correlationId } = ctx;
      const id = payload.whatIfId as string;
      const beside = <T>(act: (there: Context) => Promise<T>) =>
        ports.run({ tenantId, actor: { kind: 'system', name: RUN }, correlationId }, act);
      const asked = await beside((there) => findWhatIf(there, id));
      if (!asked || (asked.state !== 'waiting' && asked.state !== 'running')) return;

      let notedAt = 0;
      const note = async (lookedAt: number, total: number | null) => {
        const now = performance.now();
        if (now - notedAt < NOTED_EVERY_MS) return;
        notedAt = now;
        if (!(await beside((there) => noteProgress(there, id, { lookedAt, total })))) throw new Cancelled();
      };
      try {
        await note(0, null);
        const actor = await refreshed(asked.actor, beside, ports);
        const outcome = await unlessOvertaken(() =>
          ports.run({ tenantId, actor, correlationId, transaction: 'trial' }, (there) =>
            tryOut(there, ports, asked, note),
          ),
        );
        await beside((there) => endWhatIf(there, id, { state: 'done', ...outcome }));
      } catch (error) {
        if (error instanceof Cancelled) return;
        const isKnown = error instanceof Fault && error.kind !== 'internal';
        const failure = isKnown ? error.sentence : 'It could not be worked out. The server’s log says why.';
        await beside((there) => endWhatIf(there, id, { state: 'failed', failure }));
        if (!isKnown) throw error;
      }
    },
  };
}

class Cancelled extends Error {}

/**
 * Tries until nobody changes what is tried at the same moment, for a minute at most.
 * @throws access.overtaken.
 */
async function unlessOvertaken<T>(act: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + OVERTAKEN_AT_MOST_MS;
  for (let pause = 50; ; pause *= 2) {
    try {
      return await act();
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      if (performance.now() + pause > deadline) throw accessFaults.overtaken();
      // By chance, so that two who overtake each other do not meet again.
      await sleep(pause * (0.5 + Math.random()));
    }
  }
}

/** Whoever asked, with the roles they hold by now. */
async function refreshed(
  asked: Actor,
  run: <T>(act: (ctx: Context) => Promise<T>) => Promise<T>,
  ports: WhatIfPorts,
): Promise<Actor> {
  if (asked.kind !== 'account') return asked;
  const now = await run((ctx) => ports.actorOf(ctx, asked.accountId));
  if (now?.kind !== 'account') throw kernelFaults.unauthenticated();
  return { ...asked, roles: now.roles };
}

interface Outcome {
  readonly world: string;
  readonly summary: Summary;
  readonly lines: readonly Line[];
}

type Note = (lookedAt: number, total: number | null) => Promise<void>;

/**
 * Asks every right before and after the changes, in a transaction that is undone at the end. Both worlds are asked of
 * the same rights: of all that are found in either, so that what is held by another way, too, is not called lost.
 */
export async function tryOut(
  ctx: Context,
  ports: WhatIfPorts,
  asked: { readonly changes: readonly Change[]; readonly supposedAt: Date | null },
  note: Note = async () => {},
): Promise<Outcome> {
  const before = await worldIn(ctx, ports, null);
  const world = await worldOf(before, ports);
  const standing = ports.standing();
  const tally = { lookedAt: 0, total: null as number | null };
  const seen = async (rights: number) => {
    tally.lookedAt += rights;
    await note(tally.lookedAt, tally.total);
  };

  const refusals = await ports.refusalsSince(
    before,
    new Date(ctx.now.getTime() - REFUSALS_DAYS * DAY_MS),
    REFUSALS_AT_MOST,
  );
  const held = new Map<string, Held>();
  for (const one of standing) {
    for await (const page of one.list(before)) {
      await ask(before, one, page, (right, decision) =>
        held.set(keyOf(one, right), { standing: one, right, before: decision.level }),
      );
      await seen(page.length);
    }
  }
  const refusedBefore = await askRefusals(before, ports, refusals);
  tally.total = held.size * 2;

  const marked = await mark(ctx);
  for (const change of asked.changes) {
    const { trial, input } = parsed(ports, change);
    await trial.act(await worldIn(ctx, ports, null), input);
  }
  const after = await worldIn(ctx, ports, asked.supposedAt);

  const lines: Line[] = [];
  const appeared: { standing: Standing; right: Right; decision: Decision<string> }[] = [];
  /** How many rights are left to people of each domain. */
  const left = new Map<string, number>();
  for (const one of standing) {
    const met = new Set<string>();
    const compare = (right: Right, decision: Decision<string>) => {
      const key = keyOf(one, right);
      const known = held.get(key);
      met.add(key);
      const { homeDomain } = right.subject;
      if (homeDomain !== null && decision.level !== one.question.levels[0])
        left.set(homeDomain, (left.get(homeDomain) ?? 0) + 1);
      if (!known) appeared.push({ standing: one, right, decision });
      else keepLine(lines, one.question, right, known.before, decision);
    };
    for await (const page of one.list(after)) {
      await ask(after, one, page, compare);
      await seen(page.length);
    }
    const gone: Right[] = [];
    for (const [key, known] of held) if (known.standing === one && !met.has(key)) gone.push(known.right);
    for (const page of paged(gone)) {
      await ask(after, one, page, compare);
      await seen(page.length);
    }
  }
  const refusedAfter = await askRefusals(after, ports, refusals);
  const shutOut = await shutOutBy(ports, before, after, left);

  await marked.undo();
  for (const one of standing) {
    const news = appeared.filter(({ standing: of }) => of === one);
    for (const page of paged(news)) {
      const levels = new Map<string, string>();
      await ask(
        before,
        one,
        page.map(({ right }) => right),
        (right, decision) => levels.set(keyOf(one, right), decision.level),
      );
      for (const { right, decision } of page)
        keepLine(lines, one.question, right, levels.get(keyOf(one, right)) ?? decision.levels[0]!, decision);
    }
  }
  for (const [n, refusal] of refusals.entries()) {
    const [was, is] = [refusedBefore[n], refusedAfter[n]];
    const question = ports.questions().find(({ name }) => name === refusal.question);
    if (!was || !is || !question) continue;
    const right = {
      subject: { kind: 'account', id: refusal.accountId, homeDomain: null },
      object: { kind: 'question', id: refusal.question },
      input: refusal.input,
    };
    keepLine(lines, question, right, was.level, is, refusal.at);
  }
  return {
    world,
    lines: ordered(lines).slice(0, LINES_AT_MOST),
    summary: { ...summed(lines, tally.lookedAt, refusals.length), digest: digestOf(asked, lines), shutOut },
  };
}

interface Held {
  readonly standing: Standing;
  readonly right: Right;
  readonly before: string;
}

/** Puts one question for many, from facts that were gathered together. Whoever is not here is answered with denial. */
async function ask(
  ctx: Context,
  { question, gather }: Standing,
  rights: readonly Right[],
  tell: (right: Right, decision: Decision<string>) => void,
): Promise<void> {
  if (rights.length === 0) return;
  const facts = await gather(ctx, rights);
  for (const [n, right] of rights.entries())
    tell(right, facts[n] === undefined ? deniedAll(question) : (decide(question, facts[n]) as Decision<string>));
}

const deniedAll = ({ name, levels, grantedBy }: AnyQuestion): Decision<string> => ({
  question: name,
  level: levels[0],
  levels,
  because: [{ kind: 'no-grant', remedy: grantedBy }],
  bounds: {},
});

async function askRefusals(
  ctx: Context,
  ports: WhatIfPorts,
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

/** The context as its transaction stands now, at the supposed moment; it asks by that, and remembers no refusal. */
async function worldIn(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'settingsNow'>,
  supposedAt: Date | null,
): Promise<Context> {
  const there: Context = {
    ...ctx,
    now: supposedAt ?? ctx.now,
    settings: await ports.settingsNow(ctx),
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

/** A digest of all that an answer stands on, as the transaction sees it. */
export async function worldOf(ctx: Context, ports: Pick<WhatIfPorts, 'fingerprintOfSettings'>): Promise<string> {
  const prints = [await groundsSeen(ctx), await ports.fingerprintOfSettings(ctx)];
  return createHash('sha256').update(prints.join('\n')).digest('base64url');
}

const keyOf = ({ question }: Pick<Standing, 'question'>, { subject, object, input }: Right): string =>
  `${question.name} ${subject.kind} ${subject.id} ${object.id} ${JSON.stringify(input)}`;

function keepLine(
  lines: Line[],
  question: AnyQuestion,
  right: Right,
  before: string,
  { level: after, because }: Decision<string>,
  refusedAt: Date | null = null,
): void {
  if (before === after) return;
  const isGain = question.levels.indexOf(after) > question.levels.indexOf(before);
  lines.push({
    ...right,
    direction: isGain ? 'gained' : 'lost',
    question: question.name,
    before,
    after,
    because: lineReasons(because),
    refusedAt,
  });
}

/** What is lost first. */
const ordered = (lines: readonly Line[]): Line[] => [
  ...lines.filter(({ direction }) => direction === 'lost'),
  ...lines.filter(({ direction }) => direction === 'gained'),
];

/** Organisations that are let in no more by the change, as far as something stays to their people. */
async function shutOutBy(
  { admits, goingOn }: Pick<WhatIfPorts, 'admits' | 'goingOn'>,
  before: Context,
  after: Context,
  left: ReadonlyMap<string, number>,
): Promise<ShutOut[]> {
  const admittedIn = (there: Context, domain: string) => admits().every((admitting) => admitting(there, domain));
  const domains = [...left.keys()].filter((domain) => admittedIn(before, domain) && !admittedIn(after, domain)).sort();
  if (domains.length === 0) return [];
  const going: GoingOn[] = [];
  for (const one of goingOn()) going.push(...(await one(after, domains)));
  return domains.map((domain) => ({
    domain,
    rights: left.get(domain) ?? 0,
    goingOn: going.filter((one) => one.domain === domain),
  }));
}

/** What one would read: who gains and loses what, in whatever order it was found. */
function digestOf({ changes, supposedAt }: Pick<WhatIf, 'changes' | 'supposedAt'>, lines: readonly Line[]): string {
  const hash = createHash('sha256').update(JSON.stringify([changes, supposedAt]));
  const told = lines.map(({ question, subject, object, input, before, after }) =>
    JSON.stringify([question, subject.kind, subject.id, object.kind, object.id, input, before, after]),
  );
  for (const line of told.sort()) hash.update(`\n${line}`);
  return hash.digest('base64url');
}

function summed(lines: readonly Line[], rights: number, refusals: number): Omit<Summary, 'digest' | 'shutOut'> {
  const questions: Record<string, { gained: number; lost: number }> = {};
  const count = { gained: 0, lost: 0 };
  const subjects = { gained: new Set<string>(), lost: new Set<string>() };
  for (const { question, direction, subject } of lines) {
    subjects[direction].add(`${subject.kind} ${subject.id}`);
    questions[question] ??= { gained: 0, lost: 0 };
    questions[question][direction] += 1;
    count[direction] += 1;
  }
  const people = { gained: subjects.gained.size, lost: subjects.lost.size };
  return { rights, refusals, ...count, subjects: people, questions, isCut: lines.length > LINES_AT_MOST };
}

function* paged<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < all.length; from += ASKED_AT_ONCE) yield all.slice(from, from + ASKED_AT_ONCE);
}
