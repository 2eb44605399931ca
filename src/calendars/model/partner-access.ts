import type { FreeBusyLevel } from './availability.ts';
import type { MailTipsLevel } from './mail-tips.ts';
import {
  type Capabilities,
  type Capability,
  capabilityFor,
  type FoundRelationship,
  type PartnerCapability,
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
export interface PartnerAccess<Level extends string = FreeBusyLevel> {
  readonly isOpen: boolean;
  /** True where nothing is said of the level: what is not open needs none. */
  readonly level: Level | true;
  readonly isInScope: boolean;
  readonly settings: Readonly<Record<'enabled' | 'level' | 'scope', AccessSetting>>;
}

/** A mailbox as scopes name it: the account and every group it is in. */
export interface Scoped {
  readonly accountId: string;
  readonly groups: ReadonlySet<string>;
}

/** One thing that relationships and capabilities open, and the names of its settings. */
interface Opening<Level extends string> {
  readonly enabled: 'freeBusyAccessEnabled' | 'mailTipsAccessEnabled';
  readonly level: 'freeBusyAccessLevel' | 'mailTipsAccessLevel';
  readonly scope: 'freeBusyAccessScope' | 'mailTipsAccessScope';
  readonly levels: Readonly<Record<string, Level>>;
  /** Highest first. */
  readonly capabilities: readonly (readonly [PartnerCapability, Level])[];
}

const FREE_BUSY: Opening<FreeBusyLevel> = {
  enabled: 'freeBusyAccessEnabled',
  level: 'freeBusyAccessLevel',
  scope: 'freeBusyAccessScope',
  levels: { None: 'none', AvailabilityOnly: 'busy-only', LimitedDetails: 'limited' },
  capabilities: [
    ['crossTenantCalendarAvailabilityLimitedDetails', 'limited'],
    ['crossTenantCalendarAvailabilityBasic', 'busy-only'],
  ],
};

const MAIL_TIPS: Opening<MailTipsLevel> = {
  enabled: 'mailTipsAccessEnabled',
  level: 'mailTipsAccessLevel',
  scope: 'mailTipsAccessScope',
  levels: { None: 'none', Limited: 'limited', All: 'all' },
  capabilities: [
    ['crossTenantMailTipsAll', 'all'],
    ['crossTenantMailTipsLimited', 'limited'],
  ],
};

/** What a partner is led by: a relationship where an enabled one holds its domain, else its capabilities. */
export interface PartnerRules {
  readonly relationship: FoundRelationship | undefined;
  readonly homeTenantId: string;
  readonly capabilities: { readonly partner: Capabilities; readonly byDefault: Capabilities };
}

/**
 * How far a partner comes to somebody's time (exchange.md §1.4, §1.7). `target` undefined: there is no such mailbox, and
 * the answer is the same as for one that is out of scope.
 */
export const partnerAccess = (rules: PartnerRules, target: Scoped | undefined): PartnerAccess =>
  access(FREE_BUSY, rules, target);

/** The same for what is told of recipients (§1.6). */
export const mailTipsAccess = (rules: PartnerRules, target: Scoped | undefined): PartnerAccess<MailTipsLevel> =>
  access(MAIL_TIPS, rules, target);

function access<Level extends string>(
  opening: Opening<Level>,
  rules: PartnerRules,
  target: Scoped | undefined,
): PartnerAccess<Level> {
  const { relationship, homeTenantId } = rules;
  const isTheirs =
    relationship !== undefined &&
    (relationship.values.partnerTenantId === null || relationship.values.partnerTenantId === homeTenantId);
  const byCapability = capabilityAccess(opening, rules, target);
  // An enabled relationship stands in front of the capabilities; one that is off is only named when nothing else opens.
  if (relationship && isTheirs && (relationship.values.enabled || !byCapability.isOpen))
    return relationshipAccess(opening, relationship, target);
  return byCapability;
}

function relationshipAccess<Level extends string>(
  opening: Opening<Level>,
  { id, values }: FoundRelationship,
  target: Scoped | undefined,
): PartnerAccess<Level> {
  const at = (name: keyof typeof values): AccessSetting => ({
    scope: 'container',
    target: id,
    name,
    value: values[name],
  });
  const scope = values[opening.scope];
  return {
    isOpen: values.enabled && values[opening.enabled],
    level: opening.levels[values[opening.level]]!,
    isInScope: scope === null || (target?.groups.has(scope) ?? false),
    settings: {
      enabled: at(values.enabled ? opening.enabled : 'enabled'),
      level: at(opening.level),
      scope: at(opening.scope),
    },
  };
}

function capabilityAccess<Level extends string>(
  opening: Opening<Level>,
  { homeTenantId, capabilities }: PartnerRules,
  target: Scoped | undefined,
): PartnerAccess<Level> {
  const open = opening.capabilities.flatMap(([name, level]) => {
    const found: Capability = capabilityFor(name, capabilities);
    return found?.isAllowed ? [{ name, level, found }] : [];
  });
  const reaching = open.find(({ found }) => target && reaches(found, target.accountId, target.groups));
  const name = (reaching ?? open[0])?.name ?? opening.capabilities.at(-1)![0];
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
