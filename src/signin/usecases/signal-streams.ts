/** Streams of signals as receivers set them up, and as an organisation's administrators see them. */
import { findAccount, findAccountByPrincipalName } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { type AccountId, newId, parseId } from '../../kernel/ids.ts';
import { signinFaults } from '../faults.ts';
import { STREAM_UPDATED, VERIFICATION } from '../model/security-event.ts';
import { manageSignals } from '../questions.ts';
import {
  deleteAllSignals,
  deleteStream,
  deleteSubjects,
  findStream,
  insertStream,
  insertSubjects,
  listStreams,
  type Stream,
  updateStream,
} from '../store/signals.ts';
import { authorizationPurpose, deferSending, pollStream, putIntoStream, type SendPorts } from './send-signals.ts';

export type { Stream };

/** What a receiver says of its stream. */
export interface StreamWishes {
  readonly delivery?: 'push' | 'poll';
  readonly endpointUrl?: string | null;
  /** Sent with every push, in the `Authorization` header. */
  readonly authorization?: string | null;
  readonly eventsRequested?: readonly string[];
  readonly description?: string | null;
  readonly status?: Stream['status'];
  readonly statusReason?: string | null;
}

const STREAMS_AT_MOST = 10;

/** @throws access.refused; signin.streams-are-for-programs; signin.too-many-streams. */
export async function createStream(ctx: Context, ports: SendPorts, wishes: StreamWishes): Promise<Stream> {
  await ctx.demand(manageSignals, undefined, 'write');
  if (ctx.actor.kind !== 'application') throw signinFaults.streamsAreForPrograms();
  const { applicationId } = ctx.actor;
  if ((await listStreams(ctx, { applicationId })).length >= STREAMS_AT_MOST)
    throw signinFaults.tooManyStreams(STREAMS_AT_MOST);
  const id = newId<'stream'>();
  await insertStream(ctx, {
    id,
    partnerTenantId: null,
    applicationId,
    audience: applicationId,
    ...columnsOf(ctx, ports, id, wishes),
    delivery: wishes.delivery ?? 'poll',
  });
  record(ctx, 'signin.signal-stream-created', id);
  return (await findStream(ctx, id))!;
}

/** The streams of the program that asks; for an administrator all there are, those of other organisations too. */
export async function listOwnStreams(ctx: Context): Promise<Stream[]> {
  await ctx.demand(manageSignals, undefined, 'read');
  return listStreams(ctx, ctx.actor.kind === 'application' ? { applicationId: ctx.actor.applicationId } : {});
}

/** @throws not-found for one that is another's. */
export async function readStream(ctx: Context, id: string): Promise<Stream> {
  await ctx.demand(manageSignals, undefined, 'read');
  return visibleStream(ctx, id);
}

/**
 * Changes what is named. The receiver is told of another status in the stream itself (SSF 1.0 §8.1.5). What happens
 * while a stream is paused is kept; of one that is disabled, nothing is, and what waited is dropped.
 */
export async function changeStream(ctx: Context, ports: SendPorts, id: string, wishes: StreamWishes): Promise<Stream> {
  await ctx.demand(manageSignals, undefined, 'write');
  const before = await visibleStream(ctx, id, { lock: true });
  if (before.partnerTenantId !== null && wishes.delivery !== undefined)
    throw kernelFaults.invalid('The stream to another organisation goes the way the two have.');
  // Whoever was switched off meanwhile would stay in there.
  if (before.partnerTenantId !== null && wishes.status === 'disabled') throw lasts();
  await updateStream(ctx, id, columnsOf(ctx, ports, id, wishes));
  const after = (await findStream(ctx, id))!;
  if (after.status !== before.status) {
    if (after.status === 'disabled') await deleteAllSignals(ctx, id);
    const event = { status: after.status, ...(after.statusReason === null ? {} : { reason: after.statusReason }) };
    await putIntoStream(ctx, after, aboutItself(ctx, id, STREAM_UPDATED, event));
  }
  // What waited to be fetched is pushed from now on.
  if (before.delivery === 'poll' && after.delivery !== 'poll') await deferSending(ctx, id);
  record(ctx, 'signin.signal-stream-changed', id);
  return after;
}

