import { type Route, route } from '../../../platform/http/route.ts';
import { readOwnMail } from '../../usecases/read-mail.ts';

/** The demo's mailbox: letters this server delivered to the signed-in person. */
export const ownMailRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/me/mail',
    summary: 'Letters delivered to the signed-in person by this server.',
    wire: 'problem',
    access: 'asks',
    tags: ['mail'],
    handle: async (ctx) => ({ value: await readOwnMail(ctx) }),
  }),
];
