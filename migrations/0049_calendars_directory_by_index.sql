-- Under row-level security an index is read by a condition only if its functions are known to leak nothing
-- (pg_proc.proleakproof). `lower()`, `like` and the overlap of ranges are not among them: whoever was searched for by the
-- beginning of a name was found by reading every account of the tenant, a page of people was sorted out of all of them,
-- and a lookup of free/busy read every event that a calendar ever had.

-- Names stand in lower case in columns of their own, in the order of their code points: equality, beginnings (`^@`),
-- order and the next page are read from one index. Writes directory.accounts anew, once: some seconds for a million people.
alter table directory.accounts
  alter column user_principal_name_lower type text collate "C",
  alter column mail_lower type text collate "C",
  add column display_name_lower text collate "C" not null generated always as (lower(display_name)) stored;
drop index directory.accounts_by_name;
create index accounts_by_name on directory.accounts (tenant_id, display_name_lower, id) where deleted_at is null;
-- Guests are some among many: lists of them begin here.
create index accounts_guests on directory.accounts (tenant_id, id)
  where user_type = 'Guest' or creation_type = 'Invitation';

alter table directory.groups
  add column display_name_lower text collate "C" not null generated always as (lower(display_name)) stored;
drop index directory.groups_by_name;
create index groups_by_name on directory.groups (tenant_id, display_name_lower, id) where deleted_at is null;

alter table directory.contacts
  add column display_name_lower text collate "C" not null generated always as (lower(display_name)) stored,
  add column mail_lower text collate "C" generated always as (lower(mail)) stored;
drop index directory.contacts_by_name;
create index contacts_by_name on directory.contacts (tenant_id, display_name_lower, id) where deleted_at is null;
create index contacts_by_mail on directory.contacts (tenant_id, mail_lower) where deleted_at is null;

-- No condition of the application could read these.
drop index directory.accounts_by_words;
drop index directory.groups_by_words;

-- What stands in calendars of the tenant that the caller works in and overlaps a time, of each calendar at most so many:
-- the owner's right to read is what lets the range go into the index, and the tenant is asked for here.
create function calendars.overlapping(wanted uuid[], wanted_period tstzrange, with_cancelled boolean, at_most bigint)
  returns setof calendars.occurrences
  language sql stable security definer set search_path = pg_catalog as $$
  select o.*
    from unnest(wanted) as c(id)
   cross join lateral (
     select * from calendars.occurrences
      where tenant_id = platform.current_tenant() and calendar_id = c.id and period && wanted_period
        and (with_cancelled or not is_cancelled)
      limit at_most) o
$$;
revoke all on function calendars.overlapping from public;
grant execute on function calendars.overlapping to entente_app;

-- Like the above, whose further mail addresses an address is among.
create function directory.accounts_with_other_mail(wanted text[]) returns setof uuid
  language sql stable security definer set search_path = pg_catalog as $$
  select id from directory.accounts
   where tenant_id = platform.current_tenant() and deleted_at is null and other_mails && wanted
$$;
revoke all on function directory.accounts_with_other_mail from public;
grant execute on function directory.accounts_with_other_mail to entente_app;
