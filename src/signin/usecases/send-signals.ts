/** What a home tells of its people: put into streams as it happens, delivered in order until it is taken. */
import { z } from 'zod';
import { findAccount } from '../../directory/index.ts';
import type { Actor, Context } from '../../kernel/context.ts';
import { atLeast, decide } from '../../kernel/decision.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, ApplicationId, TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Partners, Run, Subscriber } from '../../kernel/module.ts';
import { serverEnvoy } from '../../partners/index.ts';
import type { Vault } from '../../platform/vault.ts';
import { type Signal, STREAM_UPDATED, signSignal } from '../model/security-event.ts';
import { pairwiseSubject } from '../model/subject.ts';
import { manageSignals } from '../questions.ts';
import {
  deleteSignals,
  deleteStream,
  deleteSubjects,
  findStream,
  findStreamOfPartner,
  insertSignal,
  insertStream,
  insertSubjects,
  listSignals,
  listStreams,
  type Stream,
  updateStream,
} from '../store/signals.ts';
import { consentedPermissions } from './clients.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface SendPorts {
  readonly run: Run;
  readonly keys: SigningKeys;
  readonly issuerOf: (tenantId: TenantId) => string;
  readonly subjectSalt: Uint8Array;
  readonly partners: Partners;
  readonly vault: Vault;
  readonly now: () => Date;
  /** Posts to an address that a program gave us. @throws when no answer came. */
  readonly post: (
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; body: string }>;
}

/** Requests between the organisations. */
export const PUSH = 'signin.signal';
export const POLL = 'signin.signals-poll';
export const WATCH = 'signin.signals-watch';
export const ISSUER = 'signin.issuer';

export const SEND = 'signin.send-signals';

const SENT_AT_ONCE = 50;
/**
 * Seconds until a receiver that did not answer is tried again; the last one from then on. A partner that failed is left
 * alone for half a minute, and with this on top, what waited arrives within a minute after an outage.
 */
const PAUSES_SECONDS = [2, 5, 10, 15];
/** A receiver that refuses a signal this often does not want it; the next ones do not wait for it any longer. */
const REFUSALS_AT_MOST = 5;

export const authorizationPurpose = (tenantId: string, streamId: string) => `signal-stream ${tenantId} ${streamId}`;

/** Puts a signal into a stream, to leave as soon as this is committed. */
export async function putIntoStream(ctx: Context, stream: Stream, signal: Signal): Promise<void> {
  await insertSignal(ctx, stream.id, signal);
  if (stream.delivery !== 'poll') await deferSending(ctx, stream.id);
}

/** Two at once would send twice, and the second might overtake the first. */
const queueOf = (streamId: string) => `${SEND}:${streamId}`;

export const deferSending = (ctx: Context, streamId: string): Promise<void> =>
  ctx.defer(SEND, { streamId }, { key: `${SEND}:${streamId}`, queue: queueOf(streamId) });

/** A program that is removed, or may do less, is told of nothing any more, and leaves nothing behind. */
export const programGoneSubscriber: Subscriber = {
  name: 'signin.signal-programs',
  to: [
    'signin.application-removed',
    'signin.service-principal-removed',
    'signin.service-principal-disabled',
    'signin.consent-taken-back',
  ],
  async handle(ctx) {
    for (const { id, applicationId } of await listStreams(ctx))
      if (applicationId !== null) await findWaiting(ctx, id, 1);
  },
};

// ---------------------------------------------------------------------------------------------------------------
// Delivery

export const sendJob = (ports: SendPorts): Job => ({
  name: SEND,
  transaction: 'none',
  run: (ctx, { streamId }) => sendSignals(ctx, ports, String(streamId)),
});

/** Delivers what waits in a stream, one after the other; what is not taken stays, and everything behind it. */
async function sendSignals(ctx: Context, ports: SendPorts, streamId: string): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  for (;;) {
    const { stream, signals } = await here((inside) => findWaiting(inside, streamId, SENT_AT_ONCE));
    if (!stream || stream.delivery === 'poll' || signals.length === 0) return;
    for (const signal of signals) {
      const token = await tokenOf(ctx, ports, stream, signal);
      const came = await deliver(ctx, ports, stream, token);
      if (came === 'taken') {
        await here(async (inside) => {
          await deleteSignals(inside, streamId, [signal.id]);
          if (stream.failures > 0) await updateStream(inside, streamId, { failures: 0, failure: null });
        });
        continue;
      }
      await here((inside) => postpone(inside, streamId, signal, came));
      return;
    }
  }
}

