-- Mail that the server itself writes: what waits to go out, and what was delivered to people of this server until they
-- have mailboxes. New tables only.

create table platform.outgoing_mails (
  tenant_id uuid not null,
  id uuid not null,
  -- What kind of letter it is (`invitation`, `passcode`), and the guest, import or review it is about.
  kind text not null,
  about_id text,
  to_address text not null,
  to_name text,
  cc_addresses text[] not null default '{}',
  from_name text not null,
  reply_to text,
  subject text not null,
  -- Null once a letter with a secret has left: nobody needs the code again.
  body_text text,
  body_html text,
  -- Carries a code or ticket for its reader alone; administrators are not shown its body.
  is_secret boolean not null default false,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'delivered', 'failed')),
  attempts int not null default 0,
  last_error text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant_id, id)
);
create index outgoing_mails_by_time on platform.outgoing_mails (tenant_id, created_at desc, id desc);
create index outgoing_mails_by_about on platform.outgoing_mails (tenant_id, about_id) where about_id is not null;
call platform.tenant_table('platform.outgoing_mails');

-- In the recipient's tenant. Each letter once, by the id it left its sender with.
create table platform.delivered_mails (
  tenant_id uuid not null,
  id uuid not null,
  to_address text not null check (to_address = lower(to_address)),
  from_name text not null,
  reply_to text,
  subject text not null,
  body_text text not null,
  body_html text not null,
  received_at timestamptz not null,
  primary key (tenant_id, id, to_address)
);
create index delivered_mails_by_address on platform.delivered_mails (tenant_id, to_address, received_at desc);
call platform.tenant_table('platform.delivered_mails');
