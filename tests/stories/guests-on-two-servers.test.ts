import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { partnersIn } from '../../src/app/modules.ts';
import { ALLOW_ALL, BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { Browser, isSignInPage, stepsOf } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, callersOf } from '../support/people.ts';
import { authorizeAddress, claimsOf, exchange, typePassword } from '../support/sign-in.ts';
import { synchronizationStories } from '../support/synchronization-stories.ts';
import { becomePartners, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { isBack, type Visited, visiting } from '../support/visiting.ts';

// Bob is at home in Contoso, on one server, and becomes a guest of Fabrikam, on another.
let servers: TwoServers;
let fabrikam: Side;
let contoso: Side;
let ann: Api;
let carla: Api;
let ca: string;
let visits: ReturnType<typeof visiting>;
let guestId: string;
before(async () => {
  servers = await startTwoServers({ withPasswords: true });
  ({ fabrikam, contoso } = servers);
  ca = await readFile(join(servers.pki, 'ca.pem'), 'utf8');
  ann = fabrikam.api(fabrikam.administrator);
  carla = contoso.api(contoso.administrator);
  visits = visiting({ origin: fabrikam.app.origin, id: fabrikam.id, ann });
});
after(() => servers?.close());

const BOB = 'bob@contoso.example';
const POLICY = '/v1.0/policies/crossTenantAccessPolicy';
const aBrowser = () => new Browser({ ca, address: '127.0.0.1' });
const arrives = (browser: Browser, code?: () => string): Promise<Visited> => visits.signInAsGuest(browser, BOB, code);
const stepAt = async (browser: Browser, { url }: { url: URL }) => (await browser.send('GET', stepsOf(url))).json;
const tokenOf = async (browser: Browser, visited: Visited): Promise<string> => {
  const tokens = await visits.tokensFor(browser, visited);
  assert.equal(tokens.status, 200, tokens.text);
  return tokens.json.access_token;
};
const asHolderOf = (token: string): Api => callersOf(fabrikam.app, fabrikam.app.loopback).call(token);

/** What one organisation says of the other, in place of all it said before. */
async function say(api: Api, ofTenant: string, values: Record<string, unknown>): Promise<void> {
  await api('DELETE', `${POLICY}/partners/${ofTenant}`);
  const made = await api('POST', `${POLICY}/partners`, { tenantId: ofTenant, ...values });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}
const atFabrikam = (values: Record<string, unknown>) => say(ann, contoso.id, values);
const atContoso = (values: Record<string, unknown>) => say(carla, fabrikam.id, values);
const require = async (values: Record<string, boolean>) => {
  const set = await ann('PATCH', '/admin/settings/signin.guests', { values });
  assert.equal(set.status, 200, JSON.stringify(set.body));
};

test('before anybody has confirmed anything, home is nobody to the organisation visited, and it to home', async () => {
  const page = await aBrowser().open(
    `${contoso.app.origin}/${contoso.id}/oauth2/v2.0/authorize?client_id=tenant-${fabrikam.id}&response_type=code` +
      `&redirect_uri=${encodeURIComponent(`${fabrikam.app.origin}/${fabrikam.id}/signin-home`)}&scope=openid` +
      '&code_challenge=0000000000000000000000000000000000000000000&code_challenge_method=S256&nonce=n&state=s',
  );
  assert.equal(page.status, 400, page.text);
  await becomePartners(servers);
});

test('Bob accepts with the account that he has on another server, and is in at Fabrikam', async () => {
  const made = await visits.invite(BOB);
  guestId = made.guestId;
  const browser = aBrowser();
  const offer = await browser.send('GET', visits.offerAt(made.redeem));
  assert.deepEqual([offer.json.step, offer.json.home.displayName], ['sign-in', 'Contoso'], offer.text);
  const left = await visits.act(browser, made.redeem, 'start');
  // Only to the confirmed issuer of the confirmed partner.
  const away = new URL(left.json.redirectTo);
  assert.deepEqual([away.host, away.pathname], [contoso.place, `/${contoso.id}/oauth2/v2.0/authorize`]);
  const proven = await visits.proveAtHome(browser, made.redeem, BOB);
  assert.equal(proven.json.step, 'consent', proven.text);
  const accepted = await visits.act(browser, made.redeem, 'consent', { accepted: true });
  assert.equal(accepted.json.step, 'done', accepted.text);

  const later = aBrowser();
  const arrived = await arrives(later);
  assert.ok(isBack(arrived.url), arrived.url.href);
  const token = await tokenOf(later, arrived);
  const claims = claimsOf(token);
  assert.deepEqual(
    { tid: claims.tid, oid: claims.oid, home_tid: claims.home_tid, idp: claims.idp, amr: claims.amr },
    {
      tid: fabrikam.id,
      oid: guestId,
      home_tid: contoso.id,
      idp: `${contoso.app.httpsOrigin}/${contoso.id}/v2.0`,
      amr: ['pwd'],
    },
  );
  assert.equal((await asHolderOf(token)('GET', '/v1.0/me')).status, 200);
  // What is on this server is listed; home is asked at home.
  const mine = await asHolderOf(token)('GET', '/me/organisations');
  assert.deepEqual(
    mine.body.value.map(({ displayName, isHome }: { displayName: string; isHome: boolean }) => [displayName, isHome]),
    [['Fabrikam', false]],
  );
  assert.deepEqual((await asHolderOf(token)('GET', '/me/organisations/elsewhere')).body.value, []);
});

test('ID-27: each organisation has its own line of the sign-in, under one id', async () => {
  const linesOf = async (api: Api) =>
    (await api('GET', '/admin/audit/events?action=signin.signed-in&limit=50')).body.value as {
      correlationId: string;
      facts: { resourceTenantId?: string; homeTenantId: string | null };
    }[];
  const [here] = await linesOf(ann);
  assert.equal(here?.facts.homeTenantId, contoso.id);
  const there = (await linesOf(carla)).filter(({ correlationId }) => correlationId === here?.correlationId);
  assert.deepEqual(
    there.map(({ facts }) => facts.resourceTenantId),
    [fabrikam.id],
  );
});

test('somebody of home who was not invited gets nothing, and an answer for another browser is none', async () => {
  const stranger = aBrowser();
  const stopped = await visits.signInAsGuest(stranger, 'carla@contoso.example');
  assert.ok(isSignInPage(stopped.url));
  assert.equal((await stepAt(stranger, stopped)).step, 'not-a-guest');

  const answerOf = async (change: (answer: URL) => void) => {
    const browser = aBrowser();
    const page = await browser.open(
      `${fabrikam.app.origin}/${fabrikam.id}/oauth2/v2.0/authorize?${new URLSearchParams(WEB)}`,
      isSignInPage,
    );
    await browser.post(`${stepsOf(page.url)}/username`, { userName: BOB });
    const left = await browser.post(`${stepsOf(page.url)}/home`);
    const home = await browser.open(left.json.redirectTo, isSignInPage);
    const steps = stepsOf(home.url);
    await browser.post(`${steps}/username`, { userName: BOB });
    const done = await browser.post(`${steps}/password`, { password: 'green apples ripen slowly' });
    const answer = await browser.open(new URL(done.json.redirectTo, home.url).href, (url) =>
      url.pathname.endsWith('/signin-home'),
    );
    change(answer.url);
    return browser.send('GET', answer.url.href);
  };
  const WEB = {
    client_id: 'entente-web',
    response_type: 'code',
    redirect_uri: `${fabrikam.app.origin}/signed-in`,
    scope: 'openid',
    code_challenge: '0000000000000000000000000000000000000000000',
    code_challenge_method: 'S256',
    nonce: 'n',
    state: 's',
  };
  // RFC 9207: an answer that another issuer wrote, or nobody, is not home's; neither is one whose state is not ours.
  const changes: readonly ((answer: URL) => void)[] = [
    (url) => url.searchParams.set('iss', `https://tailspin.example/${contoso.id}/v2.0`),
    (url) => url.searchParams.delete('iss'),
    (url) => url.searchParams.set('state', 'mine'),
    (url) => url.searchParams.set('code', 'made-up'),
  ];
  for (const change of changes) {
    const refused = await answerOf(change);
    assert.deepEqual([refused.status, refused.json?.code], [400, 'signin.home-failed'], refused.text);
  }
  assert.equal((await answerOf(() => {})).status, 303);
});

test('home answers to the confirmed key alone, sends people to the confirmed place, and gives nothing to act with', async () => {
  const at = `${contoso.app.origin}/${contoso.id}/oauth2/v2.0`;
  const asked = {
    client_id: `tenant-${fabrikam.id}`,
    response_type: 'code',
    redirect_uri: `${fabrikam.app.origin}/${fabrikam.id}/signin-home`,
    scope: 'openid',
    code_challenge: '0000000000000000000000000000000000000000000',
    code_challenge_method: 'S256',
  };
  const open = (change: Record<string, string>) =>
    aBrowser().open(`${at}/authorize?${new URLSearchParams({ ...asked, ...change })}`, isSignInPage);
  assert.ok(isSignInPage((await open({})).url));
  for (const redirect_uri of [
    `https://tailspin.example/${fabrikam.id}/signin-home`,
    `${fabrikam.app.origin}/${contoso.id}/signin-home`,
    `${contoso.app.origin}/${fabrikam.id}/signin-home`,
  ]) {
    const refused = await open({ redirect_uri });
    assert.equal(refused.status, 400, redirect_uri);
  }
  const resource = await open({ resource: 'https://api.entente/' });
  assert.ok(!isSignInPage(resource.url) || resource.status >= 400, resource.url.href);
  // Without the key, nobody is Fabrikam: neither with nothing, nor with another key.
  for (const proof of [
    {},
    {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.',
    },
  ]) {
    const refused = await exchange(aBrowser(), contoso.app.origin, contoso.id, {
      grant_type: 'authorization_code',
      client_id: asked.client_id,
      code: 'anything',
      redirect_uri: asked.redirect_uri,
      code_verifier: 'v'.repeat(43),
      ...proof,
    });
    assert.ok([400, 401].includes(refused.status) && refused.json.error === 'invalid_client', refused.text);
  }
});

const codes = (secret: string) => {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return () => {
    for (const { app } of [fabrikam, contoso]) app.clock.advance(31);
    return totp.generate({ timestamp: contoso.app.clock.now.getTime() });
  };
};

test('CT-10: the second factor that Bob showed at home counts where it is trusted, and else he is asked for one', async () => {
  const begun = await contoso.api(contoso.member)('POST', '/me/security/totp');
  const code = codes(begun.body.secret);
  const confirmed = await contoso.api(contoso.member)('POST', '/me/security/totp/confirm', { code: code() });
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
  await require({ requireSecondFactor: true });
  await atFabrikam({});
  const asked = aBrowser();
  assert.equal((await stepAt(asked, await arrives(asked, code))).step, 'set-up-second-factor');
  await atFabrikam({ inboundTrust: { isMfaAccepted: true } });
  const trusted = aBrowser();
  const arrived = await arrives(trusted, code);
  assert.ok(isBack(arrived.url), arrived.url.href);
  assert.deepEqual(claimsOf(await tokenOf(trusted, arrived)).amr, ['pwd', 'otp', 'mfa']);
  await require({ requireSecondFactor: false });
  bobsCode = code;
});
let bobsCode: (() => string) | undefined;

test('CT-11: a device is wanted that home looks after: no without trust, no without home’s word, yes with both', async () => {
  await require({ requireCompliantDevice: true });
  const stepOf = async () => {
    const browser = aBrowser();
    const arrived = await arrives(browser, bobsCode);
    return isBack(arrived.url) ? 'in' : await stepAt(browser, arrived);
  };
  const blockedBy = async () => {
    const { reference, ...blocked } = (await stepOf()).blocked;
    assert.match(reference.id, /^[0-9A-F]{8}$/);
    return blocked;
  };
  const blocked = { why: 'device', organisation: 'Fabrikam' };
  await atFabrikam({ inboundTrust: { isCompliantDeviceAccepted: true } });
  assert.deepEqual(await blockedBy(), blocked, 'home has no devices of its own');
  const networks = await carla('PATCH', '/admin/settings/signin.devices', {
    values: { compliantNetworks: ['127.0.0.0/8', '::1'] },
  });
  assert.equal(networks.status, 200, JSON.stringify(networks.body));
  await atFabrikam({});
  assert.deepEqual(await blockedBy(), blocked, 'home is not trusted');
  const [line] = (await ann('GET', '/admin/audit/events?action=signin.sign-in-failed&limit=1')).body.value;
  assert.equal(line.reason, 'device-not-compliant');
  await atFabrikam({ inboundTrust: { isCompliantDeviceAccepted: true } });
  assert.equal(await stepOf(), 'in');
  await require({ requireCompliantDevice: false });
  await atFabrikam({});
});

test('CT-7, CT-12: home that lets nobody out stops its guest; where both agreed, nobody is asked', async () => {
  await atContoso({ b2bCollaborationOutbound: BLOCK_ALL });
  const browser = aBrowser();
  const end = await stepAt(browser, await arrives(browser, bobsCode));
  const { reference, ...blocked } = end.blocked;
  assert.deepEqual(blocked, { why: 'policy', organisation: 'Contoso' });
  const opened = await carla('GET', `/admin/decisions/${reference.id}`);
  assert.equal(opened.body.refusal?.question, 'partners.people.go-out', JSON.stringify(opened.body));
  assert.equal((await ann('GET', `/admin/decisions/${reference.id}`)).status, 404);
  await atContoso({ automaticUserConsentSettings: { inboundAllowed: false, outboundAllowed: true } });
  await atFabrikam({ automaticUserConsentSettings: { inboundAllowed: true, outboundAllowed: false } });
  const { guestId: carlaId } = await visits.invite('carla@contoso.example');
  const unasked = aBrowser();
  const arrived = await visits.signInAsGuest(unasked, 'carla@contoso.example');
  assert.ok(isBack(arrived.url), arrived.url.href);
  const guest = await ann('GET', `/v1.0/users/${carlaId}?$select=id,externalUserState`);
  assert.equal(guest.body.externalUserState, 'Accepted');
  await atFabrikam({});
  await atContoso({});
});

test('ID-25, ID-26: at home Carla sees where she is a guest on another server, and leaves it from there as far as it lets her', async () => {
  const stays = async () => (await carla('GET', '/me/organisations/elsewhere')).body.value;
  const leave = () => carla('POST', `/me/organisations/elsewhere/${fabrikam.id}/leave`);
  const mayLeave = (guestsMayLeave: boolean) =>
    ann('PATCH', '/admin/settings/directory.external-collaboration', {
      values: { guestsMayLeave, privacyContact: guestsMayLeave ? null : 'privacy@fabrikam.example' },
    });
  await eventually(async () => (await stays()).length === 1);
  const [stay] = await stays();
  assert.deepEqual(
    [stay.tenantId, stay.displayName, stay.domain, stay.address, stay.isReached, stay.state, stay.mayLeave],
    [
      fabrikam.id,
      'Fabrikam',
      fabrikam.domain,
      `https://${fabrikam.place}/t/${fabrikam.domain}`,
      true,
      'accepted',
      true,
    ],
  );
  assert.match(stay.invitedBy, /^Ann/);
  // Nobody else's list has it, and nobody leaves what they are not in.
  const bob = contoso.api(contoso.member);
  assert.deepEqual((await ann('GET', '/me/organisations/elsewhere')).body.value, []);
  assert.equal((await ann('POST', `/me/organisations/elsewhere/${contoso.id}/leave`)).status, 404);
  assert.equal((await bob('GET', '/me/organisations/elsewhere')).body.value.length, 1);

  assert.equal((await mayLeave(false)).status, 200);
  const [held] = await stays();
  assert.deepEqual([held.mayLeave, held.contact], [false, 'privacy@fabrikam.example']);
  const refused = await leave();
  assert.deepEqual([refused.status, refused.body.code], [403, 'directory.may-not-leave'], JSON.stringify(refused.body));
  assert.equal((await mayLeave(true)).status, 200);
  assert.equal((await leave()).status, 204);
  assert.deepEqual(await stays(), []);
  const gone = await ann('GET', "/v1.0/users?$filter=mail eq 'carla@contoso.example'&$select=id");
  assert.deepEqual(gone.body.value, []);
  const [line] = (await ann('GET', '/admin/audit/events?action=directory.guest-left&limit=1')).body.value;
  assert.deepEqual([line.actor.kind, line.result], ['visitor', 'success']);
  await eventually(async () => (await leave()).status === 404);
});

test('CT-19: from the network of Fabrikam, an account of Contoso is used elsewhere as far as Fabrikam has set on its server', async () => {
  const CARLA = 'carla@contoso.example';
  const from = async (network: string) => {
    const headers = { 'sec-Restrict-Tenant-Access-Policy': `${network}:any` };
    const browser = new Browser({ ca, address: '127.0.0.1', headers });
    const { address } = authorizeAddress(contoso.app.origin, 'contoso.example');
    const typed = await typePassword(browser, (await browser.open(address, isSignInPage)).url, CARLA);
    reference = typed.json.blocked?.reference;
    return typed.json.step === 'done' ? 'in' : `${typed.json.step} ${typed.json.blocked?.why}`;
  };
  let reference: { id: string; at: string } | undefined;
  const onlyOf = (target: string, targetType: 'user' | 'group') =>
    atFabrikam({
      tenantRestrictions: {
        ...ALLOW_ALL,
        usersAndGroups: { accessType: 'allowed', targets: [{ target, targetType }] },
      },
    });
  assert.equal(await from(fabrikam.id), 'blocked network');
  const [line] = (await carla('GET', '/admin/audit/events?action=signin.sign-in-failed&limit=1')).body.value;
  assert.equal(line.reason, 'blocked-network');
  assert.equal(reference?.at, 'Fabrikam');
  assert.equal((await ann('GET', `/admin/decisions/${reference.id}`)).status, 200, 'who refused opens it');
  const [refusal] = (await ann('GET', '/admin/audit/events?action=access.refused&limit=1')).body.value;
  assert.equal(refusal.facts.because[0].setting.name, 'tenantRestrictions');
  assert.equal(await from(contoso.id), 'in', 'its own people are for its own settings');

  await atFabrikam({ tenantRestrictions: ALLOW_ALL });
  assert.equal(await from(fabrikam.id), 'in');
  await onlyOf(contoso.member.id, 'user');
  assert.equal(await from(fabrikam.id), 'blocked network');
  await onlyOf(contoso.administrator.id, 'user');
  assert.equal(await from(fabrikam.id), 'in');
  // Who is in a group is home's to say: Fabrikam asks it while home waits for Fabrikam's answer.
  const mail = { mailNickname: 'travellers', mailEnabled: false, securityEnabled: true };
  const group = await carla('POST', '/v1.0/groups', { displayName: 'Travellers', ...mail });
  await onlyOf(group.body.id, 'group');
  assert.equal(await from(fabrikam.id), 'blocked network');
  const added = await carla('POST', `/v1.0/groups/${group.body.id}/members/$ref`, {
    '@odata.id': `${contoso.app.origin}/v1.0/directoryObjects/${contoso.administrator.id}`,
  });
  assert.equal(added.status, 204);
  assert.equal(await from(fabrikam.id), 'in');
  // Whose network nobody knows restricts as everybody does who has set nothing.
  assert.equal(await from('00000000-0000-4000-8000-000000000001'), 'blocked network');
  await atFabrikam({});
});

test('CT-8, CT-9: direct connect needs both servers, and the second factor shown at home where it is trusted', async () => {
  const { arrivals } = partnersIn(fabrikam.app.modules);
  /** As a workload asks: home first, then its own organisation. */
  const uses = async (rest: Record<string, boolean> = {}) => {
    const about = { homeTenantId: contoso.id, mode: 'direct-connect', application: null } as const;
    const people = [{ userId: contoso.member.id }];
    const [vouched] = await arrivals.askHome({ tenantId: fabrikam.id, correlationId: '' }, { ...about, people });
    const input = { homeTenantId: contoso.id, homeLetsOut: vouched?.homeLetsOut, ...rest };
    const subjectId = fabrikam.administrator.id;
    const asked = await ann('POST', '/admin/explain', { question: 'partners.direct-connect.use', input, subjectId });
    assert.equal(asked.status, 200, JSON.stringify(asked.body));
    return asked.body.explanation.level;
  };
  const open = { b2bDirectConnectInbound: ALLOW_ALL };
  await atFabrikam(open);
  assert.equal(await uses(), 'none', 'Contoso lets nobody out');
  await atContoso({ b2bDirectConnectOutbound: ALLOW_ALL });
  assert.equal(await uses(), 'use');
  const shown = { needsSecondFactor: true, hasSecondFactor: true };
  assert.equal(await uses(shown), 'none', 'home is not trusted');
  await atFabrikam({ ...open, inboundTrust: { isMfaAccepted: true } });
  assert.equal(await uses(shown), 'use');
  assert.equal(await uses({ needsSecondFactor: true }), 'challenge');
  await atFabrikam({});
  await atContoso({});
});

test('IS-7: switched off at home, Bob is out at Fabrikam, and comes in no more', async () => {
  const browser = aBrowser();
  const asBob = asHolderOf(await tokenOf(browser, await arrives(browser, bobsCode)));
  assert.equal((await asBob('GET', '/v1.0/me')).status, 200);
  const off = await carla('PATCH', `/v1.0/users/${contoso.member.id}`, { accountEnabled: false });
  assert.equal(off.status, 204);
  await eventually(async () => (await asBob('GET', '/v1.0/me')).status === 401);
  const on = await carla('PATCH', `/v1.0/users/${contoso.member.id}`, { accountEnabled: true });
  assert.equal(on.status, 204);
});

test('an agreement that is suspended stops the guests who are in, and lets them in again once it is resumed', async () => {
  const AGREEMENTS = '/admin/partners/agreements';
  const done = async (answering: ReturnType<Api>) => {
    const answer = await answering;
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body;
  };
  const both = { offers: 'invite', accepts: 'invite' };
  const terms = [{ term: 'guests.invitation', of: 'fabrikam.example', ...both }];
  const { id } = await done(
    ann('POST', AGREEMENTS, { partner: 'contoso.example', title: 'Guests', terms, propose: true }),
  );
  await eventually(async () => (await carla('GET', `${AGREEMENTS}/${id}`)).body.state === 'proposed');
  await done(carla('POST', `${AGREEMENTS}/${id}/sign`, {}));
  await eventually(async () => (await ann('GET', `${AGREEMENTS}/${id}`)).body.state === 'active');

  const browser = aBrowser();
  const asBob = asHolderOf(await tokenOf(browser, await arrives(browser, bobsCode)));
  assert.equal((await asBob('GET', '/v1.0/me')).status, 200);
  await done(ann('POST', `${AGREEMENTS}/${id}/suspend`, { reason: 'An incident.' }));
  await eventually(async () => (await asBob('GET', '/v1.0/me')).status === 401);
  // The reason is read, and kept in the audit, on both sides.
  const events = '/admin/audit/events?action=partners.agreement-suspended&limit=1';
  for (const [api, suspendedFor] of [
    [ann, { us: 'An incident.', partner: null }],
    [carla, { us: null, partner: 'An incident.' }],
  ] as const) {
    await eventually(async () => (await api('GET', `${AGREEMENTS}/${id}`)).body.state === 'suspended');
    assert.deepEqual((await api('GET', `${AGREEMENTS}/${id}`)).body.suspendedFor, suspendedFor);
    assert.equal((await api('GET', events)).body.value[0].facts.reason, 'An incident.');
  }
  const late = aBrowser();
  assert.equal((await stepAt(late, await arrives(late, bobsCode))).step, 'blocked');
  await done(ann('POST', `${AGREEMENTS}/${id}/resume`, {}));
  const again = aBrowser();
  await eventually(async () => isBack((await arrives(again, bobsCode)).url));
  await done(ann('POST', `${AGREEMENTS}/${id}/end`, {}));
});

synchronizationStories(() => servers);
