import type { ColumnType } from 'kysely';
import type { AccountId, GroupId, TenantId } from '../../kernel/ids.ts';
import type { CreationType, ExternalUserState, UserType } from '../model/account.ts';

/** Set by the database on every write. */
type Version = ColumnType<number, never, never>;

/** Another column in lower case, written by the database: what is looked up by equality, which alone reads an index. */
type Lower<Text> = ColumnType<Text, never, never>;

export interface AccountsTable {
  tenant_id: TenantId;
  id: AccountId;
  user_principal_name: string;
  user_principal_name_lower: Lower<string>;
  display_name: string;
  given_name: string | null;
  surname: string | null;
  mail: string | null;
  mail_lower: Lower<string | null>;
  other_mails: string[];
  proxy_addresses: string[];
  mail_nickname: string | null;
  job_title: string | null;
  department: string | null;
  company_name: string | null;
  employee_id: string | null;
  office_location: string | null;
  street_address: string | null;
  city: string | null;
  state: string | null;
  postal_code: string | null;
  country: string | null;
  mobile_phone: string | null;
  business_phones: string[];
  preferred_language: string | null;
  usage_location: string | null;
  user_type: UserType;
  account_enabled: boolean;
  creation_type: CreationType | null;
  external_user_state: ExternalUserState | null;
  external_user_state_changed_at: Date | null;
  home_tenant_id: TenantId | null;
  home_account_id: AccountId | null;
  home_domain: string | null;
  home_disabled_at: Date | null;
  show_in_address_list: boolean;
  manager_id: AccountId | null;
  ends_at: Date | null;
  last_sign_in_at: Date | null;
  sessions_valid_from: Date;
  created_at: Date;
  deleted_at: Date | null;
  version: Version;
}

export interface GroupsTable {
  tenant_id: TenantId;
  id: GroupId;
  kind: 'security' | 'shared';
  group_types: ColumnType<string[], never, never>;
  display_name: string;
  description: string | null;
  mail: string | null;
  mail_enabled: boolean;
  mail_nickname: string;
  security_enabled: boolean;
  proxy_addresses: string[];
  visibility: 'Public' | 'Private' | 'HiddenMembership';
  is_assignable_to_role: boolean;
  preferred_language: string | null;
  classification: string | null;
  created_at: Date;
  deleted_at: Date | null;
  version: Version;
}

export interface ContactsTable {
  tenant_id: TenantId;
  id: string;
  display_name: string;
  given_name: string | null;
  surname: string | null;
  mail: string;
  mail_nickname: string | null;
  proxy_addresses: string[];
  job_title: string | null;
  department: string | null;
  company_name: string | null;
  mobile_phone: string | null;
  business_phones: string[];
  created_at: Date;
  deleted_at: Date | null;
  version: Version;
}

export type HolderKind = 'account' | 'group' | 'contact';

/** The directory's own view of the schema. */
export interface DirectoryTables {
  'directory.accounts': AccountsTable;
  'directory.account_identities': {
    tenant_id: TenantId;
    account_id: AccountId;
    sign_in_type: string;
    issuer: string;
    issuer_assigned_id: string;
    is_deleted: ColumnType<boolean, boolean | undefined, boolean>;
  };
  'directory.sponsors': {
    tenant_id: TenantId;
    account_id: AccountId;
    sponsor_kind: 'account' | 'group';
    sponsor_id: string;
    given_at: Date;
  };
  'directory.groups': GroupsTable;
  'directory.contacts': ContactsTable;
  'directory.addresses': { tenant_id: TenantId; address: string; holder_kind: HolderKind; holder_id: string };
  'directory.kept_grants': { tenant_id: TenantId; owner_id: string; grant_id: string; content: unknown };
  'directory.removals': { tenant_id: TenantId; kind: HolderKind; id: string; removed_at: Date; version: Version };
  'directory.membership_changes': {
    tenant_id: TenantId;
    group_id: GroupId;
    member_kind: string;
    member_id: string;
    is_member: boolean;
    changed_at: Date;
    version: Version;
  };
}
