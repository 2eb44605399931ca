import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { partnerAccess } from '../model/partner-access.ts';
import { partnerRules } from './free-busy.ts';

/** The request by which organisations learn of each other. */
export const STANDING = 'calendars.standing';

export const standingRequest = z.object({ v: z.literal(1) });

/** What an organisation says of itself, and whether it lets the asker's organisation look anything up. */
export const standing = z.object({
  v: z.literal(1),
  tenantId: z.string().max(100),
  domains: z.array(z.string().max(253)).max(5_000),
  mayLookUp: z.boolean(),
});
export type Standing = z.output<typeof standing>;

/** Answers another organisation that wants to know how it stands to us. It learns no rule, only its own standing. */
export async function answerStanding(ctx: Context): Promise<Standing> {
  const { actor, tenant } = ctx;
  if (actor.kind !== 'visitor') throw kernelFaults.notFound();
  const access = partnerAccess(partnerRules(ctx, actor), undefined);
  const mayLookUp = tenant.state === 'active' && access.isOpen && access.level !== 'none';
  return { v: 1, tenantId: tenant.id, domains: [...tenant.domains], mayLookUp };
}
