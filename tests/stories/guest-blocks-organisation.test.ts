import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { removeAccount } from '../../src/directory/usecases/delete-account.ts';
import { HOST } from '../../src/kernel/ids.ts';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { invite, lettersOf } from '../support/guests.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

const ADDRESS = 'weary@outside.example';
const call = async (method: string, path: string, body?: unknown, proof?: string) => {
  const answer = await fetch(`${cast.app.origin}/me/blocked-organisations${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(proof === undefined ? {} : { 'x-address-proof': proof }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
};
const codeFor = (address: string) =>
  eventually(() =>
    cast.app.run({ tenantId: HOST, actor: { kind: 'system', name: 'test' } }, async (ctx) => {
      const letters = await listOutgoingMails(ctx, { limit: 100 });
      return letters.find(({ to }) => to.address === address)?.text?.match(/\b\d{8}\b/)?.[0];
    }),
  );

test('ID-29: whoever blocks an organisation gets no more letters from it, and its inviters are told', async () => {
  const first = await invite(cast.fabrikam.ann, ADDRESS, { isMailed: true });
  assert.equal(first.mailSuppressed, false);
  const [letter] = await lettersOf(cast.fabrikam);
  const blockUrl = letter?.text?.match(/https?:\S+\/blocked-organisations\S+/)?.[0];
  assert.equal(new URL(blockUrl ?? '').searchParams.get('t'), cast.fabrikam.id);

  assert.equal((await call('GET', '')).status, 401);
  assert.equal((await call('POST', '/passcode', { address: ADDRESS })).status, 202);
  const code = await codeFor(ADDRESS);
  assert.equal((await call('POST', '/proof', { address: ADDRESS, code: '00000000' })).status, 400);
  const { token } = (await call('POST', '/proof', { address: ADDRESS, code })).body;
  const listed = (await call('GET', '', undefined, token)).body.value;
  assert.deepEqual(
    listed.map((one: Record<string, unknown>) => [one.displayName, one.blockedAt]),
    [['Fabrikam', null]],
  );
  assert.equal((await call('PUT', `/${cast.fabrikam.id}`, undefined, token)).status, 204);
  // A tenant that never wrote looks like one that does not exist.
  assert.equal((await call('PUT', `/${cast.contoso.id}`, undefined, token)).status, 404);
  const exported = (await call('GET', '/export', undefined, token)).body;
  assert.equal(exported.address, ADDRESS);
  assert.ok(exported.organisations[0].blockedAt);

  await cast.fabrikam.ann((ctx) => removeAccount(ctx, first.account.id));
  const second = await invite(cast.fabrikam.ann, ADDRESS, { isMailed: true });
  assert.equal(second.isNew, true);
  assert.equal(second.mailSuppressed, true);
  assert.deepEqual(
    (await lettersOf(cast.fabrikam)).filter(({ aboutId }) => aboutId === second.account.id),
    [],
  );
  assert.equal((await call('DELETE', `/${cast.fabrikam.id}`, undefined, token)).status, 204);
  assert.equal((await call('GET', '', undefined, token)).body.value[0].blockedAt, null);
});

test('an address nobody here knows gets the same answer and no letter, and a proof lasts an hour', async () => {
  const unknown = 'stranger@outside.example';
  assert.equal((await call('POST', '/passcode', { address: unknown })).status, 202);
  assert.equal((await call('POST', '/proof', { address: unknown, code: '12345678' })).status, 400);
  cast.app.clock.advance(601);
  const earlier = await codeFor(ADDRESS);
  await call('POST', '/passcode', { address: ADDRESS });
  const code = await eventually(async () => {
    const found = await codeFor(ADDRESS);
    return found !== earlier && found;
  });
  const { token } = (await call('POST', '/proof', { address: ADDRESS, code })).body;
  assert.equal((await call('GET', '', undefined, token)).status, 200);
  cast.app.clock.advance(3601);
  assert.equal((await call('GET', '', undefined, token)).status, 401);
  const letters = await cast.app.run({ tenantId: HOST, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listOutgoingMails(ctx, { limit: 100 }),
  );
  assert.ok(!letters.some(({ to }) => to.address === unknown));
});
