-- Parting when an agreement ends, notices of rights that outsiders hold, sign-offs of the ledger, and reviews of guests.
-- New tables, new columns and indexes on grants, which are built while writers of that table wait; old and new servers
-- can run side by side.

-- Set: only rights of these kinds end, which stood on the agreement; the organisation stays a partner.
alter table partners.endings add column agreement_id uuid;
alter table partners.endings add column kinds text[];
create index endings_running on partners.endings (tenant_id) where state = 'running';

-- What the owner of what is shared was told of a right that somebody outside holds.
alter table access.grants add column told_shared_at timestamptz;
alter table access.grants add column told_opened_at timestamptz;
alter table access.grants add column told_ending_at timestamptz;
create index grants_outside_by_id on access.grants (tenant_id, id) where home_domain is not null;
create index grants_untold_shared on access.grants (tenant_id, given_at)
  where home_domain is not null and told_shared_at is null;
create index grants_untold_opened on access.grants (tenant_id, last_used_at)
  where home_domain is not null and told_opened_at is null and last_used_at is not null;

-- Who looked the ledger over, when, and what it was then.
create table access.sign_offs (
  tenant_id uuid not null,
  id uuid not null,
  signed_by uuid,
  signed_by_name text not null,
  signed_at timestamptz not null,
  -- What was looked at: all that outsiders hold, or of one organisation.
  home_domain text,
  rights integer not null,
  unused integer not null,
  -- Over every right, so that it can be told whether anything has changed since.
  digest text not null,
  comment text,
  primary key (tenant_id, id)
);
call platform.tenant_table('access.sign_offs');

create table directory.reviews (
  tenant_id uuid not null,
  id uuid not null,
  title text not null,
  started_by text not null,
  started_at timestamptz not null,
  due_at timestamptz not null,
  -- What becomes of a guest about whom nobody answers.
  without_answer text not null check (without_answer in ('keep', 'end')),
  -- The domain whose guests are looked at; null: all.
  organisation text,
  reminded_at timestamptz,
  closed_at timestamptz,
  state text not null check (state in ('open', 'closed', 'cancelled')),
  primary key (tenant_id, id)
);
create index reviews_open on directory.reviews (tenant_id, due_at) where state = 'open';
call platform.tenant_table('directory.reviews');

create table directory.review_items (
  tenant_id uuid not null,
  review_id uuid not null,
  account_id uuid not null,
  answer text check (answer in ('keep', 'end')),
  -- Null where nobody answered and the default was taken.
  answered_by text,
  answered_at timestamptz,
  primary key (tenant_id, review_id, account_id),
  foreign key (tenant_id, review_id) references directory.reviews on delete cascade,
  foreign key (tenant_id, account_id) references directory.accounts on delete cascade
);
create index review_items_open on directory.review_items (tenant_id, account_id) where answer is null;
call platform.tenant_table('directory.review_items');

-- Whoever is made a guest has from the first minute somebody who answers for them, and an end.
create function directory.guest_is_answered_for() returns trigger language plpgsql as $$
begin
  if exists (select from directory.accounts a
              where a.tenant_id = new.tenant_id and a.id = new.account_id and a.user_type = 'Guest'
                and (a.ends_at is null or not exists (select from directory.sponsors s
                       where s.tenant_id = a.tenant_id and s.account_id = a.id))) then
    raise exception 'a guest needs a sponsor and an end' using constraint = 'guest_is_answered_for';
  end if;
  return null;
end $$;
create constraint trigger guest_is_answered_for after insert on directory.guests
  deferrable initially deferred for each row execute function directory.guest_is_answered_for();
