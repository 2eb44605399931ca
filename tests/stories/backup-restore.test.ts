import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type App, startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { sealEvents } from '../../src/audit/index.ts';
import { type AccountId, HOST, type TenantId } from '../../src/kernel/ids.ts';
import { openFolderStore, tenantBlobs } from '../../src/platform/blobs/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createVault } from '../../src/platform/vault.ts';
import { createTestDatabase } from '../support/database.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const PASSPHRASE = 'six geese over the lake';

let people: People;
let folder: string;
let one: string;
let whole: string;
/** What the server held when the backups were made: the rows of each table, as text. */
let held: ReadonlyMap<string, readonly string[]>;
const fileOf = (tenantId: TenantId) => `${tenantBlobs(tenantId)}files/plan`;
/** What the file of an organisation says on a server. */
const readFileOf = async (data: string, tenantId: TenantId) =>
  text(await (await openFolderStore(join(data, 'blobs'))).get(fileOf(tenantId)));
/** Where a follower of Fabrikam's people stood then. */
let deltaLink: string;
let heldOfFabrikam: ReadonlyMap<string, readonly string[]>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entente-backup-'));
  people = await startPeople();
  const { fabrikam, contoso, tailspin } = people;
  for (const administrator of [fabrikam.ann, contoso.carla]) {
    const change = { values: { operatorAccess: 'read' } };
    const answer = await people.api(administrator)('PATCH', '/admin/settings/tenants.operator', change);
    assert.equal(answer.status, 200);
  }
  deltaLink = (await people.api(fabrikam.ann)('GET', '/v1.0/users/delta?$deltatoken=latest')).body['@odata.deltaLink'];
  const blobs = await openFolderStore(join(people.app.data, 'blobs'));
  for (const { id, domain } of [fabrikam, contoso]) await blobs.put(fileOf(id), Readable.from([`of ${domain}`]));
  // All of it, so that the sweep finds nothing to seal between the look and the backup.
  await seal(people.app, people.app.data, [HOST, fabrikam.id, contoso.id, tailspin.id]);
  held = await rowsOf(people.app.adminUrl);
  heldOfFabrikam = await rowsOf(people.app.adminUrl, fabrikam.id);
  one = join(folder, 'fabrikam.tar.gz');
  whole = join(folder, 'whole.tar.gz');
  await succeed(people.app.data, ['backup', '--tenant', 'fabrikam.example', '-o', one]);
  await succeed(people.app.data, ['backup', '-o', whole]);
});
after(async () => {
  await people.app.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command beside the server whose data folder it is. */
async function entente(data: string, words: readonly string[], passphrase = PASSPHRASE) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words, '--data', data], {
    env: { PATH, HOME: folder, ENTENTE_PASSPHRASE: passphrase },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { code, out, err };
}

async function succeed(data: string, words: readonly string[]): Promise<string> {
  const { code, out, err } = await entente(data, words);
  assert.equal(code, 0, err);
  return out;
}

async function seal(app: Pick<App, 'run'>, data: string, tenants: readonly TenantId[]): Promise<void> {
  const vault = createVault((await readFile(join(data, 'master.secret'), 'utf8')).trim());
  for (const tenantId of tenants) {
    await app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) => sealEvents(ctx, vault));
  }
}

/** Columns that a restored row rightly has anew: the place in the order of changes. */
const NEW = ['version'];
/** Ciphertexts, made anew for another server, and how far the log has come since. */
const REMADE = ['private_sealed', 'payload_sealed', 'secret_sealed', 'private_key', 'secret', 'size', 'frontier'];

/** The rows of every table with a tenant in it: of one tenant, without what is made anew, or of all. */
async function rowsOf(adminUrl: string, tenantId?: TenantId): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(`
      select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'graphile_worker')`);
    assert.ok(tables.rows.length > 20);
    const rows = new Map<string, string[]>();
    for (const { name } of tables.rows) {
      const without = name === 'audit.logs' ? [...NEW, 'size', 'frontier'] : NEW;
      const found = await client.query<{ row: string }>(
        `select (to_jsonb(t) - $1::text[])::text as row from ${name} t where $2::uuid is null or tenant_id = $2`,
        [tenantId ? [...without, ...REMADE] : without, tenantId ?? null],
      );
      rows.set(name, found.rows.map(({ row }) => row).sort());
    }
    return rows;
  } finally {
    await client.end();
  }
}

/** Every row that was held is there again, and nothing else but what the audit has written since. */
function assertSame(restored: ReadonlyMap<string, readonly string[]>, before: ReadonlyMap<string, readonly string[]>) {
  let rows = 0;
  for (const [table, wanted] of before) {
    const found = restored.get(table) ?? [];
    const isGrowing = table === 'audit.events' || table === 'audit.checkpoints';
    assert.deepEqual(isGrowing ? found.filter((row) => wanted.includes(row)) : found, wanted, table);
    rows += wanted.length;
  }
  assert.ok(rows > 20, 'there was something to compare');
}

