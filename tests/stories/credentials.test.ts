import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deleteGrants, listGrants } from '../../src/access/index.ts';
import { HOST } from '../../src/kernel/ids.ts';
import { signAccessToken } from '../../src/signin/model/access-token.ts';
import { eventually } from '../support/eventually.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let operatorToken: string;
before(async () => {
  people = await startPeople({ settings: { demo: true } });
  operatorToken = (await readFile(join(people.app.data, 'operator.token'), 'utf8')).trim();
});
after(() => people.app.close());

const forAnders = () => ({ tenant: 'fabrikam.example', user: people.fabrikam.anders.userPrincipalName });

test('the token in the data folder makes its holder the operator, from this machine', async () => {
  const answer = await people.call(operatorToken)('POST', '/operator/demo/token', forAnders());
  assert.equal(answer.status, 200);
  assert.equal(answer.body.token_type, 'Bearer');
  const { mode } = await stat(join(people.app.data, 'operator.token'));
  assert.equal(mode & 0o777, 0o600);
});

test('the token in the data folder counts for nothing when a proxy brought it', async () => {
  const answer = await people.call(operatorToken)('POST', '/operator/demo/token', forAnders(), {
    'x-forwarded-for': '203.0.113.7',
  });
  assert.equal(answer.status, 401);
});

test('a person with the right to operate the server may, until it is taken', async () => {
  const { ann, anders } = people.fabrikam;
  assert.equal((await people.api(ann)('POST', '/operator/demo/token', forAnders())).status, 200);
  assert.equal((await people.api(anders)('POST', '/operator/demo/token', forAnders())).status, 403);

  const api = people.api(ann);
  await api('POST', '/operator/demo/token', forAnders());
  const actor = { kind: 'system', name: 'test' } as const;
  await people.app.run({ tenantId: HOST, actor }, async (ctx) => {
    const held = await listGrants(ctx, { kind: 'signin.operator' });
    await deleteGrants(
      ctx,
      held.map((grant) => grant.id),
    );
  });
  await people.app.run({ tenantId: people.fabrikam.id, actor }, (ctx) =>
    ctx.announce('signin.account-changed', { accountId: ann.id }),
  );
  await eventually(async () => (await api('POST', '/operator/demo/token', forAnders())).status === 403);
});

test('a request without a credential, and one with a made-up one, is asked to sign in', async () => {
  for (const credential of [undefined, 'made-up', `${operatorToken}x`, 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.']) {
    const answer = await people.call(credential)('POST', '/operator/demo/token', forAnders());
    assert.equal(answer.status, 401, String(credential));
  }
});

test('a token signed with somebody else’s key, or changed after signing, is refused', async () => {
  const token = await people.token(people.fabrikam.ann);
  const [header = '', body = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forged = signAccessToken(claims, { kid, privateKey });
  const changed = `${header}.${Buffer.from(JSON.stringify({ ...claims, oid: people.fabrikam.anders.id })).toString('base64url')}.${signature}`;
  for (const bad of [forged, changed, `${header}.${body}.`]) {
    assert.equal((await people.call(bad)('POST', '/operator/demo/token', forAnders())).status, 401);
  }
});

test('a token past its time is refused', async () => {
  const { app } = people;
  const token = await people.token(people.fabrikam.ann, { minutes: 1 });
  const ask = async () => (await people.call(token)('GET', '/operator/nowhere')).status;
  assert.equal(await ask(), 404);
  const before = app.clock.now;
  app.clock.advance(70);
  assert.equal((await people.call(token)('POST', '/operator/demo/token', forAnders())).status, 401);
  app.clock.now = before;
});
