import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, type People, startPeople } from '../support/people.ts';
import { authorizeAddress, claimsOf, exchange, signIn, signInForCode, typePassword } from '../support/sign-in.ts';

let people: People;
let origin: string;
const ANDERS = 'anders@fabrikam.example';
const TENANT = 'fabrikam.example';
before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  origin = people.app.origin;
});
after(() => people.app.close());

test('a person signs in with a password, and the token says who, where and how', async () => {
  const { access_token: token, id_token: idToken, browser } = await signIn(origin, TENANT, ANDERS);
  const claims = claimsOf(token);
  const issuer = `${people.app.httpsOrigin}/${people.fabrikam.id}/v2.0`;
  assert.deepEqual(
    { iss: claims.iss, aud: claims.aud, tid: claims.tid, oid: claims.oid, azp: claims.azp, amr: claims.amr },
    {
      iss: issuer,
      aud: 'api://entente',
      tid: people.fabrikam.id,
      oid: people.fabrikam.anders.id,
      azp: 'entente-web',
      amr: ['pwd'],
    },
  );
  assert.ok(claims.sid && claims.auth_time && claims.sub !== claims.oid);
  const id = claimsOf(idToken);
  assert.equal(id.iss, issuer);
  assert.equal(id.preferred_username, ANDERS);
  assert.equal(id.sub, claims.sub);
  assert.deepEqual(id.amr, ['pwd']);

  // The browser is signed in: the next application asks nothing.
  const again = await signInForCode(browser, authorizeAddress(origin, TENANT), 'nobody');
  assert.ok(again.searchParams.get('code'));
});

test('IS-2: a code used twice is refused, and the tokens it gave are worth nothing', async () => {
  const browser = new Browser();
  const started = authorizeAddress(origin, TENANT);
  const back = await signInForCode(browser, started, ANDERS);
  const fields = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: started.redirectUri,
    code_verifier: started.verifier,
  };
  const first = await exchange(browser, origin, TENANT, fields);
  assert.equal(first.status, 200);
  const me = () => people.call(first.json.access_token)('GET', '/oidc/userinfo');
  assert.equal((await me()).status, 200);

  const second = await exchange(browser, origin, TENANT, fields);
  assert.deepEqual([second.status, second.json.error], [400, 'invalid_grant']);
  await eventually(async () => (await me()).status === 401);
  const refreshed = await exchange(browser, origin, TENANT, {
    grant_type: 'refresh_token',
    refresh_token: first.json.refresh_token,
  });
  assert.equal(refreshed.status, 400);
});

test('IS-2: a code with the wrong verifier, without one, or for another address is refused', async () => {
  for (const wrong of [
    { code_verifier: 'x'.repeat(43) },
    { code_verifier: '' },
    { redirect_uri: `${people.app.origin}/elsewhere` },
  ]) {
    const browser = new Browser();
    const started = authorizeAddress(origin, TENANT);
    const back = await signInForCode(browser, started, ANDERS);
    const answer = await exchange(browser, origin, TENANT, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: started.redirectUri,
      code_verifier: started.verifier,
      ...wrong,
    });
    assert.equal(answer.status, 400, JSON.stringify(wrong));
  }
});

test('IS-2: of many exchanges of one code at once, one succeeds', async () => {
  const browser = new Browser();
  const started = authorizeAddress(origin, TENANT);
  const back = await signInForCode(browser, started, ANDERS);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      exchange(browser, origin, TENANT, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: started.redirectUri,
        code_verifier: started.verifier,
      }),
    ),
  );
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
});

test('IS-3: a refresh token used twice ends its whole family, and is noted', async () => {
  const { browser, refresh_token: first } = await signIn(origin, TENANT, ANDERS);
  const refresh = (token: string) =>
    exchange(browser, origin, TENANT, { grant_type: 'refresh_token', refresh_token: token });
  const second = await refresh(first);
  assert.equal(second.status, 200);
  assert.notEqual(second.json.refresh_token, first);
  assert.equal((await people.call(second.json.access_token)('GET', '/oidc/userinfo')).status, 200);

  assert.equal((await refresh(first)).status, 400);
  assert.equal((await refresh(second.json.refresh_token)).status, 400);
  await eventually(async () => (await people.call(second.json.access_token)('GET', '/oidc/userinfo')).status === 401);
  await eventually(async () => (await actionsOf('signin.refresh-token-replayed')) > 0);
});

test('a client learns whether the access token of a person still counts, until the session ends', async () => {
  const { access_token: token, browser } = await signIn(origin, TENANT, ANDERS);
  const introspect = async () =>
    (await browser.form(`${origin}/${TENANT}/oauth2/v2.0/introspect`, { client_id: 'entente-web', token })).json;
  const { active, sub, client_id, username, scope } = await introspect();
  const claims = claimsOf(token);
  assert.deepEqual([active, sub, client_id, username, scope], [true, claims.sub, 'entente-web', ANDERS, claims.scp]);
  const own = people.call(token);
  assert.equal((await own('DELETE', `/me/sessions/${claims.sid}`)).status, 204);
  await eventually(async () => !(await introspect()).active);
  assert.deepEqual(await introspect(), { active: false });
});

