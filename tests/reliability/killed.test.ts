import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase } from '../support/database.ts';
import { openLine } from '../support/frozen-line.ts';
import {
  findLosses,
  killDatabaseUnderLoad,
  killUnderLoad,
  nothingYet,
  operate,
  settle,
  TENANT,
} from '../support/ledger-load.ts';
import { ServerProcess } from '../support/server-process.ts';
import {
  applyAndDie,
  changesInAudit,
  entente,
  exported,
  POINTS,
  prepareToStand,
  textOf,
} from '../support/settings-load.ts';

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

test('beyond 3.9 accept 4: killed while a text is applied, the server has all of it or none, and applying again ends it', async (t) => {
  assert.equal((await entente(server, ['apply', '--yes'], textOf(0))).code, 0);
  await prepareToStand(server);
  for (const [n, point] of POINTS.entries()) {
    const [before, text] = [await exported(server), textOf(n + 1)];
    const died = await applyAndDie(server, text, point);
    t.diagnostic(`${point}: the command ended with ${died.code}`);
    await server.start();
    // No half of it: before the commit nothing, after it everything.
    assert.equal((await exported(server)) === before, point !== 'after the commit', point);
    const again = await entente(server, ['apply', '--yes'], text);
    assert.equal(again.code, 0, again.said);
    const planned = await operate(server, TENANT, 'POST', '/admin/settings-text/plan', { text, whatIf: false });
    assert.deepEqual(planned.body.changes, []);
    const marks = [`largestMessageMegabytes ${41 + n}`, `domainNames ["n${n + 1}.`];
    const told = (await changesInAudit(server)).filter((line) => marks.some((mark) => line.includes(mark)));
    // The size of messages, and a domain of each of the twenty relationships.
    assert.deepEqual([told.length, new Set(told).size], [21, 21], told.join('\n'));
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
