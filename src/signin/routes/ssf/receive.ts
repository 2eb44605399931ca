import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { accepted, Reply, type Route, route } from '../../../platform/http/route.ts';
import { SignalError } from '../../model/security-event.ts';
import { homeIn, type Reception } from '../../usecases/take-signals.ts';

/** RFC 8935: a transmitter hands over one token. Its signature is its credential. */
export const receiveRoute = (ports: {
  readonly run: Run;
  readonly reception: Reception;
  readonly findTenantId: (address: string) => Promise<TenantId | undefined>;
}): Route =>
  route({
    method: 'POST',
    path: '/ssf/events/:tenant',
    summary: 'Takes a security event token from the home of guests.',
    wire: 'problem',
    access: { public: 'The token is signed by an organisation that is known here, or it is refused.' },
    readsOwnCredential: true,
    tags: ['sign-in'],
    params: z.object({ tenant: z.string().max(253) }),
    body: z.string().max(20_000),
    bodyLimit: 20_000,
    transaction: 'none',
    async handle(ctx, { params, body }) {
      const tenantId = await ports.findTenantId(params.tenant);
      if (!tenantId) throw kernelFaults.notFound();
      const actor = { kind: 'system', name: 'signin.signals' } as const;
      try {
        await ports.run({ tenantId, actor, correlationId: ctx.correlationId, transaction: 'none' }, (inside) =>
          ports.reception.take(inside, homeIn(body), body),
        );
        return accepted();
      } catch (error) {
        if (!(error instanceof SignalError)) throw error;
        return new Reply(400, { err: error.code, description: error.message });
      }
    },
  });
