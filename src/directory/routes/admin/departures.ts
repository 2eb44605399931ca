import { z } from 'zod';
import type { AccountId } from '../../../kernel/ids.ts';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { markDeparted } from '../../usecases/delete-account.ts';

export const departureRoute: Route = route({
  wire: 'problem',
  access: 'asks',
  tags: ['people'],
  method: 'POST',
  path: '/admin/accounts/:id/departed',
  summary: 'The person has left: deleted here, and what they have at other organisations ends there, too.',
  params: z.object({ id: z.guid().transform((text) => text.toLowerCase() as AccountId) }),
  async handle(ctx, { params }) {
    await markDeparted(ctx, params.id);
    return noContent();
  },
});
