import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  chooseIdentityProvider,
  describeInvitation,
  findAccount,
  findAccountByIdentity,
  findGuestStanding,
  type ProvenIdentity,
  redeemInvitation,
  requestPasscode,
  resetRedemption,
  verifyPasscode,
} from '../../src/directory/index.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { APPS, aGuestOf, allow, bobAtHome, invite, lettersOf, ORIGIN, ticketOf } from '../support/guests.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

const atContoso = (name: string, rest: Partial<ProvenIdentity> = {}): ProvenIdentity => ({
  ...bobAtHome(cast),
  subject: `${name}-at-home`,
  email: `${name}@contoso.example`,
  homeAccountId: newId<'account'>(),
  ...rest,
});
const redeem = (guestId: AccountId, ticket: string | undefined, identity: ProvenIdentity, hasConsented = true) =>
  cast.fabrikam.asNobody((ctx) =>
    redeemInvitation(ctx, { guestId, identity, hasConsented, ...(ticket === undefined ? {} : { ticket }) }),
  );
const stateOf = async (id: AccountId) =>
  (await cast.fabrikam.ann((ctx) => findAccount(ctx, id)))?.externalUserState ?? null;

test('ID-8: an invited person accepts with the account they have at home, and is asked for consent once', async () => {
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'bob@contoso.example', {
    isMailed: true,
    message: 'Welcome to Project Falcon',
  });
  const ticket = ticketOf(redeemUrl);
  const link = { guestId: account.id, ticket };
  const shown = await cast.fabrikam.asNobody((ctx) => describeInvitation(ctx, link));
  assert.equal(shown.tenantName, 'Fabrikam');
  assert.equal(shown.inviterName, 'Ann');
  assert.equal(shown.message, 'Welcome to Project Falcon');
  assert.equal(shown.invitedAddress, 'bob@contoso.example');
  assert.equal(shown.hasAccepted, false);
  const provider = await cast.fabrikam.asNobody((ctx) => chooseIdentityProvider(ctx, 'bob@contoso.example'));
  assert.deepEqual(provider, { kind: 'home-tenant', tenantId: cast.contoso.id });

  const bob = bobAtHome(cast);
  await assert.rejects(redeem(account.id, ticket, bob, false), { code: 'directory.consent-required' });
  assert.equal(await stateOf(account.id), 'PendingAcceptance');
  cast.app.clock.advance(60);
  const done = await redeem(account.id, ticket, bob);
  assert.equal(done.redirectUrl, APPS);
  const guest = await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id));
  assert.equal(guest?.externalUserState, 'Accepted');
  assert.deepEqual(guest?.externalUserStateChangedAt, cast.app.clock.now);
  assert.deepEqual(guest?.identities, [{ signInType: 'federated', issuer: bob.issuer, issuerAssignedId: bob.subject }]);
  assert.equal(guest?.homeTenantId, cast.contoso.id);
  // The second visit: no consent, nothing changed.
  assert.deepEqual(await redeem(account.id, ticket, bob, false), { accountId: account.id, redirectUrl: APPS });
  const standing = await cast.fabrikam.asNobody((ctx) => findGuestStanding(ctx, bob));
  assert.deepEqual(standing, { status: 'accepted', accountId: account.id });
});

test('ID-9: somebody else who holds the link is told whom it is for, and is not bound to it', async () => {
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'wanted@contoso.example');
  await assert.rejects(redeem(account.id, ticketOf(redeemUrl), atContoso('other')), (error: never) => {
    const { code, facts } = error as { code: string; facts: Record<string, unknown> };
    assert.equal(code, 'directory.wrong-account');
    assert.deepEqual(facts, { signedInAs: 'other@contoso.example', invited: 'wanted@contoso.example' });
    return true;
  });
  assert.equal(await stateOf(account.id), 'PendingAcceptance');
  // After it is accepted, nobody else can take it over either.
  await redeem(account.id, ticketOf(redeemUrl), atContoso('wanted'));
  await assert.rejects(redeem(account.id, ticketOf(redeemUrl), atContoso('wanted', { subject: 'another' })), {
    code: 'directory.wrong-account',
  });
});

test('an address that the home does not own proves nothing, whatever the account at home says', async () => {
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'victim@outside.example');
  const claims = atContoso('thief', { email: 'victim@outside.example', aliases: ['victim@outside.example'] });
  await assert.rejects(redeem(account.id, ticketOf(redeemUrl), claims), { code: 'directory.wrong-account' });
  const standing = await cast.fabrikam.asNobody((ctx) => findGuestStanding(ctx, claims));
  assert.deepEqual(standing, { status: 'none' });
  // Nor does a passcode stand in for a home tenant that holds the domain.
  const managed = await invite(cast.fabrikam.ann, 'managed@contoso.example');
  const byCode = { issuer: 'mail', subject: 'managed@contoso.example', email: 'managed@contoso.example' };
  await assert.rejects(
    redeem(managed.account.id, ticketOf(managed.redeemUrl), {
      ...byCode,
      homeTenantId: null,
      homeAccountId: null,
      methods: ['otp'],
    }),
    { code: 'directory.wrong-account' },
  );
});

