import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { networkOf } from '../../../platform/client-network.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { createAllowance } from '../../model/allowance.ts';
import { fromOtherSide, verdictOf } from '../../model/diagnosis.ts';
import { readSharedTest } from '../../usecases/test-partnership.ts';

/** From one address; secrets of 192 bits are not found by trying, and nobody shall keep the database busy with it. */
const READINGS = { burst: 30, perSecond: 0.5 };

/** What the partner's administrator reads at the address that was sent. */
export function sharedTestRoute({ run, now }: { readonly run: Run; readonly now: () => Date }): Route {
  const mayRead = createAllowance(READINGS);
  return route({
    method: 'GET',
    path: '/partners/tests/:key',
    summary: 'What a test of a partnership found that concerns the partner.',
    wire: 'problem',
    access: { public: 'Whoever holds the link reads what its maker shows the partner.' },
    tags: ['partners'],
    transaction: 'none',
    params: z.object({ key: z.string().max(100) }),
    async handle(ctx, { params }) {
      const [id = '', secret = ''] = params.key.split('.');
      const tenantId = parseId<'tenant'>(id);
      if (!tenantId || !mayRead(networkOf(ctx.clientAddress ?? ''), now().getTime())) throw kernelFaults.notFound();
      const { correlationId } = ctx;
      const found = await run({ tenantId, actor: { kind: 'anonymous' }, correlationId, readOnly: true }, (inside) =>
        readSharedTest(inside, secret),
      );
      const steps = found.told.map(fromOtherSide);
      const { by, partnerName, askedAt, linkEndsAt } = found;
      const shown = { by, partnerName, askedAt, linkEndsAt, verdict: verdictOf(steps), steps };
      return new Reply(200, shown, { 'cache-control': 'no-store' });
    },
  });
}
