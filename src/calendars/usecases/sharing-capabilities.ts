import { subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { Owner } from '../model/calendar.ts';
import { groupsNamedIn } from '../model/relationship.ts';
import { type CapabilityCap, capabilityCap, sharingCapabilities } from '../model/sharing-capability.ts';
import type { Recipient } from '../model/sharing-policy.ts';
import { defaultCapabilities, partnerCapabilities } from '../settings.ts';

/** The most that capabilities let an owner share with a recipient now; undefined: they say nothing of it. */
export async function sharingCapability(
  ctx: Context,
  owner: Owner,
  { isOrganisation, tenantId }: Recipient,
): Promise<CapabilityCap | undefined> {
  const set = {
    byDefault: ctx.settings.tenant(defaultCapabilities),
    partner: tenantId ? ctx.settings.partner(partnerCapabilities, tenantId) : {},
  };
  const said = sharingCapabilities(isOrganisation, set);
  if (said.every((one) => one === null)) return undefined;
  const names = groupsNamedIn(said).length > 0;
  const groups = !names ? [] : owner.kind === 'group' ? [owner.id] : await groupsOf(ctx, owner.id);
  return capabilityCap(isOrganisation, set, { accountId: owner.id, groups: new Set(groups) });
}

const groupsOf = async (ctx: Context, accountId: string): Promise<string[]> =>
  (await subjectsOf(ctx, accountId)).filter(({ kind }) => kind === 'group').map(({ id }) => id);