test('an alias of the invited address accepts by the link alone', async () => {
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'alias@contoso.example');
  const identity = atContoso('primary', { aliases: ['alias@contoso.example'] });
  await assert.rejects(redeem(account.id, undefined, identity), { code: 'directory.invitation-not-found' });
  await redeem(account.id, ticketOf(redeemUrl), identity);
  assert.equal(await stateOf(account.id), 'Accepted');
});

test('an invited person who comes without the link is found and accepts on the first visit', async () => {
  const { account } = await invite(cast.fabrikam.ann, 'direct@contoso.example');
  const identity = atContoso('direct');
  const standing = await cast.fabrikam.asNobody((ctx) => findGuestStanding(ctx, identity));
  assert.deepEqual(standing, { status: 'pending', accountId: account.id });
  await redeem(account.id, undefined, identity);
  assert.equal(await stateOf(account.id), 'Accepted');
});

test('a wrong ticket, a wrong guest and a link of another organisation are one and the same answer', async () => {
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'links@contoso.example');
  const ticket = ticketOf(redeemUrl);
  const wrong = { code: 'directory.invitation-not-found' };
  const look = (guestId: AccountId, used: string) =>
    cast.fabrikam.asNobody((ctx) => describeInvitation(ctx, { guestId, ticket: used }));
  await assert.rejects(look(account.id, 'nonsense'), wrong);
  await assert.rejects(look(newId<'account'>(), ticket), wrong);
  await assert.rejects(
    cast.contoso.asNobody((ctx) => describeInvitation(ctx, { guestId: account.id, ticket })),
    wrong,
  );
});

const codeOf = async (address: string) => {
  const letter = (await lettersOf(cast.fabrikam)).find(
    (one) => one.kind === 'passcode' && one.to.address === address && one.state === 'waiting',
  );
  return letter?.text?.match(/\b\d{8}\b/)?.[0];
};
const ask = (address: string) => cast.fabrikam.asNobody((ctx) => requestPasscode(ctx, { address }));
const verify = (address: string, code: string) =>
  cast.fabrikam.asNobody((ctx) => verifyPasscode(ctx, { address, code }));

test('ID-10: an address without a known home is proven by a code, once, and not after 30 minutes', async () => {
  const address = 'alice@outside.example';
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, address);
  assert.deepEqual(await cast.fabrikam.asNobody((ctx) => chooseIdentityProvider(ctx, address)), {
    kind: 'passcode',
    address,
  });
  assert.deepEqual(await ask(address), { status: 'sent' });
  const old = await eventually(() => codeOf(address));
  cast.app.clock.advance(30 * 60 + 1);
  assert.deepEqual(await verify(address, old), { status: 'wrong' });

  await ask(address);
  const code = await eventually(async () => {
    const found = await codeOf(address);
    return found !== old && found;
  });
  assert.deepEqual(await verify(address, code), { status: 'verified' });
  assert.deepEqual(await verify(address, code), { status: 'wrong' });
  await redeem(account.id, ticketOf(redeemUrl), {
    issuer: 'mail',
    subject: address,
    email: address,
    homeTenantId: null,
    homeAccountId: null,
    methods: ['otp'],
  });
  const guest = await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id));
  assert.equal(guest?.identities[0]?.issuer, 'mail');
});

test('ID-10: five wrong tries use a code up', async () => {
  const address = 'tries@outside.example';
  await invite(cast.fabrikam.ann, address);
  await ask(address);
  const code = await eventually(() => codeOf(address));
  for (let i = 0; i < 5; i += 1) assert.deepEqual(await verify(address, '00000000'), { status: 'wrong' });
  assert.deepEqual(await verify(address, code), { status: 'wrong' });
});

test('IS-12: an unknown address gets the same answers, and no letter; too many requests are slowed down', async () => {
  assert.deepEqual(await ask('unknown@outside.example'), { status: 'sent' });
  assert.deepEqual(await verify('unknown@outside.example', '12345678'), { status: 'wrong' });
  await ask('unknown@outside.example');
  await ask('unknown@outside.example');
  const fourth = await ask('unknown@outside.example');
  assert.equal(fourth.status, 'throttled');
  const letters = await lettersOf(cast.fabrikam);
  assert.ok(!letters.some((letter) => letter.to.address === 'unknown@outside.example'));
  cast.app.clock.advance(601);
  assert.deepEqual(await ask('unknown@outside.example'), { status: 'sent' });
});