test('RFC 9126: a client pushes its request, and the browser carries no more than where it lies', async () => {
  const browser = new Browser();
  const started = authorizeAddress(origin, TENANT);
  const query = new URL(started.address).searchParams;
  const push = (form: Record<string, string>) => browser.form(`${origin}/${TENANT}/oauth2/v2.0/par`, form);
  const pushed = await push(Object.fromEntries(query));
  assert.equal(pushed.status, 201, pushed.text);
  const { request_uri: requestUri, expires_in: seconds } = pushed.json;
  assert.ok(requestUri.startsWith('urn:ietf:params:oauth:request_uri:') && seconds > 0);

  const carried = new URLSearchParams({ client_id: 'entente-web', request_uri: requestUri });
  const address = `${origin}/${TENANT}/oauth2/v2.0/authorize?${carried}`;
  const back = await signInForCode(browser, { ...started, address }, ANDERS);
  assert.equal(back.searchParams.get('state'), query.get('state'));
  const answer = await exchange(browser, origin, TENANT, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: started.redirectUri,
    code_verifier: started.verifier,
  });
  assert.equal(claimsOf(answer.json.access_token).oid, people.fabrikam.anders.id);

  // It is good once, for the client that pushed it, and what could not be asked for cannot be pushed.
  const again = await new Browser().open(address, (url) => url.pathname === '/signed-in' || isSignInPage(url));
  assert.equal(again.status, 400, again.text);
  const elsewhere = await push({ ...Object.fromEntries(query), redirect_uri: 'https://elsewhere.example/' });
  assert.equal(elsewhere.status, 400);
});

test('no flow but the code with PKCE: implicit, password and plain challenges are refused', async () => {
  const browser = new Browser();
  const errorOf = async (extra: Record<string, string>) => {
    const { url } = await browser.open(
      authorizeAddress(origin, TENANT, extra).address,
      (next) => next.pathname === '/signed-in',
    );
    return new URLSearchParams(url.search || url.hash.slice(1)).get('error');
  };
  assert.equal(await errorOf({ response_type: 'token' }), 'unsupported_response_type');
  assert.equal(await errorOf({ response_type: 'id_token' }), 'unsupported_response_type');
  assert.equal(await errorOf({ code_challenge_method: 'plain' }), 'invalid_request');
  assert.equal(await errorOf({ code_challenge: '' }), 'invalid_request');
  const password = await exchange(browser, origin, TENANT, {
    grant_type: 'password',
    username: ANDERS,
    password: PASSWORD,
  });
  assert.equal(password.json.error, 'unsupported_grant_type');
});

test('an address to return to that is not registered exactly gets nothing, not even an error', async () => {
  for (const uri of [`${origin}/signed-in/x`, `${origin}/signed-in?x=1`, 'https://evil.example/signed-in']) {
    const page = await new Browser().open(authorizeAddress(origin, TENANT, { redirect_uri: uri }).address);
    assert.equal(page.status, 400, uri);
    assert.match(page.text, /The sign-in stopped/);
    assert.equal(page.headers.location, undefined);
  }
});

test('the answer names its issuer (RFC 9207)', async () => {
  const back = await signInForCode(new Browser(), authorizeAddress(origin, TENANT), ANDERS);
  assert.equal(back.searchParams.get('iss'), `${people.app.httpsOrigin}/${people.fabrikam.id}/v2.0`);
});

test('IS-12: an unknown name and a wrong password are answered with the same words', async () => {
  const answers = [];
  for (const name of [ANDERS, 'nobody-at-all@fabrikam.example', 'anders']) {
    const browser = new Browser();
    const page = await browser.open(authorizeAddress(origin, TENANT).address, isSignInPage);
    const named = await browser.post(`${stepsOf(page.url)}/username`, { userName: name });
    const tried = await browser.post(`${stepsOf(page.url)}/password`, { password: 'wrong wrong wrong' });
    const { requestId: _id, ...body } = tried.json;
    answers.push({ named: { ...named.json, userName: '' }, status: tried.status, body });
  }
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.equal(answers[0]?.body.code, 'signin.wrong-password');
});

test('IS-12: guessing is slowed down after ten tries, for names that exist and for those that do not', async () => {
  for (const name of ['ann@fabrikam.example', 'ghost@fabrikam.example']) {
    const browser = new Browser();
    const page = await browser.open(authorizeAddress(origin, TENANT).address, isSignInPage);
    await browser.post(`${stepsOf(page.url)}/username`, { userName: name });
    const tries = await Promise.all(
      Array.from({ length: 13 }, (_, n) =>
        browser.post(`${stepsOf(page.url)}/password`, { password: `guess ${n} guess` }),
      ),
    );
    assert.equal(tries.filter((one) => one.status === 400).length, 10, name);
    const limited = tries.find((one) => one.status === 429);
    assert.equal(limited?.json.code, 'signin.too-many-attempts');
    assert.ok(Number(limited?.headers['retry-after']) > 60);
    // Even the right password waits.
    const right = await browser.post(`${stepsOf(page.url)}/password`, { password: PASSWORD });
    assert.equal(right.status, 429);
  }
});

