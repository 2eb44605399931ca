import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let client: pg.Client;
let authorization: string;
before(async () => {
  people = await startPeople();
  authorization = `Bearer ${await people.token(people.fabrikam.ann)}`;
  client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
});
after(async () => {
  await client.end();
  await people.app.close();
});

let home: string;
let calendarId: string;
/** A calendar for each test. Rights in it are known before the test begins, so that whatever is put goes together. */
beforeEach(async (t) => {
  home = `/dav/calendars/${people.fabrikam.ann.id}/${t.name.replace(/\W/g, '').slice(0, 60)}/`;
  assert.equal((await dav('MKCALENDAR', home)).status, 201);
  for (let n = 0; n < 3; n += 1) assert.ok((await put('first', { start: `2027050${1 + n}` })).status < 300);
  const { rows } = await client.query(`select calendar_id from calendars.objects where uid = $1`, [uidOf('first')]);
  calendarId = rows[0].calendar_id;
});

async function dav(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const type = method === 'PUT' ? 'text/calendar' : 'application/xml';
  const answer = await fetch(`${people.app.origin}${path}`, {
    method,
    headers: { authorization, 'content-type': type, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text(), etag: answer.headers.get('etag') };
}

interface Put {
  readonly uid?: string;
  readonly start?: string;
  readonly lines?: readonly string[];
  readonly headers?: Record<string, string>;
}

const uidOf = (name: string) => `${name}@${home}`;
const textOf = (name: string, { uid = uidOf(name), start = '20270504', lines = [] }: Put) =>
  `${[
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', 'BEGIN:VEVENT'],
    ...[`UID:${uid}`, 'DTSTAMP:20260401T000000Z', `DTSTART:${start}T070000Z`, 'DURATION:PT1H', `SUMMARY:${name}`],
    ...[...lines, 'END:VEVENT', 'END:VCALENDAR'],
  ].join('\r\n')}\r\n`;
const put = (name: string, how: Put = {}) =>
  dav('PUT', `${home}${encodeURIComponent(name)}.ics`, textOf(name, how), how.headers);
const statuses = async (puts: readonly ReturnType<typeof put>[]) => (await Promise.all(puts)).map((one) => one.status);

/** What is kept in the calendar of this test, by name. */
async function kept() {
  const { rows } = await client.query(
    `select o.name, o.uid, o.etag, o.version, o.content,
            (select count(*) from calendars.occurrences i where i.tenant_id = o.tenant_id and i.object_id = o.id) as times,
            (select min(lower(i.period)) from calendars.occurrences i
              where i.tenant_id = o.tenant_id and i.object_id = o.id) as first,
            (select count(*) from calendars.reminders r
              where r.tenant_id = o.tenant_id and r.object_id = o.id) as reminders,
            (select count(*) from audit.events e
              where e.tenant_id = o.tenant_id and e.targets @> jsonb_build_array(jsonb_build_object('id', o.id))) as told
       from calendars.objects o where o.calendar_id = $1`,
    [calendarId],
  );
  return new Map(rows.map((row) => [row.name.replace('.ics', ''), row]));
}

const ALARM = ['BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', 'DESCRIPTION:Soon', 'END:VALARM'];

test('what many put at once is written by few transactions, each with its instances and its own event', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `made${n}`);
  const weekly = (n: number) => (n % 4 === 0 ? ['RRULE:FREQ=WEEKLY;COUNT=3'] : []);
  const lines = (n: number) => [...weekly(n), ...(n % 3 === 0 ? ALARM : [])];
  const long = put('daily', { lines: ['RRULE:FREQ=DAILY'] });
  const answers = await Promise.all(names.map((name, n) => put(name, { lines: lines(n) })));
  assert.equal((await long).status, 201);
  const known = await kept();
  const versions = new Set<number>();
  for (const [n, name] of names.entries()) {
    assert.equal(answers[n]?.status, 201, answers[n]?.text);
    const { etag, times, told, version, reminders } = known.get(name);
    assert.deepEqual([answers[n]?.etag, times, told], [`"${etag}"`, n % 4 === 0 ? 3 : 1, 1]);
    assert.equal(reminders, n % 3 === 0 ? 1 : 0);
    versions.add(version);
  }
  assert.ok(versions.size <= 20, `${versions.size} transactions`);
  const { rows } = await client.query(
    `select count(distinct request_id) as requests, count(distinct id) as events from audit.events
      where action = 'calendars.event-created' and facts ->> 'calendarId' = $1`,
    [calendarId],
  );
  assert.deepEqual(rows, [{ requests: 42, events: 42 }]);

  // And in place of what was there, with other instances.
  const moved = await statuses(names.map((name) => put(name, { start: '20270511' })));
  assert.deepEqual(new Set(moved), new Set([204]));
  const after = await kept();
  const changed = names.map((name) => after.get(name));
  // Those that had an alarm go alone: what was done about it is read first.
  assert.ok(new Set(changed.filter((_, n) => n % 3 !== 0).map(({ version }) => version)).size <= 15);
  for (const { times, told, first, reminders } of changed)
    assert.deepEqual([times, told, first.toISOString(), reminders], [1, 2, '2027-05-11T07:00:00.000Z', 0]);
});

