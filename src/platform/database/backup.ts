import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Pack, pack } from 'tar-stream';
import type { TenantId } from '../../kernel/ids.ts';
import type { BlobStore } from '../blobs/index.ts';
import { putBlobs } from './backup-blobs.ts';
import {
  type BackedUp,
  type BackupManifest,
  FORMAT,
  linesOf,
  listMigrations,
  listTables,
  MANIFEST,
  plainText,
  resealing,
  SEAL,
  SECRETS,
  type Seal,
  type Sealing,
  type Table,
} from './backup-format.ts';
import { keysOf } from './backup-protection.ts';

/** A part of a table is at least this long, the last one excepted, and longer only by one row. In bytes. */
const PART_BYTES = 4 * 1024 * 1024;

/**
 * Streams a backup as a tar.gz: the manifest, each table as lines of JSON in parts, each blob in parts, and at the end
 * the row count and SHA-256 of each table and of all blobs. All rows are read in one snapshot; the blobs after them, so
 * that none is missing of those that the rows speak of.
 *
 * With a passphrase, manifest and end carry a MAC under it. One tenant's ciphertexts are then made anew under the
 * passphrase, so that another server can take them over. A whole server's stay, and `secrets`, which open them, go along
 * under the passphrase.
 *
 * `done` tells when all of it was read; when that fails, so does the stream.
 */
export function writeBackup(options: WriteOptions): { content: Readable; done: Promise<BackedUp> } {
  const tar = pack();
  const gzip = createGzip();
  tar.on('error', (error: Error) => gzip.destroy(error));
  gzip.on('close', () => tar.destroy());
  (tar as unknown as Readable).pipe(gzip);
  const done = fill(tar, options);
  done.catch((error: Error) => gzip.destroy(error));
  return { content: gzip, done };
}

interface WriteOptions {
  /** Logs in as the owner of the database. */
  readonly adminUrl: string;
  /** What people uploaded. */
  readonly blobs: BlobStore;
  /** Without it, the whole server. */
  readonly tenant?: { readonly id: TenantId; readonly domain: string };
  readonly now: Date;
  readonly protection?: {
    readonly passphrase: string;
    readonly sealing: Sealing;
    readonly secrets: Readonly<Record<string, string>>;
  };
}

async function fill(tar: Pack, { adminUrl, blobs, tenant, now, protection }: WriteOptions): Promise<BackedUp> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'entente-backup' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await plainText(client);
    const tables = await listTables(client);
    const salt = protection ? randomBytes(16) : null;
    const keys = await keysOf(protection?.passphrase, salt);
    const manifest: BackupManifest = {
      format: FORMAT,
      createdAt: now.toISOString(),
      tenant: tenant ?? null,
      migrations: await listMigrations(client),
      tables: tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
      salt: salt?.toString('base64') ?? null,
    };
    await put(tar, MANIFEST, keys.sign(manifest));

    const secrets = tenant ? {} : (protection?.secrets ?? {});
    const seal: Seal = { tables: {}, blobs: { count: 0, sha256: '' }, secrets: Object.keys(secrets) };
    if (!tenant && keys.vault) {
      const { vault } = keys;
      const closed = Object.entries(secrets).map(([name, text]) => [name, vault.seal(text, name).toString('base64')]);
      await put(tar, SECRETS, JSON.stringify(Object.fromEntries(closed)));
    }
    let rows = 0;
    for (const table of tables) {
      const change =
        tenant && protection && keys.vault
          ? resealing(table, protection.sealing.columns, protection.sealing.vault, keys.vault)
          : undefined;
      const written = await putTable(tar, client, table, tenant?.id, change);
      seal.tables[table.name] = written;
      rows += written.rows;
    }
    // The snapshot is let go before what may take hours.
    await client.query('commit');
    seal.blobs = await putBlobs((name, content) => put(tar, name, content), blobs, tenant?.id);
    await put(tar, SEAL, keys.sign(seal));
    tar.finalize();
    return { tables: tables.length, rows, files: seal.blobs.count };
  } finally {
    await client.end().catch(() => {});
  }
}

async function putTable(
  tar: Pack,
  client: pg.Client,
  table: Table,
  tenantId: TenantId | undefined,
  change: ((line: string) => string) | undefined,
): Promise<{ rows: number; sha256: string }> {
  const cells = table.columns.map(({ name }) => `${client.escapeIdentifier(name)}::text`).join(', ');
  const where = tenantId === undefined ? '' : `where tenant_id = ${client.escapeLiteral(tenantId)}`;
  // JSON holds no control character, so with these as quote and delimiter CSV prints it as it is.
  const rowsOf = `copy (select to_json(array[${cells}]) from ${table.sql} ${where} order by ${table.key})
    to stdout (format csv, quote e'\\x01', delimiter e'\\x02')`;
  const hash = createHash('sha256');
  let rows = 0;
  let parts = 0;
  let part: string[] = [];
  let bytes = 0;
  const flush = async () => {
    if (part.length === 0) return;
    const content = Buffer.from(part.join(''));
    hash.update(content);
    rows += part.length;
    parts += 1;
    await put(tar, `tables/${table.name}/${String(parts).padStart(8, '0')}.ndjson`, content);
    part = [];
    bytes = 0;
  };
  for await (const line of linesOf(client.query(copyTo(rowsOf)))) {
    const text = `${change ? change(line) : line}\n`;
    part.push(text);
    bytes += text.length;
    if (bytes >= PART_BYTES) await flush();
  }
  await flush();
  return { rows, sha256: hash.digest('hex') };
}

/** Resolves once the reader of the archive has taken it, so that nothing piles up in memory. */
async function put(tar: Pack, name: string, content: string | Buffer): Promise<void> {
  const bytes = Buffer.from(content);
  await new Promise<void>((resolve, reject) => {
    if (tar.destroyed) return reject(new Error('The reader of the backup went away.'));
    // The entry ends with the archive it belongs to, and then says so in its callback.
    const entry = tar.entry({ name, size: bytes.length, mode: 0o600 }, (error) => (error ? reject(error) : resolve()));
    entry.end(bytes);
  });
}
