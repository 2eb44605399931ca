import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Client } from '@microsoft/microsoft-graph-client';
import type { Event } from '@microsoft/microsoft-graph-types';
import { eventually } from '../support/eventually.ts';
import { ask, BERLIN, meeting, view } from '../support/graph-calendars.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople();
  const ca = readFileSync(join(people.app.data, 'ca.pem'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
});
after(() => people.app.close());

/** Microsoft's own client, over HTTPS: it refuses to send a token in the clear. */
function clientOf(person: Person): Client {
  return Client.init({
    baseUrl: people.app.httpsOrigin,
    customHosts: new Set([new URL(people.app.httpsOrigin).hostname]),
    authProvider: (done) => {
      people.token(person).then(
        (token) => done(null, token),
        (error) => done(error, null),
      );
    },
  });
}

test('lists are filtered, sorted and paged', async () => {
  const tom = people.api(people.tailspin.tom);
  for (const n of [3, 1, 2, 5, 4]) {
    const [start, end] = [9, 10].map((hour) => ({
      dateTime: `2026-05-0${n}T${`${hour}`.padStart(2, '0')}:00:00`,
      timeZone: 'UTC',
    }));
    await ask(tom, 201, 'POST', '/v1.0/me/events', { subject: `Number ${n}`, start, end });
  }
  const window = view('2026-05-01', '2026-05-06');
  for (const first of ['/v1.0/me/events?$orderby=start/dateTime&$top=2', `${window}&$top=2`]) {
    const subjects: string[] = [];
    let path: string | undefined = first;
    while (path) {
      const page: { value: Event[]; '@odata.nextLink'?: string } = await ask(tom, 200, 'GET', path);
      assert.ok(page.value.length <= 2);
      subjects.push(...page.value.map(({ subject }) => subject ?? ''));
      path = page['@odata.nextLink'];
    }
    assert.deepEqual(
      subjects,
      [1, 2, 3, 4, 5].map((n) => `Number ${n}`),
    );
  }
  const filter = "$filter=start/dateTime ge '2026-05-02T00:00' and end/dateTime lt '2026-05-04T00:00'";
  for (const path of [`/v1.0/me/events?${filter}&$orderby=subject desc`, `${window}&${filter}&$orderby=subject desc`]) {
    const page = await ask(tom, 200, 'GET', path);
    assert.deepEqual(
      page.value.map(({ subject }: Event) => subject),
      ['Number 3', 'Number 2'],
    );
  }
});

test('calendars are made, changed, listed and removed; the default one stays', async () => {
  const made = await ask(ann, 201, 'POST', '/v1.0/me/calendars', { name: 'Sport', color: 'lightRed' });
  assert.equal(made.color, 'lightRed');
  assert.equal(made.owner.address, 'ann@fabrikam.example');
  const event = await ask(ann, 201, 'POST', `/v1.0/me/calendars/${made.id}/events`, meeting);
  await ask(ann, 200, 'GET', `/v1.0/me/calendars/${made.id}/events/${event.id}`);
  const { value } = await ask(ann, 200, 'GET', '/v1.0/me/calendars');
  assert.deepEqual(
    value.map(({ name }: { name: string }) => name),
    ['Calendar', 'Sport'],
  );
  const [first] = value;
  await ask(ann, 404, 'GET', `/v1.0/me/calendars/${first.id}/events/${event.id}`);
  await ask(ann, 404, 'GET', `/v1.0/users/${people.fabrikam.anders.id}/calendars/${made.id}`);
  await ask(anders, 404, 'GET', `/v1.0/users/${people.fabrikam.ann.id}/calendars/${made.id}`);
  assert.equal((await ask(ann, 200, 'PATCH', `/v1.0/me/calendars/${made.id}`, { name: 'Games' })).name, 'Games');
  await ask(ann, 204, 'DELETE', `/v1.0/me/calendars/${made.id}`);
  await ask(ann, 404, 'GET', `/v1.0/me/events/${event.id}`);
  await ask(ann, 409, 'DELETE', `/v1.0/me/calendars/${first.id}`);
  const [group] = (await ask(ann, 200, 'GET', '/v1.0/me/calendarGroups')).value;
  await ask(ann, 200, 'GET', `/v1.0/me/calendarGroups/${group.id}/calendars`);
});

