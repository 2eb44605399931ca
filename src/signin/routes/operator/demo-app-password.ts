import { z } from 'zod';
import { findAccountByPrincipalName } from '../../../directory/index.ts';
import { operateServer } from '../../../kernel/administration.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';
import { created, type Route, route } from '../../../platform/http/route.ts';
import { createAppPassword } from '../../usecases/app-passwords.ts';
import { appPasswordName } from '../me/app-passwords.ts';

/** App passwords for the demo's people. The route exists on a demo server and on no other. */
export function demoAppPasswordRoute(ports: {
  run: Run;
  findTenantId: (address: string) => Promise<TenantId | undefined>;
}): Route {
  return route({
    method: 'POST',
    path: '/operator/demo/app-password',
    summary: "Makes a password for a program of one of the demo's people.",
    wire: 'problem',
    access: 'asks',
    tags: ['operator'],
    body: z.strictObject({
      tenant: z.string().describe('The organisation: its id or one of its domains.'),
      user: z.string().describe("The person's sign-in name."),
      name: appPasswordName.default('command line'),
    }),
    async handle(ctx, { body }) {
      await ctx.demand(operateServer, undefined, 'operate');
      const tenantId = await ports.findTenantId(body.tenant);
      if (!tenantId) throw kernelFaults.invalid(`There is no organisation "${body.tenant}".`);
      const work = { tenantId, actor: ctx.actor, correlationId: ctx.correlationId };
      return ports.run(work, async (inTenant) => {
        const account = await findAccountByPrincipalName(inTenant, body.user);
        if (!account) throw kernelFaults.invalid(`Nobody there signs in as "${body.user}".`);
        const { id, password } = await createAppPassword(inTenant, account.id, body.name);
        return created({ id, user: account.userPrincipalName, password });
      });
    },
  });
}
