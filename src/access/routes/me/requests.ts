import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import { LONGEST_MESSAGE } from '../../model/request.ts';
import { answerRequest, listOwnRequests, openRequest } from '../../usecases/answer-requests.ts';
import { ask } from '../../usecases/ask-for-access.ts';
import { type PresentPorts, presentAsked, presentOpened, presentOwn } from '../../usecases/present-requests.ts';

const own = { wire: 'problem', access: 'asks', tags: ['access'] } as const;
const params = z.object({ id: z.guid() });

/** How an answer is given, wherever. */
export const answerBody = z.strictObject({
  decision: z.enum(['grant', 'decline']),
  gives: z.boolean().default(false).describe('Gives the one right that lacks, in the name of whoever answers.'),
  way: z.string().max(100).optional().describe('Which of the ways, where there are several; else the first.'),
  note: z.string().max(LONGEST_MESSAGE).default('').describe('For whoever asked, as plain text.'),
});

/** What somebody asks for, and what is asked of them as an owner. */
export function ownRequestRoutes(ports: PresentPorts): readonly Route[] {
  return [
    route({
      ...own,
      method: 'GET',
      path: '/me/access-requests',
      summary: 'What the asker has asked for, and what others ask of them.',
      async handle(ctx) {
        const { asked, toAnswer } = await listOwnRequests(ctx);
        return {
          asked: asked.map((one) => presentOwn(ports, one)),
          toAnswer: await presentAsked(ctx, ports, toAnswer),
        };
      },
    }),
    route({
      ...own,
      method: 'POST',
      path: '/me/access-requests',
      summary: 'Asks whoever can change a refusal. The same asked again is the same request.',
      transaction: 'none',
      body: z.strictObject({
        reference: z.guid().describe('The id that the refusal carried.'),
        refusedBy: z.string().max(253).optional().describe('The other organisation that refused: its domain or id.'),
        message: z.string().max(LONGEST_MESSAGE).default('').describe('Plain text.'),
      }),
      handle: async (ctx, { body }) => created(await ask(ctx, ports, body), '/me/access-requests'),
    }),
    route({
      ...own,
      method: 'GET',
      path: '/me/access-requests/:id',
      summary: 'A request for what is yours: who asks, for what, and what would give it.',
      params,
      handle: async (ctx, { params: { id } }) => presentOpened(ctx, ports, await openRequest(ctx, ports, id, 'owner')),
    }),
    route({
      ...own,
      method: 'POST',
      path: '/me/access-requests/:id/answer',
      summary: 'Answers a request for what is yours.',
      params,
      canBeTried: true,
      body: answerBody,
      async handle(ctx, { params: { id }, body }) {
        await answerRequest(ctx, ports, id, { as: 'owner', ...body });
        return noContent();
      },
    }),
  ];
}