test('a follower of a view hears of each change once it is made, through Microsoft’s own client', async () => {
  const client = clientOf(people.fabrikam.anders);
  const path = '/me/calendarView/delta?startDateTime=2026-08-01T00:00:00Z&endDateTime=2026-09-01T00:00:00Z';
  const known = new Map<string, Event>();
  /** Follows the links to the end, and answers how many things were told. */
  async function follow(from: string): Promise<{ link: string; told: number }> {
    let told = 0;
    let page = await client.api(from).header('Prefer', 'odata.maxpagesize=2').get();
    for (;;) {
      for (const one of page.value) {
        told += 1;
        if (one['@removed']) known.delete(one.id);
        else known.set(one.id, one);
      }
      if (page['@odata.deltaLink']) return { link: page['@odata.deltaLink'], told };
      page = await client.api(page['@odata.nextLink']).header('Prefer', 'odata.maxpagesize=2').get();
    }
  }
  const shown = () =>
    [...known.values()]
      .filter(({ type }) => type !== 'seriesMaster')
      .map(({ subject, start }) => `${start?.dateTime?.slice(0, 16)} ${subject}`)
      .toSorted();
  const at = (day: string, hour: string) => ({ dateTime: `2026-08-${day}T${hour}:00:00`, timeZone: BERLIN });

  const series: Event = await client.api('/me/events').post({
    subject: 'Weekly',
    start: at('03', '09'),
    end: at('03', '10'),
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] },
      range: { type: 'noEnd', startDate: '2026-08-03' },
    },
  } satisfies Event);
  const single: Event = await client
    .api('/me/events')
    .post({ subject: 'Once', start: at('05', '09'), end: at('05', '10') });
  let { link } = await follow(path);
  const days = ['03', '10', '17', '24', '31'].map((day) => `2026-08-${day}T07:00 Weekly`);
  assert.deepEqual(shown(), [...days, '2026-08-05T07:00 Once'].toSorted());

  // Told again, while an older transaction is open anywhere on the database server; then there is nothing more to tell.
  await eventually(async () => {
    const again = await follow(link);
    link = again.link;
    return again.told === 0;
  });
  const instances: Event[] = [...known.values()].filter(({ type }) => type === 'occurrence');
  const [, second, third] = instances.toSorted((a, b) =>
    (a.start?.dateTime ?? '') < (b.start?.dateTime ?? '') ? -1 : 1,
  );
  await client
    .api(`/me/events/${second?.id}`)
    .patch({ subject: 'Changed', start: at('11', '09'), end: at('11', '10') });
  await client.api(`/me/events/${third?.id}`).delete();
  await client.api(`/me/events/${single.id}`).delete();
  ({ link } = await follow(link));
  const left = ['2026-08-03T07:00 Weekly', '2026-08-24T07:00 Weekly', '2026-08-31T07:00 Weekly'];
  assert.deepEqual(shown(), [...left, '2026-08-11T07:00 Changed'].toSorted());

  // Out of the view is gone from it; another rule has other instances.
  await client.api(`/me/events/${second?.id}`).patch({
    start: { dateTime: '2026-09-15T09:00', timeZone: BERLIN },
    end: { dateTime: '2026-09-15T10:00', timeZone: BERLIN },
  });
  ({ link } = await follow(link));
  assert.deepEqual(shown(), left);
  await client.api(`/me/events/${series.id}`).patch({
    recurrence: {
      pattern: { type: 'weekly', interval: 2, daysOfWeek: ['tuesday'], firstDayOfWeek: 'monday' },
      range: { type: 'endDate', startDate: '2026-08-03', endDate: '2026-08-20' },
    },
  });
  ({ link } = await follow(link));
  assert.deepEqual(shown(), ['2026-08-04T07:00 Weekly', '2026-08-18T07:00 Weekly']);
  await client.api(`/me/events/${series.id}`).delete();
  ({ link } = await follow(link));
  assert.equal(known.size, 0);
  await assert.rejects(client.api(link.replace(/deltatoken=.{8}/, 'deltatoken=AAAAAAAA')).get(), { statusCode: 410 });
});

