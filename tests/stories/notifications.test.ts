import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { insertSubscription, listSubscriptions } from '../../src/audit/store/subscriptions.ts';
import { newId } from '../../src/kernel/ids.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
/** Which objects the receiver was told of. */
const told: string[] = [];
const receiver = createServer((request, response) => {
  const token = new URL(request.url ?? '', 'http://receiver').searchParams.get('validationToken');
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    if (token === null) for (const one of JSON.parse(body).value) told.push(one.resourceData?.id ?? one.lifecycleEvent);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(token ?? '');
  });
});
before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  people = await startPeople({ settings: { privateNetworks: ['127.0.0.1'] } });
  ann = people.api(people.fabrikam.ann);
});
after(async () => {
  receiver.close();
  await people.app.close();
});

async function subscribe(as: Api, resource = '/users'): Promise<string> {
  const made = await as('POST', '/v1.0/subscriptions', {
    changeType: resource === '/users' ? 'created,updated' : 'created,updated,deleted',
    resource,
    notificationUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    expirationDateTime: new Date(people.app.clock.now.getTime() + 86_400_000).toISOString(),
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

async function newPerson(name: string): Promise<string> {
  const made = await ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@fabrikam.example`,
    passwordProfile: { password: 'purple pears ripen late' },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

const hasEnded = (id: string) => async () => {
  const { value } = (await ann('GET', '/admin/audit/events?action=audit.subscription-ended')).body;
  return value.some((event: { targets: { id: string }[] }) => event.targets.some((target) => target.id === id));
};

test('whoever may not sign in any more is told of no more changes', async () => {
  const subscription = await subscribe(people.api(people.fabrikam.anders));
  const first = await newPerson('first');
  await eventually(async () => told.includes(first));
  await ann('PATCH', `/v1.0/users/${people.fabrikam.anders.id}`, { accountEnabled: false });
  const second = await newPerson('second');
  await eventually(hasEnded(subscription));
  assert.ok(!told.includes(second));
});

test('a program that lost its permission is told of no more changes', async () => {
  const { body: app } = await ann('POST', '/v1.0/applications', { displayName: 'Watcher' });
  const { value } = (await ann('GET', '/v1.0/servicePrincipals')).body;
  const { id: principalId } = value.find((one: { appId: string }) => one.appId === app.appId);
  const path = `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`;
  const given = await ann('POST', path, { appRoleId: 'User.Read.All', principalId });
  const secret = await ann('POST', `/v1.0/applications/${app.id}/addPassword`, {});
  const answer = await fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.appId,
      client_secret: secret.body.secretText,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const subscription = await subscribe(people.call(token));
  const third = await newPerson('third');
  await eventually(async () => told.includes(third));
  assert.equal((await ann('DELETE', `${path}/${given.body.id}`)).status, 204);
  const fourth = await newPerson('fourth');
  await eventually(hasEnded(subscription));
  assert.ok(!told.includes(fourth));
});

test('of a person who is erased, and of a program that is removed, no subscription is left', async () => {
  const person = { ...people.fabrikam.anders, id: (await newPerson('fifth')) as typeof people.fabrikam.anders.id };
  await subscribe(people.api(person));
  const { body: app } = await ann('POST', '/v1.0/applications', { displayName: 'Gone soon' });
  await people.app.run({ tenantId: people.fabrikam.id, actor: SYSTEM }, (ctx) =>
    insertSubscription(ctx, { ...SOME, id: newId(), owner: { kind: 'application', id: app.appId } }),
  );
  const left = (kind: 'account' | 'application', id: string) =>
    people.app.run(
      { tenantId: people.fabrikam.id, actor: SYSTEM },
      async (ctx) => (await listSubscriptions(ctx, { kind, id })).length,
    );
  assert.equal(await left('account', person.id), 1);
  assert.equal(await left('application', app.appId), 1);
  assert.equal((await ann('DELETE', `/v1.0/users/${person.id}`)).status, 204);
  assert.equal((await ann('DELETE', `/v1.0/directory/deletedItems/${person.id}`)).status, 204);
  assert.equal((await ann('DELETE', `/v1.0/applications/${app.id}`)).status, 204);
  await eventually(async () => (await left('account', person.id)) + (await left('application', app.appId)) === 0);
});

const SYSTEM = { kind: 'system', name: 'test' } as const;
const SOME = {
  ownerScopes: [],
  changeTypes: ['created'],
  resource: '/users',
  collection: 'users',
  objectId: null,
  notificationUrl: 'https://hook.example/',
  lifecycleUrl: null,
  clientState: null,
  secret: Buffer.from('sealed'),
  expiresAt: new Date(Date.now() + 86_400_000),
};

test('a program is told of the events of one calendar, and not of another', async () => {
  const bob = people.api(people.contoso.bob);
  const own = (path: string) => `/v1.0/me/${path}`;
  const second = (await bob('POST', own('calendars'), { name: 'Second' })).body.id;
  const at = (hour: number) => ({ dateTime: `2026-05-04T${hour}:00:00`, timeZone: 'UTC' });
  const event = async (path: string): Promise<string> =>
    (await bob('POST', own(path), { subject: 'Told', start: at(10), end: at(11) })).body.id;
  await subscribe(bob, '/me/events');
  const main = await event('events');
  const other = await event(`calendars/${second}/events`);
  await eventually(async () => told.includes(main));
  await subscribe(bob, `me/calendars/${second}/events`);
  await bob('PATCH', own(`events/${other}`), { subject: 'Told again' });
  await eventually(async () => told.includes(other));
  await bob('DELETE', own(`events/${main}`));
  await eventually(async () => told.filter((id) => id === main).length >= 2);
  assert.equal(told.filter((id) => id === other).length, 1);
  const refused = async (api: Api, resource: string) => {
    const answer = await api('POST', '/v1.0/subscriptions', {
      changeType: 'created',
      resource,
      notificationUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
      expirationDateTime: new Date(people.app.clock.now.getTime() + 86_400_000).toISOString(),
    });
    return answer.status;
  };
  const carla = people.api(people.contoso.carla);
  assert.equal(await refused(carla, `/users/${people.contoso.bob.id}/events`), 403);
  assert.equal(await refused(carla, `/users/${people.fabrikam.ann.id}/events`), 404);
  assert.equal(await refused(carla, `/users/${people.contoso.bob.id}/calendars/${people.contoso.bob.id}/events`), 404);
  assert.equal(await refused(carla, '/me/nothing/events'), 400);
});

test('of each of many events that are put at once, a program that follows their calendar is told', async () => {
  const { carla } = people.contoso;
  const api = people.api(carla);
  await api('GET', '/v1.0/me/calendar');
  await subscribe(api, '/me/events');
  const authorization = `Bearer ${await people.token(carla)}`;
  const put = async (n: number) => {
    const event = `UID:many-${n}\r\nDTSTAMP:20260401T000000Z\r\nDTSTART:20270504T070000Z\r\nDURATION:PT1H`;
    const { status } = await fetch(`${people.app.origin}/dav/calendars/${carla.id}/calendar/${n}.ics`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'text/calendar' },
      body: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\nBEGIN:VEVENT\r\n${event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
    });
    assert.equal(status, 201);
  };
  // By then the server knows by heart what he may, and writes together what comes at once.
  for (const n of [0, 1, 2]) await put(n);
  await Promise.all(Array.from({ length: 20 }, (_, n) => put(10 + n)));
  const { value } = (await api('GET', '/v1.0/me/events?$top=50&$select=id')).body;
  assert.equal(value.length, 23);
  await eventually(async () => value.every(({ id }: { id: string }) => told.includes(id)));
});
