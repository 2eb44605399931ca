/** Trying changes out: who gains and loses what by them. */
import type { Context } from '../../kernel/context.ts';
import { type Decision, decide } from '../../kernel/decision.ts';
import { Fault } from '../../kernel/fault.ts';
import {
  type AnyQuestion,
  type GoingOn,
  type Heard,
  keyElsewhere,
  type PersonElsewhere,
  type Right,
  type Standing,
} from '../../kernel/module.ts';
import { type Change, type Line, lineReasons, type ShutOut, type Summary } from '../model/what-if.ts';
import { digestOf, LINES_AT_MOST, ordered, summed } from '../model/what-if-summary.ts';
import { mark } from '../store/what-ifs.ts';
import { askRefusals, deniedAll } from './refusals.ts';
import { trialOf, type WhatIfPorts } from './what-if-ports.ts';
import { worldIn, worldOf } from './world.ts';

const DAY_MS = 86_400_000;
/** How far back refusals are put again, and how many of them. */
const REFUSALS_DAYS = 30;
const REFUSALS_AT_MOST = 1_000;
const ASKED_AT_ONCE = 1_000;

export interface Outcome {
  readonly world: string;
  readonly summary: Omit<Summary, 'unheard'>;
  readonly lines: readonly Line[];
}

/** It cannot be told before these people's homes were heard. */
export interface Unheard {
  readonly turnsOnHome: readonly PersonElsewhere[];
}

type Note = (lookedAt: number, total: number | null) => Promise<void>;

interface Tried {
  readonly changes: readonly Change[];
  readonly supposedAt: Date | null;
  /** What each change has asked of others beforehand. */
  readonly prepared: readonly unknown[];
  readonly heard: Heard;
}

/**
 * Asks every right before and after the changes, in a transaction that is undone at the end. Both worlds are asked of
 * the same rights: of all that are found in either, so that what is held by another way, too, is not called lost.
 */
export async function tryOut(ctx: Context, ports: WhatIfPorts, asked: Tried, note: Note): Promise<Outcome | Unheard> {
  const { heard } = asked;
  const before = await worldIn(ctx, ports, null);
  const world = await worldOf(before, ports);
  const standing = ports.standing();
  const tally = { lookedAt: 0, total: null as number | null };
  const seen = async (rights: number) => {
    tally.lookedAt += rights;
    await note(tally.lookedAt, tally.total);
  };

  const unheard = await notHeard(before, standing, heard);
  const refusals = await ports.refusalsSince(
    before,
    new Date(ctx.now.getTime() - REFUSALS_DAYS * DAY_MS),
    REFUSALS_AT_MOST,
  );
  const held = new Map<string, Held>();
  // What cannot be told yet is asked only of whom else homes have to be heard.
  for (const one of unheard.length > 0 ? [] : standing) {
    for await (const page of one.list(before)) {
      await ask(before, one, page, heard, (right, decision) =>
        held.set(keyOf(one, right), { standing: one, right, before: decision.level }),
      );
      await seen(page.length);
    }
  }
  const refusedBefore = await askRefusals(before, ports, refusals);
  tally.total = held.size * 2;

  const marked = await mark(ctx);
  for (const [n, change] of asked.changes.entries()) {
    const { trial, input } = trialOf(ports, change);
    const there = await worldIn(ctx, ports, null, () => seen(0));
    await refusedByItself(() => trial.act(there, input, asked.prepared[n]));
  }
  const after = await worldIn(ctx, ports, asked.supposedAt);
  unheard.push(...(await notHeard(after, standing, heard)));
  if (unheard.length > 0) return { turnsOnHome: unheard };

  const lines: Line[] = [];
  const appeared: Appeared[] = [];
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
      await ask(after, one, page, heard, compare);
      await seen(page.length);
    }
    const gone: Right[] = [];
    for (const [key, known] of held) if (known.standing === one && !met.has(key)) gone.push(known.right);
    for (const page of paged(gone)) {
      await ask(after, one, page, heard, compare);
      await seen(page.length);
    }
  }
  const refusedAfter = await askRefusals(after, ports, refusals);
  const shutOut = await shutOutBy(ports, before, after, left);
  const namedAfter = await namesOf(after, ports, appeared);

  await marked.undo();
  const namedBefore = await namesOf(before, ports, appeared);
  const arriving = ({ kind, id }: { kind: string; id: string }) => {
    const key = `${kind}:${id}`;
    return namedBefore.has(key) ? null : (namedAfter.get(key) ?? null);
  };
  for (const one of standing) {
    const news = appeared.filter(({ standing: of }) => of === one);
    for (const page of paged(news)) {
      const levels = new Map<string, string>();
      await ask(
        before,
        one,
        page.map(({ right }) => right),
        heard,
        (right, decision) => levels.set(keyOf(one, right), decision.level),
      );
      for (const { right, decision } of page)
        keepLine(lines, one.question, right, levels.get(keyOf(one, right)) ?? decision.levels[0]!, decision, {
          names: { subject: arriving(right.subject), object: arriving(right.object) },
        });
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
    keepLine(lines, question, right, was.level, is, { refusedAt: refusal.at });
  }
  return {
    world,
    lines: ordered(lines).slice(0, LINES_AT_MOST),
    summary: {
      ...summed(lines, tally.lookedAt, refusals.length),
      digest: digestOf(asked, lines),
      shutOut,
    },
  };
}

