import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { codesMailedTo } from '../support/passcodes.ts';
import { type People, startPeople } from '../support/people.ts';
import { authorizeAddress, claimsOf, exchange, signIn, typePassword } from '../support/sign-in.ts';
import { isBack, isRedeem, visitingHere } from '../support/visiting.ts';

let people: People;
let origin: string;
before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  origin = people.app.origin;
  visits = visitingHere(people);
});
after(() => people.app.close());

const BOB = 'bob@contoso.example';
let visits: ReturnType<typeof visitingHere>;
const invite: typeof visits.invite = (address) => visits.invite(address);
const act: typeof visits.act = (...asked) => visits.act(...asked);
const offerAt: typeof visits.offerAt = (page) => visits.offerAt(page);
const proveAtHome: typeof visits.proveAtHome = (...asked) => visits.proveAtHome(...asked);
const signInAsGuest = (browser: Browser, userName: string) => visits.signInAsGuest(browser, userName);
const tokensFor: typeof visits.tokensFor = (...asked) => visits.tokensFor(...asked);

test('ID-9: whoever is signed in as somebody else is told so, and nothing is bound to them', async () => {
  const { redeem, guestId } = await invite(BOB);
  const browser = new Browser();
  const offer = await browser.send('GET', offerAt(redeem));
  assert.deepEqual([offer.json.step, offer.json.home.displayName], ['sign-in', 'Contoso']);
  const wrong = await proveAtHome(browser, redeem, 'carla@contoso.example');
  assert.deepEqual([wrong.json.step, wrong.json.signedInAs], ['wrong-account', 'carla@contoso.example']);
  const refused = await act(browser, redeem, 'consent', { accepted: true });
  assert.equal(refused.status >= 400, true);
  assert.equal(await stateOf(guestId), 'PendingAcceptance');
});

test('whoever is lured to the end of a journey that began in another browser lends that one nothing', async () => {
  const { redeem, guestId } = await invite(BOB);
  const thief = new Browser();
  const left = await act(thief, redeem, 'start');
  assert.equal(left.status, 200, left.text);
  // Bob opens the address that the thief was sent to, and signs in at his own home as he always does.
  const bob = new Browser();
  const home = await bob.open(new URL(left.json.redirectTo, origin).href, isSignInPage);
  const done = await typePassword(bob, home.url, BOB);
  const end = await bob.open(new URL(done.json.redirectTo, origin).href, isRedeem);
  assert.equal(end.status, 410, end.text);
  assert.equal((await thief.send('GET', offerAt(redeem))).json.step, 'sign-in');
  const forged = await act(thief, redeem, 'consent', { accepted: true });
  assert.ok(forged.status >= 400, forged.text);
  assert.equal(await stateOf(guestId), 'PendingAcceptance');
});

test('Bob accepts with the account he has at home, and signs in as a guest with one line in each log (ID-27)', async () => {
  const { redeem, guestId } = await invite(BOB);
  const browser = new Browser();
  const proven = await proveAtHome(browser, redeem, BOB);
  assert.equal(proven.json.step, 'consent', proven.text);
  const accepted = await act(browser, redeem, 'consent', { accepted: true });
  assert.equal(accepted.json.step, 'done', accepted.text);
  assert.equal(accepted.json.redirectTo, `${origin}/t/fabrikam.example`);
  assert.equal(await stateOf(guestId), 'Accepted');

  const before = await signInLines();
  const signedIn = await signInAsGuest(new Browser(), BOB);
  const browserOfBob = new Browser();
  const again = await signInAsGuest(browserOfBob, BOB);
  assert.ok(isBack(signedIn.url) && isBack(again.url), signedIn.url.href);
  const tokens = await tokensFor(browserOfBob, again);
  assert.equal(tokens.status, 200, tokens.text);
  const claims = claimsOf(tokens.json.access_token);
  assert.deepEqual(
    { tid: claims.tid, oid: claims.oid, home_tid: claims.home_tid, idp: claims.idp, amr: claims.amr },
    {
      tid: people.fabrikam.id,
      oid: guestId,
      home_tid: people.contoso.id,
      idp: `${people.app.httpsOrigin}/${people.contoso.id}/v2.0`,
      amr: ['pwd'],
    },
  );
  const me = await people.call(tokens.json.access_token)('GET', '/oidc/userinfo');
  assert.equal(me.status, 200);

  const lines = (await signInLines()).slice(before.length);
  assert.equal(lines.length, 4);
  const byCorrelation = Map.groupBy(lines, (line) => line.correlation_id);
  assert.equal(byCorrelation.size, 2);
  for (const pair of byCorrelation.values())
    assert.deepEqual(new Set(pair.map((line) => line.tenant_id)), new Set([people.fabrikam.id, people.contoso.id]));
});

