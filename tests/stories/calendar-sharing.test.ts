import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessPorts } from '../../src/app/access-ports.ts';
import type { CalendarId } from '../../src/calendars/model/calendar.ts';
import { calendarShare, contactsShare } from '../../src/calendars/usecases/asked.ts';
import { sweepEndedShares } from '../../src/calendars/usecases/links.ts';
import { holdCalendar } from '../../src/calendars/usecases/objects.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type ApiAnswer, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
});
after(() => people.app.close());

const PERMISSIONS = '/v1.0/me/calendar/calendarPermissions';
const POLICIES = '/admin/sharing-policies';

const share = (api: Api, address: string, role: string, path = PERMISSIONS) =>
  api('POST', path, { emailAddress: { address }, role });
const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const codeOf = (answer: ApiAnswer) => [answer.status, answer.body.error?.code];

async function standard(): Promise<{ id: string; rules: string[]; enabled: boolean }> {
  const { value } = ok(await ann('GET', POLICIES));
  const marked = value.filter((one: { isDefault: boolean }) => one.isDefault);
  assert.equal(marked.length, 1, 'exactly one is the default');
  return marked[0];
}

/** Sets the default policy, and waits until the server answers by it. */
async function setRules(rules: readonly string[], enabled = true): Promise<void> {
  const { id } = await standard();
  const changed = ok(await ann('PATCH', `${POLICIES}/${id}`, { rules, enabled }));
  await eventually(async () => JSON.stringify((await standard()).rules) === JSON.stringify(changed.rules));
}

const calendarOf = async (api: Api): Promise<CalendarId> => ok(await api('GET', '/v1.0/me/calendar')).id;

/** Reads in an organisation as somebody of another one. */
function visit<T>(there: string, visitor: Person, act: (ctx: Context) => Promise<T>): Promise<T> {
  const actor: Actor = {
    kind: 'visitor',
    homeTenantId: visitor.tenantId,
    address: visitor.userPrincipalName,
    displayName: visitor.userPrincipalName,
  };
  return people.app.run({ tenantId: there as never, actor, readOnly: true }, act);
}
const roleOf = async (id: CalendarId, visitor: Person) => {
  try {
    return (await visit(people.fabrikam.id, visitor, (ctx) => holdCalendar(ctx, id, 'freeBusyRead'))).role;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return 'none';
    throw error;
  }
};

test('EX-26: there is one default policy from the first day, and the mark moves in one step', async () => {
  const first = await standard();
  assert.deepEqual([first.rules, first.enabled], [['*: CalendarSharingFreeBusySimple'], true]);
  assert.equal((await ann('DELETE', `${POLICIES}/${first.id}`)).status, 409);
  const other = ok(
    await ann('POST', POLICIES, { name: 'Partners', rules: ['contoso.example:ContactsSharing'], isDefault: true }),
    201,
  );
  await eventually(async () => (await standard()).id === other.id);
  const { value } = ok(await ann('GET', POLICIES));
  assert.deepEqual(
    value.map((one: { name: string; isDefault: boolean }) => [one.name, one.isDefault]),
    [
      ['Default Sharing Policy', false],
      ['Partners', true],
    ],
  );
  ok(await ann('PATCH', `${POLICIES}/${first.id}`, { isDefault: true }));
  await eventually(async () => (await standard()).id === first.id);
  assert.equal((await ann('DELETE', `${POLICIES}/${other.id}`)).status, 204);
});

test('EX-27: a rule is normalised; an unknown action and a domain with two rules are refused', async () => {
  const create = (rules: string[]) => ann('POST', POLICIES, { name: `Of ${rules[0]}`.slice(0, 60), rules });
  const made = ok(await create([' Contoso.Example :contactssharing ']), 201);
  assert.deepEqual(made.rules, ['contoso.example: ContactsSharing']);
  const unknown = await create(['contoso.example: CalendarSharingAll']);
  assert.equal(unknown.status, 400);
  assert.match(JSON.stringify(unknown.body), /CalendarSharingAll/);
  assert.equal((await create(['a.example: ContactsSharing', 'A.example: ContactsSharing'])).status, 400);
  assert.equal((await anders('GET', POLICIES)).status, 403);
  const etag = made['@odata.etag'];
  ok(await ann('PATCH', `${POLICIES}/${made.id}`, { enabled: false }, { 'if-match': etag }));
  assert.equal((await ann('PATCH', `${POLICIES}/${made.id}`, { enabled: true }, { 'if-match': etag })).status, 412);
});

