import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startFauxqs } from 'fauxqs';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import { type BlobStore, openFolderStore, openS3Store, tenantBlobs } from '../blobs/index.ts';
import { writeBackup } from './backup.ts';
import { readBackup } from './backup-restore.ts';

const FABRIKAM = newId<'tenant'>();
const CONTOSO = newId<'tenant'>();
const MEGABYTE = 1024 * 1024;
const PLAN = randomBytes(300_000);
const TEXT = Buffer.from('the minutes of the meeting, word by word');
/** What lies in the store of the server that is backed up. */
const FILES: Readonly<Record<string, Buffer>> = {
  [`${tenantBlobs(FABRIKAM)}files/plan`]: PLAN,
  [`${tenantBlobs(FABRIKAM)}files/plan/v2`]: Buffer.alloc(0),
  [`${tenantBlobs(FABRIKAM)}files/minutes`]: TEXT,
  [`${tenantBlobs(CONTOSO)}files/plan`]: Buffer.from('of Contoso'),
};
const keysOf = (tenantId: TenantId) => Object.keys(FILES).filter((key) => key.startsWith(tenantBlobs(tenantId)));

let here: TestDatabase;
let folder: string;
let stores = 0;
before(async () => {
  here = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'entente-backup-blobs-'));
});
after(async () => {
  await here.drop();
  await rm(folder, { recursive: true, force: true });
});

function aFolder(): Promise<BlobStore> {
  stores += 1;
  return openFolderStore(join(folder, String(stores)));
}

async function filled(store: BlobStore): Promise<BlobStore> {
  for (const [key, bytes] of Object.entries(FILES)) await store.put(key, Readable.from([bytes]));
  await store.put('health/probe', Readable.from(['probe']));
  return store;
}

/** Without `tenantId`, a whole server. */
function write(blobs: BlobStore, tenantId?: TenantId) {
  const tenant = tenantId && { id: tenantId, domain: `${tenantId}.example` };
  return writeBackup({ adminUrl: here.adminUrl, blobs, now: new Date(), ...(tenant ? { tenant } : {}) });
}
const archiveOf = (blobs: BlobStore, tenantId?: TenantId) => buffer(write(blobs, tenantId).content);

/** Into a server without organisations. */
async function restore(blobs: BlobStore, archive: Buffer) {
  const database = await createTestDatabase();
  try {
    return await readBackup({ adminUrl: database.adminUrl, blobs, content: Readable.from([archive]) });
  } finally {
    await database.drop();
  }
}

async function heldIn(store: BlobStore): Promise<Record<string, Buffer>> {
  const held: Record<string, Buffer> = {};
  for await (const { key } of store.list('')) held[key] = await buffer(await store.get(key));
  return held;
}
const only = (keys: readonly string[]) => Object.fromEntries(keys.toSorted().map((key) => [key, FILES[key]]));

const fault =
  (code: string, sentence = /./) =>
  (error: unknown) =>
    error instanceof Fault && error.code === code && sentence.test(error.sentence);

test("one organisation takes its own files along and nobody else's", async () => {
  const archive = await archiveOf(await filled(await aFolder()), FABRIKAM);
  const there = await aFolder();
  assert.equal((await restore(there, archive)).files, 3);
  assert.deepEqual(await heldIn(there), only(keysOf(FABRIKAM)));
});

test('a whole server takes the files of all along, from a folder into S3 and back', async (t) => {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, init: { buckets: ['blobs'] } });
  const bucket = openS3Store({
    bucket: 'blobs',
    region: 'eu-north-1',
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    pathStyle: true,
  });
  t.after(async () => {
    bucket.close();
    await server.stop();
  });
  assert.equal((await restore(bucket, await archiveOf(await filled(await aFolder())))).files, 4);
  assert.deepEqual(await heldIn(bucket), only(Object.keys(FILES)));
  const there = await aFolder();
  await restore(there, await archiveOf(bucket));
  assert.deepEqual(await heldIn(there), only(Object.keys(FILES)));
});

