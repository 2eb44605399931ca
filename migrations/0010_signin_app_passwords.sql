-- Passwords for programs that know no other way to sign in (calendars, files, mail). A new table only.

create table signin.app_passwords (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  -- What it is for, in its person's words.
  name text not null check (length(name) between 1 and 100),
  -- SHA-256 of a secret of 128 random bits, which nothing slower protects better.
  hash bytea not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  -- Kept when it ended, so that its person can see what it was.
  ended_at timestamptz,
  primary key (tenant_id, id),
  constraint app_passwords_hash_key unique (tenant_id, hash)
);
create index app_passwords_by_account on signin.app_passwords (tenant_id, account_id, created_at);
call platform.tenant_table('signin.app_passwords');
