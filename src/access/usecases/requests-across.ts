/** Requests for access between organisations: sent, taken, answered, and heard of again. */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Envoy, Job, PartnerRequest } from '../../kernel/module.ts';
import { LONGEST_MESSAGE, OPEN_OF_PARTNER } from '../model/request.ts';
import { countOpenRequests, findRequest, lockRequest, settleRequest } from '../store/requests.ts';
import { TELL, tellAnswer } from './answer-requests.ts';
import { isFinal, keepRequest, plain, type RequestPorts, SEND } from './ask-for-access.ts';
import { visitorOf } from './explain.ts';

const ASK = 'access.request';
const ANSWER = 'access.request-answered';

/** Minutes until an organisation that did not answer is asked again; then no more. */
const PAUSES_MINUTES = [1, 5, 15, 60, 240, 720, 1440, 1440, 1440];

const askShape = z.object({
  v: z.literal(1),
  requestId: z.uuid(),
  reference: z.uuid(),
  message: z.string().max(LONGEST_MESSAGE),
});
const answerShape = z.object({
  v: z.literal(1),
  requestId: z.uuid(),
  isGranted: z.boolean(),
  note: z.string().max(LONGEST_MESSAGE),
});

/** What organisations ask each other about access. */
export const accessPartnerRequests = (ports: RequestPorts): readonly PartnerRequest[] => [
  {
    name: ASK,
    shape: askShape,
    transaction: 'write',
    answer: (ctx, asked) => takeRequest(ctx, ports, asked),
  },
  {
    name: ANSWER,
    shape: answerShape,
    transaction: 'write',
    answer: (ctx, asked) => hearAnswer(ctx, ports, asked),
  },
];

/**
 * BOUNDARY: whatever becomes of it, the answer is the same: a reference that is none, one of somebody else's and one
 * that nobody can change must not be told from a request that waits. Only a refusal of the asking organisation's own
 * people is asked about.
 */
async function takeRequest(
  ctx: Context,
  ports: RequestPorts,
  { requestId, reference, message }: z.output<typeof askShape>,
): Promise<{ v: 1 }> {
  const { actor } = ctx;
  if (actor.kind !== 'visitor') return { v: 1 };
  const { homeTenantId, address, displayName } = actor;
  const refusal = await ports.findRefusal(ctx, reference);
  const open = await countOpenRequests(ctx, { askerTenantId: homeTenantId }, OPEN_OF_PARTNER);
  if (refusal?.visitor?.homeTenantId !== homeTenantId || open >= OPEN_OF_PARTNER) return { v: 1 };
  const asker = { kind: 'visitor', address, homeTenantId } as const;
  try {
    await keepRequest(ctx, ports, {
      refusal,
      asker,
      actor: visitorOf(refusal.visitor),
      askerName: `${plain(displayName).slice(0, 100)} <${address}>`,
      message: plain(message),
      askerRequestId: requestId,
    });
  } catch (error) {
    // Nobody to ask, nothing refused any more, too many: the asker's organisation is told nothing of ours.
    if (!(error instanceof Fault) || error.kind === 'internal' || error.kind === 'unavailable') throw error;
  }
  return { v: 1 };
}

/** What the organisation that was asked has decided. Of others, and of requests that are over, nothing is believed. */
async function hearAnswer(
  ctx: Context,
  ports: RequestPorts,
  { requestId, isGranted, note }: z.output<typeof answerShape>,
): Promise<{ v: 1 }> {
  const { actor } = ctx;
  const request = await lockRequest(ctx, requestId);
  const isTheirs =
    actor.kind === 'visitor' && request?.putTo === 'partner' && request.partnerTenantId === actor.homeTenantId;
  if (!isTheirs || request.state !== 'open' || request.asker.kind !== 'account') return { v: 1 };
  const said = plain(note);
  const byName = request.partnerName;
  const state = isGranted ? 'granted' : 'declined';
  await settleRequest(ctx, requestId, { state, note: said === '' ? null : said, by: null, byName });
  ctx.record({
    action: `access.request-${state}`,
    category: 'Access',
    targets: [{ kind: 'access-request', id: requestId, displayName: byName }],
    facts: { partnerTenantId: request.partnerTenantId, decisionId: request.decisionId },
  });
  await tellAnswer(ctx, ports, request.asker.id, { requestId, isGranted, note: said, byName });
  return { v: 1 };
}

/** Jobs that carry requests and answers to other organisations, until they have arrived or a week has gone by. */
export const acrossJobs = (ports: RequestPorts): readonly Job[] => [
  {
    name: SEND,
    transaction: 'none',
    run: (ctx, payload) =>
      carry(ctx, ports, SEND, payload, async (inside, id) => {
        const request = await findRequest(inside, id);
        if (request?.putTo !== 'partner' || request.state !== 'open' || request.asker.kind !== 'account')
          return undefined;
        const person = await ports.actorOf(inside, request.asker.id);
        if (person?.kind !== 'account') return undefined;
        const { decisionId: reference, message } = request;
        return {
          to: request.partnerTenantId,
          envoy: envoyOf(inside, person.userPrincipalName, person.displayName),
          name: ASK,
          asked: { v: 1, requestId: id, reference, message } satisfies z.input<typeof askShape>,
        };
      }),
  },
  {
    name: TELL,
    transaction: 'none',
    run: (ctx, payload) =>
      carry(ctx, ports, TELL, payload, async (inside, id) => {
        const request = await findRequest(inside, id);
        if (request?.putTo !== 'here' || request.asker.kind !== 'visitor' || request.askerRequestId === null)
          return undefined;
        const { askerRequestId: requestId, note, state } = request;
        return {
          to: request.asker.homeTenantId,
          envoy: envoyOf(inside, `entente@${inside.tenant.defaultDomain}`, inside.tenant.displayName),
          name: ANSWER,
          asked: { v: 1, requestId, isGranted: state === 'granted', note: note ?? '' } satisfies z.input<
            typeof answerShape
          >,
        };
      }),
  },
];

const envoyOf = ({ tenantId, correlationId }: Context, address: string, displayName: string): Envoy => ({
  tenantId,
  correlationId,
  address: address.toLowerCase(),
  displayName,
});

async function carry(
  ctx: Context,
  ports: RequestPorts,
  job: string,
  payload: Readonly<Record<string, unknown>>,
  letterOf: (
    ctx: Context,
    id: string,
  ) => Promise<{ to: Envoy['tenantId']; envoy: Envoy; name: string; asked: unknown } | undefined>,
): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const id = String(payload.requestId);
  const letter = await ports.run({ tenantId, actor, correlationId, readOnly: true }, (inside) => letterOf(inside, id));
  if (!letter) return;
  try {
    await ports.partners().ask(letter.envoy, letter.to, letter.name, letter.asked);
  } catch (error) {
    if (isFinal(error)) return;
    if (!(error instanceof Fault) || error.kind === 'internal') throw error;
    const attempts = Number(payload.attempts ?? 0);
    const pause = PAUSES_MINUTES[attempts];
    if (pause === undefined) return;
    await ports.run({ tenantId, actor, correlationId }, (inside) =>
      inside.defer(
        job,
        { requestId: id, attempts: attempts + 1 },
        { key: `${job}:${tenantId}:${id}:again`, runAt: new Date(inside.now.getTime() + pause * 60_000) },
      ),
    );
  }
}
