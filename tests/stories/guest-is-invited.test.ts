import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listGrants, putGrant } from '../../src/access/index.ts';
import { countPeople, createAccount, createGroup, findAccount, GRANTS } from '../../src/directory/index.ts';
import { guestDomainRoutes } from '../../src/directory/routes/admin/guest-settings.ts';
import { externalCollaboration } from '../../src/directory/settings.ts';
import { type AccountId, parseId } from '../../src/kernel/ids.ts';
import { BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { partnerAccess } from '../../src/partners/settings.ts';
import { changeSettings, changeSubscription, removeSubscription } from '../../src/tenants/index.ts';
import { type As, type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { APPS, aGuestOf, allow, bobAtHome, invite, lettersOf } from '../support/guests.ts';
import { anActor, serveRoutes } from '../support/routes.ts';

let cast: Cast;
let http: Awaited<ReturnType<typeof serveRoutes>>;
before(async () => {
  cast = await startCast();
  http = await serveRoutes(cast.app, [
    ...cast.app.routes.filter(({ path }) => path === '/v1.0/invitations'),
    ...guestDomainRoutes,
  ]);
});
after(async () => {
  await http.close();
  await cast.app.close();
});

const ann = () => ({
  actor: {
    ...anActor('ann@fabrikam.example', cast.fabrikam.id, 'global-administrator'),
    accountId: cast.fabrikam.annId,
  },
  tenantId: cast.fabrikam.id,
});
const post = (body: unknown, who = ann()) => http.call(who, 'POST', '/v1.0/invitations', body);
const reset = () =>
  allow(cast.fabrikam.ann, {
    allowInvitesFrom: null,
    domainRestriction: null,
    blockedDomains: null,
    allowedDomains: null,
    guestRatio: null,
  });

test('ID-1: an invitation with only the two required fields makes a pending guest and writes no mail', async () => {
  const answer = await post({ invitedUserEmailAddress: 'alice@outside.example', inviteRedirectUrl: APPS });
  assert.equal(answer.status, 201);
  const { body } = answer;
  assert.equal(body.status, 'PendingAcceptance');
  assert.equal(body.invitedUserType, 'Guest');
  assert.equal(body.sendInvitationMessage, false);
  assert.equal(body.invitedUserDisplayName, 'alice');
  const url = new URL(body.inviteRedeemUrl);
  assert.equal(url.pathname, '/redeem');
  assert.equal(url.searchParams.get('t'), cast.fabrikam.id);
  assert.equal(url.searchParams.get('u'), body.invitedUser.id);
  const guest = await cast.fabrikam.ann((ctx) => findAccount(ctx, parseId<'account'>(body.invitedUser.id)!));
  assert.equal(guest?.externalUserState, 'PendingAcceptance');
  assert.equal(guest?.creationType, 'Invitation');
  assert.equal(guest?.showInAddressList, false);
  assert.deepEqual(guest?.proxyAddresses, ['SMTP:alice@outside.example']);
  assert.deepEqual(
    (await lettersOf(cast.fabrikam)).filter((letter) => letter.aboutId === guest?.id),
    [],
  );
});

test('ID-2: an invitation without a target, or to a target that is not https, is refused and makes nobody', async () => {
  const without = await post({ invitedUserEmailAddress: 'nobody@outside.example' });
  assert.equal(without.status, 400);
  for (const target of ['http://apps.example/', 'javascript:alert(1)', 'nonsense', 'https://a:b@apps.example/']) {
    const answer = await post({ invitedUserEmailAddress: 'nobody@outside.example', inviteRedirectUrl: target });
    assert.equal(answer.status, 400, target);
    assert.equal(answer.body.error.code, 'invalidRequest');
  }
  const { isNew } = await invite(cast.fabrikam.ann, 'nobody@outside.example');
  assert.equal(isNew, true);
});

test('ID-3: an invitation is mailed in Swedish, with the reply going to the inviter and the link to accept', async () => {
  const { body } = await post({
    invitedUserEmailAddress: 'sven@outside.example',
    inviteRedirectUrl: APPS,
    sendInvitationMessage: true,
    invitedUserMessageInfo: { messageLanguage: 'sv-SE' },
  });
  const letters = (await lettersOf(cast.fabrikam)).filter((letter) => letter.aboutId === body.invitedUser.id);
  assert.equal(letters.length, 1);
  const [letter] = letters;
  assert.equal(letter?.to.address, 'sven@outside.example');
  assert.equal(letter?.replyTo, 'ann@fabrikam.example');
  assert.match(letter?.subject ?? '', /^Ann bjuder in dig/);
  assert.ok(letter?.text?.includes(`Acceptera inbjudan:\n${body.inviteRedeemUrl}`));
  assert.ok(letter?.text?.includes('Blockera framtida inbjudningar'));
  assert.ok(letter?.html?.includes(body.inviteRedeemUrl.replaceAll('&', '&amp;')));
});

test('ID-4: markup in the message is shown as it was typed', async () => {
  const { body } = await post({
    invitedUserEmailAddress: 'literal@outside.example',
    inviteRedirectUrl: APPS,
    sendInvitationMessage: true,
    invitedUserMessageInfo: { customizedMessageBody: 'Hello <b>x</b>' },
  });
  const [letter] = (await lettersOf(cast.fabrikam)).filter((one) => one.aboutId === body.invitedUser.id);
  assert.ok(letter?.text?.includes('> Hello <b>x</b>'));
  assert.ok(letter?.html?.includes('Hello &lt;b&gt;x&lt;/b&gt;'));
  assert.ok(!letter?.html?.includes('<b>x'));
});

test('ID-5: an invitation with two copy recipients is refused', async () => {
  const copy = (address: string) => ({ emailAddress: { address } });
  const answer = await post({
    invitedUserEmailAddress: 'copies@outside.example',
    inviteRedirectUrl: APPS,
    invitedUserMessageInfo: { ccRecipients: [copy('a@fabrikam.example'), copy('b@fabrikam.example')] },
  });
  assert.equal(answer.status, 400);
});

test('ID-6: only an administrator invites a member', async () => {
  const member = { userType: 'Member' } as const;
  await assert.rejects(invite(cast.fabrikam.anders, 'member@outside.example', member), {
    code: 'directory.member-invite-not-allowed',
  });
  const { account } = await invite(cast.fabrikam.ann, 'member@outside.example', member);
  assert.equal(account.userType, 'Member');
});

test("ID-7: a guest's sign-in name says where they come from and ends in the initial domain", async () => {
  const { account } = await invite(cast.fabrikam.ann, 'named@contoso.com');
  assert.equal(account.userPrincipalName, 'named_contoso.com#EXT#@fabrikam.entente.example');
});

test('own people cannot be invited as guests', async () => {
  await assert.rejects(invite(cast.fabrikam.ann, 'anders@fabrikam.example'), { code: 'directory.internal-domain' });
});

test('ID-14: a denied domain cannot be invited, and the inviter is told which list says so', async () => {
  await allow(cast.fabrikam.ann, { domainRestriction: 'deny', blockedDomains: ['Tailspin.example'] });
  const answer = await eventually(async () => {
    const one = await post({ invitedUserEmailAddress: 'tom@tailspin.example', inviteRedirectUrl: APPS });
    return one.status === 403 && one;
  });
  assert.equal(answer.body.error.code, 'domainNotAllowed');
  assert.equal(answer.body.error.innerError.list, 'blockedDomains');
  assert.equal(answer.body.error.innerError.because[0].setting.name, 'blockedDomains');
  assert.equal(
    (await post({ invitedUserEmailAddress: 't@sub.tailspin.example', inviteRedirectUrl: APPS })).status,
    201,
  );
  await allow(cast.fabrikam.ann, {
    domainRestriction: 'deny',
    blockedDomains: [{ domain: 'tailspin.example', includeSubdomains: true }],
  });
  await eventually(
    async () =>
      (await post({ invitedUserEmailAddress: 'u@sub.tailspin.example', inviteRedirectUrl: APPS })).status === 403,
  );
  await reset();
  await eventually(
    async () =>
      (await post({ invitedUserEmailAddress: 'tom@tailspin.example', inviteRedirectUrl: APPS })).status === 201,
  );
});

test('ID-14: where only listed domains are allowed, every other one is refused', async () => {
  await allow(cast.fabrikam.ann, { domainRestriction: 'allow', allowedDomains: ['contoso.example'] });
  await eventually(
    async () => (await post({ invitedUserEmailAddress: 'x@other.example', inviteRedirectUrl: APPS })).status === 403,
  );
  assert.equal((await post({ invitedUserEmailAddress: 'carla@contoso.example', inviteRedirectUrl: APPS })).status, 201);
  await reset();
});

test('ID-16: both lists at once are refused, and switching loses the other list only when that is confirmed', async () => {
  await reset();
  const put = (body: unknown) => http.call(ann(), 'PUT', '/admin/guest-domains', body);
  const both = await put({ blockedDomains: ['a.example'], allowedDomains: ['b.example'] });
  assert.equal(both.status, 400);
  await assert.rejects(
    allow(cast.fabrikam.ann, {
      domainRestriction: 'deny',
      blockedDomains: ['a.example'],
      allowedDomains: ['b.example'],
    }),
    { kind: 'invalid' },
  );
  const many = Array.from({ length: 10_000 }, (_, i) => `d${i}.example`);
  assert.equal((await put({ blockedDomains: many })).status, 200);
  const unconfirmed = await eventually(async () => {
    const answer = await put({ allowedDomains: ['b.example'] });
    return answer.status === 409 && answer;
  });
  assert.equal(unconfirmed.body.count, 10_000);
  const switched = await put({ allowedDomains: ['b.example'], discardOtherList: true });
  assert.deepEqual(
    [switched.body.domainRestriction, switched.body.blockedDomains.length, switched.body.allowedDomains.length],
    ['allow', 0, 1],
  );
  await reset();
});

test('ID-17: who may invite follows the setting, for members, guests, inviters and administrators', async () => {
  const { fabrikam } = cast;
  await reset();
  const aPerson = async (name: string, role?: string): Promise<AccountId> =>
    fabrikam.asOperator(async (ctx) => {
      const { id } = await createAccount(ctx, { userPrincipalName: `${name}@fabrikam.example`, displayName: name });
      if (role) {
        await putGrant(ctx, {
          kind: GRANTS.role.kind,
          subject: { kind: 'account', id },
          object: { kind: GRANTS.role.objectKind, id: role },
          level: GRANTS.role.level,
          givenBy: 'operator',
        });
      }
      return id;
    });
  const guestId = await aGuestOf(fabrikam.ann, fabrikam, bobAtHome(cast));
  const people: As[] = [
    fabrikam.anders,
    fabrikam.as(guestId),
    fabrikam.as(await aPerson('inviter', 'guest-inviter')),
    fabrikam.ann,
  ];
  const expected = {
    everyone: '✓✓✓✓',
    adminsGuestInvitersAndAllMembers: '✓✗✓✓',
    adminsAndGuestInviters: '✗✗✓✓',
    none: '✗✗✗✗',
  };
  let invited = 0;
  for (const [setting, row] of Object.entries(expected)) {
    await allow(fabrikam.asOperator, { allowInvitesFrom: setting });
    await eventually(() =>
      fabrikam.asOperator(async (ctx) => ctx.settings.tenant(externalCollaboration).allowInvitesFrom === setting),
    );
    let found = '';
    for (const as of people) {
      invited += 1;
      found += await invite(as, `matrix${invited}@outside.example`).then(
        () => '✓',
        (error) => {
          assert.equal(error.code, 'directory.invitations-disabled');
          return '✗';
        },
      );
    }
    assert.equal(found, row, setting);
  }
  await allow(fabrikam.asOperator, { allowInvitesFrom: null });
  await eventually(() =>
    fabrikam.asOperator(async (ctx) => ctx.settings.tenant(externalCollaboration).allowInvitesFrom === 'everyone'),
  );
});

test('a partner whose people may not be guests is refused, until that is taken back', async () => {
  const set = (value: object | null) =>
    cast.fabrikam.ann((ctx) => changeSettings(ctx, partnerAccess, cast.contoso.id, { b2bCollaborationInbound: value }));
  await set(BLOCK_ALL);
  const refused = await eventually(async () => {
    const answer = await post({ invitedUserEmailAddress: 'lu@contoso.example', inviteRedirectUrl: APPS });
    return answer.status === 403 && answer;
  });
  assert.equal(refused.body.error.code, 'blockedByCrossTenantAccess');
  await set(null);
  await eventually(
    async () => (await post({ invitedUserEmailAddress: 'lu@contoso.example', inviteRedirectUrl: APPS })).status === 201,
  );
});

test('ID-22: inviting somebody who is a guest already returns that guest and writes no second letter', async () => {
  const first = await invite(cast.fabrikam.ann, 'twice@outside.example', { isMailed: true });
  const second = await invite(cast.fabrikam.ann, 'Twice@outside.example', { isMailed: true });
  assert.equal(second.account.id, first.account.id);
  assert.equal(second.isNew, false);
  const letters = (await lettersOf(cast.fabrikam)).filter((letter) => letter.aboutId === first.account.id);
  assert.equal(letters.length, 1);
});

test('ID-28: an address that a contact holds can be invited, and the contact keeps it', async () => {
  const { pg } = await import('pg').then((module) => ({ pg: module.default }));
  const client = new pg.Client({ connectionString: cast.app.adminUrl });
  await client.connect();
  await client.query("select set_config('entente.tenant_id', $1, false)", [cast.fabrikam.id]);
  const contactId = '0190a0a0-0000-7000-8000-000000000001';
  await client.query('set role entente_app');
  await client.query(
    `insert into directory.contacts (tenant_id, id, display_name, mail, created_at) values ($1, $2, 'Vendor', $3, now())`,
    [cast.fabrikam.id, contactId, 'vendor@outside.example'],
  );
  await client.query(
    `insert into directory.addresses (tenant_id, address, holder_kind, holder_id) values ($1, $2, 'contact', $3)`,
    [cast.fabrikam.id, 'vendor@outside.example', contactId],
  );
  await client.end();
  const { account } = await invite(cast.fabrikam.ann, 'vendor@outside.example');
  assert.deepEqual(account.proxyAddresses, []);
  const again = await invite(cast.fabrikam.ann, 'vendor@outside.example');
  assert.equal(again.account.id, account.id);
});

test('ID-33: two invitations of one address at the same moment make one guest, and both succeed', async () => {
  const made = await Promise.all(
    Array.from({ length: 6 }, () => invite(cast.fabrikam.ann, 'race@outside.example', { isMailed: true })),
  );
  assert.equal(new Set(made.map(({ account }) => account.id)).size, 1);
  assert.equal(made.filter(({ isNew }) => isNew).length, 1);
  const letters = (await lettersOf(cast.fabrikam)).filter((letter) => letter.to.address === 'race@outside.example');
  assert.equal(letters.length, 1);
});

test('every guest has a sponsor and an end, whoever invites', async () => {
  const { account } = await invite(cast.fabrikam.anders, 'kept@outside.example');
  assert.ok(account.endsAt && account.endsAt > cast.app.clock.now);
  const application = {
    actor: {
      kind: 'application' as const,
      applicationId: cast.fabrikam.annId as never,
      displayName: 'App',
      permissions: ['User.Invite.All'],
    },
    tenantId: cast.fabrikam.id,
  };
  const body = { invitedUserEmailAddress: 'byapp@outside.example', inviteRedirectUrl: APPS };
  const without = await http.call(application, 'POST', '/v1.0/invitations', body);
  assert.equal(without.status, 400);
  const sponsors = [{ id: cast.fabrikam.andersId }];
  const named = await http.call(application, 'POST', '/v1.0/invitations', { ...body, invitedUserSponsors: sponsors });
  assert.equal(named.status, 201);
});

test('a limit of guests for each paid identity licence is kept, however many accounts there are', async () => {
  const { asOperator, ann } = cast.fabrikam;
  const inviteOne = () =>
    invite(ann, `seat${Math.random()}@outside.example`).then(
      () => 'invited',
      (error) => error.code,
    );
  const ports = { groupMembers: async () => [] };
  // The cast subscribes to nothing.
  const guests = (await asOperator(countPeople)).guests;
  // One licence covers all the guests there are and one more; nobody has been given it, which does not matter.
  await allow(ann, { guestRatio: guests + 1 });
  const subscribe = (sku: string, changes: object) => asOperator((ctx) => changeSubscription(ctx, ports, sku, changes));
  // What holds no identity plan is free of the rule, and gives no room.
  await subscribe('ENTENTE_E1', { units: 1000 });
  assert.equal(await inviteOne(), 'directory.guest-quota-exceeded');
  await subscribe('ENTENTE_E3', { units: 1 });
  assert.equal(await inviteOne(), 'invited');
  assert.equal(await inviteOne(), 'directory.guest-quota-exceeded');
  await subscribe('ENTENTE_E3', { units: 2 });
  assert.equal(await inviteOne(), 'invited');
  // One that is not paid for any more counts no more.
  await subscribe('ENTENTE_E3', { isSuspended: true });
  assert.equal(await inviteOne(), 'directory.guest-quota-exceeded');
  // Where everybody at home has one, it is so many for each account.
  await asOperator((ctx) => removeSubscription(ctx, 'ENTENTE_E3'));
  await asOperator((ctx) => removeSubscription(ctx, 'ENTENTE_E1'));
  await subscribe('ENTENTE_UNLIMITED', { units: null });
  assert.equal(await inviteOne(), 'invited');
  await reset();
});

test('ID-23: a guest is in the groups named with the invitation at once, on the authority of the inviter', async () => {
  const { fabrikam } = cast;
  const group = (displayName: string) =>
    fabrikam.ann((ctx) => createGroup(ctx, { kind: 'security', displayName, mailNickname: displayName }));
  const [team, other] = [await group('falcon'), await group('closed')];
  const body = {
    invitedUserEmailAddress: 'member-of@outside.example',
    inviteRedirectUrl: APPS,
    assign: { groups: [team.id, '0190a0a0-0000-7000-8000-00000000dead'] },
  };
  const answer = await post(body);
  assert.equal(answer.status, 201);
  assert.deepEqual(
    answer.body.assignResults.map(({ status }: { status: number }) => status),
    [201, 404],
  );
  const guestId = answer.body.invitedUser.id;
  const members = await fabrikam.ann((ctx) =>
    listGrants(ctx, { kind: GRANTS.member.kind, object: { kind: 'group', id: team.id } }),
  );
  assert.deepEqual(
    members.map(({ subject }) => subject),
    [{ kind: 'guest', id: guestId }],
  );
  // Anders may invite, but he may not put anybody into a group that is not his: the guest stays, outside of it.
  const made = await invite(fabrikam.anders, 'not-in@outside.example', { groupIds: [other.id] });
  assert.equal(made.isNew, true);
  assert.equal(made.assigned[0]?.fault?.kind, 'forbidden');
});
