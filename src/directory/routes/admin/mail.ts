import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { readSentMail } from '../../usecases/read-mail.ts';

/** Letters of the tenant: waiting, sent, refused. */
export const sentMailRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/mail',
    summary: 'Letters that the organisation sent or has waiting, the newest first.',
    wire: 'problem',
    access: 'asks',
    tags: ['mail'],
    query: z.object({
      state: z.enum(['waiting', 'sent', 'delivered', 'failed']).optional(),
      before: z.guid().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    async handle(ctx, { query: { state, before, limit } }) {
      const value = await readSentMail(ctx, { limit, ...(state ? { state } : {}), ...(before ? { before } : {}) });
      return { value, ...(value.length === limit ? { next: value.at(-1)?.id } : {}) };
    },
  }),
];
