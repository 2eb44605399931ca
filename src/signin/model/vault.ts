import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Seals small secrets for the database, so that a copy of the database alone opens nothing. */
export interface Vault {
  /** `purpose` is bound to the text: what was sealed for one row cannot be moved to another. */
  seal(text: string, purpose: string): Buffer;
  /** @throws when the bytes were changed, or sealed for another purpose or under another key. */
  open(sealed: Uint8Array, purpose: string): string;
}

const NONCE = 12;
const TAG = 16;

/** AES-256-GCM (NIST SP 800-38D) with a random nonce in front of each text and its tag behind it. */
export function createVault(masterKey: Uint8Array): Vault {
  if (masterKey.length !== 32) throw new RangeError('A master key has 32 bytes.');
  return {
    seal(text, purpose) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(purpose));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-TAG));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
    },
  };
}

/** The random secret of 32 bytes in the file at `path`, readable by its owner alone; made on the first call. */
export async function secretFile(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      const secret = randomBytes(32);
      await file.writeFile(`${secret.toString('base64url')}\n`);
      await file.sync();
      return secret;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url');
  if (secret.length !== 32) throw new Error(`The secret in ${path} is damaged. Restore it from a backup.`);
  return secret;
}
