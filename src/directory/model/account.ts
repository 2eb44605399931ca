import type { AccountId, TenantId } from '../../kernel/ids.ts';

/** How somebody proves who they are. `issuer` and `issuerAssignedId` together are unique in a tenant. */
export interface Identity {
  readonly signInType: string;
  readonly issuer: string;
  readonly issuerAssignedId: string;
}

export type UserType = 'Member' | 'Guest';
export type ExternalUserState = 'PendingAcceptance' | 'Accepted';
export type CreationType = 'Invitation' | 'SelfServiceSignUp' | 'EmailVerified' | 'LocalAccount';

/** Someone who can sign in: at home here, or a guest who points home. */
export interface Account {
  readonly id: AccountId;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly mail: string | null;
  readonly otherMails: readonly string[];
  /** `SMTP:` the primary one, `smtp:` the others. Unique over accounts, groups and contacts. */
  readonly proxyAddresses: readonly string[];
  readonly mailNickname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly employeeId: string | null;
  readonly officeLocation: string | null;
  readonly streetAddress: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  readonly preferredLanguage: string | null;
  readonly usageLocation: string | null;
  readonly userType: UserType;
  readonly accountEnabled: boolean;
  /** Null: an ordinary account. */
  readonly creationType: CreationType | null;
  readonly externalUserState: ExternalUserState | null;
  readonly externalUserStateChangedAt: Date | null;
  readonly identities: readonly Identity[];
  readonly homeTenantId: TenantId | null;
  readonly homeAccountId: AccountId | null;
  readonly homeDomain: string | null;
  /** When home said that the account there is switched off or gone; it opens nothing here meanwhile. */
  readonly homeDisabledAt: Date | null;
  readonly showInAddressList: boolean;
  readonly managerId: AccountId | null;
  /** When a guest's stay ends. */
  readonly endsAt: Date | null;
  readonly lastSignInAt: Date | null;
  /** Sessions and tokens from before this moment count no more. */
  readonly sessionsValidFrom: Date;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly version: number;
}

/** What may change of an account after its creation. */
export type AccountChanges = Partial<Omit<Account, 'id' | 'createdAt' | 'deletedAt' | 'version'>>;

export type NewAccount = Pick<Account, 'userPrincipalName' | 'displayName'> &
  Partial<Omit<Account, 'createdAt' | 'deletedAt' | 'version'>>;

/** Whether somebody's home is elsewhere: an external guest or member. */
export function isFromElsewhere(
  account: Pick<Account, 'externalUserState' | 'homeTenantId' | 'creationType'>,
): boolean {
  return account.creationType === 'Invitation' || account.externalUserState !== null || account.homeTenantId !== null;
}

/** How an account stands as the subject of a grant. */
export function subjectOf(account: Pick<Account, 'id' | 'externalUserState' | 'homeTenantId' | 'creationType'>) {
  return { kind: isFromElsewhere(account) ? 'guest' : 'account', id: account.id } as const;
}
