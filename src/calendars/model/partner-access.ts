import type { FreeBusyLevel } from './availability.ts';
import {
  type Capabilities,
  type Capability,
  capabilityFor,
  type FoundRelationship,
  type FreeBusyAccess,
  reaches,
} from './relationship.ts';

/** Where the setting stands that says how far a partner comes. */
export interface AccessSetting {
  readonly scope: 'tenant' | 'partner' | 'container';
  readonly target?: string;
  readonly name: string;
  readonly value?: unknown;
}

/** How far the people of one other organisation come to one mailbox of ours, and what says so. */
export interface PartnerAccess {
  readonly isOpen: boolean;
  /** True where nothing is said of the level: what is not open needs none. */
  readonly level: FreeBusyLevel | true;
  readonly isInScope: boolean;
  readonly settings: Readonly<Record<'enabled' | 'level' | 'scope', AccessSetting>>;
}

/** A mailbox as scopes name it: the account and every group it is in. */
export interface Scoped {
  readonly accountId: string;
  readonly groups: ReadonlySet<string>;
}

const LEVELS: Readonly<Record<FreeBusyAccess, FreeBusyLevel>> = {
  None: 'none',
  AvailabilityOnly: 'busy-only',
  LimitedDetails: 'limited',
};

/** What a partner is led by: a relationship where an enabled one holds its domain, else its capabilities. */
export interface PartnerRules {
  readonly relationship: FoundRelationship | undefined;
  readonly homeTenantId: string;
  readonly capabilities: { readonly partner: Capabilities; readonly byDefault: Capabilities };
}

/**
 * How far a partner comes (exchange.md §1.4, §1.7). `target` undefined: there is no such mailbox, and the answer is the
 * same as for one that is out of scope.
 */
export function partnerAccess(rules: PartnerRules, target: Scoped | undefined): PartnerAccess {
  const { relationship, homeTenantId } = rules;
  const isTheirs =
    relationship !== undefined &&
    (relationship.values.partnerTenantId === null || relationship.values.partnerTenantId === homeTenantId);
  const byCapability = capabilityAccess(rules, target);
  // An enabled relationship stands in front of the capabilities; one that is off is only named when nothing else opens.
  if (relationship && isTheirs && (relationship.values.enabled || !byCapability.isOpen))
    return relationshipAccess(relationship, target);
  return byCapability;
}

function relationshipAccess({ id, values }: FoundRelationship, target: Scoped | undefined): PartnerAccess {
  const at = (name: keyof typeof values): AccessSetting => ({
    scope: 'container',
    target: id,
    name,
    value: values[name],
  });
  const { enabled, freeBusyAccessEnabled, freeBusyAccessLevel: level, freeBusyAccessScope: scope } = values;
  return {
    isOpen: enabled && freeBusyAccessEnabled,
    level: LEVELS[level],
    isInScope: scope === null || (target?.groups.has(scope) ?? false),
    settings: {
      enabled: at(enabled ? 'freeBusyAccessEnabled' : 'enabled'),
      level: at('freeBusyAccessLevel'),
      scope: at('freeBusyAccessScope'),
    },
  };
}

const AVAILABILITY = [
  ['crossTenantCalendarAvailabilityLimitedDetails', 'limited'],
  ['crossTenantCalendarAvailabilityBasic', 'busy-only'],
] as const;

function capabilityAccess({ homeTenantId, capabilities }: PartnerRules, target: Scoped | undefined): PartnerAccess {
  const open = AVAILABILITY.flatMap(([name, level]) => {
    const found: Capability = capabilityFor(name, capabilities);
    return found?.isAllowed ? [{ name, level, found }] : [];
  });
  const reaching = open.find(({ found }) => target && reaches(found, target.accountId, target.groups));
  const { name } = reaching ?? open[0] ?? { name: 'crossTenantCalendarAvailabilityBasic' as const };
  const value = capabilityFor(name, capabilities);
  const setting: AccessSetting =
    capabilities.partner[name] || !value
      ? { scope: 'partner', target: homeTenantId, name, value }
      : { scope: 'tenant', name, value };
  return {
    isOpen: open.length > 0,
    level: reaching?.level ?? true,
    isInScope: reaching !== undefined || open.length === 0,
    settings: { enabled: setting, level: setting, scope: setting },
  };
}
