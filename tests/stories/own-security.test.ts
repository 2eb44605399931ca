import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import WebSocket from 'ws';
import { verifyAppPassword } from '../../src/signin/index.ts';
import { SoftwareAuthenticator } from '../support/authenticator.ts';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, PASSWORD, type People, startPeople } from '../support/people.ts';
import {
  authorizeAddress,
  claimsOf,
  exchange,
  passwordAndCode,
  signIn,
  signInBy,
  typePassword,
} from '../support/sign-in.ts';

let people: People;
let origin: string;
const TENANT = 'fabrikam.example';
const ANDERS = 'anders@fabrikam.example';
before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  origin = people.app.origin;
});
after(() => people.app.close());

const at = (url: URL) => url.pathname === '/signed-in' || isSignInPage(url);

async function pageOf(browser = new Browser()): Promise<{ browser: Browser; steps: string }> {
  const page = await browser.open(authorizeAddress(origin, TENANT).address, isSignInPage);
  return { browser, steps: stepsOf(page.url) };
}

test('a person sees their sessions and ends one; its tokens and live connection end within seconds', async () => {
  const phone = await signIn(origin, TENANT, ANDERS);
  const desk = await signIn(origin, TENANT, ANDERS);
  const live = await connect(phone.access_token);
  const deskApi: Api = people.call(desk.access_token);
  const { body } = await deskApi('GET', '/me/sessions');
  const sid = claimsOf(phone.access_token).sid;
  const seen = new Map(body.value.map((one: { id: string; isCurrent: boolean }) => [one.id, one.isCurrent]));
  assert.deepEqual([seen.size, seen.get(sid), seen.get(claimsOf(desk.access_token).sid)], [2, false, true]);
  const closed = new Promise((resolve) => live.once('close', resolve));
  assert.equal((await deskApi('DELETE', `/me/sessions/${sid}`)).status, 204);
  assert.equal(await closed, 4401);
  assert.equal((await people.call(phone.access_token)('GET', '/me/sessions')).status, 401);
  const again = await exchange(phone.browser, origin, TENANT, {
    grant_type: 'refresh_token',
    refresh_token: phone.refresh_token,
  });
  assert.equal(again.status, 400);
  // The browser itself is signed out too.
  const page = await phone.browser.open(authorizeAddress(origin, TENANT).address, at);
  assert.ok(isSignInPage(page.url));
  assert.equal((await deskApi('DELETE', '/me/sessions/made-up')).status, 404);
});

test('an account that is switched off loses its live connection', async () => {
  const live = await connect(await people.token(people.fabrikam.anders));
  const closed = new Promise((resolve) => live.once('close', resolve));
  const actor = { kind: 'system', name: 'test' } as const;
  const work = { tenantId: people.fabrikam.id, actor };
  const setEnabled = (isEnabled: boolean) =>
    people.app.run(work, async (ctx) => {
      const sql = 'update directory.accounts set account_enabled = $1 where id = $2';
      await execute(sql, [isEnabled, people.fabrikam.anders.id]);
      await ctx.announce('signin.account-changed', { accountId: people.fabrikam.anders.id });
    });
  await setEnabled(false);
  assert.equal(await closed, 4401);
  await setEnabled(true);
});

test('ending all sessions of a person ends refresh tokens and browsers too', async () => {
  const phone = await signIn(origin, TENANT, ANDERS);
  const actor = { kind: 'system', name: 'test' } as const;
  await people.app.run({ tenantId: people.fabrikam.id, actor }, async (ctx) => {
    const later = new Date(claimsOf(phone.access_token).auth_time * 1000 + 1000);
    const sql = 'update directory.accounts set sessions_valid_from = $1 where id = $2';
    await execute(sql, [later, people.fabrikam.anders.id]);
    await ctx.announce('signin.account-changed', { accountId: people.fabrikam.anders.id });
  });
  const fields = { grant_type: 'refresh_token', refresh_token: phone.refresh_token };
  assert.equal((await exchange(phone.browser, origin, TENANT, fields)).status, 400);
  const page = await phone.browser.open(authorizeAddress(origin, TENANT).address, at);
  assert.ok(isSignInPage(page.url) || page.url.searchParams.has('error'), page.url.href);
  await execute('update directory.accounts set sessions_valid_from = $1 where id = $2', [
    new Date(0),
    people.fabrikam.anders.id,
  ]);
});

