import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Passes bytes on unchanged and counts and hashes them on the way. */
export class DigestStream extends Transform {
  /** Bytes passed so far. Not called `size`: the S3 upload would take that for the length of the whole. */
  passed = 0;
  private readonly hash = createHash('sha256');

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.passed += chunk.length;
    this.hash.update(chunk);
    done(null, chunk);
  }

  /** SHA-256 of all that passed, in hexadecimal. To be asked once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}