test('a mailbox has a time zone, hours, replies and categories; whole days follow the zone', async () => {
  const carla = people.api(people.contoso.carla);
  const day = await ask(carla, 201, 'POST', '/v1.0/me/events', {
    subject: 'Fair',
    isAllDay: true,
    start: { dateTime: '2026-07-01T00:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-07-02T00:00:00', timeZone: 'UTC' },
  });
  const settings = await ask(carla, 200, 'PATCH', '/v1.0/me/mailboxSettings', {
    timeZone: 'Tokyo Standard Time',
    workingHours: { daysOfWeek: ['monday'], startTime: '07:30:00.0000000', timeZone: { name: 'Tokyo Standard Time' } },
    automaticRepliesSetting: {
      status: 'scheduled',
      internalReplyMessage: 'Away<script>x</script>',
      scheduledStartDateTime: { dateTime: '2026-07-01T00:00:00', timeZone: 'Tokyo Standard Time' },
      scheduledEndDateTime: { dateTime: '2026-07-05T00:00:00', timeZone: 'Tokyo Standard Time' },
    },
  });
  assert.equal(settings.timeZone, 'Asia/Tokyo');
  assert.equal(settings.workingHours.startTime, '07:30:00.0000000');
  assert.equal(settings.automaticRepliesSetting.internalReplyMessage, 'Away');
  assert.equal(settings.automaticRepliesSetting.scheduledStartDateTime.dateTime, '2026-06-30T15:00:00.0000000');
  assert.equal((await ask(carla, 200, 'GET', '/v1.0/me/mailboxSettings/timeZone')).value, 'Asia/Tokyo');
  const window = '/v1.0/me/calendarView?startDateTime=2026-06-30T15:00:00Z&endDateTime=2026-06-30T16:00:00Z';
  const moved = await eventually(async () => (await ask(carla, 200, 'GET', window)).value[0], 'the day did not move');
  assert.equal(moved.id, day.id);
  await ask(carla, 400, 'PATCH', '/v1.0/me/mailboxSettings', { timeZone: 'Nowhere' });
  await ask(carla, 400, 'PATCH', '/v1.0/me/mailboxSettings', {
    workingHours: { startTime: '18:00:00', endTime: '08:00:00' },
  });
  await ask(carla, 404, 'GET', `/v1.0/users/${people.contoso.bob.id}/mailboxSettings`);

  const path = '/v1.0/me/outlook/masterCategories';
  const made = await ask(carla, 201, 'POST', path, { displayName: 'Trips', color: 'preset9' });
  await ask(carla, 409, 'POST', path, { displayName: 'trips' });
  await ask(carla, 400, 'POST', path, { displayName: 'Games', color: 'preset99' });
  assert.equal((await ask(carla, 200, 'PATCH', `${path}/${made.id}`, { color: 'preset2' })).color, 'preset2');
  assert.deepEqual((await ask(carla, 200, 'GET', path)).value, [
    { id: made.id, displayName: 'Trips', color: 'preset2' },
  ]);
  await ask(carla, 204, 'DELETE', `${path}/${made.id}`);
  await ask(carla, 404, 'GET', `${path}/${made.id}`);
});

test('tasks are kept in lists, done, put off and repeated', async () => {
  const [main] = (await ask(ann, 200, 'GET', '/v1.0/me/todo/lists')).value;
  assert.equal(main.wellknownListName, 'defaultList');
  const made = await ask(ann, 201, 'POST', '/v1.0/me/todo/lists', { displayName: 'Garden' });
  const path = `/v1.0/me/todo/lists/${made.id}/tasks`;
  const task = await ask(ann, 201, 'POST', path, {
    title: 'Cut the hedge',
    importance: 'high',
    body: { contentType: 'text', content: 'With the good shears' },
    dueDateTime: { dateTime: '2026-05-04T00:00:00', timeZone: BERLIN },
    reminderDateTime: { dateTime: '2026-05-03T18:00:00', timeZone: BERLIN },
    isReminderOn: true,
    recurrence: { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] }, range: { type: 'noEnd' } },
  });
  assert.equal(task.status, 'notStarted');
  assert.equal(task.dueDateTime.dateTime, '2026-05-04T00:00:00.0000000');
  assert.equal(task.reminderDateTime.dateTime, '2026-05-03T16:00:00.0000000');
  assert.deepEqual(task.recurrence.pattern.daysOfWeek, ['monday']);
  const put = await ask(ann, 200, 'PATCH', `${path}/${task.id}`, { status: 'waitingOnOthers', recurrence: null });
  assert.equal(put.status, 'waitingOnOthers');
  const done = await ask(ann, 200, 'PATCH', `${path}/${task.id}`, { status: 'completed' });
  assert.notEqual(done.completedDateTime, null);
  assert.equal(done.importance, 'high');
  await ask(ann, 201, 'POST', path, { title: 'Water the roses' });
  const open = await ask(ann, 200, 'GET', `${path}?$filter=status ne 'completed'`);
  assert.deepEqual(
    open.value.map(({ title }: { title: string }) => title),
    ['Water the roses'],
  );
  await ask(ann, 400, 'POST', path, { title: '' });
  await ask(ann, 400, 'POST', path, {
    title: 'Never',
    startDateTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
    dueDateTime: { dateTime: '2026-05-03T00:00:00', timeZone: 'UTC' },
  });
  // A task is no event, and an event no task.
  await ask(ann, 404, 'GET', `/v1.0/me/events/${task.id}`);
  await ask(ann, 400, 'POST', `/v1.0/me/calendars/${made.id}/events`, meeting);
  await ask(anders, 404, 'GET', `/v1.0/users/${people.fabrikam.ann.id}/todo/lists/${made.id}/tasks`);
  await ask(anders, 404, 'GET', `/v1.0/users/${people.fabrikam.ann.id}/todo/lists`);
  await ask(ann, 204, 'DELETE', `${path}/${task.id}`);
  await ask(ann, 404, 'GET', `${path}/${task.id}`);
  await ask(ann, 200, 'PATCH', `/v1.0/me/todo/lists/${made.id}`, { displayName: 'Yard' });
  await ask(ann, 204, 'DELETE', `/v1.0/me/todo/lists/${made.id}`);
  await ask(ann, 404, 'GET', path);
});

