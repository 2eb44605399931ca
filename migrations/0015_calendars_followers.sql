-- What followers of a view are told is gone of a series that is still there, and the words that people sort events with.
-- A new table, and a new column.

create table calendars.occurrence_removals (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  recurrence_id text not null,
  removed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, object_id, recurrence_id),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade
);
create index occurrence_removals_by_time on calendars.occurrence_removals (tenant_id, removed_at);
create trigger version before insert or update on calendars.occurrence_removals for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.occurrence_removals');

-- [{ id, displayName, color }]: what events and tasks may be sorted by.
alter table calendars.mailboxes add column categories jsonb not null default '[]';
