-- Other organisations as each of ours knows them, and the keys with which it signs what it says to them. New tables only.

create schema partners;
grant usage on schema partners to entente_app;

create table partners.keys (
  tenant_id uuid not null,
  kid uuid not null,
  -- Ed25519, as JWK.
  public_jwk jsonb not null,
  -- The private JWK, sealed with the server's master key.
  private_sealed bytea not null,
  created_at timestamptz not null,
  -- Set when another key signs in its place; it is published as long as anything it signed may be checked.
  retired_at timestamptz,
  primary key (tenant_id, kid)
);
call platform.tenant_table('partners.keys');

create table partners.partners (
  tenant_id uuid not null,
  partner_tenant_id uuid not null check (partner_tenant_id <> tenant_id),
  display_name text not null,
  -- Where its document was found and is looked for again: a domain, with a port where it is not 443.
  found_at text not null,
  -- What the administrator confirmed: what the partner published about itself, with its signature.
  document jsonb not null,
  -- What it has published since and nobody here has confirmed.
  proposed jsonb,
  confirmed_at timestamptz not null,
  confirmed_by text not null,
  primary key (tenant_id, partner_tenant_id)
);
call platform.tenant_table('partners.partners');

-- Organisations nobody here knows yet that asked to be known: held until an administrator has looked.
create table partners.introductions (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  found_at text not null,
  document jsonb not null,
  introduced_at timestamptz not null,
  primary key (tenant_id, partner_tenant_id)
);
call platform.tenant_table('partners.introductions');

-- Only domains that were confirmed; each leads to one partner.
create table partners.domains (
  tenant_id uuid not null,
  name text not null,
  partner_tenant_id uuid not null,
  primary key (tenant_id, name),
  foreign key (tenant_id, partner_tenant_id) references partners.partners on delete cascade
);
create index domains_by_partner on partners.domains (tenant_id, partner_tenant_id);
call platform.tenant_table('partners.domains');

-- How each has answered lately. Its own table: it changes often, and losing it would cost nothing.
create table partners.health (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  answered_at timestamptz,
  failed_at timestamptz,
  -- The step that failed, as in diagnostics.
  failure text,
  -- In a row.
  failures integer not null default 0,
  -- The partner's clock less ours, in seconds.
  clock_skew integer not null default 0,
  primary key (tenant_id, partner_tenant_id),
  foreign key (tenant_id, partner_tenant_id) references partners.partners on delete cascade
);
call platform.tenant_table('partners.health');

-- A signed request counts once.
create table partners.nonces (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  nonce text not null,
  expires_at timestamptz not null,
  primary key (tenant_id, partner_tenant_id, nonce)
);
create index nonces_by_end on partners.nonces (tenant_id, expires_at);
call platform.tenant_table('partners.nonces');
