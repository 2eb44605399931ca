import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { openBlobStore } from './open-store.ts';

test('a folder that is named holds the blobs', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'entente-blobs-'));
  t.after(() => rm(parent, { recursive: true }));
  const folder = join(parent, 'files');
  const store = await openBlobStore(folder);
  await store.put('health/probe', Readable.from(['here']));
  assert.equal(await text(await store.get('health/probe')), 'here');
  assert.ok(existsSync(folder));
});

test('a setting that names no bucket is refused with a sentence that says what to write', async () => {
  for (const place of ['s3:', 's3://host', 's3://host/', 's3://host/bucket/deeper']) {
    await assert.rejects(openBlobStore(place), /must be a folder, or s3:/, place);
  }
});
