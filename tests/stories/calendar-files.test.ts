import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessPorts } from '../../src/app/access-ports.ts';
import { findObject, listOccurrences } from '../../src/calendars/store/objects.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { moveWindows } from '../../src/calendars/usecases/move-windows.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople();
});
after(() => people.app.close());

const file = (name: string) => readFileSync(new URL(`../corpus/icalendar/${name}`, import.meta.url), 'utf8');

async function send(person: Person, path: string, body?: string) {
  const answer = await fetch(new URL(path, people.app.origin), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${await people.token(person)}`,
      ...(body === undefined ? {} : { 'content-type': 'text/calendar' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function as<T>(person: Person, act: (ctx: Context) => Promise<T>): Promise<T> {
  const { run } = people.app;
  const actor = await run({ tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    accessPorts.actorOf(ctx, person.id),
  );
  return run({ tenantId: person.tenantId, actor: actor as Actor }, act);
}

test('a file of another program is taken in once, changed by a newer one alone, and given out whole', async () => {
  const { ann } = people.fabrikam;
  const path = '/me/calendars/default/import';
  const first = await send(ann, path, file('google.ics'));
  assert.deepEqual(
    [first.status, JSON.parse(first.text)],
    [200, { created: 2, changed: 0, unchanged: 0, skipped: [] }],
  );
  assert.deepEqual(JSON.parse((await send(ann, path, file('google.ics'))).text).unchanged, 2);

  const older = file('google.ics').replaceAll('SEQUENCE:2', 'SEQUENCE:1').replace('Weekly stand-up', 'An older name');
  const report = JSON.parse((await send(ann, path, older)).text);
  assert.deepEqual(report.skipped, [
    { uid: '6kq3c@google.com', summary: 'An older name', reason: 'A newer one is in the calendar already.' },
  ]);
  const newer = file('google.ics').replaceAll('SEQUENCE:2', 'SEQUENCE:4').replace('Weekly stand-up', 'A newer name');
  assert.equal(JSON.parse((await send(ann, path, newer)).text).changed, 1);

  const { status, text } = await send(ann, '/me/calendars/default/export');
  assert.equal(status, 200);
  assert.match(text, /SUMMARY:A newer name/);
  assert.equal(text.match(/BEGIN:VTIMEZONE/g)?.length, 1);
  assert.equal(text.match(/UID:6kq3c@google\.com/g)?.length, 2, 'the series and its exception');
});

test('what cannot be kept of a file is told, and the rest is kept', async () => {
  const { anders } = people.fabrikam;
  const report = JSON.parse((await send(anders, '/me/calendars/default/import', file('malformed.ics'))).text);
  assert.equal(report.created, 7);
  assert.deepEqual(
    report.skipped.map(({ uid }: { uid: string }) => uid),
    ['twice', 'no-start', 'journal'],
  );
  for (const text of ['nothing', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n']) {
    assert.equal((await send(anders, '/me/calendars/default/import', text)).status, 400, text);
  }
});

test("nobody takes a file into another's calendar, nor out of one that they cannot see", async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  const { id } = await as(ann, (ctx) => ownDefaultCalendar(ctx, 'read'));
  assert.equal((await send(bob, `/me/calendars/${id}/import`, file('google.ics'))).status, 404);
  assert.equal((await send(bob, `/me/calendars/${id}/export`)).status, 404);
});

test('EX-55: an endless series is kept expanded ahead of today, and nobody is told of a change', async () => {
  const { bob } = people.contoso;
  const text = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Contoso//EN',
    'BEGIN:VEVENT',
    'UID:endless@contoso.example',
    'DTSTAMP:20260401T000000Z',
    'DTSTART:20260504T070000Z',
    'DURATION:PT1H',
    'RRULE:FREQ=WEEKLY',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
  const state = () =>
    as(bob, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      const kept = await listOccurrences(ctx, {
        calendarIds: [id],
        from: new Date('2020-01-01'),
        to: new Date('2060-01-01'),
      });
      return { id, count: kept.length, last: kept.at(-1)!.startsAt.getTime() };
    });
  const version = await as(bob, async (ctx) => {
    const { id } = await ownDefaultCalendar(ctx, 'write');
    return (await putObject(ctx, { calendarId: id, name: 'endless.ics', text })).object.version;
  });
  const before = await state();
  people.app.clock.advance(60 * 86_400);
  const system = { tenantId: bob.tenantId, actor: { kind: 'system', name: 'test' } } as const;
  await people.app.run(system, (ctx) => moveWindows(ctx));
  const moved = await state();
  assert.ok(moved.count >= before.count + 8 && moved.count <= before.count + 9, `${before.count}, then ${moved.count}`);
  assert.ok(moved.last - before.last >= 56 * 86_400_000);
  await people.app.run(system, (ctx) => moveWindows(ctx));
  assert.deepEqual(await state(), moved, 'a second time on the same day moves nothing');
  const again = await as(bob, async (ctx) => {
    return (await findObject(ctx, { calendarId: moved.id, name: 'endless.ics' }))!.version;
  });
  assert.equal(again, version);
});
