-- Calendars of people and groups, and what stands in them. New tables only.

create schema calendars;
grant usage on schema calendars to entente_app;

-- When a row last changed, as a transaction id: a follower that reads from its snapshot's xmin on misses nothing.
create function calendars.set_version() returns trigger
  language plpgsql as $$
begin
  new.version := pg_current_xact_id()::text::bigint;
  return new;
end $$;

-- What a person, room or group has once, whatever the number of calendars. Made with the first calendar.
create table calendars.mailboxes (
  tenant_id uuid not null references tenants.tenants,
  -- Rooms and equipment are accounts that nobody signs in to.
  owner_kind text not null check (owner_kind in ('account', 'group')),
  owner_id uuid not null,
  -- An IANA name. All-day events are busy in it.
  time_zone text not null,
  -- { daysOfWeek: ['monday'], startTime: '08:00', endTime: '17:00' }; times in `time_zone`.
  working_hours jsonb not null,
  -- VAVAILABILITY (RFC 7953) as a client sent it; then `working_hours` is derived from it.
  availability text,
  -- { status, externalAudience, internalReplyMessage, externalReplyMessage, startsAt, endsAt }
  automatic_replies jsonb not null default '{"status":"disabled"}',
  -- An object of the settings collection `calendars.sharing-policies`; null: the organisation's default policy.
  sharing_policy_id uuid,
  created_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, owner_kind, owner_id)
);
create index mailboxes_by_policy on calendars.mailboxes (tenant_id, sharing_policy_id) where sharing_policy_id is not null;
create trigger version before insert or update on calendars.mailboxes for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.mailboxes');

create table calendars.calendars (
  tenant_id uuid not null,
  id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  name text not null check (length(name) between 1 and 255),
  -- Its last path segment over CalDAV; a client chooses it when it makes one.
  slug text not null check (length(slug) between 1 and 255),
  color text,
  description text,
  -- An IANA name; null: the mailbox's.
  time_zone text,
  -- What may be put in it: VEVENT, VTODO.
  components text[] not null,
  -- The mailbox's own: what lookups of free/busy read, and what cannot be deleted.
  is_default boolean not null default false,
  -- Whether its events leave the owner free (RFC 6638 §9.1).
  is_transparent boolean not null default false,
  sort_order integer not null default 0,
  -- Properties that clients keep there and we do not know: { '{namespace}name': '<xml/>' }.
  dead_properties jsonb not null default '{}',
  created_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_kind, owner_id) references calendars.mailboxes on delete cascade,
  constraint calendars_slug_key unique (tenant_id, owner_kind, owner_id, slug)
);
create unique index calendars_default_key on calendars.calendars (tenant_id, owner_kind, owner_id) where is_default;
create trigger version before insert or update on calendars.calendars for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.calendars');

-- One iCalendar object: an event or a task, with the exceptions of its series.
create table calendars.objects (
  tenant_id uuid not null,
  id uuid not null,
  calendar_id uuid not null,
  -- Its last path segment over CalDAV.
  name text not null check (length(name) between 1 and 255),
  uid text not null,
  component text not null check (component in ('VEVENT', 'VTODO')),
  -- As it was sent, or as we last wrote it: everything a client put there comes back.
  content text not null,
  -- A hash of the content: two that are equal are the same, also after a restore into another server.
  etag text not null,
  -- Of the master, for lists and search.
  summary text,
  -- Lower case, without "mailto:"; null: nobody is invited.
  organizer text,
  is_recurring boolean not null,
  -- First start and last end; null ends: for ever, null both: a task without dates.
  starts_at timestamptz,
  ends_at timestamptz,
  -- The part of a series that stands in `occurrences`; null: all of it.
  expanded_from timestamptz,
  expanded_to timestamptz,
  -- Changes only with what the organiser said (RFC 6638 §3.2.10).
  schedule_tag text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade,
  constraint objects_name_key unique (tenant_id, calendar_id, name),
  constraint objects_uid_key unique (tenant_id, calendar_id, uid)
);
create index objects_by_uid on calendars.objects (tenant_id, uid);
create index objects_by_version on calendars.objects (tenant_id, calendar_id, version);
create index objects_partly_expanded on calendars.objects (tenant_id, calendar_id, expanded_to)
  where expanded_to is not null;
create trigger version before insert or update on calendars.objects for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.objects');

-- What followers of a calendar are told is gone.
create table calendars.removals (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  name text not null,
  uid text not null,
  removed_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, calendar_id, object_id),
  foreign key (tenant_id, calendar_id) references calendars.calendars on delete cascade
);
create index removals_by_version on calendars.removals (tenant_id, calendar_id, version);
create trigger version before insert or update on calendars.removals for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.removals');

-- Every instance of every event, kept true in the event's own transaction: what views, lookups of free/busy and
-- reports over a time read.
create table calendars.occurrences (
  tenant_id uuid not null,
  calendar_id uuid not null,
  object_id uuid not null,
  -- Which instance of a series, as its RECURRENCE-ID in UTC or a date; '' for an event that does not repeat.
  recurrence_id text not null,
  -- '[start,end)'; '[start,start]' for one without length, which overlaps the moment it stands at.
  period tstzrange not null,
  -- Days, not moments: shown as dates whatever the viewer's zone.
  is_all_day boolean not null,
  show_as text not null check (show_as in ('free', 'tentative', 'busy', 'oof', 'workingElsewhere')),
  is_cancelled boolean not null,
  -- CLASS other than PUBLIC: no detail of it leaves the owner and the delegates who may see private ones.
  is_private boolean not null,
  -- What is in a level above the mere time.
  subject text,
  location text,
  primary key (tenant_id, object_id, recurrence_id),
  foreign key (tenant_id, object_id) references calendars.objects on delete cascade
);
create index occurrences_by_time on calendars.occurrences using gist (tenant_id, calendar_id, period);
call platform.tenant_table('calendars.occurrences');
