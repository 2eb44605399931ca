import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { receiveMail } from '../../src/calendars/usecases/receiving.ts';
import { calendarOf, calendarPrograms, event, home } from '../support/calendar-program.ts';
import { eventually } from '../support/eventually.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople();
});
after(() => people.app.close());

const { dav } = calendarPrograms(() => people);

test('EX-67: the outbox answers for each recipient by itself: who is free, who is closed, who is nobody', async () => {
  const { ann, anders } = people.fabrikam;
  assert.equal((await dav(anders, 'PROPFIND', home(anders), undefined, { depth: '1' })).status, 207);
  await dav(anders, 'PUT', `${calendarOf(anders)}busy.ics`, event('busy', 'DTSTART:20270601T090000Z', 'DURATION:PT1H'));
  const ask = (...attendees: string[]) =>
    dav(
      ann,
      'POST',
      `${home(ann)}outbox/`,
      `${['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', 'METHOD:REQUEST', 'BEGIN:VFREEBUSY', 'UID:fb', 'DTSTAMP:20260401T000000Z', 'DTSTART:20270601T000000Z', 'DTEND:20270602T000000Z', `ORGANIZER:mailto:${ann.userPrincipalName}`, ...attendees.map((one) => `ATTENDEE:${one}`), 'END:VFREEBUSY', 'END:VCALENDAR'].join('\r\n')}\r\n`,
    );
  const statusesOf = ({ body }: { body: string }) =>
    [...body.matchAll(/<C:request-status>([^;]*);/g)].map(([, status]) => status);
  const colleague = `mailto:${anders.userPrincipalName}`;
  const answer = await ask(
    colleague,
    `mailto:${people.tailspin.tom.userPrincipalName}`,
    'mailto:nobody@tailspin.example',
    'mailto:nobody@fabrikam.example',
    'mailto:nobody@nowhere.example',
  );
  assert.equal(answer.status, 200);
  // A partner that tells nothing does not tell who is there either (EX-57).
  assert.deepEqual(statusesOf(answer), ['2.0', '3.8', '3.8', '3.7', '3.7']);
  assert.match(answer.body, /FREEBUSY;FBTYPE=BUSY:20270601T090000Z\/20270601T100000Z/);
  const permissions = '/v1.0/me/calendar/calendarPermissions';
  const [everybody] = (await people.api(anders)('GET', permissions)).body.value;
  await people.api(anders)('PATCH', `${permissions}/${everybody.id}`, { role: 'none' });
  const closed = await ask(colleague, 'mailto:nobody@fabrikam.example');
  assert.deepEqual(statusesOf(closed), ['3.8', '3.7']);
  assert.doesNotMatch(closed.body, /FREEBUSY/);
  await people.api(anders)('PATCH', `${permissions}/${everybody.id}`, { role: everybody.role });
  const forged = await dav(anders, 'POST', `${home(ann)}outbox/`, event('x', 'DTSTART:20270601T090000Z'));
  assert.equal(forged.status, 404, 'nobody posts in the name of somebody else');
});

test('EX-68: who says when they can be met is not free on a Saturday, and their working hours follow', async () => {
  const { ann } = people.fabrikam;
  const availability = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:x',
    'BEGIN:VAVAILABILITY',
    'UID:v',
    'DTSTAMP:20260101T000000Z',
    'BEGIN:AVAILABLE',
    'UID:a',
    'DTSTAMP:20260101T000000Z',
    'DTSTART:20260105T080000Z',
    'DTEND:20260105T170000Z',
    'RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
    'END:AVAILABLE',
    'END:VAVAILABILITY',
    'END:VCALENDAR',
  ].join('\n');
  const inbox = `${home(ann)}inbox/`;
  const set = await dav(
    ann,
    'PROPPATCH',
    inbox,
    `<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><C:calendar-availability>${availability}</C:calendar-availability></D:prop></D:set></D:propertyupdate>`,
  );
  assert.match(set.body, /200 OK/);
  const told = await dav(
    ann,
    'PROPFIND',
    inbox,
    '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-availability/></D:prop></D:propfind>',
    { depth: '0' },
  );
  assert.match(told.body, /BYDAY=MO,TU,WE,TH,FR/);
  const outbox = await dav(
    ann,
    'POST',
    `${home(ann)}outbox/`,
    `${['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', 'METHOD:REQUEST', 'BEGIN:VFREEBUSY', 'UID:fb', 'DTSTAMP:20260401T000000Z', 'DTSTART:20270605T000000Z', 'DTEND:20270606T000000Z', `ORGANIZER:mailto:${ann.userPrincipalName}`, `ATTENDEE:mailto:${ann.userPrincipalName}`, 'END:VFREEBUSY', 'END:VCALENDAR'].join('\r\n')}\r\n`,
  );
  const lines = outbox.body.match(/FREEBUSY;[^&\r\n]*/g);
  assert.deepEqual(lines, ['FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270605T000000Z/20270606T000000Z']);
});

