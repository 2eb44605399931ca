import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CalendarId } from '../../src/calendars/model/calendar.ts';
import { listCalendars } from '../../src/calendars/store/calendars.ts';
import { currentState, listChanges } from '../../src/calendars/store/changes.ts';
import { listOccurrences } from '../../src/calendars/store/objects.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { deleteObject, holdCalendar, putObject } from '../../src/calendars/usecases/objects.ts';
import type { Context } from '../../src/kernel/context.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { actAs } from '../support/acting.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople();
});
after(() => people.app.close());

const event = (uid: string, ...lines: string[]) =>
  `${['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Fabrikam//EN', 'BEGIN:VEVENT', `UID:${uid}`, 'DTSTAMP:20260401T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n')}\r\n`;

const refusal = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

test('an event that is kept comes back as it was sent, and its instances with it', async () => {
  const { ann } = people.fabrikam;
  const text = event(
    'plan@fabrikam.example',
    'DTSTART:20260504T070000Z',
    'DURATION:PT1H',
    'RRULE:FREQ=WEEKLY;COUNT=3',
    'SUMMARY:Plan',
  );
  const { calendar, object } = await actAs(people.app, ann, async (ctx) => {
    const calendar = await ownDefaultCalendar(ctx, 'write');
    const { object } = await putObject(ctx, { calendarId: calendar.id, name: 'plan.ics', text });
    return { calendar, object };
  });
  assert.equal(object.content, text);
  await actAs(people.app, ann, async (ctx) => {
    const asked = { from: new Date('2026-05-10T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };
    const found = await listOccurrences(ctx, { calendarIds: [calendar.id], ...asked });
    assert.deepEqual(
      found.map(({ startsAt, subject, showAs }) => [startsAt.toISOString(), subject, showAs]),
      [
        ['2026-05-11T07:00:00.000Z', 'Plan', 'busy'],
        ['2026-05-18T07:00:00.000Z', 'Plan', 'busy'],
      ],
    );
  });
});

test('a follower of a calendar is told of each change and each removal, and of nothing when nothing changed', async () => {
  const { anders } = people.fabrikam;
  const put = (name: string) =>
    actAs(people.app, anders, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      await putObject(ctx, { calendarId: id, name, text: event(name, 'DTSTART:20260504T070000Z') });
      return id;
    });
  const id = await put('one');
  const first = await actAs(people.app, anders, (ctx) => currentState(ctx, id));
  assert.equal(await actAs(people.app, anders, (ctx) => currentState(ctx, id)), first);
  await put('two');
  await actAs(people.app, anders, (ctx) => deleteObject(ctx, { calendarId: id, name: 'one' }));
  const changes = await actAs(people.app, anders, (ctx) => listChanges(ctx, id, { above: first, limit: 10 }));
  assert.deepEqual(
    changes.map(({ name, etag }) => [name, etag === null]),
    [
      ['two', false],
      ['one', true],
    ],
  );
});

test("another's calendar is seen as far as everybody at home sees it, and one of another organisation does not exist", async () => {
  const { ann, anders } = people.fabrikam;
  const id: CalendarId = (await actAs(people.app, ann, (ctx) => ownDefaultCalendar(ctx, 'write'))).id;
  const held = await actAs(people.app, anders, (ctx) => holdCalendar(ctx, id, 'freeBusyRead'));
  assert.equal(held.role, 'freeBusyRead');
  const put = (ctx: Context) =>
    putObject(ctx, { calendarId: id, name: 'x', text: event('x', 'DTSTART:20260504T070000Z') });
  await assert.rejects(actAs(people.app, anders, put), refusal('access.refused'));
  await assert.rejects(actAs(people.app, people.contoso.bob, put), refusal('request.not-found'));
  const all = await actAs(people.app, people.contoso.bob, (ctx) => listCalendars(ctx, {}));
  assert.ok(all.every(({ id: found }) => found !== id));
});

test('what a client does not know any more, it does not overwrite', async () => {
  const { ann } = people.fabrikam;
  await actAs(people.app, ann, async (ctx) => {
    const { id: calendarId } = await ownDefaultCalendar(ctx, 'write');
    const text = event('once', 'DTSTART:20260504T070000Z');
    const { object } = await putObject(ctx, { calendarId, name: 'once', text, ifNoneMatch: true });
    const again = { calendarId, name: 'once', text: event('once', 'DTSTART:20260505T070000Z') };
    await assert.rejects(putObject(ctx, { ...again, ifNoneMatch: true }), refusal('calendars.object-exists'));
    await assert.rejects(putObject(ctx, { ...again, ifMatch: 'older' }), refusal('calendars.object-changed'));
    assert.notEqual((await putObject(ctx, { ...again, ifMatch: object.etag })).object.etag, object.etag);
    await assert.rejects(
      putObject(ctx, { ...again, text: event('other', 'DTSTART:20260505T070000Z') }),
      refusal('calendars.uid-changed'),
    );
  });
  const twice = actAs(people.app, ann, async (ctx) => {
    const { id: calendarId } = await ownDefaultCalendar(ctx, 'write');
    return putObject(ctx, { calendarId, name: 'twice', text: event('once', 'DTSTART:20260504T070000Z') });
  });
  await assert.rejects(twice, refusal('calendars.uid-taken'));
});
