import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { blobStoreContract } from '../../../tests/contracts/blob-store.ts';
import { type BlobStore, openFolderStore } from './index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'entente-blobs-'));
let store: BlobStore;
before(async () => {
  store = await openFolderStore(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

blobStoreContract('folder', () => store);

test('folder: a put that fails leaves no growing file', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.alloc(100_000);
      throw new Error('gone');
    })(),
  );
  await assert.rejects(store.put('broken', broken), /gone/);
  assert.deepEqual(readdirSync(path.join(folder, '.incoming')), []);
});

test('folder: opening removes what a crash left long ago, and nothing that still grows', async () => {
  const [old, young] = ['old', 'young'].map((name) => path.join(folder, '.incoming', name)) as [string, string];
  for (const file of [old, young]) writeFileSync(file, 'half');
  utimesSync(old, new Date(0), new Date(0));
  await openFolderStore(folder);
  assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
  rmSync(young);
});

test('folder: only the owner may read what is kept', { skip: process.platform === 'win32' }, async () => {
  await store.put('secret/letter', Readable.from(['x']));
  assert.equal(statSync(path.join(folder, 'secret/letter@')).mode & 0o077, 0);
  assert.equal(statSync(path.join(folder, 'secret')).mode & 0o077, 0);
});
