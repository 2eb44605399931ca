import type { Context } from '../../kernel/context.ts';
import { manageLedger } from '../questions.ts';

export interface OutsidePorts {
  /** Ends whatever people of these domains have here, in the context's transaction, with a receipt. Returns how many things. */
  endPeople(ctx: Context, domains: readonly string[]): Promise<number>;
}

/**
 * Ends what people of these domains have here: their rights with all that follows from each, and that they are guests.
 * What was agreed with their organisation stays. Returns how many things ended.
 */
export async function endOutsideRights(ctx: Context, ports: OutsidePorts, domains: readonly string[]): Promise<number> {
  await ctx.demand(manageLedger, undefined, 'write');
  return ports.endPeople(ctx, [...new Set(domains)]);
}
