-- What decisions stand on (grants, licences, people, calendars) as one number for each tenant, so that a server that
-- keeps such facts in memory can ask whether they are still so. A new table, and triggers on tables that exist: each
-- locks its table for a moment.

create table access.grounds (
  tenant_id uuid primary key,
  -- The transaction that last changed any of it.
  version bigint not null
);
call platform.tenant_table('access.grounds');
-- Written by the trigger below with the rights of the owner: rows change in the hands of the application, of a restore,
-- and of whoever mends them.
create policy owner_inserts on access.grounds for insert to current_user with check (true);
create policy owner_updates on access.grounds for update to current_user using (true);

create function access.set_ground() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  tenant uuid := case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end;
  current bigint := pg_current_xact_id()::text::bigint;
begin
  insert into access.grounds as g (tenant_id, version) values (tenant, current)
    on conflict (tenant_id) do update set version = current where g.version <> current;
  return null;
end $$;
revoke all on function access.set_ground from public;

-- Makes a table part of the grounds. `changed` says which of its changes matter. The number is written at the very end
-- of a transaction: two that change different things then wait for each other nowhere but there. A purge says nothing:
-- of its tenant nothing is left to decide.
create procedure access.ground(name regclass, changed text default 'old.* is distinct from new.*')
  language plpgsql as $$
begin
  execute format('create constraint trigger ground after insert or delete on %s deferrable initially deferred
    for each row when (coalesce(current_setting(''entente.purged_tenant'', true), '''') = '''')
    execute function access.set_ground()', name);
  execute format('create constraint trigger ground_changed after update on %s deferrable initially deferred
    for each row when (%s) execute function access.set_ground()', name, changed);
end $$;
-- Not when a right was last used.
call access.ground('access.grants', 'old.kind <> new.kind or old.subject_kind <> new.subject_kind
  or old.subject_id <> new.subject_id or old.object_kind <> new.object_kind or old.object_id <> new.object_id
  or old.level <> new.level or old.path <> new.path or old.ends_at is distinct from new.ends_at');
call access.ground('tenants.subscriptions');
call access.ground('tenants.licence_assignments');
-- A version stays where only the last sign-in was noted.
call access.ground('directory.accounts', 'old.version <> new.version');
call access.ground('directory.groups', 'old.version <> new.version');
call access.ground('directory.addresses');
call access.ground('calendars.mailboxes');
call access.ground('calendars.calendars');

-- Asked for the requests of many tenants at once, and so outside of any: tells numbers, and of no tenant that there is one.
create function access.grounds_of(tenants uuid[]) returns setof bigint
  language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(g.version, 0)
    from unnest(tenants) with ordinality as asked(tenant_id, n) left join access.grounds g using (tenant_id)
   order by n
$$;
revoke all on function access.grounds_of from public;
grant execute on function access.grounds_of to entente_app;

-- The newest version of what is in calendars and of their mailboxes, and whether every transaction up to it has ended.
-- Asked like the above, for those who have been found to read there; 0 for a calendar that is none.
create function calendars.versions_of(tenants uuid[], wanted uuid[])
  returns table (version bigint, is_settled boolean)
  language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(v.version, 0), coalesce(v.version < pg_snapshot_xmin(pg_current_snapshot())::text::bigint, false)
    from rows from (unnest(tenants), unnest(wanted)) with ordinality as asked(tenant_id, id, n)
    left join lateral (
      select greatest(c.version, m.version,
               (select max(o.version) from calendars.objects o
                 where o.tenant_id = asked.tenant_id and o.calendar_id = asked.id),
               (select max(r.version) from calendars.removals r
                 where r.tenant_id = asked.tenant_id and r.calendar_id = asked.id)) as version
        from calendars.calendars c join calendars.mailboxes m using (tenant_id, owner_kind, owner_id)
       where c.tenant_id = asked.tenant_id and c.id = asked.id) as v on true
   order by n
$$;
revoke all on function calendars.versions_of from public;
grant execute on function calendars.versions_of to entente_app;

-- Whether anybody has asked to be told of a change. The lock comes first and the look after it, in one statement: while
-- this transaction is open, nobody begins to follow who would not be told of what it did.
create function audit.is_followed(tenant uuid, followed text, thing text, change text, at timestamptz) returns boolean
  language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(tenant::text, 7164));
  return exists (select from audit.subscriptions s
                  where s.tenant_id = tenant and s.collection = followed and (s.object_id is null or s.object_id = thing)
                    and change = any (s.change_types) and s.expires_at > at);
end $$;
revoke all on function audit.is_followed from public;
grant execute on function audit.is_followed to entente_app;

-- An object to be changed, for one writer at a time, in one statement. Where people meet in it (a key is given), whoever
-- changes any copy of the meeting waits for the one before, and looks only then.
create function calendars.take_object(tenant uuid, calendar uuid, named text, meeting text)
  returns setof calendars.objects
  language plpgsql as $$
begin
  if meeting is not null then perform pg_advisory_xact_lock(hashtextextended(meeting, 7163)); end if;
  return query select * from calendars.objects o
    where o.tenant_id = tenant and o.calendar_id = calendar and o.name = named for update;
end $$;
revoke all on function calendars.take_object from public;
grant execute on function calendars.take_object to entente_app;
