import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { verifyAppPassword } from '../../src/signin/index.ts';
import { type People, type Person, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople({ settings: { demo: true } });
});
after(() => people.app.close());

const verify = (at: Person, name: string, password: string) =>
  people.app.run({ tenantId: at.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    verifyAppPassword(ctx, name, password),
  );

test('somebody makes a password for a program, which it opens until it is ended', async () => {
  const { ann } = people.fabrikam;
  const api = people.api(ann);
  const made = await api('POST', '/me/app-passwords', { name: 'Thunderbird' });
  assert.equal(made.status, 201);
  const { id, password } = made.body;
  assert.match(password, /^([a-z2-9]{5}-){4}[a-z2-9]{6}$/);

  assert.equal(await verify(ann, ann.userPrincipalName, password), ann.id);
  assert.equal(await verify(ann, 'ANN@Fabrikam.example', password.replaceAll('-', ' ').toUpperCase()), ann.id);
  const { value } = (await api('GET', '/me/app-passwords')).body;
  assert.deepEqual(value, [
    { id, name: 'Thunderbird', createdAt: value[0].createdAt, lastUsedAt: people.app.clock.now.toISOString() },
  ]);

  assert.equal((await api('DELETE', `/me/app-passwords/${id}`)).status, 204);
  assert.equal(await verify(ann, ann.userPrincipalName, password), undefined);
  assert.equal((await api('DELETE', `/me/app-passwords/${id}`)).status, 404);
  assert.deepEqual((await api('GET', '/me/app-passwords')).body.value, []);
});

test('a password opens nothing but its own account in its own organisation', async () => {
  const { ann, anders } = people.fabrikam;
  const { password } = (await people.api(ann)('POST', '/me/app-passwords', { name: 'Phone' })).body;
  assert.equal(await verify(anders, anders.userPrincipalName, password), undefined);
  assert.equal(await verify(people.contoso.bob, ann.userPrincipalName, password), undefined);
  assert.equal(await verify(ann, 'nobody@fabrikam.example', password), undefined);
  assert.equal(await verify(ann, ann.userPrincipalName, ''), undefined);
  const id = (await people.api(ann)('GET', '/me/app-passwords')).body.value[0].id;
  assert.equal((await people.api(anders)('DELETE', `/me/app-passwords/${id}`)).status, 404);
  assert.equal(await verify(ann, ann.userPrincipalName, password), ann.id, 'nobody else ended it');
});

test('a program that asks many things at once guesses once, right or wrong', async () => {
  const { carla } = people.contoso;
  const { password } = (await people.api(carla)('POST', '/me/app-passwords', { name: 'Busy' })).body;
  const ask = async (shown: string) => {
    const credential = Buffer.from(`${carla.userPrincipalName}:${shown}`).toString('base64');
    const path = `${people.app.origin}/dav/calendars/${carla.id}/`;
    const answer = await fetch(path, { method: 'PROPFIND', headers: { authorization: `Basic ${credential}` } });
    await answer.text();
    return answer.status;
  };
  const many = (shown: string) => Promise.all(Array.from({ length: 40 }, () => ask(shown)));
  assert.deepEqual(new Set(await many('aaaaa-aaaaa-aaaaa-aaaaa-aaaaaa')), new Set([401]));
  assert.deepEqual(new Set(await many(password)), new Set([207]));
});

test('whoever may not sign in any more is not let in by a program either', async () => {
  const { bob } = people.contoso;
  const { password } = (await people.api(bob)('POST', '/me/app-passwords', { name: 'Calendar' })).body;
  assert.equal(await verify(bob, bob.userPrincipalName, password), bob.id);
  const asCarla = people.api(people.contoso.carla);
  assert.equal((await asCarla('PATCH', `/v1.0/users/${bob.id}`, { accountEnabled: false })).status, 204);
  assert.equal(await verify(bob, bob.userPrincipalName, password), undefined);
});

test('the text of a password is in no row and in no event', async () => {
  const { password } = (await people.api(people.tailspin.tom)('POST', '/me/app-passwords', { name: 'Mail' })).body;
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  const { rows } = await client.query('select t::text as row from signin.app_passwords t');
  const events = await client.query(
    `select t::text as row from audit.events t where action like 'signin.app-password%'`,
  );
  await client.end();
  assert.ok(rows.length >= 1 && events.rows.length >= 1);
  const parts = String(password).split('-');
  for (const { row } of [...rows, ...events.rows]) assert.ok(!parts.some((part) => row.includes(part)));
});

test('an application in between makes no password for its user', async () => {
  const limited = people.api(people.fabrikam.ann, { scopes: ['User.Read'] });
  assert.equal((await limited('POST', '/me/app-passwords', { name: 'Mine' })).status, 403);
  assert.equal((await people.call(undefined)('GET', '/me/app-passwords')).status, 401);
});

test('a person has so many and no more', async () => {
  const api = people.api(people.tailspin.tina);
  for (let i = 1; i <= 25; i += 1)
    assert.equal((await api('POST', '/me/app-passwords', { name: `p${i}` })).status, 201);
  const one = await api('POST', '/me/app-passwords', { name: 'one more' });
  assert.equal(one.status, 409);
  assert.equal(one.body.code, 'signin.too-many-app-passwords');
});

test('the operator of a demo makes one for its people, and nobody else can', async () => {
  const body = { tenant: 'fabrikam.example', user: 'anders@fabrikam.example' };
  const { anders, ann } = people.fabrikam;
  assert.equal((await people.api(anders)('POST', '/operator/demo/app-password', body)).status, 403);
  const made = await people.api(ann)('POST', '/operator/demo/app-password', body);
  assert.equal(made.status, 201);
  assert.equal(await verify(anders, anders.userPrincipalName, made.body.password), anders.id);
  const unknown = await people.api(ann)('POST', '/operator/demo/app-password', { ...body, user: 'x@fabrikam.example' });
  assert.equal(unknown.status, 400);
});
