-- Bringing people of one organisation to another by itself. New tables only.

-- How far it is, at the organisation that brings its people: one row for each other organisation.
create table directory.sync_jobs (
  tenant_id uuid not null,
  partner_tenant_id uuid not null check (partner_tenant_id <> tenant_id),
  state text not null check (state in ('active', 'paused', 'quarantined', 'stopped')),
  -- Why it is not active, as a code.
  reason text,
  -- So many removals were seen and confirmed: the next cycle may go that far.
  removals_confirmed int not null default 0,
  -- Nobody else works on it until then; a run that was killed is taken over after it.
  busy_until timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- What the last cycle did, by outcome.
  counts jsonb not null default '{}',
  -- Why the last cycle did not come to its end; null: it did.
  failure text,
  primary key (tenant_id, partner_tenant_id)
);
call platform.tenant_table('directory.sync_jobs');

-- What the other organisation was last told of each person, or why it was told nothing.
create table directory.sync_people (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  account_id uuid not null,
  display_name text not null,
  state text not null check (state in ('there', 'skipped', 'failed')),
  reason text,
  -- SHA-256 of what was told.
  digest bytea,
  -- The id of the object there.
  remote_id uuid,
  changed_at timestamptz not null,
  primary key (tenant_id, partner_tenant_id, account_id)
);
create index sync_people_by_state on directory.sync_people (tenant_id, partner_tenant_id, state, account_id);
call platform.tenant_table('directory.sync_people');

-- Who was brought here by their home, and what was last taken of them.
create table directory.brought_people (
  tenant_id uuid not null,
  account_id uuid not null,
  home_tenant_id uuid not null,
  digest bytea not null,
  changed_at timestamptz not null,
  primary key (tenant_id, account_id),
  foreign key (tenant_id, account_id) references directory.accounts (tenant_id, id) on delete cascade
);
call platform.tenant_table('directory.brought_people');
