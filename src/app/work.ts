import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type EventRecord, insertEvents } from '../audit/index.ts';
import type {
  Actor,
  Answer,
  Context,
  DeferOptions,
  NewEvent,
  TenantFacts,
  Tx,
  WriteTogether,
} from '../kernel/context.ts';
import { atLeast, type Decision, decide, grantInUse } from '../kernel/decision.ts';
import { type Fault, kernelFaults } from '../kernel/fault.ts';
import { type DecisionId, type EventId, HOST, newId, type TenantId } from '../kernel/ids.ts';
import type { Subscriber } from '../kernel/module.ts';
import { FRESH_PROOF_SECONDS } from '../kernel/proof.ts';
import type { SettingsSnapshot } from '../kernel/settings.ts';
import { announce } from '../platform/bus.ts';
import { gathering } from '../platform/database/gathering.ts';
import { type Database, isRefusal, isUntouched } from '../platform/database/index.ts';
import type { Authenticated, OpenWork } from '../platform/http/server.ts';
import { addJob } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import { licenceFault } from '../tenants/index.ts';

export interface TenantState {
  readonly tenant: TenantFacts;
  readonly settings: SettingsSnapshot;
}

export interface WorkPorts {
  readonly database: Database;
  /** The tenant and its settings, from memory where known. Throws not-found for a tenant that is none. */
  tenantState(id: TenantId): Promise<TenantState>;
  /** Those that want an event: for each whom it concerns, a job follows. */
  subscribersOf(action: string): readonly Subscriber[];
  /** Told of each announcement after its commit, here and at once. */
  onCommitted(topic: string, tenantId: TenantId, payload: Readonly<Record<string, unknown>>): void;
  /** Told of the events of each commit, after it. */
  onRecorded(tenantId: TenantId, events: readonly EventRecord[]): void;
  /** Told of the grant by which somebody from elsewhere was let. Not every one is a row of the grants table. */
  onUsed(tenantId: TenantId, grantId: string): void;
  readonly now: () => Date;
  readonly log: Log;
}

/** Opens contexts: one transaction in one tenant's name, with everything a use case may do in it. */
export interface Workshop {
  open<T>(work: Authenticated & OpenWork, act: (ctx: Context) => Promise<T>): Promise<{ result: T; asked: number }>;
}

/** What a decision leaves in the audit, enough to explain it later by its id. */
interface Refusal {
  readonly id: EventId;
  readonly event: NewEvent;
  /** The same once more would be called by the same id; absent where each is kept. */
  readonly same?: string;
}

/** One row among those that several requests write together. */
interface Member {
  readonly row: unknown;
  readonly event: EventRecord;
  /** Tells whom the event concerns, once the row is written. */
  tell(tx: Tx, isWritten: Promise<boolean>): Promise<void>;
}

/** The name of the job in which a subscriber is told. */
export const jobOf = (subscriber: Subscriber): string => `event:${subscriber.name}`;