interface Server {
  readonly app: App;
  readonly adminUrl: string;
  readonly data: string;
  restart(): Promise<Server>;
}

/** An empty server of its own, which keeps its data when it is started again. */
async function freshServer(t: { after(act: () => Promise<void>): void }): Promise<Server> {
  const database = await createTestDatabase();
  const data = await mkdtemp(join(tmpdir(), 'entente-fresh-'));
  const settings = { data, port: 0, httpsPort: 0, databaseUrl: database.adminUrl, databaseConnections: 4 };
  const start = () =>
    startApp({
      configuration: configurationShape.parse({ ...settings, logLevel: 'silent' }),
      log: createLog('silent'),
    });
  let app = await start();
  t.after(async () => {
    await app.close();
    await database.drop();
    await rm(data, { recursive: true, force: true });
  });
  const server = (): Server => ({
    app,
    adminUrl: database.adminUrl,
    data,
    async restart() {
      await app.close();
      app = await start();
      return server();
    },
  });
  return server();
}

/** Signs in with a key that came with the backup, and asks as that person. */
async function asPerson(server: Server, person: Person) {
  const { token } = await server.app.run(
    { tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } },
    (ctx) => server.app.signin.mintAccessToken(ctx, person.id as AccountId),
  );
  const kid = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')).kid as string;
  assert.ok(
    (held.get('signin.signing_keys') ?? []).some((row) => row.includes(kid)),
    'the key is one of the backup',
  );
  return async (path: string) => {
    const answer = await fetch(`${server.app.origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, path);
    // biome-ignore lint/suspicious/noExplicitAny: read by the test that asked.
    return (await answer.json()) as any;
  };
}

/** The log that came with the backup is whole, goes on, and is whole still. */
async function assertLogGoesOn(server: Server, person: Person): Promise<void> {
  const ask = await asPerson(server, person);
  const before = await ask('/admin/audit/verification');
  assert.equal(before.isIntact, true);
  assert.ok(before.events > 0);
  await seal(server.app, server.data, [person.tenantId]);
  const later = await ask('/admin/audit/verification');
  assert.equal(later.isIntact, true);
  assert.ok(later.events > before.events || later.checkpoints >= before.checkpoints);
}

test('a backup is readable by its owner alone', async () => {
  assert.equal((await stat(one)).mode & 0o777, 0o600);
});

test('one organisation is restored into a server of others, with every row, its keys and its audit', async (t) => {
  const server = await freshServer(t);
  const { fabrikam, contoso } = people;
  const said = await succeed(server.data, ['restore', one]);
  assert.match(said, /^fabrikam\.example is restored: \d+ rows in \d+ tables, and 1 files\.$/m);

  assertSame(await rowsOf(server.adminUrl, fabrikam.id), heldOfFabrikam);
  assert.equal((await rowsOf(server.adminUrl, contoso.id)).get('directory.accounts')?.length, 0);

  assert.equal(await readFileOf(server.data, fabrikam.id), 'of fabrikam.example');
  await assert.rejects(readFileOf(server.data, contoso.id), /There is no blob/);
  const ask = await asPerson(server, fabrikam.ann);
  const settings = await ask('/admin/settings/tenants.operator');
  assert.equal(settings.settings[0].value, 'read');
  await assertLogGoesOn(server, fabrikam.ann);
  const events = await ask('/admin/audit/events?action=tenants.backup-restored');
  assert.equal(events.value.length, 1, 'the organisation sees that it was restored');
});

test('an organisation that is there is not restored over', async () => {
  // What the minute's sweep would write meanwhile is written now.
  await seal(people.app, people.app.data, [people.fabrikam.id]);
  const before = await rowsOf(people.app.adminUrl, people.fabrikam.id);
  const { code, err } = await entente(people.app.data, ['restore', one]);
  assert.equal(code, 1);
  assert.match(err, /This organisation is here already\. Nothing was changed\./);
  assert.match(err, /code +backup\.tenant-exists/);
  assert.deepEqual(await rowsOf(people.app.adminUrl, people.fabrikam.id), before);
});

test('a whole server is restored into an empty one, and works after its next start', async (t) => {
  const empty = await freshServer(t);
  const { code, err } = await entente(empty.data, ['restore', whole]);
  assert.equal(code, 0, err);
  assert.match(err, /Restart the server now/);
  assertSame(await rowsOf(empty.adminUrl), held);
  assert.equal(await readFileOf(empty.data, people.fabrikam.id), 'of fabrikam.example');
  assert.equal(await readFileOf(empty.data, people.contoso.id), 'of contoso.example');
  const secret = (data: string) => readFile(join(data, 'master.secret'), 'utf8');
  assert.equal(await secret(empty.data), await secret(people.app.data));

  const server = await empty.restart();
  await assertLogGoesOn(server, people.fabrikam.ann);
  await assertLogGoesOn(server, people.contoso.carla);
  // The token opens here, since the secrets came along; but what it counts is another history now.
  const { token } = await server.app.run(
    { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } },
    (ctx) => server.app.signin.mintAccessToken(ctx, people.fabrikam.ann.id as AccountId),
  );
  const { pathname, search } = new URL(deltaLink);
  const follow = (address: string) => fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const late = await follow(`${server.app.origin}${pathname}${search}`);
  assert.equal(late.status, 410);
  assert.equal(((await late.json()) as { error: { code: string } }).error.code, 'resyncRequired');
  const location = late.headers.get('location') as string;
  assert.equal(location, `${server.app.origin}/v1.0/users/delta?%24deltatoken=`);
  assert.equal((await follow(location)).status, 200);
  assert.equal(
    (await fetch(deltaLink, { headers: { authorization: `Bearer ${await people.token(people.fabrikam.ann)}` } }))
      .status,
    200,
  );

  const again = await entente(server.data, ['restore', whole]);
  assert.equal(again.code, 1);
  assert.match(again.err, /backup\.server-not-empty/);
});

test('a damaged, cut, forged or foreign file is refused and nothing is changed', async (t) => {
  const server = await freshServer(t);
  // What the minute's sweep would write meanwhile is written now.
  await seal(server.app, server.data, [HOST]);
  const before = await rowsOf(server.adminUrl);
  const secret = await readFile(join(server.data, 'master.secret'), 'utf8');
  const bytes = await readFile(whole);
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(flipped.length >> 1) ^ 4, flipped.length >> 1);
  const cases: [string, Buffer, string, RegExp][] = [
    ['damaged', flipped, PASSPHRASE, /backup\.(damaged|not-opened)/],
    ['cut in the middle', bytes.subarray(0, bytes.length >> 1), PASSPHRASE, /backup\.damaged/],
    ['cut at the end', bytes.subarray(0, bytes.length - 9), PASSPHRASE, /backup\.damaged/],
    ['empty', Buffer.alloc(0), PASSPHRASE, /backup\.damaged/],
    ['something else', Buffer.from('hello'.repeat(500)), PASSPHRASE, /backup\.damaged/],
    ['opened with another passphrase', bytes, 'seven geese', /backup\.not-opened/],
  ];
  for (const [what, content, passphrase, sentence] of cases) {
    const file = join(folder, 'bad.tar.gz');
    await writeFile(file, content);
    const { code, err } = await entente(server.data, ['restore', file], passphrase);
    assert.equal(code, 1, what);
    assert.match(err, sentence, what);
  }
  assert.deepEqual([...(await rowsOf(server.adminUrl))], [...before]);
  assert.equal(await readFile(join(server.data, 'master.secret'), 'utf8'), secret);
  assert.deepEqual(
    (await readdir(server.data)).filter((name) => name.endsWith('.part')),
    [],
    'nothing is left behind',
  );
});

test('only the operator makes and restores backups', async () => {
  const { fabrikam, contoso } = people;
  for (const path of ['/operator/backups', '/operator/restores']) {
    const body = { passphrase: PASSPHRASE };
    assert.equal((await people.api(contoso.carla)('POST', path, body)).status, 403);
    assert.equal((await people.api(fabrikam.anders)('POST', path, body)).status, 403);
    assert.equal((await people.call(undefined)('POST', path, body)).status, 401);
  }
});

test('a passphrase that is too short, or an organisation that is none, is refused before anything is written', async () => {
  const short = await entente(people.app.data, ['backup', '-o', join(folder, 'no.tar.gz')], 'short');
  assert.equal(short.code, 1);
  assert.match(short.err, /A passphrase has at least 8 characters/);
  const none = await entente(people.app.data, ['backup', '-o', join(folder, 'no.tar.gz'), '--tenant', 'no.example']);
  assert.match(none.err, /There is no organisation "no\.example"/);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith('no.tar')));
});

test('every column of ciphertexts is one that a backup knows how to take along', async () => {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(`
    select format('%s.%s.%s', n.nspname, c.relname, a.attname) as name from pg_attribute a
      join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and a.atttypid = 'bytea'::regtype and a.attname like '%sealed%'`);
  await client.end();
  const known = people.app.modules.flatMap(({ sealed = [] }) =>
    sealed.map(({ table, column }) => `${table}.${column}`),
  );
  assert.ok(rows.length >= 3);
  const unknown = rows.map(({ name }) => name).filter((name) => !known.includes(name));
  assert.deepEqual(unknown, [], 'name it in "sealed" of its module');
});
