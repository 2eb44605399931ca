import type { Readable } from 'node:stream';
import { parseId, type TenantId } from '../../kernel/ids.ts';

/** What a blob store knows about one blob. `size` is in bytes. */
export type Blob = { key: string; size: number };

/** Bytes `start` to `end`, both included, as in HTTP; without `end`, to the last. An `end` past the last is the last. */
export type ByteRange = { start: number; end?: number | undefined };

/**
 * Bytes under keys, streamed in and out. A blob is whole or absent: nobody sees half of one, and when `put` has
 * answered, the blob survives a crash. Keys are isKey's; the store reads nothing into them.
 */
export interface BlobStore {
  /**
   * Reads `content` to its end and keeps it, in place of what was there before. When `content` or the store fails,
   * what was there before stays and `put` throws. `sha256` is in hexadecimal.
   */
  put(key: string, content: Readable): Promise<{ size: number; sha256: string }>;
  /** Throws BlobError `not-found` or `bad-range` before the first byte. The caller reads the stream or destroys it. */
  get(key: string, range?: ByteRange): Promise<Readable>;
  head(key: string): Promise<Blob | undefined>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** The blobs whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncIterable<Blob>;
}

/** Why a blob could not be had. Failures of the disk or the network are thrown as they are. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
  readonly code: 'not-found' | 'bad-key' | 'bad-range';

  constructor(code: BlobError['code'], sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/**
 * Names divided by slashes; a name is lower-case letters, digits, and `.`, `_`, `-` after the first character.
 * So no key leaves its folder, and no two keys fall together on a file system that ignores case.
 */
const KEY = /^[a-z0-9][a-z0-9._-]{0,127}(\/[a-z0-9][a-z0-9._-]{0,127})*$/;
const PREFIX = /^[a-z0-9._/-]*$/;
const KEY_LENGTH = 512;

/** What every key of a tenant's blobs begins with. By it they are backed up, restored and removed with the tenant. */
export const tenantBlobs = (tenantId: TenantId) => `${tenantId}/`;

/** Whether a key is a tenant's; the rest are the server's own and short-lived. */
export const isTenantBlob = (key: string) => parseId(key.split('/', 1)[0] ?? '') !== undefined && key.includes('/');

export const isKey = (key: string) => key.length <= KEY_LENGTH && KEY.test(key);

/** Throws BlobError `bad-key`. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw new BlobError('bad-key', `'${key.slice(0, 80)}' is no key of a blob.`);
}

/** Throws BlobError `bad-key` for a prefix that no key can have. */
export function checkPrefix(prefix: string): void {
  const fits = prefix === '' || (PREFIX.test(prefix) && !prefix.includes('//') && isKey(`${prefix}a`));
  if (!fits) throw new BlobError('bad-key', `'${prefix.slice(0, 80)}' begins no key of a blob.`);
}

/** Throws BlobError `bad-range` for a range that makes no sense or begins past the last byte, when `size` is known. */
export function checkRange(range: ByteRange, size = Number.POSITIVE_INFINITY): void {
  const { start, end = start } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || start >= size) {
    throw new BlobError('bad-range', `Bytes ${start} to ${range.end ?? 'the last'} are not in the blob.`);
  }
}

export const blobNotFound = (key: string) => new BlobError('not-found', `There is no blob '${key}'.`);
