import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { accessPorts } from '../../src/app/access-ports.ts';
import { findObject, listOccurrences } from '../../src/calendars/store/objects.ts';
import { beginImport, importJob } from '../../src/calendars/usecases/import-file.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { moveWindows } from '../../src/calendars/usecases/move-windows.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Run } from '../../src/kernel/module.ts';
import type { BlobStore } from '../../src/platform/blobs/index.ts';
import { actAs } from '../support/acting.ts';
import { eventually } from '../support/eventually.ts';
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

/** Sends a file and waits until it is through. */
async function take(person: Person, text: string, calendar = 'default') {
  const begun = await send(person, `/me/calendars/${calendar}/import`, text);
  assert.equal(begun.status, 202, begun.text);
  const { id, calendarId, state, total } = JSON.parse(begun.text);
  assert.equal(state, 'waiting');
  return eventually(async () => {
    const { status, text: told } = await send(person, `/me/calendars/${calendarId}/imports/${id}`);
    assert.equal(status, 200, told);
    const now = JSON.parse(told);
    assert.ok(now.done <= total);
    return now.state !== 'waiting' && now;
  });
}

test('a file of another program is taken in once, changed by a newer one alone, and given out whole', async () => {
  const { ann } = people.fabrikam;
  const { state, total, done, created, changed, unchanged, skipped } = await take(ann, file('google.ics'));
  assert.deepEqual(
    { state, total, done, created, changed, unchanged, skipped },
    { state: 'done', total: 2, done: 2, created: 2, changed: 0, unchanged: 0, skipped: [] },
  );
  assert.deepEqual((await take(ann, file('google.ics'))).unchanged, 2);

  const older = file('google.ics').replaceAll('SEQUENCE:2', 'SEQUENCE:1').replace('Weekly stand-up', 'An older name');
  assert.deepEqual((await take(ann, older)).skipped, [
    { uid: '6kq3c@google.com', summary: 'An older name', reason: 'A newer one is in the calendar already.' },
  ]);
  const newer = file('google.ics').replaceAll('SEQUENCE:2', 'SEQUENCE:4').replace('Weekly stand-up', 'A newer name');
  assert.equal((await take(ann, newer)).changed, 1);

  const { status, text } = await send(ann, '/me/calendars/default/export');
  assert.equal(status, 200);
  assert.match(text, /SUMMARY:A newer name/);
  assert.equal(text.match(/BEGIN:VTIMEZONE/g)?.length, 1);
  assert.equal(text.match(/UID:6kq3c@google\.com/g)?.length, 2, 'the series and its exception');
});

