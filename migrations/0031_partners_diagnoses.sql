-- Tests of partnerships: what each found, and how those by the clock stand. New tables only; old and new servers can run
-- side by side.

create table partners.diagnoses (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid not null,
  partner_name text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  -- Whose times were looked up there.
  mailbox text,
  is_healthy boolean not null,
  -- As our administrators see each step, and as those of the partner may.
  steps jsonb not null,
  told jsonb not null,
  -- SHA-256 of the secret in the address at which the partner's administrators see it.
  link_digest bytea,
  link_ends_at timestamptz,
  primary key (tenant_id, id)
);
create index diagnoses_by_partner on partners.diagnoses (tenant_id, partner_tenant_id, asked_at);
create unique index diagnoses_by_link on partners.diagnoses (tenant_id, link_digest) where link_digest is not null;
call platform.tenant_table('partners.diagnoses');

create table partners.watches (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  checked_at timestamptz not null,
  -- Steps that failed when it was looked last.
  failing text[] not null,
  -- Those of them that turned bad since the first look: administrators are alerted while there are any.
  alarming text[] not null,
  -- Whether the partner says that it fails from its end.
  partner_alarm boolean not null,
  -- What the partner was told last.
  told_alarm boolean not null,
  alerted_at timestamptz,
  primary key (tenant_id, partner_tenant_id),
  foreign key (tenant_id, partner_tenant_id) references partners.partners on delete cascade
);
call platform.tenant_table('partners.watches');
