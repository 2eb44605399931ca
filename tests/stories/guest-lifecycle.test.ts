import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listGrants } from '../../src/access/index.ts';
import { listEvents } from '../../src/audit/index.ts';
import {
  createAccount,
  createGroup,
  findAccount,
  loadActorFacts,
  noteSignIn,
  redeemInvitation,
} from '../../src/directory/index.ts';
import { staleGuests } from '../../src/directory/settings.ts';
import { insertAccount } from '../../src/directory/store/accounts.ts';
import { insertGuest, writeSponsors } from '../../src/directory/store/guests.ts';
import { admitGuest } from '../../src/directory/usecases/admit-guest.ts';
import { removeAccount } from '../../src/directory/usecases/delete-account.ts';
import {
  assignSponsors,
  endGuest,
  extendGuest,
  readGuest,
  readGuests,
  restoreGuest,
} from '../../src/directory/usecases/manage-guests.ts';
import { addMember, addOwner } from '../../src/directory/usecases/members.ts';
import { sweepReviews } from '../../src/directory/usecases/reviews.ts';
import { sweepEndedGuests, sweepStaleGuests } from '../../src/directory/usecases/sweep-guests.ts';
import { takePeopleRequest } from '../../src/directory/usecases/take-people.ts';
import type { AccountId } from '../../src/kernel/ids.ts';
import { partnerAccess, readReceipt } from '../../src/partners/index.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { aGuestOf, bobAtHome, guestParting, invite, lettersOf, ticketOf } from '../support/guests.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

const days = (count: number) => cast.app.clock.advance(count * 86_400);
const sweep = () => cast.fabrikam.asOperator((ctx) => sweepStaleGuests(ctx));
const guest = (id: AccountId) => cast.fabrikam.ann((ctx) => readGuest(ctx, id));
const actionsOn = async (id: AccountId) =>
  (await cast.fabrikam.ann((ctx) => listEvents(ctx, { targetId: id }, { limit: 100 })))
    .map(({ action }) => action)
    .reverse();
const policy = async (values: Record<string, unknown>) => {
  await cast.fabrikam.ann((ctx) => changeSettings(ctx, staleGuests, undefined, values));
  await eventually(() =>
    cast.fabrikam.asOperator(async (ctx) => ctx.settings.tenant(staleGuests).mode === (values.mode ?? 'off')),
  );
};

test('ID-34: whoever never accepts is warned about, then blocked, then deleted, and each step is in the audit', async () => {
  const { account } = await invite(cast.fabrikam.anders, 'never@outside.example');
  await policy({ mode: 'on' });
  days(29);
  await sweep();
  assert.equal((await guest(account.id)).isStale, false);
  days(2);
  await sweep();
  await sweep();
  const letters = (await lettersOf(cast.fabrikam)).filter((letter) => letter.aboutId === account.id);
  assert.deepEqual(
    letters.map((letter) => [letter.kind, letter.to.address]),
    [['stale-guest-warned', 'anders@fabrikam.example']],
  );
  assert.equal((await guest(account.id)).state, 'invited');
  days(14);
  await sweep();
  assert.equal((await guest(account.id)).state, 'stale');
  days(30);
  await sweep();
  assert.equal((await guest(account.id)).state, 'deleted');
  assert.deepEqual(
    (await actionsOn(account.id)).filter((action) => action.startsWith('directory.stale')),
    ['directory.stale-guest-warned', 'directory.stale-guest-disabled', 'directory.stale-guest-deleted'],
  );
  await cast.fabrikam.ann((ctx) => restoreGuest(ctx, account.id));
  assert.equal((await guest(account.id)).state, 'invited');
});

test('ID-34: a guest who comes back, and one who is kept, start afresh', async () => {
  const bobId = await aGuestOf(cast.fabrikam.ann, cast.fabrikam, bobAtHome(cast));
  const kept = await invite(cast.fabrikam.ann, 'kept@outside.example');
  days(91);
  await sweep();
  assert.equal((await guest(bobId)).isStale, true);
  await cast.fabrikam.asNobody((ctx) => noteSignIn(ctx, bobId));
  await cast.fabrikam.ann((ctx) => extendGuest(ctx, kept.account.id, {}));
  days(14);
  await sweep();
  assert.equal((await guest(bobId)).state, 'active');
  assert.equal((await guest(kept.account.id)).state, 'invited');
});