test('what came about meetings lies in the inbox as it was said, until the person puts it away', async () => {
  const { ann, anders } = people.fabrikam;
  const inbox = `${home(anders)}inbox/`;
  const look = async (depth: string) => {
    const props = '<D:prop><D:getetag/><D:sync-token/><S:getctag/></D:prop>';
    const body = `<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/">${props}</D:propfind>`;
    const answer = await dav(anders, 'PROPFIND', inbox, body, { depth });
    assert.equal(answer.status, 207, answer.body);
    return { body: answer.body, messages: [...answer.body.matchAll(/inbox\/([^<]+\.ics)</g)].map(([, name]) => name) };
  };
  const before = await look('1');
  assert.deepEqual(before.messages, []);
  const lines = ['DTSTART:20270504T070000Z', 'DURATION:PT1H', 'SUMMARY:Plan'];
  const people_ = [`ORGANIZER:mailto:${ann.userPrincipalName}`, `ATTENDEE:mailto:${anders.userPrincipalName}`];
  assert.equal((await dav(ann, 'PUT', `${calendarOf(ann)}plan.ics`, event('plan', ...lines, ...people_))).status, 201);
  const after = await look('1');
  assert.equal(after.messages.length, 1);
  const tagIn = ({ body }: { body: string }) => body.match(/<S:getctag>[^<]*/)?.[0];
  await eventually(async () => tagIn(await look('1')) !== tagIn(before), 'another tag');
  const path = `${inbox}${after.messages[0]}`;
  const message = await dav(anders, 'GET', path);
  assert.equal(message.status, 200);
  assert.match(message.body, /METHOD:REQUEST[\s\S]*SUMMARY:Plan/);
  const report = (name: string, inside: string) =>
    dav(
      anders,
      'REPORT',
      inbox,
      `<${name} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>${inside}</${name}>`,
      { depth: '1' },
    );
  const inComponent = (inside: string) =>
    `<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${inside}</C:comp-filter></C:comp-filter></C:filter>`;
  const inTime = (day: string) =>
    report('C:calendar-query', inComponent(`<C:time-range start="${day}T000000Z" end="${day}T235959Z"/>`));
  assert.match((await inTime('20270504')).body, /METHOD:REQUEST/);
  assert.doesNotMatch((await inTime('20270505')).body, /METHOD:REQUEST/);
  assert.match((await report('C:calendar-multiget', `<D:href>${path}</D:href>`)).body, /METHOD:REQUEST/);
  const token = /<D:sync-token>([^<]*)/.exec(after.body)?.[1] ?? '';
  const sync = (known: string) =>
    report('D:sync-collection', `<D:sync-token>${known}</D:sync-token><D:sync-level>1</D:sync-level>`);
  assert.match((await sync('')).body, /METHOD:REQUEST/);
  assert.doesNotMatch((await sync(token)).body, /<D:response>/);
  assert.equal((await dav(ann, 'GET', path)).status, 404, 'nobody else reads it');
  assert.equal((await dav(ann, 'DELETE', path)).status, 404);
  assert.equal((await dav(anders, 'PUT', `${inbox}mine.ics`, event('mine', ...lines))).status, 405);
  assert.equal((await dav(anders, 'DELETE', path)).status, 204);
  assert.deepEqual((await look('1')).messages, []);
  assert.equal((await sync(token)).status, 403, 'whoever knew it reads all of it again');
  assert.match((await dav(anders, 'GET', calendarOf(anders))).body, /SUMMARY:Plan/, 'what it did stays done');
});

