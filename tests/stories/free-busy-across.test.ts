import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { putGrant } from '../../src/access/index.ts';
import { accessPorts } from '../../src/app/access-ports.ts';
import { GRANTS } from '../../src/calendars/grants.ts';
import { lookUpAvailability } from '../../src/calendars/usecases/look-up-availability.ts';
import { ownDefaultCalendar } from '../../src/calendars/usecases/mailboxes.ts';
import { putObject } from '../../src/calendars/usecases/objects.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

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
/** What a test that failed left open. */
const standing = new Set<() => Promise<unknown>>();
afterEach(async () => {
  for (const end of standing) await end();
  standing.clear();
});

/** The way of organisations to each other, as the server has it. */
const partnersOf = ({ app }: People) =>
  (app.modules.find(({ name }) => name === 'partners') as unknown as { partners: Partners }).partners;

async function as<T>(person: Person, act: (ctx: Context) => Promise<T>): Promise<T> {
  const { run } = people.app;
  const actor = await run({ tenantId: person.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    accessPorts.actorOf(ctx, person.id),
  );
  return run({ tenantId: person.tenantId, actor: actor as Actor }, act);
}

/** Puts an event into somebody's default calendar. */
const plan = (person: Person, uid: string, ...lines: string[]) =>
  as(person, async (ctx) => {
    const { id } = await ownDefaultCalendar(ctx, 'write');
    const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//T//EN', 'BEGIN:VEVENT', `UID:${uid}`];
    text.push('DTSTAMP:20260401T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR');
    await putObject(ctx, { calendarId: id, name: `${uid}.ics`, text: `${text.join('\r\n')}\r\n` });
  });

/** What the owner lets everybody at home see, and through it the most that anybody elsewhere sees. */
const everybodySees = (person: Person, level: string) =>
  as(person, async (ctx) => {
    const { id } = await ownDefaultCalendar(ctx, 'write');
    const subject = { kind: 'tenant', id: ctx.tenantId } as const;
    const object = { kind: GRANTS.calendar.objectKind, id };
    await putGrant(ctx, { kind: GRANTS.calendar.kind, subject, object, level, givenBy: person.id });
  });

const DAY = { from: '2026-05-04T00:00:00', to: '2026-05-05T00:00:00' };

const lookUp = (api: Api, schedules: readonly string[], rest: Record<string, unknown> = {}, headers = {}) =>
  api(
    'POST',
    '/v1.0/me/calendar/getSchedule',
    {
      schedules,
      startTime: { dateTime: DAY.from, timeZone: 'UTC' },
      endTime: { dateTime: DAY.to, timeZone: 'UTC' },
      ...rest,
    },
    headers,
  );

/** One mailbox: its error, or its items without their times' zones. */
async function seenBy(api: Api, address: string) {
  const { status, body } = await lookUp(api, [address]);
  assert.equal(status, 200, JSON.stringify(body));
  const [found] = body.value;
  return found.error ? found.error.responseCode : found.scheduleItems;
}

let serial = 0;
/** A relationship of one organisation with another. */
async function relate(api: Api, domainNames: readonly string[], rest: Record<string, unknown> = {}) {
  serial += 1;
  const answer = await api('POST', '/admin/organization-relationships', {
    name: `Relationship ${serial}`,
    domainNames,
    ...rest,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const path = `/admin/organization-relationships/${answer.body.id}`;
  const end = () => {
    standing.delete(end);
    return api('DELETE', path);
  };
  standing.add(end);
  const change = (changes: unknown) => api('PATCH', path, changes);
  return { id: answer.body.id as string, body: answer.body, path, change, end };
}

const open = (level: string, scopeGroupId: string | null = null) => ({
  freeBusy: { enabled: true, level, scopeGroupId },
});

test('EX-1: a relationship begins with nothing given', async () => {
  const { body, end } = await relate(carla, ['litware.example']);
  assert.equal(body.enabled, true);
  assert.deepEqual(body.freeBusy, { enabled: false, level: 'None', scopeGroupId: null });
  assert.deepEqual(body.mailTips, { enabled: false, level: 'None', scopeGroupId: null });
  assert.deepEqual([body.photosEnabled, body.deliveryReportEnabled], [false, false]);
  assert.equal((await end()).status, 204);
});

test('EX-2, EX-3, EX-4, EX-6: what is wrong with a relationship is named', async () => {
  const { end } = await relate(carla, ['litware.example'], { name: 'Litware' });
  const post = async (body: Record<string, unknown>) => {
    const answer = await carla('POST', '/admin/organization-relationships', { name: 'Other', ...body });
    return `${answer.status} ${answer.body.code} ${answer.body.reason}`;
  };
  const one = ['wingtip.example'];
  assert.equal(await post({ name: 'x'.repeat(65), domainNames: one }), '400 calendars.invalid-name invalidName');
  assert.equal(await post({ name: 'LITWARE', domainNames: one }), '409 calendars.name-in-use nameInUse');
  const many = (count: number) => Array.from({ length: count }, (_, i) => `d${i}.wingtip.example`);
  assert.equal(await post({ domainNames: many(239) }), '400 calendars.invalid-domain invalidDomain');
  assert.equal(await post({ domainNames: ['*.fabrikam.example'] }), '400 calendars.invalid-domain invalidDomain');
  assert.equal(await post({ domainNames: ['localhost'] }), '400 calendars.invalid-domain invalidDomain');
  assert.equal(await post({ domainNames: [] }), '400 calendars.invalid-domain invalidDomain');
  assert.equal(await post({ domainNames: ['contoso.example'] }), '400 calendars.own-domain ownDomain');
  const taken = await carla('POST', '/admin/organization-relationships', {
    name: 'Again',
    domainNames: ['LITWARE.example'],
  });
  assert.deepEqual(
    [taken.status, taken.body.code, taken.body.name],
    [409, 'calendars.domain-in-other-relationship', 'Litware'],
  );
  const wrong = { domainNames: one, freeBusy: { level: 'Everything' } };
  assert.equal(await post(wrong), '400 calendars.invalid-enum invalidEnum');
  const nobody = { domainNames: one, ...open('LimitedDetails', people.contoso.bob.id) };
  assert.equal(await post(nobody), '400 calendars.invalid-scope-group invalidScopeGroup');
  for (const sharingEpr of [
    'http://mail.wingtip.example/',
    'https://a:b@mail.wingtip.example/',
    'https://127.0.0.1/',
  ]) {
    const answer = await post({ domainNames: one, target: { sharingEpr } });
    assert.equal(answer, '400 calendars.invalid-endpoint invalidEndpoint', sharingEpr);
  }
  const largest = await relate(carla, many(238));
  const elsewhere = await relate(ann, ['litware.example']);
  for (const made of [largest, elsewhere]) assert.equal((await made.end()).status, 204);
  await end();
});

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

test('EX-5: a subdomain is a domain of its own', async () => {
  const { change, end } = await relate(carla, ['emea.fabrikam.example'], open('AvailabilityOnly'));
  assert.equal(await seenBy(anders, 'bob@contoso.example'), 'ErrorNoFreeBusyAccess');
  await change({ domainNames: ['emea.fabrikam.example', 'fabrikam.example'] });
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  await end();
});

test('EX-8, EX-13, EX-24: a change works at once, is in the audit, and is nothing that the partner may read', async () => {
  const { id, path, change, end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  await change({ enabled: false });
  assert.equal(await seenBy(anders, 'bob@contoso.example'), 'ErrorNoFreeBusyAccess');
  await change({ enabled: true });
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);

  for (const api of [ann, tina]) {
    assert.equal((await api('GET', path)).status, 404);
    assert.equal((await api('PATCH', path, { enabled: false })).status, 404);
    assert.equal((await api('DELETE', path)).status, 404);
    assert.equal((await api('GET', '/admin/organization-relationships')).body.value.length, 0);
  }
  assert.equal((await bob('GET', path)).status, 403);

  await end();
  const audit = await carla('GET', '/admin/audit/events?action=tenants.setting-changed&limit=200');
  const changes = audit.body.value
    .filter((event: { facts: { target?: string } }) => event.facts.target === id)
    .map((event: { targets: { changes: { name: string; old: unknown; new: unknown }[] }[] }) =>
      event.targets[0]?.changes.find(({ name }) => name === 'enabled' || name === 'name'),
    )
    .map((one: { name: string; old: unknown; new: unknown }) => one && [one.name, one.old, one.new]);
  const name = `Relationship ${serial}`;
  // Newest first: gone, on, off, made.
  assert.deepEqual(changes.slice(1), [
    ['enabled', false, true],
    ['enabled', null, false],
    ['name', null, name],
  ]);
  assert.ok(changes[0], 'the end is in the audit with what was');
});

test('a copy that somebody else has changed meanwhile is not overwritten', async () => {
  const { path, body, change, end } = await relate(carla, ['litware.example']);
  assert.equal((await carla('GET', path)).headers.get('etag'), body.etag);
  await change({ photosEnabled: true });
  const late = await carla('PATCH', path, { photosEnabled: false }, { 'if-match': body.etag });
  assert.equal(late.status, 412);
  assert.equal((await carla('DELETE', path, undefined, { 'if-match': body.etag })).status, 412);
  assert.equal((await carla('GET', path)).body.photosEnabled, true);
  await end();
  assert.equal((await carla('GET', path)).status, 404);
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

test('where our own relationship does not look up times, nobody of ours does', async () => {
  const theirs = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const ours = await relate(ann, ['contoso.example']);
  assert.equal(await seenBy(anders, 'bob@contoso.example'), 'ErrorInvalidOrganizationRelationshipForFreeBusy');
  // Gives nothing back and looks up.
  await ours.change(open('None'));
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  await theirs.end();
  await ours.end();
});

test('EX-14: a partner whose address is set is not looked for elsewhere', async () => {
  const theirs = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  const target = { sharingEpr: 'https://calendars.contoso.example/', autodiscoverEpr: 'https://dead.contoso.example/' };
  const ours = await relate(ann, ['contoso.example'], { ...open('None'), target });
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  await theirs.end();
  await ours.end();
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

const POLICY = '/v1.0/policies/crossTenantAccessPolicy';

test('EX-20, EX-21, EX-22, EX-23: capabilities by tenant, for everybody, and for nobody any more', async () => {
  const { bob: owner } = people.contoso;
  const forAll = `${POLICY}/default/m365Capabilities`;
  const forFabrikam = `${POLICY}/partners/${people.fabrikam.id}/m365Capabilities`;
  const name = 'crossTenantCalendarAvailabilityBasic';
  const everybody = { included: [{ resourceId: 'All', resourceType: 'user' }] };
  const asked = async () => [await seenBy(anders, 'bob@contoso.example'), await seenBy(tom, 'bob@contoso.example')];
  const DENIED = 'ErrorNoFreeBusyAccess';
  assert.deepEqual((await carla('GET', forAll)).body.value, []);
  assert.deepEqual(await asked(), [DENIED, DENIED]);

  const made = await carla('POST', forAll, {
    '@odata.type': `#microsoft.graph.${name}`,
    inboundAccess: { isAllowed: true, resourceScopes: everybody },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.headers.get('location'), `${people.app.origin}${forAll}/${name}`);
  assert.deepEqual(
    (await asked()).map((seen) => seen.length),
    [1, 1],
  );

  // A capability of one organisation stands below its entry in the policy.
  const denial = { name, inboundAccess: { isAllowed: false } };
  assert.equal((await carla('POST', forFabrikam, denial)).status, 404);
  const entry = await carla('POST', `${POLICY}/partners`, { tenantId: people.fabrikam.id });
  assert.equal(entry.status, 201, JSON.stringify(entry.body));
  const denied = await carla('POST', forFabrikam, denial);
  assert.equal(denied.status, 201, JSON.stringify(denied.body));
  const [fabrikams, tailspins] = await asked();
  assert.deepEqual([fabrikams, tailspins.length], [DENIED, 1]);

  const isAllowed = { inboundAccess: { isAllowed: true, resourceScopes: everybody } };
  assert.equal((await carla('PATCH', `${forFabrikam}/${name}`, isAllowed)).status, 200);
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  const excluded = [{ resourceId: owner.id, resourceType: 'user' }];
  const without = { inboundAccess: { resourceScopes: { ...everybody, excluded } } };
  assert.equal((await carla('PATCH', `${forFabrikam}/${name}`, without)).status, 200);
  assert.equal(await seenBy(anders, 'bob@contoso.example'), DENIED);
  assert.equal((await seenBy(anders, 'carla@contoso.example')).length, 1);

  assert.equal((await carla('DELETE', `${forAll}/${name}`)).status, 204);
  assert.equal(await seenBy(tom, 'carla@contoso.example'), DENIED);
  assert.equal((await seenBy(anders, 'carla@contoso.example')).length, 1);
  assert.equal((await carla('DELETE', `${POLICY}/partners/${people.fabrikam.id}`)).status, 204);
  await eventually(
    async () => (await seenBy(anders, 'carla@contoso.example')) === DENIED,
    'the capabilities went with the entry',
  );
  assert.deepEqual((await carla('GET', forFabrikam)).body.value, []);

  assert.equal((await carla('POST', forAll, { name: 'crossTenantEverything' })).status, 400);
  assert.equal((await ann('GET', forAll)).body.value.length, 0);
  assert.equal((await bob('GET', forAll)).status, 403);
});

/** The steps of a test, each with how it went. */
/** The steps that did not pass, each with who looked and on whose side it is; or that all is well. */
async function tested(api: Api, path: string, address: string): Promise<string> {
  const answer = await api('POST', `${path}/test`, { address });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(answer.headers.get('content-type') ?? '', /x-ndjson/);
  const lines = (answer.body as unknown as string)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const steps = lines.flatMap(({ step }) => step ?? []);
  const failing = steps.filter(({ status }) => status === 'failed').map(({ step, side }) => `${side} ${step}`);
  assert.equal(lines.at(-1).verdict.isHealthy, failing.length === 0);
  return failing.join(', ') || 'healthy';
}

test('EX-25: trying a relationship tells each step, and what to do about the one that fails', async () => {
  const ours = await relate(ann, ['contoso.example'], { freeBusy: { enabled: false } });
  const said = (address = 'bob@contoso.example') => tested(ann, ours.path, address);
  assert.match(await said(), /^ours calendars.look-out/);
  assert.equal(await said('x@nowhere.example'), 'ours partners.record');
  await ours.change(open('None'));
  const closed = 'theirs calendars.times, theirs calendars.mailbox, theirs calendars.permission';
  assert.equal(await said(), closed);
  // Nobody who is told nothing learns who is there.
  assert.equal(await said('nobody@contoso.example'), closed);
  assert.deepEqual((await ann('GET', ours.path)).body.status.partnerGrantsUs, false);
  const theirs = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
  assert.equal(await said(), 'healthy');
  assert.equal(await said('nobody@contoso.example'), 'theirs calendars.mailbox');
  const { status } = (await ann('GET', ours.path)).body;
  assert.deepEqual([status.reachable, status.partnerGrantsUs], [true, true]);
  assert.ok(status.lastCheckedAt);
  assert.equal((await carla('POST', `${ours.path}/test`, { address: 'bob@contoso.example' })).status, 404);
  assert.equal((await anders('POST', `${ours.path}/test`, { address: 'bob@contoso.example' })).status, 403);
  await theirs.end();
  await ours.end();
});

test('EX-126: the domains that a partner names are a proposal, until they are confirmed', async () => {
  const discovered = await ann('GET', '/admin/organization-relationships/discover?domain=contoso.example');
  assert.deepEqual(
    [discovered.status, discovered.body.partnerTenantId, discovered.body.domainNames],
    [200, people.contoso.id, ['contoso.example']],
  );
  const post = (rest: Record<string, unknown>) =>
    ann('POST', '/admin/organization-relationships', { name: 'Contoso', discoverFrom: 'contoso.example', ...rest });
  const unconfirmed = await post({});
  assert.deepEqual(
    [unconfirmed.status, unconfirmed.body.code, unconfirmed.body.domains],
    [400, 'calendars.domains-not-confirmed', ['contoso.example']],
  );
  const foreign = await post({ domainNames: ['contoso.example', 'tailspin.example'] });
  assert.deepEqual([foreign.status, foreign.body.code], [400, 'calendars.domain-not-proposed']);
  const made = await post({ domainNames: ['contoso.example'], ...open('AvailabilityOnly') });
  assert.deepEqual([made.status, made.body.partnerTenantId], [201, people.contoso.id]);

  // Contoso gets another domain: it is shown, and lets nobody in.
  await people.app.run({ tenantId: people.contoso.id, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
    await sql`insert into tenants.domains (tenant_id, name, proof, verified_at, created_at)
              select tenant_id, 'contoso.test.example', proof, verified_at, created_at
                from tenants.domains where tenant_id = ${ctx.tenantId} and name = 'contoso.example'`.execute(
      sqlOf(ctx),
    );
    await ctx.announce(TENANT_CHANGED, {});
  });
  const path = `/admin/organization-relationships/${made.body.id}`;
  await tested(ann, path, 'bob@contoso.example');
  assert.deepEqual((await ann('GET', path)).body.status.proposedDomainNames, ['contoso.test.example']);
  assert.deepEqual((await ann('GET', path)).body.domainNames, ['contoso.example']);
  await ann('DELETE', path);
  const nobody = await ann('GET', '/admin/organization-relationships/discover?domain=nowhere.example');
  assert.deepEqual([nobody.status, nobody.body.code], [400, 'calendars.partner-not-found']);
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
  const found = await as(people.fabrikam.anders, (ctx) =>
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