test('$expand adds files, calendar, exceptions and instances, and nothing for who sees times alone', async () => {
  const series = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    ...meeting,
    subject: 'Expanded',
    recurrence: {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'numbered', startDate: '2026-10-19', numberOfOccurrences: 4 },
    },
  });
  const path = `/v1.0/me/events/${series.id}`;
  const contentBytes = Buffer.from('x').toString('base64');
  await ask(ann, 201, 'POST', `${path}/attachments`, { name: 'a.txt', contentType: 'text/plain', contentBytes });
  const time = 'startDateTime=2026-10-19&endDateTime=2026-10-22';
  const { value: instances } = await ask(ann, 200, 'GET', `${path}/instances?${time}`);
  await ask(ann, 200, 'PATCH', `/v1.0/me/events/${instances[1].id}`, { subject: 'Otherwise' });
  const all = 'attachments,calendar,exceptionOccurrences($select=subject),instances($select=id)';
  const one = await ask(ann, 200, 'GET', `${path}?${time}&$select=subject&$expand=${all}`);
  assert.deepEqual([one.subject, one.body], ['Expanded', undefined]);
  assert.deepEqual([one.attachments[0].name, one.calendar.name], ['a.txt', 'Calendar']);
  assert.deepEqual(
    one.exceptionOccurrences.map(({ subject }: Event) => subject),
    ['Otherwise'],
  );
  assert.deepEqual(
    one.instances.map(({ id }: Event) => id),
    instances.map(({ id }: Event) => id),
  );
  const listed = await ask(
    ann,
    200,
    'GET',
    "/v1.0/me/events?$filter=subject eq 'Expanded'&$expand=attachments,calendar",
  );
  assert.deepEqual([listed.value[0].attachments.length, listed.value[0].calendar.isDefaultCalendar], [1, true]);
  const viewed = await ask(
    ann,
    200,
    'GET',
    `/v1.0/me/calendarView?${time}&$filter=subject eq 'Expanded'&$expand=calendar`,
  );
  assert.equal(viewed.value[0].calendar.id, one.calendar.id);
  await ask(ann, 400, 'GET', `${path}?$expand=instances`);
  await ask(ann, 400, 'GET', '/v1.0/me/events?$expand=instances');
  await ask(ann, 400, 'GET', `${path}?$expand=extensions`);
  const theirs = `/v1.0/users/${people.fabrikam.ann.id}/events/${series.id}`;
  const dim = await ask(anders, 200, 'GET', `${theirs}?$expand=attachments,exceptionOccurrences`);
  assert.deepEqual([dim.subject, dim.attachments, dim.exceptionOccurrences], [null, [], []]);
});

