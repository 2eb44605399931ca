import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { createInvitation, findAccount } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Context } from '../../src/kernel/context.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import { readReceipt } from '../../src/partners/index.ts';
import { createVault, secretFile } from '../../src/platform/vault.ts';
import { verifyAppPassword } from '../../src/signin/index.ts';
import { SIGNALS, signSignal } from '../../src/signin/model/security-event.ts';
import { listSignals, listWatchedGuests } from '../../src/signin/store/signals.ts';
import { listSigningKeys } from '../../src/signin/store/signing-keys.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, callersOf } from '../support/people.ts';
import { becomePartners, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

// Bob is at home in Contoso, on one server, and a guest of Fabrikam, on another.
let servers: TwoServers;
let fabrikam: Side;
let contoso: Side;
let guestId: AccountId;
before(async () => {
  servers = await startTwoServers();
  ({ fabrikam, contoso } = servers);
  await becomePartners(servers);
  guestId = await aGuest();
  await eventually(() => isWatched());
});
after(() => servers.close());

const inside = <T>(side: Side, act: (ctx: Context) => Promise<T>) =>
  side.app.run({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }, act);

/** Bob, bound to his account at home as accepting an invitation does it. */
async function aGuest(bob: { id: string; userPrincipalName: string } = contoso.member): Promise<AccountId> {
  const { account } = await inside(fabrikam, (ctx) =>
    createInvitation(
      { ...ctx, actor: { kind: 'operator', displayName: 'Operator', accountId: null } },
      {
        address: bob.userPrincipalName,
        redirectUrl: 'https://apps.fabrikam.example/',
        origin: fabrikam.app.origin,
        sponsorIds: [fabrikam.administrator.id],
      },
    ),
  );
  await inside(fabrikam, async (ctx) => {
    await updateAccount(ctx, account.id, {
      homeTenantId: contoso.id,
      homeAccountId: bob.id as AccountId,
      homeDomain: contoso.domain,
      externalUserState: 'Accepted',
      identities: [{ signInType: 'federated', issuer: 'ExternalAzureAD', issuerAssignedId: `${contoso.id}/${bob.id}` }],
    });
    ctx.record({
      action: 'directory.guest-redeemed',
      category: 'UserManagement',
      targets: [{ kind: 'account', id: account.id }],
      facts: { homeTenantId: contoso.id },
    });
  });
  return account.id;
}

async function isWatched(): Promise<boolean> {
  const streams = await contoso.api(contoso.administrator)('GET', '/ssf/streams');
  return streams.body.length === 1;
}

/** A new token of the guest at Fabrikam, from a sign-in just now, and how it does. */
async function aToken(): Promise<{ call: Api; token: string }> {
  // Seconds are what tokens count in: one of the second in which sessions end is in neither the past nor the future.
  const pass = () => [fabrikam, contoso].map(({ app }) => app.clock.advance(3));
  pass();
  const token = await fabrikam.token({ id: guestId, tenantId: fabrikam.id, userPrincipalName: '' });
  pass();
  return { call: callersOf(fabrikam.app, fabrikam.app.loopback).call(token), token };
}
const me = async (call: Api) => call('GET', '/v1.0/me');
const atHome = () => contoso.api(contoso.administrator);
const bobPath = () => `/v1.0/users/${contoso.member.id}`;

test('IS-7: somebody switched off at home is out everywhere, with a live token and a live connection', async () => {
  const { call, token } = await aToken();
  assert.equal((await me(call)).status, 200);
  const socket = new WebSocket(`${fabrikam.app.loopback.replace('http', 'ws')}/live`);
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const ready = new Promise((resolve) => socket.addEventListener('message', resolve));
  socket.send(JSON.stringify({ type: 'authenticate', token }));
  await ready;

  // A calendar program of theirs that has a password of its own.
  const made = await call('POST', '/me/app-passwords', { name: 'Calendar' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const opens = () =>
    inside(fabrikam, async (ctx) => {
      const name = (await findAccount(ctx, guestId))?.userPrincipalName ?? '';
      return verifyAppPassword(ctx, name, made.body.password);
    });
  assert.equal(await opens(), guestId);

  const begun = Date.now();
  assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled: false })).status, 204);
  await eventually(async () => (await me(call)).status === 401);
  assert.ok(Date.now() - begun < 60_000);
  assert.equal(await opens(), undefined);
  assert.equal(await closed, 4401);
  const refused = await me(call);
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const claims = /^Bearer error="insufficient_claims", claims="([^"]+)"$/.exec(challenge)?.[1] ?? '';
  const wanted = JSON.parse(Buffer.from(claims, 'base64').toString());
  assert.match(wanted.access_token.nbf.value, /^\d+$/);
  // A new sign-in here does not help either, whoever would let them in.
  assert.equal((await me((await aToken()).call)).status, 401);
  // What Fabrikam decided of its guest is untouched.
  assert.equal((await inside(fabrikam, (ctx) => findAccount(ctx, guestId)))?.accountEnabled, true);
});

