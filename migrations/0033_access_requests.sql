-- Who asked for access and what became of it, and an index by which a refusal is found by the short reference that
-- people read out. New tables and one index on events, which is built while writers of that table wait; old and new
-- servers can run side by side.

create table access.requests (
  tenant_id uuid not null,
  id uuid not null,
  -- `here`: somebody of this organisation answers. `partner`: one of ours asks another organisation, which answers.
  put_to text not null check (put_to in ('here', 'partner')),
  -- The refusal; one that a partner gave is known to it alone.
  decision_id uuid not null,
  -- An account here, or an address of another organisation's domains.
  asker_kind text not null check (asker_kind in ('account', 'visitor')),
  asker_id text not null,
  asker_name text not null,
  -- Where the asker is at home, and what the request is called there.
  asker_tenant_id uuid,
  asker_request_id uuid,
  partner_tenant_id uuid,
  partner_name text,
  question text,
  input jsonb,
  wanted text,
  -- The accounts that can give what lacks; and whether administrators can change what stands in the way.
  owner_ids uuid[] not null default '{}',
  is_for_administrators boolean not null default false,
  message text not null,
  -- A digest of who asks for what: the same asked again is one request.
  same text not null,
  times integer not null default 1,
  state text not null check (state in ('open', 'granted', 'declined', 'expired')),
  note text,
  answered_by text,
  answered_by_name text,
  asked_at timestamptz not null,
  last_asked_at timestamptz not null,
  answered_at timestamptz,
  expires_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index requests_open on access.requests (tenant_id, same) where state = 'open';
create index requests_by_asker on access.requests (tenant_id, asker_id, id);
create index requests_by_state on access.requests (tenant_id, state, id);
create index requests_by_owner on access.requests using gin (owner_ids);
call platform.tenant_table('access.requests');

create index refusals_by_reference on audit.events (tenant_id, right(id::text, 8)) where action = 'access.refused';
