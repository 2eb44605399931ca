/** What a home tells of its people: put into streams as it happens, delivered in order until it is taken. */
import { z } from 'zod';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Partners, PublishedEvent, Run, Subscriber } from '../../kernel/module.ts';
import { serverEnvoy } from '../../partners/index.ts';
import type { Vault } from '../../platform/vault.ts';
import { SIGNALS, type Signal, signSignal } from '../model/security-event.ts';
import { pairwiseSubject } from '../model/subject.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { findTotp } from '../store/second-factors.ts';
import {
  deleteSignals,
  deleteSubjects,
  findStream,
  findStreamOfPartner,
  insertSignal,
  insertStream,
  insertSubjects,
  listSignals,
  lockStreamsAbout,
  type Stream,
  updateStream,
} from '../store/signals.ts';
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
/** Seconds until a receiver that did not answer is tried again; the last one from then on. It may poll meanwhile. */
const PAUSES_SECONDS = [2, 5, 15, 30, 60];
/** A receiver that refuses a signal this often does not want it; the next ones do not wait for it any longer. */
const REFUSALS_AT_MOST = 5;

export const authorizationPurpose = (tenantId: string, streamId: string) => `signal-stream ${tenantId} ${streamId}`;

// ---------------------------------------------------------------------------------------------------------------
// What happens becomes signals

/** Puts what happened to an account into every stream about it. */
export const signalSubscriber: Subscriber = {
  name: 'signin.signal-changes',
  to: [
    'directory.sessions-ended',
    'directory.password-reset',
    'directory.account-changed',
    'directory.account-renamed',
    'directory.account-deleted',
    'directory.account-restored',
    'directory.account-purged',
    'directory.account-departed',
    'signin.reset',
    'signin.password-changed',
    'signin.passkey-added',
    'signin.passkey-removed',
    'signin.totp-added',
    'signin.totp-removed',
  ],
  async handle(ctx, event) {
    const target = event.targets.find(({ kind }) => kind === 'account');
    if (!target) return;
    const accountId = target.id as AccountId;
    const streams = await lockStreamsAbout(ctx, accountId);
    if (streams.length === 0) return;
    for (const { type, more } of await signalsOf(ctx, accountId, event)) {
      const told = {
        event_timestamp: Math.floor(new Date(event.at).getTime() / 1000),
        initiating_entity: initiatorOf(event, accountId),
        ...more,
      };
      for (const stream of streams) await putSignal(ctx, stream, accountId, type, told);
    }
    if (event.action === 'directory.account-purged') await deleteSubjects(ctx, undefined, [accountId]);
  },
};

interface Told {
  readonly type: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * What is told of an event. Whether somebody is switched off is read now and not from the event: the subscribers of two
 * events may run in any order, and the last word must be what is.
 */
async function signalsOf(ctx: Context, accountId: AccountId, event: PublishedEvent): Promise<Told[]> {
  const fields = Array.isArray(event.facts.fields) ? (event.facts.fields as string[]) : [];
  switch (event.action) {
    case 'directory.account-purged':
    case 'directory.account-departed':
      return [{ type: SIGNALS.accountPurged }];
    case 'directory.account-deleted':
    case 'directory.account-restored':
      return [await stateOf(ctx, accountId)];
    case 'directory.account-changed':
    case 'directory.account-renamed': {
      const told: Told[] = [];
      if (fields.includes('accountEnabled')) told.push(await stateOf(ctx, accountId));
      const claims = await claimsOf(ctx, accountId);
      const isRenamed = event.action === 'directory.account-renamed' || fields.some((field) => CLAIMS.has(field));
      if (isRenamed && claims) told.push({ type: SIGNALS.tokenClaimsChange, more: { claims } });
      return told;
    }
    case 'signin.password-changed':
      return [{ type: SIGNALS.credentialChange, more: { credential_type: 'password', change_type: 'update' } }];
    case 'signin.passkey-added':
    case 'signin.passkey-removed':
    case 'signin.totp-added':
    case 'signin.totp-removed':
      return factorChange(ctx, accountId, event.action);
    default:
      return [{ type: SIGNALS.sessionRevoked }];
  }
}

const CLAIMS = new Set(['displayName', 'userPrincipalName', 'mail']);

async function stateOf(ctx: Context, accountId: AccountId): Promise<Told> {
  const account = await findAccount(ctx, accountId);
  return { type: account?.accountEnabled ? SIGNALS.accountEnabled : SIGNALS.accountDisabled };
}

async function claimsOf(ctx: Context, accountId: AccountId) {
  const account = await findAccount(ctx, accountId);
  return account && { name: account.displayName, preferred_username: account.userPrincipalName, email: account.mail };
}

/** A factor more or less; with the first or the last one, how strongly the person can prove themselves changes too. */
async function factorChange(ctx: Context, accountId: AccountId, action: string): Promise<Told[]> {
  const isAdded = action.endsWith('-added');
  const credential = action.includes('passkey') ? 'fido2-roaming' : 'app';
  const change = { credential_type: credential, change_type: isAdded ? 'create' : 'delete' };
  const told: Told[] = [{ type: SIGNALS.credentialChange, more: change }];
  const totp = await findTotp(ctx, accountId);
  const factors = (await listPasskeys(ctx, accountId)).length + (totp?.confirmedAt ? 1 : 0);
  if (factors === (isAdded ? 1 : 0)) {
    const [weak, strong] = ['nist-aal1', 'nist-aal2'];
    told.push({
      type: SIGNALS.assuranceLevelChange,
      more: {
        namespace: 'NIST-AAL',
        current_level: isAdded ? strong : weak,
        previous_level: isAdded ? weak : strong,
        change_direction: isAdded ? 'increase' : 'decrease',
      },
    });
  }
  return told;
}

function initiatorOf({ actor }: PublishedEvent, accountId: AccountId): string {
  if (actor.kind === 'account') return actor.id === accountId ? 'user' : 'admin';
  return actor.kind === 'operator' || actor.kind === 'application' ? 'admin' : 'system';
}

/** Puts one signal into a stream whose row is locked. Who tells it and to whom is known; the subject in its words. */
async function putSignal(
  ctx: Context,
  stream: Stream,
  accountId: AccountId,
  type: string,
  event: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (stream.applicationId !== null && !stream.eventsRequested.includes(type)) return;
  const { correlationId } = ctx;
  // The issuer is written when it is signed: it is where this server is reached then.
  const subject = { format: 'iss_sub', iss: '', sub: accountId } as const;
  await putIntoStream(ctx, stream, { type, subject, event, correlationId });
}

/** Puts a signal into a stream, to leave as soon as this is committed. */
export async function putIntoStream(ctx: Context, stream: Stream, signal: Signal): Promise<void> {
  await insertSignal(ctx, stream.id, signal);
  if (stream.delivery !== 'poll') await ctx.defer(SEND, { streamId: stream.id }, { key: `${SEND}:${stream.id}` });
}

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
    const { stream, signals } = await here(async (inside) => ({
      stream: await findStream(inside, streamId),
      signals: await listSignals(inside, streamId, SENT_AT_ONCE),
    }));
    if (stream?.status !== 'enabled' || stream.delivery === 'poll' || signals.length === 0) return;
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
  await ctx.defer(SEND, { streamId }, { key: `${SEND}:${streamId}:again`, runAt });
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
    return { stream: await findStream(inside, streamId), signals: await listSignals(inside, streamId, most + 1) };
  });
  if (stream?.status !== 'enabled') return { sets: {}, moreAvailable: false };
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
