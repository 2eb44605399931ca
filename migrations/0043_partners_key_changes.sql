-- Keys of organisations follow one another: ours, and those of partners as they are known here.

alter table partners.keys
  -- Null: from the moment it was made.
  add column signs_from timestamptz,
  -- Set while a successor is made known: until then what it signs is taken.
  add column retires_at timestamptz,
  -- What the key before it signed about this one.
  add column succession jsonb,
  -- What it signed about itself when it was given up at once.
  add column withdrawal jsonb,
  -- Null once it signs no more: what is not there cannot be stolen.
  alter column private_sealed drop not null;

-- Every key that a partner was ever believed by, whatever it publishes now: what they signed is checked for ever.
create table partners.partner_keys (
  tenant_id uuid not null,
  partner_tenant_id uuid not null,
  kid text not null,
  -- Ed25519, as JWK.
  public_jwk jsonb not null,
  -- The key that answered for it, where one did.
  succeeds text,
  heard_at timestamptz not null,
  -- When an administrator confirmed it; null while the key before it answers for it alone.
  confirmed_at timestamptz,
  -- When it was heard that it signs no more.
  retired_at timestamptz,
  -- When it was heard that it is not to be believed any more.
  withdrawn_at timestamptz,
  primary key (tenant_id, partner_tenant_id, kid),
  foreign key (tenant_id, partner_tenant_id) references partners.partners on delete cascade
);
insert into partners.partner_keys (tenant_id, partner_tenant_id, kid, public_jwk, heard_at, confirmed_at)
select tenant_id, partner_tenant_id, key ->> 'kid', key, confirmed_at, confirmed_at
from partners.partners, jsonb_array_elements(document -> 'document' -> 'keys') as key
on conflict do nothing;
call platform.tenant_table('partners.partner_keys');

-- Where what is proposed was found, if not where the partner was found before.
alter table partners.partners add column proposed_at text;
