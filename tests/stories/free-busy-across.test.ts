import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { lookUpAvailability } from '../../src/calendars/usecases/look-up-availability.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { actAs } from '../support/acting.ts';
import { DAY, lookingUp, lookUp, open, seenBy } from '../support/looking-up.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
let carla: Api;
let bob: Api;
let tom: Api;
let tina: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
  carla = people.api(people.contoso.carla);
  bob = people.api(people.contoso.bob);
  tom = people.api(people.tailspin.tom);
  tina = people.api(people.tailspin.tina);
});
after(() => people.app.close());

const { endStanding, everybodySees, plan, relate } = lookingUp(() => people);
afterEach(endStanding);

/** The way of organisations to each other, as the server has it. */
const partnersOf = ({ app }: People) =>
  (app.modules.find(({ name }) => name === 'partners') as unknown as { partners: Partners }).partners;

test('EX-7: each row of the decision table', async () => {
  const bobs = people.contoso.bob;
  await plan(bobs, 'lunch', 'DTSTART:20260504T110000Z', 'DTEND:20260504T120000Z', 'SUMMARY:Lunch', 'LOCATION:Bistro');
  const group = await carla('POST', '/v1.0/groups', {
    displayName: 'Visible',
    mailEnabled: false,
    securityEnabled: true,
    mailNickname: 'visible',
  });
  const scope = group.body.id as string;
  const DENIED = 'ErrorNoFreeBusyAccess';
  const asked = () => seenBy(anders, 'bob@contoso.example');

  await everybodySees(bobs, 'limitedRead');
  assert.equal(await asked(), DENIED, 'no relationship');
  const { change, end } = await relate(carla, ['fabrikam.example'], { enabled: false, ...open('LimitedDetails') });
  assert.equal(await asked(), DENIED, 'not enabled');
  await change({ enabled: true, freeBusy: { enabled: false } });
  assert.equal(await asked(), DENIED, 'free/busy not enabled');
  await change(open('None'));
  assert.equal(await asked(), DENIED, 'no level');

  const times = [
    {
      status: 'busy',
      start: { dateTime: '2026-05-04T11:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-05-04T12:00:00.0000000', timeZone: 'UTC' },
    },
  ];
  const details = times.map((one) => ({ ...one, isPrivate: false, subject: 'Lunch', location: 'Bistro' }));
  await change(open('AvailabilityOnly'));
  assert.deepEqual(await asked(), times);
  await change(open('LimitedDetails'));
  await everybodySees(bobs, 'freeBusyRead');
  assert.deepEqual(await asked(), times);
  for (const role of ['read', 'write']) {
    await everybodySees(bobs, role);
    assert.deepEqual(await asked(), details, role);
  }
  await change(open('LimitedDetails', scope));
  await everybodySees(bobs, 'read');
  assert.equal(await asked(), DENIED, 'not in the scope');
  await carla('POST', `/v1.0/groups/${scope}/members/$ref`, {
    '@odata.id': `${people.app.origin}/v1.0/directoryObjects/${bobs.id}`,
  });
  assert.deepEqual(await asked(), details);
  await everybodySees(bobs, 'none');
  assert.equal(await asked(), DENIED, 'the owner lets nobody');
  await everybodySees(bobs, 'freeBusyRead');
  await end();
  assert.equal(await asked(), DENIED, 'the relationship is gone');
});

test('EX-9: of a private event a partner learns that it is private and when it is', async () => {
  const { carla: owner } = people.contoso;
  await everybodySees(owner, 'read');
  await plan(owner, 'secret', 'DTSTART:20260504T090000Z', 'DTEND:20260504T100000Z', 'SUMMARY:Doctor', 'CLASS:PRIVATE');
  const { end } = await relate(carla, ['fabrikam.example'], open('LimitedDetails'));
  assert.deepEqual(await seenBy(anders, 'carla@contoso.example'), [
    {
      status: 'busy',
      isPrivate: true,
      start: { dateTime: '2026-05-04T09:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-05-04T10:00:00.0000000', timeZone: 'UTC' },
    },
  ]);
  const [own] = (await lookUp(carla, ['carla@contoso.example'])).body.value;
  assert.equal(own.scheduleItems[0].subject, 'Doctor');
  await end();
});

