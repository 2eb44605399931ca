import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { SoftwareAuthenticator } from '../support/authenticator.ts';
import { type Api, type ApiAnswer, PASSWORD, type People, startPeople } from '../support/people.ts';
import { passwordAndCode, signIn, signInBy } from '../support/sign-in.ts';

let people: People;
let origin: string;
const TENANT = 'fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
before(async () => {
  people = await startPeople({ withPasswords: true });
  origin = people.app.origin;
});
after(() => people.app.close());

const asAnders = async (): Promise<Api> => people.call((await signIn(origin, TENANT, ANDERS)).access_token);

function assertToSignInAgain(answer: ApiAnswer): void {
  assert.deepEqual([answer.status, answer.body.code], [401, 'access.sign-in-again'], JSON.stringify(answer.body));
  // RFC 9470 §3.
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="600"';
  assert.equal(answer.headers.get('www-authenticate'), challenge);
}

/** Everything that changes what opens an account. */
const CHANGES: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', '/me/password', { currentPassword: PASSWORD, newPassword: 'blue plums ripen late' }],
  ['POST', '/me/security/passkeys/options', {}],
  ['POST', '/me/security/passkeys', { displayName: 'Key', response: { id: 'x' } }],
  ['DELETE', '/me/security/passkeys/made-up'],
  ['POST', '/me/security/totp'],
  ['POST', '/me/security/totp/confirm', { code: '000000' }],
  ['DELETE', '/me/security/totp'],
  ['POST', '/me/security/recovery-codes'],
  ['POST', '/me/app-passwords', { name: 'Calendar' }],
];

test('ten minutes after signing in nothing that opens an account is changed, and everything else goes on', async () => {
  const api = await asAnders();
  people.app.clock.advance(10 * 60 + 1);
  for (const [method, path, body] of CHANGES) assertToSignInAgain(await api(method, path, body));
  for (const path of ['/me/security', '/me/sessions', '/me/app-passwords', '/v1.0/me'])
    assert.equal((await api('GET', path)).status, 200, path);
  // The refusal is kept, and explained as what the person can mend themselves.
  const refused = await api('POST', '/me/security/totp');
  const ann = people.api(people.fabrikam.ann);
  const { body } = await ann('GET', `/admin/decisions/${refused.body.decisionId}`);
  const { explanation } = body.now;
  assert.deepEqual([body.refusal.wanted, explanation.level], ['change', 'none'], 'as long as they have not signed in');
  const deciding = explanation.rules.filter(({ decided }: { decided: boolean }) => decided);
  assert.deepEqual(
    deciding.map(({ name, remedy }: { name: string; remedy: string }) => [name, remedy]),
    [['signin.proven-recently', 'sign-in-again']],
  );
  // Asked ten times in a minute, it is written down once; from elsewhere, or later, once more.
  const kept = async () => {
    const { value } = (await ann('GET', '/admin/audit/events?action=access.refused&limit=200')).body;
    return value.filter(({ facts }: { facts: { question: string } }) => facts.question === 'signin.own.change').length;
  };
  assert.equal(await kept(), 1);
  for (let n = 0; n < 10; n += 1)
    assert.equal((await api('POST', '/me/security/totp')).body.decisionId, refused.body.decisionId);
  assert.equal(await kept(), 1);
  people.app.clock.advance(10 * 60 + 1);
  assert.notEqual((await api('POST', '/me/security/totp')).body.decisionId, refused.body.decisionId);
  assert.equal(await kept(), 2);

  const fresh = await asAnders();
  assert.equal((await fresh('POST', '/me/app-passwords', { name: 'Calendar' })).status, 201);
});

test('whoever has a second factor changes nothing with the password alone, and everything with it', async () => {
  const first = await asAnders();
  const begun = await first('POST', '/me/security/totp');
  const generator = new TOTP({ secret: Secret.fromBase32(begun.body.secret), digits: 6, period: 30 });
  const code = () => generator.generate({ timestamp: people.app.clock.now.getTime() });
  assert.equal((await first('POST', '/me/security/totp/confirm', { code: code() })).status, 200);
  // The same sign-in, a moment ago, was by password; now there is something stronger.
  for (const [method, path, body] of CHANGES) assertToSignInAgain(await first(method, path, body));

  people.app.clock.advance(30);
  const api = people.call((await signInBy(origin, TENANT, passwordAndCode(ANDERS, code))).access_token);
  const key = new SoftwareAuthenticator(origin);
  const options = await api('POST', '/me/security/passkeys/options', {});
  const made = await api('POST', '/me/security/passkeys', { displayName: 'Key', response: key.create(options.body) });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal((await api('POST', '/me/security/recovery-codes')).status, 200);
  assert.equal((await api('DELETE', '/me/security/totp')).status, 204);

  // The passkey alone is left, and proves two factors by itself.
  assertToSignInAgain(await (await asAnders())('POST', '/me/security/passkeys/options', {}));
  const withKey = await signInBy(origin, TENANT, async (browser, steps) => {
    const asked = await browser.post(`${steps}/passkey-options`);
    return browser.post(`${steps}/passkey`, key.get(asked.json, 1));
  });
  assert.equal(
    (await people.call(withKey.access_token)('DELETE', `/me/security/passkeys/${made.body.id}`)).status,
    204,
  );
});
