-- Settings as text: what was applied last of each group, to see what was changed by hand since; and what two
-- organisations were last told of how their settings stand to what they signed. New tables and columns only, so that
-- old and new servers run side by side.

create table tenants.settings_references (
  tenant_id uuid not null,
  declaration text not null,
  -- What is wanted for each target: [{ target, object, values }].
  wanted jsonb not null,
  applied_at timestamptz not null,
  applied_by text not null,
  primary key (tenant_id, declaration)
);
call platform.tenant_table('tenants.settings_references');

-- What differs from its reference and was told of, once for each value.
create table tenants.reported_drifts (
  tenant_id uuid not null,
  declaration text not null,
  target text not null,
  name text not null,
  value jsonb,
  reported_at timestamptz not null,
  primary key (tenant_id, declaration, target, name)
);
call platform.tenant_table('tenants.reported_drifts');

-- By term, how far our settings let the partner's people come, and what the partner last said of its own.
alter table partners.agreements add column reach jsonb not null default '{}';
alter table partners.agreements add column partner_reach jsonb not null default '{}';
