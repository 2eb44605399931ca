import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { sqlOf } from '../../src/platform/database/index.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { eventually } from '../support/eventually.ts';
import { lookingUp, open, seenBy } from '../support/looking-up.ts';
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
  for (const owner of [people.contoso.bob, people.contoso.carla]) {
    await plan(owner, `of-${owner.id}`, 'DTSTART:20260504T110000Z', 'DTEND:20260504T120000Z', 'SUMMARY:Lunch');
    await everybodySees(owner, 'freeBusyRead');
  }
});
after(() => people.app.close());

const { endStanding, everybodySees, plan, relate } = lookingUp(() => people);
afterEach(endStanding);

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

test('EX-5: a subdomain is a domain of its own', async () => {
  const { change, end } = await relate(carla, ['emea.fabrikam.example'], open('AvailabilityOnly'));
  assert.equal(await seenBy(anders, 'bob@contoso.example'), 'ErrorNoFreeBusyAccess');
  await change({ domainNames: ['emea.fabrikam.example', 'fabrikam.example'] });
  assert.equal((await seenBy(anders, 'bob@contoso.example')).length, 1);
  await end();
});

test('EX-8, EX-13, EX-24: a change works at once, is in the audit, and is nothing that the partner may read', async () => {
  const { id, body, path, change, end } = await relate(carla, ['fabrikam.example'], open('AvailabilityOnly'));
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
  // Newest first: gone, on, off, made.
  assert.deepEqual(changes.slice(1), [
    ['enabled', false, true],
    ['enabled', null, false],
    ['name', null, body.name],
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
