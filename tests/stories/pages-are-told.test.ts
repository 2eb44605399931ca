import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { remind } from '../../src/calendars/usecases/reminders.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
});
after(() => people.app.close());

interface Told {
  readonly type: string;
  readonly name?: string;
  readonly of?: readonly string[];
  readonly about?: string;
}

/** An open page of somebody. */
async function openPage(person: Person) {
  const socket = new WebSocket(`${people.app.origin.replace('http', 'ws')}/live`);
  const told: Told[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'authenticate', token: await people.token(person) }));
  const hears = async (isIt: (one: Told) => boolean): Promise<Told> => {
    const found = await eventually(() => told.find(isIt));
    told.splice(told.indexOf(found), 1);
    return found;
  };
  await hears(({ type }) => type === 'ready');
  return {
    told,
    hears,
    async follow(...of: string[]) {
      socket.send(JSON.stringify({ type: 'follow', name: 'calendars', of }));
      return (await hears(({ type }) => type === 'following')).of;
    },
    close: () => socket.close(),
  };
}

const calendarOf = async (api: Api): Promise<string> => (await api('GET', '/v1.0/me/calendar')).body.id;
const changed = (one: string) => (told: Told) => told.type === 'changed' && told.of?.includes(one) === true;

async function writeEvent(api: Api, more: object = {}): Promise<string> {
  const start = new Date(people.app.clock.now.getTime() + 3_600_000).toISOString().slice(0, 19);
  const { status, body } = await api('POST', '/v1.0/me/events', {
    subject: 'Secret plans',
    start: { dateTime: start, timeZone: 'UTC' },
    end: { dateTime: new Date(Date.parse(`${start}Z`) + 1_800_000).toISOString().slice(0, 19), timeZone: 'UTC' },
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}

test('a page that shows a calendar is told at once that something in it changed, and never what', async () => {
  const id = await calendarOf(ann);
  const [own, colleague] = [await openPage(people.fabrikam.ann), await openPage(people.fabrikam.anders)];
  assert.deepEqual(await own.follow(id, 'home'), [id, 'home']);
  // A colleague sees times: the calendar and the person are both names for it.
  assert.deepEqual(await colleague.follow(id, 'ann@fabrikam.example'), [id, 'ann@fabrikam.example']);
  await writeEvent(ann);
  assert.deepEqual((await own.hears(changed(id))).of, [id]);
  const word = await colleague.hears(changed(id));
  assert.deepEqual(Object.keys(word), ['type', 'name', 'of']);
  assert.deepEqual([...(word.of ?? [])].sort(), [id, 'ann@fabrikam.example'].sort());
  own.close();
  colleague.close();
});

test('nobody follows what they may not see, in their own organisation or another, nor learns whether it is there', async () => {
  const id = await calendarOf(ann);
  const bob = await openPage(people.contoso.bob);
  const nothing = '00000000-0000-4000-8000-00000000abcd';
  assert.deepEqual(await bob.follow(id, nothing, 'ann@fabrikam.example', people.fabrikam.id), []);
  await writeEvent(ann);
  await setTimeout(600);
  assert.deepEqual(bob.told, []);
  bob.close();
});

test('whoever loses the right to see a calendar is told of nothing in it any more', async () => {
  const id = await calendarOf(ann);
  const colleague = await openPage(people.fabrikam.anders);
  const witness = await openPage(people.fabrikam.anders);
  assert.deepEqual(await colleague.follow(id), [id]);
  const path = `/v1.0/me/calendar/calendarPermissions/${encodeURIComponent('RGVmYXVsdA==')}`;
  assert.equal((await ann('PATCH', path, { role: 'none' })).status, 200);
  await eventually(async () => (await witness.follow(id))?.length === 0);
  colleague.told.length = 0;
  await writeEvent(ann);
  await setTimeout(600);
  assert.deepEqual(colleague.told, []);
  assert.deepEqual(await colleague.follow(id), []);
  assert.equal((await ann('PATCH', path, { role: 'freeBusyRead' })).status, 200);
  colleague.close();
  witness.close();
});

test('somebody with whom a calendar is shared is told that their list of calendars changed', async () => {
  const colleague = await openPage(people.fabrikam.anders);
  assert.deepEqual(await colleague.follow('home'), ['home']);
  const shared = await ann('POST', '/v1.0/me/calendar/calendarPermissions', {
    emailAddress: { address: 'anders@fabrikam.example' },
    role: 'read',
  });
  assert.equal(shared.status, 201, JSON.stringify(shared.body));
  await colleague.hears(changed('home'));
  colleague.close();
});

test('an invitation and a reminder are told to the open pages of whom they are for, and to nobody else', async () => {
  const [invited, other] = [await openPage(people.fabrikam.anders), await openPage(people.contoso.bob)];
  const attendees = [{ emailAddress: { address: 'anders@fabrikam.example' }, type: 'required' }];
  await writeEvent(ann, { attendees, isReminderOn: true, reminderMinutesBeforeStart: 15 });
  assert.equal((await invited.hears(({ type }) => type === 'notice')).about, 'calendars.message-arrived');

  const mine = await openPage(people.fabrikam.ann);
  people.app.clock.advance(46 * 60);
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, remind);
  await mine.hears(({ about }) => about === 'calendars.reminder-due');
  const { body } = await ann('GET', '/me/reminders');
  assert.ok(body.value.some((one: { subject: string }) => one.subject === 'Secret plans'));
  assert.deepEqual(other.told, []);
  for (const page of [invited, other, mine]) page.close();
});