test('a file that is damaged, missing, cut or from elsewhere is named, and no file stays', async () => {
  const plain = gunzipSync(await archiveOf(await filled(await aFolder()), FABRIKAM));
  const parts = entriesOf(plain);
  const without = (name: RegExp) => Buffer.concat(parts.filter((one) => !name.test(one.name)).map((one) => one.bytes));
  const flipped = Buffer.from(plain);
  flipped.writeUInt8(flipped.readUInt8(plain.indexOf(PLAN.subarray(0, 16))) ^ 1, plain.indexOf(PLAN.subarray(0, 16)));
  const foreign = Buffer.from(plain.toString('latin1').replaceAll(`blobs/${FABRIKAM}`, `blobs/${CONTOSO}`), 'latin1');
  const cases: [string, Buffer, RegExp][] = [
    ['damaged', flipped, /the file \S+\/files\/plan is not what was written/],
    ['missing', without(/minutes@/), /3 files were written into it, and 2 are there/],
    ['without its bytes', without(/plan@00000001/), /the file \S+\/files\/plan is not what was written/],
    ['without its end', without(/plan@end/), /the file \S+\/files\/plan is not what was written/],
    ['of another organisation', foreign, /does not belong into it|header|cannot be read/],
  ];
  for (const [what, bytes, sentence] of cases) {
    const there = await aFolder();
    await assert.rejects(restore(there, gzipSync(bytes)), fault('backup.damaged', sentence), what);
    assert.deepEqual(await heldIn(there), {}, what);
  }
});

test('a file that is there already stays when it is the same, and is never written over', async () => {
  const archive = await archiveOf(await filled(await aFolder()), FABRIKAM);
  const [same, other] = [await aFolder(), await aFolder()];
  const key = `${tenantBlobs(FABRIKAM)}files/plan`;
  await same.put(key, Readable.from([PLAN]));
  await restore(same, archive);
  assert.deepEqual(await heldIn(same), only(keysOf(FABRIKAM)));
  await other.put(key, Readable.from(['what was here before']));
  await assert.rejects(restore(other, archive), fault('backup.file-clashes'));
  assert.deepEqual(await heldIn(other), { [key]: Buffer.from('what was here before') });
});

test('a large file passes through without being held in memory', async () => {
  const size = 256 * MEGABYTE;
  const large = await aFolder();
  const text = Buffer.alloc(MEGABYTE, 'a line of a long report\n');
  async function* content() {
    for (let made = 0; made < size / MEGABYTE; made += 1) {
      await breathe();
      yield text;
    }
  }
  await large.put(`${tenantBlobs(FABRIKAM)}large`, Readable.from(content()));
  const there = await aFolder();
  const database = await createTestDatabase();
  const before = process.memoryUsage.rss();
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - before);
  }, 20);
  try {
    const archive = write(large, FABRIKAM).content;
    await readBackup({ adminUrl: database.adminUrl, blobs: there, content: archive });
  } finally {
    clearInterval(look);
    await database.drop();
  }
  assert.equal((await there.head(`${tenantBlobs(FABRIKAM)}large`))?.size, size);
  assert.ok(most < size / 2, `${Math.round(most / MEGABYTE)} MiB were held`);
});

/** The files of a tar archive with their headers, in their order. */
function entriesOf(plain: Buffer): { name: string; bytes: Buffer }[] {
  const found: { name: string; bytes: Buffer }[] = [];
  for (let at = 0; at < plain.length; ) {
    const name = plain.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = name === '' ? 0 : Number.parseInt(plain.toString('latin1', at + 124, at + 136), 8);
    const end = at + 512 + Math.ceil(size / 512) * 512;
    found.push({ name, bytes: plain.subarray(at, end) });
    at = end;
  }
  return found;
}