test('a step sent from another page, or from another browser, is refused', async () => {
  const browser = new Browser();
  const page = await browser.open(authorizeAddress(origin, TENANT).address, isSignInPage);
  const step = `${stepsOf(page.url)}/username`;
  const code = async (answer: Promise<{ json: { code: string } }>) => (await answer).json.code;
  assert.equal(
    await code(browser.post(step, { userName: ANDERS }, { origin: 'https://evil.example' })),
    'signin.from-elsewhere',
  );
  assert.equal(
    await code(browser.post(step, { userName: ANDERS }, { 'sec-fetch-site': 'cross-site' })),
    'signin.from-elsewhere',
  );
  assert.equal(await code(browser.form(step, { userName: ANDERS })), 'signin.from-elsewhere');
  assert.equal(await code(new Browser().post(step, { userName: ANDERS })), 'signin.interaction-over');
  // The page of one who was lured there: the attacker's own sign-in is never finished with the victim's password.
  assert.equal(await code(new Browser().send('GET', stepsOf(page.url))), 'signin.interaction-over');
});

test('the session gets a new name when somebody signs in', async () => {
  const browser = new Browser();
  const page = await browser.open(authorizeAddress(origin, TENANT).address, isSignInPage);
  const session = () =>
    [...browser.cookies.values()].find((cookie) => cookie.name.startsWith('entente-session-'))?.value;
  const before = session();
  const done = await typePassword(browser, page.url, ANDERS);
  await browser.open(new URL(done.json.redirectTo, page.url).href, (url) => url.pathname === '/signed-in');
  assert.ok(session() && session() !== before);
  const cookies = [...browser.cookies.values()].map((cookie) => cookie.name);
  assert.ok(!cookies.some((name) => name.startsWith('entente-signin-')), 'the cookie of the sign-in is gone');
});

test('signing out ends the session, its refresh tokens and its access tokens', async () => {
  const { browser, id_token: hint, refresh_token: refresh, access_token: token } = await signIn(origin, TENANT, ANDERS);
  const logout = (uri: string) =>
    browser.send(
      'GET',
      `${origin}/${TENANT}/oauth2/v2.0/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: uri })}`,
    );
  const lured = await logout('https://evil.example/');
  assert.deepEqual([lured.status, lured.headers.location], [400, undefined]);
  const page = await logout(`${origin}/`);
  assert.equal(page.status, 200);
  const [, action = ''] = /action="([^"]+)"/.exec(page.text) ?? [];
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
  const out = await browser.form(action, { xsrf, logout: 'yes' });
  assert.equal(out.headers.location, `${origin}/`);
  await eventually(async () => (await people.call(token)('GET', '/oidc/userinfo')).status === 401);
  const again = await exchange(browser, origin, TENANT, { grant_type: 'refresh_token', refresh_token: refresh });
  assert.equal(again.status, 400);
});

test('IS-16: after a rotation new tokens carry the new key and old ones are still good', async () => {
  const before = await signIn(origin, TENANT, ANDERS);
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
  const rotated = await people.api(people.fabrikam.ann)('POST', '/admin/signing-keys/rotate', {});
  assert.equal(rotated.status, 201);
  const keys = async () =>
    (await new Browser().send('GET', `${origin}/${TENANT}/discovery/v2.0/keys`)).json.keys.map(
      (key: { kid: string }) => key.kid,
    );
  await eventually(async () => (await keys()).length === 2);
  // Published first, it signs an hour later.
  assert.equal(kidOf((await signIn(origin, TENANT, ANDERS)).access_token), kidOf(before.access_token));
  people.app.clock.advance(3601);
  await eventually(async () => kidOf((await signIn(origin, TENANT, ANDERS)).access_token) === rotated.body.kid);
  people.app.clock.advance(-3601);
  assert.equal((await people.call(before.access_token)('GET', '/oidc/userinfo')).status, 200);
  assert.equal((await people.api(people.fabrikam.anders)('POST', '/admin/signing-keys/rotate', {})).status, 403);
});

async function actionsOf(action: string): Promise<number> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    return (await client.query('select from audit.events where action = $1', [action])).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

test('who was named by the application is not asked for the name again', async () => {
  const asked = async (hint: string) => {
    const browser = new Browser();
    const page = await browser.open(authorizeAddress(origin, TENANT, { login_hint: hint }).address, isSignInPage);
    const { json } = await browser.send('GET', stepsOf(page.url));
    return { json, steps: stepsOf(page.url), browser };
  };
  const own = await asked(ANDERS);
  assert.deepEqual([own.json.step, own.json.userName], ['password', ANDERS]);
  const done = await own.browser.post(`${own.steps}/password`, { password: PASSWORD });
  assert.equal(done.json.step, 'done');

  const theirs = await asked('bob@contoso.example');
  assert.deepEqual([theirs.json.step, theirs.json.home?.domain], ['home', 'contoso.example']);
  // A code is sent only once somebody goes on at the page, and a bare word is no name of anybody.
  for (const hint of ['nobody@elsewhere.example', 'anders'])
    assert.deepEqual((await asked(hint)).json.step, 'username', hint);
});
