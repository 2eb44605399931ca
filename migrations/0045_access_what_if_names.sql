-- What a line of what-if calls somebody or something that comes to be by the change alone, and so is named nowhere else.
alter table access.what_if_lines add column subject_name text, add column object_name text;
-- The change itself would be refused, and "failure" says why: it is not that the answer could not be found.
alter table access.what_ifs add column is_refused boolean not null default false;
