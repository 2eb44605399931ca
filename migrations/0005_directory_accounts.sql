-- People, groups and contacts of each organisation. New tables only. Memberships, ownerships and administrative roles
-- are not here: they are rows of access.grants.

create schema directory;
grant usage on schema directory to entente_app;

-- When a row last changed, as a transaction id: unlike a sequence, a reader can tell which ones may still be under
-- way, so a delta built on it never misses a change that commits late. Also the row's ETag.
create function directory.set_version() returns trigger
  language plpgsql as $$
begin
  new.version := pg_current_xact_id()::text::bigint;
  return new;
end $$;

create table directory.accounts (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  user_principal_name text not null,
  display_name text not null check (length(display_name) between 1 and 256),
  given_name text,
  surname text,
  mail text,
  other_mails text[] not null default '{}',
  -- `SMTP:` the primary one, `smtp:` the others; each also stands in directory.addresses, where it is unique.
  proxy_addresses text[] not null default '{}',
  mail_nickname text,
  job_title text,
  department text,
  company_name text,
  employee_id text,
  office_location text,
  street_address text,
  city text,
  state text,
  postal_code text,
  country text,
  mobile_phone text,
  business_phones text[] not null default '{}',
  preferred_language text,
  usage_location text check (usage_location ~ '^[A-Z]{2}$'),
  user_type text not null default 'Member' check (user_type in ('Member', 'Guest')),
  account_enabled boolean not null default true,
  -- Null: an ordinary account.
  creation_type text check (creation_type in ('Invitation', 'SelfServiceSignUp', 'EmailVerified', 'LocalAccount')),
  external_user_state text check (external_user_state in ('PendingAcceptance', 'Accepted')),
  external_user_state_changed_at timestamptz,
  -- Where somebody from elsewhere is at home; null for our own and for homes that are no tenant.
  home_tenant_id uuid,
  home_account_id uuid,
  home_domain text check (home_domain = lower(home_domain)),
  show_in_address_list boolean not null default true,
  manager_id uuid,
  -- When a guest's stay ends.
  ends_at timestamptz,
  last_sign_in_at timestamptz,
  -- Sessions and tokens from before this moment count no more.
  sessions_valid_from timestamptz not null,
  created_at timestamptz not null,
  -- Deleting is soft for 30 days.
  deleted_at timestamptz,
  version bigint not null,
  primary key (tenant_id, id),
  constraint accounts_guest_has_state check (external_user_state is null or external_user_state_changed_at is not null)
);
create unique index accounts_user_principal_name_key on directory.accounts (tenant_id, lower(user_principal_name))
  where deleted_at is null;
create index accounts_by_name on directory.accounts (tenant_id, lower(display_name), id) where deleted_at is null;
create index accounts_by_mail on directory.accounts (tenant_id, lower(mail)) where deleted_at is null;
create index accounts_by_home_domain on directory.accounts (tenant_id, home_domain) where home_domain is not null;
create index accounts_by_home on directory.accounts (home_tenant_id, home_account_id) where home_account_id is not null;
create index accounts_by_manager on directory.accounts (tenant_id, manager_id) where manager_id is not null;
create index accounts_by_version on directory.accounts (tenant_id, version, id);
create index accounts_deleted on directory.accounts (tenant_id, deleted_at) where deleted_at is not null;
create index accounts_ending on directory.accounts (tenant_id, ends_at) where ends_at is not null;
create index accounts_by_words on directory.accounts using gin (display_name gin_trgm_ops);
-- Signing in is not a change of the person: it must not wake every client that follows the directory.
create trigger version before insert or update on directory.accounts for each row
  execute function directory.set_version();
create function directory.keep_version() returns trigger
  language plpgsql as $$
begin
  new.version := old.version;
  return new;
end $$;
create trigger version_kept before update of last_sign_in_at on directory.accounts for each row
  execute function directory.keep_version();
call platform.tenant_table('directory.accounts');

-- How somebody proves who they are: unique per tenant, whoever holds it. Those of a deleted account wait with it.
create table directory.account_identities (
  tenant_id uuid not null,
  account_id uuid not null,
  sign_in_type text not null,
  issuer text not null,
  issuer_assigned_id text not null,
  is_deleted boolean not null default false,
  primary key (tenant_id, account_id, issuer, issuer_assigned_id),
  foreign key (tenant_id, account_id) references directory.accounts on delete cascade
);
create unique index account_identities_key on directory.account_identities (tenant_id, issuer, issuer_assigned_id)
  where not is_deleted;
call platform.tenant_table('directory.account_identities');

