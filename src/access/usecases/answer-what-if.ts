import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor, Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { type Heard, type Job, keyElsewhere, type SaidByHome } from '../../kernel/module.ts';
import { accessFaults } from '../faults.ts';
import type { Change } from '../model/what-if.ts';
import { endWhatIf, findWhatIf, isOvertaken, noteProgress } from '../store/what-ifs.ts';
import { ChangeRefused, type Outcome, refusedByItself, tryOut, type Unheard } from './try-out.ts';
import { ANSWER } from './what-if.ts';
import { trialOf, type WhatIfPorts } from './what-if-ports.ts';

/** How often progress is noted and a cancel noticed. */
const NOTED_EVERY_MS = 500;
/** How long an answer is sought that others overtake. */
const OVERTAKEN_AT_MOST_MS = 60_000;

/** The job that answers: it changes nothing but its own record, which others read while it works. */
export function whatIfJob(ports: WhatIfPorts): Job {
  return {
    name: ANSWER,
    transaction: 'none',
    async run(ctx, payload) {
      const { tenantId, correlationId } = ctx;
      const id = payload.whatIfId as string;
      const beside = <T>(act: (there: Context) => Promise<T>) =>
        ports.run({ tenantId, actor: { kind: 'system', name: ANSWER }, correlationId }, act);
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
        const inTrial = { tenantId, actor, correlationId, transaction: 'trial' } as const;
        const prepared = await ports.run({ ...inTrial, transaction: 'none' }, (there) =>
          prepare(there, ports, asked.changes),
        );
        const outcome = await withHomes(ctx, ports, (heard) =>
          unlessOvertaken(() =>
            ports.run(inTrial, (there) => tryOut(there, ports, { ...asked, prepared, heard }, note)),
          ),
        );
        await beside((there) => endWhatIf(there, id, { state: 'done', ...outcome }));
      } catch (error) {
        if (error instanceof Cancelled) return;
        const isRefused = error instanceof ChangeRefused;
        const fault = isRefused ? error.cause : error;
        const isKnown = fault instanceof Fault && fault.kind !== 'internal';
        const failure = isKnown ? fault.sentence : 'It could not be worked out. The server’s log says why.';
        await beside((there) => endWhatIf(there, id, { state: 'failed', failure, isRefused }));
        if (!isKnown) throw error;
      }
    },
  };
}

class Cancelled extends Error {}

/** What the changes must have asked of others before they are tried, in their order. */
async function prepare(ctx: Context, ports: WhatIfPorts, changes: readonly Change[]): Promise<readonly unknown[]> {
  const prepared: unknown[] = [];
  for (const change of changes) {
    const { trial, input } = trialOf(ports, change);
    prepared.push(await refusedByItself(async () => trial.prepare?.(ctx, input)));
  }
  return prepared;
}

/**
 * Tries, and where that turns on what only other organisations know, asks them and tries again. Who is asked about is
 * asked about once, so it ends.
 */
async function withHomes(ctx: Context, ports: WhatIfPorts, act: (heard: Heard) => Promise<Outcome | Unheard>) {
  const heard = new Map<string, SaidByHome | null>();
  const silent = new Set<string>();
  for (;;) {
    const outcome = await act(heard);
    if (!('turnsOnHome' in outcome))
      return { ...outcome, summary: { ...outcome.summary, unheard: [...silent].sort() } };
    const said = await ports.askHomes(ctx, outcome.turnsOnHome);
    for (const person of outcome.turnsOnHome) {
      const key = keyElsewhere(person);
      heard.set(key, said.get(key) ?? null);
      if (!said.get(key)) silent.add(person.homeDomain);
    }
  }
}

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