test('EX-28, EX-29, EX-30, EX-31: the policy says with whom and how much is shared', async () => {
  await setRules(['contoso.example: CalendarSharingFreeBusySimple']);
  assert.deepEqual(codeOf(await share(ann, 'x@sub.contoso.example', 'freeBusyRead')), [
    403,
    'ErrorUserNotAllowedByPolicy',
  ]);
  assert.deepEqual(codeOf(await share(ann, 'tom@tailspin.example', 'freeBusyRead')), [
    403,
    'ErrorUserNotAllowedByPolicy',
  ]);
  const tooMuch = await share(ann, 'bob@contoso.example', 'limitedRead');
  assert.deepEqual(codeOf(tooMuch), [400, 'ErrorPermissionNotAllowedByPolicy']);
  assert.match(JSON.stringify(tooMuch.body), /"allowedRoles":\["freeBusyRead"\]/);
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer']);
  for (const role of ['write', 'delegateWithPrivateEventAccess'])
    assert.deepEqual(codeOf(await share(ann, 'bob@contoso.example', role)), [400, 'ErrorPermissionNotAllowedByPolicy']);
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer'], false);
  const off = await share(ann, 'bob@contoso.example', 'freeBusyRead');
  assert.deepEqual(codeOf(off), [403, 'ErrorNotAllowedExternalSharingByPolicy']);
  ok(await share(ann, 'anders@fabrikam.example', 'write'), 201);
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer']);
});

test('EX-32, EX-33: a policy of its own overrides the default of a mailbox, and stays while it is assigned', async () => {
  const own = ok(await ann('POST', POLICIES, { name: 'Tight', rules: ['tailspin.example: ContactsSharing'] }), 201);
  ok(await ann('PUT', `${POLICIES}/${own.id}/assignments`, { filter: "startswith(userPrincipalName,'anders')" }));
  assert.deepEqual(codeOf(await share(anders, 'bob@contoso.example', 'read')), [403, 'ErrorUserNotAllowedByPolicy']);
  const kept = await ann('DELETE', `${POLICIES}/${own.id}`);
  assert.equal(kept.status, 409);
  assert.match(JSON.stringify(kept.body), /1 mailbox/);
  ok(await ann('DELETE', `${POLICIES}/${own.id}/assignments`));
  ok(await share(anders, 'bob@contoso.example', 'read'), 201);
  assert.equal((await ann('DELETE', `${POLICIES}/${own.id}`)).status, 204);
});

test('EX-34, EX-36: a tightened policy counts at once; then the job lowers what the dry run named', async () => {
  const id = await calendarOf(ann);
  const { id: permission } = ok(await share(ann, 'bob@contoso.example', 'read'), 201);
  assert.equal(await roleOf(id, people.contoso.bob), 'read');
  assert.equal(await roleOf(id, people.contoso.carla), 'none');
  const policy = (await standard()).id;
  const tighter = { rules: ['contoso.example: CalendarSharingFreeBusySimple'] };
  const dry = ok(await ann('POST', `${POLICIES}/dry-run`, { id: policy, ...tighter })).value;
  assert.deepEqual(
    dry.map((one: { from: string; to: string }) => [one.from, one.to]),
    [
      ['read', 'freeBusyRead'],
      ['read', 'freeBusyRead'],
    ],
  );
  assert.equal(await roleOf(id, people.contoso.bob), 'read', 'a dry run changes nothing');
  await setRules(tighter.rules);
  assert.equal(await roleOf(id, people.contoso.bob), 'freeBusyRead');
  await eventually(async () => ok(await ann('GET', `${PERMISSIONS}/${permission}`)).role === 'freeBusyRead');
  assert.deepEqual(ok(await ann('GET', `${PERMISSIONS}/${permission}`)).allowedRoles, ['freeBusyRead']);
  const wider = await ann('PATCH', `${PERMISSIONS}/${permission}`, { role: 'read' });
  assert.equal(wider.status, 400, JSON.stringify(wider.body));
  const why = ok(await ann('GET', `/admin/decisions/${wider.body.error.innerError.decisionId}`));
  assert.deepEqual([why.refusal.wanted, why.now.explanation.level], ['read', 'freeBusyRead']);
  assert.ok(dry.some((one: { grantId: string }) => one.grantId === permission));
  const sent = ok(await ann('GET', '/admin/mail')).value;
  const told = sent.filter((mail: { kind: string }) => mail.kind === 'sharing-policy');
  assert.equal(told.length, 2, 'each owner is told once');
});