-- Who answers for a guest: people or groups, at most five. No right follows from it.
create table directory.sponsors (
  tenant_id uuid not null,
  account_id uuid not null,
  sponsor_kind text not null check (sponsor_kind in ('account', 'group')),
  sponsor_id uuid not null,
  given_at timestamptz not null,
  primary key (tenant_id, account_id, sponsor_kind, sponsor_id),
  foreign key (tenant_id, account_id) references directory.accounts on delete cascade
);
create index sponsors_by_sponsor on directory.sponsors (tenant_id, sponsor_kind, sponsor_id);
call platform.tenant_table('directory.sponsors');

create table directory.groups (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  -- `shared` has a mailbox, files and conversations of its own (Graph: groupTypes Unified).
  kind text not null check (kind in ('security', 'shared')),
  group_types text[] not null generated always as (case kind when 'shared' then '{Unified}'::text[] else '{}' end) stored,
  display_name text not null check (length(display_name) between 1 and 256),
  description text,
  mail text,
  mail_enabled boolean not null default false,
  mail_nickname text not null,
  security_enabled boolean not null default true,
  proxy_addresses text[] not null default '{}',
  visibility text not null default 'Private' check (visibility in ('Public', 'Private', 'HiddenMembership')),
  -- Only such a group can carry an administrative role. Never changed after creation.
  is_assignable_to_role boolean not null default false,
  preferred_language text,
  classification text,
  created_at timestamptz not null,
  deleted_at timestamptz,
  version bigint not null,
  primary key (tenant_id, id)
);
create index groups_by_name on directory.groups (tenant_id, lower(display_name), id) where deleted_at is null;
create index groups_by_version on directory.groups (tenant_id, version, id);
create index groups_deleted on directory.groups (tenant_id, deleted_at) where deleted_at is not null;
create index groups_by_words on directory.groups using gin (display_name gin_trgm_ops);
create trigger version before insert or update on directory.groups for each row
  execute function directory.set_version();
call platform.tenant_table('directory.groups');

-- An address of somebody outside, without sign-in.
create table directory.contacts (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 256),
  given_name text,
  surname text,
  mail text not null,
  mail_nickname text,
  proxy_addresses text[] not null default '{}',
  job_title text,
  department text,
  company_name text,
  mobile_phone text,
  business_phones text[] not null default '{}',
  created_at timestamptz not null,
  deleted_at timestamptz,
  version bigint not null,
  primary key (tenant_id, id)
);
create index contacts_by_name on directory.contacts (tenant_id, lower(display_name), id) where deleted_at is null;
create index contacts_by_version on directory.contacts (tenant_id, version, id);
create trigger version before insert or update on directory.contacts for each row
  execute function directory.set_version();
call platform.tenant_table('directory.contacts');

-- Every mail address in use, lower case and without its prefix: one holder, be it account, group or contact.
create table directory.addresses (
  tenant_id uuid not null,
  address text not null check (address = lower(address)),
  holder_kind text not null check (holder_kind in ('account', 'group', 'contact')),
  holder_id uuid not null,
  constraint addresses_key primary key (tenant_id, address)
);
create index addresses_by_holder on directory.addresses (tenant_id, holder_kind, holder_id);
call platform.tenant_table('directory.addresses');

-- What a deleted account or group held and who was in it, so that a restore gives exactly that back.
create table directory.kept_grants (
  tenant_id uuid not null,
  owner_id uuid not null,
  grant_id uuid not null,
  content jsonb not null,
  primary key (tenant_id, owner_id, grant_id)
);
call platform.tenant_table('directory.kept_grants');

-- What followers of the directory must still be told: objects that are gone for good, and who came to or left a group.
create table directory.removals (
  tenant_id uuid not null,
  kind text not null check (kind in ('account', 'group', 'contact')),
  id uuid not null,
  removed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, kind, id)
);
create index removals_by_version on directory.removals (tenant_id, kind, version);
create trigger version before insert or update on directory.removals for each row
  execute function directory.set_version();
call platform.tenant_table('directory.removals');

create table directory.membership_changes (
  tenant_id uuid not null,
  group_id uuid not null,
  member_kind text not null,
  member_id uuid not null,
  is_member boolean not null,
  changed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, group_id, member_id)
);
create index membership_changes_by_version on directory.membership_changes (tenant_id, version, group_id);
create trigger version before insert or update on directory.membership_changes for each row
  execute function directory.set_version();
call platform.tenant_table('directory.membership_changes');

-- In which tenants somebody is a guest, for their own list of organisations and for closing their account at home:
-- asked at home, before any of those tenants is entered. Returns tenant ids and nothing of what is in them.
create function directory.tenants_with_guest(home_tenant uuid, home_account uuid) returns setof uuid
  language sql stable security definer set search_path = pg_catalog as $$
  select tenant_id from directory.accounts
   where home_tenant_id = home_tenant and home_account_id = home_account and deleted_at is null
$$;
revoke all on function directory.tenants_with_guest from public;
grant execute on function directory.tenants_with_guest to entente_app;
