import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import { BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import { listOutgoingMails } from '../../src/platform/mail-queue.ts';
import { decisionOf, ok, refused } from '../support/answers.ts';
import type { TestApp } from '../support/app.ts';
import { soon } from '../support/eventually.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

interface Side {
  readonly app: TestApp;
  readonly id: TenantId;
  readonly administrator: Person;
  readonly member: Person;
  readonly api: People['api'];
}
interface Pair {
  readonly fabrikam: Side;
  readonly contoso: Side;
}

const mailsOf = (side: Side, kind: string) =>
  side.app.run({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }, async (ctx) =>
    (await listOutgoingMails(ctx, { limit: 200 })).filter((mail) => mail.kind === kind),
  );

/** What both worlds have in common: two organisations, wherever they are. */
function acrossTheBoundary(pair: () => Pair): void {
  const people = () => {
    const { fabrikam, contoso } = pair();
    return {
      ann: fabrikam.api(fabrikam.administrator),
      anders: fabrikam.api(fabrikam.member),
      carla: contoso.api(contoso.administrator),
      bob: contoso.api(contoso.member),
    };
  };
  const lookUp = async (api: Api, address: string) => {
    const day = new Date(pair().fabrikam.app.clock.now.getTime() + 86_400_000).toISOString().slice(0, 10);
    const at = (time: string) => ({ dateTime: `${day}T${time}`, timeZone: 'UTC' });
    const { value } = await ok(
      api('POST', '/v1.0/me/calendar/getSchedule', {
        schedules: [address],
        startTime: at('08:00:00'),
        endTime: at('18:00:00'),
      }),
    );
    return value[0];
  };
  const ask = (api: Api, reference: string, message = '') =>
    api('POST', '/me/access-requests', { reference, refusedBy: 'contoso.example', message });

  test('beyond 3.2 accept 4: of a refusal by a partner a person learns a reference, and only the partner opens it', async () => {
    const { ann, anders, carla } = people();
    const found = await lookUp(anders, 'bob@contoso.example');
    const { reference, refusedBy } = found.error;
    assert.equal(refusedBy, 'contoso.example');
    assert.deepEqual(Object.keys(found.error).sort(), ['message', 'reference', 'refusedBy', 'responseCode']);
    const nobody = await lookUp(anders, 'nobody-at-all@contoso.example');
    assert.deepEqual(
      { ...nobody.error, reference: '' },
      { ...found.error, reference: '' },
      'who is not there is refused like who is',
    );

    const opened = await ok(carla('GET', `/admin/decisions/${reference}`));
    assert.equal(opened.refusal.question, 'calendars.free-busy.read');
    assert.equal(opened.now.explanation.level, 'none');
    assert.ok(opened.now.explanation.rules.some(({ decided }: { decided: boolean }) => decided));
    const short = await ok(carla('GET', `/admin/decisions/${reference.slice(-8).toUpperCase()}`));
    assert.equal(short.refusal.id, reference, 'as it is read out on the telephone');
    for (const other of [ann, anders]) {
      const known = await other('GET', `/admin/decisions/${reference}`);
      const unknown = await other('GET', `/admin/decisions/${newId()}`);
      assert.deepEqual([known.status, known.body.code], [unknown.status, unknown.body.code]);
      assert.equal((await other('GET', `/me/decisions/${reference}`)).status, 404);
    }
  });

  test('beyond 3.2: a partner’s person asks, its administrator decides from the whole explanation, and it works', async () => {
    const { anders, carla, bob } = people();
    const { fabrikam, contoso } = pair();
    const { error } = await lookUp(anders, 'bob@contoso.example');
    await ok(ask(anders, error.reference, 'We plan the launch <b>together</b>.\u202E'), 201);
    await ok(ask(anders, error.reference, 'We plan the launch <b>together</b>.'), 201);

    const request = await soon(async () => {
      const { value } = await ok(carla('GET', '/admin/access-requests?state=open'));
      assert.equal(value.length, 1, 'what is asked twice is one request');
      return value[0];
    });
    assert.equal(request.asker.kind, 'visitor');
    assert.equal(request.asker.domain, 'fabrikam.example');
    assert.match(request.asker.name, /<anders@fabrikam\.example>$/);
    assert.equal(request.message, 'We plan the launch <b>together</b>.');
    assert.equal(request.about, 'bob@contoso.example');
    await refused(bob('GET', '/admin/access-requests'), 403, 'access.refused');
    await refused(bob('GET', `/me/access-requests/${request.id}`), 404);
    const mails = await mailsOf(contoso, 'access-requested');
    assert.equal(mails.length, 1);
    assert.equal(mails[0]?.to.address, 'carla@contoso.example');
    assert.doesNotMatch(mails[0]?.html ?? '', /<b>/);

    const opened = await ok(carla('GET', `/admin/access-requests/${request.id}`));
    assert.equal(opened.explanation.level, 'none');
    assert.equal(opened.explanation.smallestChange.none, false);
    assert.equal(opened.canBeGiven, false, 'a setting stands in the way, and no right would help');
    const answer = (decision: string, note = '') =>
      carla('POST', `/admin/access-requests/${request.id}/answer`, { decision, note });
    await refused(answer('grant'), 409, 'access.still-refused');
    await ok(
      carla('POST', '/admin/organization-relationships', {
        name: 'With Fabrikam',
        domainNames: ['fabrikam.example'],
        freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null },
      }),
      201,
    );
    await ok(answer('grant', 'Until the launch.'), 204);
    await refused(answer('decline'), 409, 'access.request-settled');

    const told = await soon(async () => {
      const { asked } = await ok(anders('GET', '/me/access-requests'));
      assert.equal(asked[0]?.state, 'granted');
      return asked;
    });
    assert.equal(told.length, 1);
    assert.equal(told[0].note, 'Until the launch.');
    assert.equal(told[0].askedOf, 'Contoso');
    const text = JSON.stringify(told);
    for (const hidden of ['relationship', 'Carla', 'carla', 'setting', 'free-busy'])
      assert.ok(!text.includes(hidden), `the asker reads "${hidden}"`);
    assert.equal((await lookUp(anders, 'bob@contoso.example')).error, undefined, 'and it works');
    assert.equal((await mailsOf(fabrikam, 'access-granted')).length, 1);
  });

  test('beyond 3.2: a reference that is none, and one of somebody else, are taken like any other and come to nothing', async () => {
    const { ann, anders, carla } = people();
    const others = await refused(people().bob('GET', '/admin/ledger'), 403);
    const before = (await ok(carla('GET', '/admin/access-requests'))).value.length;
    const made = await ok(ask(anders, newId()), 201);
    const stolen = await ok(ask(anders, decisionOf(others)), 201);
    assert.deepEqual(Object.keys(made), Object.keys(stolen));
    const { asked } = await ok(anders('GET', '/me/access-requests'));
    const both = asked.filter(({ id }: { id: string }) => [made.id, stolen.id].includes(id));
    assert.deepEqual(
      both.map(({ state }: { state: string }) => state),
      ['open', 'open'],
    );
    // What was sent has been taken once something sent later has.
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await ok(carla('GET', '/admin/access-requests'))).value.length, before);
    await refused(
      anders('POST', '/me/access-requests', { reference: newId(), refusedBy: 'nobody.example' }),
      404,
      'request.not-found',
    );
    assert.equal((await ok(ann('GET', '/admin/access-requests'))).value.length, 0, 'home looks after none of it');
  });

  test('beyond 3.2: where home does not let its person out, the inviter reads who does not permit it, and asks there', async () => {
    const { ann, carla, anders } = people();
    const { fabrikam } = pair();
    const path = '/admin/settings/partners.partner-access';
    const set = (values: unknown) => ok(carla('PATCH', path, { target: fabrikam.id, values }));
    await set({ b2bCollaborationOutbound: BLOCK_ALL });
    const invite = () =>
      ann('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: 'bob@contoso.example',
        inviteRedirectUrl: 'https://apps.example/',
      });
    const no = await invite();
    assert.equal(no.status, 403, JSON.stringify(no.body));
    const decisionId = decisionOf(no.body);
    const notice = await ok(ann('GET', `/me/decisions/${decisionId}`));
    assert.equal(notice.sentence, 'Contoso does not permit this.');
    assert.equal(notice.refusedBy, 'Contoso');
    assert.equal(notice.canAsk, true);
    const theirs = await ok(carla('GET', `/admin/decisions/${notice.reference}`));
    assert.equal(theirs.refusal.question, 'partners.people.go-out');
    assert.match(JSON.stringify(theirs.now.explanation), /b2bCollaborationOutbound/);
    const ours = await ok(ann('GET', `/admin/decisions/${decisionId}`));
    assert.doesNotMatch(JSON.stringify(ours.now), /b2bCollaborationOutbound/);
    assert.ok(
      ours.now.explanation.rules.some(({ name }: { name: string }) => name === 'partners.partner-does-not-permit'),
    );

    await refused(anders('POST', '/me/access-requests', { reference: decisionId }), 404, 'request.not-found');
    await ok(ann('POST', '/me/access-requests', { reference: decisionId, message: 'For the project.' }), 201);
    const request = await soon(async () => {
      const { value } = await ok(carla('GET', '/admin/access-requests?state=open'));
      assert.equal(value[0]?.question, 'partners.people.go-out');
      return value[0];
    });
    await set({ b2bCollaborationOutbound: null });
    await ok(carla('POST', `/admin/access-requests/${request.id}/answer`, { decision: 'grant' }), 204);
    await soon(async () => {
      const { asked } = await ok(ann('GET', '/me/access-requests'));
      assert.equal(asked[0]?.state, 'granted');
    });
    assert.equal((await invite()).status, 201);
  });
}

