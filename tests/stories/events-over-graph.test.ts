import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Event } from '@microsoft/microsoft-graph-types';
import { findObject } from '../../src/calendars/store/objects.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { actAs } from '../support/acting.ts';
import { ask, BERLIN, meeting, shareCalendar, startsOf, view } from '../support/graph-calendars.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
});
after(() => people.app.close());

test('EX-55: a weekly series keeps its hour when summer time ends, and only its real instances are seen', async () => {
  const series = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    ...meeting,
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' },
      range: { type: 'numbered', startDate: '2026-10-19', numberOfOccurrences: 3 },
    },
  });
  assert.equal(series.type, 'seriesMaster');
  assert.equal(series.originalStartTimeZone, BERLIN);
  const window = view('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z');
  const seen = await ask(ann, 200, 'GET', window);
  assert.deepEqual(startsOf(seen), ['2026-10-19T07:00', '2026-10-26T08:00', '2026-11-02T08:00']);
  const here = await ask(ann, 200, 'GET', window, undefined, { prefer: `outlook.timezone="${BERLIN}"` });
  assert.deepEqual(startsOf(here), ['2026-10-19T09:00', '2026-10-26T09:00', '2026-11-02T09:00']);

  const [first, second, third] = seen.value as Event[];
  assert.equal(second?.seriesMasterId, series.id);
  const moved = await ask(ann, 200, 'PATCH', `/v1.0/me/events/${second?.id}`, {
    subject: 'Moved',
    start: { dateTime: '2026-10-27T11:00:00', timeZone: BERLIN },
    end: { dateTime: '2026-10-27T12:00:00', timeZone: BERLIN },
  });
  assert.equal(moved.type, 'exception');
  assert.equal(moved.originalStart, '2026-10-26T08:00:00Z');
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${third?.id}`);
  const now = await ask(ann, 200, 'GET', window);
  assert.deepEqual(
    now.value.map((one: Event) => [one.subject, one.start?.dateTime?.slice(0, 16), one.type]),
    [
      ['Plan the week', '2026-10-19T07:00', 'occurrence'],
      ['Moved', '2026-10-27T10:00', 'exception'],
    ],
  );
  await ask(ann, 404, 'GET', `/v1.0/me/events/${third?.id}`);
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${series.id}`);
  await ask(ann, 404, 'GET', `/v1.0/me/events/${first?.id}`);
});

