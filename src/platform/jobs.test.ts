import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { openLine } from '../../tests/support/frozen-line.ts';
import { runJobs } from './jobs.ts';
import { createLog } from './log.ts';

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
});
after(async () => {
  await client.end();
  await database.drop();
});

/** A runner of one job, and the payloads that it was given. */
async function runner() {
  const ran: unknown[] = [];
  const started = await runJobs({
    adminUrl: database.adminUrl,
    jobs: [{ name: 'test.note', run: async (payload) => void ran.push(payload.n) }],
    cron: [],
    concurrency: 2,
    log: createLog('silent'),
  });
  return { ran, stop: () => started.stop() };
}

const add = (n: number) =>
  client.query(`select graphile_worker.add_job('test.note', json_build_object('n', $1::int))`, [n]);

async function eventually(look: () => boolean): Promise<void> {
  for (let i = 0; i < 150 && !look(); i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(look(), 'it did not happen in time');
}

test('a job that a dead process had begun is done by the next one at once', async () => {
  const first = await runner();
  await first.stop();
  await add(1);
  await client.query(`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker-that-died'`);
  const next = await runner();
  try {
    await eventually(() => next.ran.includes(1));
  } finally {
    await next.stop();
  }
});

test('a job that another live process works on stays with it', async () => {
  const living = await runner();
  await living.stop();
  const other = await runner();
  await add(2);
  await eventually(() => other.ran.includes(2));
  await client.query(`select graphile_worker.add_job('test.unknown', '{}')`);
  await client.query(
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker-alive' where locked_by is null`,
  );
  const second = await runner();
  try {
    const { rows } = await client.query('select locked_by from graphile_worker._private_jobs');
    assert.deepEqual(rows, [{ locked_by: 'worker-alive' }]);
  } finally {
    await second.stop();
    await other.stop();
  }
});

test('a runner whose connections are all cut goes on when the database answers again', async () => {
  const one = await runner();
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await add(3);
    await eventually(() => one.ran.includes(3));
  } finally {
    await one.stop();
  }
});

test('a job that hangs holds a stop up for so long and no longer', async () => {
  const begun = Promise.withResolvers<void>();
  const started = await runJobs({
    adminUrl: database.adminUrl,
    jobs: [
      {
        name: 'test.hang',
        async run() {
          begun.resolve();
          await new Promise(() => {});
        },
      },
    ],
    cron: [],
    concurrency: 1,
    log: createLog('silent'),
    patienceMs: 500,
  });
  await client.query(`select graphile_worker.add_job('test.hang')`);
  await begun.promise;
  const began = performance.now();
  await started.stop();
  const took = performance.now() - began;
  assert.ok(took > 400 && took < 3_000, `${Math.round(took)} ms`);
});

test('a database that is gone without a word holds a stop up for so long and no longer', async () => {
  const line = await openLine(database.adminUrl);
  const started = await runJobs({
    adminUrl: line.url,
    jobs: [{ name: 'test.note', run: async () => {} }],
    cron: [],
    concurrency: 1,
    log: createLog('silent'),
    patienceMs: 500,
  });
  line.freeze();
  const began = performance.now();
  await started.stop();
  const took = performance.now() - began;
  await line.close();
  assert.ok(took < 3_000, `${Math.round(took)} ms`);
});
