import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../../src/kernel/ids.ts';
import { type Api, type People, startPeople } from '../support/people.ts';
import { type Asked, linesOf, whatIf } from '../support/what-if.ts';
import { printed, query } from '../support/what-if-observed.ts';

let people: People;
let ann: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
});
after(() => people.app.close());

test('beyond 3.4.3: whoever may not read what it reveals cannot ask', async () => {
  const anders = people.api(people.fabrikam.anders);
  const asked = {
    changes: [{ input: { method: 'PATCH', path: '/admin/settings/directory.access', body: { values: {} } } }],
  };
  assert.equal((await anders('POST', '/admin/what-if', asked)).status, 403);
  const { id } = await whatIf(ann, asked);
  assert.equal((await anders('GET', `/admin/what-if/${id}`)).status, 403);
  assert.equal((await anders('GET', `/admin/what-if/${id}/lines`)).status, 403);
  assert.equal((await people.api(people.contoso.carla)('GET', `/admin/what-if/${id}`)).status, 404);
});

test('beyond 3.4.5: what was tried out is not carried out once the world has changed', async () => {
  const change = (createGroups: boolean): Asked => ({
    changes: [
      {
        input: {
          method: 'PATCH',
          path: '/admin/settings/directory.access',
          body: { values: { membersMayCreateGroups: createGroups } },
        },
      },
    ],
  });
  await ann('PATCH', '/admin/settings/directory.access', {
    values: { membersMayCreateGroups: true, membersMayReadOthers: true },
  });
  const first = await whatIf(ann, change(false));
  const everybody = (await linesOf(ann, first.id)).find(({ question }) => question === 'directory.groups.create');
  assert.equal(everybody?.subject.kind, 'tenant');
  assert.equal(everybody?.after, 'none');
  assert.equal(everybody?.because[0]?.name, 'directory.members-create-groups');
  await ann('PATCH', '/admin/settings/directory.access', { values: { membersMayReadOthers: false } });
  const stale = await ann('POST', `/admin/what-if/${first.id}/apply`);
  assert.equal(stale.status, 412);
  assert.equal(stale.body.code, 'access.world-changed');
  const second = await whatIf(ann, change(false));
  assert.equal((await ann('POST', `/admin/what-if/${second.id}/apply`)).status, 200);
  const now = (await ann('GET', '/admin/settings/directory.access')).body.settings;
  assert.equal(now.find(({ name }: { name: string }) => name === 'membersMayCreateGroups').value, false);
});

test('what somebody was refused lately, and would be let, is told', async () => {
  await ann('PATCH', '/admin/settings/directory.external-collaboration', {
    values: {
      domainRestriction: 'deny',
      blockedDomains: ['refused.example'],
      allowedDomains: null,
      allowInvitesFrom: null,
    },
  });
  await ann('PATCH', `/v1.0/users/${people.fabrikam.anders.id}`, { accountEnabled: true });
  const invited = await people.api(people.fabrikam.anders)('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: 'kim@refused.example',
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
  });
  assert.ok(invited.status >= 400, `${invited.status}`);
  const { id, summary } = await whatIf(ann, {
    changes: [
      {
        input: {
          method: 'PATCH',
          path: '/admin/settings/directory.external-collaboration',
          body: { values: { domainRestriction: 'any', blockedDomains: null } },
        },
      },
    ],
  });
  assert.ok(summary.refusals > 0);
  const line = (await linesOf(ann, id)).find(({ refusedAt }) => refusedAt !== null);
  assert.equal(line?.direction, 'gained');
  assert.equal(line?.question, 'directory.guests.invite');
  assert.equal(line?.subject.id, people.fabrikam.anders.id);
});

