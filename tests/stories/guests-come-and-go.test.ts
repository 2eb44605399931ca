import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { ALLOW_ALL, BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, PASSWORD, type People, startPeople } from '../support/people.ts';
import { authorizeAddress, claimsOf, exchange, signIn, typePassword } from '../support/sign-in.ts';
import { isBack, type Visited, visitingHere } from '../support/visiting.ts';

let people: People;
let visits: ReturnType<typeof visitingHere>;
let ann: Api;
let carla: Api;
const BOB = 'bob@contoso.example';

before(async () => {
  people = await startPeople({ withPasswords: true, settings: { demo: true } });
  visits = visitingHere(people);
  ann = people.api(people.fabrikam.ann);
  carla = people.api(people.contoso.carla);
  const { redeem } = await visits.invite(BOB);
  const browser = new Browser();
  await visits.proveAtHome(browser, redeem, BOB);
  const accepted = await visits.act(browser, redeem, 'consent', { accepted: true });
  assert.equal(accepted.json.step, 'done', accepted.text);
});
after(() => people.app.close());

const POLICY = '/v1.0/policies/crossTenantAccessPolicy';
/** What one organisation says of the other, in place of all it said before. */
async function say(api: Api, ofTenant: string, values: Record<string, unknown>): Promise<void> {
  await api('DELETE', `${POLICY}/partners/${ofTenant}`);
  const made = await api('POST', `${POLICY}/partners`, { tenantId: ofTenant, ...values });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}
const atFabrikam = (values: Record<string, unknown>) => say(ann, people.contoso.id, values);
const atContoso = (values: Record<string, unknown>) => say(carla, people.fabrikam.id, values);

/** The step that a page stands at. */
const stepAt = async (browser: Browser, { url }: { url: URL }) => (await browser.send('GET', stepsOf(url))).json;
const arrives = async (browser: Browser, code?: () => string): Promise<Visited> =>
  visits.signInAsGuest(browser, BOB, code);
const failuresOf = async (api: Api) =>
  (await api('GET', '/admin/audit/events?action=signin.sign-in-failed&limit=5')).body.value as {
    reason: string;
    correlationId: string;
  }[];

const codes = (secret: string) => {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return () => {
    // Each step counts once: the clock is the server's, and moves on.
    people.app.clock.advance(31);
    return totp.generate({ timestamp: people.app.clock.now.getTime() });
  };
};

