import type { Scoped } from './partner-access.ts';
import { type Capabilities, type Capability, type CapabilityName, capabilityFor, reaches } from './relationship.ts';
import type { Role } from './roles.ts';

/** The capabilities that speak of sharing (exchange.md §1.7), the least first, each with the role that it opens. */
const OPENS = {
  crossTenant: [
    ['crossTenantCalendarSharingFreeBusySimple', 'freeBusyRead'],
    ['crossTenantCalendarSharingFreeBusyDetail', 'limitedRead'],
    ['crossTenantCalendarSharingFreeBusyReviewer', 'read'],
  ],
  anonymous: [
    ['anonymousCalendarSharingFreeBusySimple', 'freeBusyRead'],
    ['anonymousCalendarSharingFreeBusyDetail', 'limitedRead'],
    ['anonymousCalendarSharingFreeBusyReviewer', 'read'],
  ],
} as const satisfies Record<string, readonly (readonly [CapabilityName, Role])[]>;

export type CapabilitySet = { readonly partner: Capabilities; readonly byDefault: Capabilities };

/** The most that capabilities let somebody share, and the one that says so. */
export interface CapabilityCap {
  readonly role: Role;
  readonly name: CapabilityName;
  readonly value: Capability;
}

/** What is said of sharing with an organisation, or with people of none. */
export const sharingCapabilities = (isOrganisation: boolean, set: CapabilitySet): readonly Capability[] =>
  OPENS[isOrganisation ? 'crossTenant' : 'anonymous'].map(([name]) => capabilityFor(name, set));

/**
 * The most that an owner may share, where anything is said of it; undefined: the sharing policy alone decides. What is
 * allowed opens as far as the highest that reaches the owner. Where things are only denied, what is below stays open.
 */
export function capabilityCap(isOrganisation: boolean, set: CapabilitySet, owner: Scoped): CapabilityCap | undefined {
  const said = OPENS[isOrganisation ? 'crossTenant' : 'anonymous'].flatMap(([name, role]) => {
    const value = capabilityFor(name, set);
    return value ? [{ name, role, value }] : [];
  });
  const [lowest] = said;
  if (!lowest) return undefined;
  const allowed = said.filter(({ value }) => value.isAllowed);
  if (allowed.length > 0) {
    const reaching = allowed.findLast(({ value }) => reaches(value, owner.accountId, owner.groups));
    return reaching ?? { ...(allowed[0] as typeof lowest), role: 'none' };
  }
  const below: Readonly<Partial<Record<Role, Role>>> = { limitedRead: 'freeBusyRead', read: 'limitedRead' };
  return { ...lowest, role: below[lowest.role] ?? 'none' };
}
