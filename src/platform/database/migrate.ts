import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runMigrations as migrateJobs } from 'graphile-worker';
import pg from 'pg';

/** The role that the server works as. Row-level security binds it. */
export const APPLICATION_ROLE = 'entente_app';

/** Any number, the same on every node: who holds it migrates, the others wait. */
const MIGRATION_LOCK = 7_163_001;

/**
 * Brings the database at `adminUrl` up to date: the application role, the job queue's own tables, then each file of
 * `folder` in order, each in its own transaction. Many servers may start at once; one migrates.
 *
 * @returns the names of the files applied now.
 * @throws when a file that was applied has since been changed, or a later one was applied before an earlier one.
 */
export async function migrate(options: {
  adminUrl: string;
  folder: string;
  /** The application role's password where it logs in by itself; without it, connections switch to the role. */
  applicationPassword?: string;
}): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.adminUrl, application_name: 'entente-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query("select set_config('client_min_messages', 'warning', false)");
    await ensureApplicationRole(client, options.applicationPassword);
    await migrateJobQueue(options.adminUrl);
    await client.query(`
      create schema if not exists platform;
      create table if not exists platform.migrations (
        name text primary key,
        sha256 text not null,
        applied_at timestamptz not null default now()
      )`);
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from platform.migrations',
    );
    const applied = new Map(rows.map((row) => [row.name, row.sha256]));
    const now: string[] = [];
    for (const file of await migrationFiles(options.folder)) {
      const before = applied.get(file.name);
      if (before === file.sha256) continue;
      if (before !== undefined) throw new Error(`The migration ${file.name} was changed after it was applied.`);
      await client.query('begin');
      try {
        await client.query(file.sql);
        await client.query('insert into platform.migrations (name, sha256) values ($1, $2)', [file.name, file.sha256]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new Error(`The migration ${file.name} failed: ${(error as Error).message}`, { cause: error });
      }
      now.push(file.name);
    }
    return now;
  } finally {
    await client.end();
  }
}

/** The URL for the application: the given login where it has a password of its own, else the admin's, switched. */
export function applicationUrl(adminUrl: string, applicationPassword?: string): string {
  const url = new URL(adminUrl);
  // The planner thinks a walk through memberships long, and the more grants the longer: a database built with LLVM would
  // compile for a tenth of a second what runs for a tenth of a millisecond.
  const options = ['-c jit=off'];
  if (applicationPassword !== undefined) {
    url.username = APPLICATION_ROLE;
    url.password = applicationPassword;
  } else {
    options.push(`-c role=${APPLICATION_ROLE}`);
  }
  url.searchParams.set('options', options.join(' '));
  return url.href;
}

/** On a pool of our own: the queue's has no listener, and a database that goes away meanwhile would end the process. */
async function migrateJobQueue(adminUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: 1 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await migrateJobs({ pgPool: pool });
  } finally {
    await pool.end();
  }
}

async function ensureApplicationRole(client: pg.Client, password: string | undefined): Promise<void> {
  // Roles belong to the whole server, so two databases migrated at once may both try.
  await client.query(`
    do $$ begin
      create role ${APPLICATION_ROLE} nologin nosuperuser nobypassrls;
    exception when duplicate_object or unique_violation then null;
    end $$`);
  // An owner that is no superuser may administer the role it made, and still may not switch to it (PostgreSQL 16 and
  // later). Where somebody else made the role, granting it is theirs.
  await client.query(`
    do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then
        grant ${APPLICATION_ROLE} to current_user;
      end if;
    exception when insufficient_privilege then null;
    end $$`);
  if (password !== undefined) {
    await client.query(`alter role ${APPLICATION_ROLE} login password ${client.escapeLiteral(password)}`);
  }
}

async function migrationFiles(folder: string): Promise<{ name: string; sql: string; sha256: string }[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