test('a follower of events hears of each change, a series as one', async () => {
  const { id: calendar } = await ask(ann, 201, 'POST', '/v1.0/me/calendars', { name: 'Followed' });
  const path = `/v1.0/me/calendars/${calendar}/events`;
  const one = await ask(ann, 201, 'POST', path, meeting);
  const two = await ask(ann, 201, 'POST', path, { ...meeting, subject: 'Second' });
  const follow = async (from: string) => {
    const rows: Event[] = [];
    for (let next = from; ; ) {
      const page = await ask(ann, 200, 'GET', next, undefined, { prefer: 'odata.maxpagesize=1' });
      rows.push(...page.value);
      const link = page['@odata.nextLink'] ?? page['@odata.deltaLink'];
      if (page['@odata.deltaLink']) return { rows, link: new URL(link).pathname + new URL(link).search };
      next = new URL(link).pathname + new URL(link).search;
    }
  };
  const first = await follow(`${path}/delta`);
  assert.deepEqual(first.rows.map(({ id }) => id).toSorted(), [one.id, two.id].toSorted());
  await ask(ann, 200, 'PATCH', `/v1.0/me/events/${two.id}`, { subject: 'Changed' });
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${one.id}`);
  const three = await ask(ann, 201, 'POST', path, {
    ...meeting,
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] },
      range: { type: 'noEnd', startDate: '2026-10-19' },
    },
  });
  const second = await follow(first.link);
  const told = new Map(second.rows.map((row) => [row.id, row]));
  assert.deepEqual([told.size, told.get(two.id)?.subject, told.get(three.id)?.type], [3, 'Changed', 'seriesMaster']);
  assert.deepEqual((told.get(one.id) as Record<string, unknown>)['@removed'], { reason: 'deleted' });
  let last = second.link;
  await eventually(async () => {
    const { rows, link } = await follow(last);
    last = link;
    return rows.length === 0;
  });
  // The link of a view is none of this.
  await ask(ann, 410, 'GET', `/v1.0/me/calendarView/delta${new URL(second.link, people.app.origin).search}`);
});

test("a program of its own reads or writes everybody's calendars as far as an administrator agreed", async () => {
  const { body: app } = await ann('POST', '/v1.0/applications', { displayName: 'Planner' });
  const { value } = (await ann('GET', '/v1.0/servicePrincipals')).body;
  const { id: principalId } = value.find((one: { appId: string }) => one.appId === app.appId);
  const { body: secret } = await ann('POST', `/v1.0/applications/${app.id}/addPassword`, {});
  const sign = async (): Promise<Api> => {
    const answer = await fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'client_credentials', client_id: app.appId, client_secret: secret.secretText },
        scope: 'https://graph.microsoft.com/.default',
      }),
    });
    return people.call(((await answer.json()) as { access_token: string }).access_token);
  };
  const roles = `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`;
  const agree = async (appRoleId: string) => (await ask(ann, 201, 'POST', roles, { appRoleId, principalId })).id;
  const { anders: person, ann: another } = people.fabrikam;
  const own = await ask(anders, 201, 'POST', '/v1.0/me/events', { ...meeting, subject: 'By himself' });
  const events = `/v1.0/users/${person.userPrincipalName}/events`;
  const theirs = `/v1.0/users/${person.id}/events/${own.id}`;

  const none = await sign();
  await ask(none, 404, 'GET', events);
  await ask(none, 404, 'GET', theirs);

  const read = await agree('Calendars.Read');
  const reader = await sign();
  assert.equal((await ask(reader, 200, 'GET', theirs)).subject, 'By himself');
  assert.ok((await ask(reader, 200, 'GET', `${events}?$filter=subject eq 'By himself'`)).value.length > 0);
  await ask(
    reader,
    200,
    'GET',
    `/v1.0/users/${another.id}/calendarView?startDateTime=2026-10-19&endDateTime=2026-10-20`,
  );
  await ask(reader, 403, 'POST', events, meeting);
  await ask(reader, 403, 'PATCH', theirs, { subject: 'By a program' });
  await ask(reader, 403, 'DELETE', theirs);
  // It is nobody, so it has nothing of its own; and other organisations are none of its business.
  await ask(reader, 404, 'GET', '/v1.0/me/events');
  await ask(reader, 404, 'GET', `/v1.0/users/${people.contoso.bob.id}/events`);

  await agree('Calendars.ReadWrite');
  const writer = await sign();
  const made = await ask(writer, 201, 'POST', events, {
    subject: 'By a program',
    start: { dateTime: '2030-10-21T09:00:00', timeZone: BERLIN },
    end: { dateTime: '2030-10-21T10:00:00', timeZone: BERLIN },
    attendees: [{ type: 'required', emailAddress: { address: another.userPrincipalName } }],
  });
  assert.equal(made.organizer.emailAddress.address, person.userPrincipalName);
  assert.equal((await ask(anders, 200, 'GET', `/v1.0/me/events/${made.id}`)).subject, 'By a program');
  const invited = await ask(ann, 200, 'GET', "/v1.0/me/events?$filter=subject eq 'By a program'");
  assert.equal(invited.value.length, 1, 'who is invited has it, too');
  await ask(writer, 200, 'PATCH', theirs, { subject: 'Changed by a program' });
  await ask(writer, 204, 'DELETE', `/v1.0/users/${person.id}/events/${made.id}`);
  await ask(anders, 404, 'GET', `/v1.0/me/events/${made.id}`);

  // What is taken back is missing at once, also from a token that says it.
  for (const { id } of (await ask(ann, 200, 'GET', roles)).value) await ask(ann, 204, 'DELETE', `${roles}/${id}`);
  await ask(writer, 404, 'GET', theirs);
  assert.ok(read);
});

test('below a calendar that is named all the same can be done with an event as below its owner', async () => {
  const club = await ask(anders, 201, 'POST', '/v1.0/me/calendars', { name: 'Club' });
  const held = `/v1.0/me/calendars/${club.id}/events`;
  const invited = { attendees: [{ emailAddress: { address: 'ann@fabrikam.example' } }] };
  const made = await ask(anders, 201, 'POST', held, {
    subject: 'Weekly games',
    start: { dateTime: '2036-10-19T09:00:00', timeZone: BERLIN },
    end: { dateTime: '2036-10-19T10:00:00', timeZone: BERLIN },
    ...invited,
    reminderMinutesBeforeStart: 5,
    recurrence: {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'numbered', startDate: '2036-10-19', numberOfOccurrences: 3 },
    },
  });
  const at = `${held}/${made.id}`;
  const { value: days } = await ask(
    anders,
    200,
    'GET',
    `${at}/instances?startDateTime=2036-10-19&endDateTime=2036-10-24`,
  );
  assert.equal(days.length, 3);
  const file = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'agenda.txt', contentBytes: 'YWdlbmRh' };
  const added = await ask(anders, 201, 'POST', `${at}/attachments`, file);
  assert.equal((await ask(anders, 200, 'GET', `${at}/attachments/${added.id}`)).contentBytes, 'YWdlbmRh');
  await ask(
    anders,
    404,
    'GET',
    `/v1.0/me/calendars/${(await ask(anders, 200, 'GET', '/v1.0/me/calendar')).id}/events/${made.id}/attachments`,
  );
  await ask(anders, 200, 'POST', `${at}/snoozeReminder`, { newReminderTime: { dateTime: '2036-10-19T06:00:00' } });
  await ask(anders, 200, 'POST', `${at}/dismissReminder`);

  const seen = view('2036-10-19', '2036-10-20');
  const copy = (await ask(ann, 200, 'GET', seen)).value.find(({ iCalUId }: Event) => iCalUId === made.iCalUId);
  const hers = `/v1.0/me/calendar/events/${copy.seriesMasterId}`;
  for (const [word, told] of Object.entries({
    tentativelyAccept: 'tentativelyAccepted',
    decline: 'declined',
    accept: 'accepted',
  })) {
    await ask(ann, 202, 'POST', `${hers}/${word}`, { sendResponse: true });
    assert.equal((await ask(anders, 200, 'GET', at)).attendees[0].status.response, told);
  }
  await ask(anders, 202, 'POST', `${at}/forward`, {
    toRecipients: [{ emailAddress: { address: 'carla@contoso.example' } }],
  });
  assert.equal((await ask(anders, 200, 'GET', at)).attendees.length, 2);
  assert.equal((await ask(ann, 200, 'GET', hers)).responseStatus.response, 'accepted');
  await ask(anders, 202, 'POST', `${held}/${days[0].id}/cancel`, { comment: 'Not that day' });
  await ask(anders, 404, 'GET', `${held}/${days[0].id}`);
  await ask(anders, 202, 'POST', `${at}/cancel`);
  assert.equal((await ask(ann, 200, 'GET', hers)).isCancelled, true);
});

test('reminders of a time are listed', async () => {
  const at = (hour: string) => ({ dateTime: `2026-12-01T${hour}:00`, timeZone: 'UTC' });
  await ask(ann, 201, 'POST', '/v1.0/me/events', {
    subject: 'Soon',
    start: at('09:00'),
    end: at('10:00'),
    reminderMinutesBeforeStart: 30,
  });
  await ask(ann, 201, 'POST', '/v1.0/me/events', {
    subject: 'Quiet',
    start: at('09:00'),
    end: at('10:00'),
    isReminderOn: false,
  });
  const page = await ask(
    ann,
    200,
    'GET',
    "/v1.0/me/reminderView(StartDateTime='2026-12-01T08:00:00',EndDateTime='2026-12-01T08:45:00')",
  );
  assert.deepEqual(
    page.value.map((one: { eventSubject: string; reminderFireTime: { dateTime: string } }) => [
      one.eventSubject,
      one.reminderFireTime.dateTime,
    ]),
    [['Soon', '2026-12-01T08:30:00.0000000']],
  );
  await ask(ann, 400, 'GET', '/v1.0/me/reminderView(nothing)');
});

test('rooms are found by everybody at home and changed by administrators', async () => {
  const room = await ask(ann, 201, 'POST', '/admin/places', {
    kind: 'room',
    displayName: 'North Room',
    emailAddress: 'north@fabrikam.example',
    building: 'Main',
    capacity: 8,
  });
  const rooms = await ask(anders, 200, 'GET', "/v1.0/places/microsoft.graph.room?$filter=building eq 'Main'");
  assert.deepEqual(
    rooms.value.map(({ emailAddress }: { emailAddress: string }) => emailAddress),
    ['north@fabrikam.example'],
  );
  const [list] = (await ask(anders, 200, 'GET', '/v1.0/places/microsoft.graph.roomList')).value;
  assert.equal(list.rooms.length, 1);
  await ask(anders, 403, 'PATCH', `/v1.0/places/${room.id}`, { capacity: 9 });
  const changed = await ask(ann, 200, 'PATCH', '/v1.0/places/north@fabrikam.example', {
    '@odata.type': 'microsoft.graph.room',
    capacity: 9,
    isWheelChairAccessible: true,
    address: { city: 'Kiel' },
  });
  assert.deepEqual([changed.capacity, changed.building, changed.address.city], [9, 'Main', 'Kiel']);
  await ask(people.api(people.contoso.carla), 404, 'GET', `/v1.0/places/${room.id}`);
  const beamer = await ask(ann, 201, 'POST', '/admin/places', {
    kind: 'equipment',
    displayName: 'Projector',
    emailAddress: 'projector@fabrikam.example',
  });
  const { value: equipment } = await ask(anders, 200, 'GET', '/v1.0/places/entente.equipment');
  assert.deepEqual(
    equipment.map((one: Record<string, string>) => [one['@odata.type'], one.id, one.emailAddress]),
    [['#entente.equipment', beamer.id, 'projector@fabrikam.example']],
  );
  assert.equal((await ask(anders, 200, 'GET', '/v1.0/places/projector@fabrikam.example')).id, beamer.id);
  assert.equal((await ask(anders, 200, 'GET', '/v1.0/places/microsoft.graph.room')).value.length, 1);
  await ask(ann, 404, 'GET', `/v1.0/places/${people.fabrikam.anders.id}`);
});

test("a group's calendar is its members' to write in, and nobody else's to see", async () => {
  const group = await ask(ann, 201, 'POST', '/v1.0/groups', {
    displayName: 'Movers',
    mailNickname: 'movers',
    mailEnabled: true,
    securityEnabled: false,
    groupTypes: ['Unified'],
    'members@odata.bind': [`${people.app.origin}/v1.0/users/${people.fabrikam.anders.id}`],
  });
  const path = `/v1.0/groups/${group.id}`;
  assert.equal((await ask(anders, 200, 'GET', `${path}/calendar`)).canEdit, true);
  const made = await ask(anders, 201, 'POST', `${path}/events`, meeting, { prefer: 'IdType="ImmutableId"' });
  const window = `${path}/calendarView?startDateTime=2026-10-19&endDateTime=2026-10-20`;
  assert.deepEqual(
    (await ask(anders, 200, 'GET', window)).value.map(({ id }: Event) => id),
    [made.id],
  );
  await ask(anders, 200, 'PATCH', `${path}/events/${made.id}`, { subject: 'By the group' });
  await ask(anders, 404, 'GET', `/v1.0/me/events/${made.id}`);
  await ask(people.api(people.contoso.bob), 404, 'GET', `${path}/events`);
});
