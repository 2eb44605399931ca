import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded.ts';
import { migrate } from '../../src/platform/database/migrate.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

let own: Promise<{ adminUrl: string; stop(): Promise<void> }> | undefined;
let databases = 0;

/** The server of this test run (started by the runner), or one of this file's own that ends with its last database. */
async function testServer(): Promise<string> {
  databases += 1;
  const given = process.env.ENTENTE_TEST_DATABASE;
  if (given) return given;
  own ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'entente-test-'));
    const server = await startEmbeddedPostgres({ folder });
    return {
      adminUrl: server.adminUrl,
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  })();
  return (await own).adminUrl;
}

async function dropDatabase(server: string, name: string): Promise<void> {
  await execute(server, `drop database if exists ${name} with (force)`);
  databases -= 1;
  if (databases === 0 && own) {
    const last = own;
    own = undefined;
    await (await last).stop();
  }
}

async function execute(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  /** Logs in as the owner. The application switches to the role that row-level security binds. */
  readonly adminUrl: string;
  drop(): Promise<void>;
}

/** A fresh database with every migration applied, copied from a template in a tenth of a second. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const template = `entente_template_${await migrationsHash()}`;
  const name = `entente_test_${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  try {
    // Many test files start at once; one makes the template. The copy needs it idle, so copies wait for each other too.
    await admin.query('select pg_advisory_lock(7163002)');
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (!rowCount) {
      const making = `${template}_making`;
      await admin.query(`drop database if exists ${making} with (force)`);
      await admin.query(`create database ${making}`);
      await migrate({ adminUrl: withDatabase(server, making), folder: MIGRATIONS });
      await admin.query(`alter database ${making} rename to ${template}`);
    }
    await admin.query(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  return { adminUrl: withDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** An empty database, without migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const name = `entente_empty_${randomBytes(8).toString('hex')}`;
  await execute(server, `create database ${name}`);
  return { adminUrl: withDatabase(server, name), drop: () => dropDatabase(server, name) };
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(MIGRATIONS)).sort()) {
    if (/^\d{4}_/.test(file)) hash.update(file).update(await readFile(join(MIGRATIONS, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
