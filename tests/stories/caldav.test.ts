import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DAVCalendar } from 'tsdav';
import { putGrant } from '../../src/access/index.ts';
import { listCalendars } from '../../src/calendars/store/calendars.ts';
import { basic, calendarOf, calendarPrograms, event, home } from '../support/calendar-program.ts';
import { eventually } from '../support/eventually.ts';
import { type ApiAnswer, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople();
});
after(() => people.app.close());

const { appPassword, clientOf, dav } = calendarPrograms(() => people);

test('a program finds the calendars from the bare host with a name and an app password', async () => {
  const { ann } = people.fabrikam;
  const wellKnown = await dav(ann, 'PROPFIND', '/.well-known/caldav');
  assert.equal(wellKnown.status, 301);
  assert.equal(wellKnown.headers.get('location'), `${people.app.origin}/dav/`);
  const client = await clientOf(ann);
  const calendars = await client.fetchCalendars();
  assert.deepEqual(
    calendars.map(({ displayName, url }) => [displayName, new URL(url).pathname]),
    [['Calendar', calendarOf(ann)]],
  );
  assert.deepEqual(calendars[0]?.components, ['VEVENT', 'VTODO']);
  assert.ok(calendars[0]?.syncToken && calendars[0]?.ctag);
});

test('an event is made, changed by who knows it, kept from who does not, followed and removed', async () => {
  const { ann } = people.fabrikam;
  const client = await clientOf(ann);
  const [calendar] = (await client.fetchCalendars()) as [DAVCalendar];
  const text = event('one@fabrikam.example', 'DTSTART:20260504T070000Z', 'DURATION:PT1H', 'SUMMARY:Plan & <do>');
  const made = await client.createCalendarObject({ calendar, filename: 'one.ics', iCalString: text });
  assert.equal(made.status, 201);
  const etag = made.headers.get('etag') as string;

  const [object] = await client.fetchCalendarObjects({ calendar });
  assert.equal(object?.etag, etag);
  const whole = await dav(ann, 'GET', `${calendarOf(ann)}one.ics`);
  assert.equal(whole.body, text, 'what was sent, to the last octet');
  assert.equal(object?.data, text.trimEnd(), 'a program that trims sees the same');

  const later = text.replace('T070000Z', 'T080000Z');
  const changed = await client.updateCalendarObject({ calendarObject: { ...object!, data: later } });
  assert.equal(changed.status, 204);
  const stale = await client.updateCalendarObject({ calendarObject: { ...object!, data: text } });
  assert.equal(stale.status, 412);
  assert.equal((await client.createCalendarObject({ calendar, filename: 'one.ics', iCalString: text })).status, 412);

  const inMay = { start: '2026-05-01T00:00:00Z', end: '2026-06-01T00:00:00Z' };
  assert.equal((await client.fetchCalendarObjects({ calendar, timeRange: inMay })).length, 1);
  const inJune = { start: '2026-06-01T00:00:00Z', end: '2026-07-01T00:00:00Z' };
  assert.equal((await client.fetchCalendarObjects({ calendar, timeRange: inJune })).length, 0);

  const first = await client.syncCollection({
    url: calendar.url,
    props: { 'd:getetag': {} },
    syncLevel: 1,
    syncToken: calendar.syncToken!,
  });
  assert.equal(first.filter(({ href }) => href?.endsWith('one.ics')).length, 1);
  const gone = await client.deleteCalendarObject({
    calendarObject: { url: object!.url, etag: changed.headers.get('etag')! },
  });
  assert.equal(gone.status, 204);
  assert.equal((await client.fetchCalendarObjects({ calendar })).length, 0);
});

const query = (range: string) => `<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${range}</C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>`;

const freeBusy = (start: string, end: string) =>
  `<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="${start}" end="${end}"/></C:free-busy-query>`;

