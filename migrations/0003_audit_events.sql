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
