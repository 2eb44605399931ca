-- Organisations, their domains, and what each has set. New tables only.

create schema tenants;
grant usage on schema tenants to entente_app;

-- Not a tenant table: it is read before a tenant is known (sign-in by domain, the operator's list). It holds no
-- content, and another tenant's row is never shown to anyone but the operator.
create table tenants.tenants (
  tenant_id uuid primary key,
  display_name text not null check (length(display_name) between 1 and 256),
  initial_domain text not null,
  state text not null default 'active' check (state in ('active', 'suspended', 'deleted')),
  suspended_at timestamptz,
  -- Deleting is soft for 30 days, so that an operator's mistake can be undone.
  deleted_at timestamptz,
  created_at timestamptz not null,
  constraint tenants_initial_domain_key unique (initial_domain)
);
grant select, insert, update on tenants.tenants to entente_app;

-- Not a tenant table: sign-in, mail and chat find the tenant by the domain. A name can be claimed by many and verified
-- by one; which tenant holds a name is told to nobody but its holder.
create table tenants.domains (
  tenant_id uuid not null references tenants.tenants,
  name text not null check (name = lower(name)),
  -- What the TXT record must say. Public once published; worthless to anyone else.
  proof text not null,
  verified_at timestamptz,
  is_initial boolean not null default false,
  is_default boolean not null default false,
  supported_services text[] not null default '{}',
  created_at timestamptz not null,
  primary key (tenant_id, name)
);
create unique index domains_one_holder on tenants.domains (name) where verified_at is not null;
create unique index domains_one_default on tenants.domains (tenant_id) where is_default;
create unique index domains_one_initial on tenants.domains (tenant_id) where is_initial;
grant select, insert, update, delete on tenants.domains to entente_app;

create table tenants.settings (
  tenant_id uuid not null references tenants.tenants,
  declaration text not null,
  -- '' for the whole tenant; else the partner (tenant id or domain) or the container it is for.
  target text not null default '',
  name text not null,
  value jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  -- Set by an agreement and changed only through it.
  agreement_id uuid,
  primary key (tenant_id, declaration, target, name)
);
call platform.tenant_table('tenants.settings');

create table tenants.setting_changes (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  declaration text not null,
  target text not null,
  name text not null,
  -- Null means: not set, the default applies.
  old_value jsonb,
  new_value jsonb,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant_id, id)
);
create index setting_changes_by_name on tenants.setting_changes (tenant_id, declaration, target, name, changed_at desc);
call platform.tenant_table('tenants.setting_changes');

-- What a tenant has subscribed to; which plans a SKU holds stands in the code. Whether it may be used follows from the
-- dates, so that nothing has to run for a grace to end.
create table tenants.subscriptions (
  tenant_id uuid not null references tenants.tenants,
  sku text not null,
  -- Null: as many as wanted.
  units integer check (units >= 0),
  created_at timestamptz not null,
  suspended_at timestamptz,
  ends_at timestamptz,
  primary key (tenant_id, sku)
);
call platform.tenant_table('tenants.subscriptions');

create table tenants.licence_assignments (
  tenant_id uuid not null,
  sku text not null,
  subject_kind text not null check (subject_kind in ('account', 'group')),
  subject_id uuid not null,
  disabled_plans text[] not null default '{}',
  assigned_at timestamptz not null,
  assigned_by text not null,
  primary key (tenant_id, sku, subject_kind, subject_id),
  constraint licence_assignments_sku foreign key (tenant_id, sku) references tenants.subscriptions
);
create index licence_assignments_by_subject on tenants.licence_assignments (tenant_id, subject_id);
call platform.tenant_table('tenants.licence_assignments');

-- Two pools per tenant, never lent to another one. Bytes.
create table tenants.storage_pools (
  tenant_id uuid not null references tenants.tenants,
  pool text not null check (pool in ('mailboxes', 'sites')),
  -- Null: as much as the disk has.
  limit_bytes bigint check (limit_bytes >= 0),
  used_bytes bigint not null default 0,
  primary key (tenant_id, pool),
  constraint storage_pools_used_is_positive check (used_bytes >= 0)
);
call platform.tenant_table('tenants.storage_pools');

-- Where accounts and mail come from besides this server. A source serves one tenant of all on this server (XC-9), so
-- its identity is unique across tenants: one of the few keys that do not begin with tenant_id.
create table tenants.directory_sources (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  kind text not null check (kind in ('ldap', 'scim', 'mail-connector')),
  display_name text not null check (length(display_name) between 1 and 256),
  -- What the source itself is known by: a directory's naming context and host, an agent's key.
  external_id text not null check (external_id = lower(external_id) and length(external_id) between 1 and 512),
  created_at timestamptz not null,
  created_by text not null,
  primary key (tenant_id, id),
  constraint directory_sources_one_tenant unique (kind, external_id)
);
call platform.tenant_table('tenants.directory_sources');

-- Empties every tenant table of a deleted tenant, then forgets the tenant. The application cannot remove what the audit
-- holds, so it runs as the owner; it touches only the tenant it is told, and only once that is marked as deleted.
create function tenants.purge_tenant(purged uuid) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
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
end $$;
revoke all on function tenants.purge_tenant from public;
grant execute on function tenants.purge_tenant to entente_app;

-- Sums over all tenants, for the operator: amounts and no content. One answer instead of a visit to each tenant.
create function tenants.server_usage() returns table (kind text, name text, used numeric, allowed numeric, unlimited bigint)
  language sql stable security definer set search_path = pg_catalog as $$
  select 'tenants', t.state, count(*)::numeric, null::numeric, 0::bigint from tenants.tenants t group by t.state
  union all
  select 'storage', p.pool, sum(p.used_bytes), sum(p.limit_bytes), count(*) filter (where p.limit_bytes is null)
    from tenants.storage_pools p group by p.pool
  union all
  select 'licences', s.sku, null::numeric, sum(s.units), count(*) filter (where s.units is null)
    from tenants.subscriptions s group by s.sku
$$;
revoke all on function tenants.server_usage from public;
grant execute on function tenants.server_usage to entente_app;