test('CT-7: a home that lets nobody out stops its guest at the door, and both logs say so under one id', async () => {
  await atContoso({ b2bCollaborationOutbound: BLOCK_ALL });
  const browser = new Browser();
  const stopped = await arrives(browser);
  assert.ok(isSignInPage(stopped.url), stopped.url.href);
  const shown = await stepAt(browser, stopped);
  const { reference, ...blocked } = shown.blocked;
  assert.deepEqual([shown.step, blocked], ['blocked', { why: 'policy', organisation: 'Contoso' }]);
  assert.equal(reference.at, 'Contoso');
  const opened = await carla('GET', `/admin/decisions/${reference.id}`);
  assert.equal(opened.body.refusal.question, 'partners.people.go-out', 'home opens what its person reads out');
  assert.match(JSON.stringify(opened.body.now.explanation), /b2bCollaborationOutbound/);
  assert.equal((await ann('GET', `/admin/decisions/${reference.id}`)).status, 404, 'and nobody else');
  const [here] = await failuresOf(ann);
  const [home] = await failuresOf(carla);
  assert.deepEqual([here?.reason, home?.reason], ['blocked-home', 'blocked-home']);
  assert.equal(here?.correlationId, home?.correlationId);
  const because = async (api: Api) => {
    const [one] = (await api('GET', '/admin/audit/events?action=access.refused&limit=1')).body.value;
    return one.facts.because.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await because(ann), ['partners.home-has-let-out']);
  assert.deepEqual(await because(carla), ['partners.home-lets-person-out']);

  // Nor does a token of home open what the sign-in page does not.
  const { access_token } = await signIn(people.app.origin, 'contoso.example', BOB);
  const swap = () =>
    exchange(new Browser(), people.app.origin, 'fabrikam.example', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  assert.deepEqual([(await swap()).status, (await swap()).json.error], [400, 'access_denied']);
  const named = /reference ([0-9A-F]{8})/.exec((await swap()).json.error_description)?.[1];
  assert.equal((await carla('GET', `/admin/decisions/${named}`)).status, 200, 'also on the wire');
  await atContoso({});
  assert.ok(isBack((await arrives(new Browser())).url));
  assert.equal((await swap()).status, 200);
});

test('CT-7: an organisation that lets nobody in stops the guest itself, and only itself', async () => {
  await atFabrikam({ b2bCollaborationInbound: BLOCK_ALL });
  const browser = new Browser();
  const shown = await stepAt(browser, await arrives(browser));
  const { reference, ...blocked } = shown.blocked;
  assert.deepEqual([shown.step, blocked], ['blocked', { why: 'policy', organisation: 'Fabrikam' }]);
  const opened = await ann('GET', `/admin/decisions/${reference.id}`);
  assert.equal(opened.body.now.explanation.level, 'none', JSON.stringify(opened.body));
  assert.match(JSON.stringify(opened.body.now.explanation.smallestChange), /b2bCollaborationInbound/);
  assert.equal((await carla('GET', `/admin/decisions/${reference.id}`)).status, 404);
  assert.equal((await failuresOf(ann))[0]?.reason, 'blocked-here');
  // One application may be open where the rest is not.
  const applications = { accessType: 'allowed', targets: [{ target: 'Office365', targetType: 'application' }] };
  await atFabrikam({ b2bCollaborationInbound: { ...ALLOW_ALL, applications } });
  assert.ok(isBack((await arrives(new Browser())).url));
  const others = { accessType: 'blocked', targets: applications.targets };
  await atFabrikam({ b2bCollaborationInbound: { ...ALLOW_ALL, applications: others } });
  const again = new Browser();
  assert.equal((await stepAt(again, await arrives(again))).step, 'blocked');
  await atFabrikam({});
});

test('beyond 3.2: a guest asks inside the organisation visited, whose administrator answers', async () => {
  const browser = new Browser();
  const tokens = await visits.tokensFor(browser, await arrives(browser));
  const asBob = people.call(tokens.json.access_token);
  const no = await asBob('GET', '/admin/ledger');
  assert.equal(no.status, 403, JSON.stringify(no.body));
  const notice = await asBob('GET', `/me/decisions/${no.body.decisionId}`);
  assert.deepEqual([notice.body.canAsk, notice.body.refusedBy], [true, null]);
  const made = await asBob('POST', '/me/access-requests', { reference: no.body.decisionId, message: 'To compare.' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const asked = (await ann('GET', '/admin/access-requests?state=open')).body.value;
  assert.deepEqual(
    asked.map(({ id, asker }: { id: string; asker: { name: string } }) => [id, asker.name]),
    [[made.body.id, 'Bob Kelly <bob@contoso.example>']],
  );
  assert.deepEqual((await carla('GET', '/admin/access-requests')).body.value, [], 'home has nothing to do with it');
  const door = `/admin/access-requests/${made.body.id}`;
  const { giving } = (await ann('GET', door)).body;
  assert.equal(giving.kind, 'role');
  const answered = await ann('POST', `${door}/answer`, { decision: 'decline', note: 'Not for guests.' });
  assert.equal(answered.status, 204, JSON.stringify(answered.body));
  const own = (await asBob('GET', '/me/access-requests')).body.asked;
  assert.deepEqual([own[0].state, own[0].note], ['declined', 'Not for guests.']);
});

test('CT-13: whoever leaves the group at home is out of the session they have, and does not come in again', async () => {
  const group = await carla('POST', '/v1.0/groups', {
    displayName: 'Falcon',
    mailNickname: 'falcon',
    mailEnabled: false,
    securityEnabled: true,
  });
  assert.equal(group.status, 201, JSON.stringify(group.body));
  const members = `/v1.0/groups/${group.body.id}/members`;
  const add = () =>
    carla('POST', `${members}/$ref`, {
      '@odata.id': `${people.app.origin}/v1.0/directoryObjects/${people.contoso.bob.id}`,
    });
  const usersAndGroups = { accessType: 'allowed', targets: [{ target: group.body.id, targetType: 'group' }] };
  await atFabrikam({ b2bCollaborationInbound: { ...ALLOW_ALL, usersAndGroups } });
  const before = new Browser();
  assert.equal((await stepAt(before, await arrives(before))).step, 'blocked');

  assert.equal((await add()).status, 204);
  const browser = new Browser();
  const inside = await arrives(browser);
  assert.ok(isBack(inside.url), inside.url.href);
  const tokens = await visits.tokensFor(browser, inside);
  const asBob = people.call(tokens.json.access_token);
  assert.equal((await asBob('GET', '/v1.0/me')).status, 200);
  // An open session goes on without a word.
  assert.ok(isBack((await browser.open(authorizeAddress(people.app.origin, 'fabrikam.example').address, isBack)).url));

  const removed = await carla('DELETE', `${members}/${people.contoso.bob.id}/$ref`);
  assert.equal(removed.status, 204);
  const { sweeps = [] } = people.app.modules.find(({ name }) => name === 'signin') ?? {};
  const sweep = sweeps.find(({ name }) => name === 'signin.recheck-guests-signed-in');
  assert.equal(sweep?.cron, '*/3 * * * *');
  await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    sweep!.run(ctx),
  );
  await eventually(async () => (await asBob('GET', '/v1.0/me')).status === 401);
  const next = await browser.open(
    authorizeAddress(people.app.origin, 'fabrikam.example').address,
    (url) => isBack(url) || isSignInPage(url),
  );
  assert.ok(isSignInPage(next.url), next.url.href);
  const late = new Browser();
  assert.equal((await stepAt(late, await arrives(late))).step, 'blocked');
  await atFabrikam({});
});

test('a policy that closes ends the sessions that stand on it at once', async () => {
  const browser = new Browser();
  const tokens = await visits.tokensFor(browser, await arrives(browser));
  const asBob = people.call(tokens.json.access_token);
  assert.equal((await asBob('GET', '/v1.0/me')).status, 200);
  await atFabrikam({ b2bCollaborationInbound: BLOCK_ALL });
  await eventually(async () => (await asBob('GET', '/v1.0/me')).status === 401);
  await atFabrikam({});
});

test('CT-10: without trust a second factor is set up and asked for here; with trust home’s counts', async () => {
  const require = async (requireSecondFactor: boolean) => {
    const set = await ann('PATCH', '/admin/settings/signin.guests', { values: { requireSecondFactor } });
    assert.equal(set.status, 200, JSON.stringify(set.body));
  };
  await require(true);
  await atFabrikam({});
  const first = new Browser();
  const stopped = await arrives(first);
  const toSetUp = await stepAt(first, stopped);
  assert.deepEqual([toSetUp.step, toSetUp.reference?.at], ['set-up-second-factor', 'Fabrikam']);
  await opensChallenge(toSetUp.reference.id);
  const steps = stepsOf(stopped.url);
  const offered = await first.post(`${steps}/second-factor-options`);
  assert.match(offered.json.uri, /^otpauth:\/\/totp\/Fabrikam/);
  const codeHere = codes(offered.json.secret);
  assert.equal((await first.post(`${steps}/totp`, { code: '000000' })).status, 400);
  const done = await first.post(`${steps}/totp`, { code: codeHere() });
  assert.equal(done.json.step, 'done', done.text);
  const back = await first.open(new URL(done.json.redirectTo, people.app.origin).href, isBack);
  const tokens = await visits.tokensFor(first, { started: stopped.started, url: back.url });
  assert.deepEqual(claimsOf(tokens.json.access_token).amr, ['pwd', 'otp', 'mfa']);

  // The next time it is asked for here, although home asks for one as well: home is not trusted.
  const bob = people.api(people.contoso.bob);
  const begun = await bob('POST', '/me/security/totp');
  const codeAtHome = codes(begun.body.secret);
  assert.equal((await bob('POST', '/me/security/totp/confirm', { code: codeAtHome() })).status, 200);
  const second = new Browser();
  const asked = await arrives(second, codeAtHome);
  const toShow = await stepAt(second, asked);
  assert.deepEqual([toShow.step, toShow.reference?.id], ['second-factor', toSetUp.reference.id], 'the same once more');
  const answered = await second.post(`${stepsOf(asked.url)}/totp`, { code: codeHere() });
  assert.equal(answered.json.step, 'done', answered.text);

  // With trust, nobody asks a second time.
  await atFabrikam({ inboundTrust: { isMfaAccepted: true } });
  const third = new Browser();
  const trusted = await arrives(third, codeAtHome);
  assert.ok(isBack(trusted.url), trusted.url.href);
  const proven = await visits.tokensFor(third, trusted);
  assert.deepEqual(claimsOf(proven.json.access_token).amr, ['pwd', 'otp', 'mfa']);

  // And where home has none to show, home is asked for it; here nobody is. Carla has one factor at home.
  const { redeem } = await visits.invite('carla@contoso.example');
  const guest = new Browser();
  await visits.proveAtHome(guest, redeem, 'carla@contoso.example');
  assert.equal((await visits.act(guest, redeem, 'consent', { accepted: true })).json.step, 'done');
  const carlas = new Browser();
  const challenged = await visits.signInAsGuest(carlas, 'carla@contoso.example');
  assert.equal((await stepAt(carlas, challenged)).step, 'home');
  const returned = await visits.goHome(carlas, challenged.url, 'carla@contoso.example');
  const end = await stepAt(carlas, returned);
  const { reference, ...blocked } = end.blocked;
  assert.deepEqual([end.step, blocked], ['blocked', { why: 'second-factor', organisation: 'Contoso' }]);
  assert.equal(reference.at, 'Fabrikam', 'home is asked for it, and it is Fabrikam that wants it');
  await opensChallenge(reference.id);
  // However often she tries: it is written down once, and has one name.
  const asksOnceMore = async () => {
    const again = new Browser();
    const at = await visits.signInAsGuest(again, 'carla@contoso.example');
    return (await stepAt(again, await visits.goHome(again, at.url, 'carla@contoso.example'))).blocked.reference.id;
  };
  for (let n = 0; n < 2; n += 1) assert.equal(await asksOnceMore(), reference.id);
  assert.equal(await challenges(), 2, 'one of Bob, and one of Carla');
  people.app.clock.advance(10 * 60 + 1);
  assert.notEqual(await asksOnceMore(), reference.id, 'another day it is another one');
  await require(false);
});

/** The organisation that wants a second factor opens what the guest reads out; home learns nothing by it. */
async function opensChallenge(reference: string): Promise<void> {
  const { status, body } = await ann('GET', `/admin/decisions/${reference}`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.refusal.level, body.refusal.wanted], ['challenge', 'in']);
  const [reason] = body.refusal.because;
  assert.deepEqual([reason.name, reason.remedy], ['partners.second-factor-shown', 'sign-in-again']);
  assert.deepEqual(
    [reason.setting.module, reason.setting.name, reason.setting.value],
    ['signin.guests', 'requireSecondFactor', true],
  );
  assert.equal(body.now.explanation.level, 'challenge');
  assert.equal((await carla('GET', `/admin/decisions/${reference}`)).status, 404);
}

const challenges = async () => {
  const { body } = await ann('GET', '/admin/audit/events?action=access.refused&limit=200');
  return body.value.filter(({ facts }: { facts: { level: string } }) => facts.level === 'challenge').length;
};

test('CT-12: nobody is asked, and no invitation is mailed, only where both organisations have agreed to that', async () => {
  const consent = (inboundAllowed: boolean, outboundAllowed: boolean) => ({
    automaticUserConsentSettings: { inboundAllowed, outboundAllowed },
  });
  const both = [false, true];
  for (const outbound of both) {
    for (const inbound of both) {
      // Each says the opposite of the other direction: only home's outbound and the visited one's inbound count.
      await atContoso(consent(!outbound, outbound));
      await atFabrikam(consent(inbound, !inbound));
      const isAutomatic = outbound && inbound;
      const name = `${outbound ? 'out' : 'kept'}-${inbound ? 'in' : 'asked'}`;
      const userName = `${name}@contoso.example`;
      await newcomer(userName);
      const { guestId } = await visits.invite(userName);
      const letter = (await ann('GET', '/admin/mail?limit=1')).body.value[0];
      assert.equal(letter.subject, isAutomatic ? 'You have access to Fabrikam' : LETTER, name);

      const browser = new Browser();
      const arrived = await visits.signInAsGuest(browser, userName);
      assert.equal(arrived.url.pathname, isAutomatic ? '/signed-in' : '/redeem', name);
      if (isAutomatic) assert.equal((await visits.tokensFor(browser, arrived)).status, 200);
      const guest = await ann('GET', `/v1.0/users/${guestId}?$select=id,externalUserState`);
      assert.equal(guest.body.externalUserState, isAutomatic ? 'Accepted' : 'PendingAcceptance', name);
    }
  }
  await atContoso({});
  await atFabrikam({});
});

const LETTER = 'Ann Beebe invites you to use applications of Fabrikam';

/** Somebody new at Contoso, with everybody's password. */
async function newcomer(userPrincipalName: string): Promise<void> {
  const made = await carla('POST', '/v1.0/users', {
    accountEnabled: true,
    userPrincipalName,
    displayName: userPrincipalName,
    mailNickname: userPrincipalName.split('@')[0],
    mail: userPrincipalName,
    passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

test('CT-19: from a network that restricts, accounts of others are used elsewhere only where it lets them', async () => {
  const { fabrikam, contoso, tailspin } = people;
  const from = (tenantId: string) =>
    new Browser({ headers: { 'sec-Restrict-Tenant-Access-Policy': `${tenantId}:any` } });
  const { origin } = people.app;
  /** Whether somebody gets in where they are at home, and with what. */
  const atHome = async (browser: Browser, userName: string) => {
    const started = authorizeAddress(origin, userName.split('@')[1] ?? '');
    const page = await browser.open(started.address, (url) => isSignInPage(url) || isBack(url));
    if (isBack(page.url)) return 'in';
    const typed = await typePassword(browser, page.url, userName);
    reference = typed.json.blocked?.reference;
    return typed.json.step === 'done' ? 'in' : `${typed.json.step} ${typed.json.blocked?.why}`;
  };
  let reference: { id: string; at: string } | undefined;
  const TOM = 'tom@tailspin.example';
  const GUEST = 'out-in@contoso.example';
  // On Fabrikam's network: no foreign account elsewhere, neither at its home nor as a guest; our own people as ever.
  assert.equal(await atHome(from(fabrikam.id), TOM), 'blocked network');
  assert.equal(reference?.at, 'Fabrikam', 'whose network refuses can say why');
  assert.equal((await ann('GET', `/admin/decisions/${reference.id}`)).status, 200);
  assert.equal(await atHome(from(fabrikam.id), 'anders@fabrikam.example'), 'in');
  assert.equal(await atHome(new Browser(), TOM), 'in');
  // Foreign accounts at our own place are for the inbound settings.
  const visitor = from(tailspin.id);
  const stopped = await visits.signInAsGuest(visitor, GUEST).catch(() => undefined);
  assert.equal(stopped, undefined, 'a guest does not even sign in at home from the network of Tailspin');
  const [line] = await failuresOf(carla);
  assert.equal(line?.reason, 'blocked-network');
  const refusal = (await people.api(tailspin.tina)('GET', '/admin/audit/events?action=access.refused&limit=1')).body;
  assert.equal(refusal.value[0].facts.because[0].setting.name, 'tenantRestrictions');

  // A session from outside is carried in: it does not go on there, nor do its refresh tokens.
  const carried = new Browser();
  const open = await visits.tokensFor(carried, await visits.signInAsGuest(carried, GUEST));
  const refresh = (headers: Record<string, string>) =>
    fetch(`${origin}/fabrikam.example/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'entente-web',
        refresh_token: open.json.refresh_token,
      }),
    });
  const restricted = { 'sec-restrict-tenant-access-policy': `${tailspin.id}:any` };
  assert.equal((await refresh(restricted)).status, 400);
  // Nor does accepting an invitation there leave a session behind, as it does everywhere else.
  await newcomer('redeems@contoso.example');
  const { redeem } = await visits.invite('redeems@contoso.example');
  const invited = new Browser();
  await visits.proveAtHome(invited, redeem, 'redeems@contoso.example');
  const address = `${origin}/me/redemption/consent${redeem.search}`;
  const accepted = await invited.post(address, { accepted: true }, restricted);
  assert.deepEqual([accepted.json.step, accepted.headers['set-cookie']], ['done', undefined], accepted.text);

  // Tailspin lets people of one group of Contoso be at Contoso and elsewhere, from its own network.
  const tina = people.api(tailspin.tina);
  const group = await carla('POST', '/v1.0/groups', {
    displayName: 'On site',
    mailNickname: 'onsite',
    mailEnabled: false,
    securityEnabled: true,
  });
  const usersAndGroups = { accessType: 'allowed', targets: [{ target: group.body.id, targetType: 'group' }] };
  await say(tina, contoso.id, { tenantRestrictions: { ...ALLOW_ALL, usersAndGroups } });
  assert.equal(await atHome(from(tailspin.id), GUEST), 'blocked network');
  await carla('POST', `/v1.0/groups/${group.body.id}/members/$ref`, {
    '@odata.id': `${origin}/v1.0/directoryObjects/${await idOf(GUEST)}`,
  });
  assert.equal(await atHome(from(tailspin.id), GUEST), 'in');
  // Of a network that is not known here nothing is known but that it restricts.
  for (const header of ['00000000-0000-4000-8000-000000000001:any', 'nonsense'])
    assert.equal(await atHome(from(header.replace(':any', '')), TOM), 'blocked network');
});

const idOf = async (userName: string) => (await carla('GET', `/v1.0/users/${userName}`)).body.id as string;

test('CT-20: a change is tried on the sign-ins of the last 30 days, tells whom it would lock out, and changes nothing', async () => {
  const GUEST = 'out-in@contoso.example';
  const path = '/admin/partners/access/what-if';
  const tried = async (api: Api, body: unknown) => {
    const answer = await api('POST', path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.isComplete, true);
    return answer.body.blocked as { userName: string; direction: string; applicationId: string; signIns: number }[];
  };
  const here = { tenantId: people.contoso.id };
  const inbound = (b2bCollaborationInbound: unknown) => ({ ...here, changes: { b2bCollaborationInbound } });
  const before = (await ann('GET', `${POLICY}/partners/${people.contoso.id}`)).body;

  const all = await tried(ann, inbound(BLOCK_ALL));
  assert.ok(all.length >= 2, JSON.stringify(all));
  assert.ok(all.every(({ direction, applicationId }) => direction === 'inbound' && applicationId === 'entente-web'));
  const bobs = all.find(({ userName }) => userName.startsWith('bob_contoso.example'));
  assert.ok((bobs?.signIns ?? 0) > 1, 'sign-ins are counted');
  // Only one person stays: by the id that home has for them, as home says it now.
  const target_ = { target: await idOf(GUEST), targetType: 'user' };
  const usersAndGroups = { accessType: 'allowed', targets: [target_] };
  const others = await tried(ann, inbound({ ...ALLOW_ALL, usersAndGroups }));
  assert.equal(others.length, all.length - 1);
  assert.ok(!others.some(({ userName }) => userName.startsWith('out-in')));
  assert.deepEqual(await tried(ann, inbound(ALLOW_ALL)), []);
  // Said of everybody, it reaches those who have no word of their own.
  assert.equal((await tried(ann, { changes: { b2bCollaborationInbound: BLOCK_ALL } })).length, all.length);
  // The other side sees its own people, going out.
  const out = await tried(carla, { tenantId: people.fabrikam.id, changes: { b2bCollaborationOutbound: BLOCK_ALL } });
  assert.ok(out.some(({ userName, direction }) => userName === BOB && direction === 'outbound'));

  assert.deepEqual((await ann('GET', `${POLICY}/partners/${people.contoso.id}`)).body, before);
  const contradiction = { ...BLOCK_ALL, applications: ALLOW_ALL.applications };
  assert.equal((await ann('POST', path, inbound(contradiction))).status, 400);
  assert.equal((await people.api(people.fabrikam.anders)('POST', path, inbound(BLOCK_ALL))).status, 403);
  people.app.clock.advance(31 * 86_400);
  assert.deepEqual(await tried(people.api(people.fabrikam.ann), inbound(BLOCK_ALL)), []);
});
