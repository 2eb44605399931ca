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

/** Tries the newest tokens until neither opens anything, a bounded number of times. A renewal that still works counts. */
async function assertEnds({ browser, ...first }: SignedIn): Promise<void> {
  const { origin } = people.app;
  let held: { access_token: string; refresh_token: string } = first;
  let seen = { access: 0, refresh: 0 };
  for (let i = 0; i < 80; i += 1) {
    const access = await people.call(held.access_token)('GET', '/v1.0/me');
    const form = { grant_type: 'refresh_token', refresh_token: held.refresh_token };
    const renewal = await exchange(browser, origin, TENANT, form);
    seen = { access: access.status, refresh: renewal.status };
    if (seen.access === 401 && seen.refresh === 400) return;
    // Renewed just before the end: what it brought must end as well.
    if (renewal.status === 200) held = JSON.parse(renewal.text);
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
