import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Blob, BlobError, type BlobStore } from '../../src/platform/blobs/index.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const saying = (text: string) => Readable.from([Buffer.from(text)]);
const MEGABYTE = 1024 * 1024;

/** Megabytes of noise, made while they are read; fails after `failAfter` of them. */
async function* megabytes(count: number, failAfter = Number.POSITIVE_INFINITY) {
  const noise = randomBytes(MEGABYTE);
  for (let made = 0; made < count; made++) {
    if (made >= failAfter) throw new Error('the sender went away');
    await breathe();
    yield noise;
  }
}

async function listed(store: BlobStore, prefix: string): Promise<Blob[]> {
  const blobs: Blob[] = [];
  for await (const blob of store.list(prefix)) blobs.push(blob);
  return blobs;
}

const isBlobError = (code: BlobError['code']) => (error: unknown) => error instanceof BlobError && error.code === code;

/** What every blob store must do. Each test works under keys of its own. */
export function blobStoreContract(name: string, open: () => BlobStore): void {
  const fresh = () => `test/${randomUUID()}`;
  const it = (sentence: string, act: () => Promise<void>) => test(`${name}: ${sentence}`, act);

  it('gives back what was put, with its size and hash', async () => {
    const [store, key, bytes] = [open(), fresh(), randomBytes(300_000)];
    assert.deepEqual(await store.put(key, Readable.from([bytes])), { size: 300_000, sha256: sha256(bytes) });
    assert.deepEqual(await store.head(key), { key, size: 300_000 });
    assert.ok((await buffer(await store.get(key))).equals(bytes));
  });

  it('keeps an empty blob', async () => {
    const [store, key] = [open(), fresh()];
    assert.deepEqual(await store.put(key, Readable.from([])), { size: 0, sha256: sha256(Buffer.alloc(0)) });
    assert.equal((await buffer(await store.get(key))).length, 0);
    await assert.rejects(store.get(key, { start: 0 }), isBlobError('bad-range'));
  });

  it('gives the range that is asked for', async () => {
    const [store, key] = [open(), fresh()];
    await store.put(key, saying('0123456789'));
    const table: [{ start: number; end?: number }, string][] = [
      [{ start: 0, end: 0 }, '0'],
      [{ start: 2, end: 4 }, '234'],
      [{ start: 7 }, '789'],
      [{ start: 8, end: 99 }, '89'],
    ];
    for (const [range, expected] of table) assert.equal(String(await buffer(await store.get(key, range))), expected);
    for (const range of [{ start: 10 }, { start: -1 }, { start: 3, end: 2 }, { start: 0.5 }]) {
      await assert.rejects(store.get(key, range), isBlobError('bad-range'));
    }
  });

  it('replaces a blob as a whole', async () => {
    const [store, key] = [open(), fresh()];
    await store.put(key, saying('the longer first version'));
    const reading = await store.get(key);
    await store.put(key, saying('second'));
    assert.equal(String(await buffer(await store.get(key))), 'second');
    assert.equal(String(await buffer(reading)), 'the longer first version');
  });

  it('knows nothing of a blob that was never put or was deleted', async () => {
    const [store, key] = [open(), fresh()];
    await assert.rejects(store.get(key), isBlobError('not-found'));
    assert.equal(await store.head(key), undefined);
    await store.delete(key);
    await store.put(key, saying('x'));
    await store.delete(key);
    assert.equal(await store.head(key), undefined);
    await assert.rejects(store.get(key), isBlobError('not-found'));
  });

  it('lists what begins with a prefix, in the order of keys', async () => {
    const [store, top] = [open(), fresh()];
    const keys = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a/c', 'ab', 'b/1', 'b/10', 'b/2'].map((key) => `${top}/${key}`);
    for (const key of keys.toReversed()) await store.put(key, saying(key));
    assert.deepEqual(
      await listed(store, `${top}/`),
      keys.map((key) => ({ key, size: key.length })),
    );
    assert.deepEqual(
      (await listed(store, `${top}/a/`)).map(({ key }) => key),
      [`${top}/a/b`, `${top}/a/b/c`, `${top}/a/c`],
    );
    assert.deepEqual(
      (await listed(store, `${top}/b/1`)).map(({ key }) => key),
      [`${top}/b/1`, `${top}/b/10`],
    );
    assert.deepEqual(await listed(store, `${top}/nothing`), []);
  });

  it('refuses keys that are not plain names divided by slashes', async () => {
    const store = open();
    const wrong = [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../../b',
      'a/./b',
      '.incoming/a',
      'A',
      'ä',
      'a\\b',
      'c:a',
      'a\0',
      'a b',
      'a@',
      '-a',
      'a'.repeat(129),
      `${'a/'.repeat(300)}a`,
    ];
    for (const key of wrong) {
      await assert.rejects(store.put(key, saying('x')), isBlobError('bad-key'), key);
      await assert.rejects(store.get(key), isBlobError('bad-key'), key);
      await assert.rejects(store.head(key), isBlobError('bad-key'), key);
      await assert.rejects(store.delete(key), isBlobError('bad-key'), key);
    }
    for (const prefix of ['../', '/', 'a/../', '.'])
      assert.throws(() => store.list(prefix), isBlobError('bad-key'), prefix);
  });

  for (const [size, failAfter] of [
    ['a small', 1],
    ['a large', 20],
  ] as const) {
    it(`a put of ${size} blob that fails on the way leaves nothing, and what was there before`, async () => {
      const [store, top] = [open(), fresh()];
      await store.put(`${top}/old`, saying('before'));
      for (const key of [`${top}/old`, `${top}/new`]) {
        const content = Readable.from(megabytes(30, failAfter));
        await assert.rejects(store.put(key, content), /the sender went away/);
        assert.ok(content.destroyed);
      }
      assert.deepEqual(await listed(store, top), [{ key: `${top}/old`, size: 6 }]);
      assert.equal(String(await buffer(await store.get(`${top}/old`))), 'before');
    });
  }

  it('a blob of many megabytes passes through', async () => {
    const [store, key] = [open(), fresh()];
    const hash = createHash('sha256');
    const source = Readable.from(megabytes(40)).map((chunk: Buffer) => {
      hash.update(chunk);
      return chunk;
    });
    const put = await store.put(key, source);
    assert.deepEqual(put, { size: 40 * MEGABYTE, sha256: hash.digest('hex') });
    const back = createHash('sha256');
    for await (const chunk of await store.get(key)) back.update(chunk);
    assert.equal(back.digest('hex'), put.sha256);
  });

  it('two puts of one key at the same time leave one of the two, whole', async () => {
    const [store, key] = [open(), fresh()];
    await Promise.all(['first', 'second'].map((text) => store.put(key, saying(text))));
    assert.match(String(await buffer(await store.get(key))), /^(first|second)$/);
  });
}
