-- What was: every change and every refusal, per tenant. New tables only.

create schema audit;
grant usage on schema audit to entente_app;

create table audit.events (
  -- The host's own events carry the nil tenant; no tenant's transaction can see them.
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  action text not null,
  category text not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  targets jsonb not null default '[]',
  result text not null check (result in ('success', 'failure')),
  reason text,
  facts jsonb not null default '{}',
  correlation_id uuid not null,
  request_id text not null,
  client_address text,
  -- The place in the tenant's sealed log, given by the sealer afterwards so that writing never waits for it.
  sequence bigint,
  primary key (tenant_id, id)
);
create index events_by_time on audit.events (tenant_id, at desc, id desc);
create index events_by_action on audit.events (tenant_id, action, at desc);
create index events_by_correlation on audit.events (tenant_id, correlation_id);
create unique index events_by_sequence on audit.events (tenant_id, sequence) where sequence is not null;
create index events_unsealed on audit.events (tenant_id, id) where sequence is null;
call platform.tenant_table('audit.events');

-- An event is never changed or removed by the application: only the sealer gives it its place.
revoke update, delete on audit.events from entente_app;
grant update (sequence) on audit.events to entente_app;

-- What the sealed record said when it got its place: the leaf of the tenant's Merkle log (RFC 9162). Kept beside the
-- event so that a changed event is found by its position and not only by a wrong root.
alter table audit.events add column leaf_hash bytea;
grant update (leaf_hash) on audit.events to entente_app;

-- One log for each tenant: its key, how far it is sealed, and the frontier that lets it grow without being read again.
create table audit.logs (
  tenant_id uuid primary key,
  -- Ed25519, PKCS #8 PEM, sealed with the server's master key.
  private_key bytea not null,
  public_key text not null,
  size bigint not null default 0,
  frontier bytea[] not null default '{}'
);
call platform.tenant_table('audit.logs');

-- Signed statements "so many events, this root"; the proof that nothing before them was changed since.
create table audit.checkpoints (
  tenant_id uuid not null,
  size bigint not null,
  at timestamptz not null,
  note text not null,
  primary key (tenant_id, size)
);
call platform.tenant_table('audit.checkpoints');
revoke update, delete on audit.checkpoints from entente_app;
