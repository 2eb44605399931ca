-- Change notifications: who wants to be told of which changes, and what still waits to be delivered. New tables only.

create table audit.subscriptions (
  tenant_id uuid not null,
  id uuid not null,
  -- Whose right to read is asked again at every delivery.
  owner_kind text not null check (owner_kind in ('account', 'application')),
  owner_id uuid not null,
  -- The permissions an application held, or the scopes a person's application was consented to.
  owner_scopes text[],
  change_types text[] not null,
  -- As it was asked for (`/users/{id}`), and as events are matched: the kind of thing, and which one.
  resource text not null,
  collection text not null,
  object_id text,
  notification_url text not null,
  lifecycle_url text,
  client_state text,
  -- What deliveries are signed with (Standard Webhooks), sealed with the server's master key.
  secret bytea not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index subscriptions_by_collection on audit.subscriptions (tenant_id, collection);
call platform.tenant_table('audit.subscriptions');

-- Ids only, never content. A row lives from the change until its delivery was acknowledged.
create table audit.notifications (
  tenant_id uuid not null,
  id uuid not null,
  subscription_id uuid not null,
  change_type text not null,
  collection text not null,
  object_id text not null,
  queued_at timestamptz not null,
  primary key (tenant_id, id),
  constraint notifications_subscription foreign key (tenant_id, subscription_id)
    references audit.subscriptions (tenant_id, id) on delete cascade
);
create index notifications_waiting on audit.notifications (tenant_id, subscription_id, id);
call platform.tenant_table('audit.notifications');
