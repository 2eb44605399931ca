import { z } from 'zod';
import { type Account, findAccountByPrincipalName } from '../../../directory/index.ts';
import { operateServer } from '../../../kernel/administration.ts';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { TenantId } from '../../../kernel/ids.ts';
import type { Run } from '../../../kernel/module.ts';

export interface DemoPorts {
  run: Run;
  findTenantId: (address: string) => Promise<TenantId | undefined>;
}

/** Which of the demo's people is meant. */
export const demoPerson = {
  tenant: z.string().describe('The organisation: its id or one of its domains.'),
  user: z.string().describe("The person's sign-in name."),
};

/** The operator does something for one of the demo's people, in their organisation. */
export async function forDemoPerson<T>(
  ctx: Context,
  ports: DemoPorts,
  { tenant, user }: { tenant: string; user: string },
  act: (inTenant: Context, account: Account) => Promise<T>,
): Promise<T> {
  await ctx.demand(operateServer, undefined, 'operate');
  const tenantId = await ports.findTenantId(tenant);
  if (!tenantId) throw kernelFaults.invalid(`There is no organisation "${tenant}".`);
  return ports.run({ tenantId, actor: ctx.actor, correlationId: ctx.correlationId }, async (inTenant) => {
    const account = await findAccountByPrincipalName(inTenant, user);
    if (!account) throw kernelFaults.invalid(`Nobody there signs in as "${user}".`);
    return act(inTenant, account);
  });
}
