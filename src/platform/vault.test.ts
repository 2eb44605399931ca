import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVault, secretFile } from './vault.ts';

test('what was sealed opens in its own place only', () => {
  const vault = createVault('master');
  const sealed = vault.seal('the key', 'row 1');
  assert.equal(vault.open(sealed, 'row 1'), 'the key');
  assert.throws(() => vault.open(sealed, 'row 2'));
  assert.throws(() => createVault('another master').open(sealed, 'row 1'));
});

test('a changed byte anywhere is refused', () => {
  const vault = createVault('master');
  const sealed = vault.seal('the key', 'row 1');
  for (let i = 0; i < sealed.length; i += 1) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.throws(() => vault.open(changed, 'row 1'), `byte ${i}`);
  }
});

test('a secret file is made once and only its owner reads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'entente-secret-'));
  const path = join(folder, 'secret');
  const [one, two] = await Promise.all([secretFile(path), secretFile(path)]);
  assert.equal(one, two);
  assert.ok(one.length >= 43);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await rm(folder, { recursive: true });
});