/**
 * What may leave a stream now. A program that lost the right to be told, or is gone, loses the stream with all that
 * waits in it. While a stream is not enabled, only the word of that leaves it (SSF 1.0 §8.1.5).
 */
async function findWaiting(ctx: Context, streamId: string, limit: number) {
  const stream = await findStream(ctx, streamId);
  if (!stream) return { stream, signals: [] };
  if (stream.applicationId !== null && !(await mayBeTold(ctx, stream.applicationId))) {
    await deleteStream(ctx, streamId);
    ctx.record({
      action: 'signin.signal-stream-ended',
      category: 'ApplicationManagement',
      reason: 'its program may no longer be told',
      targets: [{ kind: 'signal-stream', id: streamId }],
      facts: { applicationId: stream.applicationId },
    });
    return { stream: undefined, signals: [] };
  }
  const only = stream.status === 'enabled' ? undefined : STREAM_UPDATED;
  return { stream, signals: await listSignals(ctx, streamId, limit, { only }) };
}

/** Decided anew whenever something leaves: nobody asks while it is pushed. */
async function mayBeTold(ctx: Context, applicationId: string): Promise<boolean> {
  const permissions = await consentedPermissions(ctx, applicationId, 'itself');
  const program: Actor = {
    kind: 'application',
    applicationId: applicationId as ApplicationId,
    displayName: applicationId,
    permissions,
  };
  return atLeast(decide(manageSignals, await manageSignals.facts({ ...ctx, actor: program })), 'read');
}

/** The signal as the stream's receiver reads it, signed now with the tenant's own key for tokens. */
async function tokenOf(
  ctx: Pick<Context, 'tenantId'>,
  ports: SendPorts,
  stream: Stream,
  signal: Signal & { readonly id: string },
): Promise<string> {
  const now = ports.now();
  const issuer = ports.issuerOf(ctx.tenantId);
  const { subject } = signal;
  const known =
    subject.format === 'iss_sub' ? { ...subject, iss: issuer, sub: subjectFor(ports, stream, subject.sub) } : subject;
  const key = (await ports.keys.of(ctx.tenantId)).signing(now);
  return signSignal({ ...signal, subject: known }, { issuer, audience: stream.audience, now }, key);
}

/** A partner knows the account by its id, as the ID token named it; a program by the `sub` that it alone sees. */
const subjectFor = ({ subjectSalt }: SendPorts, { applicationId }: Stream, accountId: string) =>
  applicationId === null ? accountId : pairwiseSubject(subjectSalt, accountId, applicationId);

interface NotTaken {
  readonly isRefused: boolean;
  readonly failure: string;
}

async function deliver(ctx: Context, ports: SendPorts, stream: Stream, token: string): Promise<'taken' | NotTaken> {
  try {
    if (stream.partnerTenantId !== null) {
      await ports.partners.ask(serverEnvoy(ctx), stream.partnerTenantId, PUSH, { set: token });
      return 'taken';
    }
    // RFC 8935 §2: 202 and no body.
    const authorization = stream.authorizationSealed
      ? ports.vault.open(stream.authorizationSealed, authorizationPurpose(ctx.tenantId, stream.id))
      : undefined;
    const { status, body } = await ports.post(stream.endpointUrl ?? '', token, {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    });
    if (status >= 200 && status < 300) return 'taken';
    return { isRefused: status === 400, failure: `${status} ${body.slice(0, 200)}` };
  } catch (error) {
    if (!(error instanceof Fault)) return { isRefused: false, failure: (error as Error).message.slice(0, 200) };
    const isRefused = error.kind === 'invalid' || error.kind === 'forbidden' || error.kind === 'not-found';
    return { isRefused, failure: error.code };
  }
}

/** Tries again later. What is refused for good is recorded and left out, so that what follows arrives. */
async function postpone(ctx: Context, streamId: string, signal: Signal & { id: string }, came: NotTaken) {
  const stream = await findStream(ctx, streamId, { lock: true });
  if (!stream) return;
  const failures = stream.failures + 1;
  const pause = PAUSES_SECONDS[Math.min(failures, PAUSES_SECONDS.length) - 1] ?? 60;
  const isOver = came.isRefused && failures >= REFUSALS_AT_MOST;
  if (isOver) await deleteSignals(ctx, streamId, [signal.id]);
  if (isOver || failures === 1)
    ctx.record({
      action: isOver ? 'signin.signal-refused' : 'signin.signal-delayed',
      category: 'Security',
      targets: [{ kind: 'signal-stream', id: streamId }],
      result: 'failure',
      reason: came.failure,
      facts: { type: signal.type, partnerTenantId: stream.partnerTenantId, applicationId: stream.applicationId },
    });
  await updateStream(ctx, streamId, { failures: isOver ? 0 : failures, failure: came.failure });
  const runAt = new Date(ctx.now.getTime() + pause * 1000);
  await ctx.defer(SEND, { streamId }, { key: `${SEND}:${streamId}:again`, queue: queueOf(streamId), runAt });
}