test('EX-35: without its domain a share is closed at once and then gone; loosening restores nothing', async () => {
  const id = await calendarOf(ann);
  await setRules(['tailspin.example: CalendarSharingFreeBusyReviewer']);
  assert.equal(await roleOf(id, people.contoso.bob), 'none');
  const outside = async () =>
    ok(await ann('GET', PERMISSIONS)).value.filter(
      (one: { isInsideOrganization: boolean }) => !one.isInsideOrganization,
    );
  await eventually(async () => (await outside()).length === 0);
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer']);
  assert.equal(await roleOf(id, people.contoso.bob), 'none');
});

test('EX-37: only the role is changed, and only to one that is allowed', async () => {
  const { id } = ok(await share(ann, 'bob@contoso.example', 'freeBusyRead'), 201);
  const patch = (body: unknown) => ann('PATCH', `${PERMISSIONS}/${id}`, body);
  assert.equal((await patch({ emailAddress: { address: 'carla@contoso.example' } })).status, 400);
  assert.equal((await patch({ allowedRoles: ['write'] })).status, 400);
  assert.equal((await patch({ role: 'write' })).status, 400);
  assert.equal((await patch({ role: 'none' })).status, 400);
  assert.equal(ok(await patch({ role: 'limitedRead' })).role, 'limitedRead');
  assert.equal((await share(ann, 'BOB@contoso.example', 'read')).status, 409);
  assert.equal((await ann('DELETE', `${PERMISSIONS}/${id}`)).status, 204);
  assert.equal((await ann('GET', `${PERMISSIONS}/${id}`)).status, 404);
});

test('EX-38: who is shared with is told of nobody; who sees nothing finds no calendar', async () => {
  const path = `/v1.0/users/${people.fabrikam.ann.id}/calendar/calendarPermissions`;
  assert.deepEqual(ok(await anders('GET', path)).value, []);
  assert.equal((await share(anders, 'bob@contoso.example', 'read', path)).status, 403);
  const his = `/v1.0/users/${people.fabrikam.anders.id}/calendar/calendarPermissions`;
  const { id } = ok(await share(ann, 'carla@contoso.example', 'freeBusyRead', his), 201);
  ok(await ann('DELETE', `${his}/${id}`), 204);
  assert.equal((await people.api(people.contoso.bob)('GET', path)).status, 404);
});

test('EX-39: "My Organization" stays, and set to none it hides the calendar from everybody', async () => {
  const [everybody] = ok(await anders('GET', PERMISSIONS)).value;
  assert.deepEqual(
    [everybody.emailAddress, everybody.role, everybody.isRemovable, everybody.isInsideOrganization],
    [{ name: 'My Organization' }, 'freeBusyRead', false, true],
  );
  assert.deepEqual(everybody.allowedRoles, ['none', 'freeBusyRead', 'limitedRead', 'read', 'write']);
  const path = `${PERMISSIONS}/${encodeURIComponent(everybody.id)}`;
  assert.equal((await anders('DELETE', path)).status, 400);
  assert.equal(ok(await anders('PATCH', path, { role: 'none' })).role, 'none');
  const his = `/v1.0/users/${people.fabrikam.anders.id}/calendar`;
  assert.equal((await ann('GET', his)).status, 404);
  const lookup = ok(
    await ann('POST', '/v1.0/me/calendar/getSchedule', {
      schedules: ['anders@fabrikam.example'],
      startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
      endTime: { dateTime: '2026-05-05T00:00:00', timeZone: 'UTC' },
    }),
  );
  assert.equal(lookup.value[0].error?.responseCode, 'ErrorNoFreeBusyAccess');
  assert.equal(ok(await anders('PATCH', path, { role: 'limitedRead' })).role, 'limitedRead');
  assert.equal((await ann('GET', his)).status, 200);
});

test('EX-41: delegates are named on the primary calendar alone', async () => {
  const { id } = ok(await ann('POST', '/v1.0/me/calendars', { name: 'Second' }), 201);
  const path = `/v1.0/me/calendars/${id}/calendarPermissions`;
  assert.equal((await share(ann, 'anders@fabrikam.example', 'delegateWithPrivateEventAccess', path)).status, 400);
  ok(await share(ann, 'anders@fabrikam.example', 'write', path), 201);
  const [, first] = ok(await ann('GET', PERMISSIONS)).value;
  assert.ok(first.allowedRoles.includes('delegateWithPrivateEventAccess'));
  assert.equal((await share(ann, 'nobody@fabrikam.example', 'read', path)).status, 400);
});

