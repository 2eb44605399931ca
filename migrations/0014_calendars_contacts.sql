-- People's own address books, and the contacts in them. New tables only.

create table calendars.address_books (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  account_id uuid not null,
  name text not null check (length(name) between 1 and 255),
  -- Its last path segment over CardDAV; a client chooses it when it makes one.
  slug text not null check (length(slug) between 1 and 255),
  description text,
  -- The one that everybody has, and that cannot be deleted.
  is_default boolean not null default false,
  -- Properties that clients keep there and we do not know: { '{namespace}name': '<xml/>' }.
  dead_properties jsonb not null default '{}',
  created_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id),
  constraint address_books_slug_key unique (tenant_id, account_id, slug)
);
create trigger version before insert or update on calendars.address_books for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.address_books');

-- One contact, or one list of contacts.
create table calendars.cards (
  tenant_id uuid not null,
  id uuid not null,
  book_id uuid not null,
  -- Its last path segment over CardDAV.
  name text not null check (length(name) between 1 and 255),
  uid text not null,
  -- As it was sent: everything a client put there comes back.
  content text not null,
  -- A hash of the content.
  etag text not null,
  -- FN, for lists and search.
  full_name text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, book_id) references calendars.address_books on delete cascade,
  constraint cards_name_key unique (tenant_id, book_id, name),
  constraint cards_uid_key unique (tenant_id, book_id, uid)
);
create index cards_by_version on calendars.cards (tenant_id, book_id, version);
create trigger version before insert or update on calendars.cards for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.cards');

-- What followers of an address book are told is gone.
create table calendars.card_removals (
  tenant_id uuid not null,
  book_id uuid not null,
  card_id uuid not null,
  name text not null,
  removed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, book_id, card_id),
  foreign key (tenant_id, book_id) references calendars.address_books on delete cascade
);
create index card_removals_by_version on calendars.card_removals (tenant_id, book_id, version);
create trigger version before insert or update on calendars.card_removals for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.card_removals');
