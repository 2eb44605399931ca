import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';
import { BlobError, type BlobStore, isTenantBlob, tenantBlobs } from '../blobs/index.ts';
import { backupFaults } from './backup-protection.ts';

/** Where blobs stand in the archive. A key holds no `@`: `blobs/KEY@00000001` … are its bytes, `blobs/KEY@end` its end. */
export const BLOBS_FOLDER = 'blobs/';
const NAME = /^blobs\/([^@]+)@(\d{8}|end)$/;
/** So many bytes of a blob are held in memory at a time. */
const PART_BYTES = 4 * 1024 * 1024;

const endShape = z.object({ size: z.number(), sha256: z.string() });

/** All blobs of a backup in one line: how many, and a hash over the key, size and hash of each. */
export interface SealedBlobs {
  count: number;
  sha256: string;
}

const note = (all: Hash, key: string, size: number, sha256: string) => all.update(`${key} ${size} ${sha256}\n`);

/**
 * Writes the blobs of one tenant, or of all, part by part. One that is deleted while the backup is made is left out:
 * it is gone here as well.
 */
export async function putBlobs(
  put: (name: string, content: string | Buffer) => Promise<void>,
  blobs: BlobStore,
  tenantId: TenantId | undefined,
): Promise<SealedBlobs> {
  const all = createHash('sha256');
  let count = 0;
  for await (const { key } of blobs.list(tenantId === undefined ? '' : tenantBlobs(tenantId))) {
    if (!isTenantBlob(key)) continue;
    const written = await putBlob(put, blobs, key);
    if (!written) continue;
    note(all, key, written.size, written.sha256);
    count += 1;
  }
  return { count, sha256: all.digest('hex') };
}

async function putBlob(
  put: (name: string, content: string | Buffer) => Promise<void>,
  blobs: BlobStore,
  key: string,
): Promise<{ size: number; sha256: string } | undefined> {
  const content = await blobs.get(key).catch((error: unknown) => {
    if (error instanceof BlobError && error.code === 'not-found') return undefined;
    throw error;
  });
  if (!content) return undefined;
  const hash = createHash('sha256');
  let [size, parts, waiting] = [0, 0, 0];
  let part: Buffer[] = [];
  const flush = async () => {
    if (waiting === 0) return;
    parts += 1;
    await put(`${BLOBS_FOLDER}${key}@${String(parts).padStart(8, '0')}`, Buffer.concat(part));
    [part, waiting] = [[], 0];
  };
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    waiting += chunk.length;
    part.push(chunk);
    if (waiting >= PART_BYTES) await flush();
  }
  await flush();
  const written = { size, sha256: hash.digest('hex') };
  await put(`${BLOBS_FOLDER}${key}@end`, JSON.stringify(written));
  return written;
}

/** Takes blobs out of an archive into a store, and can take them back as long as the rest may still fail. */
export class BlobRestore {
  readonly #store: BlobStore;
  readonly #all = createHash('sha256');
  #count = 0;
  /** Keys that were not there before: what `undo` removes. */
  readonly #made: string[] = [];
  #growing: Growing | undefined;

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /** The next piece of the archive. @throws backup.damaged, backup.file-clashes. */
  async take(name: string, bytes: Buffer, tenantId: string | undefined): Promise<void> {
    const [, key = '', part = ''] = NAME.exec(name) ?? [];
    const isOwn = tenantId === undefined ? isTenantBlob(key) : key.startsWith(tenantBlobs(tenantId as TenantId));
    if (!isOwn) throw backupFaults.damaged(`"${name}" does not belong into it`);
    if (this.#growing && this.#growing.key !== key) throw incomplete(this.#growing.key);
    this.#growing ??= await this.#begin(key);
    const growing = this.#growing;
    if (part !== 'end') {
      growing.parts += 1;
      if (Number(part) !== growing.parts) throw incomplete(key);
      return growing.write(bytes);
    }
    const wanted = endShape.parse(JSON.parse(bytes.toString('utf8')));
    const found = await growing.end();
    this.#growing = undefined;
    if (found.size !== wanted.size || found.sha256 !== wanted.sha256) throw incomplete(key);
    note(this.#all, key, found.size, found.sha256);
    this.#count += 1;
  }

  /** How many there were. @throws backup.damaged when not all came. */
  finish(wanted: SealedBlobs): number {
    if (this.#growing) throw incomplete(this.#growing.key);
    if (this.#count !== wanted.count) {
      throw backupFaults.damaged(`${wanted.count} files were written into it, and ${this.#count} are there`);
    }
    if (this.#all.digest('hex') !== wanted.sha256)
      throw backupFaults.damaged('its files are not those that were written');
    return this.#count;
  }

  /** Removes what was put. A blob that was there before stays. */
  async undo(): Promise<void> {
    await this.#growing?.cancel();
    for (const key of this.#made) await this.#store.delete(key);
  }

  async #begin(key: string): Promise<Growing> {
    if (await this.#store.head(key)) return new Growing(key, undefined, () => this.#hashOf(key));
    this.#made.push(key);
    const pipe = new PassThrough();
    pipe.on('error', () => {});
    const kept = this.#store.put(key, pipe);
    kept.catch((error: Error) => pipe.destroy(error));
    return new Growing(key, pipe, () => kept);
  }

  async #hashOf(key: string) {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of (await this.#store.get(key)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { size, sha256: hash.digest('hex') };
  }
}

const incomplete = (key: string) => backupFaults.damaged(`the file ${key} is not what was written`);

/** One blob on its way into the store; without `pipe` it is there already, and must be the same. */
class Growing {
  readonly key: string;
  parts = 0;
  readonly #pipe: PassThrough | undefined;
  readonly #kept: () => Promise<{ size: number; sha256: string }>;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(key: string, pipe: PassThrough | undefined, kept: () => Promise<{ size: number; sha256: string }>) {
    this.key = key;
    this.#pipe = pipe;
    this.#kept = kept;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    const pipe = this.#pipe;
    if (!pipe || pipe.write(bytes)) return;
    const waiting = new AbortController();
    const drained = once(pipe, 'drain', { signal: waiting.signal });
    drained.catch(() => {});
    // A store that fails takes nothing more, and says why.
    await Promise.race([drained, this.#kept()]).finally(() => waiting.abort());
  }

  /** What came. @throws backup.file-clashes, or what the store says. */
  async end(): Promise<{ size: number; sha256: string }> {
    this.#pipe?.end();
    const came = { size: this.#size, sha256: this.#hash.digest('hex') };
    const kept = await this.#kept();
    if (kept.sha256 !== came.sha256) throw this.#pipe ? incomplete(this.key) : backupFaults.blobClashes(this.key);
    return came;
  }

  async cancel(): Promise<void> {
    if (!this.#pipe) return;
    this.#pipe.destroy(new Error('The restore broke off.'));
    await this.#kept().catch(() => {});
  }
}