test('a token of home is exchanged for one of the tenant visited, by an accepted guest alone (RFC 8693)', async () => {
  const exchangeAt = (tenant: string, token: string) =>
    exchange(new Browser(), origin, tenant, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  const bob = await signIn(origin, 'contoso.example', BOB);
  const visiting = await exchangeAt('fabrikam.example', bob.access_token);
  assert.equal(visiting.status, 200, visiting.text);
  const lines = await query<Line>(
    "select tenant_id, correlation_id from audit.events where action = 'signin.token-exchanged'",
  );
  assert.deepEqual(lines.map((line) => line.tenant_id).sort(), [people.fabrikam.id, people.contoso.id].sort());
  assert.equal(new Set(lines.map((line) => line.correlation_id)).size, 1);
  const claims = claimsOf(visiting.json.access_token);
  assert.deepEqual(
    [claims.tid, claims.home_tid, claims.amr, claims.exp - claims.iat],
    [people.fabrikam.id, people.contoso.id, ['pwd'], 300],
  );
  assert.equal((await people.call(visiting.json.access_token)('GET', '/oidc/userinfo')).status, 200);

  const tom = await signIn(origin, 'tailspin.example', 'tom@tailspin.example');
  for (const [tenant, token] of [
    ['fabrikam.example', tom.access_token],
    ['contoso.example', bob.access_token],
    ['fabrikam.example', 'a.b.c'],
    // What was exchanged is not exchanged onwards: a guest is not brought on by their host.
    ['contoso.example', visiting.json.access_token],
  ] as const) {
    const refused = await exchangeAt(tenant, token);
    assert.deepEqual([refused.status, refused.json.error], [400, 'invalid_grant']);
  }
});

test('somebody invited who comes by the sign-in page accepts first and is then where they wanted to be', async () => {
  await invite('carla@contoso.example');
  const browser = new Browser();
  const arrived = await signInAsGuest(browser, 'carla@contoso.example');
  assert.ok(isRedeem(arrived.url), arrived.url.href);
  const offer = await browser.send('GET', offerAt(arrived.url));
  assert.equal(offer.json.step, 'consent', offer.text);
  const accepted = await act(browser, arrived.url, 'consent', { accepted: true });
  const back = await browser.open(new URL(accepted.json.redirectTo, origin).href, isBack);
  const tokens = await tokensFor(browser, { started: arrived.started, url: back.url });
  assert.equal(claimsOf(tokens.json.access_token).home_tid, people.contoso.id);
});

test('somebody who was not invited is told so after signing in at home, and gets nothing', async () => {
  const arrived = await signInAsGuest(new Browser(), 'tom@tailspin.example');
  assert.ok(isSignInPage(arrived.url), arrived.url.href);
});

test('a journey home that took too long leads nowhere', async () => {
  const { redeem } = await invite('late@contoso.example');
  const browser = new Browser();
  const left = await act(browser, redeem, 'start');
  people.app.clock.advance(31 * 60);
  const home = await browser.open(new URL(left.json.redirectTo, origin).href, isSignInPage);
  const done = await typePassword(browser, home.url, BOB);
  const end = await browser.open(new URL(done.json.redirectTo, origin).href, isRedeem);
  assert.deepEqual([end.status, end.json?.code], [400, 'signin.home-failed'], end.text);
});

test('a link without its ticket, or with another, opens nothing', async () => {
  const { redeem } = await invite('tina@tailspin.example');
  for (const change of [{ ticket: 'made-up' }, { ticket: '' }]) {
    const page = new URL(redeem);
    for (const [name, value] of Object.entries(change)) page.searchParams.set(name, value);
    const answer = await new Browser().send('GET', offerAt(page));
    assert.ok(answer.status === 404 || answer.status === 410, answer.text);
  }
});

test('ID-10: who has no home here signs in with a code to the address', async () => {
  const { redeem, guestId } = await invite('dora@nowhere.example');
  const browser = new Browser();
  const sent = await act(browser, redeem, 'start');
  assert.equal(sent.json.step, 'passcode', sent.text);
  const wrong = await act(browser, redeem, 'passcode', { code: '00000000' });
  assert.equal(wrong.json.code, 'signin.wrong-code');
  const code = await codeMailedTo('dora@nowhere.example');
  const proven = await act(browser, redeem, 'passcode', { code });
  assert.equal(proven.json.step, 'consent', proven.text);
  assert.equal((await act(browser, redeem, 'consent', { accepted: true })).json.step, 'done');
  // The code that proved the address has signed its owner in: no second one is asked for in this browser, …
  const atOnce = authorizeAddress(origin, 'fabrikam.example');
  const entered = await browser.open(atOnce.address, (url) => isSignInPage(url) || isBack(url));
  assert.ok(isBack(entered.url), entered.url.href);
  const first = await tokensFor(browser, { started: atOnce, url: entered.url });
  assert.equal(first.status, 200, first.text);
  assert.deepEqual([claimsOf(first.json.access_token).oid, claimsOf(first.json.access_token).amr], [guestId, ['otp']]);
  // … but what was proven counts once, not again and again.
  assert.equal((await act(browser, redeem, 'consent', { accepted: true })).status, 409);

  const started = authorizeAddress(origin, 'fabrikam.example');
  const later = new Browser();
  const page = await later.open(started.address, isSignInPage);
  const named = await later.post(`${stepsOf(page.url)}/username`, { userName: 'dora@nowhere.example' });
  assert.equal(named.json.step, 'passcode', named.text);
  const second = await codeMailedTo('dora@nowhere.example', code);
  const done = await later.post(`${stepsOf(page.url)}/passcode`, { code: second });
  assert.equal(done.json.step, 'done', done.text);
  const back = await later.open(new URL(done.json.redirectTo, origin).href, isBack);
  const tokens = await tokensFor(later, { started, url: back.url });
  const claims = claimsOf(tokens.json.access_token);
  assert.deepEqual([claims.oid, claims.amr], [guestId, ['otp']]);
});

interface Line {
  readonly tenant_id: string;
  readonly correlation_id: string;
}

async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const stateOf = async (guestId: string) =>
  (
    await query<{ external_user_state: string }>('select external_user_state from directory.accounts where id = $1', [
      guestId,
    ])
  )[0]?.external_user_state;

const signInLines = () =>
  query<Line>("select tenant_id, correlation_id from audit.events where action = 'signin.signed-in' order by id");

/** The code in the newest letter to the address that is not `before`. The demo's mail is not sealed away from a test. */
async function codeMailedTo(address: string, before?: string): Promise<string> {
  return eventually(async () => {
    const [code] = await codesMailedTo(people.app.adminUrl, address);
    return code !== before && code;
  });
}