test('a share ends by itself at the moment that was said', async () => {
  const body = { emailAddress: { address: 'carla@contoso.example' }, role: 'read' };
  const past = { ...body, endDateTime: new Date(people.app.clock.now.getTime() - 1_000).toISOString() };
  assert.equal((await ann('POST', PERMISSIONS, past)).status, 400);
  ok(
    await ann('POST', PERMISSIONS, {
      ...body,
      endDateTime: new Date(people.app.clock.now.getTime() + 60_000).toISOString(),
    }),
    201,
  );
  const id = await calendarOf(ann);
  assert.equal(await roleOf(id, people.contoso.carla), 'read');
  people.app.clock.advance(61);
  assert.equal(await roleOf(id, people.contoso.carla), 'none');
});

test('EX-40: a private event is busy time to who reads and to who writes, and whole to a delegate who may see it', async () => {
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer']);
  const day = people.app.clock.now.toISOString().slice(0, 10);
  const time = (hour: string) => ({ dateTime: `${day}T${hour}:00:00`, timeZone: 'UTC' });
  const secret = { subject: 'Doctor', sensitivity: 'private', start: time('09'), end: time('10') };
  ok(await ann('POST', '/v1.0/me/events', secret), 201);
  const named = ok(await ann('GET', PERMISSIONS)).value.find(
    (one: { emailAddress: { address?: string } }) => one.emailAddress.address === 'anders@fabrikam.example',
  );
  const path = `/v1.0/users/${people.fabrikam.ann.id}/calendar/calendarView?startDateTime=${day}T00:00:00Z&endDateTime=${day}T23:59:59Z`;
  const seenAs = async (role: string) => {
    ok(await ann('PATCH', `${PERMISSIONS}/${named.id}`, { role }));
    const [event] = ok(await anders('GET', path)).value;
    return [event.subject, event.showAs];
  };
  assert.deepEqual(await seenAs('read'), [null, 'busy']);
  assert.deepEqual(await seenAs('write'), [null, 'busy']);
  assert.deepEqual(await seenAs('delegateWithoutPrivateEventAccess'), [null, 'busy']);
  assert.deepEqual(await seenAs('delegateWithPrivateEventAccess'), ['Doctor', 'busy']);
});

test('EX-47: contacts and calendars are permitted apart', async () => {
  const asked = async () => {
    const actor = await people.app.run(
      { tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } },
      (ctx) => accessPorts.actorOf(ctx, people.fabrikam.ann.id),
    );
    return people.app.run({ tenantId: people.fabrikam.id, actor: actor as Actor }, async (ctx) => ({
      contacts: (await ctx.ask(contactsShare, { address: 'tom@tailspin.example' })).level,
      allowed: (await ctx.ask(calendarShare, { calendarId: await calendarOf(ann), address: 'tom@tailspin.example' }))
        .level,
    }));
  };
  await setRules(['tailspin.example: ContactsSharing']);
  assert.deepEqual(await asked(), { contacts: 'share', allowed: 'none' });
  assert.deepEqual(codeOf(await share(ann, 'tom@tailspin.example', 'freeBusyRead')), [
    403,
    'ErrorUserNotAllowedByPolicy',
  ]);
  await setRules(['tailspin.example: CalendarSharingFreeBusyDetail']);
  assert.deepEqual(await asked(), { contacts: 'none', allowed: 'limitedRead' });
});

test('a share that has ended is swept up, and the audit says so', async () => {
  const body = { emailAddress: { address: 'tom@tailspin.example' }, role: 'freeBusyRead' };
  const end = new Date(people.app.clock.now.getTime() + 60_000).toISOString();
  ok(await ann('POST', PERMISSIONS, { ...body, endDateTime: end }), 201);
  people.app.clock.advance(61);
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, sweepEndedShares);
  const { value } = ok(await ann('GET', '/admin/audit/events?action=calendars.permission-removed&limit=50'));
  assert.ok(value.some((event: { reason: string }) => event.reason === 'The share has ended.'));
  ok(await ann('POST', PERMISSIONS, body), 201);
});

