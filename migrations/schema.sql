-- The sum of all migrations, for reading. Written by a test; never edited, never run on a live database.

-- settings

set check_function_bodies = off;

-- schemas

create schema access;
create schema audit;
create schema calendars;
create schema directory;
create schema partners;
create schema platform;
create schema signin;
create schema tenants;

-- extensions

create extension btree_gist with schema public;
create extension pg_trgm with schema public;

-- tables

create table access.grants (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  subject_kind text not null,
  subject_id text not null,
  object_kind text not null,
  object_id text not null,
  level text not null,
  path text default 'direct'::text not null,
  home_tenant_id uuid,
  home_domain text,
  given_by text not null,
  given_at timestamp with time zone not null,
  sponsor_id uuid,
  reason text,
  ends_at timestamp with time zone,
  last_used_at timestamp with time zone,
  told_shared_at timestamp with time zone,
  told_opened_at timestamp with time zone,
  told_ending_at timestamp with time zone
);

create table access.grounds (
  tenant_id uuid not null,
  version bigint not null
);

create table access.mutes (
  tenant_id uuid not null,
  account_id uuid not null,
  object_kind text not null,
  object_id text not null,
  muted_at timestamp with time zone not null
);

create table access.requests (
  tenant_id uuid not null,
  id uuid not null,
  put_to text not null,
  decision_id uuid not null,
  asker_kind text not null,
  asker_id text not null,
  asker_name text not null,
  asker_tenant_id uuid,
  asker_request_id uuid,
  partner_tenant_id uuid,
  partner_name text,
  question text,
  input jsonb,
  wanted text,
  owner_ids uuid[] default '{}'::uuid[] not null,
  is_for_administrators boolean default false not null,
  message text not null,
  same text not null,
  times integer default 1 not null,
  state text not null,
  note text,
  answered_by text,
  answered_by_name text,
  asked_at timestamp with time zone not null,
  last_asked_at timestamp with time zone not null,
  answered_at timestamp with time zone,
  expires_at timestamp with time zone not null
);

create table access.sign_offs (
  tenant_id uuid not null,
  id uuid not null,
  signed_by uuid,
  signed_by_name text not null,
  signed_at timestamp with time zone not null,
  home_domain text,
  rights integer not null,
  unused integer not null,
  digest text not null,
  comment text
);

create table access.what_if_lines (
  tenant_id uuid not null,
  what_if_id uuid not null,
  n integer not null,
  direction text not null,
  question text not null,
  subject_kind text not null,
  subject_id text not null,
  home_domain text,
  object_kind text not null,
  object_id text not null,
  input jsonb not null,
  level_before text not null,
  level_after text not null,
  because jsonb not null,
  refused_at timestamp with time zone,
  subject_name text,
  object_name text
);

create table access.what_ifs (
  tenant_id uuid not null,
  id uuid not null,
  actor jsonb not null,
  asked_by text not null,
  asked_at timestamp with time zone not null,
  changes jsonb not null,
  supposed_at timestamp with time zone,
  state text not null,
  ended_at timestamp with time zone,
  looked_at integer default 0 not null,
  total integer,
  world text,
  summary jsonb,
  failure text,
  is_refused boolean default false not null
);

create table audit.checkpoints (
  tenant_id uuid not null,
  size bigint not null,
  at timestamp with time zone not null,
  note text not null
);

create table audit.events (
  tenant_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  action text not null,
  category text not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  targets jsonb default '[]'::jsonb not null,
  result text not null,
  reason text,
  facts jsonb default '{}'::jsonb not null,
  correlation_id uuid not null,
  request_id text not null,
  client_address text,
  sequence bigint,
  leaf_hash bytea
);

create table audit.logs (
  tenant_id uuid not null,
  private_key bytea not null,
  public_key text not null,
  size bigint default 0 not null,
  frontier bytea[] default '{}'::bytea[] not null
);

create table audit.notifications (
  tenant_id uuid not null,
  id uuid not null,
  subscription_id uuid not null,
  change_type text not null,
  collection text not null,
  object_id text not null,
  queued_at timestamp with time zone not null
);

create table audit.subscriptions (
  tenant_id uuid not null,
  id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  owner_scopes text[],
  change_types text[] not null,
  resource text not null,
  collection text not null,
  object_id text,
  notification_url text not null,
  lifecycle_url text,
  client_state text,
  secret bytea not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null
);