export function createWorkshop(ports: WorkPorts): Workshop {
  const writers = writersOn(ports);
  const askedForProof = new LRUCache<string, EventId>({
    max: PROOFS_ASKED_KEPT,
    ttl: FRESH_PROOF_SECONDS * 1000,
    ttlResolution: 0,
    perf: { now: () => ports.now().getTime() },
  });
  return {
    async open(work, act) {
      const state = await ports.tenantState(work.tenantId);
      const now = ports.now();
      const events: EventRecord[] = [];
      const tellings: Promise<void>[] = [];
      const writtenTogether: EventRecord[] = [];
      const refusals: Refusal[] = [];
      const announced: { topic: string; payload: Readonly<Record<string, unknown>> }[] = [];
      let asked = 0;

      const stamp = (event: NewEvent, id: EventId = newId<'event'>()): EventRecord => ({
        ...event,
        id,
        at: now,
        actor: work.actor,
        correlationId: work.correlationId,
        requestId: work.requestId,
        clientAddress: work.clientAddress,
      });

      const contextOn = (tx: Tx): Context => {
        const ctx: Context = {
          tenantId: work.tenantId,
          actor: work.actor,
          now,
          requestId: work.requestId,
          correlationId: work.correlationId,
          clientAddress: work.clientAddress,
          tx,
          tenant: state.tenant,
          settings: state.settings,
          ...(work.mode === 'trial' ? { isTrial: true } : {}),
          async ask(question, input, options) {
            asked += 1;
            const facts = await question.facts(ctx, input);
            const decision = decide(question, facts);
            const { wanted, quiet } = options ?? {};
            const isRefused = wanted === undefined ? decision.level === decision.levels[0] : !atLeast(decision, wanted);
            if (isOutsider(work) && !isRefused && work.mode !== 'trial') {
              const used = grantInUse(question, facts);
              if (used !== undefined) ports.onUsed(work.tenantId, used);
            }
            const kept = isRefused && !quiet ? refusalOf(work, question, input, decision, wanted) : undefined;
            const known = kept?.same === undefined ? undefined : askedForProof.get(kept.same);
            if (kept && !known) refusals.push(kept);
            return { ...decision, decisionId: (known ?? kept?.id ?? newId()) as string as DecisionId };
          },
          async demand(question, input, wanted) {
            const answer = await ctx.ask(question, input, { wanted });
            if (atLeast(answer, wanted)) return answer;
            throw refused(answer, wanted);
          },
          record(event) {
            if (work.mode === 'trial') return;
            const stamped = stamp(event);
            events.push(stamped);
            if (work.mode === 'none') return;
            const telling = tell(ctx, stamped);
            tellings.push(telling);
            // Heard at the end; what fails before takes everything with it.
            telling.catch(() => {});
          },
          async defer(job, payload, options?: DeferOptions) {
            if (work.mode === 'trial') return;
            await addJob(tx, job, { tenantId: work.tenantId, correlationId: work.correlationId, ...payload }, options);
          },
          async writeTogether(write, row, event) {
            // What else this request wrote would be committed apart from it.
            const isAll = work.mode === 'write' && isUntouched({ tx }) && events.length + announced.length === 0;
            if (!isAll) return undefined;
            const stamped = stamp(event);
            const answer = await writers(write)(work.tenantId, {
              row,
              event: stamped,
              tell: (shared, isWritten) => tell(contextOn(shared), stamped, isWritten),
            });
            if (answer !== undefined) writtenTogether.push(stamped);
            return answer as Awaited<ReturnType<typeof write>>[number];
          },
          announce(topic, payload) {
            if (work.mode === 'trial') return Promise.resolve();
            announced.push({ topic, payload });
            return announce(tx, { topic, tenantId: work.tenantId, payload });
          },
        };
        return ctx;
      };

      const tell = async (ctx: Context, event: EventRecord, isWritten?: Promise<boolean>) => {
        const told = published(event);
        for (const subscriber of ports.subscribersOf(event.action)) {
          const isConcerned = (await subscriber.concerns?.(ctx, told)) ?? true;
          if (isConcerned && ((await isWritten) ?? true)) await ctx.defer(jobOf(subscriber), { event: told });
        }
      };

      const run = async (tx: Tx) => {
        const result = await act(contextOn(tx));
        await Promise.all(tellings);
        return result;
      };
      const last = (tx: Tx) => insertEvents({ tx, tenantId: work.tenantId }, events);

      try {
        if (work.mode === 'none') {
          // Such a route opens what it needs by itself. Holding a connection meanwhile would let as many requests as
          // there are connections wait for each other.
          return { result: await act(contextOn(NO_TRANSACTION)), asked };
        }
        const isTrial = work.mode === 'trial';
        const options = {
          tenantId: work.tenantId,
          readOnly: work.mode === 'read',
          trial: isTrial,
          ...(isTrial ? {} : { last }),
        };
        const result = await ports.database.transaction(options, run);
        // The announcement itself may still be under way when the caller's next request arrives.
        for (const { topic, payload } of announced) ports.onCommitted(topic, work.tenantId, payload);
        const recorded = [...writtenTogether, ...events];
        if (recorded.length > 0) ports.onRecorded(work.tenantId, recorded);
        return { result, asked };
      } finally {
        if (refusals.length > 0 && work.mode !== 'trial') {
          const events = refusals.map(({ id, event }) => stamp(event, id));
          const areKept = await keepRefusals(ports, work.tenantId, events);
          if (areKept) for (const { id, same } of refusals) if (same !== undefined) askedForProof.set(same, id);
        }
      }
    },
  };
}

const isOutsider = ({ actor, tenantId }: { readonly actor: Actor; readonly tenantId: TenantId }) =>
  actor.kind === 'visitor' ||
  (actor.kind === 'account' &&
    (actor.userType === 'Guest' || (actor.homeTenantId !== null && actor.homeTenantId !== tenantId)));

/** How long those that write together wait for somebody else, in milliseconds, before each does so by itself. */
const WAIT_TOGETHER_MS = 250;