test('what cannot be kept of a file is told, and the rest is kept', async () => {
  const { anders } = people.fabrikam;
  const report = await take(anders, file('malformed.ics'));
  assert.equal(report.created, 7);
  assert.deepEqual(
    report.skipped.map(({ uid }: { uid: string }) => uid),
    ['twice', 'no-start', 'journal'],
  );
  for (const text of ['nothing', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n']) {
    assert.equal((await send(anders, '/me/calendars/default/import', text)).status, 400, text);
  }
});

const many = (count: number, prefix = 'many') =>
  [
    'BEGIN:VCALENDAR',
    ...Array.from({ length: count }, (_, n) => [
      'BEGIN:VEVENT',
      `UID:${prefix}-${n}`,
      `DTSTART:20290101T${String(n % 24).padStart(2, '0')}0000Z`,
      'END:VEVENT',
    ]).flat(),
    'END:VCALENDAR',
    '',
  ].join('\r\n');

test('an import goes on after the last part that was kept, and what is cancelled stops there', async () => {
  const { ann, anders } = people.fabrikam;
  const system = { kind: 'system', name: 'test' } as const;
  const inside = <T>(act: (ctx: Context) => Promise<T>) =>
    people.app.run({ tenantId: ann.tenantId, actor: system, transaction: 'none' }, act);
  const kept = new Map<string, string>();
  const blobs = {
    put: async (key: string, content: Readable) => void kept.set(key, (await content.toArray()).join('')),
    get: async (key: string) => Readable.from([Buffer.from(kept.get(key) ?? '')]),
    delete: async (key: string) => void kept.delete(key),
  } as unknown as BlobStore;
  // Without its own job, which would be faster than this test.
  const begin = (text: string) =>
    actAs(people.app, ann, async (ctx) => {
      const { id: calendarId } = await ownDefaultCalendar(ctx, 'read');
      (ctx as { defer: Context['defer'] }).defer = async () => {};
      return beginImport(ctx, { blobs }, { calendarId, text });
    });
  let parts = 0;
  let failAt = 3;
  const run: Run = (work, act) => {
    parts += work.actor.kind === 'account' ? 1 : 0;
    if (parts === failAt && work.actor.kind === 'account') throw new Error('the server died');
    return people.app.run(work, act);
  };
  const job = importJob({ run, blobs, actorOf: accessPorts.actorOf });
  const go = (id: string) => inside((ctx) => job.run(ctx, { importId: id }));
  const told = async (id: string, calendarId: string) =>
    JSON.parse((await send(ann, `/me/calendars/${calendarId}/imports/${id}`)).text);
  const count = async () => {
    const { text } = await send(ann, '/me/calendars/default/export');
    return text.match(/UID:many-/g)?.length ?? 0;
  };

  const { id, calendarId } = await begin(many(180));
  await assert.rejects(go(id), /the server died/);
  const half = await told(id, calendarId);
  assert.deepEqual([half.state, half.total, half.done, half.created], ['waiting', 180, 100, 100]);
  assert.equal(await count(), 100);
  failAt = 0;
  await go(id);
  const whole = await told(id, calendarId);
  assert.deepEqual([whole.state, whole.done, whole.created, whole.unchanged], ['done', 180, 180, 0]);
  assert.equal(await count(), 180);
  assert.equal(kept.size, 0, 'the file is not kept longer than it is needed');
  await go(id);
  assert.equal((await told(id, calendarId)).created, 180);

  const second = await begin(many(120, 'other'));
  parts = 0;
  failAt = 2;
  await assert.rejects(go(second.id), /the server died/);
  const remove = async (person: Person) =>
    (
      await fetch(`${people.app.origin}/me/calendars/${calendarId}/imports/${second.id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${await people.token(person)}` },
      })
    ).status;
  assert.equal(await remove(anders), 404);
  assert.equal((await send(anders, `/me/calendars/${calendarId}/imports/${second.id}`)).status, 404);
  assert.equal(await remove(ann), 204);
  failAt = 0;
  await go(second.id);
  const cancelled = await told(second.id, calendarId);
  assert.deepEqual([cancelled.state, cancelled.done], ['cancelled', 50]);
});

test('an import ends where the right to write in the calendar does', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(ann);
  const made = await api('POST', '/v1.0/me/calendars', { name: 'Ours' });
  const path = `/v1.0/me/calendars/${made.body.id}/calendarPermissions`;
  const given = await api('POST', path, { emailAddress: { address: 'anders@fabrikam.example' }, role: 'write' });
  assert.equal(given.status, 201, JSON.stringify(given.body));
  assert.equal((await take(anders, many(3, 'ours'), made.body.id)).created, 3);
  const begun = await send(anders, `/me/calendars/${made.body.id}/import`, many(3000, 'late'));
  const { id } = JSON.parse(begun.text);
  assert.equal((await api('DELETE', `${path}/${given.body.id}`)).status, 204);
  for (let tries = 0; ; tries += 1) {
    const now = JSON.parse((await send(anders, `/me/calendars/${made.body.id}/imports/${id}`)).text);
    if (now.state !== 'waiting') {
      assert.equal(now.state, 'failed');
      assert.ok(now.done < 3000 && now.problem.length > 0);
      break;
    }
    assert.ok(tries < 400);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
});

test("nobody takes a file into another's calendar, nor out of one that they cannot see", async () => {
  const { ann } = people.fabrikam;
  const { bob } = people.contoso;
  const { id } = await actAs(people.app, ann, (ctx) => ownDefaultCalendar(ctx, 'read'));
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
    actAs(people.app, bob, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      const kept = await listOccurrences(ctx, {
        calendarIds: [id],
        from: new Date('2020-01-01'),
        to: new Date('2060-01-01'),
      });
      return { id, count: kept.length, last: kept.at(-1)!.startsAt.getTime() };
    });
  const version = await actAs(people.app, bob, async (ctx) => {
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
  const again = await actAs(people.app, bob, async (ctx) => {
    return (await findObject(ctx, { calendarId: moved.id, name: 'endless.ics' }))!.version;
  });
  assert.equal(again, version);
});
