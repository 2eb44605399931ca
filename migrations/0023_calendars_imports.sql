-- Files that are taken in part by part, files that are sent in pieces, and reminders that were put off.

-- A calendar file on its way into a calendar. Its text lies in the blob store until it is through.
create table calendars.imports (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  -- Who sent it: in whose name each part is kept, and who sees how far it is.
  account_id uuid not null,
  state text not null check (state in ('waiting', 'done', 'cancelled', 'failed')),
  -- Why it failed, as a sentence.
  problem text,
  -- Events and tasks in the file, and how many of them are through: written together with what became of those.
  total int not null,
  done int not null default 0,
  created int not null default 0,
  changed int not null default 0,
  unchanged int not null default 0,
  -- [{ uid, summary, reason }]
  skipped jsonb not null default '[]',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade
);
create index imports_by_calendar on calendars.imports (tenant_id, calendar_id);
call platform.tenant_table('calendars.imports');

-- A file for an event that comes in pieces, at an address that is its own key. The pieces lie in the blob store.
create table calendars.uploads (
  tenant_id uuid not null,
  id uuid not null,
  token_hash bytea not null,
  -- Who began it: in whose name the whole is added to the event.
  actor jsonb not null,
  object_id uuid not null,
  -- '' for an event that does not repeat and for a series as a whole.
  recurrence_id text not null,
  name text not null,
  content_type text not null,
  size bigint not null,
  -- Bytes that came, all from the first on, and where each piece began.
  received bigint not null default 0,
  pieces bigint[] not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uploads_token_key unique (tenant_id, token_hash),
  foreign key (tenant_id, object_id) references calendars.objects on delete cascade
);
create index uploads_by_object on calendars.uploads (tenant_id, object_id);
create index uploads_ending on calendars.uploads (tenant_id, expires_at);
call platform.tenant_table('calendars.uploads');

-- Whether somebody chose when it is due, instead of the alarm.
alter table calendars.reminders add column is_put_off boolean not null default false;
