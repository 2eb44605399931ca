import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listEvents } from '../../src/audit/index.ts';
import { createAccount, findAccount, loadActorFacts, noteSignIn, redeemInvitation } from '../../src/directory/index.ts';
import { staleGuests } from '../../src/directory/settings.ts';
import { removeAccount } from '../../src/directory/usecases/delete-account.ts';
import {
  assignSponsors,
  endGuest,
  extendGuest,
  readGuest,
  readGuests,
  restoreGuest,
} from '../../src/directory/usecases/manage-guests.ts';
import { sweepEndedGuests, sweepStaleGuests } from '../../src/directory/usecases/sweep-guests.ts';
import type { AccountId } from '../../src/kernel/ids.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { aGuestOf, bobAtHome, eventually, invite, lettersOf, ticketOf } from '../support/guests.ts';

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
    cast.fabrikam.anders((ctx) => endGuest(ctx, account.id)),
    { code: 'access.refused' },
  );
  const from = (await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id)))?.sessionsValidFrom;
  cast.app.clock.advance(1);
  await cast.fabrikam.ann((ctx) => endGuest(ctx, account.id));
  assert.equal(await isEnabled(), false);
  const after = (await cast.fabrikam.ann((ctx) => findAccount(ctx, account.id)))?.sessionsValidFrom;
  assert.ok(from && after && after > from);
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
