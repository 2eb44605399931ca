import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guestImportRoutes } from '../../src/directory/routes/admin/guest-imports.ts';
import { authorizationPolicyRoutes } from '../../src/directory/routes/graph/authorization-policy.ts';
import { GUEST_LEVELS } from '../../src/directory/settings.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { APPS, invite, ORIGIN } from '../support/guests.ts';
import { anActor, serveRoutes } from '../support/routes.ts';

let cast: Cast;
let http: Awaited<ReturnType<typeof serveRoutes>>;
before(async () => {
  cast = await startCast();
  const links = { publicUrl: ORIGIN };
  http = await serveRoutes(cast.app, [
    ...cast.app.routes.filter(({ path }) => path.startsWith('/admin/guests')),
    ...guestImportRoutes(links),
    ...authorizationPolicyRoutes,
    ...cast.app.routes.filter(({ path }) => path === '/v1.0/invitations'),
  ]);
});
after(async () => {
  await http.close();
  await cast.app.close();
});

const as = (...roles: string[]) => ({
  actor: { ...anActor('ann@fabrikam.example', cast.fabrikam.id, ...roles), accountId: cast.fabrikam.annId },
  tenantId: cast.fabrikam.id,
});
const admin = () => as('global-administrator');

test('the authorization policy tells and changes who may invite and what guests see', async () => {
  const path = '/v1.0/policies/authorizationPolicy';
  const before = (await http.call(admin(), 'GET', path)).body;
  assert.deepEqual([before.allowInvitesFrom, before.guestUserRoleId], ['everyone', GUEST_LEVELS.limited]);
  const change = { allowInvitesFrom: 'none', guestUserRoleId: GUEST_LEVELS.mostRestricted };
  assert.equal((await http.call(as(), 'PATCH', path, change)).status, 403);
  assert.equal((await http.call(admin(), 'PATCH', path, { allowInvitesFrom: 'friends' })).status, 400);
  assert.equal((await http.call(admin(), 'PATCH', path, change)).status, 204);
  const body = { invitedUserEmailAddress: 'x@outside.example', inviteRedirectUrl: APPS };
  const refused = await eventually(async () => {
    const answer = await http.call(admin(), 'POST', '/v1.0/invitations', body);
    return answer.status === 403 && answer;
  });
  assert.equal(refused.body.error.code, 'invitationsDisabled');
  assert.equal((await http.call(admin(), 'PATCH', path, { allowInvitesFrom: 'everyone' })).status, 204);
  await eventually(async () => (await http.call(admin(), 'POST', '/v1.0/invitations', body)).status === 201);
});

test('guests are listed with their state in words, by page and by filter, to those who look after them', async () => {
  for (const name of ['a', 'b', 'c']) await invite(cast.fabrikam.anders, `${name}@listed.example`);
  const first = (await http.call(admin(), 'GET', '/admin/guests?organisation=listed.example&limit=2')).body;
  assert.deepEqual(
    first.value.map((one: { mail: string }) => one.mail),
    ['c@listed.example', 'b@listed.example'],
  );
  const second = await http.call(
    admin(),
    'GET',
    `/admin/guests?organisation=listed.example&limit=2&before=${first.next}`,
  );
  assert.equal(second.body.value.length, 1);
  const [one] = second.body.value;
  assert.equal(one.stateSentence, 'Invited, has not accepted yet.');
  assert.deepEqual(one.sponsors, [{ kind: 'account', id: cast.fabrikam.andersId, displayName: 'Anders' }]);
  for (const query of [
    'state=active',
    'orphaned=true',
    'stale=true',
    'search=nobody',
    `sponsor=${cast.fabrikam.annId}`,
  ]) {
    const found = await http.call(admin(), 'GET', `/admin/guests?organisation=listed.example&${query}`);
    assert.deepEqual(found.body.value, [], query);
  }
  assert.equal((await http.call(as('auditor'), 'GET', '/admin/guests')).status, 200);
  assert.equal((await http.call(as(), 'GET', '/admin/guests')).status, 403);
  const ended = await http.call(admin(), 'POST', `/admin/guests/${one.id}/end`);
  assert.equal(ended.body.state, 'deleted');
  const back = await http.call(admin(), 'POST', `/admin/guests/${one.id}/restore`);
  assert.equal(back.body.state, 'ended');
  const again = { invitedUserEmailAddress: one.mail, inviteRedirectUrl: APPS };
  assert.equal((await http.call(admin(), 'POST', '/v1.0/invitations', again)).body.status, 'Error');
  assert.equal((await http.call(as('auditor'), 'POST', `/admin/guests/${one.id}/extend`)).status, 403);
  const kept = await http.call(admin(), 'POST', `/admin/guests/${one.id}/extend`, { endsAt: null });
  assert.equal(kept.body.state, 'invited');
  assert.ok(Date.parse(kept.body.endsAt) > cast.app.clock.now.getTime(), 'nobody stays without an end');
  const mine = { ...admin(), tenantId: cast.contoso.id };
  assert.equal((await http.call(mine, 'GET', `/admin/guests/${one.id}`)).status, 404);
});

test('a file is taken as text/csv, and what became of it is given back as a file', async () => {
  const template = await http.call(admin(), 'GET', '/admin/guest-imports/template');
  assert.match(template.body, /^version:v1\.0\r\n/);
  assert.equal((await http.call(admin(), 'POST', '/admin/guest-imports', { file: 'x' })).status, 400);
  assert.equal((await http.call(as(), 'GET', '/admin/guest-imports/template')).status, 403);
  const [version, headings] = template.body.split('\r\n');
  const file = (...rows: string[]) => Buffer.from([version, headings, ...rows].join('\r\n'));
  const refused = await http.call(admin(), 'POST', '/admin/guest-imports', file('wrong,https://apps.example,true'));
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.body.lines, [{ line: 3, code: 'emailInvalid', value: 'wrong' }]);
  const rows = file(
    'f1@outside.example,https://apps.example,false,,Åsa',
    'f2@outside.example,https://apps.example,false',
  );
  const started = await http.call(admin(), 'POST', '/admin/guest-imports?fileName=guests.csv', rows);
  assert.equal(started.status, 202);
  const path = `/admin/guest-imports/${started.body.id}`;
  assert.equal(started.headers.get('location'), path);
  const done = await eventually(async () => {
    const answer = await http.call(admin(), 'GET', `${path}?limit=1`);
    return answer.body.state === 'finished' && answer.body;
  });
  assert.deepEqual([done.total, done.success, done.results.length, done.next], [2, 2, 1, 3]);
  const results = await http.call(admin(), 'GET', `${path}/results`);
  assert.match(results.headers.get('content-type') ?? '', /^text\/csv/);
  assert.equal(results.body.trim().split('\r\n').length, 3);
  const listed = (await http.call(admin(), 'GET', '/admin/guest-imports')).body.value;
  assert.equal(listed[0].fileName, 'guests.csv');
  const named = (await http.call(admin(), 'GET', '/admin/guests?search=%C3%85sa')).body.value;
  assert.equal(named.length, 1);
});
