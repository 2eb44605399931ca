-- Address books of other organisations that somebody here opened. What is in them is asked for when it is read.
create table calendars.book_subscriptions (
  tenant_id uuid not null references tenants.tenants,
  id uuid not null,
  account_id uuid not null,
  partner_tenant_id uuid not null,
  partner_book_id uuid not null,
  -- As the partner last told.
  name text not null,
  owner_name text not null,
  owner_address text not null,
  organisation_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint book_subscriptions_once unique (tenant_id, account_id, partner_tenant_id, partner_book_id)
);
call platform.tenant_table('calendars.book_subscriptions');
