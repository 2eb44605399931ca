import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { putGrant } from '../../src/access/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Context } from '../../src/kernel/context.ts';
import { newId } from '../../src/kernel/ids.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';
import { linesOf, whatIf } from '../support/what-if.ts';
import { query } from '../support/what-if-observed.ts';
import { fillWorld, type World } from '../support/what-if-world.ts';

const DOMAIN = 'fabrikam.example';

let people: People;
let world: World;
let ann: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  world = await fillWorld(people);
});
after(() => people.app.close());

const inside = <T>(act: (ctx: Context) => Promise<T>) =>
  people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);

test('beyond 3.4: signing, narrowing, suspending and ending an agreement are tried before they are done', async () => {
  const base = '/admin/partners/agreements';
  const term = { term: 'calendars.free-busy', of: DOMAIN, offers: 'limited-details', accepts: 'limited-details' };
  const carla = people.api(people.contoso.carla);
  const { body: proposed } = await carla('POST', base, { partner: DOMAIN, terms: [term], propose: true });
  const { id } = proposed;
  assert.ok(id, JSON.stringify(proposed));
  await eventually(async () => (await ann('GET', `${base}/${id}`)).status === 200, 'the proposal arrives');
  const tryDoing = async (what: string, body: object) => {
    const {
      state,
      id: tried,
      failure,
      summary,
    } = await whatIf(ann, {
      changes: [{ input: { method: 'POST', path: `${base}/${id}/${what}`, body } }],
    });
    assert.equal(state, 'done', failure);
    return { tried, summary };
  };
  const stateNow = async () => (await ann('GET', `${base}/${id}`)).body.state;

  const { tried } = await tryDoing('sign', { version: 1 });
  assert.equal(await stateNow(), 'proposed', 'trying it signs nothing');
  assert.equal(
    (await ann('POST', `${base}/${id}/sign`, { version: 1 }, { 'entente-tried': tried })).body.state,
    'active',
  );
  // Signing changed what is judged by: what was tried before it cannot be relied on.
  assert.equal((await ann('POST', `${base}/${id}/suspend`, {}, { 'entente-tried': tried })).status, 412);

  const narrow = { terms: [{ term: term.term, of: DOMAIN, to: 'none' }], reason: null };
  const narrower = await tryDoing('narrow', narrow);
  assert.ok(narrower.summary.lost > 0, 'those of Contoso see less');
  assert.deepEqual(
    await linesOf(ann, narrower.tried).then((lines) => [...new Set(lines.map(({ direction }) => direction))]),
    ['lost'],
  );
  assert.ok((await tryDoing('suspend', {})).summary.lost > 0, 'nothing is open while it rests');
  await tryDoing('end', {});
  assert.equal(await stateNow(), 'active');
  assert.equal((await ann('POST', `${base}/${id}/end`, {})).body.state, 'ended');
});

const partnerAccess = (tenantId: string, values: object) => ({
  changes: [
    { input: { method: 'PATCH', path: '/admin/settings/partners.partner-access', body: { target: tenantId, values } } },
  ],
});
const only = (target: string, targetType: 'user' | 'group') => ({
  usersAndGroups: { accessType: 'allowed', targets: [{ target, targetType }] },
  applications: { accessType: 'allowed', targets: [{ target: 'AllApplications', targetType: 'application' }] },
});
const who = (lines: Awaited<ReturnType<typeof linesOf>>) => lines.map(({ subject }) => subject.displayName).sort();

test('beyond 3.4: whom we let go to a partner no more is told by name, whether a guest there or lately signed in', async () => {
  const [, anders] = world.accounts;
  const shut = partnerAccess(people.contoso.id, { b2bCollaborationOutbound: only(anders!, 'user') });
  const { state, id, failure } = await whatIf(ann, shut);
  assert.equal(state, 'done', failure);
  const lines = await linesOf(ann, id);
  assert.deepEqual(who(lines), ['dora'], 'Anders is named by the setting, and Cleo goes to Tailspin');
  assert.deepEqual([lines[0]?.question, lines[0]?.direction], ['partners.people.go-out', 'lost']);
  const all = await whatIf(ann, partnerAccess(people.contoso.id, { b2bCollaborationOutbound: only(newId(), 'user') }));
  assert.deepEqual(who(await linesOf(ann, all.id)), ['Anders Langvatn', 'dora']);
});

test('beyond 3.4: a guest is let in or out by the groups that home has them in, and home is asked', async () => {
  const inGroup = partnerAccess(people.contoso.id, { b2bCollaborationInbound: only(world.groupOfContoso, 'group') });
  const kept = await whatIf(ann, inGroup);
  assert.deepEqual(kept.summary.unheard, []);
  const lines = await linesOf(ann, kept.id);
  assert.ok(!lines.some(({ subject }) => subject.id === world.guests[0]), 'Bob is in the group at home');
  assert.deepEqual(who(lines), ['jan'], 'who was invited, and is nobody at home, cannot accept any more');
});

