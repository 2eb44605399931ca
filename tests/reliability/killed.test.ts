import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase } from '../support/database.ts';
import { openLine } from '../support/frozen-line.ts';
import { findLosses, killDatabaseUnderLoad, killUnderLoad, nothingYet, settle } from '../support/ledger-load.ts';
import { ServerProcess } from '../support/server-process.ts';

// `npm run bench -- reliability` does the same ten times with 2,000 requests. A full disk is not tried here: it needs a
// file system of its own.

let server: ServerProcess;
let organisation: Awaited<ReturnType<typeof settle>>;
const known = nothingYet();

before(async () => {
  server = await ServerProcess.create();
  await server.start();
  organisation = await settle(server);
});
after(async () => {
  await server.end();
});

test('killed while it works, the server loses nothing that it acknowledged and leaves nothing half done', async () => {
  for (const [round, database] of [false, true].entries()) {
    const options = { round, requests: 400, killAfter: 120, database };
    const { answered, losses } = await killUnderLoad(server, organisation, known, options);
    assert.ok(answered >= 120, `${answered} were answered before it died`);
    assert.deepEqual(losses, []);
  }
  assert.ok(known.guests.size > 80 && known.members.size + known.removed.size > 20 && known.roles.size > 10);
  assert.equal(known.refused, 0);
});

test('what was lost would be found', async () => {
  const client = await server.database();
  try {
    await client.query('begin');
    const [guest] = known.guests;
    await client.query(`set local session_replication_role = replica`);
    await client.query('delete from directory.sponsors where account_id = $1', [guest]);
    await client.query(`delete from access.grants where kind = 'directory.role'`);
    const losses = (await findLosses(client, known)).join('\n');
    assert.match(losses, new RegExp(`${guest} lacks: sponsor`));
    assert.match(losses, /directory\.role .* is not there, and was given 1 and taken 0 times/);
    await client.query('rollback');
  } finally {
    await client.end();
  }
});

test('when the database dies, requests fail cleanly within seconds and are served again without a restart', async () => {
  const outage = await killDatabaseUnderLoad(server, 60);
  const statuses = Object.keys(outage.statuses).filter((status) => status !== '200');
  assert.deepEqual(statuses, ['503'], JSON.stringify(outage));
  assert.ok(outage.slowestSeconds < 15, JSON.stringify(outage));
  assert.ok(outage.recoverySeconds < 60, JSON.stringify(outage));
});

test('the server stops in time while requests wait for a database that is gone without a word', async () => {
  const database = await createTestDatabase();
  const line = await openLine(database.adminUrl);
  const other = await ServerProcess.create('--database-url', line.url);
  await other.start();
  line.freeze();
  const waiting = fetch(`${other.origin}/health/ready`).then(
    (answer) => answer.status,
    () => 'cut off',
  );
  await pause(200);
  const code = await other.end();
  await line.close();
  await database.drop();
  assert.equal(await waiting, 'cut off');
  assert.equal(code, 0, 'every part let go in its own time, before the last bound');
});