test('ID-34: whoever their home brings here is never stale, as long as it may bring them', async () => {
  const { id: home } = cast.contoso;
  const trust = (isSyncAllowed: boolean) =>
    cast.fabrikam.ann((ctx) =>
      changeSettings(ctx, partnerAccess, home, {
        automaticUserConsentSettings: { inboundAllowed: true, outboundAllowed: false },
        identitySynchronization: { userSyncInbound: { isSyncAllowed } },
      }),
    );
  await trust(true);
  const told = {
    id: crypto.randomUUID(),
    address: 'mute@contoso.example',
    displayName: 'Mute',
    isEnabled: true,
    userType: 'Member',
    changesType: false,
    attributes: {},
  };
  const visitor = {
    kind: 'visitor',
    homeTenantId: home,
    address: 'entente@contoso.example',
    displayName: 'Contoso',
  } as const;
  const { people } = (await cast.app.run({ tenantId: cast.fabrikam.id, actor: visitor }, (ctx) =>
    takePeopleRequest.answer(ctx, { v: 1, put: [told], remove: [] }),
  )) as { people: { objectId: AccountId }[] };
  const { objectId } = people[0]!;
  days(200);
  await sweep();
  const standing = async () => {
    const { isStale, isOrphaned, state } = await guest(objectId);
    return { isStale, isOrphaned, state };
  };
  assert.deepEqual(await standing(), { isStale: false, isOrphaned: false, state: 'active' });
  await trust(false);
  assert.deepEqual(await standing(), { isStale: true, isOrphaned: true, state: 'active' });
  await trust(true);
});

test('ID-34: a dry run changes nothing and tells in the audit what it would do', async () => {
  const { account } = await invite(cast.fabrikam.ann, 'dry@outside.example');
  await policy({ mode: 'dryRun' });
  days(31);
  const before = (await lettersOf(cast.fabrikam)).length;
  await sweep();
  assert.equal((await lettersOf(cast.fabrikam)).length, before);
  assert.ok((await actionsOn(account.id)).includes('directory.stale-guest-warned'));
  await policy({ mode: null });
  days(60);
  await sweep();
  assert.equal((await guest(account.id)).state, 'invited');
});

test('a stay ends by itself at its end, and at once when an administrator ends it; it can be extended', async () => {
  const endsAt = new Date(cast.app.clock.now.getTime() + 3600_000);
  const { account, redeemUrl } = await invite(cast.fabrikam.ann, 'ends@outside.example', { endsAt });
  const isEnabled = async () => (await cast.fabrikam.asNobody((ctx) => loadActorFacts(ctx, account.id)))?.isEnabled;
  assert.equal(await isEnabled(), true);
  cast.app.clock.advance(3601);
  assert.equal(await isEnabled(), false);
  await assert.rejects(
    cast.fabrikam.asNobody((ctx) =>
      redeemInvitation(ctx, {
        guestId: account.id,
        ticket: ticketOf(redeemUrl),
        hasConsented: true,
        identity: {
          issuer: 'mail',
          subject: 'ends@outside.example',
          email: 'ends@outside.example',
          homeTenantId: null,
          homeAccountId: null,
          methods: ['otp'],
        },
      }),
    ),
    { code: 'directory.invitation-not-found' },
  );
  await cast.fabrikam.asOperator((ctx) => sweepEndedGuests(ctx));
  await cast.fabrikam.asOperator((ctx) => sweepEndedGuests(ctx));
  assert.equal((await actionsOn(account.id)).filter((action) => action === 'directory.guest-ended').length, 1);
  await cast.fabrikam.ann((ctx) => extendGuest(ctx, account.id, { endsAt: null }));
  assert.equal(await isEnabled(), true);
  await assert.rejects(
    cast.fabrikam.anders((ctx) => endGuest(ctx, { guestParting: guestParting(cast.app) }, account.id)),
    { code: 'access.refused' },
  );
  const from = (await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id)))?.sessionsValidFrom;
  cast.app.clock.advance(1);
  await cast.fabrikam.ann((ctx) => endGuest(ctx, { guestParting: guestParting(cast.app) }, account.id));
  assert.notEqual(await isEnabled(), true);
  const after = (await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id, { deleted: true })))?.sessionsValidFrom;
  assert.ok(from && after && after > from);
});