test('EX-66: who may see only when somebody is busy asks for that, and for nothing else', async () => {
  const { ann, anders } = people.fabrikam;
  const put = (name: string, ...lines: string[]) => dav(ann, 'PUT', `${calendarOf(ann)}${name}`, event(name, ...lines));
  const daily = [
    'DTSTART:20270301T090000Z',
    'DTEND:20270301T100000Z',
    'RRULE:FREQ=DAILY;COUNT=3',
    'SUMMARY:Secret plan',
  ];
  assert.equal((await put('daily.ics', ...daily)).status, 201);
  assert.equal((await put('next.ics', 'DTSTART:20270301T093000Z', 'DTEND:20270301T110000Z')).status, 201);
  assert.equal((await put('free.ics', 'DTSTART:20270301T120000Z', 'DURATION:PT1H', 'TRANSP:TRANSPARENT')).status, 201);
  assert.equal((await put('maybe.ics', 'DTSTART:20270303T120000Z', 'DURATION:PT1H', 'STATUS:TENTATIVE')).status, 201);

  const asked = freeBusy('20270301T000000Z', '20270304T000000Z');
  const answer = await dav(anders, 'REPORT', calendarOf(ann), asked);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    answer.body.split('\r\n').filter((line) => line.startsWith('FREEBUSY')),
    [
      'FREEBUSY;FBTYPE=BUSY:20270301T090000Z/20270301T110000Z',
      'FREEBUSY;FBTYPE=BUSY:20270302T090000Z/20270302T100000Z',
      'FREEBUSY;FBTYPE=BUSY:20270303T090000Z/20270303T100000Z',
      'FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270303T120000Z/20270303T130000Z',
    ],
  );
  assert.doesNotMatch(answer.body, /Secret|daily/);

  const refused = await dav(anders, 'REPORT', calendarOf(ann), query(''), { depth: '1' });
  assert.equal(refused.status, 403);
  assert.doesNotMatch(refused.body, /Secret|daily/);
  assert.equal((await dav(anders, 'GET', `${calendarOf(ann)}daily.ics`)).status, 403);
  assert.equal(
    (await dav(anders, 'PUT', `${calendarOf(ann)}x.ics`, event('x', 'DTSTART:20270301T090000Z'))).status,
    403,
  );
  assert.equal((await dav(anders, 'DELETE', `${calendarOf(ann)}daily.ics`)).status, 403);
  const listed = await dav(anders, 'PROPFIND', calendarOf(ann), undefined, { depth: '1' });
  assert.equal(listed.status, 207);
  assert.doesNotMatch(listed.body, /\.ics/);
});

test('what belongs to another organisation is answered like what does not exist, to the last octet', async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  assert.equal((await dav(ann, 'PROPFIND', home(ann), undefined, { depth: '1' })).status, 207);
  assert.equal(
    (await dav(ann, 'PUT', `${calendarOf(ann)}here.ics`, event('here', 'DTSTART:20270301T090000Z'))).status,
    201,
  );
  const nobody = '01890000-0000-7000-8000-000000000000';
  const requests: [string, string, string | undefined][] = [
    ['PROPFIND', `/dav/principals/${ann.id}/`, undefined],
    ['PROPFIND', home(ann), undefined],
    ['PROPFIND', calendarOf(ann), undefined],
    ['GET', `${calendarOf(ann)}here.ics`, undefined],
    ['PUT', `${calendarOf(ann)}here.ics`, event('here', 'DTSTART:20270302T090000Z')],
    ['DELETE', `${calendarOf(ann)}here.ics`, undefined],
    ['DELETE', calendarOf(ann), undefined],
    ['REPORT', calendarOf(ann), query('')],
    ['REPORT', calendarOf(ann), freeBusy('20270301T000000Z', '20270304T000000Z')],
    ['MKCALENDAR', `${home(ann)}new/`, undefined],
  ];
  for (const [method, path, body] of requests) {
    const seen = async (at: string) => {
      const answer = await dav(bob, method, at, body, { depth: '1' });
      return [answer.status, answer.body.replace(/request-id="[^"]*"/, '')];
    };
    const foreign = await seen(path);
    assert.equal(foreign[0], 404, `${method} ${path}`);
    assert.deepEqual(foreign, await seen(path.replace(ann.id, nobody)), `${method} ${path}`);
  }
  assert.equal((await dav(ann, 'GET', `${calendarOf(ann)}here.ics`)).status, 200);
});

