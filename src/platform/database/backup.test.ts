import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { type BlobStore, openFolderStore } from '../blobs/index.ts';
import { createVault } from '../vault.ts';
import { writeBackup } from './backup.ts';
import { readBackup } from './backup-restore.ts';

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
let folder: string;
/** Nothing in these tests puts anything into it; what files do is in backup-blobs.test.ts. */
let blobs: BlobStore;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entente-no-blobs-'));
  blobs = await openFolderStore(folder);
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
after(async () => {
  await here.drop();
  await rm(folder, { recursive: true, force: true });
});

async function on<T>(database: TestDatabase, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

async function dump(tenantId: TenantId, protection?: Parameters<typeof writeBackup>[0]['protection']): Promise<Buffer> {
  const { content, done } = writeBackup({
    adminUrl: here.adminUrl,
    blobs,
    tenant: { id: tenantId, domain: `${tenantId}.example` },
    now: new Date(),
    ...(protection ? { protection } : {}),
  });
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part as Buffer);
  await done;
  return Buffer.concat(parts);
}

const damaged = (error: unknown) => error instanceof Fault && error.code === 'backup.damaged';
const fault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

/** A server without tenants that knows the same tables. */
async function fresh(t: { after(act: () => Promise<void>): void }): Promise<TestDatabase> {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await on(database, (client) => client.query(SHAPE));
  return database;
}
const restore = (database: TestDatabase, archive: Buffer) =>
  readBackup({ adminUrl: database.adminUrl, blobs, content: Readable.from([archive]) });
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
  const { manifest, rows } = await restore(there, await dump(FABRIKAM));
  assert.equal(manifest.tenant?.id, FABRIKAM);
  assert.equal(rows, 1203);
  const [before, restored] = [await rowsOf(here), await rowsOf(there)];
  assert.equal(before.odd.length, 2);
  assert.deepEqual(restored.odd, before.odd);
  assert.deepEqual([restored.odd.length, restored.children, restored.tenants], [2, 1200, 1]);
});

test('an archive is taken in once', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  await restore(there, archive);
  await assert.rejects(restore(there, archive), fault('backup.tenant-exists'));
  assert.equal((await rowsOf(there)).children, 1200);
});

test('a damaged or incomplete archive changes nothing', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  const plain = gunzipSync(archive);
  const changed = Buffer.from(plain);
  const at = changed.indexOf('deadbeef');
  assert.ok(at > 0);
  changed.write('deadbee0', at);
  const wrongType = Buffer.from(plain);
  wrongType.write('"x7",', wrongType.indexOf('"77",'));
  const withoutEnd = Buffer.concat([plain.subarray(0, plain.indexOf('seal.json')), Buffer.alloc(1024)]);
  const bad: Record<string, Buffer> = {
    changed: gzipSync(changed),
    'of a wrong type': gzipSync(wrongType),
    withoutEnd: gzipSync(withoutEnd),
    'cut in the middle': archive.subarray(0, archive.length >> 1),
    'cut at the end': archive.subarray(0, archive.length - 1),
    nothing: Buffer.alloc(0),
    'an empty archive': gzipSync(Buffer.alloc(1024)),
    'no archive': Buffer.from('x'.repeat(2048)),
  };
  for (const [what, bytes] of Object.entries(bad)) await assert.rejects(restore(there, bytes), damaged, what);
  // Whichever part the bit is in says what it makes of it: in the manifest it may read as another version.
  const refused = (error: unknown) => error instanceof Fault && error.code.startsWith('backup.');
  await assert.rejects(restore(there, aBitFlipped(archive)), refused, 'flipped');
  assert.deepEqual(await rowsOf(there), { odd: [], children: 0, tenants: 0 });
});

/** A bit that says something: one that only leads to another place with the same bytes damages nothing. */
function aBitFlipped(archive: Buffer): Buffer {
  const plain = gunzipSync(archive);
  for (let at = archive.length >> 1; ; at += 1) {
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    try {
      if (!gunzipSync(flipped).equals(plain)) return flipped;
    } catch {
      return flipped;
    }
  }
}

test('an archive that holds another tenant’s rows is refused', async (t) => {
  const there = await fresh(t);
  const archive = await dump(FABRIKAM);
  const plain = gunzipSync(archive);
  const at = plain.indexOf(FABRIKAM, plain.indexOf('tables/odd.children'));
  plain.write(CONTOSO, at);
  await assert.rejects(restore(there, gzipSync(plain)), damaged);
  assert.equal((await rowsOf(there)).tenants, 0);
});

test('an archive of a server with other tables is refused', async (t) => {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await assert.rejects(restore(database, await dump(FABRIKAM)), fault('backup.other-version'));
});

test('with a passphrase only the passphrase opens it, and whoever changes it without is found out', async (t) => {
  const there = await fresh(t);
  const sealing = { vault: createVault('here'), columns: [] };
  const archive = await dump(FABRIKAM, { passphrase: 'a long walk', sealing, secrets: {} });
  const open = (bytes: Buffer, passphrase: string) =>
    readBackup({
      adminUrl: there.adminUrl,
      blobs,
      content: Readable.from([bytes]),
      protection: { passphrase, sealing, keepSecrets: async () => ({ undo: async () => {} }) },
    });
  await assert.rejects(open(archive, 'a short walk'), fault('backup.not-opened'));
  await assert.rejects(restore(there, archive), fault('backup.not-opened'), 'without a passphrase');
  await assert.rejects(open(await dump(FABRIKAM), 'a long walk'), fault('backup.not-opened'), 'made without one');

  // Somebody changes a row and its checksum, which only the MAC can tell.
  const plain = gunzipSync(archive).toString('latin1');
  const sum = /"tables": \{[^}]*"sha256": "([0-9a-f]{64})"/.exec(plain)?.[1] ?? '';
  assert.equal(sum.length, 64);
  const forged = gzipSync(Buffer.from(plain.replaceAll(sum, 'f'.repeat(64)), 'latin1'));
  await assert.rejects(open(forged, 'a long walk'), fault('backup.not-opened'));
  assert.equal((await rowsOf(there)).tenants, 0);
  assert.equal((await open(archive, 'a long walk')).rows, 1203);
});

test('when the reader goes away the backup ends, and lets go of the database', async () => {
  const tenantId = newId<'tenant'>();
  await on(here, (client) =>
    client.query(
      `insert into odd.values (tenant_id, name, text)
       select $1, n::text, (select string_agg(md5(random()::text || m), '') from generate_series(1, 200) m)
         from generate_series(1, 3000) n`,
      [tenantId],
    ),
  );
  const tenant = { id: tenantId, domain: 'large.example' };
  const { content, done } = writeBackup({ adminUrl: here.adminUrl, blobs, tenant, now: new Date() });
  content.once('data', () => content.destroy());
  await assert.rejects(done);
  const open = async () => {
    const { rowCount } = await on(here, (client) =>
      client.query(
        `select from pg_stat_activity where application_name = 'entente-backup' and datname = current_database()`,
      ),
    );
    return rowCount;
  };
  // The server notices a moment after we have let go.
  for (let i = 0; i < 50 && (await open()) !== 0; i += 1) await pause(100);
  assert.equal(await open(), 0);
});