test('what stands against one fails that one alone, as if it had come by itself', async () => {
  const first = (await kept()).get('first');
  const good = Array.from({ length: 12 }, (_, n) => `good${n}`);
  const none = { 'if-none-match': '*' };
  const old = { 'if-match': '"0123456789abcdef0123456789abcdef"' };
  const known = { 'if-match': `"${first.etag}"` };
  // What the database does not keep is left out of what is kept.
  const zeros = statuses([put('zeros', { lines: ['X-NOTHING:\u0000'] })]);
  const [added, ...refused] = await Promise.all([
    statuses(good.map((name) => put(name))),
    put('other', { uid: uidOf('first') }),
    put('first', { headers: none }),
    put('first', { headers: old }),
    put('nothing', { headers: known }),
    put('first', { uid: uidOf('another') }),
    put('broken', { lines: ['BEGIN:NOTHING'] }),
    put('never', { start: 'nonsense' }),
    dav('PUT', `${home.slice(0, -1)}-none/x.ics`, textOf('x', {})),
  ]);
  assert.deepEqual(new Set(added), new Set([201]));
  assert.deepEqual(
    refused.map(({ status }) => status),
    [409, 412, 412, 412, 403, 403, 403, 404],
    refused.map(({ text }) => text).join('\n'),
  );
  assert.deepEqual(await zeros, [201]);
  assert.deepEqual([...(await kept()).keys()].sort(), ['first', 'zeros', ...good].sort());
  assert.equal((await kept()).get('first').version, first.version);
});

test('of several that want the same place, name or version at once, one has it and the others hear so', async () => {
  const eight = Array.from({ length: 8 }, (_, n) => n);
  const none = { 'if-none-match': '*' };
  const { etag } = (await kept()).get('first');
  const taken = await Promise.all([
    statuses(eight.map((n) => put('place', { start: `2027060${1 + n}`, headers: none }))),
    statuses(eight.map((n) => put(`named${n}`, { uid: uidOf('named') }))),
    statuses(eight.map((n) => put('first', { start: `2027060${1 + n}`, headers: { 'if-match': `"${etag}"` } }))),
  ]);
  assert.deepEqual(
    taken.map((all) => all.toSorted()),
    [
      [201, ...eight.slice(1).map(() => 412)],
      [201, ...eight.slice(1).map(() => 409)],
      [204, ...eight.slice(1).map(() => 412)],
    ],
  );
  // Whoever says nothing of what they know writes over it; what is kept is one of them, whole.
  assert.deepEqual(
    new Set(await statuses(eight.map((n) => put('first', { start: `2027070${1 + n}` })))),
    new Set([204]),
  );
  const { content, first, times, told } = (await kept()).get('first');
  const day = first.toISOString().slice(0, 10).replaceAll('-', '');
  assert.match(content, new RegExp(`DTSTART:${day}T070000Z`));
  assert.deepEqual([times, told], [1, 12]);
});

test('whoever must wait for somebody else waits alone', async () => {
  await client.query('begin');
  try {
    // Somebody who takes a UID, changes an event and is at a meeting, and is not done.
    await client.query(
      `insert into calendars.objects select (jsonb_populate_record(o, jsonb_build_object(
         'id', gen_random_uuid(), 'name', 'theirs.ics', 'uid', $2::text))).* from calendars.objects o where calendar_id = $1`,
      [calendarId, uidOf('wanted')],
    );
    await client.query(`update calendars.objects set summary = 'Held' where uid = $1`, [uidOf('first')]);
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 7163))`, [
      `${people.fabrikam.id} ${uidOf('meeting')}`,
    ]);
    const done: string[] = [];
    const waiting = [
      put('wanted').then(({ status }) => done.push(`wanted ${status}`)),
      put('first', { start: '20270601' }).then(({ status }) => done.push(`first ${status}`)),
      put('meeting', { start: '20200501', lines: MEETING }).then(({ status }) => done.push(`meeting ${status}`)),
    ];
    const begun = performance.now();
    const others = Array.from({ length: 12 }, (_, n) => `other${n}`);
    assert.deepEqual(new Set(await statuses(others.map((name) => put(name)))), new Set([201]));
    assert.deepEqual(new Set(await statuses(others.map((name) => put(name)))), new Set([204]));
    assert.ok(performance.now() - begun < 4_000, `${performance.now() - begun} ms`);
    assert.deepEqual(done, []);
    await client.query('rollback');
    await Promise.all(waiting);
    assert.deepEqual(done.toSorted(), ['first 204', 'meeting 201', 'wanted 201']);
  } finally {
    await client.query('rollback');
  }
});

const MEETING = ['ORGANIZER:mailto:ann@fabrikam.example', 'ATTENDEE:mailto:bob@contoso.example'];
