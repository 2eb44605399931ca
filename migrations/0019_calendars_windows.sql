-- The kept part of endless series moves on by itself, which is no change of theirs that anybody who follows is told of.

drop trigger version on calendars.objects;
create trigger version before insert or update of calendar_id, name, uid, component, content, etag, schedule_tag
  on calendars.objects for each row execute function calendars.set_version();

-- Which series the part of is soon used up.
create index objects_expanded_to on calendars.objects (tenant_id, expanded_to) where expanded_to is not null;
