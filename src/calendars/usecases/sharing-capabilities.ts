import { subjectsOf } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { Owner } from '../model/calendar.ts';
import { type CapabilityCap, capabilityCap, sharingCapabilities } from '../model/sharing-capability.ts';
import type { Recipient } from '../model/sharing-policy.ts';
import { defaultCapabilities, partnerCapabilities } from '../settings.ts';

/** The most that capabilities let an owner share with a recipient now; undefined: they say nothing of it. */
export async function sharingCapability(
  ctx: Context,
  owner: Owner,
  recipient: Recipient,
): Promise<CapabilityCap | undefined> {
  return sharingCapabilityNow(ctx, owner, recipient, await groupsOfOwner(ctx, owner));
}

/** The same by the settings as they are, for an owner whose groups are known. */
export function sharingCapabilityNow(
  ctx: Context,
  owner: Owner,
  { isOrganisation, tenantId }: Recipient,
  groups: readonly string[],
): CapabilityCap | undefined {
  const set = {
    byDefault: ctx.settings.tenant(defaultCapabilities),
    partner: tenantId ? ctx.settings.partner(partnerCapabilities, tenantId) : {},
  };
  if (sharingCapabilities(isOrganisation, set).every((one) => one === null)) return undefined;
  return capabilityCap(isOrganisation, set, { accountId: owner.id, groups: new Set(groups) });
}

/** The groups that an owner is in; a group is in itself. */
export const groupsOfOwner = async (ctx: Context, owner: Owner): Promise<string[]> =>
  owner.kind === 'group'
    ? [owner.id]
    : (await subjectsOf(ctx, owner.id)).filter(({ kind }) => kind === 'group').map(({ id }) => id);
