-- Which history of an organisation a follower of changes has read. A token of `delta` counts transactions, and those of
-- a restored organisation are others. Old and new servers can run side by side: a server that does not know the table
-- asks nothing of it. A new table only.

create table directory.histories (
  tenant_id uuid not null references tenants.tenants,
  -- The transaction that wrote the row, here: a restore writes it anew, so that tokens from before fit no more.
  version bigint not null,
  primary key (tenant_id)
);
create trigger version before insert or update on directory.histories for each row
  execute function directory.set_version();
call platform.tenant_table('directory.histories');
