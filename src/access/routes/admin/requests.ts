import { z } from 'zod';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { answerRequest, listAdministratorsRequests, openRequest } from '../../usecases/answer-requests.ts';
import { type PresentPorts, presentAsked, presentOpened } from '../../usecases/present-requests.ts';
import { answerBody } from '../me/requests.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['access'] } as const;
const params = z.object({ id: z.guid() });

/** What people ask of the organisation, from here and from elsewhere. */
export function requestRoutes(ports: PresentPorts): readonly Route[] {
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/access-requests',
      summary: 'Who asks for access, the latest first.',
      query: z.strictObject({
        state: z.enum(['open', 'granted', 'declined', 'expired']).optional(),
        after: z.guid().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      async handle(ctx, { query }) {
        const found = await listAdministratorsRequests(ctx, query);
        const next = found.length === query.limit ? (found.at(-1)?.id ?? null) : null;
        return { value: await presentAsked(ctx, ports, found), next };
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/access-requests/:id',
      summary: 'A request with the whole explanation of the refusal, as it would be now.',
      params,
      handle: async (ctx, { params: { id } }) =>
        presentOpened(ctx, ports, await openRequest(ctx, ports, id, 'administrator')),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/access-requests/:id/answer',
      summary: 'Answers a request: yes once the answer to the question is yes, or no.',
      params,
      canBeTried: true,
      body: answerBody,
      async handle(ctx, { params: { id }, body }) {
        await answerRequest(ctx, ports, id, { as: 'administrator', ...body });
        return noContent();
      },
    }),
  ];
}
