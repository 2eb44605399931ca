-- Under row-level security an index is read by a condition only if its functions are known to leak nothing; lower() is
-- not among them (pg_proc.proleakproof). So whoever was looked up by a name or an address was found by reading every
-- account of the tenant. What is looked up stands in columns of its own now, which plain equality finds. Writes
-- directory.accounts anew, once: some seconds for a million people.

alter table directory.accounts
  add column user_principal_name_lower text not null generated always as (lower(user_principal_name)) stored,
  add column mail_lower text generated always as (lower(mail)) stored;

drop index directory.accounts_user_principal_name_key;
create unique index accounts_user_principal_name_key on directory.accounts (tenant_id, user_principal_name_lower)
  where deleted_at is null;
drop index directory.accounts_by_mail;
create index accounts_by_mail on directory.accounts (tenant_id, mail_lower) where deleted_at is null;
