import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/**
 * Tables that are no tenant's. Each is read before a tenant is known, or belongs to the server itself.
 */
const NO_TENANT: Readonly<Record<string, string>> = {
  'platform.migrations': 'what was applied to this database',
};
/** Tables with a tenant in their key that are looked up before it is known, so that row-level security cannot bind them. */
const LOOKED_UP: Readonly<Record<string, string>> = {
  'tenants.tenants': 'sign-in and the operator find a tenant by its id; holds no content',
  'tenants.domains': 'sign-in, mail and chat find the tenant by a domain; the holder is told to nobody',
};
/** Unique keys that must span all tenants, because the thing is one thing in the world. */
const ACROSS_TENANTS: Readonly<Record<string, string>> = {
  'platform.migrations_pkey': 'no tenant',
  'tenants.tenants_initial_domain_key': 'a domain belongs to one tenant',
  'tenants.domains_one_holder': 'a domain belongs to one tenant (XC-6)',
  'tenants.directory_sources_one_tenant': 'a source serves one tenant (XC-9)',
};

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
});
after(async () => {
  await client.end();
  await database.drop();
});

const OURS = `n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public', 'graphile_worker')`;

async function rows<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  return (await client.query<Row>(sql)).rows;
}

test('XC-10: every table has a tenant, or says why it has none', async () => {
  const tables = await rows<{ name: string; has_tenant: boolean }>(`
    select format('%s.%s', n.nspname, c.relname) as name,
           exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and attnotnull) as has_tenant
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and ${OURS}`);
  assert.ok(tables.length >= 8, 'the tables were found');
  for (const { name, has_tenant } of tables) {
    assert.ok(
      has_tenant !== name in NO_TENANT,
      `${name} ${has_tenant ? 'has a tenant but is listed as having none' : 'has no tenant'}`,
    );
  }
});

test('XC-10: every tenant table is kept apart by row-level security that binds its owner too', async () => {
  const tables = await rows<{ name: string; forced: boolean; policies: string[] }>(`
    select format('%s.%s', n.nspname, c.relname) as name, c.relrowsecurity and c.relforcerowsecurity as forced,
           array(select pg_get_expr(polqual, polrelid) || ' / ' || pg_get_expr(polwithcheck, polrelid)
                   from pg_policy where polrelid = c.oid and polcmd = '*') as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute on attrelid = c.oid and attname = 'tenant_id'
     where c.relkind in ('r', 'p') and ${OURS}`);
  const rule = '(tenant_id = platform.current_tenant())';
  for (const { name, forced, policies } of tables.filter((table) => !(table.name in LOOKED_UP))) {
    assert.ok(forced, `${name} is not bound by row-level security`);
    assert.deepEqual(policies, [`${rule} / ${rule}`], `${name} has another policy`);
  }
});

test('the database can be distributed by tenant: every key begins with it', async () => {
  const keys = await rows<{ name: string; first: string }>(`
    select format('%s.%s', n.nspname, i.relname) as name, a.attname as first
      from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
     where x.indisunique and ${OURS}`);
  for (const { name, first } of keys) {
    assert.ok((first === 'tenant_id') !== name in ACROSS_TENANTS, `${name} begins with ${first}`);
  }
});

test('the database can be distributed by tenant: a foreign key stays within one', async () => {
  const keys = await rows<{ name: string; definition: string }>(`
    select k.conrelid::regclass || '.' || conname as name, pg_get_constraintdef(k.oid) as definition
      from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = c.relnamespace
     where contype = 'f' and ${OURS}`);
  for (const { name, definition } of keys) {
    assert.match(definition, /FOREIGN KEY \(tenant_id\b.*REFERENCES \S+\(tenant_id\b/, name);
  }
});

test('the application role can neither bypass row-level security nor change the schema', async () => {
  const [role] = await rows<{ unbound: boolean; owns: number; creates: number }>(`
    select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as unbound,
           (select count(*)::int from pg_class where relowner = r.oid) as owns,
           (select count(*)::int from pg_namespace n where ${OURS} and has_schema_privilege(r.oid, n.oid, 'create')) as creates
      from pg_roles r where rolname = 'entente_app'`);
  assert.deepEqual(role, { unbound: false, owns: 0, creates: 0 });
});

test('a function with the rights of the owner says where it looks names up', async () => {
  const functions = await rows<{ name: string; config: string[] | null }>(`
    select p.oid::regprocedure::text as name, proconfig as config from pg_proc p join pg_namespace n on n.oid = pronamespace
     where prosecdef and ${OURS}`);
  assert.ok(functions.length > 0);
  for (const { name, config } of functions) {
    assert.ok(
      config?.some((setting) => setting.startsWith('search_path=')),
      `${name} takes names from the caller's path`,
    );
  }
});
