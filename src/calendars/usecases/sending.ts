import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest, Partners, Run } from '../../kernel/module.ts';
import { CalendarTextError, objectOf, printCalendar, readCalendar } from '../../protocols/icalendar/index.ts';
import { markStatus, readMessage } from '../../protocols/itip/index.ts';
import type { DeliveryStatus, OutgoingMessage } from '../model/scheduling.ts';
import { ATTENDEES_AT_MOST } from '../model/scheduling.ts';
import { bringInvitationsQuestion } from '../questions/lookups.ts';
import { listCalendars } from '../store/calendars.ts';
import { findObject, listObjects } from '../store/objects.ts';
import { eraseOldMessages, listWaiting, lockMeeting, reviveOutgoing, settleOutgoing } from '../store/scheduling.ts';
import { agreedOn, invitationsTerm } from './agreed.ts';
import { findHomes, receiveMessage, SEND_MESSAGES, sendMessages } from './delivering.ts';
import { keepObject } from './keeping.ts';
import { queueLetter } from './letters.ts';

export interface SendingPorts {
  readonly partners: Partners;
  readonly run: Run;
}

/** Minutes until a partner that did not answer is asked again; then the message has failed. */
const PAUSES_MINUTES = [1, 5, 15, 60, 240, 720, 1440];
const KEPT_DAYS = 30;
const REQUEST = 'calendars.schedule';

/** Carries the messages of one change to other organisations of ours, and by mail to all others. */
export const sendMessagesJob = (ports: SendingPorts): Job => ({
  name: SEND_MESSAGES,
  transaction: 'none',
  run: (ctx, payload) => sendBatch(ctx, ports, String(payload.batchId)),
});

/** What waits for people of these domains, or was given up, is sent now. Whoever has it already takes it once. */
export async function sendAgain(ctx: Context, domains: readonly string[]): Promise<void> {
  for (const batchId of await reviveOutgoing(ctx, domains))
    await ctx.defer(SEND_MESSAGES, { batchId }, { key: `calendars:${batchId}:again` });
}

async function sendBatch(ctx: Context, ports: SendingPorts, batchId: string): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (ctx: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const settle = (messages: readonly OutgoingMessage[], settled: Parameters<typeof settleOutgoing>[2]) =>
    here(async (inside) => {
      const ids = messages.map(({ id }) => id);
      const waiting = await listWaiting(inside, batchId, { ids, lock: true });
      await settleOutgoing(inside, ids, settled);
      for (const one of waiting) await writeStatus(inside, one, settled.status);
    });

  const waiting = await here((inside) => listWaiting(inside, batchId));
  const partners = await partnersOf(ports, tenantId, waiting);
  let nextPause: number | undefined;
  for (const { tenantId: to, messages } of bundled(waiting, partners)) {
    if (to === undefined) {
      await here((inside) => mail(inside, batchId, messages));
      continue;
    }
    const answered = await ask(ctx, ports, to, messages);
    for (const status of new Set(answered.values())) {
      const those = messages.filter(({ recipient }) => answered.get(recipient) === status);
      const pause = status === '5.1' ? PAUSES_MINUTES[those[0]!.attempts] : undefined;
      if (pause !== undefined) nextPause = Math.min(pause, nextPause ?? pause);
      const state = pause !== undefined ? 'waiting' : status === '1.2' ? 'delivered' : 'failed';
      await settle(those, { state, status });
    }
  }
  if (nextPause === undefined) return;
  const runAt = new Date(ctx.now.getTime() + nextPause * 60_000);
  await here((inside) => inside.defer(SEND_MESSAGES, { batchId }, { key: `calendars:${batchId}:again`, runAt }));
}

async function partnersOf({ partners }: SendingPorts, from: TenantId, messages: readonly OutgoingMessage[]) {
  const found = new Map<string, TenantId | undefined>();
  for (const { recipient } of messages) {
    const domain = domainOf(recipient);
    if (!found.has(domain)) found.set(domain, await partners.findByDomain(from, domain));
  }
  return found;
}

/** Messages that say the same to people of the same organisation go together. */
function bundled(messages: readonly OutgoingMessage[], partners: ReadonlyMap<string, TenantId | undefined>) {
  const bundles = new Map<string, { tenantId: TenantId | undefined; messages: OutgoingMessage[] }>();
  for (const message of messages) {
    const tenantId = partners.get(domainOf(message.recipient));
    const key = JSON.stringify([tenantId ?? null, message.sender, tenantId ? message.content : '']);
    const bundle = bundles.get(key) ?? { tenantId, messages: [] };
    bundle.messages.push(message);
    bundles.set(key, bundle);
  }
  return bundles.values();
}

async function ask(
  ctx: Context,
  { partners }: SendingPorts,
  to: TenantId,
  messages: readonly OutgoingMessage[],
): Promise<Map<string, DeliveryStatus>> {
  const { sender, senderName, content, comment } = messages[0]!;
  const { tenantId, correlationId } = ctx;
  const recipients = messages.map(({ recipient, id }) => ({ address: recipient, id }));
  try {
    const envoy = { tenantId, address: sender, displayName: senderName, correlationId };
    const answer = answerShape.parse(await partners.ask(envoy, to, REQUEST, { text: content, comment, recipients }));
    const told = new Map(answer.statuses.map(({ address, status }) => [address, status]));
    return new Map(messages.map(({ recipient }) => [recipient, told.get(recipient) ?? '5.1']));
  } catch (error) {
    const status = error instanceof Fault ? statusOf(error) : '5.1';
    return new Map(messages.map(({ recipient }) => [recipient, status]));
  }
}