test('people named by their id or by their principal are invited like those named by mail', async () => {
  const { ann, anders } = people.fabrikam;
  const lines = [
    'DTSTART:20360504T070000Z',
    'DURATION:PT1H',
    'SUMMARY:By id',
    `ORGANIZER;CN=Ann:${people.app.origin}/dav/principals/${ann.id}/`,
    `ATTENDEE;PARTSTAT=ACCEPTED:/dav/principals/${ann.id}/`,
    `ATTENDEE;RSVP=TRUE:urn:uuid:${anders.id.toUpperCase()}`,
    'ATTENDEE:urn:uuid:00000000-0000-4000-8000-000000000000',
  ];
  const made = await dav(ann, 'PUT', `${calendarOf(ann)}by-id.ics`, event('by-id', ...lines));
  assert.equal(made.status, 201, made.body);
  assert.equal(made.headers.get('etag'), null, 'what is kept is not what was sent');
  const kept = (await dav(ann, 'GET', `${calendarOf(ann)}by-id.ics`)).body.replaceAll('\r\n ', '');
  assert.match(kept, /ORGANIZER;CN=Ann:mailto:ann@fabrikam\.example/);
  assert.match(kept, /ATTENDEE;[^\r]*SCHEDULE-STATUS="?1\.2[^\r]*:mailto:anders@fabrikam\.example/);
  assert.match(kept, /ATTENDEE[^\r]*SCHEDULE-STATUS="?3\.7[^\r]*:urn:uuid:00000000/);
  assert.match((await dav(anders, 'GET', calendarOf(anders))).body, /SUMMARY:By id/);
});

test('a message that its sender had no right to send is not in the inbox of a program', async () => {
  const { ann, anders } = people.fabrikam;
  const inbox = `${home(anders)}inbox/`;
  const messages = async () => (await dav(anders, 'PROPFIND', inbox, undefined, { depth: '1' })).body;
  const known = await messages();
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    receiveMail(ctx, {
      recipient: anders.userPrincipalName,
      sender: 'mallory@elsewhere.example',
      mime: [
        'From: mallory@elsewhere.example',
        'Content-Type: text/calendar; method=CANCEL; charset=utf-8',
        '',
        event('plan', 'METHOD:CANCEL')
          .replace('METHOD:CANCEL\r\n', `ORGANIZER:mailto:${ann.userPrincipalName}\r\nDTSTART:20270504T070000Z\r\n`)
          .replace('PRODID', 'METHOD:CANCEL\r\nPRODID'),
      ].join('\r\n'),
    }),
  );
  const { value } = (await people.api(anders)('GET', '/me/meeting-messages')).body;
  assert.ok(value.some(({ warning }: { warning: string | null }) => warning !== null));
  assert.equal(await messages(), known);
});

test('a program of old says which calendars count for being busy by naming them on the inbox', async () => {
  const { ann } = people.fabrikam;
  assert.equal((await dav(ann, 'MKCALENDAR', `${home(ann)}quiet/`)).status, 201);
  const named = async () => {
    const body =
      '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-free-busy-set/></D:prop></D:propfind>';
    const answer = await dav(ann, 'PROPFIND', `${home(ann)}inbox/`, body);
    return [...answer.body.matchAll(/<D:href>([^<]*)</g)]
      .map(([, href]) => href)
      .filter((href) => !/inbox/.test(href!));
  };
  const set = (...paths: string[]) =>
    dav(
      ann,
      'PROPPATCH',
      `${home(ann)}inbox/`,
      `<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><C:calendar-free-busy-set>
       ${paths.map((path) => `<D:href>${path}</D:href>`).join('')}</C:calendar-free-busy-set></D:prop></D:set></D:propertyupdate>`,
    );
  assert.ok((await named()).includes(`${home(ann)}quiet/`));
  assert.match((await set(calendarOf(ann))).body, /200 OK/);
  assert.deepEqual(await named(), [calendarOf(ann)]);
  assert.match((await set(`${home(people.fabrikam.anders)}calendar/`)).body, /403/);
  assert.deepEqual(await named(), [calendarOf(ann)]);
});
