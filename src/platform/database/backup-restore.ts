import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { type Extract, extract } from 'tar-stream';
import { z } from 'zod';
import { Fault } from '../../kernel/fault.ts';
import { HOST } from '../../kernel/ids.ts';
import type { BlobStore } from '../blobs/index.ts';
import { BLOBS_FOLDER, BlobRestore } from './backup-blobs.ts';
import {
  type BackupManifest,
  FORMAT,
  LONGEST_PART,
  listMigrations,
  listTables,
  MANIFEST,
  manifestShape,
  plainText,
  type Restored,
  resealing,
  SEAL,
  SECRETS,
  type Seal,
  type Sealing,
  sealShape,
  type Table,
} from './backup-format.ts';
import { backupFaults, type Keys, keysOf, parseSigned } from './backup-protection.ts';
import { APPLICATION_ROLE } from './migrate.ts';

interface ReadOptions {
  readonly adminUrl: string;
  readonly blobs: BlobStore;
  readonly content: Readable;
  readonly protection?: {
    readonly passphrase: string;
    readonly sealing: Sealing;
    /** Called for a whole server just before the commit; `undo` is called when that fails. */
    keepSecrets(secrets: Readonly<Record<string, string>>): Promise<{ undo(): Promise<void> }>;
  };
}

/**
 * Restores a backup, all of it or nothing: the rows in one transaction, the blobs before its commit. With a passphrase it takes only what was made with that
 * passphrase, without one only what was made without.
 * @throws backup.damaged, backup.not-opened, backup.other-version, backup.tenant-exists, backup.server-not-empty,
 *   backup.clashes, backup.file-clashes.
 */
export async function readBackup(options: ReadOptions): Promise<Restored> {
  const client = new pg.Client({ connectionString: options.adminUrl, application_name: 'entente-restore' });
  client.on('error', () => {});
  await client.connect();
  let kept: { undo(): Promise<void> } | undefined;
  const blobs = new BlobRestore(options.blobs);
  try {
    await client.query('begin');
    await plainText(client);
    const { restored, secrets } = await load(client, options, blobs);
    if (restored.manifest.tenant === null) kept = await options.protection?.keepSecrets(secrets);
    await client.query('commit');
    return restored;
  } catch (error) {
    await kept?.undo();
    await client.query('rollback').catch(() => {});
    await blobs.undo();
    throw faultOf(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function load(client: pg.Client, { content, protection }: ReadOptions, blobs: BlobRestore) {
  const tables = new Map((await listTables(client)).map((table) => [table.name, table]));
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  const counts = new Map<string, number>();
  let opened: { manifest: BackupManifest; keys: Keys } | undefined;
  let secrets: Record<string, string> = {};
  let seal: Seal | undefined;

  for await (const entry of entriesOf(content)) {
    const { name } = entry.header;
    if (seal) throw backupFaults.damaged('something follows its end');
    if (!opened) {
      if (name !== MANIFEST) throw backupFaults.damaged('it does not begin with a manifest');
      opened = await openManifest(await bytesOf(entry), protection?.passphrase);
      await prepare(client, opened.manifest, [...tables.values()]);
      continue;
    }
    const { manifest, keys } = opened;
    const [, tableName] = /^tables\/([a-z0-9_]+\.[a-z0-9_]+)\/\d{8}\.ndjson$/.exec(name) ?? [];
    const table = tableName === undefined ? undefined : tables.get(tableName);
    if (name === SEAL) seal = sealShape.parse(keys.verify(await bytesOf(entry)));
    else if (name === SECRETS && manifest.tenant === null && keys.vault) {
      const { vault } = keys;
      const closed = z.record(z.string(), z.string()).parse(JSON.parse(String(await bytesOf(entry))));
      const opened = Object.entries(closed).map(([file, text]) => [
        file,
        vault.open(Buffer.from(text, 'base64'), file),
      ]);
      secrets = Object.fromEntries(opened);
    } else if (table) {
      const change =
        manifest.tenant && protection && keys.vault
          ? resealing(table, protection.sealing.columns, keys.vault, protection.sealing.vault)
          : undefined;
      const bytes = await bytesOf(entry);
      if (!hashes.has(table.name)) hashes.set(table.name, createHash('sha256'));
      hashes.get(table.name)?.update(bytes);
      counts.set(
        table.name,
        (counts.get(table.name) ?? 0) + (await insertRows(client, table, manifest, bytes, change)),
      );
    } else if (name.startsWith(BLOBS_FOLDER)) {
      await blobs.take(name, await bytesOf(entry), manifest.tenant?.id);
    } else throw backupFaults.damaged(`"${name}" does not belong into it`);
  }
  if (!opened || !seal) throw backupFaults.damaged('its end is missing');
  const empty = createHash('sha256').digest('hex');
  for (const { name } of opened.manifest.tables) {
    const wanted = seal.tables[name];
    const sha256 = hashes.get(name)?.digest('hex') ?? empty;
    if (!wanted || wanted.sha256 !== sha256 || wanted.rows !== (counts.get(name) ?? 0)) {
      throw backupFaults.damaged(`the table ${name} is not what was written`);
    }
  }
  const files = blobs.finish(seal.blobs);
  if (seal.secrets.some((name) => !Object.hasOwn(secrets, name))) throw backupFaults.damaged('a secret is missing');
  await client.query('reset role');
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const { manifest } = opened;
  return { restored: { manifest, tables: manifest.tables.length, rows, files }, secrets };
}

async function openManifest(
  bytes: Buffer,
  passphrase: string | undefined,
): Promise<{ manifest: BackupManifest; keys: Keys }> {
  const { body } = parseSigned(bytes);
  const { data: given } = z.object({ format: z.number() }).safeParse(body);
  if (given && given.format !== FORMAT) throw backupFaults.otherVersion();
  const parsed = manifestShape.safeParse(body);
  if (!parsed.success) throw backupFaults.damaged('its manifest cannot be read');
  const { salt } = parsed.data;
  if ((passphrase === undefined) !== (salt === null)) throw backupFaults.notOpened();
  const keys = await keysOf(passphrase, salt === null ? null : Buffer.from(salt, 'base64'));
  keys.verify(bytes);
  return { manifest: parsed.data as BackupManifest, keys };
}

/** Refuses what cannot be restored here, then becomes the application, so that row-level security checks every row. */
async function prepare(client: pg.Client, manifest: BackupManifest, tables: readonly Table[]): Promise<void> {
  if (JSON.stringify(await listMigrations(client)) !== JSON.stringify(manifest.migrations)) {
    throw backupFaults.otherVersion();
  }
  const present = tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }));
  if (JSON.stringify(present) !== JSON.stringify(manifest.tables)) throw backupFaults.otherVersion();
  const { tenant } = manifest;
  const whose = tenant ? 'tenant_id = $1' : 'tenant_id <> $1';
  for (const { sql } of tables) {
    const { rowCount } = await client.query(`select from ${sql} where ${whose} limit 1`, [tenant?.id ?? HOST]);
    if (rowCount) throw tenant ? backupFaults.tenantExists() : backupFaults.serverNotEmpty();
  }
  if (!tenant) {
    // An empty server has already written down its own start; the backup brings the host's own record.
    await client.query(`select set_config('entente.purged_tenant', $1, true)`, [HOST]);
    for (const { sql } of [...tables].reverse()) await client.query(`delete from ${sql} where tenant_id = $1`, [HOST]);
    await client.query(`select set_config('entente.purged_tenant', '', true)`);
  }
  await client.query(`set local role ${APPLICATION_ROLE}`);
}

