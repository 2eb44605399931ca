import { z } from 'zod';
import { created, type Route, route } from '../../../platform/http/route.ts';
import type { Vault } from '../../../platform/vault.ts';
import { manageKeys } from '../../questions.ts';
import { rotateSigningKey } from '../../usecases/signing-keys.ts';

/** The keys that sign an organisation's tokens. */
export function keyRoutes(vault: Vault): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/signing-keys/rotate',
      summary:
        'Makes a new key for signing tokens: published now, signing in an hour; at once where the old one leaked.',
      wire: 'problem',
      access: 'asks',
      tags: ['sign-in'],
      body: z.object({ atOnce: z.boolean().default(false) }).default({ atOnce: false }),
      async handle(ctx, { body }) {
        await ctx.demand(manageKeys, undefined, 'write');
        return created({ kid: await rotateSigningKey(ctx, vault, { atOnce: body.atOnce }) });
      },
    }),
  ];
}