test('IS-7: switched on at home again, the guest may come again', async () => {
  assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled: true })).status, 204);
  await eventually(async () => (await me((await aToken()).call)).status === 200);
});

test('IS-7: sessions ended at home end here, and what was begun since stays', async () => {
  const { call } = await aToken();
  assert.equal((await me(call)).status, 200);
  assert.equal((await atHome()('POST', `${bobPath()}/revokeSignInSessions`)).status, 200);
  await eventually(async () => (await me(call)).status === 401);
  assert.equal((await me((await aToken()).call)).status, 200);
});

/** Whether nothing waits any more. */
async function isEverythingTold(): Promise<boolean> {
  const [stream] = (await atHome()('GET', '/ssf/streams')).body;
  return (await inside(contoso, (ctx) => listSignals(ctx, stream.stream_id, 1))).length === 0;
}

/** A server that cannot be reached, and the other way round. */
const apart = (side: Side) => servers.dns.setAddresses(side.domain, []);
const together = (side: Side) => servers.dns.setAddresses(side.domain, ['127.0.0.1']);

test('IS-7: through an outage nothing is lost and the order is kept', async () => {
  apart(fabrikam);
  apart(contoso);
  const { call } = await aToken();
  for (const accountEnabled of [false, true, false]) {
    assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled })).status, 204);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await eventually(async () => ((await atHome()('GET', '/ssf/streams')).body[0].failure ?? '') !== '');
  assert.equal((await me(call)).status, 200, 'not reached yet');
  together(fabrikam);
  together(contoso);
  for (const { app } of [fabrikam, contoso]) app.clock.advance(40);
  // The next try is due within a minute, by a clock that this test has put forward.
  const [stream] = (await atHome()('GET', '/ssf/streams')).body;
  await inside(contoso, (ctx) => ctx.defer('signin.send-signals', { streamId: stream.stream_id }));
  await eventually(async () => (await me(call)).status === 401);
  await eventually(isEverythingTold);
  assert.equal((await me((await aToken()).call)).status, 401, 'the last word is that they are switched off');
});

test('IS-7: where the home cannot reach out, it is polled', async () => {
  assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled: true })).status, 204);
  await eventually(async () => (await me((await aToken()).call)).status === 200);
  apart(fabrikam);
  const { call } = await aToken();
  assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled: false })).status, 204);
  await eventually(async () => ((await atHome()('GET', '/ssf/streams')).body[0].failure ?? '') !== '');
  assert.equal((await me(call)).status, 200);
  // What the clock does once a minute.
  await inside(fabrikam, (ctx) => ctx.defer('signin.poll-signals', { home: contoso.id }));
  await eventually(async () => (await me(call)).status === 401);
  together(fabrikam);
  assert.equal((await atHome()('PATCH', bobPath(), { accountEnabled: true })).status, 204);
});

