-- What every module's tables stand on: the tenant of the open transaction, the policy that keeps tenants apart, and
-- the door to the job queue. Old and new servers can run side by side. Locks nothing that exists.

create schema if not exists platform;
grant usage on schema platform to entente_app;

-- Trigram and exclusion support; both ship with PostgreSQL and are trusted (no superuser needed).
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gist with schema public;

-- The tenant in whose name the transaction works; null outside one, and then no tenant row is visible.
create function platform.current_tenant() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('entente.tenant_id', true), '')::uuid;

-- Turns a table with a tenant_id into a tenant table: row-level security, forced, for the application role.
-- The owner keeps a read policy so that the few look-ups that come before a tenant is known can be written as
-- functions with the owner's rights (each says why it exists).
create procedure platform.tenant_table(name regclass)
  language plpgsql as $$
declare
  owner text := (select pg_get_userbyid(relowner) from pg_class where oid = name);
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format('create policy tenant on %s for all to entente_app
    using (tenant_id = platform.current_tenant()) with check (tenant_id = platform.current_tenant())', name);
  execute format('create policy owner_reads on %s for select to %I using (true)', name, owner);
  -- What a purged tenant left is removed by the owner, since the application may not remove everything (the audit).
  execute format('create policy owner_purges on %s for delete to %I
    using (tenant_id = nullif(current_setting(''entente.purged_tenant'', true), '''')::uuid)', name, owner);
  execute format('grant select, insert, update, delete on %s to entente_app', name);
end $$;

-- The job queue is the outbox: a job added in a transaction exists exactly when that transaction committed.
-- The application may add jobs and nothing else; the worker runs as the owner.
create function platform.add_job(
  task text, payload json, run_at timestamptz, max_attempts int, job_key text, queue text
) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform graphile_worker.add_job(
    identifier => task, payload => payload, run_at => run_at,
    max_attempts => max_attempts, job_key => job_key, queue_name => queue);
end $$;
revoke all on function platform.add_job from public;
grant execute on function platform.add_job to entente_app;

-- How the queue stands, by job: for the operator's health page. The application sees counts, no payloads.
create function platform.job_counts() returns table (task text, waiting bigint, failed bigint, oldest timestamptz)
  language sql stable security definer set search_path = pg_catalog as $$
  select j.task_identifier,
         count(*) filter (where j.attempts < j.max_attempts),
         count(*) filter (where j.attempts >= j.max_attempts),
         min(j.run_at) filter (where j.attempts < j.max_attempts)
    from graphile_worker.jobs j group by 1
$$;
revoke all on function platform.job_counts from public;
grant execute on function platform.job_counts to entente_app;
