import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Extract, extract, type Pack, pack } from 'tar-stream';
import { z } from 'zod';
import { Fault } from '../../kernel/fault.ts';
import { HOST, type TenantId } from '../../kernel/ids.ts';
import type { SealedColumn } from '../../kernel/module.ts';
import type { BlobStore } from '../blobs/index.ts';
import type { Vault } from '../vault.ts';
import { BLOBS_FOLDER, BlobRestore, putBlobs } from './backup-blobs.ts';
import { backupFaults, type Keys, keysOf, parseSigned } from './backup-protection.ts';
import { APPLICATION_ROLE } from './migrate.ts';

/** How the ciphertexts of this server are opened and made. */
export interface Sealing {
  readonly vault: Vault;
  readonly columns: readonly SealedColumn[];
}

/** What a backup says of itself, readable without its passphrase. */
export interface BackupManifest {
  readonly format: typeof FORMAT;
  readonly createdAt: string;
  /** The organisation it holds; null for a whole server. */
  readonly tenant: { readonly id: TenantId; readonly domain: string } | null;
  readonly migrations: readonly { readonly name: string; readonly sha256: string }[];
  /** In the order in which rows may refer to each other. */
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Of the key that the passphrase gives (scrypt); null where there is no passphrase, and so no protection. */
  readonly salt: string | null;
}

export interface BackedUp {
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
}

export interface Restored extends BackedUp {
  readonly manifest: BackupManifest;
}

/** 1 held no files. A file of another format is of another version of the server, too. */
const FORMAT = 2;
const MANIFEST = 'manifest.json';
const SECRETS = 'secrets.json';
const SEAL = 'seal.json';
/** A part of a table is at least this long, the last one excepted, and longer only by one row. In bytes. */
const PART_BYTES = 4 * 1024 * 1024;
/** No part that we wrote is longer: a row holds at most what PostgreSQL takes for one text. */
const LONGEST_PART = 512 * 1024 * 1024;

const manifestShape = z.object({
  format: z.literal(FORMAT),
  createdAt: z.string(),
  tenant: z.object({ id: z.string(), domain: z.string() }).nullable(),
  migrations: z.array(z.object({ name: z.string(), sha256: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  salt: z.string().nullable(),
});
const sealShape = z.object({
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
  blobs: z.object({ count: z.number(), sha256: z.string() }),
  secrets: z.array(z.string()),
});
type Seal = z.output<typeof sealShape>;

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

interface Table {
  /** `directory.accounts` */
  readonly name: string;
  /** The name, quoted. */
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Columns of the primary key, quoted; tenant first, so that the rows of a tenant stand together. */
  readonly key: string;
}

/** Every table with a tenant in it, those that others refer to first. */
async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table & { refersTo: string[] }>(`
    select format('%s.%s', n.nspname, c.relname) as name, format('%I.%I', n.nspname, c.relname) as sql,
           (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
              from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
           (select string_agg(quote_ident(attname), ', ' order by attname <> 'tenant_id', array_position(i.indkey, attnum))
              from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
             where i.indrelid = c.oid and i.indisprimary) as key,
           array(select distinct format('%s.%s', rn.nspname, r.relname)
                   from pg_constraint f join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
                  where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as "refersTo"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', 'graphile_worker')
     order by 1`);
  const ordered: Table[] = [];
  for (let waiting = rows; waiting.length > 0; ) {
    const names = new Set(waiting.map(({ name }) => name));
    const free = waiting.filter(({ refersTo }) => !refersTo.some((name) => names.has(name)));
    if (free.length === 0) throw new Error(`The tables ${[...names].join(', ')} refer to each other.`);
    ordered.push(...free.map(({ refersTo: _, ...table }) => table));
    waiting = waiting.filter((table) => !free.includes(table));
  }
  return ordered;
}

async function listMigrations(client: pg.Client): Promise<{ name: string; sha256: string }[]> {
  return (await client.query('select name, sha256 from platform.migrations order by name')).rows;
}

/** Makes every value's text the same on every server, and exact. */
async function plainText(client: pg.Client): Promise<void> {
  await client.query(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC';
    set local bytea_output = 'hex'; set local extra_float_digits = 3; set local statement_timeout = 0`);
}

/** Makes the ciphertexts of a line anew, from one vault to the other; undefined for a table without any. */
function resealing(
  table: Table,
  columns: readonly SealedColumn[],
  from: Vault,
  to: Vault,
): ((line: string) => string) | undefined {
  const own = columns.filter((column) => column.table === table.name);
  if (own.length === 0) return undefined;
  return (line) => {
    const cells = JSON.parse(line) as (string | null)[];
    const row = Object.fromEntries(table.columns.map(({ name }, i) => [name, cells[i] ?? null]));
    for (const { column, contextOf } of own) {
      const at = table.columns.findIndex(({ name }) => name === column);
      const text = cells[at];
      if (text === null || text === undefined) continue;
      const context = contextOf(row);
      const plain = from.open(Buffer.from(text.slice(2), 'hex'), context);
      cells[at] = `\\x${to.seal(plain, context).toString('hex')}`;
    }
    return JSON.stringify(cells);
  };
}

async function* linesOf(content: Readable): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of content as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end));
      yield Buffer.concat(rest).toString('utf8');
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

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