create table calendars.address_books (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  name text not null,
  slug text not null,
  description text,
  is_default boolean default false not null,
  dead_properties jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.attachments (
  tenant_id uuid not null,
  id uuid not null,
  object_id uuid not null,
  name text not null,
  content_type text not null,
  size bigint not null,
  sha256 text not null,
  created_at timestamp with time zone not null
);

create table calendars.book_subscriptions (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  partner_tenant_id uuid not null,
  partner_book_id uuid not null,
  name text not null,
  owner_name text not null,
  owner_address text not null,
  organisation_name text not null,
  created_at timestamp with time zone not null
);

create table calendars.calendars (
  tenant_id uuid not null,
  id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  name text not null,
  slug text not null,
  color text,
  description text,
  time_zone text,
  components text[] not null,
  is_default boolean default false not null,
  is_transparent boolean default false not null,
  sort_order integer default 0 not null,
  dead_properties jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.card_removals (
  tenant_id uuid not null,
  book_id uuid not null,
  card_id uuid not null,
  name text not null,
  removed_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.cards (
  tenant_id uuid not null,
  id uuid not null,
  book_id uuid not null,
  name text not null,
  uid text not null,
  content text not null,
  etag text not null,
  full_name text not null,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.imports (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  account_id uuid not null,
  state text not null,
  problem text,
  total integer not null,
  done integer default 0 not null,
  created integer default 0 not null,
  changed integer default 0 not null,
  unchanged integer default 0 not null,
  skipped jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone
);

create table calendars.inbox (
  tenant_id uuid not null,
  id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  for_kind text not null,
  for_id uuid not null,
  fingerprint text not null,
  sender text not null,
  method text not null,
  uid text not null,
  content text not null,
  comment text,
  outcome text not null,
  warning text,
  proposal text,
  object_id uuid,
  received_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.invitations (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  grant_id uuid not null,
  recipient_address text not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone
);

create table calendars.links (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  grant_id uuid not null,
  token_hash bytea not null,
  token_sealed bytea not null,
  public_name text,
  range_from text not null,
  range_to text not null,
  created_at timestamp with time zone not null
);

create table calendars.mailboxes (
  tenant_id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  time_zone text not null,
  working_hours jsonb not null,
  availability text,
  automatic_replies jsonb default '{"status": "disabled"}'::jsonb not null,
  sharing_policy_id uuid,
  created_at timestamp with time zone not null,
  version bigint not null,
  categories jsonb default '[]'::jsonb not null,
  meetings jsonb default '{}'::jsonb not null
);

create table calendars.objects (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  name text not null,
  uid text not null,
  component text not null,
  content text not null,
  etag text not null,
  summary text,
  organizer text,
  is_recurring boolean not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  expanded_from timestamp with time zone,
  expanded_to timestamp with time zone,
  schedule_tag text,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.occurrence_removals (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  recurrence_id text not null,
  removed_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.occurrences (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  recurrence_id text not null,
  period tstzrange not null,
  is_all_day boolean not null,
  show_as text not null,
  is_cancelled boolean not null,
  is_private boolean not null,
  subject text,
  location text
);

create table calendars.outgoing (
  tenant_id uuid not null,
  id uuid not null,
  batch_id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  uid text not null,
  method text not null,
  sender text not null,
  sender_name text not null,
  recipient text not null,
  content text not null,
  comment text,
  state text default 'waiting'::text not null,
  status text default '1.0'::text not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone
);

create table calendars.places (
  tenant_id uuid not null,
  account_id uuid not null,
  kind text not null,
  capacity integer,
  building text,
  floor_label text,
  label text,
  phone text,
  tags text[] default '{}'::text[] not null,
  audio_device text,
  video_device text,
  display_device text,
  is_wheelchair_accessible boolean default false not null,
  address jsonb,
  geo jsonb,
  booking jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.relationship_checks (
  tenant_id uuid not null,
  relationship_id uuid not null,
  checked_at timestamp with time zone not null,
  is_reachable boolean not null,
  partner_grants_us boolean,
  partner_domains text[] not null
);

create table calendars.reminders (
  tenant_id uuid not null,
  object_id uuid not null,
  alarm integer not null,
  recurrence_id text not null,
  calendar_id uuid not null,
  account_id uuid not null,
  kind text not null,
  due_at timestamp with time zone,
  shown_at timestamp with time zone,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  subject text,
  location text,
  is_put_off boolean default false not null
);

create table calendars.removals (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  name text not null,
  uid text not null,
  removed_at timestamp with time zone not null,
  version bigint not null
);

create table calendars.subscriptions (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  partner_tenant_id uuid not null,
  partner_calendar_id uuid not null,
  name text not null,
  owner_name text not null,
  owner_address text,
  organisation_name text not null,
  color text,
  role text not null,
  failure text,
  checked_at timestamp with time zone not null,
  created_at timestamp with time zone not null
);

create table calendars.uploads (
  tenant_id uuid not null,
  id uuid not null,
  token_hash bytea not null,
  actor jsonb not null,
  object_id uuid not null,
  recurrence_id text not null,
  name text not null,
  content_type text not null,
  size bigint not null,
  received bigint default 0 not null,
  pieces bigint[] default '{}'::bigint[] not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null
);

create table directory.account_identities (
  tenant_id uuid not null,
  account_id uuid not null,
  sign_in_type text not null,
  issuer text not null,
  issuer_assigned_id text not null,
  is_deleted boolean default false not null
);

create table directory.accounts (
  tenant_id uuid not null,
  id uuid not null,
  user_principal_name text not null,
  display_name text not null,
  given_name text,
  surname text,
  mail text,
  other_mails text[] default '{}'::text[] not null,
  proxy_addresses text[] default '{}'::text[] not null,
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
  business_phones text[] default '{}'::text[] not null,
  preferred_language text,
  usage_location text,
  user_type text default 'Member'::text not null,
  account_enabled boolean default true not null,
  creation_type text,
  external_user_state text,
  external_user_state_changed_at timestamp with time zone,
  home_tenant_id uuid,
  home_account_id uuid,
  home_domain text,
  show_in_address_list boolean default true not null,
  manager_id uuid,
  ends_at timestamp with time zone,
  last_sign_in_at timestamp with time zone,
  sessions_valid_from timestamp with time zone not null,
  created_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  version bigint not null,
  home_disabled_at timestamp with time zone,
  user_principal_name_lower text generated always as (lower(user_principal_name)) stored not null,
  mail_lower text generated always as (lower(mail)) stored,
  display_name_lower text generated always as (lower(display_name)) stored not null
);

create table directory.address_proofs (
  tenant_id uuid not null,
  token_hash bytea not null,
  address text not null,
  expires_at timestamp with time zone not null
);

create table directory.addresses (
  tenant_id uuid not null,
  address text not null,
  holder_kind text not null,
  holder_id uuid not null
);

create table directory.brought_groups (
  tenant_id uuid not null,
  group_id uuid not null,
  home_tenant_id uuid not null,
  home_group_id uuid not null
);

create table directory.brought_people (
  tenant_id uuid not null,
  account_id uuid not null,
  home_tenant_id uuid not null,
  digest bytea not null,
  changed_at timestamp with time zone not null,
  is_disabled_by_home boolean
);

create table directory.contacts (
  tenant_id uuid not null,
  id uuid not null,
  display_name text not null,
  given_name text,
  surname text,
  mail text not null,
  mail_nickname text,
  proxy_addresses text[] default '{}'::text[] not null,
  job_title text,
  department text,
  company_name text,
  mobile_phone text,
  business_phones text[] default '{}'::text[] not null,
  created_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  version bigint not null,
  display_name_lower text generated always as (lower(display_name)) stored not null,
  mail_lower text generated always as (lower(mail)) stored
);

create table directory.groups (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  group_types text[] generated always as (
CASE kind
    WHEN 'shared'::text THEN '{Unified}'::text[]
    ELSE '{}'::text[]
END) stored not null,
  display_name text not null,
  description text,
  mail text,
  mail_enabled boolean default false not null,
  mail_nickname text not null,
  security_enabled boolean default true not null,
  proxy_addresses text[] default '{}'::text[] not null,
  visibility text default 'Private'::text not null,
  is_assignable_to_role boolean default false not null,
  preferred_language text,
  classification text,
  created_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  version bigint not null,
  display_name_lower text generated always as (lower(display_name)) stored not null
);

create table directory.guest_import_lines (
  tenant_id uuid not null,
  import_id uuid not null,
  line integer not null,
  address text not null,
  content jsonb not null,
  state text default 'waiting'::text not null,
  code text,
  detail text,
  account_id uuid
);

create table directory.guest_imports (
  tenant_id uuid not null,
  id uuid not null,
  file_name text,
  state text default 'waiting'::text not null,
  origin text not null,
  actor jsonb not null,
  created_by_name text not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone
);

create table directory.guests (
  tenant_id uuid not null,
  account_id uuid not null,
  invited_address text not null,
  invited_at timestamp with time zone not null,
  invited_by text not null,
  reason text,
  consented_at timestamp with time zone,
  stale_stage text,
  stale_since timestamp with time zone,
  kept_at timestamp with time zone,
  orphaned_at timestamp with time zone,
  ended_noted_at timestamp with time zone,
  released_at timestamp with time zone
);

create table directory.histories (
  tenant_id uuid not null,
  version bigint not null
);

create table directory.invitation_blocks (
  tenant_id uuid not null,
  address text not null,
  blocked_at timestamp with time zone not null
);

create table directory.invitations (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  ticket_hash bytea not null,
  purpose text not null,
  invited_address text not null,
  redirect_url text not null,
  message text,
  inviter_name text not null,
  inviter_id text,
  is_mailed boolean not null,
  state text default 'PendingAcceptance'::text not null,
  created_at timestamp with time zone not null,
  completed_at timestamp with time zone
);

create table directory.kept_grants (
  tenant_id uuid not null,
  owner_id uuid not null,
  grant_id uuid not null,
  content jsonb not null
);

create table directory.membership_changes (
  tenant_id uuid not null,
  group_id uuid not null,
  member_kind text not null,
  member_id uuid not null,
  is_member boolean not null,
  changed_at timestamp with time zone not null,
  version bigint not null
);

create table directory.passcode_attempts (
  tenant_id uuid not null,
  counted text not null,
  window_start timestamp with time zone not null,
  count integer not null
);

create table directory.passcodes (
  tenant_id uuid not null,
  id uuid not null,
  address text not null,
  salt bytea not null,
  code_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  attempts integer default 0 not null,
  used_at timestamp with time zone
);

create table directory.removals (
  tenant_id uuid not null,
  kind text not null,
  id uuid not null,
  removed_at timestamp with time zone not null,
  version bigint not null
);

create table directory.review_items (
  tenant_id uuid not null,
  review_id uuid not null,
  account_id uuid not null,
  answer text,
  answered_by text,
  answered_at timestamp with time zone
);

create table directory.reviews (
  tenant_id uuid not null,
  id uuid not null,
  title text not null,
  started_by text not null,
  started_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  without_answer text not null,
  organisation text,
  reminded_at timestamp with time zone,
  closed_at timestamp with time zone,
  state text not null
);

create table directory.sponsors (
  tenant_id uuid not null,
  account_id uuid not null,
  sponsor_kind text not null,
  sponsor_id uuid not null,
  given_at timestamp with time zone not null
);

create table directory.sync_jobs (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  state text not null,
  reason text,
  removals_confirmed integer default 0 not null,
  busy_until timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  counts jsonb default '{}'::jsonb not null,
  failure text,
  busy_by uuid,
  is_wanted_again boolean default false not null,
  groups_digest bytea
);

create table directory.sync_people (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  account_id uuid not null,
  display_name text not null,
  state text not null,
  reason text,
  digest bytea,
  remote_id uuid,
  changed_at timestamp with time zone not null
);

create table partners.agreement_amendments (
  tenant_id uuid not null,
  agreement_id uuid not null,
  author_tenant_id uuid not null,
  number integer not null,
  digest text not null,
  content text not null,
  header text not null,
  signature text not null,
  public_jwk text not null,
  made_by text,
  received_at timestamp with time zone not null
);

create table partners.agreement_messages (
  tenant_id uuid not null,
  id uuid not null,
  agreement_id uuid not null,
  request text not null,
  payload jsonb not null,
  state text not null,
  attempts integer default 0 not null,
  last_error text,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone
);

create table partners.agreement_signatures (
  tenant_id uuid not null,
  agreement_id uuid not null,
  digest text not null,
  signer_tenant_id uuid not null,
  header text not null,
  signature text not null,
  public_jwk text not null,
  signed_by text,
  received_at timestamp with time zone not null
);

create table partners.agreement_versions (
  tenant_id uuid not null,
  agreement_id uuid not null,
  digest text not null,
  number integer not null,
  author_tenant_id uuid not null,
  content text not null,
  is_draft boolean not null,
  is_superseded boolean default false not null,
  received_at timestamp with time zone not null
);

create table partners.agreements (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid not null,
  partner_domain text not null,
  partner_name text not null,
  partner_domains text[] not null,
  created_at timestamp with time zone not null,
  is_over boolean default false not null,
  broken_at timestamp with time zone,
  partner_broken_at timestamp with time zone,
  reach jsonb default '{}'::jsonb not null,
  partner_reach jsonb default '{}'::jsonb not null
);

create table partners.diagnoses (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid not null,
  partner_name text not null,
  asked_by text not null,
  asked_at timestamp with time zone not null,
  mailbox text,
  is_healthy boolean not null,
  steps jsonb not null,
  told jsonb not null,
  link_digest bytea,
  link_ends_at timestamp with time zone
);

create table partners.domains (
  tenant_id uuid not null,
  name text not null,
  partner_tenant_id uuid not null
);

create table partners.ending_items (
  tenant_id uuid not null,
  ending_id uuid not null,
  tie text not null,
  item_id text not null,
  kind text not null,
  outcome text not null,
  subject text not null,
  object text not null,
  detail text,
  at timestamp with time zone not null
);

create table partners.endings (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid,
  domains text[] not null,
  account_id uuid,
  display_name text not null,
  reason text,
  new_owner_id uuid,
  asked_by text not null,
  asked_at timestamp with time zone not null,
  found jsonb not null,
  state text not null,
  ended_at timestamp with time zone,
  notice text not null,
  notice_attempts integer default 0 not null,
  notice_failure text,
  noticed_at timestamp with time zone,
  receipt jsonb,
  agreement_id uuid,
  kinds text[]
);

create table partners.health (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  answered_at timestamp with time zone,
  failed_at timestamp with time zone,
  failure text,
  failures integer default 0 not null,
  clock_skew integer default 0 not null
);

create table partners.introductions (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  found_at text not null,
  document jsonb not null,
  introduced_at timestamp with time zone not null
);

create table partners.keys (
  tenant_id uuid not null,
  kid uuid not null,
  public_jwk jsonb not null,
  private_sealed bytea,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  signs_from timestamp with time zone,
  retires_at timestamp with time zone,
  succession jsonb,
  withdrawal jsonb
);

create table partners.nonces (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  nonce text not null,
  expires_at timestamp with time zone not null
);

create table partners.partner_keys (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  kid text not null,
  public_jwk jsonb not null,
  succeeds text,
  heard_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  retired_at timestamp with time zone,
  withdrawn_at timestamp with time zone
);

create table partners.partners (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  display_name text not null,
  found_at text not null,
  document jsonb not null,
  proposed jsonb,
  confirmed_at timestamp with time zone not null,
  confirmed_by text not null,
  proposed_at text
);

create table partners.shared_checkpoints (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  size bigint not null,
  at timestamp with time zone not null,
  note text not null
);

create table partners.shared_exchanges (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  exchanged_at timestamp with time zone,
  steady_since timestamp with time zone,
  failure text,
  held_size bigint,
  fault_side text,
  fault_position bigint,
  fault_problem text,
  fault_at timestamp with time zone,
  apart_since timestamp with time zone
);

create table partners.shared_logs (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  size bigint default 0 not null,
  frontier bytea[] default '{}'::bytea[] not null
);

create table partners.shared_nodes (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  level integer not null,
  place bigint not null,
  hash bytea not null
);

create table partners.shared_records (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  id uuid not null,
  at timestamp with time zone not null,
  record jsonb not null,
  digest bytea not null,
  sequence bigint,
  leaf_hash bytea,
  matched_at timestamp with time zone,
  reported_at timestamp with time zone,
  exchange_id uuid,
  noted_at timestamp with time zone
);

create table partners.watches (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  checked_at timestamp with time zone not null,
  failing text[] not null,
  alarming text[] not null,
  partner_alarm boolean not null,
  told_alarm boolean not null,
  alerted_at timestamp with time zone
);

create table platform.delivered_mails (
  tenant_id uuid not null,
  id uuid not null,
  to_address text not null,
  from_name text not null,
  reply_to text,
  subject text not null,
  body_text text not null,
  body_html text not null,
  received_at timestamp with time zone not null
);

create table platform.migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone default now() not null
);

create table platform.outgoing_mails (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  about_id text,
  to_address text not null,
  to_name text,
  cc_addresses text[] default '{}'::text[] not null,
  from_name text not null,
  reply_to text,
  subject text not null,
  body_text text,
  body_html text,
  is_secret boolean default false not null,
  state text default 'waiting'::text not null,
  attempts integer default 0 not null,
  last_error text,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  calendar jsonb
);

create table signin.app_passwords (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  name text not null,
  hash bytea not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  ended_at timestamp with time zone
);

create table signin.application_secrets (
  tenant_id uuid not null,
  application_id uuid not null,
  id uuid not null,
  display_name text,
  hint text not null,
  hash bytea not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null
);

create table signin.applications (
  tenant_id uuid not null,
  id uuid not null,
  object_id uuid not null,
  display_name text not null,
  redirect_uris jsonb default '{"spa": [], "web": [], "native": []}'::jsonb not null,
  logout_uris text[] default '{}'::text[] not null,
  wanted_permissions jsonb default '[]'::jsonb not null,
  audience text default 'AzureADMyOrg'::text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  deleted_at timestamp with time zone
);

create table signin.artifacts (
  tenant_id uuid not null,
  kind text not null,
  id_hash bytea not null,
  payload_sealed bytea not null,
  grant_id text,
  session_id text,
  client_id text,
  account_id uuid,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone
);

create table signin.attempts (
  tenant_id uuid not null,
  key text not null,
  count integer not null,
  window_ends_at timestamp with time zone not null
);

create table signin.consents (
  tenant_id uuid not null,
  id uuid not null,
  service_principal_id uuid not null,
  kind text not null,
  account_id uuid,
  permissions text[] not null,
  given_by text not null,
  given_at timestamp with time zone not null
);

create table signin.passkey_challenges (
  tenant_id uuid not null,
  account_id uuid not null,
  challenge text not null,
  expires_at timestamp with time zone not null
);

create table signin.passkeys (
  tenant_id uuid not null,
  id text not null,
  account_id uuid not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] default '{}'::text[] not null,
  display_name text not null,
  is_backed_up boolean not null,
  authenticator text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  cloned_at timestamp with time zone
);

create table signin.passwords (
  tenant_id uuid not null,
  account_id uuid not null,
  hash text not null,
  set_at timestamp with time zone not null,
  must_change boolean default false not null
);

create table signin.received_signals (
  tenant_id uuid not null,
  issuer_tenant_id uuid not null,
  id uuid not null,
  received_at timestamp with time zone not null
);

create table signin.recovery_codes (
  tenant_id uuid not null,
  account_id uuid not null,
  hash bytea not null,
  used_at timestamp with time zone
);

create table signin.revoked_grants (
  tenant_id uuid not null,
  grant_id text not null,
  revoked_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);

create table signin.service_principals (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  application_tenant_id uuid not null,
  display_name text not null,
  is_enabled boolean default true not null,
  created_at timestamp with time zone not null
);

create table signin.sessions (
  tenant_id uuid not null,
  id text not null,
  account_id uuid not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  authenticated_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  methods text[] default '{}'::text[] not null,
  home_tenant_id uuid,
  client_address text,
  user_agent text
);

create table signin.signal_streams (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid,
  application_id uuid,
  audience text not null,
  delivery text not null,
  endpoint_url text,
  authorization_sealed bytea,
  events_requested text[] default '{}'::text[] not null,
  description text,
  status text default 'enabled'::text not null,
  status_reason text,
  failures integer default 0 not null,
  failure text,
  created_at timestamp with time zone not null
);

create table signin.signal_subjects (
  tenant_id uuid not null,
  stream_id uuid not null,
  account_id uuid not null,
  created_at timestamp with time zone not null
);

create table signin.signals (
  tenant_id uuid not null,
  stream_id uuid not null,
  id uuid not null,
  "position" bigint not null,
  claims jsonb not null,
  created_at timestamp with time zone not null
);

create table signin.signing_keys (
  tenant_id uuid not null,
  kid text not null,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamp with time zone not null,
  signs_from timestamp with time zone not null,
  published_until timestamp with time zone
);

create table signin.totp (
  tenant_id uuid not null,
  account_id uuid not null,
  secret_sealed bytea not null,
  confirmed_at timestamp with time zone,
  last_step bigint default 0 not null
);

create table signin.vouched (
  tenant_id uuid not null,
  account_id uuid not null,
  home_lets_out boolean not null,
  is_active boolean not null,
  group_ids uuid[] not null,
  vouched_at timestamp with time zone not null,
  home_reference uuid
);

create table signin.watched_guests (
  tenant_id uuid not null,
  account_id uuid not null,
  home_tenant_id uuid not null,
  home_account_id uuid not null,
  registered_at timestamp with time zone not null
);

create table tenants.directory_sources (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  display_name text not null,
  external_id text not null,
  created_at timestamp with time zone not null,
  created_by text not null
);

create table tenants.domains (
  tenant_id uuid not null,
  name text not null,
  proof text not null,
  verified_at timestamp with time zone,
  is_initial boolean default false not null,
  is_default boolean default false not null,
  supported_services text[] default '{}'::text[] not null,
  created_at timestamp with time zone not null
);

create table tenants.licence_assignments (
  tenant_id uuid not null,
  sku text not null,
  subject_kind text not null,
  subject_id uuid not null,
  disabled_plans text[] default '{}'::text[] not null,
  assigned_at timestamp with time zone not null,
  assigned_by text not null
);

create table tenants.reported_drifts (
  tenant_id uuid not null,
  declaration text not null,
  target text not null,
  name text not null,
  value jsonb,
  reported_at timestamp with time zone not null
);

create table tenants.setting_changes (
  tenant_id uuid not null,
  id uuid not null,
  declaration text not null,
  target text not null,
  name text not null,
  old_value jsonb,
  new_value jsonb,
  changed_at timestamp with time zone not null,
  changed_by text not null
);

create table tenants.settings (
  tenant_id uuid not null,
  declaration text not null,
  target text default ''::text not null,
  name text not null,
  value jsonb not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  agreement_id uuid
);

create table tenants.settings_references (
  tenant_id uuid not null,
  declaration text not null,
  wanted jsonb not null,
  applied_at timestamp with time zone not null,
  applied_by text not null
);

create table tenants.storage_pools (
  tenant_id uuid not null,
  pool text not null,
  limit_bytes bigint,
  used_bytes bigint default 0 not null
);

create table tenants.subscriptions (
  tenant_id uuid not null,
  sku text not null,
  units integer,
  created_at timestamp with time zone not null,
  suspended_at timestamp with time zone,
  ends_at timestamp with time zone
);

create table tenants.tenants (
  tenant_id uuid not null,
  display_name text not null,
  initial_domain text not null,
  state text default 'active'::text not null,
  suspended_at timestamp with time zone,
  deleted_at timestamp with time zone,
  created_at timestamp with time zone not null
);

-- functions and procedures

CREATE OR REPLACE PROCEDURE access.ground(IN name regclass, IN changed text DEFAULT 'old.* is distinct from new.*'::text)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('create constraint trigger ground after insert or delete on %s deferrable initially deferred
    for each row when (coalesce(current_setting(''entente.purged_tenant'', true), '''') = '''')
    execute function access.set_ground()', name);
  execute format('create constraint trigger ground_changed after update on %s deferrable initially deferred
    for each row when (%s) execute function access.set_ground()', name, changed);
end $procedure$
;

CREATE OR REPLACE FUNCTION access.grounds_of(tenants uuid[])
 RETURNS SETOF bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select coalesce(g.version, 0)
    from unnest(tenants) with ordinality as asked(tenant_id, n) left join access.grounds g using (tenant_id)
   order by n
$function$
;

CREATE OR REPLACE FUNCTION access.operates_server(wanted uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select exists (select from access.grants
                     where tenant_id = '00000000-0000-0000-0000-000000000000' and kind = 'signin.operator'
                       and subject_kind = 'account' and subject_id = wanted::text
                       and (ends_at is null or ends_at > now())) $function$
;

CREATE OR REPLACE FUNCTION access.set_ground()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  tenant uuid := case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end;
  current bigint := pg_current_xact_id()::text::bigint;
begin
  insert into access.grounds as g (tenant_id, version) values (tenant, current)
    on conflict (tenant_id) do update set version = current where g.version <> current;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION audit.is_followed(tenant uuid, followed text, thing text, change text, at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(tenant::text, 7164));
  return exists (select from audit.subscriptions s
                  where s.tenant_id = tenant and s.collection = followed and (s.object_id is null or s.object_id = thing)
                    and change = any (s.change_types) and s.expires_at > at);
end $function$
;

CREATE OR REPLACE FUNCTION calendars.overlapping(wanted uuid[], wanted_period tstzrange, with_cancelled boolean, at_most bigint)
 RETURNS SETOF calendars.occurrences
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select o.*
    from unnest(wanted) as c(id)
   cross join lateral (
     select * from calendars.occurrences
      where tenant_id = platform.current_tenant() and calendar_id = c.id and period && wanted_period
        and (with_cancelled or not is_cancelled)
      limit at_most) o
$function$
;

CREATE OR REPLACE FUNCTION calendars.set_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.version := pg_current_xact_id()::text::bigint;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION calendars.take_object(tenant uuid, calendar uuid, named text, meeting text)
 RETURNS SETOF calendars.objects
 LANGUAGE plpgsql
AS $function$
begin
  if meeting is not null then perform pg_advisory_xact_lock(hashtextextended(meeting, 7163)); end if;
  return query select * from calendars.objects o
    where o.tenant_id = tenant and o.calendar_id = calendar and o.name = named for update;
end $function$
;

CREATE OR REPLACE FUNCTION calendars.tenant_of_link(wanted_hash bytea, wanted_name text)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select tenant_id from calendars.links where token_hash = wanted_hash
  union all
  select l.tenant_id from calendars.links l
    join tenants.domains d on d.tenant_id = l.tenant_id and d.verified_at is not null
     and d.name = split_part(split_part(wanted_name, '@', 2), '~', 1)
   where l.public_name = wanted_name
  limit 1
$function$
;

CREATE OR REPLACE FUNCTION calendars.versions_of(tenants uuid[], wanted uuid[])
 RETURNS TABLE(version bigint, is_settled boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select coalesce(v.version, 0), coalesce(v.version < pg_snapshot_xmin(pg_current_snapshot())::text::bigint, false)
    from rows from (unnest(tenants), unnest(wanted)) with ordinality as asked(tenant_id, id, n)
    left join lateral (
      select greatest(c.version, m.version,
               (select max(o.version) from calendars.objects o
                 where o.tenant_id = asked.tenant_id and o.calendar_id = asked.id),
               (select max(r.version) from calendars.removals r
                 where r.tenant_id = asked.tenant_id and r.calendar_id = asked.id)) as version
        from calendars.calendars c join calendars.mailboxes m using (tenant_id, owner_kind, owner_id)
       where c.tenant_id = asked.tenant_id and c.id = asked.id) as v on true
   order by n
$function$
;

CREATE OR REPLACE FUNCTION directory.accounts_with_other_mail(wanted text[])
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select id from directory.accounts
   where tenant_id = platform.current_tenant() and deleted_at is null and other_mails && wanted
$function$
;

CREATE OR REPLACE FUNCTION directory.guest_is_answered_for()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from directory.accounts a
              where a.tenant_id = new.tenant_id and a.id = new.account_id and a.user_type = 'Guest'
                and (a.ends_at is null or not exists (select from directory.sponsors s
                       where s.tenant_id = a.tenant_id and s.account_id = a.id))) then
    raise exception 'a guest needs a sponsor and an end' using constraint = 'guest_is_answered_for';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION directory.keep_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.version := old.version;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION directory.set_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.version := pg_current_xact_id()::text::bigint;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION directory.tenants_knowing_address(wanted text)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select tenant_id from directory.guests where invited_address = lower(wanted) and released_at is null
  union
  select tenant_id from directory.invitation_blocks where address = lower(wanted)
$function$
;

CREATE OR REPLACE FUNCTION directory.tenants_with_guest(home_tenant uuid, home_account uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select tenant_id from directory.accounts
   where home_tenant_id = home_tenant and home_account_id = home_account and deleted_at is null
$function$
;

CREATE OR REPLACE FUNCTION platform.add_job(task text, payload json, run_at timestamp with time zone, max_attempts integer, job_key text, queue text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  perform graphile_worker.add_job(
    identifier => task, payload => payload, run_at => run_at,
    max_attempts => max_attempts, job_key => job_key, queue_name => queue);
end $function$
;

CREATE OR REPLACE FUNCTION platform.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('entente.tenant_id'::text, true), ''::text))::uuid
;

CREATE OR REPLACE FUNCTION platform.job_counts()
 RETURNS TABLE(task text, waiting bigint, failed bigint, oldest timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select j.task_identifier,
         count(*) filter (where j.attempts < j.max_attempts),
         count(*) filter (where j.attempts >= j.max_attempts),
         min(j.run_at) filter (where j.attempts < j.max_attempts)
    from graphile_worker.jobs j group by 1
$function$
;

CREATE OR REPLACE PROCEDURE platform.tenant_table(IN name regclass)
 LANGUAGE plpgsql
AS $procedure$
declare
  owner text := (select pg_get_userbyid(relowner) from pg_class where oid = name);
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format('create policy tenant on %s for all to entente_app
    using (tenant_id = platform.current_tenant()) with check (tenant_id = platform.current_tenant())', name);
  execute format('create policy owner_reads on %s for select to %I using (true)', name, owner);
  -- What a purged tenant left is removed by the owner, since the application may not remove everything (the audit).
  execute format('create policy owner_purges on %s for delete to %I
    using (tenant_id = nullif(current_setting(''entente.purged_tenant'', true), '''')::uuid)', name, owner);
  execute format('grant select, insert, update, delete on %s to entente_app', name);
end $procedure$
;

CREATE OR REPLACE FUNCTION signin.tenant_of_application(wanted uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select tenant_id from signin.applications where id = wanted and deleted_at is null $function$
;

CREATE OR REPLACE FUNCTION signin.tenant_of_artifact(wanted_kind text, wanted_hash bytea)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select tenant_id from signin.artifacts where kind = wanted_kind and id_hash = wanted_hash $function$
;

CREATE OR REPLACE FUNCTION tenants.purge_tenant(purged uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  waiting text[];
  blocked text[];
  name text;
begin
  perform 1 from tenants.tenants where tenant_id = purged and state = 'deleted' for update;
  if not found then raise exception 'only a deleted tenant can be purged' using errcode = 'check_violation'; end if;
  perform set_config('entente.purged_tenant', purged::text, true);
  select array_agg(format('%I.%I', n.nspname, c.relname)) into waiting
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
     and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema';
  -- Whatever something still refers to waits for the next round; a round that frees nothing would be a cycle.
  while array_length(waiting, 1) > 0 loop
    blocked := '{}';
    foreach name in array waiting loop
      begin
        execute format('delete from %s where tenant_id = $1', name) using purged;
      exception when foreign_key_violation then
        blocked := blocked || name;
      end;
    end loop;
    if blocked = waiting then raise exception 'the tables % refer to each other', blocked; end if;
    waiting := blocked;
  end loop;
  perform set_config('entente.purged_tenant', '', true);
end $function$
;

CREATE OR REPLACE FUNCTION tenants.server_usage()
 RETURNS TABLE(kind text, name text, used numeric, allowed numeric, unlimited bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select 'tenants', t.state, count(*)::numeric, null::numeric, 0::bigint from tenants.tenants t group by t.state
  union all
  select 'storage', p.pool, sum(p.used_bytes), sum(p.limit_bytes), count(*) filter (where p.limit_bytes is null)
    from tenants.storage_pools p group by p.pool
  union all
  select 'licences', s.sku, null::numeric, sum(s.units), count(*) filter (where s.units is null)
    from tenants.subscriptions s group by s.sku
$function$
;

-- constraints

alter table access.grants add constraint grants_pkey PRIMARY KEY (tenant_id, id);
alter table access.grounds add constraint grounds_pkey PRIMARY KEY (tenant_id);
alter table access.mutes add constraint mutes_pkey PRIMARY KEY (tenant_id, account_id, object_kind, object_id);
alter table access.requests add constraint requests_pkey PRIMARY KEY (tenant_id, id);
alter table access.sign_offs add constraint sign_offs_pkey PRIMARY KEY (tenant_id, id);
alter table access.what_if_lines add constraint what_if_lines_pkey PRIMARY KEY (tenant_id, what_if_id, n);
alter table access.what_ifs add constraint what_ifs_pkey PRIMARY KEY (tenant_id, id);
alter table audit.checkpoints add constraint checkpoints_pkey PRIMARY KEY (tenant_id, size);
alter table audit.events add constraint events_pkey PRIMARY KEY (tenant_id, id);
alter table audit.logs add constraint logs_pkey PRIMARY KEY (tenant_id);
alter table audit.notifications add constraint notifications_pkey PRIMARY KEY (tenant_id, id);
alter table audit.subscriptions add constraint subscriptions_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.address_books add constraint address_books_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.attachments add constraint attachments_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.book_subscriptions add constraint book_subscriptions_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.calendars add constraint calendars_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.card_removals add constraint card_removals_pkey PRIMARY KEY (tenant_id, book_id, card_id);
alter table calendars.cards add constraint cards_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.imports add constraint imports_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.inbox add constraint inbox_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.invitations add constraint invitations_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.links add constraint links_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.mailboxes add constraint mailboxes_pkey PRIMARY KEY (tenant_id, owner_kind, owner_id);
alter table calendars.objects add constraint objects_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.occurrence_removals add constraint occurrence_removals_pkey PRIMARY KEY (tenant_id, object_id, recurrence_id);
alter table calendars.occurrences add constraint occurrences_pkey PRIMARY KEY (tenant_id, object_id, recurrence_id);
alter table calendars.outgoing add constraint outgoing_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.places add constraint places_pkey PRIMARY KEY (tenant_id, account_id);
alter table calendars.relationship_checks add constraint relationship_checks_pkey PRIMARY KEY (tenant_id, relationship_id);
alter table calendars.reminders add constraint reminders_pkey PRIMARY KEY (tenant_id, object_id, alarm, recurrence_id);
alter table calendars.removals add constraint removals_pkey PRIMARY KEY (tenant_id, calendar_id, object_id);
alter table calendars.subscriptions add constraint subscriptions_pkey PRIMARY KEY (tenant_id, id);
alter table calendars.uploads add constraint uploads_pkey PRIMARY KEY (tenant_id, id);
alter table directory.account_identities add constraint account_identities_pkey PRIMARY KEY (tenant_id, account_id, issuer, issuer_assigned_id);
alter table directory.accounts add constraint accounts_pkey PRIMARY KEY (tenant_id, id);
alter table directory.address_proofs add constraint address_proofs_pkey PRIMARY KEY (tenant_id, token_hash);
alter table directory.addresses add constraint addresses_key PRIMARY KEY (tenant_id, address);
alter table directory.brought_groups add constraint brought_groups_pkey PRIMARY KEY (tenant_id, group_id);
alter table directory.brought_people add constraint brought_people_pkey PRIMARY KEY (tenant_id, account_id);
alter table directory.contacts add constraint contacts_pkey PRIMARY KEY (tenant_id, id);
alter table directory.groups add constraint groups_pkey PRIMARY KEY (tenant_id, id);
alter table directory.guest_import_lines add constraint guest_import_lines_pkey PRIMARY KEY (tenant_id, import_id, line);
alter table directory.guest_imports add constraint guest_imports_pkey PRIMARY KEY (tenant_id, id);
alter table directory.guests add constraint guests_pkey PRIMARY KEY (tenant_id, account_id);
alter table directory.histories add constraint histories_pkey PRIMARY KEY (tenant_id);
alter table directory.invitation_blocks add constraint invitation_blocks_pkey PRIMARY KEY (tenant_id, address);
alter table directory.invitations add constraint invitations_pkey PRIMARY KEY (tenant_id, id);
alter table directory.kept_grants add constraint kept_grants_pkey PRIMARY KEY (tenant_id, owner_id, grant_id);
alter table directory.membership_changes add constraint membership_changes_pkey PRIMARY KEY (tenant_id, group_id, member_id);
alter table directory.passcode_attempts add constraint passcode_attempts_pkey PRIMARY KEY (tenant_id, counted, window_start);
alter table directory.passcodes add constraint passcodes_pkey PRIMARY KEY (tenant_id, id);
alter table directory.removals add constraint removals_pkey PRIMARY KEY (tenant_id, kind, id);
alter table directory.review_items add constraint review_items_pkey PRIMARY KEY (tenant_id, review_id, account_id);
alter table directory.reviews add constraint reviews_pkey PRIMARY KEY (tenant_id, id);
alter table directory.sponsors add constraint sponsors_pkey PRIMARY KEY (tenant_id, account_id, sponsor_kind, sponsor_id);
alter table directory.sync_jobs add constraint sync_jobs_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table directory.sync_people add constraint sync_people_pkey PRIMARY KEY (tenant_id, partner_tenant_id, account_id);
alter table partners.agreement_amendments add constraint agreement_amendments_pkey PRIMARY KEY (tenant_id, agreement_id, author_tenant_id, number);
alter table partners.agreement_messages add constraint agreement_messages_pkey PRIMARY KEY (tenant_id, id);
alter table partners.agreement_signatures add constraint agreement_signatures_pkey PRIMARY KEY (tenant_id, agreement_id, digest, signer_tenant_id);
alter table partners.agreement_versions add constraint agreement_versions_pkey PRIMARY KEY (tenant_id, agreement_id, digest);
alter table partners.agreements add constraint agreements_pkey PRIMARY KEY (tenant_id, id);
alter table partners.diagnoses add constraint diagnoses_pkey PRIMARY KEY (tenant_id, id);
alter table partners.domains add constraint domains_pkey PRIMARY KEY (tenant_id, name);
alter table partners.ending_items add constraint ending_items_pkey PRIMARY KEY (tenant_id, ending_id, tie, item_id);
alter table partners.endings add constraint endings_pkey PRIMARY KEY (tenant_id, id);
alter table partners.health add constraint health_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table partners.introductions add constraint introductions_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table partners.keys add constraint keys_pkey PRIMARY KEY (tenant_id, kid);
alter table partners.nonces add constraint nonces_pkey PRIMARY KEY (tenant_id, partner_tenant_id, nonce);
alter table partners.partner_keys add constraint partner_keys_pkey PRIMARY KEY (tenant_id, partner_tenant_id, kid);
alter table partners.partners add constraint partners_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table partners.shared_checkpoints add constraint shared_checkpoints_pkey PRIMARY KEY (tenant_id, partner_tenant_id, side, size);
alter table partners.shared_exchanges add constraint shared_exchanges_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table partners.shared_logs add constraint shared_logs_pkey PRIMARY KEY (tenant_id, partner_tenant_id, side);
alter table partners.shared_nodes add constraint shared_nodes_pkey PRIMARY KEY (tenant_id, partner_tenant_id, side, level, place);
alter table partners.shared_records add constraint shared_records_pkey PRIMARY KEY (tenant_id, partner_tenant_id, side, id);
alter table partners.watches add constraint watches_pkey PRIMARY KEY (tenant_id, partner_tenant_id);
alter table platform.delivered_mails add constraint delivered_mails_pkey PRIMARY KEY (tenant_id, id, to_address);
alter table platform.migrations add constraint migrations_pkey PRIMARY KEY (name);
alter table platform.outgoing_mails add constraint outgoing_mails_pkey PRIMARY KEY (tenant_id, id);
alter table signin.app_passwords add constraint app_passwords_pkey PRIMARY KEY (tenant_id, id);
alter table signin.application_secrets add constraint application_secrets_pkey PRIMARY KEY (tenant_id, application_id, id);
alter table signin.applications add constraint applications_pkey PRIMARY KEY (tenant_id, id);
alter table signin.artifacts add constraint artifacts_pkey PRIMARY KEY (tenant_id, kind, id_hash);
alter table signin.attempts add constraint attempts_pkey PRIMARY KEY (tenant_id, key);
alter table signin.consents add constraint consents_pkey PRIMARY KEY (tenant_id, id);
alter table signin.passkey_challenges add constraint passkey_challenges_pkey PRIMARY KEY (tenant_id, account_id);
alter table signin.passkeys add constraint passkeys_pkey PRIMARY KEY (tenant_id, id);
alter table signin.passwords add constraint passwords_pkey PRIMARY KEY (tenant_id, account_id);
alter table signin.received_signals add constraint received_signals_pkey PRIMARY KEY (tenant_id, issuer_tenant_id, id);
alter table signin.recovery_codes add constraint recovery_codes_pkey PRIMARY KEY (tenant_id, account_id, hash);
alter table signin.revoked_grants add constraint revoked_grants_pkey PRIMARY KEY (tenant_id, grant_id);
alter table signin.service_principals add constraint service_principals_pkey PRIMARY KEY (tenant_id, id);
alter table signin.sessions add constraint sessions_pkey PRIMARY KEY (tenant_id, id);
alter table signin.signal_streams add constraint signal_streams_pkey PRIMARY KEY (tenant_id, id);
alter table signin.signal_subjects add constraint signal_subjects_pkey PRIMARY KEY (tenant_id, stream_id, account_id);
alter table signin.signals add constraint signals_pkey PRIMARY KEY (tenant_id, stream_id, id);
alter table signin.signing_keys add constraint signing_keys_pkey PRIMARY KEY (tenant_id, kid);
alter table signin.totp add constraint totp_pkey PRIMARY KEY (tenant_id, account_id);
alter table signin.vouched add constraint vouched_pkey PRIMARY KEY (tenant_id, account_id);
alter table signin.watched_guests add constraint watched_guests_pkey PRIMARY KEY (tenant_id, account_id);
alter table tenants.directory_sources add constraint directory_sources_pkey PRIMARY KEY (tenant_id, id);
alter table tenants.domains add constraint domains_pkey PRIMARY KEY (tenant_id, name);
alter table tenants.licence_assignments add constraint licence_assignments_pkey PRIMARY KEY (tenant_id, sku, subject_kind, subject_id);
alter table tenants.reported_drifts add constraint reported_drifts_pkey PRIMARY KEY (tenant_id, declaration, target, name);
alter table tenants.setting_changes add constraint setting_changes_pkey PRIMARY KEY (tenant_id, id);
alter table tenants.settings add constraint settings_pkey PRIMARY KEY (tenant_id, declaration, target, name);
alter table tenants.settings_references add constraint settings_references_pkey PRIMARY KEY (tenant_id, declaration);
alter table tenants.storage_pools add constraint storage_pools_pkey PRIMARY KEY (tenant_id, pool);
alter table tenants.subscriptions add constraint subscriptions_pkey PRIMARY KEY (tenant_id, sku);
alter table tenants.tenants add constraint tenants_pkey PRIMARY KEY (tenant_id);
alter table access.grants add constraint grants_once UNIQUE (tenant_id, object_kind, object_id, subject_kind, subject_id, kind, path);
alter table calendars.address_books add constraint address_books_slug_key UNIQUE (tenant_id, account_id, slug);
alter table calendars.book_subscriptions add constraint book_subscriptions_once UNIQUE (tenant_id, account_id, partner_tenant_id, partner_book_id);
alter table calendars.calendars add constraint calendars_slug_key UNIQUE (tenant_id, owner_kind, owner_id, slug);
alter table calendars.cards add constraint cards_name_key UNIQUE (tenant_id, book_id, name);
alter table calendars.cards add constraint cards_uid_key UNIQUE (tenant_id, book_id, uid);
alter table calendars.inbox add constraint inbox_fingerprint_key UNIQUE (tenant_id, owner_kind, owner_id, for_kind, for_id, fingerprint);
alter table calendars.invitations add constraint invitations_grant_key UNIQUE (tenant_id, grant_id);
alter table calendars.invitations add constraint invitations_token_key UNIQUE (tenant_id, token_hash);
alter table calendars.links add constraint links_grant_key UNIQUE (tenant_id, grant_id);
alter table calendars.objects add constraint objects_name_key UNIQUE (tenant_id, calendar_id, name);
alter table calendars.objects add constraint objects_uid_key UNIQUE (tenant_id, calendar_id, uid);
alter table calendars.subscriptions add constraint subscriptions_once UNIQUE (tenant_id, account_id, partner_tenant_id, partner_calendar_id);
alter table calendars.uploads add constraint uploads_token_key UNIQUE (tenant_id, token_hash);
alter table directory.brought_groups add constraint brought_groups_tenant_id_home_tenant_id_home_group_id_key UNIQUE (tenant_id, home_tenant_id, home_group_id);
alter table signin.app_passwords add constraint app_passwords_hash_key UNIQUE (tenant_id, hash);
alter table signin.applications add constraint applications_object_key UNIQUE (tenant_id, object_id);
alter table signin.consents add constraint consents_once UNIQUE NULLS NOT DISTINCT (tenant_id, service_principal_id, kind, account_id);
alter table signin.service_principals add constraint service_principals_application_key UNIQUE (tenant_id, application_id);
alter table tenants.directory_sources add constraint directory_sources_one_tenant UNIQUE (kind, external_id);
alter table tenants.tenants add constraint tenants_initial_domain_key UNIQUE (initial_domain);
alter table access.grants add constraint grants_path_check CHECK ((path = ANY (ARRAY['direct'::text, 'group'::text, 'team'::text, 'link'::text, 'agreement'::text, 'project'::text])));
alter table access.grants add constraint grants_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['account'::text, 'guest'::text, 'group'::text, 'contact'::text, 'domain'::text, 'tenant'::text, 'link'::text, 'anyone'::text, 'application'::text])));
alter table access.requests add constraint requests_asker_kind_check CHECK ((asker_kind = ANY (ARRAY['account'::text, 'visitor'::text])));
alter table access.requests add constraint requests_put_to_check CHECK ((put_to = ANY (ARRAY['here'::text, 'partner'::text])));
alter table access.requests add constraint requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'declined'::text, 'expired'::text])));
alter table access.what_if_lines add constraint what_if_lines_direction_check CHECK ((direction = ANY (ARRAY['gained'::text, 'lost'::text])));
alter table access.what_ifs add constraint what_ifs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])));
alter table audit.events add constraint events_result_check CHECK ((result = ANY (ARRAY['success'::text, 'failure'::text])));
alter table audit.subscriptions add constraint subscriptions_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['account'::text, 'application'::text])));
alter table calendars.address_books add constraint address_books_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)));
alter table calendars.address_books add constraint address_books_slug_check CHECK (((length(slug) >= 1) AND (length(slug) <= 255)));
alter table calendars.attachments add constraint attachments_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)));
alter table calendars.calendars add constraint calendars_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)));
alter table calendars.calendars add constraint calendars_slug_check CHECK (((length(slug) >= 1) AND (length(slug) <= 255)));
alter table calendars.cards add constraint cards_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)));
alter table calendars.imports add constraint imports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'cancelled'::text, 'failed'::text])));
alter table calendars.inbox add constraint inbox_proposal_check CHECK ((proposal = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text])));
alter table calendars.mailboxes add constraint mailboxes_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['account'::text, 'group'::text])));
alter table calendars.objects add constraint objects_component_check CHECK ((component = ANY (ARRAY['VEVENT'::text, 'VTODO'::text])));
alter table calendars.objects add constraint objects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)));
alter table calendars.occurrences add constraint occurrences_show_as_check CHECK ((show_as = ANY (ARRAY['free'::text, 'tentative'::text, 'busy'::text, 'oof'::text, 'workingElsewhere'::text])));
alter table calendars.outgoing add constraint outgoing_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'delivered'::text, 'failed'::text])));
alter table calendars.places add constraint places_capacity_check CHECK ((capacity > 0));
alter table calendars.places add constraint places_kind_check CHECK ((kind = ANY (ARRAY['room'::text, 'equipment'::text])));
alter table calendars.reminders add constraint reminders_kind_check CHECK ((kind = ANY (ARRAY['display'::text, 'email'::text])));
alter table directory.accounts add constraint accounts_creation_type_check CHECK ((creation_type = ANY (ARRAY['Invitation'::text, 'SelfServiceSignUp'::text, 'EmailVerified'::text, 'LocalAccount'::text])));
alter table directory.accounts add constraint accounts_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table directory.accounts add constraint accounts_external_user_state_check CHECK ((external_user_state = ANY (ARRAY['PendingAcceptance'::text, 'Accepted'::text])));
alter table directory.accounts add constraint accounts_guest_has_state CHECK (((external_user_state IS NULL) OR (external_user_state_changed_at IS NOT NULL)));
alter table directory.accounts add constraint accounts_home_domain_check CHECK ((home_domain = lower(home_domain)));
alter table directory.accounts add constraint accounts_usage_location_check CHECK ((usage_location ~ '^[A-Z]{2}$'::text));
alter table directory.accounts add constraint accounts_user_type_check CHECK ((user_type = ANY (ARRAY['Member'::text, 'Guest'::text])));
alter table directory.address_proofs add constraint address_proofs_address_check CHECK ((address = lower(address)));
alter table directory.addresses add constraint addresses_address_check CHECK ((address = lower(address)));
alter table directory.addresses add constraint addresses_holder_kind_check CHECK ((holder_kind = ANY (ARRAY['account'::text, 'group'::text, 'contact'::text])));
alter table directory.contacts add constraint contacts_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table directory.groups add constraint groups_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table directory.groups add constraint groups_kind_check CHECK ((kind = ANY (ARRAY['security'::text, 'shared'::text])));
alter table directory.groups add constraint groups_visibility_check CHECK ((visibility = ANY (ARRAY['Public'::text, 'Private'::text, 'HiddenMembership'::text])));
alter table directory.guest_import_lines add constraint guest_import_lines_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'success'::text, 'failure'::text, 'cancelled'::text])));
alter table directory.guest_imports add constraint guest_imports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'finished'::text, 'cancelled'::text])));
alter table directory.guests add constraint guests_invited_address_check CHECK ((invited_address = lower(invited_address)));
alter table directory.guests add constraint guests_stale_stage_check CHECK ((stale_stage = ANY (ARRAY['warned'::text, 'disabled'::text])));
alter table directory.invitation_blocks add constraint invitation_blocks_address_check CHECK ((address = lower(address)));
alter table directory.invitations add constraint invitations_purpose_check CHECK ((purpose = ANY (ARRAY['invite'::text, 'reset'::text, 'convert'::text])));
alter table directory.invitations add constraint invitations_state_check CHECK ((state = ANY (ARRAY['PendingAcceptance'::text, 'InProgress'::text, 'Completed'::text, 'Error'::text])));
alter table directory.passcodes add constraint passcodes_address_check CHECK ((address = lower(address)));
alter table directory.removals add constraint removals_kind_check CHECK ((kind = ANY (ARRAY['account'::text, 'group'::text, 'contact'::text])));
alter table directory.review_items add constraint review_items_answer_check CHECK ((answer = ANY (ARRAY['keep'::text, 'end'::text])));
alter table directory.reviews add constraint reviews_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text, 'cancelled'::text])));
alter table directory.reviews add constraint reviews_without_answer_check CHECK ((without_answer = ANY (ARRAY['keep'::text, 'end'::text])));
alter table directory.sponsors add constraint sponsors_sponsor_kind_check CHECK ((sponsor_kind = ANY (ARRAY['account'::text, 'group'::text])));
alter table directory.sync_jobs add constraint sync_jobs_check CHECK ((partner_tenant_id <> tenant_id));
alter table directory.sync_jobs add constraint sync_jobs_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'quarantined'::text, 'stopped'::text])));
alter table directory.sync_people add constraint sync_people_state_check CHECK ((state = ANY (ARRAY['there'::text, 'skipped'::text, 'failed'::text])));
alter table partners.agreement_messages add constraint agreement_messages_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'refused'::text])));
alter table partners.agreements add constraint agreements_check CHECK ((partner_tenant_id <> tenant_id));
alter table partners.ending_items add constraint ending_items_outcome_check CHECK ((outcome = ANY (ARRAY['revoked'::text, 'transferred'::text, 'irrecoverable'::text])));
alter table partners.endings add constraint endings_notice_check CHECK ((notice = ANY (ARRAY['none'::text, 'outstanding'::text, 'confirmed'::text])));
alter table partners.endings add constraint endings_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])));
alter table partners.partners add constraint partners_check CHECK ((partner_tenant_id <> tenant_id));
alter table partners.shared_exchanges add constraint shared_exchanges_fault_side_check CHECK ((fault_side = ANY (ARRAY['ours'::text, 'theirs'::text])));
alter table partners.shared_logs add constraint shared_logs_side_check CHECK ((side = ANY (ARRAY['ours'::text, 'theirs'::text])));
alter table partners.shared_nodes add constraint shared_nodes_level_check CHECK ((level > 0));
alter table partners.shared_records add constraint shared_records_check CHECK ((partner_tenant_id <> tenant_id));
alter table partners.shared_records add constraint shared_records_side_check CHECK ((side = ANY (ARRAY['ours'::text, 'theirs'::text])));
alter table platform.delivered_mails add constraint delivered_mails_to_address_check CHECK ((to_address = lower(to_address)));
alter table platform.outgoing_mails add constraint outgoing_mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'delivered'::text, 'failed'::text])));
alter table signin.app_passwords add constraint app_passwords_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)));
alter table signin.applications add constraint applications_audience_check CHECK ((audience = ANY (ARRAY['AzureADMyOrg'::text, 'AzureADMultipleOrgs'::text])));
alter table signin.applications add constraint applications_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table signin.consents add constraint consents_check CHECK (((kind = 'person'::text) = (account_id IS NOT NULL)));
alter table signin.consents add constraint consents_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'everyone'::text, 'application'::text])));
alter table signin.signal_streams add constraint signal_streams_check CHECK (((partner_tenant_id IS NULL) <> (application_id IS NULL)));
alter table signin.signal_streams add constraint signal_streams_delivery_check CHECK ((delivery = ANY (ARRAY['partner'::text, 'push'::text, 'poll'::text])));
alter table signin.signal_streams add constraint signal_streams_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'paused'::text, 'disabled'::text])));
alter table tenants.directory_sources add constraint directory_sources_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table tenants.directory_sources add constraint directory_sources_external_id_check CHECK (((external_id = lower(external_id)) AND ((length(external_id) >= 1) AND (length(external_id) <= 512))));
alter table tenants.directory_sources add constraint directory_sources_kind_check CHECK ((kind = ANY (ARRAY['ldap'::text, 'scim'::text, 'mail-connector'::text])));
alter table tenants.domains add constraint domains_name_check CHECK ((name = lower(name)));
alter table tenants.licence_assignments add constraint licence_assignments_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['account'::text, 'group'::text])));
alter table tenants.storage_pools add constraint storage_pools_limit_bytes_check CHECK ((limit_bytes >= 0));
alter table tenants.storage_pools add constraint storage_pools_pool_check CHECK ((pool = ANY (ARRAY['mailboxes'::text, 'sites'::text])));
alter table tenants.storage_pools add constraint storage_pools_used_is_positive CHECK ((used_bytes >= 0));
alter table tenants.subscriptions add constraint subscriptions_units_check CHECK ((units >= 0));
alter table tenants.tenants add constraint tenants_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table tenants.tenants add constraint tenants_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'deleted'::text])));
alter table access.what_if_lines add constraint what_if_lines_tenant_id_what_if_id_fkey FOREIGN KEY (tenant_id, what_if_id) REFERENCES access.what_ifs(tenant_id, id) ON DELETE CASCADE;
alter table audit.notifications add constraint notifications_subscription FOREIGN KEY (tenant_id, subscription_id) REFERENCES audit.subscriptions(tenant_id, id) ON DELETE CASCADE;
alter table calendars.address_books add constraint address_books_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table calendars.attachments add constraint attachments_tenant_id_object_id_fkey FOREIGN KEY (tenant_id, object_id) REFERENCES calendars.objects(tenant_id, id) ON DELETE CASCADE;
alter table calendars.book_subscriptions add constraint book_subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table calendars.calendars add constraint calendars_tenant_id_owner_kind_owner_id_fkey FOREIGN KEY (tenant_id, owner_kind, owner_id) REFERENCES calendars.mailboxes(tenant_id, owner_kind, owner_id) ON DELETE CASCADE;
alter table calendars.card_removals add constraint card_removals_tenant_id_book_id_fkey FOREIGN KEY (tenant_id, book_id) REFERENCES calendars.address_books(tenant_id, id) ON DELETE CASCADE;
alter table calendars.cards add constraint cards_tenant_id_book_id_fkey FOREIGN KEY (tenant_id, book_id) REFERENCES calendars.address_books(tenant_id, id) ON DELETE CASCADE;
alter table calendars.imports add constraint imports_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.inbox add constraint inbox_tenant_id_owner_kind_owner_id_fkey FOREIGN KEY (tenant_id, owner_kind, owner_id) REFERENCES calendars.mailboxes(tenant_id, owner_kind, owner_id) ON DELETE CASCADE;
alter table calendars.invitations add constraint invitations_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.links add constraint links_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.mailboxes add constraint mailboxes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table calendars.objects add constraint objects_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.occurrence_removals add constraint occurrence_removals_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.occurrences add constraint occurrences_tenant_id_object_id_fkey FOREIGN KEY (tenant_id, object_id) REFERENCES calendars.objects(tenant_id, id) ON DELETE CASCADE;
alter table calendars.outgoing add constraint outgoing_tenant_id_owner_kind_owner_id_fkey FOREIGN KEY (tenant_id, owner_kind, owner_id) REFERENCES calendars.mailboxes(tenant_id, owner_kind, owner_id) ON DELETE CASCADE;
alter table calendars.relationship_checks add constraint relationship_checks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table calendars.reminders add constraint reminders_tenant_id_object_id_fkey FOREIGN KEY (tenant_id, object_id) REFERENCES calendars.objects(tenant_id, id) ON DELETE CASCADE;
alter table calendars.removals add constraint removals_tenant_id_calendar_id_fkey FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars.calendars(tenant_id, id) ON DELETE CASCADE;
alter table calendars.subscriptions add constraint subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table calendars.uploads add constraint uploads_tenant_id_object_id_fkey FOREIGN KEY (tenant_id, object_id) REFERENCES calendars.objects(tenant_id, id) ON DELETE CASCADE;
alter table directory.account_identities add constraint account_identities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table directory.accounts add constraint accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table directory.brought_groups add constraint brought_groups_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES directory.groups(tenant_id, id) ON DELETE CASCADE;
alter table directory.brought_people add constraint brought_people_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table directory.contacts add constraint contacts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table directory.groups add constraint groups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table directory.guest_import_lines add constraint guest_import_lines_tenant_id_import_id_fkey FOREIGN KEY (tenant_id, import_id) REFERENCES directory.guest_imports(tenant_id, id) ON DELETE CASCADE;
alter table directory.guests add constraint guests_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table directory.histories add constraint histories_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table directory.invitations add constraint invitations_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table directory.review_items add constraint review_items_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table directory.review_items add constraint review_items_tenant_id_review_id_fkey FOREIGN KEY (tenant_id, review_id) REFERENCES directory.reviews(tenant_id, id) ON DELETE CASCADE;
alter table directory.sponsors add constraint sponsors_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES directory.accounts(tenant_id, id) ON DELETE CASCADE;
alter table partners.agreement_amendments add constraint agreement_amendments_tenant_id_agreement_id_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES partners.agreements(tenant_id, id) ON DELETE CASCADE;
alter table partners.agreement_messages add constraint agreement_messages_tenant_id_agreement_id_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES partners.agreements(tenant_id, id) ON DELETE CASCADE;
alter table partners.agreement_signatures add constraint agreement_signatures_tenant_id_agreement_id_digest_fkey FOREIGN KEY (tenant_id, agreement_id, digest) REFERENCES partners.agreement_versions(tenant_id, agreement_id, digest) ON DELETE CASCADE;
alter table partners.agreement_versions add constraint agreement_versions_tenant_id_agreement_id_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES partners.agreements(tenant_id, id) ON DELETE CASCADE;
alter table partners.domains add constraint domains_tenant_id_partner_tenant_id_fkey FOREIGN KEY (tenant_id, partner_tenant_id) REFERENCES partners.partners(tenant_id, partner_tenant_id) ON DELETE CASCADE;
alter table partners.ending_items add constraint ending_items_tenant_id_ending_id_fkey FOREIGN KEY (tenant_id, ending_id) REFERENCES partners.endings(tenant_id, id) ON DELETE CASCADE;
alter table partners.health add constraint health_tenant_id_partner_tenant_id_fkey FOREIGN KEY (tenant_id, partner_tenant_id) REFERENCES partners.partners(tenant_id, partner_tenant_id) ON DELETE CASCADE;
alter table partners.partner_keys add constraint partner_keys_tenant_id_partner_tenant_id_fkey FOREIGN KEY (tenant_id, partner_tenant_id) REFERENCES partners.partners(tenant_id, partner_tenant_id) ON DELETE CASCADE;
alter table partners.watches add constraint watches_tenant_id_partner_tenant_id_fkey FOREIGN KEY (tenant_id, partner_tenant_id) REFERENCES partners.partners(tenant_id, partner_tenant_id) ON DELETE CASCADE;
alter table signin.application_secrets add constraint application_secrets_tenant_id_application_id_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES signin.applications(tenant_id, id) ON DELETE CASCADE;
alter table signin.consents add constraint consents_tenant_id_service_principal_id_fkey FOREIGN KEY (tenant_id, service_principal_id) REFERENCES signin.service_principals(tenant_id, id) ON DELETE CASCADE;
alter table signin.signal_subjects add constraint signal_subjects_tenant_id_stream_id_fkey FOREIGN KEY (tenant_id, stream_id) REFERENCES signin.signal_streams(tenant_id, id) ON DELETE CASCADE;
alter table signin.signals add constraint signals_tenant_id_stream_id_fkey FOREIGN KEY (tenant_id, stream_id) REFERENCES signin.signal_streams(tenant_id, id) ON DELETE CASCADE;
alter table signin.signing_keys add constraint signing_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.directory_sources add constraint directory_sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.domains add constraint domains_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.licence_assignments add constraint licence_assignments_sku FOREIGN KEY (tenant_id, sku) REFERENCES tenants.subscriptions(tenant_id, sku);
alter table tenants.setting_changes add constraint setting_changes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.settings add constraint settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.storage_pools add constraint storage_pools_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.subscriptions add constraint subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);

-- indexes

CREATE INDEX grants_by_home ON access.grants USING btree (tenant_id, home_tenant_id) WHERE (home_tenant_id IS NOT NULL);
CREATE INDEX grants_by_subject ON access.grants USING btree (tenant_id, subject_kind, subject_id, kind);
CREATE INDEX grants_ending ON access.grants USING btree (ends_at) WHERE (ends_at IS NOT NULL);
CREATE INDEX grants_outside ON access.grants USING btree (tenant_id, home_domain, object_kind) WHERE (home_domain IS NOT NULL);
CREATE INDEX grants_outside_by_id ON access.grants USING btree (tenant_id, id) WHERE (home_domain IS NOT NULL);
CREATE INDEX grants_to_organisations ON access.grants USING btree (tenant_id, subject_id) WHERE (subject_kind = ANY (ARRAY['domain'::text, 'tenant'::text]));
CREATE INDEX grants_untold_opened ON access.grants USING btree (tenant_id, last_used_at) WHERE ((home_domain IS NOT NULL) AND (told_opened_at IS NULL) AND (last_used_at IS NOT NULL));
CREATE INDEX grants_untold_shared ON access.grants USING btree (tenant_id, given_at) WHERE ((home_domain IS NOT NULL) AND (told_shared_at IS NULL));
CREATE INDEX requests_by_asker ON access.requests USING btree (tenant_id, asker_id, id);
CREATE INDEX requests_by_owner ON access.requests USING gin (owner_ids);
CREATE INDEX requests_by_state ON access.requests USING btree (tenant_id, state, id);
CREATE UNIQUE INDEX requests_open ON access.requests USING btree (tenant_id, same) WHERE (state = 'open'::text);
CREATE INDEX what_ifs_by_time ON access.what_ifs USING btree (tenant_id, asked_at);
CREATE INDEX events_by_action ON audit.events USING btree (tenant_id, action, at DESC);
CREATE INDEX events_by_correlation ON audit.events USING btree (tenant_id, correlation_id);
CREATE UNIQUE INDEX events_by_sequence ON audit.events USING btree (tenant_id, sequence) WHERE (sequence IS NOT NULL);
CREATE INDEX events_by_time ON audit.events USING btree (tenant_id, at DESC, id DESC);
CREATE INDEX events_unsealed ON audit.events USING btree (tenant_id, id) WHERE (sequence IS NULL);
CREATE INDEX notifications_waiting ON audit.notifications USING btree (tenant_id, subscription_id, id);
CREATE INDEX refusals_by_reference ON audit.events USING btree (tenant_id, "right"((id)::text, 8)) WHERE (action = 'access.refused'::text);
CREATE INDEX subscriptions_by_collection ON audit.subscriptions USING btree (tenant_id, collection);
CREATE INDEX attachments_by_object ON calendars.attachments USING btree (tenant_id, object_id);
CREATE UNIQUE INDEX calendars_default_key ON calendars.calendars USING btree (tenant_id, owner_kind, owner_id) WHERE is_default;
CREATE INDEX card_removals_by_version ON calendars.card_removals USING btree (tenant_id, book_id, version);
CREATE INDEX cards_by_version ON calendars.cards USING btree (tenant_id, book_id, version);
CREATE INDEX imports_by_calendar ON calendars.imports USING btree (tenant_id, calendar_id);
CREATE INDEX inbox_by_time ON calendars.inbox USING btree (tenant_id, received_at);
CREATE INDEX inbox_by_uid ON calendars.inbox USING btree (tenant_id, for_kind, for_id, uid);
CREATE INDEX links_by_public_name ON calendars.links USING btree (public_name) WHERE (public_name IS NOT NULL);
CREATE INDEX links_by_token ON calendars.links USING btree (token_hash);
CREATE INDEX mailboxes_by_policy ON calendars.mailboxes USING btree (tenant_id, sharing_policy_id) WHERE (sharing_policy_id IS NOT NULL);
CREATE INDEX objects_by_uid ON calendars.objects USING btree (tenant_id, uid);
CREATE INDEX objects_by_version ON calendars.objects USING btree (tenant_id, calendar_id, version);
CREATE INDEX objects_expanded_to ON calendars.objects USING btree (tenant_id, expanded_to) WHERE (expanded_to IS NOT NULL);
CREATE INDEX objects_partly_expanded ON calendars.objects USING btree (tenant_id, calendar_id, expanded_to) WHERE (expanded_to IS NOT NULL);
CREATE INDEX occurrence_removals_by_time ON calendars.occurrence_removals USING btree (tenant_id, removed_at);
CREATE INDEX occurrences_by_time ON calendars.occurrences USING gist (tenant_id, calendar_id, period);
CREATE INDEX outgoing_by_batch ON calendars.outgoing USING btree (tenant_id, batch_id) WHERE (state = 'waiting'::text);
CREATE INDEX outgoing_by_time ON calendars.outgoing USING btree (tenant_id, created_at);
CREATE INDEX reminders_due ON calendars.reminders USING btree (tenant_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX reminders_over ON calendars.reminders USING btree (tenant_id, ends_at) WHERE (due_at IS NULL);
CREATE INDEX reminders_shown ON calendars.reminders USING btree (tenant_id, account_id) WHERE (shown_at IS NOT NULL);
CREATE INDEX removals_by_version ON calendars.removals USING btree (tenant_id, calendar_id, version);
CREATE INDEX uploads_by_object ON calendars.uploads USING btree (tenant_id, object_id);
CREATE INDEX uploads_ending ON calendars.uploads USING btree (tenant_id, expires_at);
CREATE INDEX account_identities_by_subject ON directory.account_identities USING btree (tenant_id, issuer_assigned_id);
CREATE UNIQUE INDEX account_identities_key ON directory.account_identities USING btree (tenant_id, issuer, issuer_assigned_id) WHERE (NOT is_deleted);
CREATE INDEX accounts_by_home ON directory.accounts USING btree (home_tenant_id, home_account_id) WHERE (home_account_id IS NOT NULL);
CREATE INDEX accounts_by_home_domain ON directory.accounts USING btree (tenant_id, home_domain) WHERE (home_domain IS NOT NULL);
CREATE INDEX accounts_by_mail ON directory.accounts USING btree (tenant_id, mail_lower) WHERE (deleted_at IS NULL);
CREATE INDEX accounts_by_manager ON directory.accounts USING btree (tenant_id, manager_id) WHERE (manager_id IS NOT NULL);
CREATE INDEX accounts_by_name ON directory.accounts USING btree (tenant_id, display_name_lower, id) WHERE (deleted_at IS NULL);
CREATE INDEX accounts_by_other_mails ON directory.accounts USING gin (other_mails);
CREATE INDEX accounts_by_version ON directory.accounts USING btree (tenant_id, version, id);
CREATE INDEX accounts_deleted ON directory.accounts USING btree (tenant_id, deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX accounts_ending ON directory.accounts USING btree (tenant_id, ends_at) WHERE (ends_at IS NOT NULL);
CREATE INDEX accounts_guests ON directory.accounts USING btree (tenant_id, id) WHERE ((user_type = 'Guest'::text) OR (creation_type = 'Invitation'::text));
CREATE UNIQUE INDEX accounts_user_principal_name_key ON directory.accounts USING btree (tenant_id, user_principal_name_lower) WHERE (deleted_at IS NULL);
CREATE INDEX addresses_by_holder ON directory.addresses USING btree (tenant_id, holder_kind, holder_id);
CREATE INDEX contacts_by_mail ON directory.contacts USING btree (tenant_id, mail_lower) WHERE (deleted_at IS NULL);
CREATE INDEX contacts_by_name ON directory.contacts USING btree (tenant_id, display_name_lower, id) WHERE (deleted_at IS NULL);
CREATE INDEX contacts_by_version ON directory.contacts USING btree (tenant_id, version, id);
CREATE INDEX groups_by_name ON directory.groups USING btree (tenant_id, display_name_lower, id) WHERE (deleted_at IS NULL);
CREATE INDEX groups_by_version ON directory.groups USING btree (tenant_id, version, id);
CREATE INDEX groups_deleted ON directory.groups USING btree (tenant_id, deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX guest_import_lines_waiting ON directory.guest_import_lines USING btree (tenant_id, import_id, line) WHERE (state = 'waiting'::text);
CREATE INDEX guest_imports_by_time ON directory.guest_imports USING btree (tenant_id, created_at DESC);
CREATE UNIQUE INDEX guests_address_key ON directory.guests USING btree (tenant_id, invited_address) WHERE (released_at IS NULL);
CREATE INDEX guests_by_address ON directory.guests USING btree (invited_address) WHERE (released_at IS NULL);
CREATE INDEX guests_stale ON directory.guests USING btree (tenant_id, stale_since) WHERE (stale_since IS NOT NULL);
CREATE INDEX invitation_blocks_by_address ON directory.invitation_blocks USING btree (address);
CREATE INDEX invitations_by_account ON directory.invitations USING btree (tenant_id, account_id, created_at DESC);
CREATE INDEX membership_changes_by_version ON directory.membership_changes USING btree (tenant_id, version, group_id);
CREATE INDEX passcode_attempts_old ON directory.passcode_attempts USING btree (tenant_id, window_start);
CREATE INDEX passcodes_by_address ON directory.passcodes USING btree (tenant_id, address, created_at DESC);
CREATE INDEX removals_by_version ON directory.removals USING btree (tenant_id, kind, version);
CREATE INDEX review_items_open ON directory.review_items USING btree (tenant_id, account_id) WHERE (answer IS NULL);
CREATE INDEX reviews_open ON directory.reviews USING btree (tenant_id, due_at) WHERE (state = 'open'::text);
CREATE INDEX sponsors_by_sponsor ON directory.sponsors USING btree (tenant_id, sponsor_kind, sponsor_id);
CREATE INDEX sync_people_by_state ON directory.sync_people USING btree (tenant_id, partner_tenant_id, state, account_id);
CREATE INDEX agreement_messages_waiting ON partners.agreement_messages USING btree (tenant_id, agreement_id, id) WHERE (state = 'waiting'::text);
CREATE UNIQUE INDEX agreement_versions_by_number ON partners.agreement_versions USING btree (tenant_id, agreement_id, number) WHERE (NOT is_superseded);
CREATE UNIQUE INDEX agreements_one_living ON partners.agreements USING btree (tenant_id, partner_tenant_id) WHERE (NOT is_over);
CREATE UNIQUE INDEX diagnoses_by_link ON partners.diagnoses USING btree (tenant_id, link_digest) WHERE (link_digest IS NOT NULL);
CREATE INDEX diagnoses_by_partner ON partners.diagnoses USING btree (tenant_id, partner_tenant_id, asked_at);
CREATE INDEX domains_by_partner ON partners.domains USING btree (tenant_id, partner_tenant_id);
CREATE INDEX endings_running ON partners.endings USING btree (tenant_id) WHERE (state = 'running'::text);
CREATE INDEX nonces_by_end ON partners.nonces USING btree (tenant_id, expires_at);
CREATE INDEX shared_records_by_digest ON partners.shared_records USING btree (tenant_id, partner_tenant_id, digest) WHERE (side = 'theirs'::text);
CREATE UNIQUE INDEX shared_records_by_sequence ON partners.shared_records USING btree (tenant_id, partner_tenant_id, side, sequence) WHERE (sequence IS NOT NULL);
CREATE INDEX shared_records_by_time ON partners.shared_records USING btree (tenant_id, partner_tenant_id, at, id);
CREATE UNIQUE INDEX shared_records_once ON partners.shared_records USING btree (tenant_id, partner_tenant_id, digest) WHERE (side = 'ours'::text);
CREATE INDEX shared_records_unmatched ON partners.shared_records USING btree (tenant_id, partner_tenant_id, side, sequence) WHERE (matched_at IS NULL);
CREATE INDEX shared_records_unmatched_by_exchange ON partners.shared_records USING btree (tenant_id, partner_tenant_id, exchange_id) WHERE (matched_at IS NULL);
CREATE INDEX shared_records_unmatched_by_time ON partners.shared_records USING btree (tenant_id, partner_tenant_id, at, id) WHERE (matched_at IS NULL);
CREATE INDEX shared_records_unsealed ON partners.shared_records USING btree (tenant_id, partner_tenant_id, id) WHERE (sequence IS NULL);
CREATE INDEX shared_records_untold ON partners.shared_records USING btree (tenant_id, partner_tenant_id) WHERE ((matched_at IS NULL) AND (reported_at IS NULL));
CREATE INDEX delivered_mails_by_address ON platform.delivered_mails USING btree (tenant_id, to_address, received_at DESC);
CREATE INDEX outgoing_mails_by_about ON platform.outgoing_mails USING btree (tenant_id, about_id) WHERE (about_id IS NOT NULL);
CREATE INDEX outgoing_mails_by_time ON platform.outgoing_mails USING btree (tenant_id, created_at DESC, id DESC);
CREATE INDEX app_passwords_by_account ON signin.app_passwords USING btree (tenant_id, account_id, created_at);
CREATE INDEX applications_by_id ON signin.applications USING btree (id);
CREATE INDEX artifacts_by_account ON signin.artifacts USING btree (tenant_id, account_id) WHERE (account_id IS NOT NULL);
CREATE INDEX artifacts_by_grant ON signin.artifacts USING btree (tenant_id, grant_id) WHERE (grant_id IS NOT NULL);
CREATE INDEX artifacts_by_session ON signin.artifacts USING btree (tenant_id, session_id) WHERE (session_id IS NOT NULL);
CREATE INDEX artifacts_ending ON signin.artifacts USING btree (expires_at);
CREATE INDEX attempts_ending ON signin.attempts USING btree (window_ends_at);
CREATE INDEX passkeys_by_account ON signin.passkeys USING btree (tenant_id, account_id);
CREATE INDEX received_signals_by_time ON signin.received_signals USING btree (tenant_id, received_at);
CREATE INDEX sessions_by_account ON signin.sessions USING btree (tenant_id, account_id, created_at DESC);
CREATE INDEX sessions_ending ON signin.sessions USING btree (tenant_id, ends_at);
CREATE INDEX signal_streams_of_application ON signin.signal_streams USING btree (tenant_id, application_id) WHERE (application_id IS NOT NULL);
CREATE UNIQUE INDEX signal_streams_of_partner ON signin.signal_streams USING btree (tenant_id, partner_tenant_id) WHERE (partner_tenant_id IS NOT NULL);
CREATE INDEX signal_subjects_by_account ON signin.signal_subjects USING btree (tenant_id, account_id);
CREATE INDEX signals_in_order ON signin.signals USING btree (tenant_id, stream_id, "position");
CREATE UNIQUE INDEX domains_one_default ON tenants.domains USING btree (tenant_id) WHERE is_default;
CREATE UNIQUE INDEX domains_one_holder ON tenants.domains USING btree (name) WHERE (verified_at IS NOT NULL);
CREATE UNIQUE INDEX domains_one_initial ON tenants.domains USING btree (tenant_id) WHERE is_initial;
CREATE INDEX licence_assignments_by_subject ON tenants.licence_assignments USING btree (tenant_id, subject_id);
CREATE INDEX setting_changes_by_name ON tenants.setting_changes USING btree (tenant_id, declaration, target, name, changed_at DESC);

-- triggers

CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON access.grants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON calendars.calendars DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON calendars.mailboxes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON directory.accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON directory.addresses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON directory.groups DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON tenants.licence_assignments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground AFTER INSERT OR DELETE ON tenants.subscriptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((COALESCE(current_setting('entente.purged_tenant'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON access.grants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.kind <> new.kind) OR (old.subject_kind <> new.subject_kind) OR (old.subject_id <> new.subject_id) OR (old.object_kind <> new.object_kind) OR (old.object_id <> new.object_id) OR (old.level <> new.level) OR (old.path <> new.path) OR (old.ends_at IS DISTINCT FROM new.ends_at))) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON calendars.calendars DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON calendars.mailboxes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON directory.accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON directory.addresses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON directory.groups DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON tenants.licence_assignments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER ground_changed AFTER UPDATE ON tenants.subscriptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION access.set_ground();
CREATE CONSTRAINT TRIGGER guest_is_answered_for AFTER INSERT ON directory.guests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION directory.guest_is_answered_for();
CREATE TRIGGER version BEFORE INSERT OR UPDATE OF calendar_id, name, uid, component, content, etag, schedule_tag ON calendars.objects FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.address_books FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.calendars FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.card_removals FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.cards FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.inbox FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.mailboxes FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.occurrence_removals FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.places FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON calendars.removals FOR EACH ROW EXECUTE FUNCTION calendars.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.accounts FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.contacts FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.groups FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.histories FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.membership_changes FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version BEFORE INSERT OR UPDATE ON directory.removals FOR EACH ROW EXECUTE FUNCTION directory.set_version();
CREATE TRIGGER version_kept BEFORE UPDATE OF last_sign_in_at ON directory.accounts FOR EACH ROW EXECUTE FUNCTION directory.keep_version();

-- row-level security

alter table access.grants enable row level security;
alter table access.grants force row level security;
alter table access.grounds enable row level security;
alter table access.grounds force row level security;
alter table access.mutes enable row level security;
alter table access.mutes force row level security;
alter table access.requests enable row level security;
alter table access.requests force row level security;
alter table access.sign_offs enable row level security;
alter table access.sign_offs force row level security;
alter table access.what_if_lines enable row level security;
alter table access.what_if_lines force row level security;
alter table access.what_ifs enable row level security;
alter table access.what_ifs force row level security;
alter table audit.checkpoints enable row level security;
alter table audit.checkpoints force row level security;
alter table audit.events enable row level security;
alter table audit.events force row level security;
alter table audit.logs enable row level security;
alter table audit.logs force row level security;
alter table audit.notifications enable row level security;
alter table audit.notifications force row level security;
alter table audit.subscriptions enable row level security;
alter table audit.subscriptions force row level security;
alter table calendars.address_books enable row level security;
alter table calendars.address_books force row level security;
alter table calendars.attachments enable row level security;
alter table calendars.attachments force row level security;
alter table calendars.book_subscriptions enable row level security;
alter table calendars.book_subscriptions force row level security;
alter table calendars.calendars enable row level security;
alter table calendars.calendars force row level security;
alter table calendars.card_removals enable row level security;
alter table calendars.card_removals force row level security;
alter table calendars.cards enable row level security;
alter table calendars.cards force row level security;
alter table calendars.imports enable row level security;
alter table calendars.imports force row level security;
alter table calendars.inbox enable row level security;
alter table calendars.inbox force row level security;
alter table calendars.invitations enable row level security;
alter table calendars.invitations force row level security;
alter table calendars.links enable row level security;
alter table calendars.links force row level security;
alter table calendars.mailboxes enable row level security;
alter table calendars.mailboxes force row level security;
alter table calendars.objects enable row level security;
alter table calendars.objects force row level security;
alter table calendars.occurrence_removals enable row level security;
alter table calendars.occurrence_removals force row level security;
alter table calendars.occurrences enable row level security;
alter table calendars.occurrences force row level security;
alter table calendars.outgoing enable row level security;
alter table calendars.outgoing force row level security;
alter table calendars.places enable row level security;
alter table calendars.places force row level security;
alter table calendars.relationship_checks enable row level security;
alter table calendars.relationship_checks force row level security;
alter table calendars.reminders enable row level security;
alter table calendars.reminders force row level security;
alter table calendars.removals enable row level security;
alter table calendars.removals force row level security;
alter table calendars.subscriptions enable row level security;
alter table calendars.subscriptions force row level security;
alter table calendars.uploads enable row level security;
alter table calendars.uploads force row level security;
alter table directory.account_identities enable row level security;
alter table directory.account_identities force row level security;
alter table directory.accounts enable row level security;
alter table directory.accounts force row level security;
alter table directory.address_proofs enable row level security;
alter table directory.address_proofs force row level security;
alter table directory.addresses enable row level security;
alter table directory.addresses force row level security;
alter table directory.brought_groups enable row level security;
alter table directory.brought_groups force row level security;
alter table directory.brought_people enable row level security;
alter table directory.brought_people force row level security;
alter table directory.contacts enable row level security;
alter table directory.contacts force row level security;
alter table directory.groups enable row level security;
alter table directory.groups force row level security;
alter table directory.guest_import_lines enable row level security;
alter table directory.guest_import_lines force row level security;
alter table directory.guest_imports enable row level security;
alter table directory.guest_imports force row level security;
alter table directory.guests enable row level security;
alter table directory.guests force row level security;
alter table directory.histories enable row level security;
alter table directory.histories force row level security;
alter table directory.invitation_blocks enable row level security;
alter table directory.invitation_blocks force row level security;
alter table directory.invitations enable row level security;
alter table directory.invitations force row level security;
alter table directory.kept_grants enable row level security;
alter table directory.kept_grants force row level security;
alter table directory.membership_changes enable row level security;
alter table directory.membership_changes force row level security;
alter table directory.passcode_attempts enable row level security;
alter table directory.passcode_attempts force row level security;
alter table directory.passcodes enable row level security;
alter table directory.passcodes force row level security;
alter table directory.removals enable row level security;
alter table directory.removals force row level security;
alter table directory.review_items enable row level security;
alter table directory.review_items force row level security;
alter table directory.reviews enable row level security;
alter table directory.reviews force row level security;
alter table directory.sponsors enable row level security;
alter table directory.sponsors force row level security;
alter table directory.sync_jobs enable row level security;
alter table directory.sync_jobs force row level security;
alter table directory.sync_people enable row level security;
alter table directory.sync_people force row level security;
alter table partners.agreement_amendments enable row level security;
alter table partners.agreement_amendments force row level security;
alter table partners.agreement_messages enable row level security;
alter table partners.agreement_messages force row level security;
alter table partners.agreement_signatures enable row level security;
alter table partners.agreement_signatures force row level security;
alter table partners.agreement_versions enable row level security;
alter table partners.agreement_versions force row level security;
alter table partners.agreements enable row level security;
alter table partners.agreements force row level security;
alter table partners.diagnoses enable row level security;
alter table partners.diagnoses force row level security;
alter table partners.domains enable row level security;
alter table partners.domains force row level security;
alter table partners.ending_items enable row level security;
alter table partners.ending_items force row level security;
alter table partners.endings enable row level security;
alter table partners.endings force row level security;
alter table partners.health enable row level security;
alter table partners.health force row level security;
alter table partners.introductions enable row level security;
alter table partners.introductions force row level security;
alter table partners.keys enable row level security;
alter table partners.keys force row level security;
alter table partners.nonces enable row level security;
alter table partners.nonces force row level security;
alter table partners.partner_keys enable row level security;
alter table partners.partner_keys force row level security;
alter table partners.partners enable row level security;
alter table partners.partners force row level security;
alter table partners.shared_checkpoints enable row level security;
alter table partners.shared_checkpoints force row level security;
alter table partners.shared_exchanges enable row level security;
alter table partners.shared_exchanges force row level security;
alter table partners.shared_logs enable row level security;
alter table partners.shared_logs force row level security;
alter table partners.shared_nodes enable row level security;
alter table partners.shared_nodes force row level security;
alter table partners.shared_records enable row level security;
alter table partners.shared_records force row level security;
alter table partners.watches enable row level security;
alter table partners.watches force row level security;
alter table platform.delivered_mails enable row level security;
alter table platform.delivered_mails force row level security;
alter table platform.outgoing_mails enable row level security;
alter table platform.outgoing_mails force row level security;
alter table signin.app_passwords enable row level security;
alter table signin.app_passwords force row level security;
alter table signin.application_secrets enable row level security;
alter table signin.application_secrets force row level security;
alter table signin.applications enable row level security;
alter table signin.applications force row level security;
alter table signin.artifacts enable row level security;
alter table signin.artifacts force row level security;
alter table signin.attempts enable row level security;
alter table signin.attempts force row level security;
alter table signin.consents enable row level security;
alter table signin.consents force row level security;
alter table signin.passkey_challenges enable row level security;
alter table signin.passkey_challenges force row level security;
alter table signin.passkeys enable row level security;
alter table signin.passkeys force row level security;
alter table signin.passwords enable row level security;
alter table signin.passwords force row level security;
alter table signin.received_signals enable row level security;
alter table signin.received_signals force row level security;
alter table signin.recovery_codes enable row level security;
alter table signin.recovery_codes force row level security;
alter table signin.revoked_grants enable row level security;
alter table signin.revoked_grants force row level security;
alter table signin.service_principals enable row level security;
alter table signin.service_principals force row level security;
alter table signin.sessions enable row level security;
alter table signin.sessions force row level security;
alter table signin.signal_streams enable row level security;
alter table signin.signal_streams force row level security;
alter table signin.signal_subjects enable row level security;
alter table signin.signal_subjects force row level security;
alter table signin.signals enable row level security;
alter table signin.signals force row level security;
alter table signin.signing_keys enable row level security;
alter table signin.signing_keys force row level security;
alter table signin.totp enable row level security;
alter table signin.totp force row level security;
alter table signin.vouched enable row level security;
alter table signin.vouched force row level security;
alter table signin.watched_guests enable row level security;
alter table signin.watched_guests force row level security;
alter table tenants.directory_sources enable row level security;
alter table tenants.directory_sources force row level security;
alter table tenants.licence_assignments enable row level security;
alter table tenants.licence_assignments force row level security;
alter table tenants.reported_drifts enable row level security;
alter table tenants.reported_drifts force row level security;
alter table tenants.setting_changes enable row level security;
alter table tenants.setting_changes force row level security;
alter table tenants.settings enable row level security;
alter table tenants.settings force row level security;
alter table tenants.settings_references enable row level security;
alter table tenants.settings_references force row level security;
alter table tenants.storage_pools enable row level security;
alter table tenants.storage_pools force row level security;
alter table tenants.subscriptions enable row level security;
alter table tenants.subscriptions force row level security;

-- policies

create policy owner_purges on access.grants for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.grants for select to current_user using (true);
create policy tenant on access.grants for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_inserts on access.grounds for insert to current_user with check (true);
create policy owner_purges on access.grounds for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.grounds for select to current_user using (true);
create policy owner_updates on access.grounds for update to current_user using (true);
create policy tenant on access.grounds for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on access.mutes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.mutes for select to current_user using (true);
create policy tenant on access.mutes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on access.requests for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.requests for select to current_user using (true);
create policy tenant on access.requests for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on access.sign_offs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.sign_offs for select to current_user using (true);
create policy tenant on access.sign_offs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on access.what_if_lines for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.what_if_lines for select to current_user using (true);
create policy tenant on access.what_if_lines for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on access.what_ifs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.what_ifs for select to current_user using (true);
create policy tenant on access.what_ifs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.checkpoints for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.checkpoints for select to current_user using (true);
create policy tenant on audit.checkpoints for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.events for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.events for select to current_user using (true);
create policy tenant on audit.events for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.logs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.logs for select to current_user using (true);
create policy tenant on audit.logs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.notifications for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.notifications for select to current_user using (true);
create policy tenant on audit.notifications for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.subscriptions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.subscriptions for select to current_user using (true);
create policy tenant on audit.subscriptions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.address_books for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.address_books for select to current_user using (true);
create policy tenant on calendars.address_books for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.attachments for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.attachments for select to current_user using (true);
create policy tenant on calendars.attachments for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.book_subscriptions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.book_subscriptions for select to current_user using (true);
create policy tenant on calendars.book_subscriptions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.calendars for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.calendars for select to current_user using (true);
create policy tenant on calendars.calendars for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.card_removals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.card_removals for select to current_user using (true);
create policy tenant on calendars.card_removals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.cards for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.cards for select to current_user using (true);
create policy tenant on calendars.cards for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.imports for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.imports for select to current_user using (true);
create policy tenant on calendars.imports for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.inbox for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.inbox for select to current_user using (true);
create policy tenant on calendars.inbox for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.invitations for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.invitations for select to current_user using (true);
create policy tenant on calendars.invitations for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.links for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.links for select to current_user using (true);
create policy tenant on calendars.links for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.mailboxes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.mailboxes for select to current_user using (true);
create policy tenant on calendars.mailboxes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.objects for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.objects for select to current_user using (true);
create policy tenant on calendars.objects for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.occurrence_removals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.occurrence_removals for select to current_user using (true);
create policy tenant on calendars.occurrence_removals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.occurrences for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.occurrences for select to current_user using (true);
create policy tenant on calendars.occurrences for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.outgoing for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.outgoing for select to current_user using (true);
create policy tenant on calendars.outgoing for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.places for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.places for select to current_user using (true);
create policy tenant on calendars.places for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.relationship_checks for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.relationship_checks for select to current_user using (true);
create policy tenant on calendars.relationship_checks for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.reminders for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.reminders for select to current_user using (true);
create policy tenant on calendars.reminders for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.removals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.removals for select to current_user using (true);
create policy tenant on calendars.removals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.subscriptions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.subscriptions for select to current_user using (true);
create policy tenant on calendars.subscriptions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on calendars.uploads for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on calendars.uploads for select to current_user using (true);
create policy tenant on calendars.uploads for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.account_identities for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.account_identities for select to current_user using (true);
create policy tenant on directory.account_identities for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.accounts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.accounts for select to current_user using (true);
create policy tenant on directory.accounts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.address_proofs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.address_proofs for select to current_user using (true);
create policy tenant on directory.address_proofs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.addresses for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.addresses for select to current_user using (true);
create policy tenant on directory.addresses for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.brought_groups for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.brought_groups for select to current_user using (true);
create policy tenant on directory.brought_groups for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.brought_people for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.brought_people for select to current_user using (true);
create policy tenant on directory.brought_people for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.contacts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.contacts for select to current_user using (true);
create policy tenant on directory.contacts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.groups for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.groups for select to current_user using (true);
create policy tenant on directory.groups for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.guest_import_lines for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.guest_import_lines for select to current_user using (true);
create policy tenant on directory.guest_import_lines for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.guest_imports for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.guest_imports for select to current_user using (true);
create policy tenant on directory.guest_imports for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.guests for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.guests for select to current_user using (true);
create policy tenant on directory.guests for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.histories for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.histories for select to current_user using (true);
create policy tenant on directory.histories for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.invitation_blocks for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.invitation_blocks for select to current_user using (true);
create policy tenant on directory.invitation_blocks for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.invitations for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.invitations for select to current_user using (true);
create policy tenant on directory.invitations for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.kept_grants for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.kept_grants for select to current_user using (true);
create policy tenant on directory.kept_grants for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.membership_changes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.membership_changes for select to current_user using (true);
create policy tenant on directory.membership_changes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.passcode_attempts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.passcode_attempts for select to current_user using (true);
create policy tenant on directory.passcode_attempts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.passcodes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.passcodes for select to current_user using (true);
create policy tenant on directory.passcodes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.removals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.removals for select to current_user using (true);
create policy tenant on directory.removals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.review_items for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.review_items for select to current_user using (true);
create policy tenant on directory.review_items for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.reviews for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.reviews for select to current_user using (true);
create policy tenant on directory.reviews for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.sponsors for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.sponsors for select to current_user using (true);
create policy tenant on directory.sponsors for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.sync_jobs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.sync_jobs for select to current_user using (true);
create policy tenant on directory.sync_jobs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on directory.sync_people for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on directory.sync_people for select to current_user using (true);
create policy tenant on directory.sync_people for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.agreement_amendments for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.agreement_amendments for select to current_user using (true);
create policy tenant on partners.agreement_amendments for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.agreement_messages for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.agreement_messages for select to current_user using (true);
create policy tenant on partners.agreement_messages for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.agreement_signatures for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.agreement_signatures for select to current_user using (true);
create policy tenant on partners.agreement_signatures for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.agreement_versions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.agreement_versions for select to current_user using (true);
create policy tenant on partners.agreement_versions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.agreements for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.agreements for select to current_user using (true);
create policy tenant on partners.agreements for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.diagnoses for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.diagnoses for select to current_user using (true);
create policy tenant on partners.diagnoses for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.domains for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.domains for select to current_user using (true);
create policy tenant on partners.domains for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.ending_items for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.ending_items for select to current_user using (true);
create policy tenant on partners.ending_items for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.endings for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.endings for select to current_user using (true);
create policy tenant on partners.endings for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.health for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.health for select to current_user using (true);
create policy tenant on partners.health for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.introductions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.introductions for select to current_user using (true);
create policy tenant on partners.introductions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.keys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.keys for select to current_user using (true);
create policy tenant on partners.keys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.nonces for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.nonces for select to current_user using (true);
create policy tenant on partners.nonces for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.partner_keys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.partner_keys for select to current_user using (true);
create policy tenant on partners.partner_keys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.partners for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.partners for select to current_user using (true);
create policy tenant on partners.partners for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.shared_checkpoints for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.shared_checkpoints for select to current_user using (true);
create policy tenant on partners.shared_checkpoints for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.shared_exchanges for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.shared_exchanges for select to current_user using (true);
create policy tenant on partners.shared_exchanges for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.shared_logs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.shared_logs for select to current_user using (true);
create policy tenant on partners.shared_logs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.shared_nodes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.shared_nodes for select to current_user using (true);
create policy tenant on partners.shared_nodes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.shared_records for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.shared_records for select to current_user using (true);
create policy tenant on partners.shared_records for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on partners.watches for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on partners.watches for select to current_user using (true);
create policy tenant on partners.watches for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on platform.delivered_mails for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on platform.delivered_mails for select to current_user using (true);
create policy tenant on platform.delivered_mails for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on platform.outgoing_mails for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on platform.outgoing_mails for select to current_user using (true);
create policy tenant on platform.outgoing_mails for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.app_passwords for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.app_passwords for select to current_user using (true);
create policy tenant on signin.app_passwords for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.application_secrets for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.application_secrets for select to current_user using (true);
create policy tenant on signin.application_secrets for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.applications for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.applications for select to current_user using (true);
create policy tenant on signin.applications for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.artifacts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.artifacts for select to current_user using (true);
create policy tenant on signin.artifacts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.attempts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.attempts for select to current_user using (true);
create policy tenant on signin.attempts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.consents for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.consents for select to current_user using (true);
create policy tenant on signin.consents for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.passkey_challenges for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.passkey_challenges for select to current_user using (true);
create policy tenant on signin.passkey_challenges for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.passkeys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.passkeys for select to current_user using (true);
create policy tenant on signin.passkeys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.passwords for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.passwords for select to current_user using (true);
create policy tenant on signin.passwords for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.received_signals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.received_signals for select to current_user using (true);
create policy tenant on signin.received_signals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.recovery_codes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.recovery_codes for select to current_user using (true);
create policy tenant on signin.recovery_codes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.revoked_grants for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.revoked_grants for select to current_user using (true);
create policy tenant on signin.revoked_grants for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.service_principals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.service_principals for select to current_user using (true);
create policy tenant on signin.service_principals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.sessions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.sessions for select to current_user using (true);
create policy tenant on signin.sessions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.signal_streams for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.signal_streams for select to current_user using (true);
create policy tenant on signin.signal_streams for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.signal_subjects for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.signal_subjects for select to current_user using (true);
create policy tenant on signin.signal_subjects for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.signals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.signals for select to current_user using (true);
create policy tenant on signin.signals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.signing_keys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.signing_keys for select to current_user using (true);
create policy tenant on signin.signing_keys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.totp for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.totp for select to current_user using (true);
create policy tenant on signin.totp for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.vouched for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.vouched for select to current_user using (true);
create policy tenant on signin.vouched for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.watched_guests for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.watched_guests for select to current_user using (true);
create policy tenant on signin.watched_guests for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.directory_sources for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.directory_sources for select to current_user using (true);
create policy tenant on tenants.directory_sources for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.licence_assignments for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.licence_assignments for select to current_user using (true);
create policy tenant on tenants.licence_assignments for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.reported_drifts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.reported_drifts for select to current_user using (true);
create policy tenant on tenants.reported_drifts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.setting_changes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.setting_changes for select to current_user using (true);
create policy tenant on tenants.setting_changes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.settings for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.settings for select to current_user using (true);
create policy tenant on tenants.settings for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.settings_references for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.settings_references for select to current_user using (true);
create policy tenant on tenants.settings_references for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.storage_pools for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.storage_pools for select to current_user using (true);
create policy tenant on tenants.storage_pools for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.subscriptions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.subscriptions for select to current_user using (true);
create policy tenant on tenants.subscriptions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));

-- rights of the application

grant delete, insert, select, update on access.grants to entente_app;
grant delete, insert, select, update on access.grounds to entente_app;
grant delete, insert, select, update on access.mutes to entente_app;
grant delete, insert, select, update on access.requests to entente_app;
grant delete, insert, select, update on access.sign_offs to entente_app;
grant delete, insert, select, update on access.what_if_lines to entente_app;
grant delete, insert, select, update on access.what_ifs to entente_app;
grant delete, insert, select, update on audit.logs to entente_app;
grant delete, insert, select, update on audit.notifications to entente_app;
grant delete, insert, select, update on audit.subscriptions to entente_app;
grant delete, insert, select, update on calendars.address_books to entente_app;
grant delete, insert, select, update on calendars.attachments to entente_app;
grant delete, insert, select, update on calendars.book_subscriptions to entente_app;
grant delete, insert, select, update on calendars.calendars to entente_app;
grant delete, insert, select, update on calendars.card_removals to entente_app;
grant delete, insert, select, update on calendars.cards to entente_app;
grant delete, insert, select, update on calendars.imports to entente_app;
grant delete, insert, select, update on calendars.inbox to entente_app;
grant delete, insert, select, update on calendars.invitations to entente_app;
grant delete, insert, select, update on calendars.links to entente_app;
grant delete, insert, select, update on calendars.mailboxes to entente_app;
grant delete, insert, select, update on calendars.objects to entente_app;
grant delete, insert, select, update on calendars.occurrence_removals to entente_app;
grant delete, insert, select, update on calendars.occurrences to entente_app;
grant delete, insert, select, update on calendars.outgoing to entente_app;
grant delete, insert, select, update on calendars.places to entente_app;
grant delete, insert, select, update on calendars.relationship_checks to entente_app;
grant delete, insert, select, update on calendars.reminders to entente_app;
grant delete, insert, select, update on calendars.removals to entente_app;
grant delete, insert, select, update on calendars.subscriptions to entente_app;
grant delete, insert, select, update on calendars.uploads to entente_app;
grant delete, insert, select, update on directory.account_identities to entente_app;
grant delete, insert, select, update on directory.accounts to entente_app;
grant delete, insert, select, update on directory.address_proofs to entente_app;
grant delete, insert, select, update on directory.addresses to entente_app;
grant delete, insert, select, update on directory.brought_groups to entente_app;
grant delete, insert, select, update on directory.brought_people to entente_app;
grant delete, insert, select, update on directory.contacts to entente_app;
grant delete, insert, select, update on directory.groups to entente_app;
grant delete, insert, select, update on directory.guest_import_lines to entente_app;
grant delete, insert, select, update on directory.guest_imports to entente_app;
grant delete, insert, select, update on directory.guests to entente_app;
grant delete, insert, select, update on directory.histories to entente_app;
grant delete, insert, select, update on directory.invitation_blocks to entente_app;
grant delete, insert, select, update on directory.invitations to entente_app;
grant delete, insert, select, update on directory.kept_grants to entente_app;
grant delete, insert, select, update on directory.membership_changes to entente_app;
grant delete, insert, select, update on directory.passcode_attempts to entente_app;
grant delete, insert, select, update on directory.passcodes to entente_app;
grant delete, insert, select, update on directory.removals to entente_app;
grant delete, insert, select, update on directory.review_items to entente_app;
grant delete, insert, select, update on directory.reviews to entente_app;
grant delete, insert, select, update on directory.sponsors to entente_app;
grant delete, insert, select, update on directory.sync_jobs to entente_app;
grant delete, insert, select, update on directory.sync_people to entente_app;
grant delete, insert, select, update on partners.agreement_amendments to entente_app;
grant delete, insert, select, update on partners.agreement_messages to entente_app;
grant delete, insert, select, update on partners.agreement_signatures to entente_app;
grant delete, insert, select, update on partners.agreement_versions to entente_app;
grant delete, insert, select, update on partners.agreements to entente_app;
grant delete, insert, select, update on partners.diagnoses to entente_app;
grant delete, insert, select, update on partners.domains to entente_app;
grant delete, insert, select, update on partners.ending_items to entente_app;
grant delete, insert, select, update on partners.endings to entente_app;
grant delete, insert, select, update on partners.health to entente_app;
grant delete, insert, select, update on partners.introductions to entente_app;
grant delete, insert, select, update on partners.keys to entente_app;
grant delete, insert, select, update on partners.nonces to entente_app;
grant delete, insert, select, update on partners.partner_keys to entente_app;
grant delete, insert, select, update on partners.partners to entente_app;
grant delete, insert, select, update on partners.shared_exchanges to entente_app;
grant delete, insert, select, update on partners.shared_logs to entente_app;
grant delete, insert, select, update on partners.watches to entente_app;
grant delete, insert, select, update on platform.delivered_mails to entente_app;
grant delete, insert, select, update on platform.outgoing_mails to entente_app;
grant delete, insert, select, update on signin.app_passwords to entente_app;
grant delete, insert, select, update on signin.application_secrets to entente_app;
grant delete, insert, select, update on signin.applications to entente_app;
grant delete, insert, select, update on signin.artifacts to entente_app;
grant delete, insert, select, update on signin.attempts to entente_app;
grant delete, insert, select, update on signin.consents to entente_app;
grant delete, insert, select, update on signin.passkey_challenges to entente_app;
grant delete, insert, select, update on signin.passkeys to entente_app;
grant delete, insert, select, update on signin.passwords to entente_app;
grant delete, insert, select, update on signin.received_signals to entente_app;
grant delete, insert, select, update on signin.recovery_codes to entente_app;
grant delete, insert, select, update on signin.revoked_grants to entente_app;
grant delete, insert, select, update on signin.service_principals to entente_app;
grant delete, insert, select, update on signin.sessions to entente_app;
grant delete, insert, select, update on signin.signal_streams to entente_app;
grant delete, insert, select, update on signin.signal_subjects to entente_app;
grant delete, insert, select, update on signin.signals to entente_app;
grant delete, insert, select, update on signin.signing_keys to entente_app;
grant delete, insert, select, update on signin.totp to entente_app;
grant delete, insert, select, update on signin.vouched to entente_app;
grant delete, insert, select, update on signin.watched_guests to entente_app;
grant delete, insert, select, update on tenants.directory_sources to entente_app;
grant delete, insert, select, update on tenants.domains to entente_app;
grant delete, insert, select, update on tenants.licence_assignments to entente_app;
grant delete, insert, select, update on tenants.reported_drifts to entente_app;
grant delete, insert, select, update on tenants.setting_changes to entente_app;
grant delete, insert, select, update on tenants.settings to entente_app;
grant delete, insert, select, update on tenants.settings_references to entente_app;
grant delete, insert, select, update on tenants.storage_pools to entente_app;
grant delete, insert, select, update on tenants.subscriptions to entente_app;
grant execute on function access.grounds_of(uuid[]) to entente_app;
grant execute on function access.operates_server(uuid) to entente_app;
grant execute on function audit.is_followed(uuid,text,text,text,timestamp with time zone) to entente_app;
grant execute on function calendars.overlapping(uuid[],tstzrange,boolean,bigint) to entente_app;
grant execute on function calendars.take_object(uuid,uuid,text,text) to entente_app;
grant execute on function calendars.tenant_of_link(bytea,text) to entente_app;
grant execute on function calendars.versions_of(uuid[],uuid[]) to entente_app;
grant execute on function directory.accounts_with_other_mail(text[]) to entente_app;
grant execute on function directory.tenants_knowing_address(text) to entente_app;
grant execute on function directory.tenants_with_guest(uuid,uuid) to entente_app;
grant execute on function platform.add_job(text,json,timestamp with time zone,integer,text,text) to entente_app;
grant execute on function platform.job_counts() to entente_app;
grant execute on function signin.tenant_of_application(uuid) to entente_app;
grant execute on function signin.tenant_of_artifact(text,bytea) to entente_app;
grant execute on function tenants.purge_tenant(uuid) to entente_app;
grant execute on function tenants.server_usage() to entente_app;
grant insert, select on audit.checkpoints to entente_app;
grant insert, select on audit.events to entente_app;
grant insert, select on partners.shared_checkpoints to entente_app;
grant insert, select on partners.shared_nodes to entente_app;
grant insert, select on partners.shared_records to entente_app;
grant insert, select, update on tenants.tenants to entente_app;
grant update (leaf_hash) on audit.events to entente_app;
grant update (leaf_hash) on partners.shared_records to entente_app;
grant update (matched_at) on partners.shared_records to entente_app;
grant update (reported_at) on partners.shared_records to entente_app;
grant update (sequence) on audit.events to entente_app;
grant update (sequence) on partners.shared_records to entente_app;
grant usage on schema access to entente_app;
grant usage on schema audit to entente_app;
grant usage on schema calendars to entente_app;
grant usage on schema directory to entente_app;
grant usage on schema partners to entente_app;
grant usage on schema platform to entente_app;
grant usage on schema signin to entente_app;
grant usage on schema tenants to entente_app;
revoke all on function access.grounds_of(uuid[]) from public;
revoke all on function access.operates_server(uuid) from public;
revoke all on function access.set_ground() from public;
revoke all on function audit.is_followed(uuid,text,text,text,timestamp with time zone) from public;
revoke all on function calendars.overlapping(uuid[],tstzrange,boolean,bigint) from public;
revoke all on function calendars.take_object(uuid,uuid,text,text) from public;
revoke all on function calendars.tenant_of_link(bytea,text) from public;
revoke all on function calendars.versions_of(uuid[],uuid[]) from public;
revoke all on function directory.accounts_with_other_mail(text[]) from public;
revoke all on function directory.tenants_knowing_address(text) from public;
revoke all on function directory.tenants_with_guest(uuid,uuid) from public;
revoke all on function platform.add_job(text,json,timestamp with time zone,integer,text,text) from public;
revoke all on function platform.job_counts() from public;
revoke all on function signin.tenant_of_application(uuid) from public;
revoke all on function signin.tenant_of_artifact(text,bytea) from public;
revoke all on function tenants.purge_tenant(uuid) from public;
revoke all on function tenants.server_usage() from public;
