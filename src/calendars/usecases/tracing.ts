/** What became of a message to another organisation, asked of it (exchange.md §1.2, `DeliveryReportEnabled`). */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { PartnerRequest, Partners, Run } from '../../kernel/module.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { relationshipFor } from '../model/relationship.ts';
import type { OutgoingState } from '../model/scheduling.ts';
import { tracingQuestion } from '../questions/tracing.ts';
import { organizationRelationships } from '../settings.ts';
import { listCalendars } from '../store/calendars.ts';
import { listObjects } from '../store/objects.ts';
import { listInbox, listOutgoing } from '../store/scheduling.ts';
import { findHomes } from './delivering.ts';
import { type EventKey, parseEventId } from './events.ts';
import { within } from './look-up-availability.ts';
import { holdCalendar, readWhole } from './objects.ts';

export interface TracingPorts {
  readonly partners: Partners;
  readonly run: Run;
}

const TRACE = 'calendars.trace';
const DEADLINE_MILLISECONDS = 5_000;

/** `domain`: that people of the other organisation write from. */
export const messagesTrace = tracingQuestion(
  z.object({ domain: z.string().max(253), partnerTenantId: z.string().max(100) }),
  async (ctx, { domain, partnerTenantId }) => {
    const relationship = relationshipFor(ctx.settings.collection(organizationRelationships), domain);
    const confirmed = relationship?.values.partnerTenantId ?? partnerTenantId;
    return {
      actor: ctx.actor,
      tenant: ctx.tenant,
      relationship: confirmed === partnerTenantId ? relationship : undefined,
    };
  },
);

/** What the other organisation says of a message; it tells nothing else. */
const OUTCOMES = ['delivered', 'refused', 'not-found'] as const;

export interface TracedMessage {
  readonly recipient: string;
  readonly method: string;
  readonly sentAt: Date;
  /** On its way from here, or what the other organisation says now. */
  readonly state: OutgoingState | (typeof OUTCOMES)[number] | 'unreachable';
}

/**
 * What became of the last message about a meeting to one person elsewhere, for whoever may send in the name of its
 * owner. Opens what it needs itself.
 * @throws access.refused where we do not let it be asked, calendars.tracing-refused where the other organisation does
 *   not; not-found for a meeting that nothing was sent about to them.
 */
export async function traceMessage(
  ctx: Context,
  ports: TracingPorts,
  asked: { readonly eventId: string; readonly recipient: string },
): Promise<TracedMessage> {
  const recipient = asked.recipient.trim().toLowerCase();
  const domain = domainOf(recipient) ?? '';
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  const to: TenantId | undefined = domain === '' ? undefined : await ports.partners.findByDomain(tenantId, domain);
  await ctx.demand(messagesTrace, { domain, partnerTenantId: to ?? '' }, 'trace');
  const key = parseEventId(asked.eventId);
  const [last] = await ports.run({ tenantId, actor, correlationId, clientAddress, readOnly: true }, (inside) =>
    sentAbout(inside, key, recipient),
  );
  if (!last) throw kernelFaults.notFound();
  const { method, createdAt: sentAt, sender, senderName, uid } = last;
  const told = (state: TracedMessage['state']): TracedMessage => ({ recipient, method, sentAt, state });
  if (to === undefined || last.state === 'waiting' || last.state === 'sent') return told(last.state);
  const envoy = { tenantId, correlationId, address: sender, displayName: senderName };
  const request = { v: 1, recipient, uid, id: last.id };
  try {
    const answer = await within(ports.partners.ask(envoy, to, TRACE, request), DEADLINE_MILLISECONDS);
    const { state } = answerShape.parse(answer);
    // What it refused when it came it did not keep.
    return told(state === 'not-found' && last.status === '3.8' ? 'refused' : state);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'forbidden') throw calendarsFaults.tracingRefused();
    return told('unreachable');
  }
}

async function sentAbout(ctx: Context, { objectId }: EventKey, recipient: string) {
  const { object, calendar } = await readWhole(ctx, { id: objectId });
  await holdCalendar(ctx, calendar.id, 'delegateWithoutPrivateEventAccess');
  return listOutgoing(ctx, { owner: calendar.owner, uid: object.uid, recipient, limit: 1 });
}

const answerShape = z.object({ v: z.literal(1), state: z.enum(OUTCOMES) });

/** Answers another organisation what became of a message of its own; the visitor is its proven sender. */
export const traceRequest: PartnerRequest = {
  name: TRACE,
  transaction: 'read',
  shape: z.object({
    v: z.literal(1),
    recipient: z.string().max(320).toLowerCase(),
    uid: z.string().max(1_000),
    id: z.uuid(),
  }),
  concerns: ({ recipient }: { recipient: string }) => [recipient],
  async answer(ctx, { recipient, uid, id }: { recipient: string; uid: string; id: string }) {
    const { actor } = ctx;
    if (actor.kind !== 'visitor') throw kernelFaults.notFound();
    const asked = { domain: domainOf(actor.address) ?? '', partnerTenantId: actor.homeTenantId };
    if ((await ctx.ask(messagesTrace, asked)).level === 'none') throw calendarsFaults.tracingRefused();
    return { v: 1, state: await stateOf(ctx, actor.address, { recipient, uid, id }) };
  },
};

/** Nobody of that address, nothing of that sender and nothing of that meeting are all the same answer. */
async function stateOf(
  ctx: Context,
  sender: string,
  { recipient, uid, id }: { recipient: string; uid: string; id: string },
): Promise<(typeof OUTCOMES)[number]> {
  const owner = (await findHomes(ctx, [recipient])).get(recipient);
  if (!owner || owner === 'nobody') return 'not-found';
  const [message] = await listInbox(ctx, { owner, fingerprint: id, limit: 1 });
  if (message?.sender === sender) return message.outcome === 'not-theirs' ? 'refused' : 'delivered';
  // Put away since: what it did is still in the calendar.
  const calendarIds = (await listCalendars(ctx, { owners: [owner] })).map((calendar) => calendar.id);
  const copies = await listObjects(ctx, { calendarIds, uid });
  return copies.some(({ organizer }) => organizer === sender) ? 'delivered' : 'not-found';
}