export async function endStream(ctx: Context, id: string): Promise<void> {
  await ctx.demand(manageSignals, undefined, 'write');
  const stream = await visibleStream(ctx, id, { lock: true });
  if (stream.partnerTenantId !== null) throw lasts();
  await deleteStream(ctx, id);
  record(ctx, 'signin.signal-stream-ended', id);
}

const lasts = () =>
  kernelFaults.invalid('The stream to another organisation lasts as long as it has guests of ours. Pause it.');

/** How a receiver names somebody (RFC 9493). A `sub` alone tells nothing of the account it was made from. */
export type NamedSubject =
  | { readonly format: 'email'; readonly email: string }
  | { readonly format: 'opaque'; readonly id: string };

/** Adds or removes a person. Of somebody who is not here, nothing is learned. */
export async function setSubject(ctx: Context, id: string, subject: NamedSubject, isWanted: boolean): Promise<void> {
  await ctx.demand(manageSignals, undefined, 'write');
  const stream = await visibleStream(ctx, id, { lock: true });
  if (stream.applicationId === null) throw kernelFaults.invalid('Other organisations name their guests themselves.');
  const accountId = await accountOf(ctx, subject);
  if (!accountId) return;
  if (isWanted) await insertSubjects(ctx, id, [accountId]);
  else await deleteSubjects(ctx, id, [accountId]);
}

/** Puts a verification event into the stream (SSF 1.0 §8.1.4). */
export async function verifyStream(ctx: Context, id: string, state: string | undefined): Promise<void> {
  await ctx.demand(manageSignals, undefined, 'write');
  const stream = await visibleStream(ctx, id, { lock: true });
  const event = state === undefined ? {} : { state };
  await putIntoStream(ctx, stream, aboutItself(ctx, id, VERIFICATION, event));
}

/** Needs no transaction. @throws not-found for a stream that is another's or is pushed. */
export async function pollOwnStream(
  ctx: Context,
  ports: SendPorts,
  id: string,
  asked: { readonly acknowledged: readonly string[]; readonly most: number },
) {
  await ctx.demand(manageSignals, undefined, 'write');
  const { tenantId, actor, correlationId } = ctx;
  const stream = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) =>
    visibleStream(inside, id),
  );
  if (stream.delivery !== 'poll' || stream.applicationId === null) throw kernelFaults.notFound();
  return pollStream(ctx, ports, id, asked);
}

async function visibleStream(ctx: Context, id: string, options: { lock?: boolean } = {}): Promise<Stream> {
  const stream = await findStream(ctx, id, options);
  const isAnothers = ctx.actor.kind === 'application' && stream?.applicationId !== ctx.actor.applicationId;
  if (!stream || isAnothers) throw kernelFaults.notFound();
  return stream;
}

/** By the sign-in name, or by the id that ID tokens carry as `oid`. */
async function accountOf(ctx: Context, subject: NamedSubject): Promise<AccountId | undefined> {
  if (subject.format === 'email') return (await findAccountByPrincipalName(ctx, subject.email))?.id;
  const id = parseId<'account'>(subject.id);
  return id && (await findAccount(ctx, id))?.id;
}

const aboutItself = (ctx: Context, id: string, type: string, event: Readonly<Record<string, unknown>>) => ({
  type,
  subject: { format: 'opaque', id } as const,
  event,
  correlationId: ctx.correlationId,
});

function columnsOf(ctx: Context, { vault }: SendPorts, id: string, { authorization, ...wishes }: StreamWishes) {
  if (authorization === undefined) return wishes;
  const purpose = authorizationPurpose(ctx.tenantId, id);
  return { ...wishes, authorizationSealed: authorization === null ? null : vault.seal(authorization, purpose) };
}

const record = (ctx: Context, action: string, id: string) =>
  ctx.record({ action, category: 'Policy', targets: [{ kind: 'signal-stream', id }] });
