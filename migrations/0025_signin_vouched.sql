-- What a guest's home said of them when it was last asked. A new table only.
create table signin.vouched (
  tenant_id uuid not null,
  account_id uuid not null,
  home_lets_out boolean not null,
  is_active boolean not null,
  -- Ids of groups at home: of those that this organisation's policy names, the ones the guest is in.
  group_ids uuid[] not null,
  vouched_at timestamptz not null,
  primary key (tenant_id, account_id)
);
call platform.tenant_table('signin.vouched');
