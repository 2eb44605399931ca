import { z } from 'zod';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { LONGEST_MESSAGE } from '../../usecases/answer-partners.ts';
import { REQUESTS_PATH } from '../../usecases/describe-organization.ts';
import { openReception, type ReceivePorts } from '../../usecases/receive-request.ts';

/** Where other organisations' servers put their requests (RFC 9421). */
export function partnerRequestRoute(ports: ReceivePorts & { readonly httpsOrigin: () => string }): Route {
  const receive = openReception(ports);
  return route({
    method: 'POST',
    path: `${REQUESTS_PATH}/:to/:name`,
    summary: 'A request of another organisation, signed with its key.',
    wire: 'problem',
    access: { public: 'The signature says who asks, and what is asked has its own question.' },
    readsOwnCredential: true,
    tags: ['partners'],
    transaction: 'none',
    params: z.object({ to: z.string().max(40), name: z.string().max(100) }),
    body: z.string(),
    bodyLimit: LONGEST_MESSAGE,
    async handle(ctx, { params, body, raw, reply }) {
      // Ours, so that a partner whose clock is another knows by how much.
      reply.header('date', ports.now().toUTCString());
      const headers = Object.fromEntries(
        Object.entries(raw.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
      );
      const url = `${ports.httpsOrigin()}${raw.url}`;
      const clientAddress = ctx.clientAddress ?? '';
      const answer = await receive({ ...params, method: raw.method, url, headers, body, clientAddress });
      return new Reply(200, { answer: answer ?? null });
    },
  });
}
