import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { changeSubscription, planId, skuId } from '../../src/tenants/index.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let anders: Api;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  anders = people.api(people.fabrikam.anders);
});
after(() => people.app.close());

const ref = (id: string) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
let made = 0;
async function aUser(extra: object = {}) {
  made += 1;
  const name = `user${made}`;
  const answer = await ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: `User ${made}`,
    mailNickname: name,
    userPrincipalName: `${name}@fabrikam.example`,
    passwordProfile: { password: 'seven green apples ripen', forceChangePasswordNextSignIn: false },
    ...extra,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}
async function aGroup(extra: object = {}) {
  made += 1;
  const answer = await ann('POST', '/v1.0/groups', {
    displayName: `Group ${made}`,
    mailNickname: `group${made}`,
    mailEnabled: false,
    securityEnabled: true,
    ...extra,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

test('a person reads and changes themselves as "me"', async () => {
  const me = await anders('GET', '/v1.0/me?$select=id,userPrincipalName,userType');
  assert.equal(me.status, 200);
  assert.equal(me.body.id, people.fabrikam.anders.id);
  assert.equal(me.body.userPrincipalName, 'anders@fabrikam.example');
  assert.equal(me.body.displayName, undefined);
  assert.equal((await anders('PATCH', '/v1.0/me', { mobilePhone: '+46 70 1' })).status, 204);
  assert.equal((await anders('GET', '/v1.0/me')).body.mobilePhone, '+46 70 1');
  const refused = await anders('PATCH', '/v1.0/me', { accountEnabled: false });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error.code, 'accessDenied');
});

test('an administrator creates, finds, changes and deletes a person', async () => {
  const user = await aUser({ mail: 'first.last@fabrikam.example', usageLocation: 'se' });
  assert.equal(user.usageLocation, 'SE');
  const byName = await ann('GET', `/v1.0/users/${user.userPrincipalName}`);
  assert.equal(byName.body.id, user.id);
  assert.equal(byName.headers.get('etag'), byName.body['@odata.etag']);
  assert.equal((await ann('PATCH', `/v1.0/users/${user.id}`, { jobTitle: 'Pilot' })).status, 204);
  assert.equal((await ann('GET', `/v1.0/users/${user.id}`)).body.jobTitle, 'Pilot');
  assert.equal((await ann('DELETE', `/v1.0/users/${user.id}`)).status, 204);
  assert.equal((await ann('GET', `/v1.0/users/${user.id}`)).status, 404);
  const deleted = await ann('GET', '/v1.0/directory/deletedItems/microsoft.graph.user');
  assert.ok(deleted.body.value.some((one: { id: string }) => one.id === user.id));
  const restored = await ann('POST', `/v1.0/directory/deletedItems/${user.id}/restore`);
  assert.equal(restored.body['@odata.type'], '#microsoft.graph.user');
  assert.equal((await ann('GET', `/v1.0/users/${user.id}`)).body.mail, 'first.last@fabrikam.example');
});

test('XC-7: a person under a domain that is not ours is refused, and nothing is created', async () => {
  const before = (await ann('GET', '/v1.0/users/$count')).body;
  const answer = await ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: 'Eve',
    mailNickname: 'eve',
    userPrincipalName: 'eve@contoso.example',
    passwordProfile: { password: 'seven green apples ripen' },
  });
  assert.equal(answer.status, 400);
  assert.equal((await ann('GET', '/v1.0/users/$count')).body, before);
});

test('a person with a weak password is not created', async () => {
  const answer = await ann('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: 'Weak',
    mailNickname: 'weak',
    userPrincipalName: 'weak@fabrikam.example',
    passwordProfile: { password: 'password' },
  });
  assert.equal(answer.status, 400);
  assert.equal((await ann('GET', '/v1.0/users/weak@fabrikam.example')).status, 404);
});

