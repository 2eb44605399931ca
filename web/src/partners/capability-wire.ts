import { entryOf, POLICY } from './access-wire.ts';

/** What others may be given of calendars and recipients (`m365Capabilities`), in the order in which it is read. */
const CALENDARS = [
  'crossTenantCalendarAvailabilityBasic',
  'crossTenantCalendarAvailabilityLimitedDetails',
  'crossTenantCalendarSharingFreeBusySimple',
  'crossTenantCalendarSharingFreeBusyDetail',
  'crossTenantCalendarSharingFreeBusyReviewer',
  'crossTenantMailTipsLimited',
  'crossTenantMailTipsAll',
] as const;
/** Of people without an organisation: for nobody in particular. */
const ANONYMOUS = [
  'anonymousCalendarSharingFreeBusySimple',
  'anonymousCalendarSharingFreeBusyDetail',
  'anonymousCalendarSharingFreeBusyReviewer',
] as const;
export type CapabilityName = (typeof CALENDARS)[number] | (typeof ANONYMOUS)[number];

export interface Scoped {
  readonly resourceId: string;
  readonly resourceType: 'user' | 'group';
}

/** One that is said; what is not said is as for everybody, and there denied. */
export interface Capability {
  readonly name: CapabilityName;
  readonly inboundAccess: {
    readonly isAllowed: boolean;
    readonly resourceScopes: { readonly included: readonly Scoped[]; readonly excluded: readonly Scoped[] };
  };
}

export type CapabilityValue = Capability['inboundAccess'];

export const capabilitiesFor = (tenantId: string | undefined): readonly CapabilityName[] =>
  tenantId === undefined ? [...CALENDARS, ...ANONYMOUS] : CALENDARS;

export const capabilitiesAt = (tenantId: string | undefined): string =>
  `${tenantId === undefined ? `${POLICY}/default` : entryOf(tenantId)}/m365Capabilities`;

/** A value as a form has it. */
export interface CapabilityDraft {
  readonly what: 'unsaid' | 'denied' | 'allowed';
  readonly whose: 'everybody' | 'named';
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly exceptUsers: readonly string[];
  readonly exceptGroups: readonly string[];
}

const ALL = 'All';
const idsOf = (scopes: readonly Scoped[], type: Scoped['resourceType']) =>
  scopes
    .filter(({ resourceId, resourceType }) => resourceType === type && resourceId !== ALL)
    .map(({ resourceId }) => resourceId);
const scopesOf = (users: readonly string[], groups: readonly string[]): readonly Scoped[] => [
  ...users.map((resourceId) => ({ resourceId, resourceType: 'user' as const })),
  ...groups.map((resourceId) => ({ resourceId, resourceType: 'group' as const })),
];

export function readCapability(value: CapabilityValue | undefined): CapabilityDraft {
  const { included, excluded } = value?.resourceScopes ?? { included: [], excluded: [] };
  const isNew = !value?.isAllowed && included.length === 0;
  return {
    what: value === undefined ? 'unsaid' : value.isAllowed ? 'allowed' : 'denied',
    whose: isNew || included.some(({ resourceId }) => resourceId === ALL) ? 'everybody' : 'named',
    users: idsOf(included, 'user'),
    groups: idsOf(included, 'group'),
    exceptUsers: idsOf(excluded, 'user'),
    exceptGroups: idsOf(excluded, 'group'),
  };
}

/** The value that a form says; null: nothing is said. */
export function printCapability(draft: CapabilityDraft): CapabilityValue | null {
  if (draft.what === 'unsaid') return null;
  const everybody: readonly Scoped[] = [{ resourceId: ALL, resourceType: 'user' }];
  return {
    isAllowed: draft.what === 'allowed',
    resourceScopes: {
      included: draft.whose === 'everybody' ? everybody : scopesOf(draft.users, draft.groups),
      excluded: scopesOf(draft.exceptUsers, draft.exceptGroups),
    },
  };
}

/** Whether a form allows something of nobody's. */
export const namesNobody = ({ what, whose, users, groups }: CapabilityDraft): boolean =>
  what === 'allowed' && whose === 'named' && users.length + groups.length === 0;
