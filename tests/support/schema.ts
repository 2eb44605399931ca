import pg from 'pg';

/** Schemas that are not ours: PostgreSQL's and the job queue's, which migrates itself. */
const OURS = `nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public', 'graphile_worker')`;

/**
 * The whole schema of a database as SQL that makes it again, in an order that depends on nothing but names. Equal texts
 * mean equal schemas.
 */
export async function printSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const lines = async (sql: string) =>
      (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line.replace(/\s+$/gm, ''));
    const parts: [string, string[]][] = [
      // A function may name one that stands below it.
      ['settings', ['set check_function_bodies = off;']],
      [
        'schemas',
        await lines(`select format('create schema %I;', nspname) as line from pg_namespace where ${OURS} order by 1`),
      ],
      [
        'extensions',
        await lines(`select format('create extension %I with schema %I;', extname, nspname) as line
          from pg_extension e join pg_namespace n on n.oid = extnamespace where extname <> 'plpgsql' order by 1`),
      ],
      [
        'tables',
        await lines(`select format(E'create table %I.%I (\\n%s\\n);', nspname, relname, string_agg(format('  %I %s%s%s', attname,
            format_type(atttypid, atttypmod),
            case when attgenerated = 's' then ' generated always as (' || pg_get_expr(adbin, adrelid) || ') stored'
                 when adbin is not null then ' default ' || pg_get_expr(adbin, adrelid) else '' end,
            case when attnotnull then ' not null' else '' end), E',\\n' order by attnum)) as line
          from pg_class c join pg_namespace n on n.oid = relnamespace
          join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
          left join pg_attrdef d on adrelid = c.oid and adnum = attnum
          where relkind = 'r' and ${OURS} group by nspname, relname order by nspname, relname`),
      ],
      [
        'functions and procedures',
        await lines(`select pg_get_functiondef(p.oid) || ';' as line from pg_proc p join pg_namespace n on n.oid = pronamespace
          where ${OURS} order by nspname, proname, pg_get_function_identity_arguments(p.oid)`),
      ],
      [
        'constraints',
        await lines(`select format('alter table %s add constraint %I %s;', conrelid::regclass, conname, pg_get_constraintdef(k.oid)) as line
          from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = c.relnamespace
          where contype in ('p', 'u', 'c', 'f', 'x') and ${OURS}
          order by array_position(array['p', 'u', 'x', 'c', 'f'], contype::text), conrelid::regclass::text, conname`),
      ],
      [
        'indexes',
        await lines(`select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
          join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
          where ${OURS} and not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))
          order by i.indexrelid::regclass::text`),
      ],
      [
        'triggers',
        await lines(`select pg_get_triggerdef(t.oid) || ';' as line from pg_trigger t join pg_class c on c.oid = tgrelid
          join pg_namespace n on n.oid = c.relnamespace where not tgisinternal and ${OURS} order by 1`),
      ],
      [
        'row-level security',
        await lines(`select format('alter table %s %s row level security;', c.oid::regclass, how) as line
          from pg_class c join pg_namespace n on n.oid = c.relnamespace,
               lateral (values ('enable', relrowsecurity), ('force', relforcerowsecurity)) as v(how, is_on)
          where relkind = 'r' and is_on and ${OURS} order by c.oid::regclass::text, how`),
      ],
      [
        'policies',
        await lines(`select format('create policy %I on %s for %s to %s%s%s;', polname, polrelid::regclass,
            case polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
            (select string_agg(case when rolname = current_user then 'current_user' else quote_ident(rolname) end, ', ' order by rolname)
               from pg_roles where oid = any (polroles)),
            coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', ''),
            coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '')) as line
          from pg_policy join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = c.relnamespace
          where ${OURS} order by polrelid::regclass::text, polname`),
      ],
      [
        'rights of the application',
        await lines(`
          select line from (
            select format('grant usage on schema %I to entente_app;', nspname) as line from pg_namespace
             where ${OURS} and has_schema_privilege('entente_app', oid, 'usage')
            union all
            select format('grant %s on %s to entente_app;', string_agg(lower(privilege_type), ', ' order by privilege_type), c.oid::regclass)
              from pg_class c join pg_namespace n on n.oid = relnamespace, aclexplode(relacl) a join pg_roles r on r.oid = a.grantee
             where relkind = 'r' and rolname = 'entente_app' and ${OURS} group by c.oid
            union all
            select format('grant %s (%I) on %s to entente_app;', lower(privilege_type), attname, c.oid::regclass)
              from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute t on attrelid = c.oid,
                   aclexplode(attacl) a join pg_roles r on r.oid = a.grantee
             where rolname = 'entente_app' and ${OURS}
            union all
            select format('revoke all on %s %s from public;', case prokind when 'p' then 'procedure' else 'function' end, p.oid::regprocedure)
              from pg_proc p join pg_namespace n on n.oid = pronamespace
             where proacl is not null and not exists (select from aclexplode(proacl) a where a.grantee = 0) and ${OURS}
            union all
            select format('grant execute on function %s to entente_app;', p.oid::regprocedure)
              from pg_proc p join pg_namespace n on n.oid = pronamespace, aclexplode(proacl) a join pg_roles r on r.oid = a.grantee
             where rolname = 'entente_app' and ${OURS}
          ) as rights order by line`),
      ],
      [
        'comments',
        await lines(`select format('comment on column %s.%I is %L;', c.oid::regclass, attname, description) as line
          from pg_description d join pg_class c on c.oid = objoid join pg_namespace n on n.oid = relnamespace
          join pg_attribute a on attrelid = c.oid and attnum = objsubid
          where classoid = 'pg_class'::regclass and objsubid > 0 and ${OURS} order by 1`),
      ],
    ];
    return parts
      .filter(([, found]) => found.length > 0)
      .map(
        ([title, found]) => `-- ${title}\n\n${found.join(found.some((line) => line.includes('\n')) ? '\n\n' : '\n')}\n`,
      )
      .join('\n');
  } finally {
    await client.end();
  }
}