test('ID-11: without passcodes and another provider nobody can accept; the invitation stays open', async () => {
  const address = 'stuck@outside.example';
  const { account } = await invite(cast.fabrikam.ann, address);
  await allow(cast.fabrikam.ann, { emailPasscode: false, privacyContact: 'privacy@fabrikam.example' });
  const choose = () => cast.fabrikam.asNobody((ctx) => chooseIdentityProvider(ctx, address));
  await eventually(() =>
    choose().then(
      () => false,
      (error) => {
        assert.equal(error.code, 'directory.no-way-to-sign-in');
        assert.match(error.sentence, /privacy@fabrikam\.example/);
        return true;
      },
    ),
  );
  assert.equal(await stateOf(account.id), 'PendingAcceptance');
  await allow(cast.fabrikam.ann, { emailPasscode: null, privacyContact: null });
  await eventually(() => choose().catch(() => false));
});

test('ID-15: a domain denied after the invitation is refused at the door; guests already in stay', async () => {
  const inside = await aGuestOf(cast.fabrikam.ann, cast.fabrikam, atContoso('inside'));
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'late@contoso.example');
  await allow(cast.fabrikam.ann, { domainRestriction: 'deny', blockedDomains: ['contoso.example'] });
  await eventually(() =>
    redeem(account.id, ticketOf(redeemUrl), atContoso('late'), false).then(
      () => false,
      (error) => error.code === 'directory.redemption-blocked',
    ),
  );
  assert.equal(await stateOf(account.id), 'PendingAcceptance');
  const standing = await cast.fabrikam.asNobody((ctx) => findGuestStanding(ctx, atContoso('inside')));
  assert.deepEqual(standing, { status: 'accepted', accountId: inside });
  await allow(cast.fabrikam.ann, { domainRestriction: null, blockedDomains: null });
  await eventually(() => redeem(account.id, ticketOf(redeemUrl), atContoso('late')).catch(() => false));
});

test('ID-24: a guest is bound anew only to an address of theirs; the old account is out, the id stays', async () => {
  const old = atContoso('moves');
  const guestId = await aGuestOf(cast.fabrikam.ann, cast.fabrikam, old);
  const input = { accountId: guestId, address: 'moves@newhome.example', redirectUrl: APPS, origin: ORIGIN };
  const before = await cast.fabrikam.ann((ctx) => findAccount(ctx, guestId));
  await assert.rejects(
    cast.fabrikam.anders((ctx) => resetRedemption(ctx, input)),
    { code: 'access.refused' },
  );
  await assert.rejects(
    cast.fabrikam.ann((ctx) => resetRedemption(ctx, input)),
    {
      code: 'directory.address-not-on-guest',
    },
  );
  const made = await cast.fabrikam.ann((ctx) => resetRedemption(ctx, { ...input, isNewAddress: true }));
  assert.equal(made.account.id, guestId);
  assert.equal(made.account.userPrincipalName, before?.userPrincipalName);
  assert.equal(made.account.externalUserState, 'PendingAcceptance');
  const identity = { issuer: old.issuer, issuerAssignedId: old.subject };
  assert.equal(await cast.fabrikam.ann((ctx) => findAccountByIdentity(ctx, identity)), undefined);
  await assert.rejects(redeem(guestId, ticketOf(made.redeemUrl), old), { code: 'directory.wrong-account' });
  await redeem(guestId, ticketOf(made.redeemUrl), {
    issuer: 'mail',
    subject: 'moves@newhome.example',
    email: 'moves@newhome.example',
    homeTenantId: null,
    homeAccountId: null,
    methods: ['otp'],
  });
  assert.equal(await stateOf(guestId), 'Accepted');
  // The address they left may be invited again, as somebody else; the name is set apart.
  const next = await invite(cast.fabrikam.ann, 'moves@contoso.example');
  assert.ok(next.account.id === guestId || next.account.userPrincipalName !== before?.userPrincipalName);
});

test('ID-24: an account of ours can be given another home, and keeps its id and name', async () => {
  const { andersId, ann } = cast.fabrikam;
  const before = await ann((ctx) => findAccount(ctx, andersId));
  const made = await ann((ctx) =>
    resetRedemption(ctx, {
      accountId: andersId,
      address: 'anders@contoso.example',
      isNewAddress: true,
      redirectUrl: APPS,
      origin: ORIGIN,
    }),
  );
  // Until it is accepted, the way in that there was stays.
  assert.deepEqual(made.account.identities, before?.identities);
  const identity = atContoso('anders');
  await redeem(andersId, ticketOf(made.redeemUrl), identity);
  const after = await ann((ctx) => findAccount(ctx, andersId));
  assert.equal(after?.userPrincipalName, before?.userPrincipalName);
  assert.equal(after?.userType, 'Member');
  assert.equal(after?.homeTenantId, cast.contoso.id);
  assert.deepEqual(
    after?.identities.map(({ issuer }) => issuer),
    [identity.issuer],
  );
});
