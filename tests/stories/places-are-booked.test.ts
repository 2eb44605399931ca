import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listOccurrences } from '../../src/calendars/store/objects.ts';
import { readCalendar } from '../../src/protocols/icalendar/index.ts';
import { attendeesOf, partStatOf, recurrenceOf } from '../../src/protocols/itip/index.ts';
import { eventually } from '../support/eventually.ts';
import { attendeeIn, meeting, meetingsOf } from '../support/meetings.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

const ANN = 'ann@fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
const BOB = 'bob@contoso.example';

let people: People;
let as: ReturnType<typeof meetingsOf>;
before(async () => {
  people = await startPeople();
  as = meetingsOf(people);
});
after(() => people?.app.close());

/** Makes a room at Fabrikam, in the name of its administrator. */
async function room(name: string, booking: Record<string, unknown> = {}): Promise<Person> {
  const { ann, id: tenantId } = people.fabrikam;
  const emailAddress = `${name}@fabrikam.example`;
  const body = {
    kind: 'room',
    displayName: name,
    emailAddress,
    capacity: 8,
    booking: { bookingWindowInDays: 1000, ...booking },
  };
  const made = await people.api(ann)('POST', '/admin/places', body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return { id: made.body.id, tenantId, userPrincipalName: emailAddress };
}

test('a room answers by itself: the first who asks has it, the second is told at once', async () => {
  const { ann, anders } = people.fabrikam;
  const lake = await room('lake');
  const first = await as.put(ann, 'lake.ics', meeting('lake-1', ANN, [lake.userPrincipalName], 'DESCRIPTION:secret'));
  assert.deepEqual(attendeeIn(first, lake.userPrincipalName), { word: 'ACCEPTED', status: '2.0' });
  const booked = await as.copy(lake, 'lake-1');
  assert.equal(booked?.summary, 'Ann Beebe', 'its calendar says who has it and not what for');
  assert.doesNotMatch(booked?.content ?? '', /secret/);
  const second = await as.put(anders, 'lake.ics', meeting('lake-2', ANDERS, [lake.userPrincipalName]));
  assert.equal(attendeeIn(second, lake.userPrincipalName)?.word, 'DECLINED');
  assert.equal(await as.copy(lake, 'lake-2'), undefined);

  await as.remove(ann, 'lake.ics');
  const again = await as.put(anders, 'lake2.ics', meeting('lake-3', ANDERS, [lake.userPrincipalName]));
  assert.equal(attendeeIn(again, lake.userPrincipalName)?.word, 'ACCEPTED', 'a cancelled meeting frees it');
});

test('of twenty who book one room for one hour at once exactly one has it', async () => {
  const { ann, anders } = people.fabrikam;
  const [hill, dale] = [await room('hill'), await room('dale')];
  const asked = Array.from({ length: 20 }, (_, at) => {
    const person = at % 2 === 0 ? ann : anders;
    const rooms = [hill.userPrincipalName, dale.userPrincipalName];
    // In either order: whoever books two waits for who has one of them, and never in a circle.
    const text = meeting(`hill-${at}`, person === ann ? ANN : ANDERS, at % 3 === 0 ? rooms : rooms.reverse());
    return as.put(person, `hill-${at}.ics`, text);
  });
  const kept = await Promise.all(asked);
  for (const address of [hill.userPrincipalName, dale.userPrincipalName]) {
    const words = kept.map((object) => attendeeIn(object, address)?.word);
    assert.equal(words.filter((word) => word === 'ACCEPTED').length, 1, words.join(' '));
    assert.equal(words.filter((word) => word === 'DECLINED').length, 19);
  }
  const calendarIds = [
    (await as.copy(hill, kept.find((one) => attendeeIn(one, hill.userPrincipalName)?.word === 'ACCEPTED')!.uid))!
      .calendarId,
  ];
  const times = { from: new Date('2027-05-04T00:00:00Z'), to: new Date('2027-05-05T00:00:00Z') };
  const system = { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } } as const;
  const found = await people.app.run(system, (ctx) => listOccurrences(ctx, { calendarIds, ...times }));
  assert.equal(found.length, 1);
});

