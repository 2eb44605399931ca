-- What was last found out about each organization relationship when an administrator tried it. A new table only.

create table calendars.relationship_checks (
  tenant_id uuid not null references tenants.tenants,
  -- An object of the settings collection `calendars.organization-relationships`.
  relationship_id uuid not null,
  checked_at timestamptz not null,
  is_reachable boolean not null,
  -- Whether the partner lets our people look anything up; null: it did not say.
  partner_grants_us boolean,
  -- The domains that the partner named as its own: those that the relationship does not hold are a proposal.
  partner_domains text[] not null,
  primary key (tenant_id, relationship_id)
);
call platform.tenant_table('calendars.relationship_checks');
