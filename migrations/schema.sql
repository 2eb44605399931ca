-- The sum of all migrations, for reading. Written by a test; never edited, never run on a live database.

-- schemas

create schema access;
create schema audit;
create schema platform;
create schema signin;
create schema tenants;

-- extensions

create extension btree_gist with schema public;
create extension pg_trgm with schema public;

-- tables

create table access.grants (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  subject_kind text not null,
  subject_id text not null,
  object_kind text not null,
  object_id text not null,
  level text not null,
  path text default 'direct'::text not null,
  home_tenant_id uuid,
  home_domain text,
  given_by text not null,
  given_at timestamp with time zone not null,
  sponsor_id uuid,
  reason text,
  ends_at timestamp with time zone,
  last_used_at timestamp with time zone
);

create table audit.checkpoints (
  tenant_id uuid not null,
  size bigint not null,
  at timestamp with time zone not null,
  note text not null
);

create table audit.events (
  tenant_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  action text not null,
  category text not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  targets jsonb default '[]'::jsonb not null,
  result text not null,
  reason text,
  facts jsonb default '{}'::jsonb not null,
  correlation_id uuid not null,
  request_id text not null,
  client_address text,
  sequence bigint,
  leaf_hash bytea
);

create table audit.logs (
  tenant_id uuid not null,
  private_key bytea not null,
  public_key text not null,
  size bigint default 0 not null,
  frontier bytea[] default '{}'::bytea[] not null
);

create table platform.migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone default now() not null
);

create table signin.application_secrets (
  tenant_id uuid not null,
  application_id uuid not null,
  id uuid not null,
  display_name text,
  hint text not null,
  hash bytea not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null
);

create table signin.applications (
  tenant_id uuid not null,
  id uuid not null,
  object_id uuid not null,
  display_name text not null,
  redirect_uris jsonb default '{"spa": [], "web": [], "native": []}'::jsonb not null,
  logout_uris text[] default '{}'::text[] not null,
  wanted_permissions jsonb default '[]'::jsonb not null,
  audience text default 'AzureADMyOrg'::text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  deleted_at timestamp with time zone
);

create table signin.artifacts (
  tenant_id uuid not null,
  kind text not null,
  id_hash bytea not null,
  payload jsonb not null,
  grant_hash bytea,
  uid_hash bytea,
  account_id uuid,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone
);

create table signin.attempts (
  tenant_id uuid not null,
  key text not null,
  count integer not null,
  window_ends_at timestamp with time zone not null
);

create table signin.consents (
  tenant_id uuid not null,
  id uuid not null,
  service_principal_id uuid not null,
  kind text not null,
  account_id uuid,
  permissions text[] not null,
  given_by text not null,
  given_at timestamp with time zone not null
);

create table signin.home_journeys (
  tenant_id uuid not null,
  state_hash bytea not null,
  interaction_uid text not null,
  home_tenant_id uuid not null,
  nonce text not null,
  code_verifier_sealed bytea not null,
  correlation_id uuid not null,
  expires_at timestamp with time zone not null
);

create table signin.passkeys (
  tenant_id uuid not null,
  id text not null,
  account_id uuid not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] default '{}'::text[] not null,
  display_name text not null,
  is_backed_up boolean not null,
  authenticator text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  cloned_at timestamp with time zone
);

create table signin.passwords (
  tenant_id uuid not null,
  account_id uuid not null,
  hash text not null,
  set_at timestamp with time zone not null,
  must_change boolean default false not null
);

create table signin.recovery_codes (
  tenant_id uuid not null,
  account_id uuid not null,
  hash bytea not null,
  used_at timestamp with time zone
);

create table signin.revoked_grants (
  tenant_id uuid not null,
  grant_id text not null,
  revoked_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);

create table signin.service_principals (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  application_tenant_id uuid not null,
  display_name text not null,
  is_enabled boolean default true not null,
  created_at timestamp with time zone not null
);

create table signin.sessions (
  tenant_id uuid not null,
  id text not null,
  account_id uuid not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  authenticated_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  methods text[] default '{}'::text[] not null,
  home_tenant_id uuid,
  client_address text,
  user_agent text
);

