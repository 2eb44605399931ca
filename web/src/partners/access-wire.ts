/** The cross-tenant access policy as the server says it. */

export const POLICY = '/v1.0/policies/crossTenantAccessPolicy';

/** Who, and with which applications (`B2BSetting`). */
export interface AccessSetting {
  readonly usersAndGroups: Targets<'user' | 'group'>;
  readonly applications: Targets<'application'>;
}

interface Targets<Type extends string> {
  readonly accessType: 'allowed' | 'blocked';
  readonly targets: readonly { readonly target: string; readonly targetType: Type }[];
}

/** The parts that say who may use what. */
export const ACCESS_PARTS = [
  'b2bCollaborationInbound',
  'b2bCollaborationOutbound',
  'b2bDirectConnectInbound',
  'b2bDirectConnectOutbound',
  'tenantRestrictions',
] as const;
export type AccessPart = (typeof ACCESS_PARTS)[number];

/** The parts that are switches, with what each switches. */
export const SWITCHES = {
  inboundTrust: ['isMfaAccepted', 'isCompliantDeviceAccepted', 'isHybridAzureADJoinedDeviceAccepted'],
  automaticUserConsentSettings: ['inboundAllowed', 'outboundAllowed'],
} as const;
export type SwitchPart = keyof typeof SWITCHES;
export type Part = AccessPart | SwitchPart;

export type Switched = Readonly<Record<string, boolean>>;
export type PartValue = AccessSetting | Switched;

export const isAccessPart = (part: Part): part is AccessPart => (ACCESS_PARTS as readonly string[]).includes(part);

/** The parts of a page, in the order in which they are read. */
export const GROUPS = [
  { key: 'in', parts: ['b2bCollaborationInbound', 'b2bDirectConnectInbound', 'inboundTrust'] },
  { key: 'out', parts: ['b2bCollaborationOutbound', 'b2bDirectConnectOutbound'] },
  { key: 'both', parts: ['automaticUserConsentSettings', 'tenantRestrictions'] },
] as const satisfies readonly { key: string; parts: readonly Part[] }[];

/** Whose ids a part names: ours, or those of the organisation it is about. */
export const isOfOurs = (part: AccessPart): boolean => part.endsWith('Outbound');

/** What holds for everybody without a word of their own. */
export type Defaults = { readonly isServiceDefault: boolean } & { readonly [Name in Part]: PartValue };

/** What holds towards one organisation, and which of the two says so. */
export interface Effective {
  readonly tenantId: string;
  readonly hasEntry: boolean;
  readonly isServiceProvider: boolean;
  readonly identitySynchronization: {
    readonly displayName?: string | null;
    readonly userSyncInbound: { readonly isSyncAllowed: boolean };
  } | null;
  readonly effective: {
    readonly [Name in Part]: { readonly value: PartValue; readonly origin: 'default' | 'partner' };
  };
}

/** An entry; a part that is null is as for everybody. */
export type Entry = { readonly tenantId: string } & { readonly [Name in Part]: PartValue | null };

export const entryOf = (tenantId: string) => `${POLICY}/partners/${tenantId}`;
