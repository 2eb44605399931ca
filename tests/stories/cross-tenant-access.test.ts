import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { putGrant } from '../../src/access/index.ts';
import { createAccount, GRANTS } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { ALLOW_ALL, BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let carla: Api;
let bob: Api;
before(async () => {
  people = await startPeople();
  carla = people.api(people.contoso.carla);
  bob = people.api(people.contoso.bob);
});
after(() => people.app.close());

const POLICY = '/v1.0/policies/crossTenantAccessPolicy';
const PARTS = {
  b2bCollaborationInbound: ALLOW_ALL,
  b2bCollaborationOutbound: ALLOW_ALL,
  b2bDirectConnectInbound: BLOCK_ALL,
  b2bDirectConnectOutbound: BLOCK_ALL,
  inboundTrust: {
    isMfaAccepted: false,
    isCompliantDeviceAccepted: false,
    isHybridAzureADJoinedDeviceAccepted: false,
  },
  automaticUserConsentSettings: { inboundAllowed: false, outboundAllowed: false },
  tenantRestrictions: BLOCK_ALL,
};
const fabrikamAtContoso = () => `${POLICY}/partners/${people.fabrikam.id}`;

/** Somebody of Contoso who holds a role, or an application in between with a scope. */
async function holderOf(role: string): Promise<Api> {
  const { id: tenantId } = people.contoso;
  const id = await people.app.run({ tenantId, actor: { kind: 'system', name: 'test' } }, async (ctx: Context) => {
    const made = await createAccount(ctx, { userPrincipalName: `${role}@contoso.example`, displayName: role });
    await putGrant(ctx, {
      kind: GRANTS.role.kind,
      subject: { kind: 'account', id: made.id },
      object: { kind: GRANTS.role.objectKind, id: role },
      level: GRANTS.role.level,
      givenBy: 'test',
    });
    return made.id;
  });
  return people.api({ id, tenantId, userPrincipalName: '' } satisfies Person);
}

test('CT-1, CT-2: a new organisation has the documented defaults; they are changed, and put back', async () => {
  const path = `${POLICY}/default`;
  const first = await carla('GET', path);
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const { '@odata.context': _context, invitationRedemptionIdentityProviderConfiguration, ...parts } = first.body;
  assert.deepEqual(parts, { isServiceDefault: true, ...PARTS });
  assert.equal(
    invitationRedemptionIdentityProviderConfiguration.primaryIdentityProviderPrecedenceOrder[0],
    'azureActiveDirectory',
  );

  const change = { inboundTrust: { ...PARTS.inboundTrust, isMfaAccepted: true } };
  assert.equal((await carla('PATCH', path, change)).status, 204);
  const second = (await carla('GET', path)).body;
  assert.deepEqual([second.isServiceDefault, second.inboundTrust], [false, change.inboundTrust]);
  assert.equal((await carla('POST', `${path}/resetToSystemDefault`)).status, 204);
  assert.deepEqual((await carla('GET', path)).body, first.body);

  assert.equal((await carla('PATCH', POLICY, { displayName: 'Ours' })).status, 204);
  const policy = (await carla('GET', POLICY)).body;
  assert.deepEqual([policy.displayName, policy.allowedCloudEndpoints], ['Ours', []]);
  assert.equal((await carla('GET', path)).body.isServiceDefault, true);
});

test('CT-3: a partner overrides a part as a whole, inherits the rest, and the effective view says which', async () => {
  const only = { ...ALLOW_ALL, applications: { accessType: 'allowed', targets: [target('Office365')] } };
  const made = await carla('POST', `${POLICY}/partners`, {
    tenantId: people.fabrikam.id.toUpperCase(),
    b2bCollaborationInbound: only,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.headers.get('location'), `${people.app.origin}${fabrikamAtContoso()}`);
  assert.deepEqual(made.body.b2bCollaborationInbound, only);
  assert.equal(made.body.b2bCollaborationOutbound, null);
  assert.equal((await carla('POST', `${POLICY}/partners`, { tenantId: people.fabrikam.id })).status, 409);
  assert.equal((await carla('POST', `${POLICY}/partners`, { tenantId: people.contoso.id })).status, 400);

  const { effective } = (await carla('GET', `${fabrikamAtContoso()}?$select=effective`)).body;
  assert.deepEqual(effective.b2bCollaborationInbound, { value: only, origin: 'partner' });
  for (const [part, value] of Object.entries(PARTS))
    if (part !== 'b2bCollaborationInbound') assert.deepEqual(effective[part], { value, origin: 'default' }, part);

  // What is said of all afterwards reaches the partner where it says nothing itself, and nowhere else.
  assert.equal((await carla('PATCH', `${POLICY}/default`, { b2bCollaborationOutbound: BLOCK_ALL })).status, 204);
  const after = (await carla('GET', `${fabrikamAtContoso()}?$select=effective`)).body.effective;
  assert.deepEqual(after.b2bCollaborationOutbound, { value: BLOCK_ALL, origin: 'default' });
  assert.equal((await carla('PATCH', fabrikamAtContoso(), { b2bCollaborationInbound: null })).status, 204);
  const cleared = (await carla('GET', `${fabrikamAtContoso()}?$select=effective`)).body.effective;
  assert.deepEqual(cleared.b2bCollaborationInbound, { value: ALLOW_ALL, origin: 'default' });
  // An entry that says nothing is an entry all the same.
  const listed = (await carla('GET', `${POLICY}/partners`)).body.value;
  assert.deepEqual(
    listed.map((one: { tenantId: string }) => one.tenantId),
    [people.fabrikam.id],
  );
  assert.equal((await carla('DELETE', fabrikamAtContoso())).status, 204);
  assert.equal((await carla('GET', fabrikamAtContoso())).status, 404);
  assert.equal((await carla('PATCH', fabrikamAtContoso(), {})).status, 404);
  assert.equal((await carla('DELETE', fabrikamAtContoso())).status, 404);
  assert.equal((await carla('POST', `${POLICY}/default/resetToSystemDefault`)).status, 204);
});

const target = (id: string, targetType = 'application') => ({ target: id, targetType });

test('CT-6: what contradicts itself, or is half, is refused and changes nothing', async () => {
  const path = `${POLICY}/default`;
  const someone = '00000000-0000-4000-8000-0000000000a1';
  for (const b2bCollaborationInbound of [
    { ...BLOCK_ALL, applications: { accessType: 'allowed', targets: [target('a1')] } },
    { ...ALLOW_ALL, applications: BLOCK_ALL.applications },
    { usersAndGroups: ALLOW_ALL.usersAndGroups },
    { ...ALLOW_ALL, usersAndGroups: { accessType: 'allowed', targets: [] } },
    { ...ALLOW_ALL, usersAndGroups: { accessType: 'allowed', targets: [target('somebody', 'user')] } },
    // Ids are of one partner's directory: for everybody they mean nothing.
    { ...ALLOW_ALL, usersAndGroups: { accessType: 'allowed', targets: [target(someone, 'user')] } },
  ]) {
    const answer = await carla('PATCH', path, { b2bCollaborationInbound });
    assert.equal(answer.status, 400, JSON.stringify(b2bCollaborationInbound));
  }
  assert.equal((await carla('PATCH', path, { b2bCollaborationSideways: ALLOW_ALL })).status, 400);
  assert.equal((await carla('PATCH', path, { automaticUserConsentSettings: null })).status, 400);
  assert.equal((await carla('GET', path)).body.isServiceDefault, true);
});

test('CT-21: a reader reads, a partner administrator changes partners alone, nobody else sees anything', async () => {
  const reader = await holderOf('security-reader');
  const partners = await holderOf('partner-administrator');
  const entry = { tenantId: people.tailspin.id };
  const tailspin = `${POLICY}/partners/${people.tailspin.id}`;
  assert.equal((await reader('GET', `${POLICY}/default`)).status, 200);
  assert.equal((await reader('PATCH', `${POLICY}/default`, {})).status, 403);
  assert.equal((await reader('POST', `${POLICY}/partners`, entry)).status, 403);

  assert.equal((await partners('GET', `${POLICY}/default`)).status, 200);
  const trust = { inboundTrust: { isMfaAccepted: true } };
  assert.equal((await partners('PATCH', `${POLICY}/default`, trust)).status, 403);
  assert.equal((await partners('POST', `${POLICY}/default/resetToSystemDefault`)).status, 403);
  assert.equal((await partners('POST', `${POLICY}/partners`, entry)).status, 201);
  assert.equal((await partners('PATCH', tailspin, trust)).status, 204);
  const sync = `${tailspin}/identitySynchronization`;
  assert.equal((await partners('GET', sync)).status, 404);
  assert.equal((await partners('PUT', sync, { userSyncInbound: { isSyncAllowed: true } })).status, 204);
  assert.deepEqual((await reader('GET', sync)).body.userSyncInbound, { isSyncAllowed: true });
  assert.equal((await reader('DELETE', sync)).status, 403);
  assert.equal((await partners('DELETE', sync)).status, 204);
  assert.equal((await partners('GET', sync)).status, 404);
  assert.deepEqual((await reader('GET', tailspin)).body.inboundTrust, {
    ...PARTS.inboundTrust,
    isMfaAccepted: true,
  });
  assert.equal((await partners('DELETE', tailspin)).status, 204);

  for (const path of [POLICY, `${POLICY}/default`, `${POLICY}/partners`, fabrikamAtContoso()])
    assert.equal((await bob('GET', path)).status, 403, path);
});

test('CT-7, CT-13: who is invited is checked on both sides, and both logs name the side that refuses', async () => {
  const ann = people.api(people.fabrikam.ann);
  const invite = () =>
    ann('POST', '/v1.0/invitations', {
      invitedUserEmailAddress: 'bob@contoso.example',
      inviteRedirectUrl: `${people.app.origin}/t/fabrikam.example`,
    });
  const refusalsOf = async (api: Api) =>
    (await api('GET', '/admin/audit/events?action=access.refused&limit=20')).body.value as {
      facts: { because: { name: string; setting: { name: string; tenantId: string } }[] };
    }[];
  // Contoso lets nobody out to Fabrikam.
  const made = await carla('POST', `${POLICY}/partners`, {
    tenantId: people.fabrikam.id,
    b2bCollaborationOutbound: BLOCK_ALL,
  });
  assert.equal(made.status, 201);
  const refused = await invite();
  assert.deepEqual([refused.status, refused.body.error.code], [403, 'blockedByCrossTenantAccess']);
  // Whoever invites learns which side it is, not what Contoso has set.
  assert.doesNotMatch(JSON.stringify(refused.body), /accessType|AllUsers/);
  const [atFabrikam] = await refusalsOf(ann);
  assert.deepEqual(
    atFabrikam?.facts.because.map(({ name, setting }) => [name, setting.name, setting.tenantId]),
    [['partners.home-has-let-out', 'b2bCollaborationOutbound', people.contoso.id]],
  );
  const [atContoso] = await refusalsOf(carla);
  assert.deepEqual(
    atContoso?.facts.because.map(({ name, setting }) => [name, setting.name, setting.tenantId]),
    [['partners.home-lets-person-out', 'b2bCollaborationOutbound', people.contoso.id]],
  );
  assert.equal((await carla('PATCH', fabrikamAtContoso(), { b2bCollaborationOutbound: null })).status, 204);

  // Fabrikam lets in one person of Contoso, by the id that Contoso's directory has for them.
  const only = (id: string) => ({
    ...ALLOW_ALL,
    usersAndGroups: { accessType: 'allowed', targets: [target(id, 'user')] },
  });
  const entry = await ann('POST', `${POLICY}/partners`, {
    tenantId: people.contoso.id,
    b2bCollaborationInbound: only(people.contoso.carla.id),
  });
  assert.equal(entry.status, 201, JSON.stringify(entry.body));
  const notThem = await invite();
  assert.deepEqual([notThem.status, notThem.body.error.code], [403, 'blockedByCrossTenantAccess']);
  const contosoAtFabrikam = `${POLICY}/partners/${people.contoso.id}`;
  const opened = await ann('PATCH', contosoAtFabrikam, { b2bCollaborationInbound: only(people.contoso.bob.id) });
  assert.equal(opened.status, 204);
  assert.equal((await invite()).status, 201);
  assert.equal((await ann('DELETE', contosoAtFabrikam)).status, 204);
  assert.equal((await carla('DELETE', fabrikamAtContoso())).status, 204);
});

test('CT-8, CT-9: direct connect needs both sides, and a second factor that is trusted', async () => {
  const ann = people.api(people.fabrikam.ann);
  const { fabrikam, contoso } = people;
  const open = { b2bDirectConnectInbound: ALLOW_ALL };
  await carla('POST', `${POLICY}/partners`, { tenantId: fabrikam.id, ...open });
  // Fabrikam lets nobody out: what its people may do is asked there, as it is when they come.
  const atHome = async () => {
    const asked = { question: 'partners.people.go-out', input: { tenantId: contoso.id, mode: 'direct-connect' } };
    return (await ann('POST', '/admin/explain', { ...asked, subjectId: fabrikam.anders.id })).body.explanation.level;
  };
  const atContoso = async (rest: Record<string, unknown>) => {
    const input = { homeTenantId: fabrikam.id, homeLetsOut: (await atHome()) === 'out', ...rest };
    const asked = { question: 'partners.direct-connect.use', input, subjectId: contoso.carla.id };
    const answer = await carla('POST', '/admin/explain', asked);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.explanation.level;
  };
  assert.equal(await atHome(), 'none');
  assert.equal(await atContoso({}), 'none');
  await ann('POST', `${POLICY}/partners`, { tenantId: contoso.id, b2bDirectConnectOutbound: ALLOW_ALL });
  assert.equal(await atHome(), 'out');
  assert.equal(await atContoso({}), 'use');

  const needs = { needsSecondFactor: true };
  assert.equal(await atContoso({ ...needs, hasSecondFactor: true }), 'none');
  const trust = { inboundTrust: { isMfaAccepted: true } };
  assert.equal((await carla('PATCH', fabrikamAtContoso(), trust)).status, 204);
  assert.equal(await atContoso({ ...needs, hasSecondFactor: true }), 'use');
  assert.equal(await atContoso(needs), 'challenge');
  await carla('DELETE', fabrikamAtContoso());
  await ann('DELETE', `${POLICY}/partners/${contoso.id}`);
});