test('an app password opens calendars and contacts, never administration, and nothing once it is ended', async () => {
  const { ann } = people.fabrikam;
  const { id, password } = (await people.api(ann)('POST', '/me/app-passwords', { name: 'Old telephone' })).body;
  const ask = (path: string, name: string, secret: string) =>
    fetch(new URL(path, people.app.origin), { method: 'PROPFIND', headers: { authorization: basic(name, secret) } });
  assert.equal((await ask('/dav/', ann.userPrincipalName, password)).status, 207);
  assert.equal(
    (await ask('/dav/', ann.userPrincipalName.toUpperCase(), password)).status,
    207,
    'letter case does not count',
  );
  const wrong = await ask('/dav/', ann.userPrincipalName, 'abcde-fghij-kmnpq-rstuv-wxyz23');
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get('www-authenticate') ?? '', /Basic realm="Entente", charset="UTF-8"/);
  assert.equal(
    (await ask('/dav/', people.fabrikam.anders.userPrincipalName, password)).status,
    401,
    "nobody else's name",
  );
  for (const path of ['/v1.0/me', '/v1.0/users', '/admin/settings', '/me/app-passwords', '/operator/tenants']) {
    const answer = await fetch(new URL(path, people.app.origin), {
      headers: { authorization: basic(ann.userPrincipalName, password) },
    });
    assert.equal(answer.status, 401, `${path} takes no password`);
  }
  assert.equal((await people.api(ann)('DELETE', `/me/app-passwords/${id}`)).status, 204);
  assert.equal((await ask('/dav/', ann.userPrincipalName, password)).status, 401);
});

test('guessing app passwords ends soon, and neither an old telephone nor a guesser keeps the person out', async () => {
  const { tina } = people.tailspin;
  const password = await appPassword(tina);
  const ask = async (secret: string) =>
    (
      await fetch(new URL('/dav/', people.app.origin), {
        method: 'PROPFIND',
        headers: { authorization: basic(tina.userPrincipalName, secret) },
      })
    ).status;
  assert.equal(await ask(password), 207);
  for (let n = 0; n < 30; n += 1) assert.equal(await ask('the-same-old-password'), 401);
  const statuses = [];
  for (let n = 0; n < 12; n += 1) statuses.push(await ask(`guess-${n}`));
  assert.equal(statuses.at(-1), 429);
  assert.equal(await ask(password), 207, 'who was let in a moment ago goes on');
});

const vcard = (uid: string, ...lines: string[]) =>
  `${['BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, ...lines, 'END:VCARD'].join('\r\n')}\r\n`;

test('a person keeps contacts of their own, and finds the people of the organisation beside them', async () => {
  const { ann } = people.fabrikam;
  const client = await clientOf(ann, 'carddav');
  const books = await client.fetchAddressBooks();
  const own = books.find(({ url }) => url.endsWith('/contacts/'))!;
  const directory = books.find(({ url }) => url.endsWith('/directory/'))!;
  assert.equal(books.length, 2);
  const text = vcard(
    'eva@home.example',
    'FN:Eva Öberg',
    'N:Öberg;Eva;;;',
    'EMAIL;TYPE=HOME:eva@home.example',
    'X-CAT:Mjau',
  );
  const made = await client.createVCard({ addressBook: own, filename: 'eva.vcf', vCardString: text });
  assert.equal(made.status, 201);
  const [card] = await client.fetchVCards({ addressBook: own });
  assert.equal(card?.data, text.trimEnd());
  const stale = await client.updateVCard({ vCard: { ...card!, etag: '"older"', data: text } });
  assert.equal(stale.status, 412);
  const twice = vcard('eva@home.example', 'FN:Another');
  assert.equal((await client.createVCard({ addressBook: own, filename: 'two.vcf', vCardString: twice })).status, 409);
  assert.equal(
    (await client.createVCard({ addressBook: own, filename: 'bad.vcf', vCardString: 'BEGIN:VCARD' })).status,
    403,
  );

  const found = await dav(
    ann,
    'REPORT',
    new URL(own.url).pathname,
    `<A:addressbook-query xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:prop><A:address-data><A:prop name="FN"/></A:address-data></D:prop>
     <A:filter><A:prop-filter name="EMAIL"><A:text-match match-type="starts-with">EVA@</A:text-match></A:prop-filter></A:filter></A:addressbook-query>`,
  );
  assert.match(found.body, /FN:Eva Öberg/);
  assert.doesNotMatch(found.body, /Mjau/, 'only what was asked for');

  const people_ = await client.fetchVCards({ addressBook: directory });
  const names = people_.map(({ data }) => /FN:(.*)/.exec(data)?.[1]?.trim()).sort();
  assert.ok(names.includes('Ann Lindqvist') || names.length >= 2, String(names));
  assert.ok(
    people_.every(({ data }) => !/contoso/.test(data)),
    'nobody of another organisation',
  );
  // As Evolution looks at an address book before it reads what is in it.
  const looked = '<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-privilege-set/></D:prop></D:propfind>';
  const rights = await dav(ann, 'PROPFIND', `/dav/addressbooks/${ann.id}/directory/`, looked, { depth: '0' });
  assert.equal(rights.status, 207, rights.body);
  assert.doesNotMatch(rights.body, /write/);
  const put = await dav(ann, 'PUT', `/dav/addressbooks/${ann.id}/directory/x.vcf`, text, {
    'content-type': 'text/vcard',
  });
  assert.equal(put.status, 403);

  const gone = await client.deleteVCard({ vCard: card! });
  assert.equal(gone.status, 204);
  const elsewhere = await dav(people.fabrikam.anders, 'PROPFIND', `/dav/addressbooks/${ann.id}/`, undefined, {
    depth: '1',
  });
  assert.equal(elsewhere.status, 404, 'contacts are their own, also at home');
});

