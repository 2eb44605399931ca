-- Who has what: every right of every workload is a row here. New tables only.

create schema access;
grant usage on schema access to entente_app;

create table access.grants (
  tenant_id uuid not null,
  id uuid not null,
  -- Which module's kind of grant it is, and so who knows how to revoke it (`directory.role`, `groups.member`).
  kind text not null,
  subject_kind text not null check (subject_kind in
    ('account', 'guest', 'group', 'contact', 'domain', 'tenant', 'link', 'anyone', 'application')),
  subject_id text not null,
  object_kind text not null,
  object_id text not null,
  level text not null,
  path text not null default 'direct' check (path in ('direct', 'group', 'team', 'link', 'agreement', 'project')),
  -- For an outside subject: where it is at home, so that a partner's grants are found without a join.
  home_tenant_id uuid,
  home_domain text,
  given_by text not null,
  given_at timestamptz not null,
  sponsor_id uuid,
  reason text,
  ends_at timestamptz,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  constraint grants_once unique (tenant_id, object_kind, object_id, subject_kind, subject_id, kind, path)
);
-- "What does this subject have": the decision's query, for all subjects of a person at once. The kind stands last so
-- that looking for one kind (the roles of a person) stays cheap beside somebody's many rights of another.
create index grants_by_subject on access.grants (tenant_id, subject_kind, subject_id, kind);
-- "Who outside can reach anything": the ledger, by partner.
create index grants_outside on access.grants (tenant_id, home_domain, object_kind) where home_domain is not null;
create index grants_ending on access.grants (ends_at) where ends_at is not null;
call platform.tenant_table('access.grants');
