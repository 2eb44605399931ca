-- How people and programs prove who they are: keys, sessions, applications, consents, credentials, and what the
-- OpenID Connect provider must remember. New tables only.

create schema signin;
grant usage on schema signin to entente_app;

-- Each tenant signs with its own keys. A key is published before it signs and after it stopped, so that nobody's copy
-- of the key set is ever behind.
create table signin.signing_keys (
  tenant_id uuid not null references tenants.tenants,
  kid text not null,
  public_jwk jsonb not null,
  -- AES-256-GCM under the master key, which is a file in the data folder and never in the database.
  private_sealed bytea not null,
  created_at timestamptz not null,
  signs_from timestamptz not null,
  published_until timestamptz,
  primary key (tenant_id, kid)
);
call platform.tenant_table('signin.signing_keys');

-- A browser signed in, here with the account of this tenant (a guest's row stands in the tenant visited).
create table signin.sessions (
  tenant_id uuid not null,
  -- The provider's session uid, and the `sid` of its tokens.
  id text not null,
  account_id uuid not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  authenticated_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  methods text[] not null default '{}',
  -- Where a guest signed in; null for the tenant's own people.
  home_tenant_id uuid,
  client_address text,
  user_agent text,
  primary key (tenant_id, id)
);
create index sessions_by_account on signin.sessions (tenant_id, account_id, created_at desc);
create index sessions_ending on signin.sessions (tenant_id, ends_at);
call platform.tenant_table('signin.sessions');

create table signin.applications (
  tenant_id uuid not null,
  -- The client id (`appId` on the Graph wire); the object's own id beside it, since clients address both.
  id uuid not null,
  object_id uuid not null,
  display_name text not null check (length(display_name) between 1 and 256),
  -- Exact addresses, by the kind of client: { web, spa, native }.
  redirect_uris jsonb not null default '{"web":[],"spa":[],"native":[]}',
  logout_uris text[] not null default '{}',
  -- Which permissions it asks for: [{ name, kind: 'scope' | 'role' }].
  wanted_permissions jsonb not null default '[]',
  audience text not null default 'AzureADMyOrg' check (audience in ('AzureADMyOrg', 'AzureADMultipleOrgs')),
  created_at timestamptz not null,
  created_by text not null,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint applications_object_key unique (tenant_id, object_id)
);
call platform.tenant_table('signin.applications');

create table signin.application_secrets (
  tenant_id uuid not null,
  application_id uuid not null,
  id uuid not null,
  display_name text,
  -- The first three characters, so that an administrator can tell two apart.
  hint text not null,
  -- SHA-256 of a secret of 256 random bits, which nothing slower protects better.
  hash bytea not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  primary key (tenant_id, application_id, id),
  foreign key (tenant_id, application_id) references signin.applications (tenant_id, id) on delete cascade
);
call platform.tenant_table('signin.application_secrets');

-- An application as this tenant sees it: what may be consented to, switched off or removed here.
create table signin.service_principals (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  -- Where the application is registered; another tenant's for one that was consented to from elsewhere.
  application_tenant_id uuid not null,
  display_name text not null,
  is_enabled boolean not null default true,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint service_principals_application_key unique (tenant_id, application_id)
);
call platform.tenant_table('signin.service_principals');

create table signin.consents (
  tenant_id uuid not null,
  id uuid not null,
  service_principal_id uuid not null,
  -- `person`: for one account; `everyone`: given by an administrator; `application`: the program acting for itself.
  kind text not null check (kind in ('person', 'everyone', 'application')),
  account_id uuid,
  permissions text[] not null,
  given_by text not null,
  given_at timestamptz not null,
  primary key (tenant_id, id),
  check ((kind = 'person') = (account_id is not null)),
  constraint consents_once unique nulls not distinct (tenant_id, service_principal_id, kind, account_id),
  foreign key (tenant_id, service_principal_id) references signin.service_principals (tenant_id, id) on delete cascade
);
call platform.tenant_table('signin.consents');

create table signin.passwords (
  tenant_id uuid not null,
  account_id uuid not null,
  -- argon2id in PHC string form: parameters and salt travel with the hash, so they can be raised later.
  hash text not null,
  set_at timestamptz not null,
  must_change boolean not null default false,
  primary key (tenant_id, account_id)
);
call platform.tenant_table('signin.passwords');

create table signin.passkeys (
  tenant_id uuid not null,
  -- The credential id, base64url.
  id text not null,
  account_id uuid not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  display_name text not null,
  is_backed_up boolean not null,
  authenticator text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  -- Set when its counter ran backwards: two copies of one key exist, and it is refused from then on.
  cloned_at timestamptz,
  primary key (tenant_id, id)
);
create index passkeys_by_account on signin.passkeys (tenant_id, account_id);
call platform.tenant_table('signin.passkeys');

create table signin.passkey_challenges (
  tenant_id uuid not null,
  account_id uuid not null,
  challenge text not null,
  expires_at timestamptz not null,
  primary key (tenant_id, account_id)
);
call platform.tenant_table('signin.passkey_challenges');

create table signin.totp (
  tenant_id uuid not null,
  account_id uuid not null,
  secret_sealed bytea not null,
  -- Null while enrolment is not finished.
  confirmed_at timestamptz,
  -- The last time step accepted: a code works once (RFC 6238 §5.2).
  last_step bigint not null default 0,
  primary key (tenant_id, account_id)
);
call platform.tenant_table('signin.totp');

create table signin.recovery_codes (
  tenant_id uuid not null,
  account_id uuid not null,
  hash bytea not null,
  used_at timestamptz,
  primary key (tenant_id, account_id, hash)
);
call platform.tenant_table('signin.recovery_codes');

-- What the OpenID Connect provider keeps: sessions, codes, refresh tokens, grants, interactions. Found by the hash of
-- the secret, and sealed, since some of them name others: a copy of the database signs nobody in.
create table signin.artifacts (
  tenant_id uuid not null,
  kind text not null,
  id_hash bytea not null,
  payload_sealed bytea not null,
  grant_id text,
  -- The session it belongs to, or the one it is.
  session_id text,
  client_id text,
  account_id uuid,
  expires_at timestamptz not null,
  consumed_at timestamptz,
  primary key (tenant_id, kind, id_hash)
);
create index artifacts_by_grant on signin.artifacts (tenant_id, grant_id) where grant_id is not null;
create index artifacts_by_session on signin.artifacts (tenant_id, session_id) where session_id is not null;
create index artifacts_by_account on signin.artifacts (tenant_id, account_id) where account_id is not null;
create index artifacts_ending on signin.artifacts (expires_at);
call platform.tenant_table('signin.artifacts');

-- Grants whose tokens are no longer honoured, kept until the last of those tokens has expired by itself.
create table signin.revoked_grants (
  tenant_id uuid not null,
  grant_id text not null,
  revoked_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, grant_id)
);
call platform.tenant_table('signin.revoked_grants');