test('EX-69: what a program wrote comes back whole, also what nobody here knows', async () => {
  const { ann } = people.fabrikam;
  const text = event(
    'unknown',
    'DTSTART:20270701T090000Z',
    'X-FABRIKAM-COLOUR;X-SHADE=deep:blue',
    'BEGIN:PARTICIPANT',
    'UID:p',
    'PARTICIPANT-TYPE:SPEAKER',
    'END:PARTICIPANT',
  );
  assert.equal((await dav(ann, 'PUT', `${calendarOf(ann)}unknown.ics`, text)).status, 201);
  assert.equal((await dav(ann, 'GET', `${calendarOf(ann)}unknown.ics`)).body, text);
});

test('a calendar is made, named, filled by copy and move, asked by its text, and removed', async () => {
  const { ann } = people.fabrikam;
  const at = `${home(ann)}team/`;
  const props = (inner: string) => `<D:set><D:prop>${inner}</D:prop></D:set>`;
  const made = await dav(
    ann,
    'MKCALENDAR',
    at,
    `<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${props('<D:displayname>Team</D:displayname>')}</C:mkcalendar>`,
  );
  assert.equal(made.status, 201);
  assert.equal((await dav(ann, 'MKCALENDAR', at)).status, 403);
  const patched = await dav(
    ann,
    'PROPPATCH',
    at,
    `<D:propertyupdate xmlns:D="DAV:" xmlns:X="urn:x">${props('<X:mood lang="en">fine &amp; well</X:mood><D:getetag>no</D:getetag>')}</D:propertyupdate>`,
  );
  assert.match(patched.body, /403 Forbidden/);
  assert.match(patched.body, /424 Failed Dependency/, 'all of it or nothing');
  const once = `<D:propertyupdate xmlns:D="DAV:" xmlns:X="urn:x">${props('<X:mood>fine</X:mood>')}</D:propertyupdate>`;
  assert.equal((await dav(ann, 'PROPPATCH', at, once, { prefer: 'return=minimal' })).body, '');
  const found = await dav(ann, 'PROPFIND', at, undefined, { depth: '0' });
  assert.match(found.body, /mood[^>]*>fine</);

  await dav(ann, 'PUT', `${calendarOf(ann)}move.ics`, event('move', 'DTSTART:20270801T090000Z', 'SUMMARY:Move me'));
  const moved = await dav(ann, 'MOVE', `${calendarOf(ann)}move.ics`, undefined, { destination: `${at}moved.ics` });
  assert.equal(moved.status, 201);
  assert.equal((await dav(ann, 'GET', `${calendarOf(ann)}move.ics`)).status, 404);
  const copied = await dav(ann, 'COPY', `${at}moved.ics`, undefined, { destination: `${calendarOf(ann)}copy.ics` });
  assert.equal(copied.status, 201);

  const byText = (match: string) =>
    dav(
      ann,
      'REPORT',
      at,
      query(`<C:prop-filter name="SUMMARY"><C:text-match>${match}</C:text-match></C:prop-filter>`),
      { depth: '1' },
    );
  assert.match((await byText('MOVE')).body, /moved\.ics/);
  assert.doesNotMatch((await byText('stay')).body, /moved\.ics/);
  assert.equal((await dav(ann, 'DELETE', at)).status, 204);
  assert.equal((await dav(ann, 'PROPFIND', at, undefined, { depth: '0' })).status, 404);
});