async function insertRows(
  client: pg.Client,
  table: Table,
  manifest: BackupManifest,
  bytes: Buffer,
  change: ((line: string) => string) | undefined,
): Promise<number> {
  const tenantAt = table.columns.findIndex(({ name }) => name === 'tenant_id');
  const names = table.columns.map(({ name }) => client.escapeIdentifier(name)).join(', ');
  const cells = table.columns.map(({ type }, i) => `(line ->> ${i})::${type}`).join(', ');
  const statement = `insert into ${table.sql} (${names}) overriding system value
    select ${cells} from json_array_elements($1::json) line`;
  let [rows, batch, tenantId] = [0, [] as string[], ''];
  const flush = async () => {
    if (batch.length === 0) return;
    await client.query(`select set_config('entente.tenant_id', $1, true)`, [tenantId]);
    const { rowCount } = await client.query(statement, [`[${batch.join(',')}]`]);
    rows += rowCount ?? 0;
    batch = [];
  };
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue;
    const owner = String((JSON.parse(line) as unknown[])[tenantAt]);
    if (manifest.tenant && owner !== manifest.tenant.id)
      throw backupFaults.damaged('it holds rows of another organisation');
    if (owner !== tenantId) await flush();
    tenantId = owner;
    batch.push(change ? change(line) : line);
  }
  await flush();
  return rows;
}

/** Whatever breaks while reading is a damaged backup, unless the database itself says otherwise. */
function faultOf(error: unknown): unknown {
  if (error instanceof Fault) return error;
  if (error instanceof pg.DatabaseError) {
    // 23505: what may exist once exists. The rest of class 23, and 22 and 42501: rows that no server has written.
    if (error.code === '23505') return backupFaults.clashes(error.constraint ?? '');
    return /^(22|23|42501)/.test(error.code ?? '') ? backupFaults.damaged('it holds rows that cannot be') : error;
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError) return backupFaults.damaged('it cannot be read');
  const { code, message = '' } = error as NodeJS.ErrnoException;
  if (code?.startsWith('Z_') || /header|unexpected end|Unsupported state|sealed by us/i.test(message)) {
    return backupFaults.damaged('it cannot be read');
  }
  return error;
}

/** One file of the archive, as tar-stream hands it out. */
type Entry = Extract extends AsyncIterable<infer One> ? One : never;
function entriesOf(content: Readable): AsyncIterable<Entry> {
  const tar = extract();
  const gunzip = createGunzip();
  const fail = (error: Error) => tar.destroy(error);
  content.once('error', fail);
  gunzip.once('error', fail);
  tar.once('close', () => content.destroy());
  content.pipe(gunzip).pipe(tar);
  return tar;
}

async function bytesOf(entry: Entry): Promise<Buffer> {
  if ((entry.header.size ?? 0) > LONGEST_PART) throw backupFaults.damaged('a part of it is too long');
  const chunks: Buffer[] = [];
  for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
