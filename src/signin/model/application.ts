import type { TenantId } from '../../kernel/ids.ts';

export interface WantedPermission {
  readonly name: string;
  /** `scope`: to act for a person; `role`: to act for itself. */
  readonly kind: 'scope' | 'role';
}

/** A program known to a tenant: what it is called, where it may be sent back to, what it asks for. */
export interface Application {
  /** The client id; `appId` on the Graph wire. */
  readonly id: string;
  readonly objectId: string;
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly redirectUris: {
    readonly web: readonly string[];
    readonly spa: readonly string[];
    readonly native: readonly string[];
  };
  readonly logoutUris: readonly string[];
  readonly wantedPermissions: readonly WantedPermission[];
  readonly audience: 'AzureADMyOrg' | 'AzureADMultipleOrgs';
  readonly createdAt: Date;
}

export interface ApplicationSecret {
  readonly id: string;
  readonly displayName: string | null;
  /** Its first three characters. */
  readonly hint: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** An application as one tenant sees it. */
export interface ServicePrincipal {
  readonly id: string;
  readonly applicationId: string;
  readonly applicationTenantId: TenantId;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
}

/** What somebody let an application do here. */
export interface Consent {
  readonly id: string;
  readonly servicePrincipalId: string;
  readonly kind: 'person' | 'everyone' | 'application';
  readonly accountId: string | null;
  readonly permissions: readonly string[];
  readonly givenBy: string;
  readonly givenAt: Date;
}
