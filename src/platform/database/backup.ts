/**
 * Everything one tenant has in the database, as a tar of NDJSON that another server can take in. Tables are found in the
 * catalogue, so a new module's rows are in it without being listed anywhere. Values are written as PostgreSQL writes
 * them and read back by it, so none is rounded or reshaped on the way.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import pg from 'pg';
import tar from 'tar-stream';
import type { TenantId } from '../../kernel/ids.ts';
import { APPLICATION_ROLE } from './migrate.ts';

/** Rows fetched at once; a file of the archive holds one such batch, so memory is bounded by it. */
const ROWS_PER_FILE = 500;
const FORMAT = 'entente-tenant';

interface Column {
  readonly name: string;
  readonly type: string;
}

interface TenantTable {
  /** Quoted and qualified, fit for SQL. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly dependsOn: readonly string[];
}

export interface BackupFile {
  readonly name: string;
  readonly table: string;
  readonly rows: number;
  readonly sha256: string;
}

/** The last file of the archive: what all others must be. */
export interface BackupManifest {
  readonly format: typeof FORMAT;
  readonly version: 1;
  readonly tenantId: TenantId;
  readonly createdAt: string;
  /** The migrations of the server it comes from, in order. */
  readonly migrations: readonly string[];
  readonly rows: number;
  readonly files: readonly BackupFile[];
}

/** An archive that cannot be taken in, with a sentence for the person who tried. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * Writes the archive of one tenant (HOST for the host's own rows) as a stream, from one moment's view of the database.
 * `adminUrl` logs in as the owner. The stream fails when the database does; it then lacks its manifest.
 */
export function dumpTenant(options: { adminUrl: string; tenantId: TenantId; now: Date }): Readable {
  const pack = tar.pack();
  writeArchive(pack, options).catch((error: Error) => pack.destroy(error));
  return Readable.from(pack, { objectMode: false });
}

async function writeArchive(
  pack: tar.Pack,
  { adminUrl, tenantId, now }: { adminUrl: string; tenantId: TenantId; now: Date },
): Promise<void> {
  const client = await connect(adminUrl);
  try {
    await client.query('begin isolation level repeatable read read only');
    const files: BackupFile[] = [];
    const entry = async (name: string, content: string) => {
      const isTaken = pack.entry({ name, mtime: now }, content);
      // The reader sets the pace: without waiting, a large table would pile up in memory.
      if (!isTaken && !pack.destroyed) {
        await new Promise<void>((resolve) => {
          pack.once('drain', () => resolve());
          pack.once('close', () => resolve());
        });
      }
      if (pack.destroyed) throw new BackupError('Whoever read the archive went away.');
    };
    for (const table of await tenantTables(client)) {
      const pairs = table.columns.map(
        ({ name }) => `${client.escapeLiteral(name)}, t.${client.escapeIdentifier(name)}::text`,
      );
      await client.query(
        `declare rows no scroll cursor for
          select json_build_object(${pairs.join(', ')})::text as line from ${table.name} t where t.tenant_id = '${tenantId}'`,
      );
      for (let number = 1; ; number += 1) {
        const { rows } = await client.query<{ line: string }>(`fetch ${ROWS_PER_FILE} from rows`);
        if (rows.length === 0) break;
        const content = rows.map(({ line }) => `${line}\n`).join('');
        const name = `rows/${table.name}/${String(number).padStart(6, '0')}.ndjson`;
        files.push({ name, table: table.name, rows: rows.length, sha256: sha256(content) });
        await entry(name, content);
        if (rows.length < ROWS_PER_FILE) break;
      }
      await client.query('close rows');
    }
    const manifest: BackupManifest = {
      format: FORMAT,
      version: 1,
      tenantId,
      createdAt: now.toISOString(),
      migrations: await appliedMigrations(client),
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      files,
    };
    await entry('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
    await client.query('commit');
    pack.finalize();
  } finally {
    await client.end();
  }
}

/**
 * Takes an archive in, all or nothing: every file must be in the manifest with the same checksum and number of rows.
 * @throws BackupError when it is no archive, is damaged, incomplete or from a newer server, or the tenant is there.
 */
export async function restoreTenant(options: { adminUrl: string; archive: Readable }): Promise<BackupManifest> {
  const client = await connect(options.adminUrl);
  try {
    const tables = new Map((await tenantTables(client)).map((table) => [table.name, table]));
    const known = await appliedMigrations(client);
    await client.query('begin');
    // As the application: what it may not write, an archive may not either.
    await client.query(`set local role ${APPLICATION_ROLE}`);
    const seen: BackupFile[] = [];
    let manifest: BackupManifest | undefined;
    let tenantId: string | undefined;
    const entries = tar.extract();
    // A pipe does not carry the failure of its source on; the archive would seem never to end.
    options.archive.on('error', (error) => entries.destroy(error));
    options.archive.pipe(entries as unknown as NodeJS.WritableStream);
    for await (const entry of entries) {
      const content = await read(entry);
      if (manifest) throw new BackupError('The archive goes on after its manifest.');
      if (entry.header.name === 'manifest.json') {
        manifest = parseManifest(content);
        continue;
      }
      const table = tables.get(/^rows\/(.+)\/\d+\.ndjson$/.exec(entry.header.name)?.[1] ?? '');
      if (!table) throw new BackupError(`This server has no table for "${entry.header.name}". Update it first.`);
      const lines = content.split('\n').filter((line) => line !== '');
      const rows = parseRows(lines, entry.header.name);
      for (const row of rows) {
        tenantId ??= row.tenant_id ?? undefined;
        if (!tenantId || row.tenant_id !== tenantId)
          throw new BackupError('The archive holds rows of several tenants.');
      }
      if (tenantId) await insertRows(client, table, tenantId, rows);
      seen.push({ name: entry.header.name, table: table.name, rows: rows.length, sha256: sha256(content) });
    }
    if (!manifest) throw new BackupError('The archive is incomplete: it has no manifest.');
    if (tenantId !== undefined && manifest.tenantId !== tenantId)
      throw new BackupError('The manifest names another tenant.');
    const newer = manifest.migrations.find((name) => !known.includes(name));
    if (newer) throw new BackupError(`The archive is from a newer server (${newer}). Update this one first.`);
    if (JSON.stringify(manifest.files) !== JSON.stringify(seen)) {
      throw new BackupError('The archive is damaged: its files are not those of its manifest.');
    }
    await client.query('commit');
    return manifest;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    if (error instanceof pg.DatabaseError && error.code === '23505') {
      throw new BackupError(`It is on this server already (${error.table ?? ''}: ${error.constraint ?? ''}).`, {
        cause: error,
      });
    }
    if (error instanceof Error && /tar header|end of data/i.test(error.message)) {
      throw new BackupError('This is not an archive of a tenant, or it is cut off.', { cause: error });
    }
    throw error;
  } finally {
    await client.end();
  }
}

async function connect(adminUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'entente-backup' });
  // A connection that dies fails the query that waits on it; without this listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  // One way of writing every value, whatever the server's own settings.
  await client.query("set datestyle to 'ISO, YMD'; set intervalstyle to 'iso_8601'; set timezone to 'UTC'");
  await client.query('set extra_float_digits to 1; set bytea_output to hex; set row_security to on');
  return client;
}

