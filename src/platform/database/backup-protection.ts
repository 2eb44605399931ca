import { createHmac, hkdfSync, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../../kernel/fault.ts';
import { createVault, type Vault } from '../vault.ts';

export const backupFaults = {
  damaged: (what: string) =>
    new Fault('invalid', 'backup.damaged', `The backup is damaged or incomplete: ${what}. Nothing was changed.`),
  notOpened: () =>
    new Fault(
      'invalid',
      'backup.not-opened',
      'The passphrase is wrong, or the backup was changed by somebody without it. Nothing was changed.',
    ),
  otherVersion: () =>
    new Fault(
      'conflict',
      'backup.other-version',
      'The backup was made by another version of the server. Restore it with that version, then update.',
    ),
  tenantExists: () =>
    new Fault('conflict', 'backup.tenant-exists', 'This organisation is here already. Nothing was changed.'),
  serverNotEmpty: () =>
    new Fault(
      'conflict',
      'backup.server-not-empty',
      'A whole server is restored into one without organisations. Nothing was changed.',
    ),
  blobClashes: (key: string) =>
    new Fault(
      'conflict',
      'backup.file-clashes',
      'Where the backup has a file, this server keeps another one. Nothing was changed.',
      { key },
    ),
  clashes: (constraint: string) =>
    new Fault(
      'conflict',
      'backup.clashes',
      'Something in the backup belongs to another organisation of this server. Nothing was changed.',
      { constraint },
    ),
};

/** What protects a backup from being read or changed without its passphrase. */
export interface Keys {
  /** Undefined without a passphrase. */
  readonly vault: Vault | undefined;
  /** The body with its MAC, as text. */
  sign(body: unknown): string;
  /** The body. @throws backup.not-opened when the MAC is another. */
  verify(bytes: Buffer): unknown;
}

/** What a passphrase opens: scrypt (RFC 7914) makes each guess cost 128 MiB and a good part of a second. */
export async function keysOf(passphrase: string | undefined, salt: Buffer | null): Promise<Keys> {
  if (passphrase === undefined || salt === null) {
    return {
      vault: undefined,
      sign: (body) => JSON.stringify({ body, mac: null }, null, 1),
      verify: (bytes) => parseSigned(bytes).body,
    };
  }
  const master = await new Promise<Buffer>((resolve, reject) =>
    scrypt(
      passphrase.normalize('NFC'),
      salt,
      32,
      { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 },
      (error, key) => (error ? reject(error) : resolve(key)),
    ),
  );
  const macKey = Buffer.from(hkdfSync('sha256', master, '', 'entente backup mac', 32));
  const macOf = (body: unknown) => createHmac('sha256', macKey).update(JSON.stringify(body)).digest();
  return {
    vault: createVault(master.toString('base64url')),
    sign: (body) => JSON.stringify({ body, mac: macOf(body).toString('hex') }, null, 1),
    verify(bytes) {
      const { body, mac } = parseSigned(bytes);
      const given = Buffer.from(mac ?? '', 'hex');
      const expected = macOf(body);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw backupFaults.notOpened();
      return body;
    },
  };
}

export function parseSigned(bytes: Buffer): { body: unknown; mac: string | null } {
  const parsed = z
    .object({ body: z.unknown(), mac: z.string().nullable() })
    .safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw backupFaults.damaged('it cannot be read');
  return parsed.data;
}
