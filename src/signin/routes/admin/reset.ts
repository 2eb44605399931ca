import { z } from 'zod';
import type { AccountId } from '../../../kernel/ids.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { resetSignInOf } from '../../usecases/own-security.ts';

/** Helping somebody back in. */
export function resetRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/accounts/:id/reset-sign-in',
      summary: 'Sets a temporary password that must be changed, and ends all sessions. The password is told once.',
      wire: 'problem',
      access: 'asks',
      tags: ['sign-in'],
      params: z.object({ id: z.uuid() }),
      body: z
        .object({ password: z.string().max(256).optional(), removeSecondFactors: z.boolean().default(false) })
        .default({ removeSecondFactors: false }),
      async handle(ctx, { params, body }) {
        const password = await resetSignInOf(ctx, params.id as AccountId, {
          removeSecondFactors: body.removeSecondFactors,
          ...(body.password === undefined ? {} : { password: body.password }),
        });
        return { password, mustChange: true };
      },
    }),
  ];
}