test('a series that ends earlier keeps what was said of the instances it still has', async () => {
  const range = { type: 'numbered', startDate: '2027-02-01', numberOfOccurrences: 5 };
  const pattern = { type: 'daily', interval: 1 };
  const series = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    ...meeting,
    start: { dateTime: '2027-02-01T09:00:00', timeZone: BERLIN },
    end: { dateTime: '2027-02-01T10:00:00', timeZone: BERLIN },
    recurrence: { pattern, range },
  });
  const window = view('2027-02-01T00:00:00Z', '2027-03-01T00:00:00Z');
  const [, second, third, , fifth] = (await ask(ann, 200, 'GET', window)).value as Event[];
  for (const one of [second, fifth]) await ask(ann, 200, 'PATCH', `/v1.0/me/events/${one?.id}`, { subject: 'Special' });
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${third?.id}`);
  await ask(ann, 200, 'PATCH', `/v1.0/me/events/${series.id}`, {
    recurrence: { pattern, range: { type: 'endDate', startDate: '2027-02-01', endDate: '2027-02-04' } },
  });
  const seen = (await ask(ann, 200, 'GET', window)).value as Event[];
  assert.deepEqual(
    seen.map(({ subject, start }) => [subject, start?.dateTime?.slice(8, 10)]),
    [
      ['Plan the week', '01'],
      ['Special', '02'],
      ['Plan the week', '04'],
    ],
  );
  await ask(ann, 204, 'DELETE', `/v1.0/me/events/${series.id}`);
});

test('EX-40: nobody is told of a private event more than its time, and who sees times alone is told no word', async () => {
  const { id: calendar } = await ask(anders, 200, 'GET', '/v1.0/me/calendar');
  const day = {
    start: { dateTime: '2026-06-01T09:00', timeZone: 'UTC' },
    end: { dateTime: '2026-06-01T10:00', timeZone: 'UTC' },
  };
  const place = { location: { displayName: 'Room of secrets' } };
  const open = await ask(anders, 201, 'POST', '/v1.0/me/events', { ...day, ...place, subject: 'Open words' });
  const secret = await ask(anders, 201, 'POST', '/v1.0/me/events', {
    ...day,
    ...place,
    subject: 'Secret words',
    sensitivity: 'private',
    body: { contentType: 'text', content: 'Secret body' },
  });
  const of = `/v1.0/users/${people.fabrikam.anders.id}`;
  const views = [
    `${of}/calendarView?startDateTime=2026-06-01T00:00:00Z&endDateTime=2026-06-02T00:00:00Z`,
    `${of}/events`,
    `${of}/events/${open.id}`,
    `${of}/events/${secret.id}`,
    `${of}/calendars/${calendar}/events`,
    `${of}/events/${secret.id}/instances?startDateTime=2026-06-01T00:00:00Z&endDateTime=2026-06-02T00:00:00Z`,
  ];
  const told = async () => JSON.stringify(await Promise.all(views.map((path) => ask(ann, 200, 'GET', path))));
  const times = await told();
  assert.doesNotMatch(times, /words|secret|private/i);
  assert.match(times, /"showAs":"busy"/);
  await shareCalendar(people.app, people.fabrikam.anders, calendar, people.fabrikam.ann, 'limitedRead');
  const limited = await told();
  assert.match(limited, /Open words/);
  assert.match(limited, /Room of secrets/);
  assert.doesNotMatch(limited, /Secret words|Secret body|attendees/);
  await shareCalendar(people.app, people.fabrikam.anders, calendar, people.fabrikam.ann, 'write');
  const whole = await told();
  assert.match(whole, /"attendees":\[\]/);
  assert.doesNotMatch(whole, /Secret words|Secret body/);
  // What is not told cannot be guessed by filtering either.
  for (const filter of ["startswith(subject,'Secret')", "contains(subject,'words')"]) {
    for (const path of views.slice(0, 2)) {
      const page = await ask(ann, 200, 'GET', `${path}${path.includes('?') ? '&' : '?'}$filter=${filter}`);
      assert.ok(page.value.every((one: Event) => one.id !== secret.id));
    }
  }
  await ask(ann, 404, 'PATCH', `${of}/events/${secret.id}`, { subject: 'Mine' });
  await ask(ann, 404, 'DELETE', `${of}/events/${secret.id}`);
  await ask(ann, 200, 'PATCH', `${of}/events/${open.id}`, { subject: 'Changed by another' });
  await shareCalendar(
    people.app,
    people.fabrikam.anders,
    calendar,
    people.fabrikam.ann,
    'delegateWithPrivateEventAccess',
  );
  assert.match(await told(), /Secret body/);
});

test('what other programs put in an event stays there when Graph changes it', async () => {
  const text = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Another//EN',
    'X-WR-CALNAME:Kept',
    'BEGIN:VEVENT',
    'UID:kept@fabrikam.example',
    'DTSTAMP:20260401T000000Z',
    'DTSTART;TZID=Europe/Berlin:20260504T090000',
    'DURATION:PT30M',
    'SUMMARY:Before',
    'X-ANOTHER;X-P=1:kept as it is',
    'ATTENDEE;PARTSTAT=ACCEPTED;X-NUM=4;CN=Bob:mailto:Bob@contoso.example',
    'ORGANIZER;CN=Ann:mailto:ann@fabrikam.example',
    'BEGIN:VALARM',
    'ACTION:EMAIL',
    'TRIGGER:-P1D',
    'SUMMARY:Kept alarm',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
  const id = await actAs(people.app, people.fabrikam.ann, async (ctx) => {
    const { id: calendarId } = await ownDefaultCalendar(ctx, 'write');
    return (await putObject(ctx, { calendarId, name: 'kept', text })).object.id;
  });
  const read = await ask(ann, 200, 'GET', `/v1.0/me/events/${id}`);
  assert.equal(read.end.dateTime, '2026-05-04T07:30:00.0000000');
  assert.deepEqual(read.attendees[0].status.response, 'accepted');
  assert.equal(read.isOrganizer, true);
  await ask(ann, 200, 'PATCH', `/v1.0/me/events/${id}`, {
    subject: 'After',
    body: { contentType: 'html', content: '<p>Read, then <b>decide</b>;<br>at last</p><script>alert(1)</script>' },
    attendees: [
      { emailAddress: { address: 'bob@contoso.example' }, type: 'optional' },
      { emailAddress: { address: 'carla@contoso.example', name: 'Carla; "the" one' } },
    ],
    showAs: 'oof',
    categories: ['Blue, deep', 'Red'],
    importance: 'high',
    reminderMinutesBeforeStart: 30,
    onlineMeetingUrl: 'https://meet.fabrikam.example/a?b=c,d;e',
    locations: [{ displayName: 'North' }, { displayName: 'South', address: { city: 'Kiel' } }],
  });
  const content = await actAs(
    people.app,
    people.fabrikam.ann,
    async (ctx) => (await findObject(ctx, { id }))?.content ?? '',
  );
  const unfolded = content.replaceAll('\r\n ', '');
  for (const line of [
    'X-WR-CALNAME:Kept',
    'X-ANOTHER;X-P=1:kept as it is',
    'SUMMARY:Kept alarm',
    'DURATION:PT30M',
    'SUMMARY:After',
    'LOCATION:North\\; South',
  ]) {
    assert.ok(unfolded.includes(line), `${line} in ${unfolded}`);
  }
  assert.match(
    unfolded,
    /^ATTENDEE;PARTSTAT=ACCEPTED;X-NUM=4;CN=Bob;.*ROLE=OPT-PARTICIPANT:mailto:Bob@contoso.example/m,
  );
  const after = await ask(ann, 200, 'GET', `/v1.0/me/events/${id}`);
  assert.doesNotMatch(after.body.content, /script|alert/);
  assert.match(after.body.content, /<b>decide<\/b>/);
  assert.equal(after.bodyPreview, 'Read, then decide;\nat last');
  assert.deepEqual(after.categories, ['Blue, deep', 'Red']);
  assert.equal(after.importance, 'high');
  assert.equal(after.showAs, 'oof');
  assert.equal(after.reminderMinutesBeforeStart, 30);
  assert.equal(after.onlineMeeting.joinUrl, 'https://meet.fabrikam.example/a?b=c,d;e');
  assert.equal(after.locations[1].address.city, 'Kiel');
  assert.equal(after.attendees[1].emailAddress.name, 'Carla; the one');
  const words = await ask(ann, 200, 'GET', `/v1.0/me/events/${id}?$select=body`, undefined, {
    prefer: 'outlook.body-content-type="text"',
  });
  assert.deepEqual(words.body, { contentType: 'text', content: 'Read, then decide;\nat last' });
  assert.equal(words.subject, undefined);
});

test('each of the six patterns comes back as it was sent, with the instances that it means', async () => {
  const patterns: readonly [object, readonly string[]][] = [
    [{ type: 'daily', interval: 2 }, ['2026-01-29', '2026-01-31', '2026-02-02']],
    [
      { type: 'weekly', interval: 2, daysOfWeek: ['monday', 'friday'], firstDayOfWeek: 'monday' },
      ['2026-01-30', '2026-02-09', '2026-02-13'],
    ],
    [{ type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, ['2026-01-31', '2026-02-28', '2026-03-31']],
    [{ type: 'absoluteMonthly', interval: 1, dayOfMonth: 30 }, ['2026-01-30', '2026-02-28', '2026-03-30']],
    [
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['tuesday'], index: 'second' },
      ['2026-02-10', '2026-03-10', '2026-04-14'],
    ],
    [
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['tuesday', 'thursday'], index: 'last' },
      ['2026-01-29', '2026-02-26', '2026-03-31'],
    ],
    [{ type: 'absoluteYearly', interval: 1, dayOfMonth: 15, month: 3 }, ['2026-03-15', '2027-03-15', '2028-03-15']],
    [
      { type: 'relativeYearly', interval: 1, daysOfWeek: ['sunday'], index: 'last', month: 10 },
      ['2026-10-25', '2027-10-31', '2028-10-29'],
    ],
  ];
  for (const [pattern, days] of patterns) {
    const range = { type: 'numbered', startDate: '2026-01-29', numberOfOccurrences: 3 };
    const made = await ask(anders, 201, 'POST', '/v1.0/me/events', {
      subject: 'Again',
      start: { dateTime: '2026-01-29T09:00:00', timeZone: BERLIN },
      end: { dateTime: '2026-01-29T10:00:00', timeZone: BERLIN },
      recurrence: { pattern, range },
    });
    for (const [name, value] of Object.entries(pattern)) assert.deepEqual(made.recurrence.pattern[name], value, name);
    assert.equal(made.recurrence.range.numberOfOccurrences, 3);
    const path = `/v1.0/me/events/${made.id}/instances?startDateTime=2026-01-01&endDateTime=2029-12-31`;
    const { value } = await ask(anders, 200, 'GET', path);
    assert.deepEqual(
      value.map(({ start }: Event) => start?.dateTime?.slice(0, 10)),
      days,
      JSON.stringify(pattern),
    );
    await ask(anders, 204, 'DELETE', `/v1.0/me/events/${made.id}`);
  }
});

test('an event made twice with one transactionId is one event', async () => {
  const body = { ...meeting, transactionId: 'once and only/once' };
  const [one, two] = [
    await ask(ann, 201, 'POST', '/v1.0/me/events', body),
    await ask(ann, 201, 'POST', '/v1.0/me/events', body),
  ];
  assert.equal(one.id, two.id);
  assert.equal(two.transactionId, 'once and only/once');
});

test('what is wrong with an event is said, and changes nothing', async () => {
  const weekly = { type: 'weekly', interval: 1, daysOfWeek: ['monday'] };
  const bad: readonly [object, RegExp][] = [
    [{ end: { dateTime: '2026-10-19T08:00:00', timeZone: BERLIN } }, /ends before it starts/],
    [{ start: { dateTime: '2026-10-19T08:00:00', timeZone: 'Nowhere Standard Time' } }, /no time zone/],
    [{ start: { dateTime: 'soon', timeZone: BERLIN } }, /no date and time/],
    [{ start: { dateTime: '2026-02-30T08:00:00', timeZone: BERLIN } }, /no date and time/],
    [{ subject: 'x'.repeat(300) }, /subject/i],
    [{ isAllDay: true }, /midnight/],
    [{ attendees: [{ emailAddress: { address: 'nobody' } }] }, /no address/],
    [
      { recurrence: { pattern: weekly, range: { type: 'endDate', startDate: '2026-10-19', endDate: '2026-10-01' } } },
      /ends before/,
    ],
    [{ recurrence: { pattern: { type: 'weekly', interval: 1 }, range: { type: 'noEnd' } } }, /daysOfWeek/],
    [
      {
        recurrence: {
          pattern: { type: 'absoluteYearly', interval: 1, month: 2, dayOfMonth: 31 },
          range: { type: 'numbered' },
        },
      },
      /numberOfOccurrences/,
    ],
    [{ recurrence: { pattern: { ...weekly, type: 'fortnightly' }, range: { type: 'noEnd' } } }, /type/],
    [{ isOnlineMeeting: true }, /onlineMeetingUrl/],
  ];
  const count = async () => (await ask(ann, 200, 'GET', '/v1.0/me/events?$count=true&$top=1'))['@odata.count'];
  const before = await count();
  for (const [wrong, sentence] of bad) {
    const { error } = await ask(ann, 400, 'POST', '/v1.0/me/events', { ...meeting, ...wrong });
    assert.match(JSON.stringify(error), sentence, JSON.stringify(wrong).slice(0, 200));
  }
  await ask(ann, 413, 'POST', '/v1.0/me/events', { ...meeting, subject: 'x'.repeat(1_100_000) });
  assert.equal(await count(), before);
  const made = await ask(ann, 201, 'POST', '/v1.0/me/events', meeting);
  for (const path of ['nothing', `${made.id}_20260101`, `${made.id}_x`, made.id.replace(/.$/, 'f')]) {
    if (path !== made.id) await ask(ann, 404, 'GET', `/v1.0/me/events/${path}`);
  }
  await ask(people.api(people.contoso.bob), 404, 'GET', `/v1.0/me/events/${made.id}`);
  await ask(ann, 412, 'PATCH', `/v1.0/me/events/${made.id}`, { subject: 'x' }, { 'if-match': 'W/"older"' });
  await ask(ann, 400, 'GET', '/v1.0/me/calendarView?startDateTime=2026-01-01');
  await ask(ann, 400, 'GET', view('2026-01-01', '2025-01-01'));
  await ask(ann, 400, 'GET', view('2026-01-01', '2036-01-01'));
  await ask(ann, 400, 'GET', '/v1.0/me/events?$filter=body eq 1');
});

test('whole days keep their date wherever the reader is, and become times again', async () => {
  const day = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    subject: 'Fair',
    isAllDay: true,
    start: { dateTime: '2026-07-01T00:00:00', timeZone: BERLIN },
    end: { dateTime: '2026-07-03T00:00:00', timeZone: BERLIN },
  });
  assert.equal(day.showAs, 'free');
  const prefer = { prefer: 'outlook.timezone="Tokyo Standard Time"' };
  const far = await ask(ann, 200, 'GET', `/v1.0/me/events/${day.id}`, undefined, prefer);
  assert.deepEqual(far.end, { dateTime: '2026-07-03T00:00:00.0000000', timeZone: 'Tokyo Standard Time' });
  const timed = await ask(ann, 200, 'PATCH', `/v1.0/me/events/${day.id}`, {
    isAllDay: false,
    start: { dateTime: '2026-07-01T08:00:00', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2026-07-01T09:00:00', timeZone: 'Europe/Berlin' },
  });
  assert.equal(timed.start.dateTime, '2026-07-01T06:00:00.0000000');
});

test('files are kept beside an event, for whoever may read it', async () => {
  const made = await ask(ann, 201, 'POST', '/v1.0/me/events', meeting);
  const path = `/v1.0/me/events/${made.id}/attachments`;
  const file = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'Plan "A".html', contentType: 'text/html' };
  const words = Buffer.from('<script>alert(1)</script>');
  const added = await ask(ann, 201, 'POST', path, { ...file, contentBytes: words.toString('base64') });
  assert.equal(added.size, words.length);
  const [listed] = (await ask(ann, 200, 'GET', path)).value;
  assert.equal(listed.id, added.id);
  assert.equal((await ask(ann, 200, 'GET', `/v1.0/me/events/${made.id}`)).hasAttachments, true);
  const whole = await ask(ann, 200, 'GET', `${path}/${added.id}`);
  assert.equal(whole.contentBytes, words.toString('base64'));
  const raw = await ann('GET', `${path}/${added.id}/$value`);
  assert.equal(raw.body, words.toString());
  assert.match(raw.headers.get('content-security-policy') ?? '', /sandbox/);
  assert.match(raw.headers.get('content-disposition') ?? '', /^attachment/);
  const address = `/calendars/attachments/${added.id}`;
  const { content } = await actAs(
    people.app,
    people.fabrikam.ann,
    async (ctx) => (await findObject(ctx, { id: made.id }))!,
  );
  assert.ok(content.replaceAll('\r\n ', '').includes(`${people.app.origin}${address}`));
  assert.equal((await ann('GET', address)).status, 200);
  await ask(anders, 404, 'GET', `/v1.0/users/${people.fabrikam.ann.id}/events/${made.id}/attachments`);
  assert.equal((await anders('GET', address)).status, 404);
  assert.equal((await people.api(people.contoso.bob)('GET', address)).status, 404);

  await ask(ann, 400, 'POST', path, { ...file, contentBytes: '%%%' });
  await ask(ann, 400, 'POST', path, { ...file, '@odata.type': '#microsoft.graph.itemAttachment', contentBytes: '' });
  await ask(ann, 413, 'POST', path, { ...file, contentBytes: Buffer.alloc(3_200_000).toString('base64') });
  assert.equal((await ask(ann, 200, 'GET', path)).value.length, 1);

  const sweep = () =>
    people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
      const later = { ...ctx, now: new Date(ctx.now.getTime() + 7_200_000) };
      for (const module of people.app.modules)
        for (const one of module.sweeps ?? []) if (one.name === 'calendars.attachments') await one.run(later);
    });
  await sweep();
  assert.equal((await ann('GET', address)).status, 200);
  await ask(ann, 204, 'DELETE', `${path}/${added.id}`);
  await ask(ann, 404, 'GET', `${path}/${added.id}`);
  assert.equal((await ann('GET', address)).status, 404);
  await sweep();
  const left = readdirSync(join(people.app.data, 'blobs'), { recursive: true, encoding: 'utf8' });
  assert.ok(
    left.every((name) => !name.includes(added.id)),
    left.join(' '),
  );
});

test('a large file comes in pieces, goes on where it was cut off, and is there once', async () => {
  const made = await ask(ann, 201, 'POST', '/v1.0/me/events', meeting);
  const path = `/v1.0/me/events/${made.id}/attachments`;
  const bytes = Buffer.from(Array.from({ length: 4_000_000 }, (_, n) => (n * 7919) % 251));
  const begin = (size: number, api = ann, to = path) =>
    api('POST', `${to}/createUploadSession`, { AttachmentItem: { attachmentType: 'file', name: 'Film.mp4', size } });
  const begun = await begin(bytes.length);
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const { uploadUrl, nextExpectedRanges, expirationDateTime } = begun.body;
  assert.deepEqual(nextExpectedRanges, ['0-']);
  assert.ok(new Date(expirationDateTime) > people.app.clock.now);
  // Without a token of Ann's: the address is the key.
  const send = async (start: number, end: number, total = bytes.length, url = uploadUrl) => {
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', 'content-range': `bytes ${start}-${end - 1}/${total}` },
      body: bytes.subarray(start, end),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
  };
  const MB = 1_500_000;
  assert.deepEqual((await send(0, MB)).body.nextExpectedRanges, [`${MB}-`]);
  const far = await send(2 * MB, bytes.length);
  assert.deepEqual([far.status, far.body.nextExpectedRanges], [416, [`${MB}-`]]);
  assert.equal((await send(0, MB)).status, 416, 'what came is not taken twice');
  assert.equal((await send(MB, 2 * MB, bytes.length + 1)).status, 416);
  assert.equal((await fetch(uploadUrl, { method: 'PUT', body: 'x' })).status, 400);
  const state = await (await fetch(uploadUrl)).json();
  assert.deepEqual((state as typeof begun.body).nextExpectedRanges, [`${MB}-`]);
  assert.equal((await ask(ann, 200, 'GET', path)).value.length, 0, 'half a file is none');
  assert.equal((await send(MB, 2 * MB)).status, 200);
  const last = await send(2 * MB, bytes.length);
  assert.equal(last.status, 201);
  const [file, ...more] = (await ask(ann, 200, 'GET', path)).value;
  assert.deepEqual([file.name, file.size, more], ['Film.mp4', bytes.length, []]);
  assert.ok(last.headers.get('location')?.endsWith(`/attachments/${file.id}`));
  const kept = await fetch(`${people.app.origin}${path}/${file.id}/$value`, {
    headers: { authorization: `Bearer ${await people.token(people.fabrikam.ann)}` },
  });
  assert.ok(bytes.equals(Buffer.from(await kept.arrayBuffer())));
  assert.equal((await send(2 * MB, bytes.length)).status, 404, 'the address is used up');

  // Given up, run out, too large, somebody else's.
  const dropped = (await begin(100)).body.uploadUrl;
  assert.equal((await fetch(dropped, { method: 'DELETE' })).status, 204);
  assert.equal((await send(0, 100, 100, dropped)).status, 404);
  const late = (await begin(100)).body.uploadUrl;
  people.app.clock.advance(25 * 3_600);
  assert.equal((await send(0, 100, 100, late)).status, 404);
  people.app.clock.advance(-25 * 3_600);
  assert.equal((await begin(30_000_000)).status, 413);
  assert.equal(
    (await begin(100, anders, `/v1.0/users/${people.fabrikam.ann.id}/events/${made.id}/attachments`)).status,
    404,
  );
  const other = (await begin(100)).body.uploadUrl as string;
  const elsewhere = other.replace(people.fabrikam.id, people.contoso.id);
  assert.equal((await send(0, 100, 100, elsewhere)).status, 404);
  const left = readdirSync(join(people.app.data, 'blobs'), { recursive: true, encoding: 'utf8' });
  assert.ok(
    left.every((name) => !/uploads\/.+\/\d/.test(name)),
    left.join(' '),
  );
});

test('an invitation is answered, passed on and cancelled over Graph', async () => {
  const bob = people.api(people.contoso.bob);
  const made = await ask(ann, 201, 'POST', '/v1.0/me/events', {
    subject: 'Together',
    start: { dateTime: '2036-11-25T09:00:00', timeZone: BERLIN },
    end: { dateTime: '2036-11-25T10:00:00', timeZone: BERLIN },
    attendees: [{ emailAddress: { address: 'anders@fabrikam.example' } }],
  });
  assert.equal(made.isOrganizer, true);
  assert.equal(made.responseStatus.response, 'organizer');
  const window = '/v1.0/me/calendarView?startDateTime=2036-11-25&endDateTime=2036-11-26';
  const [copy] = (await ask(anders, 200, 'GET', window)).value;
  assert.equal(copy.isOrganizer, false);
  assert.equal(copy.organizer.emailAddress.address, 'ann@fabrikam.example');
  assert.equal(copy.showAs, 'tentative');
  const path = `/v1.0/me/events/${copy.id}`;
  await ask(anders, 202, 'POST', `${path}/accept`, { comment: 'Gladly', sendResponse: true });
  assert.equal((await ask(anders, 200, 'GET', path)).responseStatus.response, 'accepted');
  const asked = await ask(ann, 200, 'GET', `/v1.0/me/events/${made.id}`);
  assert.equal(asked.attendees[0].status.response, 'accepted');
  await ask(anders, 400, 'POST', `${path}/accept`, {
    proposedNewTime: { start: { dateTime: '2036-11-25T11:00:00' }, end: { dateTime: '2036-11-25T12:00:00' } },
  });
  await ask(anders, 202, 'POST', `${path}/decline`, {
    proposedNewTime: { start: { dateTime: '2036-11-25T11:00:00' }, end: { dateTime: '2036-11-25T12:00:00' } },
  });
  const cancelled = await anders('POST', `${path}/cancel`, {});
  assert.ok(cancelled.status === 400 || cancelled.status === 403, `${cancelled.status}`);
  await ask(bob, 404, 'POST', `/v1.0/me/events/${made.id}/accept`, {});
  await ask(ann, 404, 'POST', `/v1.0/users/${people.fabrikam.anders.id}/events/${made.id}/cancel`, {});
  await ask(ann, 202, 'POST', `/v1.0/me/events/${made.id}/forward`, {
    Comment: 'You, too',
    ToRecipients: [{ emailAddress: { address: 'carla@contoso.example' } }],
  });
  assert.equal((await ask(ann, 200, 'GET', `/v1.0/me/events/${made.id}`)).attendees.length, 2);
  await ask(ann, 202, 'POST', `/v1.0/me/events/${made.id}/cancel`, { comment: 'Not needed any more' });
  await ask(ann, 404, 'GET', `/v1.0/me/events/${made.id}`);
});

test('what a rule says beyond the six patterns is told as it stands, and stays when the event changes', async () => {
  const text = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Another//EN',
    'BEGIN:VEVENT',
    'UID:odd@fabrikam.example',
    'DTSTAMP:20260401T000000Z',
    'DTSTART:20260504T090000Z',
    'DURATION:PT30M',
    'RRULE:FREQ=MONTHLY;BYMONTHDAY=4,18;COUNT=4',
    'SUMMARY:Odd',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
  const id = await actAs(people.app, people.fabrikam.ann, async (ctx) => {
    const { id: calendarId } = await ownDefaultCalendar(ctx, 'write');
    return (await putObject(ctx, { calendarId, name: 'odd', text })).object.id;
  });
  const read = await ask(ann, 200, 'GET', `/v1.0/me/events/${id}`);
  assert.equal(read.type, 'seriesMaster');
  assert.equal(read.recurrence, null);
  assert.equal(read['@entente.recurrenceRule'], 'RRULE:FREQ=MONTHLY;BYMONTHDAY=4,18;COUNT=4');
  await ask(ann, 200, 'PATCH', `/v1.0/me/events/${id}`, { subject: 'Even' });
  const { value } = await ask(
    ann,
    200,
    'GET',
    `/v1.0/me/events/${id}/instances?startDateTime=2026-01-01&endDateTime=2027-01-01`,
  );
  assert.deepEqual(
    value.map(({ start, subject }: Event) => [start?.dateTime?.slice(0, 10), subject]),
    ['2026-05-04', '2026-05-18', '2026-06-04', '2026-06-18'].map((day) => [day, 'Even']),
  );
});
