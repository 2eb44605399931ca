import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { type Bus, openBus } from './bus.ts';
import { createLog } from './log.ts';

let database: TestDatabase;
let writer: pg.Client;
let bus: Bus;
before(async () => {
  database = await createTestDatabase();
  writer = new pg.Client({ connectionString: database.adminUrl });
  await writer.connect();
  bus = await openBus({ url: database.adminUrl, log: createLog('silent') });
});
after(async () => {
  await bus.close();
  await writer.end();
  await database.drop();
});

const say = (n: number) =>
  writer.query('select pg_notify($1, $2)', [
    'entente',
    JSON.stringify({ topic: 'test.said', tenantId: '', payload: { n } }),
  ]);

test('all that was committed before is heard, by as many as ask at once', async () => {
  let heard = -1;
  const stop = bus.on('test.said', ({ payload }) => {
    heard = payload.n as number;
  });
  for (let n = 0; n < 200; n += 1) {
    await say(n);
    await Promise.all([bus.caughtUp(), bus.caughtUp(), bus.caughtUp()]);
    assert.equal(heard, n);
  }
  stop();
});

test('whoever waits while the connection is cut goes on when it is back, after what was missed is dropped', async () => {
  let gaps = 0;
  const stop = bus.onGap(() => {
    gaps += 1;
  });
  await writer.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'entente-bus'`);
  // The first may still be answered by what is being cut.
  await eventually(async () => {
    await bus.caughtUp();
    return gaps === 1;
  });
  stop();
});

test('while the database answers and nothing can be heard of it, all that is kept is dropped again and again', async () => {
  await writer.query("create role listener login password 'listens'");
  const url = new URL(database.adminUrl);
  [url.username, url.password] = ['listener', 'listens'];
  const deaf = await openBus({ url: url.href, log: createLog('silent') });
  let gaps = 0;
  deaf.onGap(() => {
    gaps += 1;
  });
  try {
    await writer.query('alter role listener nologin');
    await writer.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'listener'");
    await eventually(() => gaps >= 2);
  } finally {
    await deaf.close();
    await writer.query('drop role listener');
  }
});
