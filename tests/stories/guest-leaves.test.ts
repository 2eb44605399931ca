import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listGrants } from '../../src/access/index.ts';
import { createGroup, findAccount, GRANTS } from '../../src/directory/index.ts';
import { myOrganisationRoutes } from '../../src/directory/routes/me/organisations.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import { removeAccount } from '../../src/directory/usecases/delete-account.ts';
import type { AccountId } from '../../src/kernel/ids.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { aGuestOf, allow, bobAtHome, invite, lettersOf } from '../support/guests.ts';
import { anActor, serveRoutes } from '../support/routes.ts';

let cast: Cast;
let http: Awaited<ReturnType<typeof serveRoutes>>;
let guestId: AccountId;
let groupId: string;
before(async () => {
  cast = await startCast();
  http = await serveRoutes(cast.app, [
    ...myOrganisationRoutes(cast.app),
    ...cast.app.routes.filter(({ path }) => path.startsWith('/admin/guests')),
  ]);
  const group = await cast.fabrikam.ann((ctx) =>
    createGroup(ctx, { kind: 'security', displayName: 'Falcon', mailNickname: 'falcon' }),
  );
  groupId = group.id;
  await invite(cast.fabrikam.ann, 'bob@contoso.example', { groupIds: [group.id], isMailed: true });
  guestId = await aGuestOf(cast.fabrikam.ann, cast.fabrikam, bobAtHome(cast));
});
after(async () => {
  await http.close();
  await cast.app.close();
});

const bob = () => ({
  actor: { ...anActor('bob@contoso.example', cast.contoso.id), accountId: cast.contoso.bobId },
  tenantId: cast.contoso.id,
});
const ann = () => ({
  actor: {
    ...anActor('ann@fabrikam.example', cast.fabrikam.id, 'global-administrator'),
    accountId: cast.fabrikam.annId,
  },
  tenantId: cast.fabrikam.id,
});
const mine = async () => (await http.call(bob(), 'GET', '/me/organisations')).body.value;
const leave = (tenantId: string, who = bob()) => http.call(who, 'POST', `/me/organisations/${tenantId}/leave`);
const restore = () => http.call(ann(), 'POST', `/admin/guests/${guestId}/restore`);
const memberships = () =>
  cast.fabrikam.ann((ctx) => listGrants(ctx, { kind: GRANTS.member.kind, object: { kind: 'group', id: groupId } }));
const days = (count: number) => cast.app.clock.advance(count * 86_400);

test('a person sees where they are at home and where they are a guest, and nobody else does', async () => {
  const found = await mine();
  assert.deepEqual(
    found.map((one: Record<string, unknown>) => [one.displayName, one.isHome, one.state, one.mayLeave]),
    [
      ['Contoso', true, 'accepted', false],
      ['Fabrikam', false, 'accepted', true],
    ],
  );
  const carla = {
    actor: { ...anActor('carla@contoso.example', cast.contoso.id), accountId: cast.contoso.carlaId },
    tenantId: cast.contoso.id,
  };
  const hers = (await http.call(carla, 'GET', '/me/organisations')).body.value;
  assert.deepEqual(
    hers.map((one: { displayName: string }) => one.displayName),
    ['Contoso'],
  );
  // To leave where one is no guest, and to leave a tenant that does not exist, is one answer.
  const notThere = await leave(cast.fabrikam.id, carla);
  const nowhere = await leave('0190a0a0-0000-7000-8000-00000000dead', carla);
  assert.deepEqual([notThere.status, notThere.body.code], [404, 'request.not-found']);
  assert.deepEqual([nowhere.status, nowhere.body.title], [404, notThere.body.title]);
});

test('ID-29: a person at home blocks and unblocks an organisation, and finds an invitation that waits', async () => {
  const carla = {
    actor: { ...anActor('carla@contoso.example', cast.contoso.id), accountId: cast.contoso.carlaId },
    tenantId: cast.contoso.id,
  };
  const hers = async () => (await http.call(carla, 'GET', '/me/organisations')).body.value[1];
  const decide = (verb: string) => http.call(carla, 'POST', `/me/organisations/${cast.fabrikam.id}/${verb}`);
  assert.equal((await decide('block')).status, 404);
  const { account } = await invite(cast.fabrikam.anders, 'carla@contoso.example');
  const waiting = await hers();
  assert.deepEqual([waiting.state, waiting.invitedBy, waiting.isBlocked], ['pending', 'Anders', false]);
  assert.equal((await decide('block')).status, 204);
  assert.equal((await leave(cast.fabrikam.id, carla)).status, 204);
  const blocked = await hers();
  assert.deepEqual([blocked.state, blocked.isBlocked, blocked.mayLeave], ['ended', true, false]);
  const again = await invite(cast.fabrikam.anders, 'carla@contoso.example', { isMailed: true });
  assert.notEqual(again.account.id, account.id);
  assert.equal(again.mailSuppressed, true);
  assert.equal((await decide('unblock')).status, 204);
  assert.equal((await hers()).isBlocked, false);
});

