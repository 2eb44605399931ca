import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listGrants } from '../../src/access/index.ts';
import { listCalendars } from '../../src/calendars/store/calendars.ts';
import { listSubscriptions } from '../../src/calendars/store/invitations.ts';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let bob: Api;
let carla: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  bob = people.api(people.contoso.bob);
  carla = people.api(people.contoso.carla);
  await setRules('contoso.example: CalendarSharingFreeBusyReviewer', 'Anonymous: CalendarSharingFreeBusySimple');
  await meet('Budget', {});
  await meet('Doctor', { sensitivity: 'private' });
});
after(() => people.app.close());

const PERMISSIONS = '/v1.0/me/calendar/calendarPermissions';
const SHARED = '/me/shared-calendars';
const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};

async function setRules(...rules: string[]): Promise<void> {
  const { value } = ok(await ann('GET', '/admin/sharing-policies'));
  const { id } = value.find((one: { isDefault: boolean }) => one.isDefault);
  const changed = ok(await ann('PATCH', `/admin/sharing-policies/${id}`, { rules }));
  await eventually(async () => {
    const now = ok(await ann('GET', `/admin/sharing-policies/${id}`));
    return JSON.stringify(now.rules) === JSON.stringify(changed.rules);
  });
}

const tomorrow = () => new Date(people.app.clock.now.getTime() + 86_400_000).toISOString().slice(0, 10);
const meet = async (subject: string, more: Record<string, unknown>) =>
  ok(
    await ann('POST', '/v1.0/me/events', {
      subject,
      start: { dateTime: `${tomorrow()}T09:00:00`, timeZone: 'UTC' },
      end: { dateTime: `${tomorrow()}T10:00:00`, timeZone: 'UTC' },
      body: { contentType: 'text', content: `About ${subject}` },
      ...more,
    }),
    201,
  );

/** The newest letter to an address, and what stands behind `name=` in its link. */
async function letterTo(address: string): Promise<string> {
  const letters = await people.app.run(
    { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } },
    (ctx) => listOutgoingMails(ctx, { limit: 1000 }),
  );
  const found = letters.filter(({ to, kind }) => to.address === address && kind === 'calendar-invitation');
  return found.toSorted((a, b) => (a.id < b.id ? 1 : -1))[0]?.text ?? '';
}
const invitationTo = async (address: string) => /invitation=(\S+)/.exec(await letterTo(address))?.[1] ?? '';

async function shareWith(person: Person | string, role: string): Promise<{ id: string; invitation: string }> {
  const address = typeof person === 'string' ? person : person.userPrincipalName;
  const { id } = ok(await ann('POST', PERMISSIONS, { emailAddress: { address }, role }), 201);
  return { id, invitation: await invitationTo(address) };
}
const accept = (api: Api, invitation: string) => api('POST', `${SHARED}/accept`, { invitation });
const view = (api: Api, id: string) =>
  api('GET', `${SHARED}/${id}/view?start=${tomorrow()}T00:00:00Z&end=${tomorrow()}T23:59:59Z`);
const subjectsIn = (body: { value: { subject: string | null }[] }) => body.value.map(({ subject }) => subject).sort();

test('Fabrikam shares a calendar with Bob of Contoso, who sees it among his own, private events as busy time', async () => {
  const { invitation } = await shareWith(people.contoso.bob, 'read');
  const added = ok(await accept(bob, invitation), 201);
  assert.deepEqual(
    [added.owner.address, added.organisation, added.role, added.error],
    ['ann@fabrikam.example', { tenantId: people.fabrikam.id, displayName: 'Fabrikam' }, 'read', null],
  );
  const seen = ok(await view(bob, added.id));
  assert.deepEqual(subjectsIn(seen), ['Budget', null]);
  const budget = seen.value.find((one: { subject: string | null }) => one.subject === 'Budget');
  assert.match(budget.description, /About Budget/);
  assert.doesNotMatch(JSON.stringify(seen), /Doctor/);
  const [listed] = ok(await bob('GET', SHARED)).value;
  assert.equal(listed.id, added.id);
  assert.equal(ok(await accept(bob, invitation), 201).id, added.id, 'an answer that was lost can be asked for again');
});

test('EX-42: an invitation that somebody else accepts is refused, and stays good for whom it is for', async () => {
  const { invitation } = await shareWith(people.contoso.carla, 'limitedRead');
  const wrong = await accept(bob, invitation);
  assert.deepEqual([wrong.status, wrong.body.code], [403, 'calendars.invalid-sharing-subscriber']);
  const added = ok(await accept(carla, invitation), 201);
  assert.equal(added.role, 'limitedRead');
  assert.doesNotMatch(JSON.stringify(ok(await view(carla, added.id))), /About|Doctor/);
  for (const [text, code] of [
    ['nonsense', 'calendars.invalid-sharing-data'],
    [`${people.fabrikam.id}.${'x'.repeat(43)}`, 'calendars.invalid-sharing-message'],
    [`${people.contoso.bob.id}.${'x'.repeat(43)}`, 'calendars.invalid-sharing-initiator'],
  ] as const)
    assert.deepEqual((await accept(bob, text)).body.code, code, text);
});

test('EX-34: Bob sees less from the moment on that the policy permits less', async () => {
  const [listed] = ok(await bob('GET', SHARED)).value;
  await setRules('contoso.example: CalendarSharingFreeBusySimple', 'Anonymous: CalendarSharingFreeBusySimple');
  const seen = ok(await view(bob, listed.id));
  assert.deepEqual(subjectsIn(seen), [null, null]);
  assert.equal(seen.calendar.role, 'freeBusyRead');
});