test('a follower gets changes in parts, and starts anew when its token is none of ours', async () => {
  const { anders } = people.fabrikam;
  for (const n of [1, 2, 3]) {
    await dav(anders, 'PUT', `${calendarOf(anders)}s${n}.ics`, event(`s${n}`, `DTSTART:2027090${n}T090000Z`));
  }
  const sync = async (token: string, limit = '') => {
    const answer = await dav(
      anders,
      'REPORT',
      calendarOf(anders),
      `<D:sync-collection xmlns:D="DAV:"><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level>${limit}<D:prop><D:getetag/></D:prop></D:sync-collection>`,
    );
    const names = [...answer.body.matchAll(/<D:href>[^<]*\/(s\d)\.ics<\/D:href>/g)].map(([, name]) => name!);
    return { ...answer, names, next: /<D:sync-token>([^<]*)</.exec(answer.body)?.[1] ?? '' };
  };
  const limit = '<D:limit><D:nresults>2</D:nresults></D:limit>';
  const seen = new Set<string>();
  let token = '';
  for (let n = 0; n < 10; n += 1) {
    const part = await sync(token, limit);
    assert.equal(part.status, 207);
    for (const name of part.names) seen.add(name);
    token = part.next;
    if (!part.body.includes('507')) break;
  }
  assert.deepEqual([...seen].sort(), ['s1', 's2', 's3']);
  // Told again, while an older transaction is open anywhere on the database server; then there is nothing more to tell.
  token = await eventually(async () => {
    const again = await sync(token);
    token = again.next;
    return again.names.length === 0 && token;
  });
  assert.equal((await dav(anders, 'DELETE', `${calendarOf(anders)}s2.ics`)).status, 204);
  const after = await sync(token);
  assert.deepEqual(after.names, ['s2']);
  assert.match(after.body, /404 Not Found/);
  const wrong = await sync('urn:somebody:else');
  assert.equal(wrong.status, 403);
  assert.match(wrong.body, /valid-sync-token/);
});

test('a calendar that somebody shares by name stands among the own, and is as private there as anywhere', async () => {
  const { ann, anders } = people.fabrikam;
  await dav(ann, 'PUT', `${calendarOf(ann)}open.ics`, event('open', 'DTSTART:20271001T090000Z', 'SUMMARY:Open'));
  await dav(
    ann,
    'PUT',
    `${calendarOf(ann)}doctor.ics`,
    event('doctor', 'DTSTART:20271001T110000Z', 'SUMMARY:Doctor', 'DESCRIPTION:Knee', 'CLASS:PRIVATE'),
  );
  const id = await people.app.run({ tenantId: ann.tenantId, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: ann.id }], isDefault: true });
    const object = { kind: 'calendar', id: calendar!.id };
    const subject = { kind: 'account', id: anders.id } as const;
    await putGrant(ctx, { kind: 'calendars.calendar', subject, object, level: 'write', givenBy: ann.id });
    return calendar!.id;
  });
  const client = await clientOf(anders);
  const shared = (await client.fetchCalendars()).find(({ url }) => url.endsWith(`/shared-${id}/`));
  assert.equal(shared?.displayName, 'Ann Beebe');
  const told = (await client.fetchCalendarObjects({ calendar: shared! })).map(({ data }) => String(data));
  assert.ok(told.some((text) => text.includes('SUMMARY:Open')));
  const doctor = told.find((text) => text.includes('UID:doctor'));
  assert.match(doctor ?? '', /SUMMARY:Busy/, 'EX-40: a private event is a time to who may write');
  assert.doesNotMatch(told.join(), /Doctor|Knee/);
  const at = new URL(shared!.url).pathname;
  assert.equal(
    (await dav(anders, 'PUT', `${at}by-anders.ics`, event('by-anders', 'DTSTART:20271002T090000Z'))).status,
    201,
  );
  assert.equal((await dav(ann, 'GET', `${calendarOf(ann)}by-anders.ics`)).status, 200);
  const over = event('doctor', 'DTSTART:20271003T090000Z');
  assert.equal(
    (await dav(anders, 'PUT', `${at}doctor.ics`, over)).status,
    404,
    'what they cannot read they do not replace',
  );
  const found = await dav(anders, 'REPORT', at, query('<C:prop-filter name="DESCRIPTION"/>'), { depth: '1' });
  assert.doesNotMatch(found.body, /doctor/, 'a filter finds nothing by what is hidden');
});

