import { z } from 'zod';
import { findAccountByPrincipalName } from '../../../directory/index.ts';
import { operateServer } from '../../../kernel/administration.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { type MintPorts, mintAccessToken } from '../../usecases/mint-access-token.ts';

/** Tokens for the demo's people. The route exists on a demo server and on no other. */
export function demoTokenRoute(
  ports: MintPorts & { run: Run; findTenantId: (address: string) => Promise<TenantId | undefined> },
): Route {
  return route({
    method: 'POST',
    path: '/operator/demo/token',
    summary: "Writes an access token for one of the demo's people.",
    wire: 'problem',
    access: 'asks',
    tags: ['operator'],
    body: z.strictObject({
      tenant: z.string().describe('The organisation: its id or one of its domains.'),
      user: z.string().describe("The person's sign-in name."),
      scopes: z.array(z.string()).optional().describe('Permissions the token is limited to. Without: everything.'),
      minutes: z.number().int().min(1).max(1440).default(60),
    }),
    async handle(ctx, { body }) {
      await ctx.demand(operateServer, undefined, 'operate');
      const tenantId = await ports.findTenantId(body.tenant);
      if (!tenantId) throw kernelFaults.invalid(`There is no organisation "${body.tenant}".`);
      const work = { tenantId, actor: ctx.actor, correlationId: ctx.correlationId };
      return ports.run(work, async (inTenant) => {
        const account = await findAccountByPrincipalName(inTenant, body.user);
        if (!account) throw kernelFaults.invalid(`Nobody there signs in as "${body.user}".`);
        const { token, expiresInSeconds } = await mintAccessToken(ports, inTenant, account.id, {
          minutes: body.minutes,
          ...(body.scopes ? { scopes: body.scopes } : {}),
        });
        return { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds };
      });
    },
  });
}