test("somebody outside is written to when a share ends, and not when an administrator ends it in the owner's place", async () => {
  await setRules(['tailspin.example: CalendarSharingFreeBusyDetail']);
  const lettersTo = async (address: string) =>
    (
      await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
        listOutgoingMails(ctx, { limit: 1000 }),
      )
    ).filter(({ kind, to }) => kind === 'calendar-share-over' && to.address === address);
  const once = async (address: string, end: (id: string) => Promise<unknown>, path?: string) => {
    const { id } = ok(await share(anders, address, 'freeBusyRead', path), 201);
    assert.equal((await lettersTo(address)).length, 0);
    await end(id);
    return lettersTo(address);
  };
  const [letter, ...more] = await once('one@tailspin.example', async (id) =>
    ok(await anders('DELETE', `${PERMISSIONS}/${id}`), 204),
  );
  assert.deepEqual(more, []);
  assert.match(letter?.subject ?? '', /no longer shares a calendar with you/);
  assert.equal(letter?.replyTo, 'anders@fabrikam.example');
  // By an administrator.
  const theirs = `/v1.0/users/${people.fabrikam.anders.id}/calendar/calendarPermissions`;
  assert.deepEqual(
    await once('two@tailspin.example', async (id) => ok(await ann('DELETE', `${theirs}/${id}`), 204)),
    [],
  );
  // With the calendar.
  const { id: bees } = ok(await anders('POST', '/v1.0/me/calendars', { name: 'Bees' }), 201);
  const path = `/v1.0/me/calendars/${bees}`;
  const gone = await once(
    'three@tailspin.example',
    async () => ok(await anders('DELETE', path), 204),
    `${path}/calendarPermissions`,
  );
  assert.match(gone[0]?.text ?? '', /the calendar “Bees” with you/);
  // By the policy, and by its end.
  const four = await once('four@tailspin.example', async () => {
    await setRules([]);
    await eventually(async () => (await lettersTo('four@tailspin.example')).length > 0);
  });
  assert.equal(four.length, 1);
  await setRules(['tailspin.example: CalendarSharingFreeBusyDetail']);
  const body = { emailAddress: { address: 'five@tailspin.example' }, role: 'freeBusyRead' };
  const endDateTime = new Date(people.app.clock.now.getTime() + 60_000).toISOString();
  ok(await anders('POST', PERMISSIONS, { ...body, endDateTime }), 201);
  people.app.clock.advance(61);
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, sweepEndedShares);
  assert.equal((await lettersTo('five@tailspin.example')).length, 1);
});