/** Where the requests of each tenant meet that write the same. */
function writersOn(ports: WorkPorts) {
  type Writer = (tenantId: string, member: Member) => Promise<unknown>;
  const writers = new WeakMap<object, Writer>();

  const writeAll = async (write: WriteTogether<unknown, unknown>, tenantId: TenantId, members: readonly Member[]) => {
    const events: EventRecord[] = [];
    const last = (tx: Tx) => insertEvents({ tx, tenantId }, events);
    try {
      return await ports.database.transaction({ tenantId, lockTimeoutMs: WAIT_TOGETHER_MS, last }, async (tx) => {
        const rows = members.map(({ row }) => row);
        const writing = write({ tx, tenantId }, rows);
        // Whom it concerns is asked while it is written.
        const telling = members.map(({ tell }, n) => {
          const isWritten = writing.then((answers) => answers[n] !== undefined);
          // Whoever concerns nobody does not ask.
          isWritten.catch(() => {});
          return tell(tx, isWritten);
        });
        const [answers] = await Promise.all([writing, ...telling]);
        events.push(...members.flatMap(({ event }, n) => (answers[n] === undefined ? [] : [event])));
        return answers;
      });
    } catch (error) {
      // One of them must not fail the others: nothing was kept, and each finds out by itself what stands against it.
      if (isRefusal(error)) return members.map(() => undefined);
      throw error;
    }
  };

  return <Row, Answer>(write: WriteTogether<Row, Answer>): Writer => {
    const known = writers.get(write);
    if (known) return known;
    const writer = gathering<Member, unknown>((tenantId, members) =>
      writeAll(write as WriteTogether<unknown, unknown>, tenantId as TenantId, members),
    );
    writers.set(write, writer);
    return writer;
  };
}

/** What `ctx.tx` is where there is none. Using it is our defect, and says so. */
const NO_TRANSACTION = {
  get kysely(): never {
    throw new Error('This route has no transaction. Open one, or declare the route with "read" or "write".');
  },
} as unknown as Tx;

/** On a transaction of its own, since the request's is rolled back or read-only. A refusal stands even if this fails. */
async function keepRefusals(ports: WorkPorts, tenantId: TenantId, events: EventRecord[]): Promise<boolean> {
  try {
    await ports.database.transaction({ tenantId }, (tx) => insertEvents({ tx, tenantId }, events));
    return true;
  } catch (error) {
    ports.log.error({ err: error }, 'a refusal could not be written to the audit');
    return false;
  }
}

/** How many of those who are to prove who they are once more are remembered, so that each is written down once. */
const PROOFS_ASKED_KEPT = 20_000;

function refusalOf(
  { tenantId, actor, clientAddress }: Authenticated & OpenWork,
  question: { name: string },
  input: unknown,
  decision: Decision<string>,
  wanted?: string,
): Refusal {
  const facts = {
    question: question.name,
    input: input ?? null,
    level: decision.level,
    ...(wanted === undefined ? {} : { wanted }),
    because: decision.because,
    // Somebody without an object here: nothing else says later who it was.
    ...(actor.kind === 'visitor' ? { visitor: { homeTenantId: actor.homeTenantId, address: actor.address } } : {}),
  };
  // Who is asked ten times in a minute to show a second factor is asked under one reference, and fills no audit.
  const isForProof = wanted !== undefined && isSignInAllThatLacks(decision, wanted);
  return {
    id: newId<'event'>(),
    event: { action: 'access.refused', category: 'Access', result: 'failure', reason: question.name, facts },
    ...(isForProof ? { same: digestOf([tenantId, whoIs(actor), clientAddress, facts]) } : {}),
  };
}

const digestOf = (parts: readonly unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64');

/** Somebody by what stays the same of them, however and whenever they signed in. */
const whoIs = (actor: Actor): unknown =>
  actor.kind === 'account' ? actor.accountId : { ...actor, authenticatedAt: undefined };

function refused(answer: Answer<string>, wanted: string): Fault {
  const { decisionId, because } = answer;
  if (isSignInAllThatLacks(answer, wanted))
    return kernelFaults.signInAgain({ decisionId, because, maxAgeSeconds: FRESH_PROOF_SECONDS });
  return licenceFault(answer) ?? kernelFaults.refused({ decisionId, because });
}

/** Whether only ceilings that a stronger sign-in raises stand in the way: then the person can mend it, at once. */
function isSignInAllThatLacks({ because, levels }: Decision<string>, wanted: string): boolean {
  const rank = (level: string) => levels.indexOf(level);
  return because.every((reason) => {
    if (reason.kind === 'bound') return true;
    if (reason.kind === 'grant') return rank(reason.level) >= rank(wanted);
    return reason.remedy === 'sign-in-again';
  });
}

function published(event: EventRecord) {
  const { actor } = event;
  return {
    id: event.id,
    action: event.action,
    at: event.at.toISOString(),
    targets: event.targets ?? [],
    facts: event.facts ?? {},
    actor: {
      kind: actor.kind,
      id: actor.kind === 'account' ? actor.accountId : actor.kind === 'application' ? actor.applicationId : null,
    },
  };
}

/** The host's own work has no tenant: a name for the audit, and no settings but the defaults. */
export function hostState(settings: SettingsSnapshot): TenantState {
  return {
    tenant: {
      id: HOST,
      displayName: 'This server',
      state: 'active',
      suspendedAt: null,
      initialDomain: '',
      defaultDomain: '',
      domains: [],
    },
    settings,
  };
}
