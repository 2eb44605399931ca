import type { Readable } from 'node:stream';
import type pg from 'pg';
import { z } from 'zod';
import type { TenantId } from '../../kernel/ids.ts';
import type { SealedColumn } from '../../kernel/module.ts';
import type { Vault } from '../vault.ts';

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
export const FORMAT = 2;
export const MANIFEST = 'manifest.json';
export const SECRETS = 'secrets.json';
export const SEAL = 'seal.json';
/** No part that we wrote is longer: a row holds at most what PostgreSQL takes for one text. */
export const LONGEST_PART = 512 * 1024 * 1024;

export const manifestShape = z.object({
  format: z.literal(FORMAT),
  createdAt: z.string(),
  tenant: z.object({ id: z.string(), domain: z.string() }).nullable(),
  migrations: z.array(z.object({ name: z.string(), sha256: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  salt: z.string().nullable(),
});
export const sealShape = z.object({
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
  blobs: z.object({ count: z.number(), sha256: z.string() }),
  secrets: z.array(z.string()),
});
export type Seal = z.output<typeof sealShape>;

export interface Table {
  /** `directory.accounts` */
  readonly name: string;
  /** The name, quoted. */
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Columns of the primary key, quoted; tenant first, so that the rows of a tenant stand together. */
  readonly key: string;
}

/** Every table with a tenant in it, those that others refer to first. */
export async function listTables(client: pg.Client): Promise<Table[]> {
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

export async function listMigrations(client: pg.Client): Promise<{ name: string; sha256: string }[]> {
  return (await client.query('select name, sha256 from platform.migrations order by name')).rows;
}

/** Makes every value's text the same on every server, and exact. */
export async function plainText(client: pg.Client): Promise<void> {
  await client.query(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC';
    set local bytea_output = 'hex'; set local extra_float_digits = 3; set local statement_timeout = 0`);
}

/** Makes the ciphertexts of a line anew, from one vault to the other; undefined for a table without any. */
export function resealing(
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

/** The lines of a stream of text, without their ends. */
export async function* linesOf(content: Readable): AsyncGenerator<string> {
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
