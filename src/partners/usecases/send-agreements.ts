import type { Context } from '../../kernel/context.ts';
import { Fault, type FaultKind } from '../../kernel/fault.ts';
import type { Job } from '../../kernel/module.ts';
import { findAgreement, listMessages, settleMessage } from '../store/agreements.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { SEND } from './apply-agreement.ts';
import { serverEnvoy } from './records.ts';

/** Minutes until a partner that did not answer is told again; then once a day, by the sweep as well. */
const PAUSES_MINUTES = [1, 2, 5, 15, 60, 240, 720, 1440];

/** Answers after which saying the same again would change nothing. */
const FINAL: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'invalid',
  'forbidden',
  'not-found',
  'conflict',
  'gone',
  'stale',
  'too-large',
  'unsupported',
]);

/** Carries what we say about an agreement to its partner, one after the other, until it has arrived or was refused. */
export const sendAgreementJob = (ports: AgreementPorts): Job => ({
  name: SEND,
  transaction: 'none',
  run: (ctx, payload) => sendMessages(ctx, ports, String(payload.agreementId)),
});

async function sendMessages(ctx: Context, ports: AgreementPorts, agreementId: string): Promise<void> {
  const { tenantId, actor, correlationId } = ctx;
  const here = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const waiting = await here(async (inside) => ({
    kept: await findAgreement(inside, agreementId),
    messages: await listMessages(inside, agreementId, { state: 'waiting' }),
  }));
  if (!waiting.kept) return;
  const { partnerTenantId, partnerName } = waiting.kept;
  for (const { id, request, payload, attempts } of waiting.messages) {
    try {
      await ports.partners.ask(serverEnvoy(ctx), partnerTenantId, request, payload);
      await here((inside) => settleMessage(inside, id, { state: 'delivered', error: null }));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const isFinal = FINAL.has(error.kind);
      const reason = `${error.code}: ${error.sentence}`;
      await here(async (inside) => {
        await settleMessage(inside, id, { state: isFinal ? 'refused' : 'waiting', error: reason });
        if (isFinal) {
          inside.record({
            action: 'partners.agreement-message-refused',
            category: 'Policy',
            result: 'failure',
            reason: error.code,
            targets: [{ kind: 'agreement', id: agreementId, displayName: partnerName }],
            facts: { partnerTenantId, request },
          });
          return;
        }
        const pause = PAUSES_MINUTES[Math.min(attempts, PAUSES_MINUTES.length - 1)]!;
        const runAt = new Date(inside.now.getTime() + pause * 60_000);
        await inside.defer(SEND, { agreementId }, { key: `${SEND}:${tenantId}:${agreementId}:again`, runAt });
      });
      // What follows builds on this: it waits with it.
      if (!isFinal) return;
    }
  }
}
