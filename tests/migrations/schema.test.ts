import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrate.ts';
import { createEmptyDatabase, createTestDatabase, MIGRATIONS } from '../support/database.ts';
import { assertGolden } from '../support/golden.ts';
import { printSchema } from '../support/schema.ts';

const SCHEMA = join(MIGRATIONS, 'schema.sql');
const HEADER =
  '-- The sum of all migrations, for reading. Written by a test; never edited, never run on a live database.\n\n';

test('the migrations make exactly schema.sql', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  assertGolden(SCHEMA, HEADER + (await printSchema(database.adminUrl)));
});

test('schema.sql makes exactly what the migrations make', async (t) => {
  const database = await createEmptyDatabase();
  t.after(database.drop);
  await runMigrations({ connectionString: database.adminUrl });
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query('do $$ begin create role entente_app nologin; exception when duplicate_object then null; end $$');
  await client.query(readFileSync(SCHEMA, 'utf8'));
  await client.end();
  assert.equal(HEADER + (await printSchema(database.adminUrl)), readFileSync(SCHEMA, 'utf8'));
});

test('ten servers that start at once migrate once', async (t) => {
  const database = await createEmptyDatabase();
  t.after(database.drop);
  const applied = await Promise.all(
    Array.from({ length: 10 }, () => migrate({ adminUrl: database.adminUrl, folder: MIGRATIONS })),
  );
  const counts = applied.map((names) => names.length).filter((count) => count > 0);
  assert.equal(counts.length, 1, 'one of them applied the migrations');
  assert.ok((counts[0] ?? 0) >= 4);
});

test('a migration that was changed after it was applied is refused', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(`update platform.migrations set sha256 = 'other' where name like '0001%'`);
  await client.end();
  await assert.rejects(migrate({ adminUrl: database.adminUrl, folder: MIGRATIONS }), /0001.+was changed after/);
});
