import { z } from 'zod';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import type { LinkPorts } from '../../usecases/links.ts';
import {
  endOutsideShare,
  listOutsideShares,
  type OutsideShare,
  resetOutsideShare,
} from '../../usecases/outside-shares.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['calendars'] } as const;
const params = z.object({ grantId: z.uuid() });

const present = ({ since, endsAt, lastReadAt, ...share }: OutsideShare) => ({
  ...share,
  since: since.toISOString(),
  endsAt: endsAt?.toISOString() ?? null,
  lastReadAt: lastReadAt?.toISOString() ?? null,
});

/** What of our calendars is open to people outside, for those who administer it. */
export const outsideShareRoutes = (ports: LinkPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'GET',
    path: '/admin/outside-shares',
    summary: 'Every calendar that is published or shared with somebody outside, with what it shows now and why.',
    handle: async (ctx) => ({ value: (await listOutsideShares(ctx)).map(present) }),
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: '/admin/outside-shares/:grantId',
    summary: 'Ends one of them; its addresses are gone at once, and its owner is told.',
    params,
    async handle(ctx, request) {
      await endOutsideShare(ctx, request.params.grantId);
      return noContent();
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/outside-shares/:grantId/reset',
    summary: 'Gives a published calendar new addresses, which only its owner is shown.',
    params,
    handle: async (ctx, request) => present(await resetOutsideShare(ctx, ports, request.params.grantId)),
  }),
];