create table signin.signing_keys (
  tenant_id uuid not null,
  kid text not null,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamp with time zone not null,
  signs_from timestamp with time zone not null,
  published_until timestamp with time zone
);

create table signin.totp (
  tenant_id uuid not null,
  account_id uuid not null,
  secret_sealed bytea not null,
  confirmed_at timestamp with time zone,
  last_step bigint default 0 not null
);

create table tenants.domains (
  tenant_id uuid not null,
  name text not null,
  proof text not null,
  verified_at timestamp with time zone,
  is_initial boolean default false not null,
  is_default boolean default false not null,
  supported_services text[] default '{}'::text[] not null,
  created_at timestamp with time zone not null
);

create table tenants.setting_changes (
  tenant_id uuid not null,
  id uuid not null,
  declaration text not null,
  target text not null,
  name text not null,
  old_value jsonb,
  new_value jsonb,
  changed_at timestamp with time zone not null,
  changed_by text not null
);

create table tenants.settings (
  tenant_id uuid not null,
  declaration text not null,
  target text default ''::text not null,
  name text not null,
  value jsonb not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  agreement_id uuid
);

create table tenants.tenants (
  tenant_id uuid not null,
  display_name text not null,
  initial_domain text not null,
  state text default 'active'::text not null,
  suspended_at timestamp with time zone,
  deleted_at timestamp with time zone,
  created_at timestamp with time zone not null
);

-- functions and procedures

CREATE OR REPLACE FUNCTION platform.add_job(task text, payload json, run_at timestamp with time zone, max_attempts integer, job_key text, queue text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  perform graphile_worker.add_job(
    identifier => task, payload => payload, run_at => run_at,
    max_attempts => max_attempts, job_key => job_key, queue_name => queue);
end $function$
;

CREATE OR REPLACE FUNCTION platform.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('entente.tenant_id'::text, true), ''::text))::uuid
;

CREATE OR REPLACE PROCEDURE platform.tenant_table(IN name regclass)
 LANGUAGE plpgsql