test('a live connection without a token, or with a bad one, is closed', async () => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('open', () => socket.send(JSON.stringify({ type: 'authenticate', token: 'a.b.c' })));
  assert.equal(await closed, 4401);
});

test('an authenticator app is asked for after the password, each code works once, and recovery codes help', async () => {
  const api = people.call((await signIn(origin, TENANT, ANDERS)).access_token);
  const begun = await api('POST', '/me/security/totp');
  assert.match(begun.body.uri, /^otpauth:\/\/totp\//);
  assert.match(begun.body.image, /^data:image\/png;base64,/);
  const generator = new TOTP({ secret: Secret.fromBase32(begun.body.secret), digits: 6, period: 30 });
  const codeNow = () => generator.generate({ timestamp: people.app.clock.now.getTime() });
  assert.equal((await api('POST', '/me/security/totp/confirm', { code: '000000' })).status, 400);
  const confirmed = await api('POST', '/me/security/totp/confirm', { code: codeNow() });
  assert.equal(confirmed.body.recoveryCodes.length, 10);

  const { browser, steps } = await pageOf();
  await browser.post(`${steps}/username`, { userName: ANDERS });
  const asked = await browser.post(`${steps}/password`, { password: PASSWORD });
  assert.deepEqual([asked.json.step, asked.json.methods], ['second-factor', ['totp', 'recovery-code']]);
  // The code that confirmed is used up; the next time step brings another.
  assert.equal((await browser.post(`${steps}/totp`, { code: codeNow() })).status, 400);
  people.app.clock.advance(30);
  assert.equal((await browser.post(`${steps}/totp`, { code: codeNow() })).json.step, 'done');

  const [recovery = ''] = confirmed.body.recoveryCodes;
  for (const expected of [200, 400]) {
    const other = await pageOf();
    await other.browser.post(`${other.steps}/username`, { userName: ANDERS });
    await other.browser.post(`${other.steps}/password`, { password: PASSWORD });
    assert.equal((await other.browser.post(`${other.steps}/recovery-code`, { code: recovery })).status, expected);
  }
  people.app.clock.advance(30);
  const both = await signInBy(origin, TENANT, passwordAndCode(ANDERS, codeNow));
  assert.equal((await people.call(both.access_token)('DELETE', '/me/security/totp')).status, 204);
});

test('IS-6: a passkey signs in without a name; a copy whose counter runs back is refused and flagged', async () => {
  const api = people.call((await signIn(origin, TENANT, ANDERS)).access_token);
  const key = new SoftwareAuthenticator(origin);
  const options = await api('POST', '/me/security/passkeys/options', {});
  assert.equal(options.body.authenticatorSelection.residentKey, 'required');
  const made = await api('POST', '/me/security/passkeys', { displayName: 'Key', response: key.create(options.body) });
  assert.equal(made.status, 201, JSON.stringify(made.body));

  const use = async (counter: number) => {
    const started = authorizeAddress(origin, TENANT);
    const browser = new Browser();
    const page = await browser.open(started.address, isSignInPage);
    const asked = await browser.post(`${stepsOf(page.url)}/passkey-options`);
    const answer = await browser.post(`${stepsOf(page.url)}/passkey`, key.get(asked.json, counter));
    return { answer, browser, started };
  };
  const { answer, browser, started } = await use(5);
  assert.equal(answer.json.step, 'done', answer.text);
  const back = await browser.open(new URL(answer.json.redirectTo, origin).href, at);
  const tokens = await exchange(browser, origin, TENANT, {
    grant_type: 'authorization_code',
    code: back.url.searchParams.get('code') ?? '',
    redirect_uri: started.redirectUri,
    code_verifier: started.verifier,
  });
  assert.deepEqual(claimsOf(tokens.json.access_token).amr, ['hwk', 'user', 'mfa']);

  assert.equal((await use(5)).answer.json.code, 'signin.cloned-passkey');
  assert.equal((await use(9)).answer.json.code, 'signin.wrong-passkey');
  const { body } = await api('GET', '/me/security');
  assert.ok(body.passkeys[0].clonedAt);
});

test('a helpdesk gives a temporary password that must be changed, and an administrator is beyond its reach', async () => {
  const { ann, anders } = people.fabrikam;
  const api = people.api(ann);
  const old = await signIn(origin, TENANT, ANDERS);
  const program = await people.call(old.access_token)('POST', '/me/app-passwords', { name: 'Left behind' });
  assert.equal(program.status, 201);
  const reset = await api('POST', `/admin/accounts/${anders.id}/reset-sign-in`, {});
  assert.equal(reset.status, 200, JSON.stringify(reset.body));
  // The end is announced, and felt within seconds.
  const isShutOut = async () => (await people.call(old.access_token)('GET', '/me/sessions')).status === 401;
  await eventually(isShutOut, 'the old token still opens the door');
  assert.equal((await people.api(anders)('POST', `/admin/accounts/${ann.id}/reset-sign-in`, {})).status, 403);
  const left = await people.app.run({ tenantId: anders.tenantId, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    verifyAppPassword(ctx, ANDERS, program.body.password),
  );
  assert.equal(left, undefined, 'a password made for a program outlived the reset');

  const { browser, steps } = await pageOf();
  await browser.post(`${steps}/username`, { userName: ANDERS });
  const asked = await browser.post(`${steps}/password`, { password: reset.body.password });
  assert.equal(asked.json.step, 'change-password');
  const weak = await browser.post(`${steps}/change-password`, { newPassword: 'Password2025!' });
  assert.equal(weak.json.code, 'signin.weak-password');
  const done = await browser.post(`${steps}/change-password`, { newPassword: PASSWORD });
  assert.equal(done.json.step, 'done', done.text);
});

test('whose sessions an administrator ends is not let on by their browser either', async () => {
  const { browser } = await signIn(origin, TENANT, ANDERS);
  const passes = async () => !isSignInPage((await browser.open(authorizeAddress(origin, TENANT).address, at)).url);
  assert.ok(await passes());
  people.app.clock.advance(1);
  const ended = await people.api(people.fabrikam.ann)(
    'POST',
    `/v1.0/users/${people.fabrikam.anders.id}/revokeSignInSessions`,
  );
  assert.equal(ended.status, 200, JSON.stringify(ended.body));
  await eventually(async () => !(await passes()), 'the browser still signs in by itself');
});

test('a person changes their password; what is common, short or theirs by name is refused', async () => {
  const { access_token: token } = await signIn(origin, TENANT, ANDERS);
  const api = people.call(token);
  const change = (currentPassword: string, newPassword: string) =>
    api('POST', '/me/password', { currentPassword, newPassword });
  assert.equal((await change('wrong', 'blue plums ripen late')).body.code, 'signin.wrong-current-password');
  for (const weak of ['short', 'qwertyuiop', 'aaaaaaaaaaaa', 'anders2025']) {
    assert.equal((await change(PASSWORD, weak)).body.code, 'signin.weak-password', weak);
  }
  const next = 'blue plums ripen late';
  assert.equal((await change(PASSWORD, next)).status, 204);
  const other = new Browser();
  const page = await other.open(authorizeAddress(origin, TENANT).address, isSignInPage);
  assert.equal((await typePassword(other, page.url, ANDERS, next)).json.step, 'done');
  assert.equal((await change(next, PASSWORD)).status, 204);
});

test('whoever holds a stolen token guesses the password no faster than at the sign-in page', async () => {
  const guessWith = async (api: Api) =>
    (await api('POST', '/me/password', { currentPassword: 'a guess', newPassword: 'blue plums ripen late' })).status;
  const stolen = people.api(people.fabrikam.ann);
  const answers = [];
  for (let i = 0; i < 11; i += 1) answers.push(await guessWith(stolen));
  assert.deepEqual(answers, [...Array(10).fill(400), 429]);
  people.app.clock.advance(16 * 60);
  assert.equal(await guessWith(stolen), 401);
  assert.equal(await guessWith(people.api(people.fabrikam.ann)), 400);
});

test('sign-ins, also failed ones, are in the log for those who may read it', async () => {
  const { browser, steps } = await pageOf();
  await browser.post(`${steps}/username`, { userName: ANDERS });
  await browser.post(`${steps}/password`, { password: 'certainly not this' });
  const { body } = await people.api(people.fabrikam.ann)('GET', '/v1.0/auditLogs/signIns?$top=1');
  assert.deepEqual(
    [body.value[0].userPrincipalName, body.value[0].status.failureReason, body.value[0].appId],
    [ANDERS, 'wrong-password', 'entente-web'],
  );
  assert.ok(body['@odata.nextLink']);
  assert.equal((await people.api(people.fabrikam.anders)('GET', '/v1.0/auditLogs/signIns')).status, 403);
});

test('the sign-in log is narrowed by person, application, result and time, and pages within that', async () => {
  const { browser, steps } = await pageOf();
  await browser.post(`${steps}/username`, { userName: ANDERS });
  await browser.post(`${steps}/password`, { password: 'certainly not this' });
  await browser.post(`${steps}/password`, { password: 'nor that' });
  const ann = people.api(people.fabrikam.ann);
  const ask = (filter: string, rest = '') =>
    ann('GET', `/v1.0/auditLogs/signIns?$filter=${encodeURIComponent(filter)}${rest}`);
  const { id } = people.fabrikam.anders;
  const failed = `userId eq '${id}' and appId eq 'entente-web' and status/errorCode ne 0`;
  const { body } = await ask(failed, '&$top=1');
  const next = await ann('GET', body['@odata.nextLink']);
  for (const line of [body.value[0], next.body.value[0]]) {
    assert.deepEqual([line.userId, line.appId, line.status.failureReason], [id, 'entente-web', 'wrong-password']);
  }
  assert.notEqual(body.value[0].id, next.body.value[0].id);

  const at = body.value[0].createdDateTime;
  const idsOf = async (filter: string) => (await ask(filter)).body.value.map((line: { id: string }) => line.id);
  assert.ok(
    (await idsOf(`${failed} and createdDateTime ge ${at} and createdDateTime le ${at}`)).includes(body.value[0].id),
  );
  assert.deepEqual(await idsOf(`${failed} and createdDateTime gt ${at}`), []);
  assert.ok(!(await idsOf(`userId eq '${id}' and status/errorCode eq 0`)).includes(body.value[0].id));
  assert.deepEqual(await idsOf(`appId eq 'another'`), []);
  for (const wrong of [
    `startswith(userDisplayName,'A')`,
    `userId eq '${id}' or status/errorCode eq 0`,
    `userId eq '${id}' and userId eq '${people.fabrikam.ann.id}'`,
    `correlationId eq 'no number'`,
    'status/errorCode eq',
  ]) {
    assert.equal((await ask(wrong)).status, 400, wrong);
  }
});

async function execute(sql: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}

async function connect(token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`);
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', resolve);
  });
  const ready = new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ type: 'authenticate', token }));
  assert.deepEqual(JSON.parse(String(await ready)), { type: 'ready' });
  return socket;
}