-- Attempts counted in windows, in the database so that a restart forgives nobody.
create table signin.attempts (
  tenant_id uuid not null,
  key text not null,
  count int not null,
  window_ends_at timestamptz not null,
  primary key (tenant_id, key)
);
create index attempts_ending on signin.attempts (window_ends_at);
call platform.tenant_table('signin.attempts');

-- The address `/common` names no tenant, but a code or a refresh token was issued by one. Answers its id and nothing
-- else, to whoever holds the secret itself.
create function signin.tenant_of_artifact(wanted_kind text, wanted_hash bytea) returns uuid
  language sql stable security definer set search_path = pg_catalog as
  $$ select tenant_id from signin.artifacts where kind = wanted_kind and id_hash = wanted_hash $$;
revoke all on function signin.tenant_of_artifact from public;
grant execute on function signin.tenant_of_artifact to entente_app;

-- A client of another tenant is consented to here before its registration can be read there. Answers where it is
-- registered.
create function signin.tenant_of_application(wanted uuid) returns uuid
  language sql stable security definer set search_path = pg_catalog as
  $$ select tenant_id from signin.applications where id = wanted and deleted_at is null $$;
revoke all on function signin.tenant_of_application from public;
grant execute on function signin.tenant_of_application to entente_app;
create index applications_by_id on signin.applications (id);
