-- Whether it is home that keeps somebody whom it has brought from coming: only then may it let them come again. Null of
-- those whom it last told of before this was kept; old and new servers can run side by side.
alter table directory.brought_people add column is_disabled_by_home boolean;
