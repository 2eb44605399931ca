-- Guests: who was invited to what, how they prove an address, whom they want no mail from, and lists invited in bulk.
-- New tables only.

-- What an invitation knows of a guest beyond the account itself. One current row for each address, which is what keeps
-- two invitations at the same moment from making two guests.
create table directory.guests (
  tenant_id uuid not null,
  account_id uuid not null,
  -- The address as invited. Its holder in directory.addresses may be a contact, so it is searched for here.
  invited_address text not null check (invited_address = lower(invited_address)),
  invited_at timestamptz not null,
  invited_by text not null,
  reason text,
  consented_at timestamptz,
  -- Where the sweep for stale guests stands with this one; null: nothing is wrong.
  stale_stage text check (stale_stage in ('warned', 'disabled')),
  stale_since timestamptz,
  -- When somebody last said that the guest shall stay: staleness counts from here.
  kept_at timestamptz,
  -- The last who answered for the guest left; sign-in is blocked until a successor is named.
  orphaned_at timestamptz,
  -- The end of the stay was carried out: sessions ended, and written to the audit.
  ended_noted_at timestamptz,
  -- Set when the address was given to a later guest, the first one being deleted.
  released_at timestamptz,
  primary key (tenant_id, account_id),
  foreign key (tenant_id, account_id) references directory.accounts on delete cascade
);
create unique index guests_address_key on directory.guests (tenant_id, invited_address) where released_at is null;
create index guests_stale on directory.guests (tenant_id, stale_since) where stale_since is not null;
call platform.tenant_table('directory.guests');

create table directory.invitations (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  -- SHA-256 of the ticket in the link. The ticket itself is in the answer and in the letter, and nowhere else.
  ticket_hash bytea not null,
  purpose text not null check (purpose in ('invite', 'reset', 'convert')),
  invited_address text not null,
  redirect_url text not null,
  -- What the inviter wrote, for the page on which the guest decides.
  message text,
  inviter_name text not null,
  inviter_id text,
  is_mailed boolean not null,
  state text not null default 'PendingAcceptance'
    check (state in ('PendingAcceptance', 'InProgress', 'Completed', 'Error')),
  created_at timestamptz not null,
  completed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, account_id) references directory.accounts on delete cascade
);
create index invitations_by_account on directory.invitations (tenant_id, account_id, created_at desc);
call platform.tenant_table('directory.invitations');

-- Addresses that want no more invitations from this organisation.
create table directory.invitation_blocks (
  tenant_id uuid not null,
  address text not null check (address = lower(address)),
  blocked_at timestamptz not null,
  primary key (tenant_id, address)
);
-- Found by the address's owner, who is at home in none of the tenants.
create index invitation_blocks_by_address on directory.invitation_blocks (address);
call platform.tenant_table('directory.invitation_blocks');

-- One-time passcodes by mail. The host's own (nil tenant) prove an address on the page of blocked organisations.
create table directory.passcodes (
  tenant_id uuid not null,
  id uuid not null,
  address text not null check (address = lower(address)),
  salt bytea not null,
  code_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  attempts int not null default 0,
  used_at timestamptz,
  primary key (tenant_id, id)
);
create index passcodes_by_address on directory.passcodes (tenant_id, address, created_at desc);
call platform.tenant_table('directory.passcodes');

-- How often something was tried in the current window, by address and by client, so that all nodes count together.
create table directory.passcode_attempts (
  tenant_id uuid not null,
  counted text not null,
  window_start timestamptz not null,
  count int not null,
  primary key (tenant_id, counted, window_start)
);
create index passcode_attempts_old on directory.passcode_attempts (tenant_id, window_start);
call platform.tenant_table('directory.passcode_attempts');

-- Somebody showed that an address is theirs; the token they carry is kept as its hash.
create table directory.address_proofs (
  tenant_id uuid not null,
  token_hash bytea not null,
  address text not null check (address = lower(address)),
  expires_at timestamptz not null,
  primary key (tenant_id, token_hash)
);
call platform.tenant_table('directory.address_proofs');

create table directory.guest_imports (
  tenant_id uuid not null,
  id uuid not null,
  file_name text,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'finished', 'cancelled')),
  origin text not null,
  -- On whose authority each line is invited. A person's roles are read again when the work is done.
  actor jsonb not null,
  created_by_name text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index guest_imports_by_time on directory.guest_imports (tenant_id, created_at desc);
call platform.tenant_table('directory.guest_imports');

create table directory.guest_import_lines (
  tenant_id uuid not null,
  import_id uuid not null,
  line int not null,
  address text not null,
  content jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'success', 'failure', 'cancelled')),
  code text,
  detail text,
  account_id uuid,
  primary key (tenant_id, import_id, line),
  foreign key (tenant_id, import_id) references directory.guest_imports on delete cascade
);
create index guest_import_lines_waiting on directory.guest_import_lines (tenant_id, import_id, line)
  where state = 'waiting';
call platform.tenant_table('directory.guest_import_lines');

-- Which tenants know an address as a guest's or as one that blocked them: asked by the host for the address's owner,
-- who has proven it, before any tenant is entered. Returns tenant ids and nothing of what is in them.
create function directory.tenants_knowing_address(wanted text) returns setof uuid
  language sql stable security definer set search_path = pg_catalog as $$
  select tenant_id from directory.guests where invited_address = lower(wanted) and released_at is null
  union
  select tenant_id from directory.invitation_blocks where address = lower(wanted)
$$;
revoke all on function directory.tenants_knowing_address from public;
grant execute on function directory.tenants_knowing_address to entente_app;
create index guests_by_address on directory.guests (invited_address) where released_at is null;

-- An invited address is looked for wherever one can stand (ID-33 waits for the answer).
create index accounts_by_other_mails on directory.accounts using gin (other_mails);
create index account_identities_by_subject on directory.account_identities (tenant_id, issuer_assigned_id);