AS $procedure$
declare
  owner text := (select pg_get_userbyid(relowner) from pg_class where oid = name);
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format('create policy tenant on %s for all to entente_app
    using (tenant_id = platform.current_tenant()) with check (tenant_id = platform.current_tenant())', name);
  execute format('create policy owner_reads on %s for select to %I using (true)', name, owner);
  -- What a purged tenant left is removed by the owner, since the application may not remove everything (the audit).
  execute format('create policy owner_purges on %s for delete to %I
    using (tenant_id = nullif(current_setting(''entente.purged_tenant'', true), '''')::uuid)', name, owner);
  execute format('grant select, insert, update, delete on %s to entente_app', name);
end $procedure$
;

CREATE OR REPLACE FUNCTION signin.tenant_of_application(wanted uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select tenant_id from signin.applications where id = wanted and deleted_at is null $function$
;

CREATE OR REPLACE FUNCTION signin.tenant_of_artifact(wanted_kind text, wanted_hash bytea)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select tenant_id from signin.artifacts where kind = wanted_kind and id_hash = wanted_hash $function$
;

CREATE OR REPLACE FUNCTION tenants.purge_tenant(purged uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
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
end $function$
;

-- constraints

alter table access.grants add constraint grants_pkey PRIMARY KEY (tenant_id, id);
alter table audit.checkpoints add constraint checkpoints_pkey PRIMARY KEY (tenant_id, size);
alter table audit.events add constraint events_pkey PRIMARY KEY (tenant_id, id);
alter table audit.logs add constraint logs_pkey PRIMARY KEY (tenant_id);
alter table platform.migrations add constraint migrations_pkey PRIMARY KEY (name);
alter table signin.application_secrets add constraint application_secrets_pkey PRIMARY KEY (tenant_id, application_id, id);
alter table signin.applications add constraint applications_pkey PRIMARY KEY (tenant_id, id);
alter table signin.artifacts add constraint artifacts_pkey PRIMARY KEY (tenant_id, kind, id_hash);
alter table signin.attempts add constraint attempts_pkey PRIMARY KEY (tenant_id, key);
alter table signin.consents add constraint consents_pkey PRIMARY KEY (tenant_id, id);
alter table signin.home_journeys add constraint home_journeys_pkey PRIMARY KEY (tenant_id, state_hash);
alter table signin.passkeys add constraint passkeys_pkey PRIMARY KEY (tenant_id, id);
alter table signin.passwords add constraint passwords_pkey PRIMARY KEY (tenant_id, account_id);
alter table signin.recovery_codes add constraint recovery_codes_pkey PRIMARY KEY (tenant_id, account_id, hash);
alter table signin.revoked_grants add constraint revoked_grants_pkey PRIMARY KEY (tenant_id, grant_id);
alter table signin.service_principals add constraint service_principals_pkey PRIMARY KEY (tenant_id, id);
alter table signin.sessions add constraint sessions_pkey PRIMARY KEY (tenant_id, id);
alter table signin.signing_keys add constraint signing_keys_pkey PRIMARY KEY (tenant_id, kid);
alter table signin.totp add constraint totp_pkey PRIMARY KEY (tenant_id, account_id);
alter table tenants.domains add constraint domains_pkey PRIMARY KEY (tenant_id, name);
alter table tenants.setting_changes add constraint setting_changes_pkey PRIMARY KEY (tenant_id, id);
alter table tenants.settings add constraint settings_pkey PRIMARY KEY (tenant_id, declaration, target, name);
alter table tenants.tenants add constraint tenants_pkey PRIMARY KEY (tenant_id);
alter table access.grants add constraint grants_once UNIQUE (tenant_id, object_kind, object_id, subject_kind, subject_id, kind, path);
alter table signin.applications add constraint applications_object_key UNIQUE (tenant_id, object_id);
alter table signin.consents add constraint consents_once UNIQUE NULLS NOT DISTINCT (tenant_id, service_principal_id, kind, account_id);
alter table signin.service_principals add constraint service_principals_application_key UNIQUE (tenant_id, application_id);
alter table tenants.tenants add constraint tenants_initial_domain_key UNIQUE (initial_domain);
alter table access.grants add constraint grants_path_check CHECK ((path = ANY (ARRAY['direct'::text, 'group'::text, 'team'::text, 'link'::text, 'agreement'::text, 'project'::text])));
alter table access.grants add constraint grants_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['account'::text, 'guest'::text, 'group'::text, 'domain'::text, 'tenant'::text, 'link'::text, 'anyone'::text, 'application'::text])));
alter table audit.events add constraint events_result_check CHECK ((result = ANY (ARRAY['success'::text, 'failure'::text])));
alter table signin.applications add constraint applications_audience_check CHECK ((audience = ANY (ARRAY['AzureADMyOrg'::text, 'AzureADMultipleOrgs'::text])));
alter table signin.applications add constraint applications_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table signin.consents add constraint consents_check CHECK (((kind = 'person'::text) = (account_id IS NOT NULL)));
alter table signin.consents add constraint consents_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'everyone'::text, 'application'::text])));
alter table tenants.domains add constraint domains_name_check CHECK ((name = lower(name)));
alter table tenants.tenants add constraint tenants_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256)));
alter table tenants.tenants add constraint tenants_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'deleted'::text])));
alter table signin.application_secrets add constraint application_secrets_tenant_id_application_id_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES signin.applications(tenant_id, id) ON DELETE CASCADE;
alter table signin.consents add constraint consents_tenant_id_service_principal_id_fkey FOREIGN KEY (tenant_id, service_principal_id) REFERENCES signin.service_principals(tenant_id, id) ON DELETE CASCADE;
alter table signin.signing_keys add constraint signing_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.domains add constraint domains_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.setting_changes add constraint setting_changes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);
alter table tenants.settings add constraint settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants.tenants(tenant_id);

-- indexes

CREATE INDEX grants_by_subject ON access.grants USING btree (tenant_id, subject_kind, subject_id);
CREATE INDEX grants_ending ON access.grants USING btree (ends_at) WHERE (ends_at IS NOT NULL);
CREATE INDEX grants_outside ON access.grants USING btree (tenant_id, home_domain, object_kind) WHERE (home_domain IS NOT NULL);
CREATE INDEX events_by_action ON audit.events USING btree (tenant_id, action, at DESC);
CREATE INDEX events_by_correlation ON audit.events USING btree (tenant_id, correlation_id);
CREATE UNIQUE INDEX events_by_sequence ON audit.events USING btree (tenant_id, sequence) WHERE (sequence IS NOT NULL);
CREATE INDEX events_by_time ON audit.events USING btree (tenant_id, at DESC, id DESC);
CREATE INDEX events_unsealed ON audit.events USING btree (tenant_id, id) WHERE (sequence IS NULL);
CREATE INDEX applications_by_id ON signin.applications USING btree (id);
CREATE INDEX artifacts_by_account ON signin.artifacts USING btree (tenant_id, account_id) WHERE (account_id IS NOT NULL);
CREATE INDEX artifacts_by_grant ON signin.artifacts USING btree (tenant_id, grant_hash) WHERE (grant_hash IS NOT NULL);
CREATE INDEX artifacts_by_uid ON signin.artifacts USING btree (tenant_id, uid_hash) WHERE (uid_hash IS NOT NULL);
CREATE INDEX artifacts_ending ON signin.artifacts USING btree (expires_at);
CREATE INDEX attempts_ending ON signin.attempts USING btree (window_ends_at);
CREATE INDEX passkeys_by_account ON signin.passkeys USING btree (tenant_id, account_id);
CREATE INDEX sessions_by_account ON signin.sessions USING btree (tenant_id, account_id, created_at DESC);
CREATE INDEX sessions_ending ON signin.sessions USING btree (tenant_id, ends_at);
CREATE UNIQUE INDEX domains_one_default ON tenants.domains USING btree (tenant_id) WHERE is_default;
CREATE UNIQUE INDEX domains_one_holder ON tenants.domains USING btree (name) WHERE (verified_at IS NOT NULL);
CREATE UNIQUE INDEX domains_one_initial ON tenants.domains USING btree (tenant_id) WHERE is_initial;
CREATE INDEX setting_changes_by_name ON tenants.setting_changes USING btree (tenant_id, declaration, target, name, changed_at DESC);

-- row-level security

alter table access.grants enable row level security;
alter table access.grants force row level security;
alter table audit.checkpoints enable row level security;
alter table audit.checkpoints force row level security;
alter table audit.events enable row level security;
alter table audit.events force row level security;
alter table audit.logs enable row level security;
alter table audit.logs force row level security;
alter table signin.application_secrets enable row level security;
alter table signin.application_secrets force row level security;
alter table signin.applications enable row level security;
alter table signin.applications force row level security;
alter table signin.artifacts enable row level security;
alter table signin.artifacts force row level security;
alter table signin.attempts enable row level security;
alter table signin.attempts force row level security;
alter table signin.consents enable row level security;
alter table signin.consents force row level security;
alter table signin.home_journeys enable row level security;
alter table signin.home_journeys force row level security;
alter table signin.passkeys enable row level security;
alter table signin.passkeys force row level security;
alter table signin.passwords enable row level security;
alter table signin.passwords force row level security;
alter table signin.recovery_codes enable row level security;
alter table signin.recovery_codes force row level security;
alter table signin.revoked_grants enable row level security;
alter table signin.revoked_grants force row level security;
alter table signin.service_principals enable row level security;
alter table signin.service_principals force row level security;
alter table signin.sessions enable row level security;
alter table signin.sessions force row level security;
alter table signin.signing_keys enable row level security;
alter table signin.signing_keys force row level security;
alter table signin.totp enable row level security;
alter table signin.totp force row level security;
alter table tenants.setting_changes enable row level security;
alter table tenants.setting_changes force row level security;
alter table tenants.settings enable row level security;
alter table tenants.settings force row level security;

-- policies

create policy owner_purges on access.grants for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on access.grants for select to current_user using (true);
create policy tenant on access.grants for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.checkpoints for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.checkpoints for select to current_user using (true);
create policy tenant on audit.checkpoints for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.events for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.events for select to current_user using (true);
create policy tenant on audit.events for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on audit.logs for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on audit.logs for select to current_user using (true);
create policy tenant on audit.logs for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.application_secrets for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.application_secrets for select to current_user using (true);
create policy tenant on signin.application_secrets for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.applications for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.applications for select to current_user using (true);
create policy tenant on signin.applications for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.artifacts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.artifacts for select to current_user using (true);
create policy tenant on signin.artifacts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.attempts for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.attempts for select to current_user using (true);
create policy tenant on signin.attempts for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.consents for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.consents for select to current_user using (true);
create policy tenant on signin.consents for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.home_journeys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.home_journeys for select to current_user using (true);
create policy tenant on signin.home_journeys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.passkeys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.passkeys for select to current_user using (true);
create policy tenant on signin.passkeys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.passwords for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.passwords for select to current_user using (true);
create policy tenant on signin.passwords for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.recovery_codes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.recovery_codes for select to current_user using (true);
create policy tenant on signin.recovery_codes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.revoked_grants for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.revoked_grants for select to current_user using (true);
create policy tenant on signin.revoked_grants for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.service_principals for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.service_principals for select to current_user using (true);
create policy tenant on signin.service_principals for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.sessions for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.sessions for select to current_user using (true);
create policy tenant on signin.sessions for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.signing_keys for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.signing_keys for select to current_user using (true);
create policy tenant on signin.signing_keys for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on signin.totp for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on signin.totp for select to current_user using (true);
create policy tenant on signin.totp for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.setting_changes for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.setting_changes for select to current_user using (true);
create policy tenant on tenants.setting_changes for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));
create policy owner_purges on tenants.settings for delete to current_user using ((tenant_id = (NULLIF(current_setting('entente.purged_tenant'::text, true), ''::text))::uuid));
create policy owner_reads on tenants.settings for select to current_user using (true);
create policy tenant on tenants.settings for all to entente_app using ((tenant_id = platform.current_tenant())) with check ((tenant_id = platform.current_tenant()));

-- rights of the application

grant delete, insert, select, update on access.grants to entente_app;
grant delete, insert, select, update on audit.logs to entente_app;
grant delete, insert, select, update on signin.application_secrets to entente_app;
grant delete, insert, select, update on signin.applications to entente_app;
grant delete, insert, select, update on signin.artifacts to entente_app;
grant delete, insert, select, update on signin.attempts to entente_app;
grant delete, insert, select, update on signin.consents to entente_app;
grant delete, insert, select, update on signin.home_journeys to entente_app;
grant delete, insert, select, update on signin.passkeys to entente_app;
grant delete, insert, select, update on signin.passwords to entente_app;
grant delete, insert, select, update on signin.recovery_codes to entente_app;
grant delete, insert, select, update on signin.revoked_grants to entente_app;
grant delete, insert, select, update on signin.service_principals to entente_app;
grant delete, insert, select, update on signin.sessions to entente_app;
grant delete, insert, select, update on signin.signing_keys to entente_app;
grant delete, insert, select, update on signin.totp to entente_app;
grant delete, insert, select, update on tenants.domains to entente_app;
grant delete, insert, select, update on tenants.setting_changes to entente_app;
grant delete, insert, select, update on tenants.settings to entente_app;
grant execute on function platform.add_job(text,json,timestamp with time zone,integer,text,text) to entente_app;
grant execute on function signin.tenant_of_application(uuid) to entente_app;
grant execute on function signin.tenant_of_artifact(text,bytea) to entente_app;
grant execute on function tenants.purge_tenant(uuid) to entente_app;
grant insert, select on audit.checkpoints to entente_app;
grant insert, select on audit.events to entente_app;
grant insert, select, update on tenants.tenants to entente_app;
grant update (leaf_hash) on audit.events to entente_app;
grant update (sequence) on audit.events to entente_app;
grant usage on schema access to entente_app;
grant usage on schema audit to entente_app;
grant usage on schema platform to entente_app;
grant usage on schema signin to entente_app;
grant usage on schema tenants to entente_app;
revoke all on function platform.add_job(text,json,timestamp with time zone,integer,text,text) from public;
revoke all on function signin.tenant_of_application(uuid) from public;
revoke all on function signin.tenant_of_artifact(text,bytea) from public;
revoke all on function tenants.purge_tenant(uuid) from public;