/** Every table with a tenant_id, whichever module owns it: what is referred to before what refers to it. */
async function tenantTables(client: pg.Client): Promise<TenantTable[]> {
  const { rows } = await client.query<TenantTable>(`
    select format('%I.%I', n.nspname, c.relname) as name,
           (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
                            order by a.attnum)
              from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
           coalesce((select json_agg(distinct format('%I.%I', rn.nspname, r.relname))
              from pg_constraint f join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
             where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid), '[]') as "dependsOn"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', 'graphile_worker')
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
     order by 1`);
  const ordered: TenantTable[] = [];
  let waiting = rows;
  while (waiting.length > 0) {
    const names = new Set(waiting.map((table) => table.name));
    const free = waiting.filter((table) => !table.dependsOn.some((name) => names.has(name)));
    if (free.length === 0) throw new Error(`These tables refer to each other: ${[...names].join(', ')}.`);
    ordered.push(...free);
    waiting = waiting.filter((table) => !free.includes(table));
  }
  return ordered;
}

async function insertRows(
  client: pg.Client,
  table: TenantTable,
  tenantId: string,
  rows: readonly Record<string, string | null>[],
): Promise<void> {
  const given = Object.keys(rows[0] ?? {});
  const columns = table.columns.filter(({ name }) => given.includes(name));
  const unknown = given.find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) throw new BackupError(`This server's ${table.name} has no column "${unknown}".`);
  await client.query("select set_config('entente.tenant_id', $1, true)", [tenantId]);
  const names = columns.map(({ name }) => client.escapeIdentifier(name));
  const values = columns.map(({ name, type }) => `(r ->> ${client.escapeLiteral(name)})::${type}`);
  await client.query(
    `insert into ${table.name} (${names.join(', ')}) overriding system value
      select ${values.join(', ')} from json_array_elements($1::json) r`,
    [JSON.stringify(rows)],
  );
}

function parseRows(lines: readonly string[], file: string): Record<string, string | null>[] {
  try {
    return lines.map((line) => JSON.parse(line) as Record<string, string | null>);
  } catch (error) {
    throw new BackupError(`The file "${file}" of the archive is damaged.`, { cause: error });
  }
}

function parseManifest(content: string): BackupManifest {
  try {
    const manifest = JSON.parse(content) as BackupManifest;
    if (manifest.format === FORMAT && manifest.version === 1 && Array.isArray(manifest.files)) return manifest;
  } catch {}
  throw new BackupError('This is not an archive of a tenant that this server can read.');
}

async function read(entry: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of entry) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from platform.migrations order by name');
  return rows.map((row) => row.name);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
