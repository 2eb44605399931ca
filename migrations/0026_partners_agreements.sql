-- Agreements: our copy of what two organisations said and signed. New tables only.

create table partners.agreements (
  tenant_id uuid not null,
  id uuid not null,
  partner_tenant_id uuid not null check (partner_tenant_id <> tenant_id),
  partner_domain text not null,
  partner_name text not null,
  -- Those of its domains that we know to be the partner's: of what it calls its own no others count.
  partner_domains text[] not null,
  created_at timestamptz not null,
  -- Ended, refused, or another stands in its place.
  is_over boolean not null default false,
  -- Since when what is kept here is not what was signed; and since when the partner says so of its own copy.
  broken_at timestamptz,
  partner_broken_at timestamptz,
  primary key (tenant_id, id)
);
-- Two organisations have one agreement with each other at a time.
create unique index agreements_one_living on partners.agreements (tenant_id, partner_tenant_id) where not is_over;
call platform.tenant_table('partners.agreements');

-- Content is the canonical JSON that is signed, kept as text so that every byte of it counts.
create table partners.agreement_versions (
  tenant_id uuid not null,
  agreement_id uuid not null,
  digest text not null,
  number integer not null,
  author_tenant_id uuid not null,
  content text not null,
  is_draft boolean not null,
  is_superseded boolean not null default false,
  received_at timestamptz not null,
  primary key (tenant_id, agreement_id, digest),
  foreign key (tenant_id, agreement_id) references partners.agreements on delete cascade
);
create unique index agreement_versions_by_number on partners.agreement_versions (tenant_id, agreement_id, number)
  where not is_superseded;
call platform.tenant_table('partners.agreement_versions');

create table partners.agreement_signatures (
  tenant_id uuid not null,
  agreement_id uuid not null,
  digest text not null,
  signer_tenant_id uuid not null,
  header text not null,
  signature text not null,
  -- The key it was checked with when it came, as canonical JSON.
  public_jwk text not null,
  -- Who signed for us; of the partner's people we know nothing.
  signed_by text,
  received_at timestamptz not null,
  primary key (tenant_id, agreement_id, digest, signer_tenant_id),
  foreign key (tenant_id, agreement_id, digest) references partners.agreement_versions on delete cascade
);
call platform.tenant_table('partners.agreement_signatures');

-- What one side changed alone, each side's counted by itself.
create table partners.agreement_amendments (
  tenant_id uuid not null,
  agreement_id uuid not null,
  author_tenant_id uuid not null,
  number integer not null,
  digest text not null,
  content text not null,
  header text not null,
  signature text not null,
  public_jwk text not null,
  made_by text,
  received_at timestamptz not null,
  primary key (tenant_id, agreement_id, author_tenant_id, number),
  foreign key (tenant_id, agreement_id) references partners.agreements on delete cascade
);
call platform.tenant_table('partners.agreement_amendments');

-- What goes to the partner, in this order, until it has arrived.
create table partners.agreement_messages (
  tenant_id uuid not null,
  id uuid not null,
  agreement_id uuid not null,
  request text not null,
  payload jsonb not null,
  state text not null check (state in ('waiting', 'delivered', 'refused')),
  attempts integer not null default 0,
  last_error text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, agreement_id) references partners.agreements on delete cascade
);
create index agreement_messages_waiting on partners.agreement_messages (tenant_id, agreement_id, id)
  where state = 'waiting';
call platform.tenant_table('partners.agreement_messages');