test('a change that would be refused says why, and one that cannot be undone is not tried', async () => {
  const failed = await whatIf(ann, {
    changes: [
      { input: { method: 'PATCH', path: '/admin/settings/directory.access', body: { values: { nothing: 1 } } } },
    ],
  });
  assert.deepEqual([failed.state, failed.isRefused], ['failed', true]);
  assert.match(failed.failure, /nothing/);
  const changes = [{ input: { method: 'POST', path: '/v1.0/users', body: {} } }];
  const other = await ann('POST', '/admin/what-if', { changes });
  assert.deepEqual([other.status, other.body.code], [400, 'access.cannot-be-tried']);
  assert.equal((await ann('POST', '/admin/what-if', { changes: [{ trial: 'wish', input: {} }] })).status, 400);
});

test('what is only rehearsed, because it asks for a fresh proof, is not carried out by its answer', async () => {
  for (const change of [
    { trial: 'partners.end', input: { partner: 'nobody.example' } },
    { input: { method: 'POST', path: '/admin/endings', body: { partner: 'nobody.example' } } },
  ]) {
    const { id, state } = await whatIf(ann, { changes: [change] });
    assert.equal(state, 'done');
    const answer = await ann('POST', `/admin/what-if/${id}/apply`);
    assert.deepEqual([answer.status, answer.body.code], [409, 'access.only-by-its-own-request']);
  }
});

test('beyond 3.4.5: what is asked for by its own route is done in the world it was tried in, or not at all', async () => {
  const path = '/admin/settings/directory.access';
  const body = (create: boolean) => ({ values: { membersMayCreateGroups: create } });
  await ann('PATCH', path, { values: { membersMayCreateGroups: true, membersMayReadOthers: true } });
  const asked: Asked = { changes: [{ input: { method: 'PATCH', path, body: body(false) } }] };
  let first = await whatIf(ann, asked);
  let again = await whatIf(ann, asked);
  // What follows the changes before may still be under way.
  for (; again.world !== first.world; again = await whatIf(ann, asked)) first = again;
  const losing = new Set((await linesOf(ann, first.id)).map(({ subject }) => subject.id));
  assert.deepEqual(first.summary.subjects, { gained: 0, arriving: 0, lost: losing.size });
  assert.equal(again.summary.digest, first.summary.digest, 'two answers that say the same have the same digest');

  await ann('PATCH', path, { values: { membersMayReadOthers: false } });
  const stale = await ann('PATCH', path, body(false), { 'entente-tried': first.id });
  assert.equal(stale.status, 412);
  assert.equal(stale.body.code, 'access.world-changed');
  const now = await whatIf(ann, asked);
  assert.equal((await ann('PATCH', path, body(false), { 'entente-tried': now.id })).status, 200);
  const events = await query(people, `select facts from audit.events where action = 'access.what-if-carried-out'`);
  const digests = events.map(({ facts }) => (facts as { digest: string }).digest);
  assert.ok(digests.includes(now.summary.digest), 'the audit names the report');
  assert.equal((await ann('PATCH', path, body(true), { 'entente-tried': newId() })).status, 409);
});

test('beyond 3.4: an organization relationship is tried, made and changed, and what it opens is foretold', async () => {
  const base = '/admin/organization-relationships';
  const partner = 'adatum.example';
  const body = {
    name: 'Adatum',
    domainNames: [partner],
    freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null },
  };
  const made = await whatIf(ann, { changes: [{ input: { method: 'POST', path: base, body } }] });
  assert.equal(made.state, 'done', made.failure);
  const { status, body: kept } = await ann('POST', base, body, { 'entente-tried': made.id });
  assert.equal(status, 201);
  const off = { enabled: false };
  const less = await whatIf(ann, { changes: [{ input: { method: 'PATCH', path: `${base}/${kept.id}`, body: off } }] });
  assert.equal(less.state, 'done', less.failure);
  const gained = (await linesOf(ann, made.id)).map(({ question, input }) => `${question} ${printed(input)}`);
  const lost = (await linesOf(ann, less.id)).map(({ question, input }) => `${question} ${printed(input)}`);
  assert.ok(gained.length > 0);
  assert.deepEqual(lost.sort(), gained.sort());
});
