-- Whether somebody keeps this server running, asked from inside an organisation: its administrators do not reset such a
-- person's sign-in. The grant stands in the host's name, where an organisation's transaction sees nothing; this answers
-- yes or no of one account, and nothing else. A new function only; old and new servers can run side by side.

create function access.operates_server(wanted uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog as
  $$ select exists (select from access.grants
                     where tenant_id = '00000000-0000-0000-0000-000000000000' and kind = 'signin.operator'
                       and subject_kind = 'account' and subject_id = wanted::text
                       and (ends_at is null or ends_at > now())) $$;
revoke all on function access.operates_server from public;
grant execute on function access.operates_server to entente_app;