test('who is named in the access control list of a calendar is told to its owner in one go (RFC 3744 §9.2)', async () => {
  const { ann, anders } = people.fabrikam;
  const ask = (person: Person, path: string) =>
    dav(
      person,
      'REPORT',
      path,
      '<D:acl-principal-prop-set xmlns:D="DAV:"><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>',
      { depth: '0' },
    );
  const told = await ask(ann, calendarOf(ann));
  assert.equal(told.status, 207, told.body);
  assert.match(told.body, /<D:displayname>Ann Beebe</);
  assert.match(told.body, /<D:displayname>Anders Langvatn</, 'who writes in it since the test before');
  const reader = /\/dav\/calendars\/[^<]*\/shared-[^<]*\//.exec(
    (await dav(anders, 'PROPFIND', home(anders), undefined, { depth: '1' })).body,
  );
  const refused = await ask(anders, reader![0]);
  assert.equal(refused.status, 403);
  assert.match(refused.body, /need-privileges/);
});

test('what a report, a free/busy request or a zone gets wrong is named as the standards name it', async () => {
  const { ann } = people.fabrikam;
  const xmlns = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
  const conditionOf = async (answer: Promise<ApiAnswer<string>>) => {
    const { status, body } = await answer;
    return [status, /<x:([\w-]+)/.exec(body)?.[1]];
  };
  const post = (body: string, type = 'text/calendar') =>
    dav(ann, 'POST', `${home(ann)}outbox/`, body, { 'content-type': type });
  const wrong = event('x', 'DTSTART:20270601T090000Z');
  assert.deepEqual(await conditionOf(post('<a/>', 'application/xml')), [403, 'supported-calendar-data']);
  assert.deepEqual(await conditionOf(post('BEGIN:VCALENDAR\r\nBEGIN:VEVENT')), [403, 'valid-calendar-data']);
  assert.deepEqual(await conditionOf(post(wrong)), [403, 'valid-scheduling-message']);
  const query = `<C:calendar-query ${xmlns}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter>
    <C:timezone>${wrong}</C:timezone></C:calendar-query>`;
  const asked = dav(ann, 'REPORT', calendarOf(ann), query, { depth: '1' });
  assert.deepEqual(await conditionOf(asked), [403, 'valid-calendar-data']);
});

test('several objects of several calendars are read from the home in one go', async () => {
  const { ann, anders } = people.fabrikam;
  await dav(ann, 'MKCALENDAR', `${home(ann)}second/`);
  for (const calendar of ['calendar', 'second'])
    await dav(ann, 'PUT', `${home(ann)}${calendar}/many.ics`, event(`many-${calendar}`, 'DTSTART:20270601T090000Z'));
  const hrefs = [
    `${home(ann)}second/many.ics`,
    `${home(ann)}calendar/many.ics`,
    `${home(ann)}calendar/none.ics`,
    `${home(anders)}calendar/plan.ics`,
  ];
  const answer = await dav(
    ann,
    'REPORT',
    home(ann),
    `<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>
     ${hrefs.map((href) => `<D:href>${href}</D:href>`).join('')}</C:calendar-multiget>`,
  );
  assert.deepEqual(
    [...answer.body.matchAll(/<D:href>([^<]*)</g)].map(([, href]) => href),
    hrefs,
  );
  assert.match(answer.body, /UID:many-second[\s\S]*UID:many-calendar/);
  assert.equal(answer.body.match(/404 Not Found/g)?.length, 2);
});

test('a query on one contact tells of that contact alone', async () => {
  const { ann } = people.fabrikam;
  const book = `/dav/addressbooks/${ann.id}/contacts/`;
  for (const name of ['kim', 'lee'])
    await dav(
      ann,
      'PUT',
      `${book}${name}.vcf`,
      `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${name}\r\nFN:${name}\r\nEND:VCARD\r\n`,
      {
        'content-type': 'text/vcard',
      },
    );
  const query = (filter: string) =>
    dav(
      ann,
      'REPORT',
      `${book}kim.vcf`,
      `<A:addressbook-query xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/></D:prop>${filter}</A:addressbook-query>`,
    );
  assert.deepEqual(
    [...(await query('<A:filter/>')).body.matchAll(/(\w+\.vcf)</g)].map(([, name]) => name),
    ['kim.vcf'],
  );
  const other = '<A:filter><A:prop-filter name="FN"><A:text-match>lee</A:text-match></A:prop-filter></A:filter>';
  assert.doesNotMatch((await query(other)).body, /\.vcf/);
});
