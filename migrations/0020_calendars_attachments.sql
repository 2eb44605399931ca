-- Files of events, beside the text that names them: the bytes lie in the blob store. A new table only.
create table calendars.attachments (
  tenant_id uuid not null,
  -- As MANAGED-ID (RFC 8607 §4.1) in the event's ATTACH.
  id uuid not null,
  object_id uuid not null,
  name text not null check (length(name) between 1 and 255),
  content_type text not null,
  -- Bytes.
  size bigint not null,
  -- In hexadecimal.
  sha256 text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, object_id) references calendars.objects on delete cascade
);
create index attachments_by_object on calendars.attachments (tenant_id, object_id);
call platform.tenant_table('calendars.attachments');