test('beyond 3.4: nothing is told of people whose home does not answer, and the report says so', async () => {
  const nowhere = newId();
  const id = world.guests[1]!;
  const home = { homeTenantId: nowhere, homeAccountId: newId(), homeDomain: 'silent.example' };
  await inside((ctx) => updateAccount(ctx, id, home as never));
  const {
    state,
    summary,
    id: asked,
    failure,
  } = await whatIf(ann, partnerAccess(nowhere, { b2bCollaborationInbound: only(newId(), 'group') }));
  assert.equal(state, 'done', failure);
  assert.deepEqual(summary.unheard, ['silent.example']);
  assert.deepEqual(await linesOf(ann, asked), []);
});

test('beyond 3.4: an invitation is tried before it is sent, and who comes by it is named', async () => {
  const path = '/v1.0/invitations';
  const body = {
    invitedUserEmailAddress: 'newcomer@elsewhere.example',
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
    assign: { groups: [world.groups[2]] },
  };
  const asked = { changes: [{ input: { method: 'POST', path, body } }] };
  const first = await whatIf(ann, asked);
  assert.equal(first.state, 'done', first.failure);
  assert.deepEqual(first.summary.subjects, { gained: 1, arriving: 1, lost: 0 });
  assert.equal(first.mayBeApplied, false, 'it leaves a letter behind');
  const lines = await linesOf(ann, first.id);
  assert.ok(lines.every(({ subject }) => subject.displayName === 'newcomer' && subject.isArriving));
  assert.ok(lines.some(({ question }) => question === 'directory.invitation.accept'));
  assert.ok(
    lines.some(({ question }) => question === 'calendars.calendar.use'),
    'what the group can see',
  );
  assert.equal((await whatIf(ann, asked)).summary.digest, first.summary.digest, 'the same is said the same way');
  const found = await ann('GET', `/v1.0/users?$filter=${encodeURIComponent("mail eq 'newcomer@elsewhere.example'")}`);
  assert.deepEqual(found.body.value, [], 'nobody was invited yet');
  assert.equal((await ann('GET', `/admin/what-if/${first.number}`)).body.id, first.id, 'found by its number');

  const now = await whatIf(ann, asked);
  assert.equal((await ann('POST', path, body, { 'entente-tried': now.id })).status, 201);
  assert.equal((await ann('POST', path, body, { 'entente-tried': now.id })).status, 412);
});

test('beyond 3.4: a list of guests is tried whole before anybody on it is invited', async () => {
  const path = '/admin/guest-imports?fileName=guests.csv';
  const template = (await ann('GET', '/admin/guest-imports/template')).body as unknown as string;
  const [version, headings] = template.split(/\r?\n/) as [string, string];
  const row = (name: string) => {
    const cells = headings.split(',').map((heading) => {
      if (/email/i.test(heading) && !/send/i.test(heading)) return `${name}@elsewhere.example`;
      if (/redirect/i.test(heading)) return 'https://apps.fabrikam.example/';
      return '';
    });
    return cells.join(',');
  };
  const file = [version, headings, row('uma'), row('vera'), row('ivo')].join('\r\n');
  const asked = { changes: [{ input: { method: 'POST', path, body: file } }] };
  const { id, summary, state, failure } = await whatIf(ann, asked);
  assert.equal(state, 'done', failure);
  assert.deepEqual(summary.subjects, { gained: 2, arriving: 2, lost: 0 }, 'Ivo was invited before');
  assert.deepEqual([...new Set(who(await linesOf(ann, id)))], ['uma', 'vera']);
  const wrong = await whatIf(ann, { changes: [{ input: { method: 'POST', path, body: 'nothing' } }] });
  assert.equal(wrong.state, 'failed');
});

test('beyond 3.4: a search that another change overtakes begins anew, and answers of the world after it', async () => {
  const id = world.accounts[3]!;
  const path = `/v1.0/users/${id}`;
  let asked = '';
  await inside(async (ctx) => {
    // Held until the search waits for the same row, and committed before it.
    await updateAccount(ctx, id, { jobTitle: 'Overtaking' });
    const input = { method: 'PATCH', path, body: { accountEnabled: false } };
    asked = (await ann('POST', '/admin/what-if', { changes: [{ input }] })).body.id;
    await eventually(async () => {
      const waiting = await query(people, `select 1 from pg_stat_activity where wait_event_type = 'Lock'`);
      return waiting.length > 0;
    }, 'the search waits for the row');
  });
  const answer = await eventually(async () => {
    const { body } = await ann('GET', `/admin/what-if/${asked}`);
    return body.state !== 'waiting' && body.state !== 'running' && body;
  });
  assert.equal(answer.state, 'done', answer.failure);
  assert.ok(answer.summary.lost > 0);
  assert.equal(
    (await ann('POST', `/admin/what-if/${asked}/apply`)).status,
    200,
    'nothing has changed since it answered',
  );
});