/** The change would be refused if it were made. */
export class ChangeRefused extends Error {
  constructor(fault: Fault) {
    super(fault.sentence, { cause: fault });
  }
}

/** @throws ChangeRefused for what the change answers whoever makes it. */
export async function refusedByItself<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Fault && error.kind !== 'internal' && error.kind !== 'unavailable')
      throw new ChangeRefused(error);
    throw error;
  }
}

/** People whose homes were not heard of them yet, in the world of the context. */
async function notHeard(ctx: Context, standing: readonly Standing[], heard: Heard): Promise<PersonElsewhere[]> {
  const people: PersonElsewhere[] = [];
  for (const one of standing) people.push(...((await one.turnsOnHome?.(ctx)) ?? []));
  return people.filter((person) => !heard.has(keyElsewhere(person)));
}

interface Appeared {
  readonly standing: Standing;
  readonly right: Right;
  readonly decision: Decision<string>;
}

/** What those who hold new rights are called, and what they hold them on, as the context's transaction has them. */
async function namesOf(
  ctx: Context,
  ports: Pick<WhatIfPorts, 'namesOf'>,
  appeared: readonly Appeared[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const page of paged(appeared.filter(({ standing, decision }) => decision.level !== standing.question.levels[0])))
    for (const [key, name] of await ports.namesOf(
      ctx,
      page.flatMap(({ right }) => [right.subject, right.object]),
    ))
      names.set(key, name);
  return names;
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
  heard: Heard,
  tell: (right: Right, decision: Decision<string>) => void,
): Promise<void> {
  if (rights.length === 0) return;
  const facts = await gather(ctx, rights, heard);
  for (const [n, right] of rights.entries())
    tell(right, facts[n] === undefined ? deniedAll(question) : (decide(question, facts[n]) as Decision<string>));
}

const keyOf = ({ question }: Pick<Standing, 'question'>, { subject, object, input }: Right): string =>
  `${question.name} ${subject.kind} ${subject.id} ${object.id} ${JSON.stringify(input)}`;

function keepLine(
  lines: Line[],
  question: AnyQuestion,
  right: Right,
  before: string,
  { level: after, because }: Decision<string>,
  more: Partial<Pick<Line, 'refusedAt' | 'names'>> = {},
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
    refusedAt: null,
    names: { subject: null, object: null },
    ...more,
  });
}

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

function* paged<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < all.length; from += ASKED_AT_ONCE) yield all.slice(from, from + ASKED_AT_ONCE);
}
