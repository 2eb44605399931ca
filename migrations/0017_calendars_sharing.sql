-- Calendars that are shared outside: links that anybody opens, invitations to people of other organisations, and what
-- was accepted from there. New tables only.

-- An address at which a calendar is read without signing in: published, or shared with one address by a link.
create table calendars.links (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  -- The right that it stands on, a row of access.grants: once that is gone, lowered or ended, so is the link.
  grant_id uuid not null,
  -- SHA-256 of the token, to find it by; the token itself sealed, to show it again to the calendar's owner.
  token_hash bytea not null,
  token_sealed bytea not null,
  -- Another address of it, that can be guessed and may be indexed: `ann@fabrikam.example`; null: there is none.
  public_name text,
  -- What it shows around the present day.
  range_from text not null,
  range_to text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint links_grant_key unique (tenant_id, grant_id),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade
);
create index links_by_token on calendars.links (token_hash);
create index links_by_public_name on calendars.links (public_name) where public_name is not null;
call platform.tenant_table('calendars.links');

-- Whoever opens a link names no organisation. Answers whose it is and nothing else, to whoever holds the token or knows
-- the published name, which counts only in the organisation that holds its domain.
create function calendars.tenant_of_link(wanted_hash bytea, wanted_name text) returns uuid
  language sql stable security definer set search_path = pg_catalog as $$
  select tenant_id from calendars.links where token_hash = wanted_hash
  union all
  select l.tenant_id from calendars.links l
    join tenants.domains d on d.tenant_id = l.tenant_id and d.verified_at is not null
     and d.name = split_part(split_part(wanted_name, '@', 2), '~', 1)
   where l.public_name = wanted_name
  limit 1
$$;
revoke all on function calendars.tenant_of_link from public;
grant execute on function calendars.tenant_of_link to entente_app;

-- A letter that asks somebody of another organisation to add a calendar to their own.
create table calendars.invitations (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  -- The right that it is about, a row of access.grants: with it goes the invitation.
  grant_id uuid not null,
  -- Lower case; nobody else can accept.
  recipient_address text not null,
  token_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  primary key (tenant_id, id),
  constraint invitations_grant_key unique (tenant_id, grant_id),
  constraint invitations_token_key unique (tenant_id, token_hash),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade
);
call platform.tenant_table('calendars.invitations');

-- Calendars of other organisations that somebody here accepted. What is in them is asked for when it is read.
create table calendars.subscriptions (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  account_id uuid not null,
  partner_tenant_id uuid not null,
  partner_calendar_id uuid not null,
  -- As the partner last told; the name is the reader's own to change.
  name text not null,
  owner_name text not null,
  owner_address text,
  organisation_name text not null,
  color text,
  role text not null,
  -- Why it could not be read the last time; null: it could.
  failure text,
  checked_at timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint subscriptions_once unique (tenant_id, account_id, partner_tenant_id, partner_calendar_id)
);
call platform.tenant_table('calendars.subscriptions');
