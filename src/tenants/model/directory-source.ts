export const DIRECTORY_SOURCE_KINDS = ['ldap', 'scim', 'mail-connector'] as const;
export type DirectorySourceKind = (typeof DIRECTORY_SOURCE_KINDS)[number];

/** Where accounts or mail of this tenant come from besides this server; never of two tenants. */
export interface DirectorySource {
  readonly id: string;
  readonly kind: DirectorySourceKind;
  readonly displayName: string;
  /** What the source itself is known by, in lower case. */
  readonly externalId: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}