const call = async (who: AccountId, method: string, path: string, body?: unknown) => {
  const { app, fabrikam } = cast;
  const { token } = await fabrikam.asOperator((ctx) => app.signin.mintAccessToken(ctx, who));
  const answer = await fetch(`${app.origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
};

test('beyond 3.10.4: ending a guest parts with that one person, and hands over what they own', async () => {
  const { fabrikam, app } = cast;
  const [uma, una] = await Promise.all(
    ['uma', 'una'].map(async (name) => (await invite(fabrikam.ann, `${name}@parted.example`)).account.id),
  );
  const group = await fabrikam.ann((ctx) =>
    createGroup(ctx, { kind: 'security', displayName: 'Kite', mailNickname: 'kite' }),
  );
  await fabrikam.ann(async (ctx) => {
    for (const id of [uma!, una!]) await addMember(ctx, group.id, { kind: 'account', id });
    await addOwner(ctx, group.id, { kind: 'account', id: uma! });
  });
  const ended = await call(fabrikam.annId, 'POST', `/admin/guests/${uma}/end`, {
    newOwnerId: fabrikam.andersId,
    reason: 'The work is done.',
  });
  assert.equal(ended.status, 200, JSON.stringify(ended.body));
  assert.equal(ended.body.state, 'deleted');
  const held = await fabrikam.ann((ctx) => listGrants(ctx, { object: { kind: 'group', id: group.id } }));
  assert.ok(!held.some(({ subject }) => subject.id === uma), 'nothing is left when the answer comes');
  assert.ok(held.some(({ subject }) => subject.id === una));
  assert.ok(held.some(({ kind, subject }) => kind === 'directory.group-owner' && subject.id === fabrikam.andersId));
  const receipt = await eventually(async () => {
    const { status, body } = await call(fabrikam.annId, 'GET', `/admin/guests/${uma}/receipt`);
    return status === 200 && readReceipt(body);
  });
  assert.deepEqual(
    receipt.kinds.map(({ kind, found, revoked, transferred }) => [kind, found, revoked, transferred]),
    [
      ['directory.group-member', 1, 1, 0],
      ['directory.group-owner', 1, 0, 1],
      ['directory.invitation', 1, 1, 0],
    ],
  );
  assert.equal((await call(fabrikam.andersId, 'POST', `/admin/guests/${una}/end`, {})).status, 403);
  assert.equal(
    (await call(fabrikam.annId, 'POST', `/admin/guests/${una}/end`, { newOwnerId: app.clock.now })).status,
    400,
  );
  assert.equal((await guest(una!)).state, 'invited');
});

test('beyond 3.10.3: whoever stops answering for a guest is followed by the manager, or the guest is suspended', async () => {
  const { fabrikam } = cast;
  const boss = await fabrikam.ann((ctx) =>
    createAccount(ctx, { userPrincipalName: 'boss@fabrikam.example', displayName: 'Boss' }),
  );
  const clerk = await fabrikam.ann((ctx) =>
    createAccount(ctx, { userPrincipalName: 'clerk@fabrikam.example', displayName: 'Clerk', managerId: boss.id }),
  );
  const managed = (await invite(fabrikam.as(clerk.id), 'managed@sponsored.example')).account.id;
  const alone = (await invite(fabrikam.as(boss.id), 'alone@sponsored.example')).account.id;
  const gone = (path: string) => call(fabrikam.annId, 'DELETE', path);
  assert.equal((await gone(`/v1.0/users/${managed}/sponsors/${clerk.id}/$ref`)).status, 204);
  assert.deepEqual(
    (await guest(managed)).sponsors.map(({ id }) => id),
    [boss.id],
  );
  assert.equal((await gone(`/v1.0/users/${alone}/sponsors/${boss.id}/$ref`)).status, 204);
  assert.equal((await guest(alone)).state, 'orphaned');
  // A group that answers passes its guests on to its owner.
  const team = await fabrikam.anders((ctx) =>
    createGroup(ctx, { kind: 'security', displayName: 'Team', mailNickname: 'team' }),
  );
  await fabrikam.ann((ctx) => assignSponsors(ctx, { guestIds: [alone], sponsorIds: [team.id] }));
  assert.equal((await guest(alone)).state, 'invited');
  assert.equal((await gone(`/v1.0/groups/${team.id}`)).status, 204);
  assert.deepEqual(
    (await guest(alone)).sponsors.map(({ id }) => id),
    [fabrikam.andersId],
  );
});

test('beyond 3.10.1: the database itself takes no guest without somebody who answers and an end', async () => {
  const { fabrikam } = cast;
  const bare = (lacking: 'sponsor' | 'end') =>
    fabrikam.asOperator(async (ctx) => {
      const account = await insertAccount(ctx, {
        userPrincipalName: `bare-${lacking}@fabrikam.example`,
        displayName: 'Bare',
        userType: 'Guest',
        identities: [],
        proxyAddresses: [],
        ...(lacking === 'end' ? {} : { endsAt: new Date(ctx.now.getTime() + 1_000) }),
      } as never);
      if (lacking === 'end') await writeSponsors(ctx, account.id, [{ kind: 'account', id: fabrikam.annId }]);
      await insertGuest(ctx, { accountId: account.id, invitedAddress: 'bare@x.example', invitedBy: 'x', reason: null });
    });
  await assert.rejects(bare('sponsor'), /needs a sponsor and an end/);
  await assert.rejects(bare('end'), /needs a sponsor and an end/);
});

/** Guests in a review; 500 by `ENTENTE_TEST_REVIEWED=500`. */
const REVIEWED = Number(process.env.ENTENTE_TEST_REVIEWED ?? 60);

test(`beyond 3.10.2: a review of ${REVIEWED} guests is answered by their sponsors, reminded of, and closed by its default`, async () => {
  const { fabrikam, app } = cast;
  const zeno = await fabrikam.ann((ctx) =>
    createAccount(ctx, {
      userPrincipalName: 'zeno@fabrikam.example',
      displayName: 'Zeno',
      mail: 'zeno@fabrikam.example',
    }),
  );
  const guests = REVIEWED;
  const ids: AccountId[] = [];
  await fabrikam.as(zeno.id)(async (ctx) => {
    for (let n = 0; n < guests; n += 1)
      ids.push((await admitGuest(ctx, { address: `g${n}@reviewed.example` })).account.id);
  });
  const started = await call(fabrikam.annId, 'POST', '/admin/reviews', {
    title: 'Autumn',
    days: 14,
    withoutAnswer: 'end',
    organisation: 'reviewed.example',
  });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  const { id } = started.body;
  assert.equal(started.body.guests, guests);
  const letters = async () => (await lettersOf(fabrikam)).filter(({ aboutId }) => aboutId === id);
  assert.deepEqual(
    (await letters()).map(({ kind, to, subject }) => [kind, to.address, subject.includes(String(guests))]),
    [['review', 'zeno@fabrikam.example', true]],
  );
  const mine = await call(zeno.id, 'GET', '/me/reviews?limit=500');
  assert.equal(mine.body.value.length, guests);
  assert.deepEqual(mine.body.value[0].review.withoutAnswer, 'end');
  assert.ok('lastSignInAt' in mine.body.value[0].guest, 'with what was last used');
  // Nobody else is asked, and nobody else is heard.
  assert.deepEqual((await call(fabrikam.andersId, 'GET', '/me/reviews')).body.value, []);
  const answer = (who: AccountId, guestIds: AccountId[], what: string) =>
    call(who, 'POST', `/me/reviews/${id}/answers`, { guestIds, answer: what });
  assert.equal((await answer(fabrikam.andersId, ids.slice(0, 1), 'keep')).status, 404);

  const before = (await guest(ids[0]!)).endsAt;
  days(6);
  const stay = guests - 20;
  for (let n = 0; n < stay; n += 100)
    assert.equal((await answer(zeno.id, ids.slice(n, Math.min(n + 100, stay)), 'keep')).status, 204);
  assert.equal((await answer(zeno.id, ids.slice(stay, stay + 10), 'end')).status, 204);
  assert.ok((await guest(ids[0]!)).endsAt! > before!, 'whoever is kept stays longer');
  assert.equal((await guest(ids[stay + 5]!)).state, 'deleted');

  const ports = { addresses: { origin: () => app.origin }, guestParting: guestParting(app) };
  const clock = () => fabrikam.asOperator((ctx) => sweepReviews(ctx, ports));
  await clock();
  assert.equal((await letters()).length, 1, 'not yet');
  days(1.1);
  await clock();
  await clock();
  assert.deepEqual(
    (await letters())
      .map(({ kind, subject }) => [kind, /10 guests/.test(subject)])
      .filter(([kind]) => kind !== 'review'),
    [['review-reminder', true]],
  );
  days(8);
  await clock();
  await eventually(async () => (await call(fabrikam.annId, 'GET', `/admin/reviews/${id}`)).body.state === 'closed');
  const closed = (await call(fabrikam.annId, 'GET', `/admin/reviews/${id}`)).body;
  assert.deepEqual([closed.kept, closed.ended, closed.unanswered], [stay, 20, 0]);
  assert.equal((await guest(ids[guests - 1]!)).state, 'deleted', 'about whom nobody answered');
  assert.equal((await guest(ids[stay - 1]!)).state, 'invited');
  assert.equal((await answer(zeno.id, ids.slice(0, 1), 'end')).status, 409);
});

test('beyond 3.10: whoever owns the group that a guest is in is asked about them, too, and may answer', async () => {
  const { fabrikam } = cast;
  const [inGroup, apart] = await fabrikam.ann(async (ctx) => {
    const made = [];
    for (const name of ['in', 'apart'])
      made.push((await admitGuest(ctx, { address: `${name}@team.example` })).account.id);
    const group = await createGroup(ctx, { kind: 'security', displayName: 'Team', mailNickname: 'owned-team' });
    await addMember(ctx, group.id, { kind: 'account', id: made[0]! });
    await addOwner(ctx, group.id, { kind: 'account', id: fabrikam.andersId });
    return made;
  });
  const asked = { title: 'Team', days: 14, withoutAnswer: 'keep', organisation: 'team.example' };
  const { id } = (await call(fabrikam.annId, 'POST', '/admin/reviews', asked)).body;
  const letters = (await lettersOf(fabrikam)).filter(({ aboutId }) => aboutId === id);
  assert.deepEqual(letters.map(({ to }) => to.address).sort(), ['anders@fabrikam.example', 'ann@fabrikam.example']);
  const mine = (await call(fabrikam.andersId, 'GET', '/me/reviews')).body.value;
  assert.deepEqual(
    mine.map(({ guest: one }: { guest: { id: string } }) => one.id),
    [inGroup],
  );
  const answer = (guestIds: unknown[]) =>
    call(fabrikam.andersId, 'POST', `/me/reviews/${id}/answers`, { guestIds, answer: 'end' });
  assert.equal((await answer([apart])).status, 404, 'of another group he says nothing');
  assert.equal((await answer([inGroup])).status, 204);
  assert.equal((await guest(inGroup!)).state, 'deleted');
});

test('ID-35: when a sponsor leaves, guests pass to the manager, or wait blocked for a successor named in bulk', async () => {
  const { fabrikam } = cast;
  const aMember = (name: string, managerId?: AccountId) =>
    fabrikam.ann((ctx) =>
      createAccount(ctx, {
        userPrincipalName: `${name}@fabrikam.example`,
        displayName: name,
        ...(managerId ? { managerId } : {}),
      }),
    );
  const managed = await aMember('managed', fabrikam.annId);
  const alone = await aMember('alone');
  const first = await invite(fabrikam.as(managed.id), 'first@outside.example');
  const orphans = await Promise.all([1, 2, 3].map((i) => invite(fabrikam.as(alone.id), `orphan${i}@outside.example`)));
  await fabrikam.ann((ctx) => removeAccount(ctx, managed.id));
  assert.deepEqual(
    (await guest(first.account.id)).sponsors.map(({ id }) => id),
    [fabrikam.annId],
  );
  assert.equal((await guest(first.account.id)).state, 'invited');

  await fabrikam.ann((ctx) => removeAccount(ctx, alone.id));
  const listed = await fabrikam.ann((ctx) => readGuests(ctx, { isOrphaned: true, limit: 100 }));
  const ids = orphans.map(({ account }) => account.id);
  assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(ids));
  assert.ok(listed.every(({ state }) => state === 'orphaned'));
  await fabrikam.ann((ctx) => assignSponsors(ctx, { guestIds: ids, sponsorIds: [fabrikam.andersId] }));
  assert.deepEqual(await fabrikam.ann((ctx) => readGuests(ctx, { isOrphaned: true, limit: 100 })), []);
  assert.equal((await guest(ids[0]!)).state, 'invited');
  const his = await fabrikam.ann((ctx) =>
    readGuests(ctx, { sponsorId: fabrikam.andersId, search: 'orphan', limit: 2 }),
  );
  assert.equal(his.length, 2);
});