describe('on one server', () => {
  let people: People;
  let pair: Pair;
  before(async () => {
    people = await startPeople();
    const { app, fabrikam, contoso, api } = people;
    pair = {
      fabrikam: { app, id: fabrikam.id, administrator: fabrikam.ann, member: fabrikam.anders, api },
      contoso: { app, id: contoso.id, administrator: contoso.carla, member: contoso.bob, api },
    };
  });
  after(() => people?.app.close());
  acrossTheBoundary(() => pair);

  test('beyond 3.2: a colleague asks the owner of a calendar, who gives the one right that lacks', async () => {
    const ann = people.api(people.fabrikam.ann);
    const anders = people.api(people.fabrikam.anders);
    const tom = people.api(people.tailspin.tom);
    await ok(
      ann('POST', '/v1.0/me/calendar/calendarPermissions', {
        emailAddress: { address: 'anders@fabrikam.example' },
        role: 'read',
      }),
      201,
    );
    const day = new Date(people.app.clock.now.getTime() + 86_400_000).toISOString().slice(0, 10);
    const plan = () =>
      anders('POST', `/v1.0/users/${people.fabrikam.ann.id}/calendar/events`, {
        subject: 'Together',
        start: { dateTime: `${day}T09:00:00`, timeZone: 'UTC' },
        end: { dateTime: `${day}T10:00:00`, timeZone: 'UTC' },
      });
    const reference = decisionOf(await refused(plan(), 403));
    const notice = await ok(anders('GET', `/me/decisions/${reference}`));
    assert.equal(notice.askWhom, 'Ask the owner.');
    const { id } = await ok(anders('POST', '/me/access-requests', { reference, message: 'To plan for both.' }), 201);

    const { toAnswer } = await ok(ann('GET', '/me/access-requests'));
    assert.deepEqual(
      toAnswer.map((one: { id: string }) => one.id),
      [id],
    );
    assert.equal(toAnswer[0].about, 'Calendar (Ann Beebe)');
    const opened = await ok(ann('GET', `/me/access-requests/${id}`));
    assert.equal(opened.canBeGiven, true);
    assert.deepEqual(opened.explanation.rules, [], 'an owner reads no rule of the organisation');
    await refused(anders('GET', `/me/access-requests/${id}`), 404);
    await refused(anders('POST', `/me/access-requests/${id}/answer`, { decision: 'grant', gives: true }), 404);
    await refused(tom('GET', `/me/access-requests/${id}`), 404);
    await refused(ann('POST', `/me/access-requests/${id}/answer`, { decision: 'grant' }), 409, 'access.still-refused');
    await ok(ann('POST', `/me/access-requests/${id}/answer`, { decision: 'grant', gives: true, note: 'Gladly.' }), 204);
    await ok(plan(), 201);
    const { asked } = await ok(anders('GET', '/me/access-requests'));
    assert.deepEqual([asked[0].state, asked[0].note, asked[0].answeredBy], ['granted', 'Gladly.', 'Ann Beebe']);
    await refused(anders('POST', '/me/access-requests', { reference }), 409, 'access.not-refused');
  });

  test('beyond 3.2: where nobody can change it, it says so; what nobody answers ends after 30 days', async () => {
    const anders = people.api(people.fabrikam.anders);
    const reference = decisionOf(await refused(anders('GET', '/admin/ledger'), 403));
    await ok(anders('POST', '/me/access-requests', { reference }), 201);
    const ann = people.api(people.fabrikam.ann);
    const open = async () => (await ok(ann('GET', '/admin/access-requests?state=open'))).value.length;
    assert.equal(await open(), 1);
    const foreign = decisionOf(await refused(people.api(people.contoso.bob)('GET', '/admin/ledger'), 403));
    await refused(anders('POST', '/me/access-requests', { reference: foreign }), 404, 'request.not-found');
    const sweep = people.app.modules
      .flatMap(({ sweeps }) => sweeps ?? [])
      .find(({ name }) => name === 'access.requests');
    await people.app.run({ tenantId: people.fabrikam.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
      sweep!.run({ ...ctx, now: new Date(ctx.now.getTime() + 31 * 86_400_000) }),
    );
    assert.equal(await open(), 0);
    const { asked } = await ok(anders('GET', '/me/access-requests'));
    assert.equal(asked[0].state, 'expired');
  });
});

describe('on two servers', () => {
  let servers: TwoServers;
  before(async () => {
    servers = await startTwoServers();
    await becomePartners(servers);
  });
  after(() => servers?.close());
  acrossTheBoundary(() => servers);
});
