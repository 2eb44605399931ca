import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { putGrant } from '../../src/access/index.ts';
import { GRANTS } from '../../src/calendars/grants.ts';
import { insertCalendar, updateMailbox } from '../../src/calendars/store/calendars.ts';
import { ensureMailbox, ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import { createAccount, createGroup } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { actAs } from '../support/acting.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
});
after(() => people.app.close());

const inside = <T>(act: (ctx: Context) => Promise<T>) =>
  people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);

const eventOf = (uid: string, ...lines: string[]) =>
  [`BEGIN:VEVENT`, `UID:${uid}`, 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'].join('\r\n');

/** Puts an event with its exceptions into somebody's default calendar. */
const plan = (person: Person, uid: string, ...events: (readonly string[])[]) =>
  actAs(people.app, person, async (ctx) => {
    const { id } = await ownDefaultCalendar(ctx, 'write');
    const body = events.map((lines) => eventOf(uid, ...lines)).join('\r\n');
    const text = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\n${body}\r\nEND:VCALENDAR\r\n`;
    await putObject(ctx, { calendarId: id, name: `${uid}.ics`, text });
  });

async function lookUp(
  api: Api,
  address: string,
  from: string,
  to: string,
  rest: { zone?: string; minutes?: number } = {},
) {
  const answer = await api(
    'POST',
    '/v1.0/me/calendar/getSchedule',
    {
      schedules: [address],
      startTime: { dateTime: from, timeZone: rest.zone ?? 'UTC' },
      endTime: { dateTime: to, timeZone: rest.zone ?? 'UTC' },
      availabilityViewInterval: rest.minutes ?? 60,
    },
    rest.zone ? { prefer: `outlook.timezone="${rest.zone}"` } : {},
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.value[0];
}

const starts = (schedule: { scheduleItems: { start: { dateTime: string } }[] }) =>
  schedule.scheduleItems.map(({ start }) => start.dateTime.slice(0, 16));

test('EX-54: a meeting keeps its clock over a change of summer time within the window', async () => {
  const { ann: owner } = people.fabrikam;
  await plan(owner, 'weekly', [
    'DTSTART;TZID=Europe/Stockholm:20260323T090000',
    'DURATION:PT1H',
    'RRULE:FREQ=WEEKLY;COUNT=2',
  ]);
  const address = 'ann@fabrikam.example';
  const here = await lookUp(anders, address, '2026-03-23T00:00:00', '2026-03-31T00:00:00', {
    zone: 'W. Europe Standard Time',
  });
  assert.deepEqual(starts(here), ['2026-03-23T09:00', '2026-03-30T09:00']);
  const utc = await lookUp(anders, address, '2026-03-23T00:00:00', '2026-03-31T00:00:00');
  assert.deepEqual(starts(utc), ['2026-03-23T08:00', '2026-03-30T07:00']);
  assert.equal(utc.availabilityView.length, 8 * 24);
  // Seven days of that zone had an hour less.
  assert.equal(here.availabilityView.length, 8 * 24 - 1);
  assert.equal(here.availabilityView.indexOf('2'), 9);
});

test('EX-55: of a series with one moved and one cancelled instance only what takes place is there', async () => {
  await plan(
    people.fabrikam.ann,
    'series',
    ['DTSTART:20260504T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4', 'EXDATE:20260505T090000Z'],
    ['RECURRENCE-ID:20260506T090000Z', 'DTSTART:20260506T140000Z', 'DURATION:PT1H'],
    ['RECURRENCE-ID:20260507T090000Z', 'DTSTART:20260507T090000Z', 'DURATION:PT1H', 'STATUS:CANCELLED'],
  );
  const found = await lookUp(anders, 'ann@fabrikam.example', '2026-05-04T00:00:00', '2026-05-09T00:00:00');
  assert.deepEqual(starts(found), ['2026-05-04T09:00', '2026-05-06T14:00']);
});

test('a series without end is looked up also where nobody keeps its instances', async () => {
  await plan(people.fabrikam.ann, 'ever', ['DTSTART:20260601T120000Z', 'DURATION:PT1H', 'RRULE:FREQ=YEARLY']);
  const found = await lookUp(anders, 'ann@fabrikam.example', '2040-06-01T00:00:00', '2040-06-02T00:00:00');
  assert.deepEqual(starts(found), ['2040-06-01T12:00']);
});

test('EX-56: only the primary calendar is looked up', async () => {
  const { ann: owner } = people.fabrikam;
  await actAs(people.app, owner, async (ctx) => {
    const other = await insertCalendar(ctx, {
      owner: { kind: 'account', id: owner.id },
      name: 'Second',
      slug: 'second',
    });
    const text = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\n${eventOf('second', 'DTSTART:20260511T090000Z', 'DURATION:PT1H')}\r\nEND:VCALENDAR\r\n`;
    await putObject(ctx, { calendarId: other.id, name: 'second.ics', text });
  });
  const found = await lookUp(ann, 'ann@fabrikam.example', '2026-05-11T00:00:00', '2026-05-12T00:00:00');
  assert.deepEqual(found.scheduleItems, []);
  assert.match(found.availabilityView, /^0+$/);
});

