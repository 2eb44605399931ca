-- What concerns two organisations, written by both and compared; and the signals a home sends about its people. New
-- tables and columns only.

-- One log for each partner, in both directions: `ours` is what we wrote, `theirs` our copy of what the partner wrote.
-- A record holds what happened between the two and who was in it, never what was said.
create table partners.shared_records (
  tenant_id uuid not null,
  partner_tenant_id uuid not null check (partner_tenant_id <> tenant_id),
  side text not null check (side in ('ours', 'theirs')),
  id uuid not null,
  -- By the clock of whoever wrote it; the rest of the record is the same on both sides.
  at timestamptz not null,
  record jsonb not null,
  -- SHA-256 of the canonical form of `record`: what both sides are matched by.
  digest bytea not null,
  -- The place in the log and the leaf that was sealed, as in audit.events.
  sequence bigint,
  leaf_hash bytea,
  matched_at timestamptz,
  -- When it was told that the other side has none like it.
  reported_at timestamptz,
  primary key (tenant_id, partner_tenant_id, side, id)
);
create unique index shared_records_by_sequence on partners.shared_records
  (tenant_id, partner_tenant_id, side, sequence) where sequence is not null;
create unique index shared_records_once on partners.shared_records
  (tenant_id, partner_tenant_id, digest) where side = 'ours';
create index shared_records_by_digest on partners.shared_records
  (tenant_id, partner_tenant_id, digest) where side = 'theirs';
create index shared_records_unsealed on partners.shared_records (tenant_id, partner_tenant_id, id)
  where sequence is null;
create index shared_records_unmatched on partners.shared_records (tenant_id, partner_tenant_id, side, sequence)
  where matched_at is null;
call platform.tenant_table('partners.shared_records');
revoke update, delete on partners.shared_records from entente_app;
grant update (sequence, leaf_hash, matched_at, reported_at) on partners.shared_records to entente_app;

create table partners.shared_logs (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null check (side in ('ours', 'theirs')),
  size bigint not null default 0,
  frontier bytea[] not null default '{}',
  primary key (tenant_id, partner_tenant_id, side)
);
call platform.tenant_table('partners.shared_logs');

-- The full subtrees above the leaves, so that a proof reads a few rows of a long log.
create table partners.shared_nodes (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  level integer not null check (level > 0),
  place bigint not null,
  hash bytea not null,
  primary key (tenant_id, partner_tenant_id, side, level, place)
);
call platform.tenant_table('partners.shared_nodes');
revoke update, delete on partners.shared_nodes from entente_app;

create table partners.shared_checkpoints (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  side text not null,
  size bigint not null,
  at timestamptz not null,
  note text not null,
  primary key (tenant_id, partner_tenant_id, side, size)
);
call platform.tenant_table('partners.shared_checkpoints');
revoke update, delete on partners.shared_checkpoints from entente_app;

-- How the comparison with each partner stands.
create table partners.shared_exchanges (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  exchanged_at timestamptz,
  -- Since when every exchange has gone well; null while the last one did not.
  steady_since timestamptz,
  -- Why the last one failed.
  failure text,
  -- The newest checkpoint of ours that the partner says it holds.
  held_size bigint,
  -- The first bad place of the partner's log, or of ours as the partner keeps it.
  fault_side text check (fault_side in ('ours', 'theirs')),
  fault_position bigint,
  fault_problem text,
  fault_at timestamptz,
  primary key (tenant_id, partner_tenant_id)
);
call platform.tenant_table('partners.shared_exchanges');

-- When a guest's home said that the account there is switched off or gone: it opens nothing here meanwhile.
alter table directory.accounts add column home_disabled_at timestamptz;

-- Whose changes a home tells to whom: one stream for each partner that has a guest of ours, one for each receiver that
-- a program set up (OpenID Shared Signals Framework 1.0).
create table signin.signal_streams (
  tenant_id uuid not null,
  id uuid not null,
  -- Exactly one of the two: another organisation, or a program of this one.
  partner_tenant_id uuid,
  application_id uuid,
  audience text not null,
  delivery text not null check (delivery in ('partner', 'push', 'poll')),
  endpoint_url text,
  -- What the receiver wants in the Authorization header, sealed with the server's master key.
  authorization_sealed bytea,
  events_requested text[] not null default '{}',
  description text,
  status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
  status_reason text,
  -- Deliveries that failed in a row, and why.
  failures integer not null default 0,
  failure text,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  check ((partner_tenant_id is null) <> (application_id is null))
);
create unique index signal_streams_of_partner on signin.signal_streams (tenant_id, partner_tenant_id)
  where partner_tenant_id is not null;
create index signal_streams_of_application on signin.signal_streams (tenant_id, application_id)
  where application_id is not null;
call platform.tenant_table('signin.signal_streams');

-- Whom a stream is about: for a partner, those who are guests there.
create table signin.signal_subjects (
  tenant_id uuid not null,
  stream_id uuid not null,
  account_id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, stream_id, account_id),
  foreign key (tenant_id, stream_id) references signin.signal_streams on delete cascade
);
create index signal_subjects_by_account on signin.signal_subjects (tenant_id, account_id);
call platform.tenant_table('signin.signal_subjects');

-- What waits to be delivered, in its order. Signed when it leaves.
create table signin.signals (
  tenant_id uuid not null,
  stream_id uuid not null,
  -- The token's `jti` (RFC 8417).
  id uuid not null,
  position bigint not null generated always as identity,
  claims jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, stream_id, id),
  foreign key (tenant_id, stream_id) references signin.signal_streams on delete cascade
);
create index signals_in_order on signin.signals (tenant_id, stream_id, position);
call platform.tenant_table('signin.signals');

-- Guests whose home knows that it must tell us of them.
create table signin.watched_guests (
  tenant_id uuid not null,
  account_id uuid not null,
  home_tenant_id uuid not null,
  home_account_id uuid not null,
  registered_at timestamptz not null,
  primary key (tenant_id, account_id)
);
call platform.tenant_table('signin.watched_guests');

-- Signals that were taken: one that comes again changes nothing.
create table signin.received_signals (
  tenant_id uuid not null,
  issuer_tenant_id uuid not null,
  id uuid not null,
  received_at timestamptz not null,
  primary key (tenant_id, issuer_tenant_id, id)
);
create index received_signals_by_time on signin.received_signals (tenant_id, received_at);
call platform.tenant_table('signin.received_signals');