test('EX-35: a calendar that is shared no more says so, and is never merely empty', async () => {
  const [listed] = ok(await bob('GET', SHARED)).value;
  await setRules('Anonymous: CalendarSharingFreeBusySimple');
  const over = await view(bob, listed.id);
  assert.deepEqual([over.status, over.body.code], [403, 'calendars.sharing-ended']);
  const [after] = ok(await bob('GET', SHARED)).value;
  assert.equal(after.error, 'ErrorSharingSynchronizationFailed');
  assert.equal((await carla('DELETE', `${SHARED}/${listed.id}`)).status, 404);
  ok(await bob('DELETE', `${SHARED}/${listed.id}`), 204);
  assert.deepEqual(ok(await bob('GET', SHARED)).value, []);
});

test('an invitation ends with the share it is about, and after thirty days', async () => {
  await setRules('contoso.example: CalendarSharingFreeBusyReviewer', 'Anonymous: CalendarSharingFreeBusySimple');
  await eventually(async () => {
    const named = ok(await ann('GET', PERMISSIONS)).value;
    return !named.some((one: { isInsideOrganization: boolean }) => !one.isInsideOrganization);
  });
  const first = await shareWith(people.contoso.bob, 'read');
  ok(await ann('DELETE', `${PERMISSIONS}/${first.id}`), 204);
  assert.equal((await accept(bob, first.invitation)).body.code, 'calendars.invalid-sharing-message');
  const second = await shareWith(people.contoso.bob, 'read');
  people.app.clock.advance(31 * 86_400);
  assert.equal((await people.api(people.contoso.bob)('GET', SHARED)).status, 200);
  const late = await accept(people.api(people.contoso.bob), second.invitation);
  assert.equal(late.body.code, 'calendars.invalid-sharing-message');
  people.app.clock.advance(-31 * 86_400);
});

test('somebody without an organisation here gets an address at which the calendar is read', async () => {
  const { id } = await shareWith('kim@elsewhere.example', 'freeBusyRead');
  const url = /https?:\S+calendar\.ics/.exec(await letterTo('kim@elsewhere.example'))?.[0] ?? '';
  const read = () => fetch(`${people.app.origin}${new URL(url).pathname}`);
  const text = await (await read()).text();
  assert.match(text, /SUMMARY:Busy/);
  assert.doesNotMatch(text, /Budget|Doctor/);
  ok(await ann('DELETE', `${PERMISSIONS}/${id}`), 204);
  assert.equal((await read()).status, 404);
});

test('a colleague finds what was shared with them by name', async () => {
  ok(await ann('POST', PERMISSIONS, { emailAddress: { address: 'anders@fabrikam.example' }, role: 'write' }), 201);
  const [listed] = ok(await people.api(people.fabrikam.anders)('GET', SHARED)).value;
  assert.deepEqual([listed.isInside, listed.role, listed.ownerId], [true, 'write', people.fabrikam.ann.id]);
});

test('EX-48: a relationship does not raise what a share and the policy allow, and the reverse', async () => {
  ok(
    await ann('POST', '/admin/organization-relationships', {
      name: 'Contoso',
      domainNames: ['contoso.example'],
      freeBusy: { enabled: true, level: 'LimitedDetails' },
    }),
    201,
  );
  await setRules('contoso.example: CalendarSharingFreeBusySimple');
  const { invitation } = await shareWith(people.contoso.carla, 'freeBusyRead');
  const added = ok(await accept(carla, invitation), 201);
  assert.deepEqual(subjectsIn(ok(await view(carla, added.id))), [null, null]);
});

test('of somebody who is erased nothing is left: neither calendars of their own nor those of others they followed', async () => {
  const { id: contoso, bob: person } = people.contoso;
  await setRules('contoso.example: CalendarSharingFreeBusyReviewer');
  const named = ok(await ann('GET', PERMISSIONS)).value;
  const bobs = named.find((one: { emailAddress: { address: string | null } }) =>
    one.emailAddress.address?.startsWith('bob@'),
  );
  if (bobs) ok(await ann('DELETE', `${PERMISSIONS}/${bobs.id}`), 204);
  const { invitation } = await shareWith(person, 'read');
  ok(await accept(bob, invitation), 201);
  ok(await bob('POST', '/v1.0/me/calendars', { name: 'Bees' }), 201);
  const kept = () =>
    people.app.run({ tenantId: contoso, actor: { kind: 'system', name: 'test' } }, async (ctx) => ({
      followed: (await listSubscriptions(ctx, person.id)).length,
      own: (await listCalendars(ctx, { owners: [{ kind: 'account', id: person.id }] })).length,
      shares: (await listGrants(ctx, { kind: 'calendars.calendar' })).length,
    }));
  const before = await kept();
  assert.deepEqual([before.followed, before.own], [1, 2]);
  ok(await carla('DELETE', `/v1.0/users/${person.id}`), 204);
  assert.deepEqual([(await kept()).followed, (await kept()).own], [1, 2], 'who is only deleted can be restored');
  ok(await carla('DELETE', `/v1.0/directory/deletedItems/${person.id}`), 204);
  await eventually(async () => (await kept()).own === 0);
  const after = await kept();
  assert.equal(after.followed, 0);
  assert.ok(after.shares < before.shares);
  // What they were given elsewhere stays the giver's to end.
  assert.equal(ok(await ann('GET', PERMISSIONS)).value.length, named.length + (bobs ? 0 : 1));
});
