import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { type MintPorts, mintAccessToken } from '../../usecases/mint-access-token.ts';
import { type DemoPorts, demoPerson, forDemoPerson } from './demo-person.ts';

/** Tokens for the demo's people. The route exists on a demo server and on no other. */
export function demoTokenRoute(ports: MintPorts & DemoPorts): Route {
  return route({
    method: 'POST',
    path: '/operator/demo/token',
    summary: "Writes an access token for one of the demo's people.",
    wire: 'problem',
    access: 'asks',
    tags: ['operator'],
    body: z.strictObject({
      ...demoPerson,
      scopes: z.array(z.string()).optional().describe('Permissions the token is limited to. Without: everything.'),
      minutes: z.number().int().min(1).max(1440).default(60),
    }),
    handle: (ctx, { body }) =>
      forDemoPerson(ctx, ports, body, async (inTenant, account) => {
        const { token, expiresInSeconds } = await mintAccessToken(ports, inTenant, account.id, {
          minutes: body.minutes,
          ...(body.scopes ? { scopes: body.scopes } : {}),
        });
        return { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds };
      }),
  });
}
