import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readServerFile, writeServerFile } from './server-file.ts';

const here = { origin: 'http://localhost:1', httpsOrigin: 'https://localhost:2', pid: process.pid };

async function folder(t: { after(act: () => Promise<void>): void }): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'entente-server-file-'));
  t.after(() => rm(data, { recursive: true, force: true }));
  return data;
}

test('a server is found while it runs, by its owner alone, and not after it stopped', async (t) => {
  const data = await folder(t);
  const remove = await writeServerFile(data, here);
  assert.deepEqual(await readServerFile(data), here);
  assert.equal((await stat(join(data, 'server.json'))).mode & 0o777, 0o600);
  await remove();
  assert.equal(await readServerFile(data), undefined);
  assert.deepEqual(await readdir(data), []);
});

test('a server that died without saying so is not found', async (t) => {
  const data = await folder(t);
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeServerFile(data, { ...here, pid });
  assert.equal(await readServerFile(data), undefined);
  await writeFile(join(data, 'server.json'), '{"orig');
  assert.equal(await readServerFile(data), undefined);
});

test('a server that stops leaves the file of the one that came after it', async (t) => {
  const data = await folder(t);
  const remove = await writeServerFile(data, here);
  const next = { ...here, origin: 'http://localhost:3' };
  await writeServerFile(data, next);
  await remove();
  assert.deepEqual(await readServerFile(data), next);
});
