import type { Context } from '../../kernel/context.ts';
import { changeSettings } from '../../tenants/index.ts';
import { guestFaults } from '../faults.ts';
import { type DomainRestriction, permitsDomain } from '../model/domain-list.ts';
import { manageExternalCollaboration } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';

export interface ChangeGuestDomains {
  readonly blockedDomains?: readonly unknown[] | undefined;
  readonly allowedDomains?: readonly unknown[] | undefined;
  /** Says that the list of the other mode may be lost. */
  readonly discardOtherList?: boolean;
}

/** Whether people of a domain may be invited, as the lists stand in the context. */
export const admitsDomain = (ctx: Context, domain: string): boolean =>
  permitsDomain(ctx.settings.tenant(externalCollaboration), domain);

/** The one list of domains in force. */
export async function getGuestDomains(ctx: Context): Promise<DomainRestriction> {
  await ctx.demand(manageExternalCollaboration, undefined, 'read');
  const { domainRestriction, blockedDomains, allowedDomains } = ctx.settings.tenant(externalCollaboration);
  return { domainRestriction, blockedDomains, allowedDomains };
}

/**
 * Sets the list of blocked or of allowed domains, which also chooses between them; neither means any domain. An empty
 * list of allowed domains lets nobody in (ID-16).
 * @throws one-list-only; list-would-be-lost until the loss of the other list is confirmed.
 */
export async function changeGuestDomains(ctx: Context, input: ChangeGuestDomains): Promise<DomainRestriction> {
  await ctx.demand(manageExternalCollaboration, undefined, 'write');
  const { blockedDomains, allowedDomains } = input;
  if (blockedDomains && allowedDomains) throw guestFaults.oneListOnly();
  const before = ctx.settings.tenant(externalCollaboration);
  const lost =
    (allowedDomains ? [] : before.allowedDomains).length + (blockedDomains ? [] : before.blockedDomains).length;
  if (lost > 0 && !input.discardOtherList) throw guestFaults.listWouldBeLost(lost);
  const after = await changeSettings(ctx, externalCollaboration, undefined, {
    domainRestriction: blockedDomains ? 'deny' : allowedDomains ? 'allow' : 'any',
    blockedDomains: blockedDomains ?? null,
    allowedDomains: allowedDomains ?? null,
  });
  return after as unknown as DomainRestriction;
}