test('a change of an older copy is refused', async () => {
  const user = await aUser();
  const etag = user['@odata.etag'];
  const first = await ann('PATCH', `/v1.0/users/${user.id}`, { city: 'Lund' }, { 'if-match': etag });
  assert.equal(first.status, 204);
  const second = await ann('PATCH', `/v1.0/users/${user.id}`, { city: 'Oslo' }, { 'if-match': etag });
  assert.equal(second.status, 412);
  assert.equal((await ann('GET', `/v1.0/users/${user.id}`)).body.city, 'Lund');
});

test('people are filtered, searched, sorted, counted and paged', async () => {
  for (const n of [1, 2, 3, 4, 5]) await aUser({ displayName: `Paged ${n}`, department: n % 2 ? 'Odd' : 'Even' });
  const filter = encodeURIComponent("startswith(displayName,'paged') and department eq 'Odd'");
  const odd = await ann('GET', `/v1.0/users?$filter=${filter}&$count=true`, undefined, {
    consistencylevel: 'eventual',
  });
  assert.equal(odd.body['@odata.count'], 3);
  const found = await ann('GET', `/v1.0/users?$search=${encodeURIComponent('"displayName:paged 4"')}`);
  assert.deepEqual(
    found.body.value.map((one: { displayName: string }) => one.displayName),
    ['Paged 4'],
  );
  const seen: string[] = [];
  let next: string | undefined =
    `/v1.0/users?$filter=${encodeURIComponent("startswith(displayName,'Paged')")}&$orderby=displayName desc&$top=2&$select=displayName`;
  let pages = 0;
  while (next) {
    const page: { body: { value: { displayName: string }[]; '@odata.nextLink'?: string } } = await ann('GET', next);
    seen.push(...page.body.value.map((one) => one.displayName));
    next = page.body['@odata.nextLink'];
    pages += 1;
  }
  assert.deepEqual(seen, ['Paged 5', 'Paged 4', 'Paged 3', 'Paged 2', 'Paged 1']);
  assert.equal(pages, 3);
});

test('an option that cannot be understood is the caller to mend', async () => {
  for (const option of [
    '$filter=nonsense',
    '$filter=secret eq 1',
    '$orderby=identities',
    '$skiptoken=abc',
    '$top=-1',
  ]) {
    const answer = await ann('GET', `/v1.0/users?${option}`);
    assert.equal(answer.status, 400, option);
    assert.equal(answer.body.error.code, 'invalidRequest');
  }
});

test('a page of one question cannot be asked for with the token of another', async () => {
  for (const n of [1, 2, 3]) await aUser({ displayName: `Token ${n}` });
  const page = await ann('GET', '/v1.0/users?$top=1');
  const token = new URL(page.body['@odata.nextLink']).searchParams.get('$skiptoken');
  const other = await ann('GET', `/v1.0/groups?$top=1&$skiptoken=${token}`);
  assert.equal(other.status, 400);
});

test('a group is made with members, and its members are told with their kind', async () => {
  const [one, two] = [await aUser(), await aUser()];
  const inner = await aGroup();
  const group = await aGroup({ 'members@odata.bind': [ref(one.id)['@odata.id']] });
  assert.equal((await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(inner.id))).status, 204);
  assert.equal((await ann('POST', `/v1.0/groups/${inner.id}/members/$ref`, ref(two.id))).status, 204);
  const direct = await ann('GET', `/v1.0/groups/${group.id}/members`);
  assert.deepEqual(
    direct.body.value.map((member: Record<string, string>) => [member['@odata.type'], member.id]).sort(),
    [
      ['#microsoft.graph.group', inner.id],
      ['#microsoft.graph.user', one.id],
    ].sort(),
  );
  const users = await ann('GET', `/v1.0/groups/${group.id}/transitiveMembers/microsoft.graph.user?$select=id`);
  assert.deepEqual(new Set(users.body.value.map((member: { id: string }) => member.id)), new Set([one.id, two.id]));
  const above = await ann('GET', `/v1.0/users/${two.id}/transitiveMemberOf`);
  assert.deepEqual(new Set(above.body.value.map((member: { id: string }) => member.id)), new Set([group.id, inner.id]));
  assert.equal((await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(one.id))).status, 400);
  assert.equal((await ann('DELETE', `/v1.0/groups/${group.id}/members/${one.id}/$ref`)).status, 204);
  assert.equal((await ann('DELETE', `/v1.0/groups/${group.id}/members/${one.id}/$ref`)).status, 404);
  const expanded = await ann('GET', `/v1.0/groups/${group.id}?$expand=members($select=id)`);
  assert.deepEqual(
    expanded.body.members.map((member: { id: string }) => member.id),
    [inner.id],
  );
});