/**
 * What waits in a stream, as its receiver fetches it (RFC 8936): `acknowledged` was taken and goes; up to `most` of the
 * rest is returned, by its `jti`.
 */
export async function pollStream(
  ctx: Context,
  ports: SendPorts,
  streamId: string,
  { acknowledged, most }: { readonly acknowledged: readonly string[]; readonly most: number },
): Promise<{ sets: Record<string, string>; moreAvailable: boolean }> {
  const { tenantId, actor, correlationId } = ctx;
  const { stream, signals } = await ports.run({ tenantId, actor, correlationId }, async (inside) => {
    await deleteSignals(inside, streamId, acknowledged);
    return findWaiting(inside, streamId, most + 1);
  });
  if (!stream) return { sets: {}, moreAvailable: false };
  const sets: Record<string, string> = {};
  for (const signal of signals.slice(0, most)) sets[signal.id] = await tokenOf(ctx, ports, stream, signal);
  return { sets, moreAvailable: signals.length > most };
}

// ---------------------------------------------------------------------------------------------------------------
// What other organisations ask the home

const ids = z.array(z.uuid().transform((id) => id as AccountId)).max(500);
const watchRequest = z.object({ v: z.literal(1), watch: ids, unwatch: ids });
const pollRequest = z.object({ ack: z.array(z.uuid()).max(500), maxEvents: z.number().int().min(0).max(100) });

export const STATES = ['enabled', 'disabled'] as const;

/** What the organisations where our people are guests ask of us. */
export const homeRequests = (ports: SendPorts): readonly PartnerRequest[] => [
  {
    name: ISSUER,
    shape: z.object({ v: z.literal(1) }),
    transaction: 'none',
    isRoutine: true,
    async answer(ctx) {
      const keys = (await ports.keys.of(ctx.tenantId)).published(ports.now());
      return {
        issuer: ports.issuerOf(ctx.tenantId),
        // BOUNDARY: the public half alone.
        keys: keys.map(({ kid, kty, crv, x, y }) => ({ kid, kty, crv, x, y })),
      };
    },
  },
  {
    name: WATCH,
    shape: watchRequest,
    transaction: 'write',
    isRoutine: true,
    answer: (ctx, asked) => watch(ctx, asked),
  },
  {
    name: POLL,
    shape: pollRequest,
    transaction: 'none',
    isRoutine: true,
    async answer(ctx, { ack, maxEvents }: z.output<typeof pollRequest>) {
      const { tenantId, actor, correlationId } = ctx;
      if (actor.kind !== 'visitor') throw kernelFaults.notFound();
      const stream = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
        findStreamOfPartner(inside, actor.homeTenantId),
      );
      if (!stream) return { sets: {}, moreAvailable: false };
      return pollStream(ctx, ports, stream.id, { acknowledged: ack, most: maxEvents });
    },
  },
];

/**
 * Another organisation has guests of ours, or has them no more. Answers how each stands now. Whoever names an account
 * by its id has had it from our own ID token; one that is not ours is as good as switched off.
 */
async function watch(ctx: Context, asked: z.output<typeof watchRequest>) {
  if (ctx.actor.kind !== 'visitor') throw kernelFaults.notFound();
  const partner = ctx.actor.homeTenantId;
  const known = await findStreamOfPartner(ctx, partner);
  if (!known && asked.watch.length > 0)
    await insertStream(ctx, { partnerTenantId: partner, applicationId: null, audience: partner, delivery: 'partner' });
  const stream = known ?? (await findStreamOfPartner(ctx, partner));
  if (!stream) return { states: [] };
  const states: { accountId: AccountId; state: (typeof STATES)[number] }[] = [];
  const ours: AccountId[] = [];
  for (const accountId of [...asked.watch].sort()) {
    // Locked: a change that is under way is either seen here or told afterwards.
    const account = await findAccount(ctx, accountId, { lock: true });
    const exists = account ?? (await findAccount(ctx, accountId, { deleted: true }));
    if (exists && exists.homeTenantId === null) ours.push(accountId);
    states.push({
      accountId,
      state: account?.homeTenantId === null && account.accountEnabled ? 'enabled' : 'disabled',
    });
  }
  await insertSubjects(ctx, stream.id, ours);
  await deleteSubjects(ctx, stream.id, asked.unwatch);
  return { states };
}
