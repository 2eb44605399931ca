import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type People, startPeople } from '../support/people.ts';
import { exchange, signIn } from '../support/sign-in.ts';

// Ann administers Fabrikam; Anders is a member there.
let people: People;
const TENANT = 'fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
before(async () => {
  people = await startPeople({ withPasswords: true });
});
after(() => people.app.close());

type SignedIn = Awaited<ReturnType<typeof signIn>>;

/** Waits until neither the access token nor the refresh token opens anything, or a bounded time has passed. */
async function assertEnds({ browser, access_token, refresh_token }: SignedIn): Promise<void> {
  const { origin } = people.app;
  let seen = { access: 0, refresh: 0 };
  for (let i = 0; i < 100; i += 1) {
    const access = await people.call(access_token)('GET', '/v1.0/me');
    const renewal = await exchange(browser, origin, TENANT, { grant_type: 'refresh_token', refresh_token });
    seen = { access: access.status, refresh: renewal.status };
    if (seen.access === 401 && seen.refresh === 400) return;
    if (renewal.status === 200) {
      // Renewed just before the end: what it brought must end as well.
      return assertEnds({ browser, ...JSON.parse(renewal.text) } as SignedIn);
    }
    await pause(100);
  }
  assert.deepEqual(seen, { access: 401, refresh: 400 });
}

test('an administrator ends all sessions of a person: access and refresh tokens are refused within seconds', async () => {
  const anders = await signIn(people.app.origin, TENANT, ANDERS);
  const ann = people.api(people.fabrikam.ann);
  const answer = await ann('POST', `/v1.0/users/${people.fabrikam.anders.id}/revokeSignInSessions`);
  assert.equal(answer.status, 200);
  await assertEnds(anders);
});

test('a person who is switched off is out within seconds, and can sign in again once switched on', async () => {
  const anders = await signIn(people.app.origin, TENANT, ANDERS);
  const ann = people.api(people.fabrikam.ann);
  const path = `/v1.0/users/${people.fabrikam.anders.id}`;
  assert.equal((await ann('PATCH', path, { accountEnabled: false })).status, 204);
  await assertEnds(anders);
  assert.equal((await ann('PATCH', path, { accountEnabled: true })).status, 204);
  people.app.clock.advance(2);
  const again = await signIn(people.app.origin, TENANT, ANDERS);
  assert.equal((await people.call(again.access_token)('GET', '/v1.0/me')).status, 200);
});
