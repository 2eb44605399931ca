import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { putGrant } from '../../src/access/index.ts';
import { type App, startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { GRANTS } from '../../src/calendars/grants.ts';
import { calendarUse } from '../../src/calendars/usecases/asked.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { createLog } from '../../src/platform/log.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

let people: People;
/** A second server on the same database, with a memory of its own. */
let other: App;
before(async () => {
  people = await startPeople();
  other = await startApp({
    configuration: configurationShape.parse({
      data: people.app.data,
      port: 0,
      httpsPort: 0,
      databaseUrl: people.app.adminUrl,
      databaseConnections: 4,
    }),
    log: createLog('silent'),
    now: () => people.app.clock.now,
  });
  for (const person of [people.fabrikam.ann, people.fabrikam.anders]) await makePassword(person);
});
after(async () => {
  await other.close();
  await people.app.close();
});

const passwords = new Map<Person, { id: string; password: string }>();
async function makePassword(person: Person): Promise<void> {
  const made = await people.api(person)('POST', '/me/app-passwords', { name: 'Calendar' });
  assert.equal(made.status, 201);
  passwords.set(person, made.body);
}

const HERE = () => people.app.origin;
const THERE = () => other.origin;
const BOTH = () => [HERE(), THERE()];

/** A request of a calendar program. */
async function dav(at: string, person: Person, method: string, path: string, body?: string, type = 'application/xml') {
  const credential = `${person.userPrincipalName}:${passwords.get(person)?.password}`;
  const answer = await fetch(`${at}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
      'content-type': type,
      depth: '1',
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

const NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
const QUERY = `<C:calendar-query ${NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`;
const BUSY = `<C:free-busy-query ${NAMESPACES}><C:time-range start="20270501T000000Z" end="20270601T000000Z"/></C:free-busy-query>`;

const event = (uid: string, start: string, ...lines: string[]) =>
  `${[
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Fabrikam//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20260401T000000Z',
    `DTSTART:${start}`,
    'DURATION:PT1H',
    ...lines,
    'END:VEVENT',
    'END:VCALENDAR',
  ].join('\r\n')}\r\n`;

let home: string;
let calendarId: string;
/** A calendar of Ann's for each test, with one event in it. */
beforeEach(async (t) => {
  const { ann } = people.fabrikam;
  home = `/dav/calendars/${ann.id}/${encodeURIComponent(t.name).replace(/\W/g, '').slice(0, 60)}/`;
  assert.equal((await dav(HERE(), ann, 'MKCALENDAR', home)).status, 201);
  await put(HERE(), 'first', '20270504T070000Z');
  const { value } = (await people.api(ann)('GET', '/v1.0/me/calendars')).body;
  calendarId = value.find((one: { name: string }) => home.includes(one.name)).id;
});

async function put(at: string, name: string, start: string, person = people.fabrikam.ann): Promise<number> {
  const path = `${home}${name}.ics`;
  return (await dav(at, person, 'PUT', path, event(name, start, `SUMMARY:${name}`), 'text/calendar')).status;
}

/** The subjects that somebody is told of, or the status that refuses them. */
async function told(at: string, person: Person): Promise<string[] | number> {
  const { status, text } = await dav(at, person, 'REPORT', home, QUERY);
  return status === 207 ? [...text.matchAll(/SUMMARY:(\w+)/g)].map(([, subject]) => subject!).sort() : status;
}
const busy = async (at: string, person: Person) => {
  const { status, text } = await dav(at, person, 'REPORT', home, BUSY);
  return status === 200 ? [...text.matchAll(/FREEBUSY;[^:]*:(\w+)/g)].map(([, start]) => start) : status;
};

/** Asks until everything about the asker is answered from memory, on both servers. */
async function warm(person: Person, expected: string[]): Promise<void> {
  for (const at of BOTH()) {
    for (let n = 0; n < 4; n += 1) {
      assert.deepEqual(await told(at, person), expected);
      await busy(at, person);
    }
  }
}

/** What both servers answer to the very next request. */
const next = (person: Person) => Promise.all(BOTH().map((at) => told(at, person)));

const inFabrikam = <T>(act: (ctx: Context) => Promise<T>): Promise<T> =>
  people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);
const object = () => ({ kind: GRANTS.calendar.objectKind, id: calendarId });
const give = (level: string, more: { endsAt?: Date; groupId?: string } = {}) =>
  inFabrikam((ctx) =>
    putGrant(ctx, {
      kind: GRANTS.calendar.kind,
      subject: more.groupId ? { kind: 'group', id: more.groupId } : { kind: 'account', id: people.fabrikam.anders.id },
      object: object(),
      level,
      givenBy: 'test',
      ...(more.endsAt ? { endsAt: more.endsAt } : {}),
    }),
  );

async function within(seconds: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (await isSo()) return;
    await pause(20);
  }
  assert.fail(`It did not happen within ${seconds} seconds.`);
}

test('an event that is made, moved or removed is in the next answer of every server', async () => {
  const { ann } = people.fabrikam;
  await warm(ann, ['first']);
  for (const [n, at] of BOTH().entries()) {
    assert.equal(await put(at, `made${n}`, `202705${10 + n}T070000Z`), 201);
    const all = ['first', 'made0', 'made1'].slice(0, 2 + n);
    assert.deepEqual(await next(ann), [all, all]);
  }
  assert.equal(await put(THERE(), 'made0', '20270520T090000Z'), 204);
  for (const at of BOTH()) {
    assert.deepEqual(await busy(at, ann), ['20270504T070000Z', '20270511T070000Z', '20270520T090000Z']);
  }
  assert.equal((await dav(HERE(), ann, 'DELETE', `${home}made0.ics`)).status, 204);
  assert.deepEqual(await next(ann), [
    ['first', 'made1'],
    ['first', 'made1'],
  ]);
});

test('a share that is taken back, lowered or raised is so at the next request, on every server', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(ann);
  const path = `/v1.0/me/calendars/${calendarId}/calendarPermissions`;
  const given = await api('POST', path, { emailAddress: { address: anders.userPrincipalName }, role: 'read' });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  await warm(anders, ['first']);
  assert.deepEqual(
    await Promise.all(BOTH().map((at) => put(at, 'his', '20270505T070000Z', anders))),
    [403, 403],
    'reading is not writing',
  );

  assert.equal((await api('PATCH', `${path}/${given.body.id}`, { role: 'write' })).status, 200);
  assert.equal(await put(THERE(), 'his', '20270505T070000Z', anders), 201);
  assert.equal((await api('PATCH', `${path}/${given.body.id}`, { role: 'read' })).status, 200);
  assert.equal(await put(THERE(), 'his', '20270506T070000Z', anders), 403);
  assert.equal((await api('PATCH', `${path}/${given.body.id}`, { role: 'freeBusyRead' })).status, 200);
  assert.deepEqual(await next(anders), [403, 403]);
  assert.deepEqual(await busy(THERE(), anders), ['20270504T070000Z', '20270505T070000Z']);

  assert.equal((await api('DELETE', `${path}/${given.body.id}`)).status, 204);
  assert.deepEqual(await next(anders), [404, 404]);
  assert.deepEqual(await Promise.all(BOTH().map((at) => busy(at, anders))), [404, 404]);
  assert.deepEqual(await Promise.all(BOTH().map((at) => put(at, 'his', '20270505T070000Z', anders))), [404, 404]);
});

test('a share ends by itself when its time has come', async () => {
  const { anders } = people.fabrikam;
  await give('read', { endsAt: new Date(people.app.clock.now.getTime() + 60_000) });
  await warm(anders, ['first']);
  people.app.clock.advance(59);
  assert.deepEqual(await next(anders), [['first'], ['first']]);
  people.app.clock.advance(2);
  assert.deepEqual(await next(anders), [404, 404]);
});

test('somebody who leaves a group has nothing of what is shared with it, at the next request', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(ann);
  const group = await api('POST', '/v1.0/groups', {
    displayName: 'Readers',
    mailEnabled: false,
    mailNickname: 'readers',
    securityEnabled: true,
  });
  assert.equal(group.status, 201, JSON.stringify(group.body));
  const members = `/v1.0/groups/${group.body.id}/members`;
  await give('read', { groupId: group.body.id });
  const account = `https://graph.microsoft.com/v1.0/directoryObjects/${anders.id}`;
  assert.equal((await api('POST', `${members}/$ref`, { '@odata.id': account })).status, 204);
  await warm(anders, ['first']);
  assert.equal((await api('DELETE', `${members}/${anders.id}/$ref`)).status, 204);
  assert.deepEqual(await next(anders), [404, 404]);
});

test('what an operator mends in the database by hand is so at the next request', async () => {
  const { anders } = people.fabrikam;
  const { id } = await give('read');
  await warm(anders, ['first']);
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  await client.query(`delete from access.grants where id = $1`, [id]);
  assert.deepEqual(await next(anders), [404, 404]);
  await client.end();
});

test('a right that was never committed is not remembered', async () => {
  const { anders } = people.fabrikam;
  const actor: Actor = {
    kind: 'account',
    accountId: anders.id,
    displayName: 'Anders',
    userPrincipalName: anders.userPrincipalName,
    homeTenantId: null,
    userType: 'Member',
    roles: [],
    scopes: 'all',
    applicationId: null,
    sessionId: null,
    methods: ['pwd'],
    authenticatedAt: people.app.clock.now,
  };
  const levelOf = async (ctx: Context) => (await ctx.ask(calendarUse, { calendarId }, { quiet: true })).level;
  const asAnders = <T>(act: (ctx: Context) => Promise<T>) =>
    people.app.run({ tenantId: people.fabrikam.id, actor }, act);
  for (let n = 0; n < 3; n += 1) assert.equal(await asAnders(levelOf), 'none');
  await assert.rejects(
    asAnders(async (ctx) => {
      await putGrant(ctx, {
        kind: GRANTS.calendar.kind,
        subject: { kind: 'account', id: anders.id },
        object: object(),
        level: 'write',
        givenBy: 'test',
      });
      assert.equal(await levelOf(ctx), 'write', 'within the transaction it counts');
      throw new Error('undone');
    }),
    /undone/,
  );
  for (let n = 0; n < 3; n += 1) assert.equal(await asAnders(levelOf), 'none');
});

test('a licence that is taken away is missed at the next request', async () => {
  const { ann } = people.fabrikam;
  await warm(ann, ['first']);
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  const { rows } = await client.query(`delete from tenants.licence_assignments where tenant_id = $1 returning *`, [
    ann.tenantId,
  ]);
  const held = await client.query(`delete from tenants.subscriptions where tenant_id = $1 returning *`, [ann.tenantId]);
  const answers = await next(ann);
  for (const [table, kept] of [
    ['tenants.subscriptions', held.rows],
    ['tenants.licence_assignments', rows],
  ] as const) {
    await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`, [
      JSON.stringify(kept),
    ]);
  }
  await client.end();
  assert.ok(held.rows.length > 0, 'there was one');
  for (const answer of answers) assert.equal(typeof answer, 'number', String(answer));
  assert.deepEqual(await next(ann), [['first'], ['first']]);
});

test('a calendar that is gone takes no event, and its zone counts from the moment it is set', async () => {
  const { ann } = people.fabrikam;
  await warm(ann, ['first']);
  const zone = (name: string) =>
    `<D:propertyupdate ${NAMESPACES}><D:set><D:prop><C:calendar-timezone-id>${name}</C:calendar-timezone-id></D:prop></D:set></D:propertyupdate>`;
  for (const [name, expected] of [
    ['Asia/Tokyo', '20270519T230000Z'],
    ['Europe/Stockholm', '20270520T060000Z'],
  ] as const) {
    const changed = await dav(THERE(), ann, 'PROPPATCH', home, zone(name));
    assert.match(changed.text, /200 OK/, changed.text);
    // A time without a zone is read in the calendar's.
    await put(HERE(), 'floating', '20270520T080000');
    assert.ok(((await busy(HERE(), ann)) as string[]).includes(expected), name);
  }
  assert.equal((await dav(THERE(), ann, 'DELETE', home)).status, 204);
  assert.deepEqual(await next(ann), [404, 404]);
  assert.equal(await put(HERE(), 'late', '20270521T070000Z'), 404);
});

test('an app password that was ended opens nothing: at once here, and elsewhere as soon as it is announced', async () => {
  const { anders } = people.fabrikam;
  await give('read');
  await warm(anders, ['first']);
  const { id } = passwords.get(anders) ?? {};
  assert.equal((await people.api(anders)('DELETE', `/me/app-passwords/${id}`)).status, 204);
  assert.equal(await told(HERE(), anders), 401);
  await within(2, async () => (await told(THERE(), anders)) === 401);
  await makePassword(anders);
  assert.deepEqual(await told(HERE(), anders), ['first']);
});

test('an account that is switched off is shut out: at once here, and elsewhere as soon as it is announced', async () => {
  const { ann, anders } = people.fabrikam;
  await give('read');
  await warm(anders, ['first']);
  const api = people.api(ann);
  assert.equal((await api('PATCH', `/v1.0/users/${anders.id}`, { accountEnabled: false })).status, 204);
  assert.equal(await told(HERE(), anders), 401);
  await within(2, async () => (await told(THERE(), anders)) === 401);
  assert.equal((await api('PATCH', `/v1.0/users/${anders.id}`, { accountEnabled: true })).status, 204);
});

test('what stands in no calendar of mine is as unknown to a server with a memory as to one without', async () => {
  const { anders } = people.fabrikam;
  for (let n = 0; n < 3; n += 1) assert.deepEqual(await next(anders), [404, 404]);
});
