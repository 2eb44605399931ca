-- Meetings: messages that go out and come in, what is booked and by which rules, and who is reminded when. New tables,
-- and two new columns.

-- A calendar message that a letter carries: { method, text }. Null: a letter of words alone.
alter table platform.outgoing_mails add column calendar jsonb;

-- How an owner deals with meetings: { deliverTo, addTentatively, reminderMinutes }; what is left out is the default.
alter table calendars.mailboxes add column meetings jsonb not null default '{}';

-- One scheduling message to one person who is not at home here, from the change that made it until it is settled.
create table calendars.outgoing (
  tenant_id uuid not null,
  id uuid not null,
  -- The messages of one change leave together.
  batch_id uuid not null,
  -- Whose meeting or answer it is, and the event's UID: where its outcome is written.
  owner_kind text not null,
  owner_id uuid not null,
  uid text not null,
  method text not null,
  -- Lower case, both.
  sender text not null,
  sender_name text not null,
  recipient text not null,
  -- The iTIP message. Many rows of one batch may hold the same.
  content text not null,
  -- What the sender said beside it.
  comment text,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'delivered', 'failed')),
  -- As SCHEDULE-STATUS: 1.0 waiting, 1.1 sent, 1.2 delivered, 3.7 unknown, 3.8 refused, 5.1 not reached.
  status text not null default '1.0',
  attempts int not null default 0,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_kind, owner_id) references calendars.mailboxes on delete cascade
);
create index outgoing_by_batch on calendars.outgoing (tenant_id, batch_id) where state = 'waiting';
create index outgoing_by_time on calendars.outgoing (tenant_id, created_at);
call platform.tenant_table('calendars.outgoing');

-- Scheduling messages that came in, with what became of them: the schedule-inbox, and the proposals to decide on.
create table calendars.inbox (
  tenant_id uuid not null,
  id uuid not null,
  -- Who reads it: the owner of the calendar, or a delegate of theirs.
  owner_kind text not null,
  owner_id uuid not null,
  -- Whose calendar it acted on; the reader's own when it equals the owner.
  for_kind text not null,
  for_id uuid not null,
  -- A hash of who sent what: the same message twice is one.
  fingerprint text not null,
  sender text not null,
  method text not null,
  uid text not null,
  content text not null,
  comment text,
  -- What became of it: as the state machine says it.
  outcome text not null,
  -- Why its reader should not believe it; null: nothing is wrong.
  warning text,
  -- Of a COUNTER: whether the organiser has decided.
  proposal text check (proposal in ('open', 'accepted', 'declined')),
  -- The copy it is about, if there is one.
  object_id uuid,
  received_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_kind, owner_id) references calendars.mailboxes on delete cascade,
  constraint inbox_fingerprint_key unique (tenant_id, owner_kind, owner_id, for_kind, for_id, fingerprint)
);
create index inbox_by_time on calendars.inbox (tenant_id, received_at);
create index inbox_by_uid on calendars.inbox (tenant_id, for_kind, for_id, uid);
create trigger version before insert or update on calendars.inbox for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.inbox');

-- Rooms and equipment: accounts that nobody signs in to.
create table calendars.places (
  tenant_id uuid not null,
  account_id uuid not null,
  kind text not null check (kind in ('room', 'equipment')),
  capacity int check (capacity > 0),
  building text,
  floor_label text,
  label text,
  phone text,
  tags text[] not null default '{}',
  audio_device text,
  video_device text,
  display_device text,
  is_wheelchair_accessible boolean not null default false,
  address jsonb,
  geo jsonb,
  -- The rules of Set-CalendarProcessing; what is left out is the default.
  booking jsonb not null default '{}',
  created_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, account_id)
);
create trigger version before insert or update on calendars.places for each row
  execute function calendars.set_version();
call platform.tenant_table('calendars.places');

-- When each alarm of each event is due next, and those that were shown. Kept true in the event's own transaction.
create table calendars.reminders (
  tenant_id uuid not null,
  object_id uuid not null,
  -- Which alarm of the event, in the order they stand.
  alarm int not null,
  -- Which instance it is about; '' for an event that does not repeat.
  recurrence_id text not null,
  calendar_id uuid not null,
  account_id uuid not null,
  kind text not null check (kind in ('display', 'email')),
  -- Null: nothing more is due of it.
  due_at timestamptz,
  -- When it was shown and not put away since. Both null: it is over, and is not shown again.
  shown_at timestamptz,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  subject text,
  location text,
  primary key (tenant_id, object_id, alarm, recurrence_id),
  foreign key (tenant_id, object_id) references calendars.objects on delete cascade
);
create index reminders_due on calendars.reminders (tenant_id, due_at) where due_at is not null;
create index reminders_shown on calendars.reminders (tenant_id, account_id) where shown_at is not null;
create index reminders_over on calendars.reminders (tenant_id, ends_at) where due_at is null;
call platform.tenant_table('calendars.reminders');