test('EX-68: working hours are told beside an empty day, which is free', async () => {
  const { ann: owner } = people.fabrikam;
  await inside((ctx) =>
    updateMailbox(
      ctx,
      { kind: 'account', id: owner.id },
      {
        timeZone: 'Europe/Stockholm',
        workingHours: {
          daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
          startTime: '08:00',
          endTime: '17:00',
        },
      },
    ),
  );
  const saturday = await lookUp(anders, 'ann@fabrikam.example', '2026-05-16T00:00:00', '2026-05-17T00:00:00');
  assert.deepEqual([saturday.scheduleItems, saturday.availabilityView], [[], '0'.repeat(24)]);
  assert.deepEqual(saturday.workingHours, {
    daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    startTime: '08:00:00.0000000',
    endTime: '17:00:00.0000000',
    timeZone: { name: 'W. Europe Standard Time' },
  });
  // A day without a time is busy in its owner's zone.
  await plan(owner, 'away', ['DTSTART;VALUE=DATE:20260518', 'X-MICROSOFT-CDO-BUSYSTATUS:OOF']);
  const away = await lookUp(anders, 'ann@fabrikam.example', '2026-05-17T21:00:00', '2026-05-18T23:00:00');
  assert.equal(away.availabilityView, `0${'3'.repeat(24)}0`);
});

test('at home each sees as far as their role on the calendar, by name, by group or as everybody', async () => {
  const { ann: owner, anders: asker } = people.fabrikam;
  await plan(owner, 'plan', ['DTSTART:20260525T090000Z', 'DURATION:PT1H', 'SUMMARY:Plan', 'LOCATION:Hall']);
  const seen = async () => {
    const found = await lookUp(anders, 'ann@fabrikam.example', '2026-05-25T00:00:00', '2026-05-26T00:00:00');
    return found.error?.responseCode ?? found.scheduleItems[0].subject ?? 'times';
  };
  const give = (subject: { kind: 'tenant' | 'account' | 'group'; id: string }, level: string) =>
    actAs(people.app, owner, async (ctx) => {
      const { id } = await ownDefaultCalendar(ctx, 'write');
      const object = { kind: GRANTS.calendar.objectKind, id };
      await putGrant(ctx, { kind: GRANTS.calendar.kind, subject, object, level, givenBy: owner.id });
    });
  const everybody = { kind: 'tenant', id: people.fabrikam.id } as const;
  assert.equal(await seen(), 'times');
  await give(everybody, 'none');
  assert.equal(await seen(), 'ErrorNoFreeBusyAccess');
  const group = await inside((ctx) =>
    createGroup(ctx, {
      kind: 'security',
      displayName: 'Planners',
      mailNickname: 'planners',
      members: [{ kind: 'account', id: asker.id }],
    }),
  );
  await give({ kind: 'group', id: group.id }, 'limitedRead');
  assert.equal(await seen(), 'Plan');
  await give({ kind: 'account', id: asker.id }, 'freeBusyRead');
  assert.equal(await seen(), 'Plan', 'the best right counts');
  await give(everybody, 'freeBusyRead');
});

test('EX-50: the members of a group are looked up together, as many as a lookup takes', async () => {
  const made = async (name: string, count: number) =>
    inside(async (ctx) => {
      const members = [];
      for (let i = 0; i < count; i += 1) {
        const upn = `${name}${i}@fabrikam.example`;
        const { id } = await createAccount(ctx, { userPrincipalName: upn, displayName: upn });
        await ensureMailbox(ctx, { kind: 'account', id });
        members.push({ kind: 'account', id } as const);
      }
      await createGroup(ctx, {
        kind: 'shared',
        displayName: name,
        mailNickname: name,
        members: [...members.slice(1), { kind: 'account', id: people.fabrikam.ann.id }],
      });
    });
  await made('twenty', 20);
  await made('more', 21);
  await plan(people.fabrikam.ann, 'group', ['DTSTART:20260602T090000Z', 'DURATION:PT1H', 'SUMMARY:Secret']);
  const day = ['2026-06-02T08:00:00', '2026-06-02T12:00:00'] as const;
  const twenty = await lookUp(anders, 'twenty@fabrikam.example', ...day);
  assert.equal(twenty.availabilityView, '0200');
  assert.equal(JSON.stringify(twenty).includes('Secret'), false);
  const more = await lookUp(anders, 'more@fabrikam.example', ...day);
  assert.equal(more.error.responseCode, 'ErrorFreeBusyDLLimitReached');
});

