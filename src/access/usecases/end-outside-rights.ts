import type { Context } from '../../kernel/context.ts';
import { manageLedger } from '../questions.ts';
import { type GrantsTiePorts, grantsTie } from './grants-tie.ts';

const AT_ONCE = 500;

/**
 * Ends every right that people of these domains were given here, each with all that follows from it; who they are here,
 * and what was agreed with their organisation, stays. Returns how many ended.
 */
export async function endOutsideRights(
  ctx: Context,
  ports: GrantsTiePorts,
  domains: readonly string[],
): Promise<number> {
  await ctx.demand(manageLedger, undefined, 'write');
  const tie = grantsTie(ports);
  const outsider = { tenantId: null, domains: [...domains], accountId: null, newOwnerId: null };
  const kept: string[] = [];
  for (let ended = 0; ; ) {
    const items = await tie.list(ctx, outsider, { limit: AT_ONCE, except: kept });
    if (items.length === 0) return ended;
    for (const { id, outcome } of await tie.end(ctx, outsider, items)) {
      if (outcome === 'irrecoverable') kept.push(id);
      else ended += 1;
    }
  }
}