test('a shared group has an address of its own and an owner', async () => {
  const group = await aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false });
  assert.equal(group.mail, `${group.mailNickname}@fabrikam.example`);
  const owners = await ann('GET', `/v1.0/groups/${group.id}/owners`);
  assert.deepEqual(
    owners.body.value.map((owner: { id: string }) => owner.id),
    [people.fabrikam.ann.id],
  );
  const filter = encodeURIComponent("groupTypes/any(c:c eq 'Unified')");
  const shared = await ann('GET', `/v1.0/groups?$filter=${filter}`);
  assert.ok(shared.body.value.some((one: { id: string }) => one.id === group.id));
});

test('roles are given and taken, by id and by template key; IS-11 keeps the last administrator', async () => {
  const user = await aUser();
  const template = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
  const byKey = `/v1.0/directoryRoles(roleTemplateId='${template}')`;
  assert.equal((await ann('GET', byKey)).body.displayName, 'User Administrator');
  assert.equal((await ann('POST', `${byKey}/members/$ref`, ref(user.id))).status, 204);
  const members = await ann('GET', `/v1.0/directoryRoles/${template}/members`);
  assert.deepEqual(
    members.body.value.map((one: { id: string }) => one.id),
    [user.id],
  );
  const filter = encodeURIComponent(`principalId eq '${user.id}'`);
  const assignments = await ann('GET', `/v1.0/roleManagement/directory/roleAssignments?$filter=${filter}`);
  assert.equal(assignments.body.value.length, 1);
  const [assignment] = assignments.body.value;
  assert.equal(assignment.roleDefinitionId, template);
  assert.equal((await ann('DELETE', `/v1.0/roleManagement/directory/roleAssignments/${assignment.id}`)).status, 204);
  assert.equal((await anders('POST', `${byKey}/members/$ref`, ref(user.id))).status, 403);

  const global = '62e90394-69f5-4237-9190-012177145e10';
  const last = await ann('DELETE', `/v1.0/directoryRoles/${global}/members/${people.fabrikam.ann.id}/$ref`);
  assert.equal(last.status, 409);
});

test('a disabled person is turned away with the token they hold', async () => {
  const user = await aUser();
  const person = { id: user.id, tenantId: people.fabrikam.id, userPrincipalName: user.userPrincipalName };
  const theirs = people.api(person);
  assert.equal((await theirs('GET', '/v1.0/me')).status, 200);
  assert.equal((await ann('PATCH', `/v1.0/users/${user.id}`, { accountEnabled: false })).status, 204);
  await eventually(async () => (await theirs('GET', '/v1.0/me')).status === 401);
});

test('manager, direct reports and sponsors', async () => {
  const [boss, worker] = [await aUser(), await aUser()];
  assert.equal((await ann('GET', `/v1.0/users/${worker.id}/manager`)).status, 404);
  assert.equal((await ann('PUT', `/v1.0/users/${worker.id}/manager/$ref`, ref(boss.id))).status, 204);
  assert.equal((await ann('GET', `/v1.0/users/${worker.id}/manager`)).body.id, boss.id);
  const reports = await ann('GET', `/v1.0/users/${boss.id}/directReports`);
  assert.deepEqual(
    reports.body.value.map((one: { id: string }) => one.id),
    [worker.id],
  );
  assert.equal((await ann('POST', `/v1.0/users/${worker.id}/sponsors/$ref`, ref(boss.id))).status, 204);
  assert.equal((await ann('GET', `/v1.0/users/${worker.id}/sponsors`)).body.value.length, 1);
  assert.equal((await ann('DELETE', `/v1.0/users/${worker.id}/sponsors/${boss.id}/$ref`)).status, 204);
});