test('EX-59, EX-60: times to meet are found over the wire, and who tells nothing is unknown', async () => {
  const slot = {
    start: { dateTime: '2026-06-08T07:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-06-08T12:00:00', timeZone: 'UTC' },
  };
  await plan(people.fabrikam.ann, 'morning', ['DTSTART:20260608T070000Z', 'DURATION:PT2H']);
  const ask = (rest: Record<string, unknown>) =>
    anders('POST', '/v1.0/me/findMeetingTimes', {
      timeConstraint: { activityDomain: 'unrestricted', timeslots: [slot] },
      meetingDuration: 'PT1H',
      ...rest,
    });
  const attendee = (address: string) => ({ type: 'required', emailAddress: { address } });
  const found = await ask({ attendees: [attendee('ann@fabrikam.example')], returnSuggestionReasons: 'true' });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  const [first] = found.body.meetingTimeSuggestions;
  assert.deepEqual(
    [first.confidence, first.order, first.organizerAvailability, first.meetingTimeSlot.start.dateTime],
    [100, 1, 'free', '2026-06-08T09:00:00.0000000'],
  );
  assert.equal(first.attendeeAvailability[0].availability, 'free');
  assert.match(first.suggestionReason, /nearest times/);

  const stranger = await ask({ attendees: [attendee('bob@contoso.example')] });
  assert.deepEqual(stranger.body.meetingTimeSuggestions, []);
  assert.equal(stranger.body.emptySuggestionsReason, 'attendeesUnavailableOrUnknown');
  const anyway = await ask({ attendees: [attendee('bob@contoso.example')], minimumAttendeePercentage: 40 });
  assert.deepEqual([anyway.body.meetingTimeSuggestions[0].confidence, anyway.body.emptySuggestionsReason], [49, '']);
  assert.equal((await ask({ meetingDuration: 'an hour' })).status, 400);
  const many = Array.from({ length: 21 }, (_, i) => attendee(`nobody${i}@fabrikam.example`));
  assert.equal((await ask({ attendees: many })).body.error.code, 'ErrorIndividualMailboxLimitReached');
});

test('an application that acts for somebody looks up as far as it was consented to', async () => {
  const none = people.api(people.fabrikam.anders, { scopes: ['User.Read'] });
  const asked = {
    schedules: ['ann@fabrikam.example'],
    startTime: { dateTime: '2026-05-25T00:00:00', timeZone: 'UTC' },
    endTime: { dateTime: '2026-05-26T00:00:00', timeZone: 'UTC' },
  };
  assert.equal((await none('POST', '/v1.0/me/calendar/getSchedule', asked)).status, 403);
  const basic = people.api(people.fabrikam.ann, { scopes: ['Calendars.ReadBasic'] });
  const own = await basic('POST', '/v1.0/me/calendar/getSchedule', asked);
  assert.equal(own.body.value[0].scheduleItems[0].subject, 'Plan');
  const other = await anders('POST', '/v1.0/users/ann@fabrikam.example/calendar/getSchedule', asked);
  assert.deepEqual([other.status, other.body.value[0].scheduleItems.length], [200, 1]);
  assert.equal((await anders('POST', '/v1.0/users/nobody@fabrikam.example/calendar/getSchedule', asked)).status, 404);
});

test('of our rooms those that are free are suggested', async () => {
  const room = async (displayName: string, emailAddress: string) => {
    const made = await ann('POST', '/admin/places', { kind: 'room', displayName, emailAddress, capacity: 4 });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body;
  };
  await room('Hall', 'hall@fabrikam.example');
  const find = (locationConstraint: Record<string, unknown>) =>
    anders('POST', '/v1.0/me/findMeetingTimes', {
      locationConstraint,
      timeConstraint: {
        activityDomain: 'unrestricted',
        timeSlots: [
          {
            start: { dateTime: '2026-06-10T07:00:00', timeZone: 'UTC' },
            end: { dateTime: '2026-06-10T08:00:00', timeZone: 'UTC' },
          },
        ],
      },
    });
  const { status, body } = await find({ suggestLocation: true, isRequired: true });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.meetingTimeSuggestions[0].locations, [
    { displayName: 'Hall', locationEmailAddress: 'hall@fabrikam.example' },
  ]);
  const named = { displayName: 'Elsewhere', resolveAvailability: false };
  const elsewhere = await find({ suggestLocation: true, locations: [named] });
  assert.deepEqual(elsewhere.body.meetingTimeSuggestions[0].locations, [
    { displayName: 'Elsewhere', locationEmailAddress: null },
  ]);
});