function statusOf({ kind }: Fault): DeliveryStatus {
  if (kind === 'forbidden' || kind === 'invalid') return '3.8';
  return kind === 'not-found' ? '3.7' : '5.1';
}

/** By mail, to people of whom we know nothing else. In the transaction that settles them, so each leaves once. */
async function mail(ctx: Context, batchId: string, messages: readonly OutgoingMessage[]): Promise<void> {
  const ids = messages.map(({ id }) => id);
  const waiting = await listWaiting(ctx, batchId, { ids, lock: true });
  if (waiting.length === 0) return;
  for (const message of waiting) await queueLetter(ctx, message);
  const settled = { state: 'sent', status: '1.1' } as const;
  await settleOutgoing(
    ctx,
    waiting.map(({ id }) => id),
    settled,
  );
  for (const one of waiting) await writeStatus(ctx, one, settled.status);
}

/** Writes into its owner's copy what became of a message; a later answer has said more already. */
async function writeStatus(ctx: Context, { owner, uid, recipient }: OutgoingMessage, status: DeliveryStatus) {
  await lockMeeting(ctx, uid);
  const calendars = await listCalendars(ctx, { owners: [owner] });
  const [found] = await listObjects(ctx, { calendarIds: calendars.map(({ id }) => id), uid, limit: 1 });
  const object = found && (await findObject(ctx, { id: found.id }, { lock: true }));
  if (!object) return;
  const calendar = readCalendar(object.content);
  if (!markStatus(calendar, recipient, status, { over: ['1.0', '5.1'] })) return;
  await keepObject(ctx, {
    calendar: calendars.find(({ id }) => id === object.calendarId)!,
    before: object,
    name: object.name,
    read: objectOf(calendar),
    text: printCalendar(calendar),
    scheduleTag: object.scheduleTag,
    isQuiet: true,
  });
}

const answerShape = z.object({
  statuses: z.array(z.object({ address: z.string(), status: z.enum(['1.2', '3.7', '3.8', '5.1', '5.3']) })),
});

/** What asks something of our people; the rest answers them, or takes back. */
const INVITES: ReadonlySet<string> = new Set(['PUBLISH', 'REQUEST', 'ADD']);

/** Whether whoever visits may invite that person; what was agreed with their organisation says whom it reaches. */
export const bringInvitations = bringInvitationsQuestion(
  z.object({ address: z.string().max(320).toLowerCase() }),
  async (ctx, { address }) => {
    const { actor, tenant } = ctx;
    if (actor.kind !== 'visitor') return { actor, tenant, agreement: undefined };
    const { homeTenantId: tenantId } = actor;
    const owner = (await findHomes(ctx, [address])).get(address);
    const known = owner === 'nobody' ? undefined : owner;
    return { actor, tenant, agreement: await agreedOn(ctx, invitationsTerm, { tenantId }, known) };
  },
);

/** How another organisation brings us messages; the visitor is their proven sender. */
export const scheduleRequest: PartnerRequest = {
  name: REQUEST,
  transaction: 'write',
  shape: z.object({
    text: z.string().max(2 * 1024 * 1024),
    comment: z.string().max(10_000).nullable(),
    recipients: z
      .array(z.object({ address: z.string().max(320).toLowerCase(), id: z.uuid() }))
      .min(1)
      .max(ATTENDEES_AT_MOST),
  }),
  concerns: ({ recipients }: { recipients: { address: string }[] }) => recipients.map(({ address }) => address),
  async answer(ctx, asked: { text: string; comment: string | null; recipients: { address: string; id: string }[] }) {
    const { actor } = ctx;
    if (actor.kind !== 'visitor') throw kernelFaults.notFound();
    const homes = await findHomes(
      ctx,
      asked.recipients.map(({ address }) => address),
    );
    const statuses: { address: string; status: DeliveryStatus }[] = [];
    for (const { address, id } of asked.recipients) {
      const owner = homes.get(address);
      if (owner === undefined || owner === 'nobody') {
        statuses.push({ address, status: '3.7' });
        continue;
      }
      if (ctx.tenant.state !== 'active') {
        statuses.push({ address, status: '5.1' });
        continue;
      }
      const message = parse(asked.text);
      if (INVITES.has(message.method) && (await ctx.ask(bringInvitations, { address })).level === 'none') {
        statuses.push({ address, status: '3.8' });
        continue;
      }
      const { status, answers } = await receiveMessage(ctx, {
        owner,
        address,
        sender: actor.address,
        message,
        fingerprint: id,
        origin: 'partner',
        comment: asked.comment ?? undefined,
      });
      statuses.push({ address, status });
      if (answers.length > 0)
        await sendMessages(ctx, { owner, sender: address, senderName: address, messages: answers });
    }
    return { statuses };
  },
};

function parse(text: string) {
  try {
    return readMessage(text);
  } catch (error) {
    if (error instanceof CalendarTextError) throw kernelFaults.invalid(error.message);
    throw error;
  }
}

/** Forgets messages that went out or came in a month ago. */
export async function sweepMessages(ctx: Context): Promise<void> {
  await eraseOldMessages(ctx, new Date(ctx.now.getTime() - KEPT_DAYS * 86_400_000));
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
