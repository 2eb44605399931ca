-- What changes would do to rights, kept until somebody has looked at it, and how partners were parted with. New tables
-- and two indexes on grants, which are built while writers of that table wait; old and new servers can run side by side.

create table access.what_ifs (
  tenant_id uuid not null,
  id uuid not null,
  -- Who asked, as they stood then: the changes are tried out in their name.
  actor jsonb not null,
  asked_by text not null,
  asked_at timestamptz not null,
  changes jsonb not null,
  -- The moment that is supposed; null: now.
  supposed_at timestamptz,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  ended_at timestamptz,
  -- Rights looked at so far, of about how many.
  looked_at integer not null default 0,
  total integer,
  -- A digest of the settings, grants and whatever else it was answered from.
  world text,
  summary jsonb,
  failure text,
  primary key (tenant_id, id)
);
create index what_ifs_by_time on access.what_ifs (tenant_id, asked_at);
call platform.tenant_table('access.what_ifs');

create table access.what_if_lines (
  tenant_id uuid not null,
  what_if_id uuid not null,
  n integer not null,
  direction text not null check (direction in ('gained', 'lost')),
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
  -- Set where somebody was refused this lately: when.
  refused_at timestamptz,
  primary key (tenant_id, what_if_id, n),
  foreign key (tenant_id, what_if_id) references access.what_ifs on delete cascade
);
call platform.tenant_table('access.what_if_lines');

-- What somebody wants to hear no more of.
create table access.mutes (
  tenant_id uuid not null,
  account_id uuid not null,
  object_kind text not null,
  object_id text not null,
  muted_at timestamptz not null,
  primary key (tenant_id, account_id, object_kind, object_id)
);
call platform.tenant_table('access.mutes');

-- All that an organisation has here, whatever its domains are called.
create index grants_by_home on access.grants (tenant_id, home_tenant_id) where home_tenant_id is not null;
-- What was given to whole domains and organisations.
create index grants_to_organisations on access.grants (tenant_id, subject_id) where subject_kind in ('domain', 'tenant');

create table partners.endings (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid,
  -- Lower case; empty where one person alone ends.
  domains text[] not null,
  -- The one guest who ends; null: the whole organisation.
  account_id uuid,
  display_name text not null,
  reason text,
  -- Who has from then on what they made.
  new_owner_id uuid,
  asked_by text not null,
  asked_at timestamptz not null,
  -- How many of each kind there were when it began.
  found jsonb not null,
  state text not null check (state in ('running', 'done')),
  ended_at timestamptz,
  -- What the partner is told of it.
  notice text not null check (notice in ('none', 'outstanding', 'confirmed')),
  notice_attempts integer not null default 0,
  notice_failure text,
  noticed_at timestamptz,
  -- As it was signed last.
  receipt jsonb,
  primary key (tenant_id, id)
);
call platform.tenant_table('partners.endings');

create table partners.ending_items (
  tenant_id uuid not null,
  ending_id uuid not null,
  tie text not null,
  item_id text not null,
  kind text not null,
  outcome text not null check (outcome in ('revoked', 'transferred', 'irrecoverable')),
  subject text not null,
  object text not null,
  detail text,
  at timestamptz not null,
  primary key (tenant_id, ending_id, tie, item_id),
  foreign key (tenant_id, ending_id) references partners.endings on delete cascade
);
call platform.tenant_table('partners.ending_items');
