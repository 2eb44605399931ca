-- Groups that come with the people of another organisation, and which run is at work. New columns and a new table: old
-- and new servers can run side by side.

-- The run that is at work until busy_until. The same run, begun again, was killed: it need not wait for that.
alter table directory.sync_jobs add column busy_by uuid;
-- Something changed while a run was at work: at its end it is followed by another one.
alter table directory.sync_jobs add column is_wanted_again boolean not null default false;
-- SHA-256 of the groups that the other organisation was last told; null: none.
alter table directory.sync_jobs add column groups_digest bytea;

-- Groups that were brought here by another organisation, by their ids there.
create table directory.brought_groups (
  tenant_id uuid not null,
  group_id uuid not null,
  home_tenant_id uuid not null,
  home_group_id uuid not null,
  primary key (tenant_id, group_id),
  unique (tenant_id, home_tenant_id, home_group_id),
  foreign key (tenant_id, group_id) references directory.groups (tenant_id, id) on delete cascade
);
call platform.tenant_table('directory.brought_groups');
