import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findCalendarLosses, killUnderCalendarLoad, nothingKept, settleWriters } from '../support/calendar-load.ts';
import { ServerProcess } from '../support/server-process.ts';

let server: ServerProcess;
let writers: Awaited<ReturnType<typeof settleWriters>>;
const known = nothingKept();

before(async () => {
  server = await ServerProcess.create('--demo');
  await server.start();
  writers = await settleWriters(server);
});
after(async () => {
  await server.end();
});

test('killed among sixteen writers, the server loses no event, no instance and no invitation that it acknowledged', async () => {
  for (const [round, database] of [false, true].entries()) {
    const found = await killUnderCalendarLoad(server, writers, known, {
      round,
      requests: 200,
      killAfter: 70,
      database,
    });
    assert.ok(found.answered >= 70, `${found.answered} were answered before it died`);
    assert.deepEqual(found.losses, []);
  }
  assert.equal(known.refused, 0);
  const meetings = [...known.events.values()].filter(({ isMeeting }) => isMeeting);
  assert.ok(known.events.size > 80 && meetings.length > 12, `${known.events.size} events, ${meetings.length} meetings`);
});

test('what was killed wrote many events in one transaction', async () => {
  const client = await server.database();
  try {
    const { rows } = await client.query(
      'select count(*)::int as events, count(distinct version)::int as transactions from calendars.objects where uid = any($1)',
      [[...known.events].filter(([, { isMeeting }]) => !isMeeting).map(([uid]) => uid)],
    );
    assert.ok(rows[0].transactions < rows[0].events, JSON.stringify(rows[0]));
  } finally {
    await client.end();
  }
});

test('what was lost of a calendar would be found', async () => {
  const client = await server.database();
  try {
    await client.query('begin');
    const [gone] = [...known.events].filter(([, { occurrences }]) => occurrences === 1).map(([uid]) => uid);
    const [series] = [...known.events].filter(([, { occurrences }]) => occurrences > 1).map(([uid]) => uid);
    await client.query(`set local session_replication_role = replica`);
    await client.query('delete from calendars.objects where uid = $1', [gone]);
    await client.query(
      `delete from calendars.occurrences i using calendars.objects o
        where o.tenant_id = i.tenant_id and o.id = i.object_id and o.uid = $1 and lower(i.period) > '2099-10-01'`,
      [series],
    );
    const withoutMeetings = { ...known, events: new Map([...known.events].filter(([, { isMeeting }]) => !isMeeting)) };
    const losses = (await findCalendarLosses(client, withoutMeetings)).join('\n');
    assert.match(losses, new RegExp(`${gone} is missing`));
    assert.match(losses, new RegExp(`${series} has \\d instances of 10`));
    await client.query('rollback');
  } finally {
    await client.end();
  }
});