test('capabilities cap what the policy permits, for one organisation, for all, and for the world (exchange §1.7)', async () => {
  await setRules(['*: CalendarSharingFreeBusyReviewer', 'Anonymous: CalendarSharingFreeBusyReviewer']);
  const root = '/v1.0/policies/crossTenantAccessPolicy';
  const forAll = `${root}/default/m365Capabilities`;
  const forTailspin = `${root}/partners/${people.tailspin.id}/m365Capabilities`;
  ok(await ann('POST', `${root}/partners`, { tenantId: people.tailspin.id }), 201);
  const everybody = { included: [{ resourceId: 'All', resourceType: 'user' }] };
  const capability = (name: string, isAllowed: boolean, resourceScopes: object = everybody) => ({
    name,
    inboundAccess: { isAllowed, resourceScopes },
  });
  const set = async (path: string, ...given: Parameters<typeof capability>) =>
    ok(await ann('POST', path, capability(...given)), 201);
  const calendarId = await calendarOf(anders);
  const { tom } = people.tailspin;
  const allowed = async (address: string | undefined, isPublic = false) =>
    people.app.run(
      { tenantId: people.fabrikam.id, actor: await actorOf(people.fabrikam.anders) },
      async (ctx) => (await ctx.ask(calendarShare, { calendarId, ...(address ? { address } : {}), isPublic })).level,
    );
  const asked = async () => [
    await allowed('tom@tailspin.example'),
    await allowed('bob@contoso.example'),
    await allowed('kim@elsewhere.example'),
  ];
  assert.deepEqual(await asked(), ['read', 'read', 'read'], 'where nothing is said, the policy alone decides');
  const { id } = ok(await share(anders, 'tom@tailspin.example', 'read'), 201);

  await set(forAll, 'crossTenantCalendarSharingFreeBusySimple', true);
  assert.deepEqual(await asked(), ['freeBusyRead', 'freeBusyRead', 'read']);
  assert.equal(await roleOf(calendarId, tom), 'freeBusyRead', 'the very next read tells less');
  assert.deepEqual(codeOf(await share(anders, 'tim@tailspin.example', 'limitedRead')), [
    400,
    'ErrorPermissionNotAllowedByPolicy',
  ]);
  await eventually(async () => {
    const { value } = ok(await anders('GET', PERMISSIONS));
    return value.find((one: { id: string }) => one.id === id)?.role === 'freeBusyRead';
  });

  await set(forTailspin, 'crossTenantCalendarSharingFreeBusyDetail', true);
  assert.deepEqual(await asked(), ['limitedRead', 'freeBusyRead', 'read']);
  await set(forTailspin, 'crossTenantCalendarSharingFreeBusyDetail', true, {
    ...everybody,
    excluded: [{ resourceId: people.fabrikam.anders.id, resourceType: 'user' }],
  });
  assert.deepEqual(await asked(), ['freeBusyRead', 'freeBusyRead', 'read'], 'who is left out has what everybody has');
  await set(forTailspin, 'crossTenantCalendarSharingFreeBusySimple', false);
  assert.deepEqual(await asked(), ['none', 'freeBusyRead', 'read']);
  assert.deepEqual(codeOf(await share(anders, 'tim@tailspin.example', 'freeBusyRead')), [
    403,
    'ErrorUserNotAllowedByPolicy',
  ]);
  assert.equal(await roleOf(calendarId, tom), 'none');

  await set(forAll, 'anonymousCalendarSharingFreeBusyReviewer', false);
  assert.deepEqual(
    [await allowed('kim@elsewhere.example'), await allowed(undefined, true)],
    ['limitedRead', 'limitedRead'],
  );
  // A capability raises nothing above the policy.
  await setRules(['*: CalendarSharingFreeBusySimple']);
  await set(forAll, 'crossTenantCalendarSharingFreeBusyReviewer', true);
  assert.deepEqual((await asked())[1], 'freeBusyRead');
  for (const [path, names] of [
    [
      forAll,
      [
        'crossTenantCalendarSharingFreeBusySimple',
        'crossTenantCalendarSharingFreeBusyReviewer',
        'anonymousCalendarSharingFreeBusyReviewer',
      ],
    ],
    [forTailspin, ['crossTenantCalendarSharingFreeBusyDetail', 'crossTenantCalendarSharingFreeBusySimple']],
  ] as const) {
    for (const name of names) ok(await ann('DELETE', `${path}/${name}`), 204);
  }
});

const actorOf = async ({ id, tenantId }: Person): Promise<Actor> =>
  (await people.app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    accessPorts.actorOf(ctx, id),
  )) as Actor;

test('a group at home is shared with like a person, but is no delegate', async () => {
  const { id } = ok(
    await ann('POST', '/v1.0/groups', {
      displayName: 'Planners',
      mailNickname: 'planners',
      mailEnabled: true,
      securityEnabled: false,
      groupTypes: ['Unified'],
      'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${people.fabrikam.anders.id}`],
    }),
    201,
  );
  const { mail } = ok(await ann('GET', `/v1.0/groups/${id}`));
  assert.ok(mail, 'it has an address');
  const { id: second } = ok(await ann('POST', '/v1.0/me/calendars', { name: 'Plans' }), 201);
  const path = `/v1.0/me/calendars/${second}/calendarPermissions`;
  assert.equal((await share(ann, mail, 'delegateWithPrivateEventAccess')).status, 400);
  assert.equal((await anders('GET', `/v1.0/users/${people.fabrikam.ann.id}/calendars/${second}`)).status, 404);
  ok(await share(ann, mail, 'write', path), 201);
  assert.equal(ok(await anders('GET', `/v1.0/users/${people.fabrikam.ann.id}/calendars/${second}`)).canEdit, true);
});

test('the few switches edit the default policy', async () => {
  const patch = (body: unknown) => ann('PATCH', '/admin/calendar-sharing', body);
  await setRules(['contoso.example: CalendarSharingFreeBusyReviewer', '*: CalendarSharingFreeBusySimple']);
  assert.equal((await anders('PATCH', '/admin/calendar-sharing', { anonymousLinks: true })).status, 403);
  ok(await patch({ anonymousLinks: true, level: 'limitedRead' }));
  assert.deepEqual((await standard()).rules, [
    'contoso.example: CalendarSharingFreeBusyReviewer',
    '*: CalendarSharingFreeBusyDetail',
    'Anonymous: CalendarSharingFreeBusyDetail',
  ]);
  const off = ok(await patch({ externalSharing: false }));
  assert.deepEqual([off.externalSharing, off.anonymousLinks], [false, false]);
  assert.equal((await standard()).enabled, false);
});
