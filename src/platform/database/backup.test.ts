import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { BackupError, dumpTenant, restoreTenant } from './backup.ts';

const FABRIKAM = newId<'tenant'>();
const CONTOSO = newId<'tenant'>();
/** Values that a careless format would round, reshape or lose. */
const ODD = `insert into odd.values values
  ($1, 'a', 9007199254740993, 0.1, '{"b": 1.10, "a": null}', 'null', '\\xdeadbeef', '{x,NULL,"a,b\\"c"}',
   '2026-03-29 02:30:00.123456+01', '[2026-01-01,2026-02-01)', E'line\\nbreak \\\\ " 🎉', default),
  ($1, 'b', null, 'NaN', null, '{}', null, '{}', 'infinity', 'empty', '', default)`;
const SHAPE = `create schema odd; grant usage on schema odd to entente_app;
  create table odd.values (tenant_id uuid, name text, big bigint, small double precision, doc jsonb, nul jsonb,
    bytes bytea, words text[], at timestamptz, days daterange, text text,
    number bigint generated always as identity, upper_name text generated always as (upper(name)) stored,
    primary key (tenant_id, name));
  create table odd.children (tenant_id uuid, id int, name text, primary key (tenant_id, id),
    foreign key (tenant_id, name) references odd.values);
  call platform.tenant_table('odd.values'); call platform.tenant_table('odd.children')`;

let here: TestDatabase;
before(async () => {
  here = await createTestDatabase();
  await on(here, async (client) => {
    await client.query(SHAPE);
    for (const id of [FABRIKAM, CONTOSO]) {
      await client.query(ODD, [id]);
      await client.query(`insert into odd.children select $1, n, 'b' from generate_series(1, 1200) n`, [id]);
      await client.query(`insert into tenants.tenants values ($1, 'T', $2, 'active', null, null, now())`, [
        id,
        `${id}.example`,
      ]);
    }
  });
});
after(() => here.drop());

async function on<T>(database: TestDatabase, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

async function dump(tenantId: TenantId): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of dumpTenant({ adminUrl: here.adminUrl, tenantId, now: new Date() }))
    parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A server without tenants that knows the same tables. */
async function fresh(t: { after(act: () => Promise<void>): void }): Promise<TestDatabase> {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await on(database, (client) => client.query(SHAPE));
  return database;
}
const restore = (database: TestDatabase, archive: Buffer) =>
  restoreTenant({ adminUrl: database.adminUrl, archive: Readable.from([archive]) });
const rowsOf = (database: TestDatabase) =>
  on(database, async (client) => {
    const odd = await client.query('select v::text from odd.values v where tenant_id = $1 order by name', [FABRIKAM]);
    const counts = await client.query(
      `select (select count(*)::int from odd.values) as odd, (select count(*)::int from odd.children) as children,
              (select count(*)::int from tenants.tenants) as tenants`,
    );
    return { ...counts.rows[0], odd: odd.rows.map((row) => row.v as string) };
  });

test('a tenant restored on another server has every value as it was, and nothing of its neighbour', async (t) => {
  const there = await fresh(t);
  const manifest = await restore(there, await dump(FABRIKAM));
  assert.equal(manifest.tenantId, FABRIKAM);
  assert.equal(manifest.rows, 1203);
  const [before, restored] = [await rowsOf(here), await rowsOf(there)];
  assert.equal(before.odd.length, 2);
  assert.deepEqual(restored.odd, before.odd);
  assert.deepEqual([restored.odd.length, restored.children, restored.tenants], [2, 1200, 1]);
});

test('an archive is taken in once', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  await restore(there, archive);
  await assert.rejects(restore(there, archive), BackupError);
  assert.equal((await rowsOf(there)).children, 1200);
});

test('a damaged or incomplete archive changes nothing', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  const damaged = Buffer.from(archive);
  const at = damaged.indexOf('"id" : "77"');
  assert.ok(at > 0);
  damaged.write('"id" : "78"', at);
  const manifestAt = archive.indexOf('manifest.json');
  const cut = Buffer.concat([archive.subarray(0, manifestAt), Buffer.alloc(1024)]);
  for (const [what, bytes] of Object.entries({
    damaged,
    cut,
    empty: Buffer.alloc(1024),
    text: Buffer.from('x'.repeat(2048)),
  })) {
    await assert.rejects(restore(there, bytes), what === 'text' ? Error : BackupError, what);
  }
  assert.deepEqual(await rowsOf(there), { odd: [], children: 0, tenants: 0 });
});

test('an archive that holds another tenant’s rows is refused', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  // Every second row of the children claims to be Contoso's.
  const forged = Buffer.from(archive.toString('latin1').replace(FABRIKAM, CONTOSO), 'latin1');
  await assert.rejects(restore(there, forged), BackupError);
  assert.equal((await rowsOf(there)).tenants, 0);
});

test('an archive of a table this server does not know asks for an update', async (t) => {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await assert.rejects(restore(database, await dump(FABRIKAM)), /Update it first/);
});