test('EX-10, EX-54: times alone hold no word of the events, and stand in the zone that was asked for', async () => {
  const { end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const zone = { prefer: 'outlook.timezone="W. Europe Standard Time"' };
  const answer = await lookUp(anders, ['bob@contoso.example', 'nobody@contoso.example'], {}, zone);
  const text = JSON.stringify(answer.body);
  assert.doesNotMatch(text, /Lunch|Bistro|subject|location|isPrivate|organi[sz]er|"body"/);
  assert.deepEqual(answer.body.value[0].scheduleItems[0].start, {
    dateTime: '2026-05-04T13:00:00.0000000',
    timeZone: 'W. Europe Standard Time',
  });
  await end();
});

test('EX-11: members of a group in the scope group are in scope, and out of it when they leave', async () => {
  const group = async (displayName: string) =>
    (
      await carla('POST', '/v1.0/groups', {
        displayName,
        mailEnabled: false,
        securityEnabled: true,
        mailNickname: displayName,
      })
    ).body.id as string;
  const [outer, inner] = [await group('outer'), await group('inner')];
  const join = (into: string, id: string) =>
    carla('POST', `/v1.0/groups/${into}/members/$ref`, {
      '@odata.id': `${people.app.origin}/v1.0/directoryObjects/${id}`,
    });
  await join(outer, inner);
  await join(inner, people.contoso.bob.id);
  const { end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly', outer));
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  const left = await carla('DELETE', `/v1.0/groups/${inner}/members/${people.contoso.bob.id}/$ref`);
  assert.equal(left.status, 204);
  assert.equal(await seenBy(anders, 'bob@contoso.example'), 'ErrorNoFreeBusyAccess');
  await end();
});

test('EX-12, EX-53, EX-57: what one side gives the other need not give back; each address is answered for itself', async () => {
  const { end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const asked = ['ann@fabrikam.example', 'bob@contoso.example', 'tom@tailspin.example', 'nobody@contoso.example'];
  const { status, body } = await lookUp(anders, asked);
  assert.equal(status, 200);
  assert.deepEqual(
    body.value.map((one: { scheduleId: string; error?: { responseCode: string } }) => [
      one.scheduleId,
      one.error?.responseCode,
    ]),
    [
      ['ann@fabrikam.example', undefined],
      ['bob@contoso.example', undefined],
      ['tom@tailspin.example', 'ErrorNoFreeBusyAccess'],
      ['nobody@contoso.example', 'ErrorMailRecipientNotFound'],
    ],
  );
  assert.equal(await seenBy(bob, 'anders@fabrikam.example'), 'ErrorNoFreeBusyAccess');
  await end();

  // Nobody whom nothing is given learns who is there.
  const blank = (error: { responseCode: string; message: string }) => [error.responseCode, error.message];
  const errors: unknown[] = [];
  for (const address of ['bob@contoso.example', 'nobody@contoso.example']) {
    const [found] = (await lookUp(tom, [address])).body.value;
    errors.push(blank(found.error));
  }
  assert.deepEqual(errors[0], errors[1]);
});

test('a refusal across the boundary is in the audit of whoever refused, with the rule; the partner has its reference', async () => {
  const [found] = (await lookUp(tom, ['bob@contoso.example'])).body.value;
  const { reference } = found.error;
  const kept = await carla('GET', `/admin/decisions/${reference}`);
  assert.equal(kept.status, 200, JSON.stringify(kept.body));
  assert.deepEqual(
    kept.body.refusal.because.map((one: { name: string; remedy: string }) => [one.name, one.remedy]),
    [['calendars.partner-may-look-in', 'administrator']],
  );
  assert.equal((await tina('GET', `/admin/decisions/${reference}`)).status, 404);

  const explained = await carla('POST', '/admin/explain', {
    question: 'calendars.free-busy.read',
    input: { address: 'bob@contoso.example', from: 'tom@tailspin.example' },
  });
  assert.equal(explained.status, 200, JSON.stringify(explained.body));
  assert.equal(explained.body.explanation.level, 'none');
});

test('a domain that nobody has, and what is no address', async () => {
  assert.equal(await seenBy(anders, 'x@nowhere.example'), 'ErrorServiceDiscoveryFailed');
  assert.equal(await seenBy(anders, 'conference room'), 'ErrorMailRecipientNotFound');
});

test('EX-50, EX-51, EX-52: how much is looked up at a time', async () => {
  const ask = async (schedules: readonly string[], rest: Record<string, unknown> = {}) => {
    const answer = await lookUp(anders, schedules, rest);
    return answer.status === 200 ? 200 : `${answer.status} ${answer.body.error.code}`;
  };
  const some = (count: number) => Array.from({ length: count }, (_, i) => `nobody${i}@fabrikam.example`);
  assert.equal(await ask(some(20)), 200);
  assert.equal(await ask(some(21)), '400 ErrorIndividualMailboxLimitReached');
  const until = (dateTime: string) => ({ endTime: { dateTime, timeZone: 'UTC' } });
  assert.equal(await ask(some(1), until('2026-07-05T00:00:00')), '400 ErrorTimeIntervalTooBig');
  assert.equal(await ask(some(1), until('2026-07-04T23:00:00')), 200);
  assert.equal(await ask(some(1), until(DAY.from)), '400 ErrorInvalidTimeInterval');
  assert.equal(await ask(some(1), until('2026-05-03T00:00:00')), '400 ErrorInvalidTimeInterval');
  assert.equal(
    await ask(some(1), { endTime: { dateTime: DAY.to, timeZone: 'Fabrikam Standard Time' } }),
    '400 ErrorTimeZone',
  );
  for (const availabilityViewInterval of [4, 1441, '4', 7.5])
    assert.equal(
      await ask(some(1), { availabilityViewInterval }),
      '400 ErrorInvalidMergedFreeBusyInterval',
      `${availabilityViewInterval}`,
    );
  assert.equal((await lookUp(anders, ['anders@fabrikam.example'])).body.value[0].availabilityView.length, 48);
  const { body } = await anders('POST', '/v1.0/me/calendar/getSchedule', {
    Schedules: ['anders@fabrikam.example'],
    StartTime: { DateTime: DAY.from, TimeZone: 'Pacific Standard Time' },
    EndTime: { dateTime: '2026-05-04T01:00:00', timeZone: 'America/Los_Angeles' },
    AvailabilityViewInterval: '15',
  });
  assert.equal(body.value[0].availabilityView, '0000');
});

test('EX-15: a partner that does not answer spoils its own mailboxes alone', async () => {
  const { end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const { run } = people.app;
  const here = partnersOf(people);
  const silent: Partners = {
    findByDomain: (from, domain) => here.findByDomain(from, domain),
    ask: (envoy, to, request, asked) =>
      to === people.tailspin.id ? new Promise(() => {}) : here.ask(envoy, to, request, asked),
  };
  const addresses = ['ann@fabrikam.example', 'tom@tailspin.example', 'bob@contoso.example'];
  const began = performance.now();
  const found = await actAs(people.app, people.fabrikam.anders, (ctx) =>
    lookUpAvailability(
      ctx,
      { run, partners: silent, partnerDeadline: 300 },
      { addresses, from: new Date(`${DAY.from}Z`), to: new Date(`${DAY.to}Z`), minutes: 60 },
    ),
  );
  assert.ok(performance.now() - began < 2_000);
  assert.deepEqual(
    found.map(({ error }) => error),
    [undefined, 'ErrorProxyRequestProcessingFailed', undefined],
  );
  await end();
});

test('EX-16: who claims an address of another organisation is refused, and that is in the audit', async () => {
  const partners = partnersOf(people);
  const envoy = {
    tenantId: people.tailspin.id,
    address: 'ann@fabrikam.example',
    displayName: 'Ann',
    correlationId: newId(),
  };
  const asked = {
    v: 1,
    requester: { tenantId: people.tailspin.id, user: 'ann@fabrikam.example' },
    targets: ['bob@contoso.example'],
    start: `${DAY.from}Z`,
    end: `${DAY.to}Z`,
    interval: 30,
    wanted: 'LimitedDetails',
  };
  const forged = (error: unknown) => error instanceof Fault && error.code === 'partners.forged-address';
  await assert.rejects(partners.ask(envoy, people.contoso.id, 'calendars.availability', asked), forged);
  const audit = await carla('GET', '/admin/audit/events?action=partners.sender-refused&limit=5');
  assert.equal(audit.body.value[0].facts.address, 'ann@fabrikam.example');
  // Vouched for, but speaking in another's name.
  const own = { ...envoy, address: 'tom@tailspin.example' };
  await assert.rejects(partners.ask(own, people.contoso.id, 'calendars.availability', asked), forged);
});

test('a program asks in the name of the mailbox that it names, and no further than it was consented to', async () => {
  const { end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const program = async (permission: string) => {
    const app = (await ann('POST', '/v1.0/applications', { displayName: permission })).body;
    const { secretText } = (await ann('POST', `/v1.0/applications/${app.id}/addPassword`, {})).body;
    const principals: { id: string; appId: string }[] = (await ann('GET', '/v1.0/servicePrincipals')).body.value;
    const principalId = principals.find(({ appId }) => appId === app.appId)?.id;
    const body = { appRoleId: permission, principalId };
    const given = await ann('POST', `/v1.0/servicePrincipals/${principalId}/appRoleAssignments`, body);
    assert.equal(given.status, 201, JSON.stringify(given.body));
    const answer = await fetch(`${people.app.origin}/fabrikam.example/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: app.appId,
        client_secret: secretText,
        scope: 'https://graph.microsoft.com/.default',
      }),
    });
    return people.call(((await answer.json()) as { access_token: string }).access_token);
  };
  const ask = (api: Api, path: string) =>
    api('POST', path, {
      schedules: ['anders@fabrikam.example', 'bob@contoso.example'],
      startTime: { dateTime: DAY.from, timeZone: 'UTC' },
      endTime: { dateTime: DAY.to, timeZone: 'UTC' },
    });
  const reader = await program('Calendars.Read');
  const path = '/v1.0/users/anders@fabrikam.example/calendar/getSchedule';
  const { status, body } = await ask(reader, path);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    body.value.map((one: { error?: object; scheduleItems: object[] }) => [one.error, one.scheduleItems.length]),
    [
      [undefined, 0],
      [undefined, 1],
    ],
  );
  assert.equal((await ask(reader, '/v1.0/me/calendar/getSchedule')).status, 400);
  assert.equal((await ask(await program('User.Read.All'), path)).status, 403);
  await end();
});
