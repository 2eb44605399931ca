import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createDAVClient } from 'tsdav';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { eventually, unchanging } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let password: string;
let shared: { id: string; path: string };
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  const made = await people.api(people.contoso.bob)('POST', '/me/app-passwords', { name: 'Calendar' });
  password = made.body.password;
});
after(() => people.app.close());

const PERMISSIONS = '/v1.0/me/calendar/calendarPermissions';
const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};

async function setRules(...rules: string[]): Promise<void> {
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const { id } = value.find((one: { isDefault: boolean }) => one.isDefault);
  ok(await ann('PATCH', `/admin/sharing-policies/${id}`, { rules }));
}

/** One request as a calendar program of Bob's sends it. */
async function dav(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(new URL(path, people.app.origin), {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`bob@contoso.example:${password}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': body.startsWith('BEGIN') ? 'text/calendar' : 'application/xml' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

const NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"';
const home = (person: Person) => `/dav/calendars/${person.id}/`;
const annsCalendar = () => `${home(people.fabrikam.ann)}calendar/`;
const LOOK = `<D:propfind ${NAMESPACES}><D:prop><D:displayname/><D:resourcetype/><S:getctag/><D:sync-token/>
  <D:current-user-privilege-set/></D:prop></D:propfind>`;
const query = (
  start: string,
  end: string,
) => `<C:calendar-query ${NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>
  <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="${start}" end="${end}"/>
  </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;
const sync = (token: string) =>
  `<D:sync-collection ${NAMESPACES}><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level>
   <D:prop><D:getetag/></D:prop></D:sync-collection>`;
const inside = (body: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
const hrefs = (body: string) => [...body.matchAll(/<D:href>([^<]*)<\/D:href>/g)].map(([, href]) => href);

/** Bob's view of his home: the part about Ann's calendar. */
async function listed(): Promise<string> {
  const { status, body } = await dav('PROPFIND', home(people.contoso.bob), LOOK, { depth: '1' });
  assert.equal(status, 207, body);
  return body.split('<D:response>').find((one) => one.includes('abroad-')) ?? '';
}

async function put(name: string, ...lines: string[]): Promise<void> {
  const token = (await ann('POST', '/me/app-passwords', { name: 'Calendar' })).body.password;
  const content = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', 'BEGIN:VEVENT', `UID:${name}`];
  const answer = await fetch(new URL(`${annsCalendar()}${name}.ics`, people.app.origin), {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(`ann@fabrikam.example:${token}`).toString('base64')}`,
      'content-type': 'text/calendar',
    },
    body: `${[...content, 'DTSTAMP:20260401T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n')}\r\n`,
  });
  assert.ok(answer.status === 201 || answer.status === 204, await answer.text());
}

test("a calendar of Fabrikam stands in Bob's home once he accepted it, read by his program like his own", async () => {
  await setRules('contoso.example: CalendarSharingFreeBusyReviewer');
  await put(
    'standup',
    'DTSTART:20260504T070000Z',
    'DTEND:20260504T071500Z',
    'RRULE:FREQ=DAILY;COUNT=5',
    'SUMMARY:Standup',
  );
  await put('doctor', 'DTSTART:20260505T100000Z', 'DTEND:20260505T110000Z', 'SUMMARY:Doctor', 'CLASS:PRIVATE');
  assert.equal(await listed(), '');
  for (const kind of ['calendars', 'addressbooks'])
    assert.equal((await dav('PROPFIND', `/dav/${kind}/${people.contoso.bob.id}/`, LOOK, { depth: '0' })).status, 207);
  ok(await ann('POST', PERMISSIONS, { emailAddress: { address: 'bob@contoso.example' }, role: 'read' }), 201);
  const letters = await people.app.run(
    { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } },
    (ctx) => listOutgoingMails(ctx, { limit: 100 }),
  );
  const letter = letters.find(({ kind }) => kind === 'calendar-invitation');
  const invitation = /invitation=(\S+)/.exec(letter?.text ?? '')?.[1] ?? '';
  const { id } = ok(await people.api(people.contoso.bob)('POST', '/me/shared-calendars/accept', { invitation }), 201);
  shared = { id, path: `${home(people.contoso.bob)}abroad-${id}/` };

  const client = await createDAVClient({
    serverUrl: people.app.origin,
    credentials: { username: 'bob@contoso.example', password },
    authMethod: 'Basic',
    defaultAccountType: 'caldav',
  });
  const calendars = await client.fetchCalendars();
  const found = calendars.find(({ url }) => new URL(url).pathname === shared.path);
  assert.match(String(found?.displayName), /^Calendar \(.*Fabrikam\)$/);
  assert.ok(found?.ctag && found.syncToken);
  const objects = await client.fetchCalendarObjects({ calendar: found });
  assert.equal(objects.length, 2);
  const told = objects.map(({ data }) => String(data)).join('\n');
  assert.match(told, /SUMMARY:Standup/);
  assert.match(told, /RRULE:FREQ=DAILY;COUNT=5/, 'a series stays a series');
  assert.doesNotMatch(told, /Doctor/);
  assert.match(await listed(), /<D:privilege><D:read\/><\/D:privilege>/);
  assert.doesNotMatch(await listed(), /<D:write/);
});

test('queries, several at once, one by itself and free/busy are answered by the other organisation', async () => {
  const on = async (start: string, end: string) =>
    (await dav('REPORT', shared.path, query(start, end), { depth: '1' })).body;
  const wednesday = await on('20260506T000000Z', '20260507T000000Z');
  assert.deepEqual(hrefs(wednesday), [`${shared.path}standup.ics`]);
  assert.deepEqual(hrefs(await on('20260601T000000Z', '20260602T000000Z')), []);
  const several = await dav(
    'REPORT',
    shared.path,
    `<C:calendar-multiget ${NAMESPACES}><D:prop><C:calendar-data/></D:prop><D:href>${shared.path}standup.ics</D:href>
     <D:href>${shared.path}none.ics</D:href></C:calendar-multiget>`,
  );
  assert.match(several.body, /SUMMARY:Standup/);
  assert.match(several.body, /none\.ics<\/D:href><D:status>HTTP\/1\.1 404/);
  const one = await dav('GET', `${shared.path}standup.ics`);
  assert.deepEqual([one.status, /SUMMARY:Standup/.test(one.body)], [200, true]);
  const etag = one.headers.get('etag') ?? '';
  assert.equal((await dav('GET', `${shared.path}standup.ics`, undefined, { 'if-none-match': etag })).status, 304);
  assert.equal((await dav('GET', `${shared.path}none.ics`)).status, 404);
  const busy = await dav(
    'REPORT',
    shared.path,
    `<C:free-busy-query ${NAMESPACES}><C:time-range start="20260505T000000Z" end="20260506T000000Z"/></C:free-busy-query>`,
  );
  assert.deepEqual(busy.body.match(/FREEBUSY\S+/g), [
    'FREEBUSY;FBTYPE=BUSY:20260505T070000Z/20260505T071500Z',
    'FREEBUSY;FBTYPE=BUSY:20260505T100000Z/20260505T110000Z',
  ]);
});

test('its tag and token stay while nothing changes, and a follower is told what changed since', async () => {
  const first = await unchanging(listed);
  const token = inside(first, 'D:sync-token') ?? '';
  await put('review', 'DTSTART:20260506T100000Z', 'DTEND:20260506T110000Z', 'SUMMARY:Review');
  await eventually(async () => inside(await listed(), 'S:getctag') !== inside(first, 'S:getctag'), 'another tag');
  const changes = await dav('REPORT', shared.path, sync(token));
  assert.deepEqual(hrefs(changes.body), [`${shared.path}review.ics`]);
  // Told again, while an older transaction is open anywhere on the database server; then there is nothing more to tell.
  let since = inside(changes.body, 'D:sync-token') ?? '';
  await eventually(async () => {
    const next = await dav('REPORT', shared.path, sync(since));
    since = inside(next.body, 'D:sync-token') ?? '';
    return hrefs(next.body).length === 0;
  });
});

test('nothing is written into a calendar of another organisation, and nothing is made under its name', async () => {
  const event = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n';
  for (const [method, path, body] of [
    ['PUT', `${shared.path}mine.ics`, event],
    ['DELETE', `${shared.path}standup.ics`],
    ['MKCALENDAR', `${home(people.contoso.bob)}abroad-${people.contoso.bob.id}/`],
    ['MOVE', `${shared.path}standup.ics`],
  ] as const) {
    const answer = await dav(method, path, body, { destination: `${home(people.contoso.bob)}calendar/standup.ics` });
    assert.ok(answer.status === 403 || answer.status === 404, `${method} ${answer.status} ${answer.body}`);
  }
  const named = `<D:propertyupdate ${NAMESPACES}><D:set><D:prop><D:displayname>Mine</D:displayname></D:prop></D:set></D:propertyupdate>`;
  assert.match((await dav('PROPPATCH', shared.path, named)).body, /HTTP\/1\.1 403/);
  assert.doesNotMatch(await listed(), /Mine/);
});

test('EX-34: with less permitted, the next read shows busy time alone, and followers begin anew', async () => {
  const token = inside(await listed(), 'D:sync-token') ?? '';
  await setRules('contoso.example: CalendarSharingFreeBusyDetail');
  const stale = await dav('REPORT', shared.path, sync(token));
  assert.deepEqual([stale.status, /valid-sync-token/.test(stale.body)], [403, true]);
  assert.doesNotMatch((await dav('REPORT', shared.path, sync(''))).body, /valid-sync-token/);
  await setRules('contoso.example: CalendarSharingFreeBusySimple');
  const seen = await dav('REPORT', shared.path, query('20260501T000000Z', '20260601T000000Z'), { depth: '1' });
  assert.equal(hrefs(seen.body).length, 3);
  assert.doesNotMatch(seen.body, /Standup|Review|Doctor|standup\.ics|review\.ics/);
  assert.equal(seen.body.match(/SUMMARY:Busy/g)?.length, 3);
  const [path = ''] = hrefs(seen.body);
  assert.equal((await dav('GET', path)).status, 200, 'by the name that it is told under');
  const after = await listed();
  assert.equal(inside(after, 'D:sync-token'), undefined);
  assert.equal((await dav('REPORT', shared.path, sync(token))).status, 403);
});

test('EX-35: shared no more, it says so and is not merely empty; Bob removes it from his home', async () => {
  await setRules('Anonymous: CalendarSharingFreeBusySimple');
  const over = await dav('REPORT', shared.path, query('20260501T000000Z', '20260601T000000Z'), { depth: '1' });
  assert.deepEqual([over.status, /Standup|href/.test(over.body)], [403, false]);
  const kept = await listed();
  assert.ok(kept.includes(shared.path), 'nothing that his program keeps of it is lost meanwhile');
  assert.equal(inside(kept, 'S:getctag'), undefined);
  assert.equal((await dav('DELETE', shared.path)).status, 204);
  assert.equal(await listed(), '');
  assert.equal((await dav('PROPFIND', shared.path, LOOK)).status, 404);
});