test('beyond 3.4.2: whom a list of domains shuts out keeps what they have, unless it is ended with it', async () => {
  const domain = 'contoso.example';
  const list = (blocked: readonly string[] | null) => ({
    values: { domainRestriction: blocked ? 'deny' : 'any', blockedDomains: blocked, allowedDomains: null },
  });
  const path = '/admin/settings/directory.external-collaboration';
  // Whatever was tried at random before may still keep them out.
  await ann('DELETE', `/v1.0/policies/crossTenantAccessPolicy/partners/${people.contoso.id}`);
  const open = { values: { ...list(null).values, allowInvitesFrom: null } };
  assert.equal((await ann('PATCH', path, open)).status, 200);
  await inside((ctx) =>
    putGrant(ctx, {
      kind: 'calendars.calendar',
      object: { kind: 'calendar', id: world.calendars[0]! },
      subject: { kind: 'guest', id: world.guests[0]! },
      level: 'read',
      givenBy: people.fabrikam.ann.id,
      homeDomain: domain,
      homeTenantId: people.contoso.id,
    } as never),
  );
  const invited = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: `lee@${domain}`,
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const meeting = await ann('POST', '/v1.0/me/events', {
    subject: 'Weekly with Contoso',
    start: { dateTime: '2026-12-01T09:00:00', timeZone: 'UTC' },
    end: { dateTime: '2026-12-01T10:00:00', timeZone: 'UTC' },
    attendees: [{ emailAddress: { address: `bob@${domain}` }, type: 'required' }],
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] },
      range: { type: 'noEnd', startDate: '2026-12-01' },
    },
  });
  assert.equal(meeting.status, 201, JSON.stringify(meeting.body));

  const block = { input: { method: 'PATCH', path, body: list([domain]) } };
  const end = {
    input: { method: 'POST', path: '/admin/outside-rights/end', body: { domains: [domain] } },
    follows: true,
  };
  const future = await whatIf(ann, { changes: [block] });
  const [out] = future.summary.shutOut;
  assert.equal(out?.domain, domain);
  assert.ok(out.rights > 0);
  assert.deepEqual(
    out.goingOn.map(({ name }: { name: string }) => name),
    ['Weekly with Contoso'],
  );
  const whole = await whatIf(ann, { changes: [block, end] });
  const [rest] = whole.summary.shutOut;
  assert.ok((rest?.rights ?? 0) < out.rights, 'what is set for their organisation is left, and nothing of theirs');
  const lost = (await linesOf(ann, whole.id)).filter(({ direction }) => direction === 'lost');
  assert.ok(
    lost.some(({ object }) => /^Calendar \(.+\)$/.test(object.displayName ?? '')),
    'the calendar is named, and whose it is',
  );
  const kept = async () =>
    (
      await query(people, 'select 1 from access.grants where tenant_id = $1 and home_domain = $2', [
        people.fabrikam.id,
        domain,
      ])
    ).length;
  assert.equal((await ann('PATCH', path, list([domain]), { 'entente-tried': future.id })).status, 200);
  const before = await kept();
  assert.ok(before > 0, 'only what is to come is stopped');
  const living = 'select 1 from directory.accounts where tenant_id = $1 and home_domain = $2 and deleted_at is null';
  const guests = async () => (await query(people, living, [people.fabrikam.id, domain])).length;
  assert.ok((await guests()) > 0, 'and they are guests');

  // The other choice is one request: what was chosen is done with the save, or neither is.
  assert.equal((await ann('PATCH', path, list(null))).status, 200);
  const chosen = await whatIf(ann, { changes: [block, end] });
  const refused = await ann('PATCH', path, { values: { nothing: 1 } }, { 'entente-tried': chosen.id });
  assert.equal(refused.status, 400);
  assert.equal(await kept(), before, 'what is not saved ends nothing');
  const settled = await eventually(async () => {
    const now = await whatIf(ann, { changes: [block, end] });
    const saved = await ann('PATCH', path, list([domain]), { 'entente-tried': now.id });
    // What follows the changes before may still be under way.
    return saved.status !== 412 && saved;
  });
  assert.equal(settled.status, 200, JSON.stringify(settled.body));
  assert.deepEqual([await kept(), await guests()], [0, 0]);
  const [receipt] = (await ann('GET', '/admin/endings')).body.value;
  assert.deepEqual(receipt.domains, [domain]);
  assert.equal((await people.api(people.fabrikam.anders)('POST', end.input.path, end.input.body)).status, 403);
});