test('a contact has an address that nobody else can take', async () => {
  const contact = await ann('POST', '/v1.0/contacts', { displayName: 'Supplier', mail: 'info@supplier.example' });
  assert.equal(contact.status, 201);
  const twice = await ann('POST', '/v1.0/contacts', { displayName: 'Again', mail: 'INFO@supplier.example' });
  assert.equal(twice.status, 409);
  const group = await aGroup();
  assert.equal((await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(contact.body.id))).status, 204);
  const members = await ann('GET', `/v1.0/groups/${group.id}/members`);
  assert.equal(members.body.value[0]['@odata.type'], '#microsoft.graph.orgContact');
  assert.equal((await ann('DELETE', `/v1.0/contacts/${contact.body.id}`)).status, 204);
  assert.equal((await ann('GET', `/v1.0/groups/${group.id}/members`)).body.value.length, 0);
});

test('a contact tells which groups it is in, directly and through others', async () => {
  const contact = await ann('POST', '/v1.0/contacts', { displayName: 'Courier', mail: 'hello@courier.example' });
  const [inner, outer] = [await aGroup(), await aGroup()];
  await ann('POST', `/v1.0/groups/${inner.id}/members/$ref`, ref(contact.body.id));
  await ann('POST', `/v1.0/groups/${outer.id}/members/$ref`, ref(inner.id));
  const idsOf = async (path: string) => {
    const { status, body } = await ann('GET', `/v1.0/contacts/${contact.body.id}/${path}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.value.map((one: { id: string }) => one.id).sort();
  };
  assert.deepEqual(await idsOf('memberOf'), [inner.id]);
  assert.deepEqual(await idsOf('transitiveMemberOf'), [inner.id, outer.id].sort());
  assert.equal((await ann('GET', `/v1.0/contacts/${inner.id}/memberOf`)).status, 404);
});

test('a licence is given and shown', async () => {
  const user = await aUser({ usageLocation: 'SE' });
  const skus = await ann('GET', '/v1.0/subscribedSkus');
  const [sku] = skus.body.value;
  const given = await ann('POST', `/v1.0/users/${user.id}/assignLicense`, {
    addLicenses: [{ skuId: sku.skuId, disabledPlans: [] }],
    removeLicenses: [],
  });
  assert.equal(given.status, 200, JSON.stringify(given.body));
  const details = await ann('GET', `/v1.0/users/${user.id}/licenseDetails`);
  assert.equal(details.body.value[0].skuId, sku.skuId);
});

test('licence details are the plans of that person: their own, those of their groups, and none of anybody else', async () => {
  const { app, fabrikam } = people;
  const olga = { kind: 'operator', displayName: 'Olga', accountId: null } as const;
  const ports = { groupMembers: async () => [] };
  await app.run({ tenantId: fabrikam.id, actor: olga }, async (ctx) => {
    for (const sku of ['ENTENTE_UNLIMITED', 'ENTENTE_BI', 'ENTENTE_KIOSK', 'ENTENTE_E1'])
      await changeSubscription(ctx, ports, sku, {});
  });
  const [mine, other] = [await aUser({ usageLocation: 'SE' }), await aUser({ usageLocation: 'SE' })];
  const group = await aGroup();
  await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(mine.id));
  const give = (path: string, sku: string, disabledPlans: string[] = []) =>
    ann('POST', `${path}/assignLicense`, { addLicenses: [{ skuId: sku, disabledPlans }], removeLicenses: [] });
  for (const [path, sku, disabled] of [
    [`/v1.0/users/${mine.id}`, 'ENTENTE_KIOSK', ['chat']],
    [`/v1.0/groups/${group.id}`, 'ENTENTE_BI', []],
    [`/v1.0/users/${other.id}`, 'ENTENTE_E1', []],
  ] as const) {
    const { status, body } = await give(path, skuId(sku), disabled.map(planId));
    assert.equal(status, 200, JSON.stringify(body));
  }
  type Detail = { skuPartNumber: string; servicePlans: { servicePlanName: string; provisioningStatus: string }[] };
  const detailsOf = async (id: string) => {
    const { body } = await ann('GET', `/v1.0/users/${id}/licenseDetails`);
    return new Map(
      (body.value as Detail[]).map(({ skuPartNumber, servicePlans }) => [
        skuPartNumber,
        servicePlans.map((plan) => `${plan.servicePlanName} ${plan.provisioningStatus}`),
      ]),
    );
  };
  const found = await detailsOf(mine.id);
  assert.deepEqual([...found.keys()].sort(), ['ENTENTE_BI', 'ENTENTE_KIOSK', 'ENTENTE_UNLIMITED']);
  assert.deepEqual(found.get('ENTENTE_KIOSK'), ['mail Success', 'calendar Success', 'chat Disabled']);
  assert.deepEqual(found.get('ENTENTE_BI'), ['bi Success']);
  assert.deepEqual([...(await detailsOf(other.id)).keys()].sort(), ['ENTENTE_E1', 'ENTENTE_UNLIMITED']);
  const guest = await aGuest('unlicensed@contoso.example', '10dae51f-b6af-4016-8d66-8c2a99b929b3');
  assert.deepEqual([...(await detailsOf(guest.id)).keys()], []);
});

test("XC-10: another tenant's ids are not found, with the same body as ids that do not exist", async () => {
  const { bob } = people.contoso;
  const nobody = '018f0000-0000-7000-8000-000000000000';
  const plain = (body: { error: { code: string; message: string } }) => [body.error.code, body.error.message];
  for (const path of ['', '/memberOf', '/manager', '/sponsors', '/licenseDetails']) {
    const theirs = await ann('GET', `/v1.0/users/${bob.id}${path}`);
    const none = await ann('GET', `/v1.0/users/${nobody}${path}`);
    assert.deepEqual([theirs.status, none.status], [404, 404], path);
    assert.deepEqual(plain(theirs.body), plain(none.body), path);
  }
  assert.equal((await ann('PATCH', `/v1.0/users/${bob.id}`, { jobTitle: 'X' })).status, 404);
  assert.equal((await ann('DELETE', `/v1.0/users/${bob.id}`)).status, 404);
  assert.equal((await ann('GET', '/v1.0/users/bob@contoso.example')).status, 404);
});

test('an application consented to less does less', async () => {
  const reader = people.api(people.fabrikam.ann, { scopes: ['User.Read'] });
  assert.equal((await reader('GET', '/v1.0/me')).status, 200);
  assert.equal((await reader('GET', '/v1.0/users')).status, 403);
  const user = await aUser();
  assert.equal((await reader('PATCH', `/v1.0/users/${user.id}`, { jobTitle: 'X' })).status, 404);
});

test('reading others can be switched off for people without a role', async () => {
  const change = (membersMayReadOthers: boolean | null) =>
    ann('PATCH', '/admin/settings/directory.access', { values: { membersMayReadOthers } });
  assert.equal((await anders('GET', '/v1.0/users')).status, 200);
  const changed = await change(false);
  assert.ok(changed.status < 300, JSON.stringify(changed.body));
  await eventually(async () => (await anders('GET', '/v1.0/users')).status === 403);
  assert.equal((await anders('GET', `/v1.0/users/${people.fabrikam.ann.id}`)).status, 404);
  assert.equal((await anders('GET', '/v1.0/me')).status, 200);
  assert.equal((await ann('GET', '/v1.0/users')).status, 200);
  await change(null);
});

async function aGuest(address: string, level: string) {
  const invited = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: address,
    inviteRedirectUrl: 'https://fabrikam.example/',
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const changed = await ann('PATCH', '/admin/settings/directory.external-collaboration', {
    values: { guestUserRoleId: level },
  });
  assert.ok(changed.status < 300, JSON.stringify(changed.body));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { id } = invited.body.invitedUser;
  return { id, api: people.api({ id, tenantId: people.fabrikam.id, userPrincipalName: address }) };
}

test('ID-18: a guest at the most restricted level sees themselves and the ids of their groups', async () => {
  const guest = await aGuest('restricted@contoso.example', '2af84b1e-32c8-42b7-82bc-daa82404023b');
  const group = await aGroup();
  assert.equal((await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(guest.id))).status, 204);
  assert.equal((await guest.api('GET', '/v1.0/me')).body.id, guest.id);
  assert.equal((await guest.api('GET', '/v1.0/users')).status, 403);
  assert.equal((await guest.api('GET', `/v1.0/users/${people.fabrikam.ann.id}`)).status, 404);
  assert.equal((await guest.api('GET', '/v1.0/users/ann@fabrikam.example')).status, 404);
  assert.equal((await guest.api('GET', '/v1.0/groups')).status, 403);
  assert.equal((await guest.api('GET', `/v1.0/groups/${group.id}/members`)).status, 403);
  assert.deepEqual((await guest.api('GET', '/v1.0/me/memberOf')).body.value, [
    { '@odata.type': '#microsoft.graph.group', id: group.id },
  ]);
  assert.equal((await guest.api('GET', '/v1.0/users/delta')).status, 403);
});

test('ID-19: a guest at the limited level knows whom they know, and no more of them', async () => {
  const guest = await aGuest('limited@contoso.example', '10dae51f-b6af-4016-8d66-8c2a99b929b3');
  const [group, hidden] = [await aGroup(), await aGroup({ visibility: 'HiddenMembership' })];
  assert.equal((await guest.api('GET', '/v1.0/users')).status, 403);
  const known = await guest.api('GET', '/v1.0/users/ann@fabrikam.example');
  assert.deepEqual(Object.keys(known.body).sort(), [
    '@odata.context',
    'displayName',
    'id',
    'mail',
    'userPrincipalName',
    'userType',
  ]);
  assert.equal((await guest.api('GET', '/v1.0/groups')).status, 403);
  assert.equal((await guest.api('GET', `/v1.0/groups/${group.id}/members`)).status, 200);
  assert.equal((await guest.api('GET', `/v1.0/groups/${hidden.id}/members`)).status, 403);
  assert.equal((await ann('POST', `/v1.0/groups/${hidden.id}/members/$ref`, ref(guest.id))).status, 204);
  assert.equal((await guest.api('GET', `/v1.0/groups/${hidden.id}/members`)).status, 200);
  assert.equal((await guest.api('PATCH', '/v1.0/me', { officeLocation: 'Here' })).status, 403);
  assert.equal((await guest.api('PATCH', '/v1.0/me', { mobilePhone: '+46 70 2' })).status, 204);
});

test('a guest who is as a member lists people', async () => {
  const guest = await aGuest('alike@contoso.example', 'a0b1b346-4d3e-4e8b-98f8-753987be4970');
  assert.equal((await guest.api('GET', '/v1.0/users')).status, 200);
});

test('whoever follows people and groups is told of every change, once, and of what is gone', async () => {
  type Delta = { value: Record<string, unknown>[]; '@odata.nextLink'?: string; '@odata.deltaLink'?: string };
  const follow = async (from: string) => {
    const seen: Record<string, unknown>[] = [];
    for (let next: string | undefined = from; ; ) {
      const { status, body }: { status: number; body: Delta } = await ann('GET', next);
      assert.equal(status, 200, JSON.stringify(body));
      seen.push(...body.value);
      if (body['@odata.deltaLink']) return { seen, link: body['@odata.deltaLink'] };
      next = body['@odata.nextLink'] as string;
    }
  };
  // While a transaction is open anywhere on the database's server, what began after it is told again: a follower may
  // hear a thing twice and misses none. Follows until there is no more to hear.
  const untilQuiet = async (from: string): Promise<string> => {
    let link = from;
    for (let i = 0; i < 100; i += 1) {
      const next = await follow(link);
      link = next.link;
      if (next.seen.length === 0) return link;
      await pause(100);
    }
    assert.fail('the same changes are told again and again');
  };
  const [kept, gone, group] = [await aUser(), await aUser(), await aGroup()];
  const users = await follow('/v1.0/users/delta?$select=displayName&$top=3');
  assert.ok(users.seen.some((one) => one.id === kept.id));
  const groups = await untilQuiet((await follow('/v1.0/groups/delta')).link);
  const quiet = await untilQuiet(users.link);

  await ann('PATCH', `/v1.0/users/${kept.id}`, { displayName: 'Kept' });
  await ann('DELETE', `/v1.0/users/${gone.id}`);
  await ann('POST', `/v1.0/groups/${group.id}/members/$ref`, ref(kept.id));
  const changed = await follow(quiet);
  assert.deepEqual(
    new Map(changed.seen.map((one) => [one.id, one['@removed'] ?? one.displayName])),
    new Map<unknown, unknown>([
      [kept.id, 'Kept'],
      [gone.id, { reason: 'changed' }],
    ]),
  );
  const joined = await follow(groups);
  const [row] = joined.seen.filter((one) => one.id === group.id);
  assert.deepEqual(row?.['members@delta'], [{ '@odata.type': '#microsoft.graph.user', id: kept.id }]);
  const [usersLink, groupsLink] = [await untilQuiet(changed.link), await untilQuiet(joined.link)];
  await ann('DELETE', `/v1.0/groups/${group.id}/members/${kept.id}/$ref`);
  await ann('DELETE', `/v1.0/directory/deletedItems/${gone.id}`);
  const left = (await follow(groupsLink)).seen.find((one) => one.id === group.id);
  assert.deepEqual(left?.['members@delta'], [
    { '@odata.type': '#microsoft.graph.user', id: kept.id, '@removed': { reason: 'deleted' } },
  ]);
  const purged = await follow(usersLink);
  assert.deepEqual(purged.seen, [{ id: gone.id, '@removed': { reason: 'deleted' } }]);

  const stranger = await people.api(people.contoso.carla)('GET', changed.link);
  assert.equal(stranger.status, 410);
  assert.equal(stranger.body.error.code, 'resyncRequired');
  const anew = new URL(stranger.headers.get('location') as string);
  assert.equal(anew.pathname + anew.search, '/v1.0/users/delta?%24select=displayName&%24top=3&%24deltatoken=');
  assert.ok((await follow(anew.href)).seen.some((one) => one.id === kept.id));
  people.app.clock.advance(31 * 86_400);
  const late = await ann('GET', changed.link);
  people.app.clock.advance(-31 * 86_400);
  assert.ok([401, 410].includes(late.status));
});

test('what is no text is refused in the wire’s own form, wherever it stands', async () => {
  for (const displayName of ['a\u0000b', 'half \ud83d of a pair']) {
    const { status, body } = await ann('POST', '/v1.0/groups', { displayName });
    assert.deepEqual([status, body.error.innerError.code], [400, 'request.not-text']);
  }
  const whole = await ann('PATCH', '/admin/settings/directory.access', { values: { '\ud83d\ude00': true } });
  assert.equal(whole.status, 400);
  assert.notEqual(whole.body.code, 'request.not-text', 'a whole pair is text');
  const asked = await ann('GET', '/.well-known/entente?domain=a%00b');
  assert.deepEqual([asked.status, asked.body.code], [400, 'request.not-text']);
});