test('the home organisation cannot be left', async () => {
  const answer = await leave(cast.contoso.id);
  assert.equal(answer.body.code, 'directory.home-cannot-be-left');
});

test('IS-14: a guest and an administrator get an archive of what is held, without the tickets', async () => {
  const own = await http.call(bob(), 'GET', `/me/organisations/${cast.fabrikam.id}/export`);
  assert.equal(own.status, 200);
  assert.equal(own.body.account.id, guestId);
  assert.equal(own.body.organisation.displayName, 'Fabrikam');
  assert.deepEqual(
    own.body.rights.map((right: { object: unknown }) => right.object),
    [{ kind: 'group', id: groupId }],
  );
  assert.equal(own.body.invitations.length, 2);
  assert.ok(!JSON.stringify(own.body).includes('ticket'));
  const theirs = await http.call(ann(), 'GET', `/admin/guests/${guestId}/export`);
  assert.deepEqual({ ...theirs.body, exportedAt: 0, activity: 0 }, { ...own.body, exportedAt: 0, activity: 0 });
});

test('ID-26: where guests may not leave by themselves they are told whom to ask', async () => {
  await assert.rejects(allow(cast.fabrikam.ann, { guestsMayLeave: false }), { kind: 'invalid' });
  await allow(cast.fabrikam.ann, { guestsMayLeave: false, privacyContact: 'privacy@fabrikam.example' });
  const refused = await eventually(async () => {
    const [, fabrikam] = await mine();
    return fabrikam.mayLeave === false && leave(cast.fabrikam.id);
  });
  assert.equal(refused.status, 403);
  assert.match(refused.body.title, /privacy@fabrikam\.example/);
  assert.equal((await memberships()).length, 1);
  await allow(cast.fabrikam.ann, { guestsMayLeave: null });
  await eventually(async () => (await mine())[1].mayLeave);
});

test('ID-25: a guest who left is restored on day 29 with memberships, and on day 31 is not found', async () => {
  assert.equal((await leave(cast.fabrikam.id)).status, 204);
  assert.equal((await mine()).length, 1);
  assert.equal(await cast.fabrikam.ann((ctx) => findAccount(ctx, guestId)), undefined);
  assert.deepEqual(await memberships(), []);
  days(29);
  const restored = await restore();
  assert.equal(restored.status, 200);
  assert.equal(restored.body.state, 'active');
  assert.equal((await memberships()).length, 1);
  assert.equal((await mine()).length, 2);
  assert.equal((await leave(cast.fabrikam.id)).status, 204);
  days(31);
  assert.equal((await restore()).status, 404);
});

test('ID-33: a guest who is restored is found by the address of old, and never stands there twice', async () => {
  const address = 'dora@outside.example';
  const { ann: asAnn } = cast.fabrikam;
  const remove = (id: AccountId) => asAnn((ctx) => removeAccount(ctx, id));
  const listed = async () => (await http.call(ann(), 'GET', '/admin/guests?search=dora')).body.value;
  const first = (await invite(asAnn, address)).account.id;
  await remove(first);
  const second = (await invite(asAnn, address)).account.id;
  assert.notEqual(second, first);
  await remove(second);
  assert.equal((await restoreOf(first)).status, 200);
  // Home calls them something else by now.
  const mail = 'dora.new@outside.example';
  await asAnn((ctx) => updateAccount(ctx, first, { mail, proxyAddresses: [`SMTP:${mail}`] }));
  const again = await invite(asAnn, address);
  assert.deepEqual([again.account.id, again.isNew], [first, false]);
  assert.deepEqual(
    (await listed()).map(({ id }: { id: string }) => id),
    [first],
  );

  // Whoever has the address by now keeps it, under whatever name the first one went.
  await remove(first);
  const third = (await invite(asAnn, address)).account.id;
  await asAnn((ctx) => updateAccount(ctx, third, { userPrincipalName: 'third@fabrikam.example' }));
  const refused = await restoreOf(first);
  assert.deepEqual([refused.status, refused.body.code], [409, 'directory.conflicting-object']);
  assert.equal((await listed()).length, 1);
});

test('IS-14: an erased guest is gone with letters and invitations, and the audit says that somebody was erased', async () => {
  const made = await invite(cast.fabrikam.ann, 'forget@outside.example', { isMailed: true });
  const path = `/admin/guests/${made.account.id}`;
  assert.equal(
    (
      await http.call(
        { ...ann(), actor: anActor('anders@fabrikam.example', cast.fabrikam.id) },
        'POST',
        `${path}/erase`,
      )
    ).status,
    403,
  );
  assert.equal((await http.call(ann(), 'POST', `${path}/erase`)).status, 204);
  assert.equal((await http.call(ann(), 'GET', path)).status, 404);
  assert.equal((await restoreOf(made.account.id)).status, 404);
  assert.ok(!(await lettersOf(cast.fabrikam)).some((letter) => letter.to.address === 'forget@outside.example'));
  const again = await invite(cast.fabrikam.ann, 'forget@outside.example');
  assert.equal(again.isNew, true);
});
const restoreOf = (id: string) => http.call(ann(), 'POST', `/admin/guests/${id}/restore`);
