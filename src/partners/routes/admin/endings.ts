import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { accepted, type Route, route } from '../../../platform/http/route.ts';
import type { Ending } from '../../model/ending.ts';
import type { EndingPorts } from '../../usecases/ending-ports.ts';
import { beginEnding, endTrial, partingShape, readEnding, readEndings } from '../../usecases/endings.ts';
import { followEnding, previewEnding } from '../../usecases/look-at-ending.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['partners'] } as const;
const params = z.object({ endingId: z.guid() });

/** Parting with a partner or a guest, and the receipt of it. `POST /admin/what-if` tries it out before. */
export const endingRoutes = (ports: EndingPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'POST',
    path: '/admin/endings',
    summary: 'Parts with a partner, or with one guest: nobody comes in from now on, and all that stands is ended.',
    transaction: 'none',
    body: partingShape,
    canBeTried: (ctx, { body }) => endTrial(ports).act(ctx, body),
    async handle(ctx, { body }) {
      const ending = await beginEnding(ctx, ports, body);
      return accepted(present(ending), `/admin/endings/${ending.id}`);
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/endings',
    summary: 'With whom the organisation has parted, the latest first.',
    query: z.object({ before: z.guid().optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    async handle(ctx, { query: { before, limit } }) {
      const found = await readEndings(ctx, { limit, ...(before === undefined ? {} : { before }) });
      return { value: found.map(present), next: found.length === limit ? (found.at(-1)?.id ?? null) : null };
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/endings/preview',
    summary: 'What a parting with a partner, or with one guest, would find. Changes nothing.',
    transaction: 'none',
    query: partingShape.pick({ partner: true, accountId: true }),
    handle: (ctx, { query }) => previewEnding(ctx, ports, query),
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/endings/:endingId',
    summary: 'How far a parting is, and whether the partner knows.',
    params,
    async handle(ctx, { params: { endingId } }) {
      const { ending, kinds } = await followEnding(ctx, ports, endingId);
      return { ...present(ending), kinds };
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/endings/:endingId/receipt',
    summary: 'The signed receipt, with what is needed to check it offline.',
    params,
    async handle(ctx, { params: { endingId } }) {
      const { receipt } = await readEnding(ctx, endingId);
      if (!receipt) throw kernelFaults.notFound();
      return receipt;
    },
  }),
];

const present = ({ receipt, kinds: _, ...rest }: Ending) => ({ ...rest, hasReceipt: receipt !== null });