test('beyond 3.10.5: whoever has left for good at home has nothing left here, and a receipt says so', async () => {
  const { administrator } = contoso;
  const nils = await contoso.api(administrator)('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: 'Nils',
    mailNickname: 'nils',
    userPrincipalName: `nils@${contoso.domain}`,
    passwordProfile: { password: 'green apples ripen slowly' },
  });
  assert.equal(nils.status, 201, JSON.stringify(nils.body));
  const guest = await aGuest({ id: nils.body.id, userPrincipalName: nils.body.userPrincipalName });
  await eventually(async () => (await inside(fabrikam, (ctx) => listWatchedGuests(ctx))).length === 2);
  const token = await fabrikam.token({ id: guest, tenantId: fabrikam.id, userPrincipalName: '' });
  const call = callersOf(fabrikam.app, fabrikam.app.loopback).call(token);
  assert.equal((await me(call)).status, 200);
  const begun = Date.now();
  assert.equal((await atHome()('POST', `/admin/accounts/${nils.body.id}/departed`)).status, 204);
  const ann = fabrikam.api(fabrikam.administrator);
  const receipt = await eventually(async () => {
    const { status, body } = await ann('GET', `/admin/guests/${guest}/receipt`);
    return status === 200 && readReceipt(body);
  });
  assert.ok(Date.now() - begun < 60_000);
  assert.equal(receipt.with.accountId, guest);
  assert.equal((await me(call)).status, 401);
  assert.equal((await ann('GET', `/admin/guests/${guest}`)).body.state, 'deleted');
});

/** Contoso's own key for tokens. */
async function ownKey() {
  const vault = createVault(await secretFile(`${contoso.app.data}/master.secret`));
  const [key] = await inside(contoso, (ctx) => listSigningKeys(ctx, vault));
  assert.ok(key);
  return { kid: key.kid, privateKey: createPrivateKey({ key: key.privateJwk as never, format: 'jwk' }) };
}
const push = (token: string) =>
  fetch(`${fabrikam.app.loopback}/ssf/events/${fabrikam.id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: token,
  });
const issuer = () => `${contoso.app.httpsOrigin}/${contoso.id}/v2.0`;
const revoked = (id: string = newId()) => ({
  id,
  type: SIGNALS.sessionRevoked,
  subject: { format: 'iss_sub', iss: issuer(), sub: contoso.member.id } as const,
  event: { event_timestamp: Math.floor(contoso.app.clock.now.getTime() / 1000) },
  correlationId: newId(),
});

test('IS-8: a bad signature and an old token are refused, a second one of the same id changes nothing', async () => {
  await eventually(async () => (await me((await aToken()).call)).status === 200);
  const key = await ownKey();
  const now = () => contoso.app.clock.now;
  const context = () => ({ issuer: issuer(), audience: fabrikam.id, now: now() });
  const errorOf = async (token: string) => {
    const answer = await push(token);
    return answer.status === 202 ? 'taken' : ((await answer.json()) as { err: string }).err;
  };
  const { call } = await aToken();

  const good = await signSignal(revoked(), context(), key);
  const spoilt = `${good.slice(0, -8)}${good.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA'}`;
  assert.equal(await errorOf(spoilt), 'invalid_key');
  const theirs = { kid: newId(), privateKey: key.privateKey };
  assert.equal(await errorOf(await signSignal(revoked(), context(), theirs)), 'invalid_key');
  const old = { ...context(), now: new Date(now().getTime() - 3_600_000) };
  assert.equal(await errorOf(await signSignal(revoked(), old, key)), 'invalid_request');
  assert.equal(
    await errorOf(await signSignal(revoked(), { ...context(), audience: contoso.id }, key)),
    'invalid_audience',
  );
  const elsewhere = { ...context(), issuer: `https://evil.example/${contoso.id}/v2.0` };
  assert.equal(await errorOf(await signSignal(revoked(), elsewhere, key)), 'invalid_issuer');
  const stranger = { ...context(), issuer: `https://evil.example/${newId()}/v2.0` };
  assert.notEqual(await errorOf(await signSignal(revoked(), stranger, key)), 'taken');
  const plain = await new SignJWT({ iss: issuer(), aud: fabrikam.id, jti: newId(), events: {} })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key.kid })
    .setIssuedAt(Math.floor(now().getTime() / 1000))
    .sign(key.privateKey);
  assert.equal(await errorOf(plain), 'invalid_request');
  assert.equal(await errorOf('nothing'), 'invalid_issuer');
  assert.equal((await me(call)).status, 200, 'none of them did anything');

  const id = newId();
  assert.equal(await errorOf(await signSignal(revoked(id), context(), key)), 'taken');
  assert.equal((await me(call)).status, 401);
  const again = await aToken();
  assert.equal(await errorOf(await signSignal(revoked(id), context(), key)), 'taken', 'acknowledged');
  assert.equal((await me(again.call)).status, 200, 'and nothing was done a second time');
});