test('a series is taken but for the days that somebody else has, when the rules allow as many', async () => {
  const { ann, anders } = people.fabrikam;
  const patient = await room('patient', { maximumConflictInstances: 1, conflictPercentageAllowed: 50 });
  const strict = await room('strict');
  for (const one of [patient, strict])
    await as.put(ann, `${one.userPrincipalName}.ics`, meeting(`one-${one.id}`, ANN, [one.userPrincipalName]));
  const series = meeting(
    'series',
    ANDERS,
    [patient.userPrincipalName, strict.userPrincipalName],
    'RRULE:FREQ=DAILY;COUNT=4',
  );
  const kept = await as.put(anders, 'series.ics', series);
  const parts = readCalendar(kept.content).getAllSubcomponents('vevent');
  const words = (address: string) =>
    parts.map((part) => [recurrenceOf(part) ?? 'series', partStatOf(attendeesOf(part).get(address)!)]);
  assert.deepEqual(words(patient.userPrincipalName), [
    ['series', 'ACCEPTED'],
    ['2027-05-04T07:00:00Z', 'DECLINED'],
  ]);
  assert.equal(words(strict.userPrincipalName)[0]?.[1], 'DECLINED');
});

test('limits are kept: how far ahead, how long, series; a delegate is asked where the rules say so', async () => {
  const { ann, anders } = people.fabrikam;
  const near = await room('near', { bookingWindowInDays: 10 });
  const short = await room('short', { maximumDurationInMinutes: 30 });
  const single = await room('single', { allowRecurringMeetings: false });
  const asking = await room('asking', {
    allBookInPolicy: false,
    allRequestInPolicy: true,
    resourceDelegates: [ann.id],
  });
  const closed = await room('closed', { allBookInPolicy: false, bookInPolicy: [ann.id] });
  const all = [near, short, single, asking, closed].map(({ userPrincipalName }) => userPrincipalName);
  const kept = await as.put(anders, 'limits.ics', meeting('limits', ANDERS, all, 'RRULE:FREQ=DAILY;COUNT=2'));
  assert.deepEqual(
    all.map((address) => attendeeIn(kept, address)?.word),
    ['DECLINED', 'DECLINED', 'DECLINED', 'TENTATIVE', 'DECLINED'],
  );
  const own = await as.put(ann, 'closed.ics', meeting('closed', ANN, [closed.userPrincipalName]));
  assert.equal(attendeeIn(own, closed.userPrincipalName)?.word, 'ACCEPTED');
});

test('a request that waits for approval is decided by a delegate of the room, and its organiser is told', async () => {
  const { ann, anders } = people.fabrikam;
  const vault = await room('vault', { allBookInPolicy: false, allRequestInPolicy: true, resourceDelegates: [ann.id] });
  const kept = await as.put(anders, 'vault.ics', meeting('vault', ANDERS, [vault.userPrincipalName]));
  assert.equal(attendeeIn(kept, vault.userPrincipalName)?.word, 'TENTATIVE');
  const held = (await as.copy(vault, 'vault'))!;
  const path = `/v1.0/users/${vault.id}/events/${held.id}/accept`;
  assert.equal((await people.api(anders)('POST', path, {})).status, 404, 'who only asks does not decide');
  const answer = await people.api(ann)('POST', path, { comment: 'Yes' });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.equal(attendeeIn(await as.copy(anders, 'vault'), vault.userPrincipalName)?.word, 'ACCEPTED');
});

test('EX-65: a room takes nothing from outside, unless it is told to, or the partner is named', async () => {
  const { bob } = people.contoso;
  const [shut, open, shared] = [
    await room('shut'),
    await room('open', { processExternalMeetingMessages: true }),
    await room('shared', { partnerDomains: ['contoso.example'] }),
  ];
  const rooms = [shut, open, shared].map(({ userPrincipalName }) => userPrincipalName);
  await as.put(bob, 'rooms.ics', meeting('rooms', BOB, rooms));
  const words = await eventually(async () => {
    const own = await as.copy(bob, 'rooms');
    const said = rooms.map((address) => attendeeIn(own, address)?.word);
    return said.every((word) => word !== 'NEEDS-ACTION') && said;
  });
  assert.deepEqual(words, ['DECLINED', 'ACCEPTED', 'ACCEPTED']);
});