test('beyond 3.3.5: a partner who cannot be reached is told later, access ends at once, and the receipt says both', async () => {
  apart(contoso);
  const { call } = await aToken();
  assert.equal((await me(call)).status, 200);
  const ann = fabrikam.api(fabrikam.administrator);
  const begun = await ann('POST', '/admin/endings', { partner: contoso.domain });
  assert.equal(begun.status, 202, JSON.stringify(begun.body));
  assert.equal((await me(call)).status, 401, 'before the partner knows of it');
  const path = `/admin/endings/${begun.body.id}`;
  const waiting = await eventually(async () => {
    const { body } = await ann('GET', path);
    return body.state === 'done' && body.noticeAttempts > 0 && body;
  });
  assert.equal(waiting.notice, 'outstanding');
  assert.ok(waiting.noticeFailure, 'listed with why');
  const listed = (await ann('GET', '/admin/endings')).body.value.find(({ id }: { id: string }) => id === begun.body.id);
  assert.equal(listed.notice, 'outstanding');
  const first = (await ann('GET', `${path}/receipt`)).body;
  assert.equal((await readReceipt(first)).partnerNotice.state, 'outstanding');

  together(contoso);
  // What the queue does within minutes, by hand.
  const sent = await ann('POST', `/admin/partners/${contoso.id}/untold/send`);
  assert.ok(sent.status < 300, JSON.stringify(sent.body));
  await eventually(async () => (await ann('GET', path)).body.notice === 'confirmed');
  const second = (await ann('GET', `${path}/receipt`)).body;
  const receipt = await readReceipt(second);
  assert.equal(receipt.partnerNotice.state, 'confirmed');
  assert.notDeepEqual(second.signature, first.signature, 'it is signed anew');
  const told = (await atHome()('GET', '/admin/audit/events?action=partners.ended-by-partner')).body.value;
  assert.equal(told.length, 1);
  assert.equal((await readReceipt(told[0].facts.receipt)).id, begun.body.id, 'and the partner can check it, too');
});

test('beyond 3.3.5: a partner that is confirmed again before it was told of the parting stays one', async () => {
  const ann = fabrikam.api(fabrikam.administrator);
  const confirm = async () => {
    const { digest, proven } = (await ann('GET', `/admin/partners/discover?domain=${contoso.place}`)).body;
    const confirmed = await ann('POST', '/admin/partners', { domain: contoso.place, digest, domains: proven });
    assert.equal(confirmed.status, 201, JSON.stringify(confirmed.body));
  };
  const records = async () => (await ann('GET', '/admin/partners')).body.value.map(({ id }: { id: string }) => id);
  assert.deepEqual(await records(), [], 'who has heard of it is known no more');
  await confirm();
  apart(contoso);
  const { id } = (await ann('POST', '/admin/endings', { partner: contoso.domain })).body;
  const path = `/admin/endings/${id}`;
  await eventually(async () => (await ann('GET', path)).body.noticeAttempts > 0);
  together(contoso);
  fabrikam.app.clock.advance(60);
  await confirm();
  const sent = await ann('POST', `/admin/partners/${contoso.id}/untold/send`);
  assert.ok(sent.status < 300, JSON.stringify(sent.body));
  await eventually(async () => (await ann('GET', path)).body.notice === 'confirmed');
  assert.deepEqual(await records(), [contoso.id]);
});
