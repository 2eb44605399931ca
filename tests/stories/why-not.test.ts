import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OPEN_OF_ONE, OPEN_OF_PARTNER } from '../../src/access/model/request.ts';
import { countOpenRequests, putRequest, settleRequest } from '../../src/access/store/requests.ts';
import type { Context } from '../../src/kernel/context.ts';
import { newId } from '../../src/kernel/ids.ts';
import { ROLES } from '../../src/kernel/roles.ts';
import { decisionOf, ok, refused } from '../support/answers.ts';
import { soon } from '../support/eventually.ts';
import { type Api, type People, startPeople } from '../support/people.ts';

let people: People;
before(async () => {
  people = await startPeople();
});
after(() => people?.app.close());

test('beyond 3.2: what a screen does not offer has a reference and somebody to ask, as if it had been tried', async () => {
  const ann = people.api(people.fabrikam.ann);
  const anders = people.api(people.fabrikam.anders);
  const whyNot = (api: Api, question: string, wanted: string, input?: unknown) =>
    api('POST', '/me/why-not', { question, wanted, ...(input === undefined ? {} : { input }) });
  const howFar = (api: Api, question: string, input: unknown) =>
    api('GET', `/me/how-far?${new URLSearchParams({ question, input: JSON.stringify(input) })}`);

  const { decisionId } = await ok(whyNot(anders, 'signin.keys.manage', 'write'));
  const notice = await ok(anders('GET', `/me/decisions/${decisionId}`));
  assert.deepEqual([notice.askWhom, notice.canAsk], ['Ask an administrator of this organisation.', true]);
  const { id } = await ok(anders('POST', '/me/access-requests', { reference: decisionId }), 201);
  await ok(ann('POST', `/admin/access-requests/${id}/answer`, { decision: 'decline' }), 204);
  assert.deepEqual(await ok(whyNot(ann, 'signin.keys.manage', 'write')), { decisionId: null });

  const calendar = await ok(ann('GET', '/v1.0/me/calendar'));
  const share = { calendarId: calendar.id, address: 'bob@contoso.example' };
  const { level } = await ok(howFar(ann, 'calendars.calendar.share', share));
  assert.ok(['none', 'freeBusyRead', 'limitedRead', 'read'].includes(level), level);
  const fixed = (await ok(whyNot(ann, 'calendars.calendar.share', 'write', share))).decisionId;
  assert.equal((await ok(ann('GET', `/me/decisions/${fixed}`))).canAsk, false);
  await refused(ann('POST', '/me/access-requests', { reference: fixed }), 409, 'access.nobody-to-ask');

  // Whose calendar it is not, and who reads nothing of it, learns as much as of one that is not there.
  const tom = people.api(people.tailspin.tom);
  const bodies = await Promise.all(
    [tom, anders].flatMap((api) =>
      [calendar.id, newId()].map(async (calendarId) => {
        const { requestId: _, ...body } = await refused(
          whyNot(api, 'calendars.calendar.share', 'write', { calendarId, address: 'bob@contoso.example' }),
          404,
        );
        return body;
      }),
    ),
  );
  for (const body of bodies) assert.deepEqual(body, bodies[0]);
  await refused(howFar(tom, 'directory.group.change', newId()), 404);
  await refused(whyNot(anders, 'partners.people.go-out', 'out', { tenantId: newId(), application: null }), 404);
  await refused(whyNot(anders, 'no.such-question', 'write'), 400, 'access.question-unknown');
  await refused(whyNot(anders, 'signin.keys.manage', 'everything'), 400);
  await refused(whyNot(ann, 'calendars.calendar.share', 'write', { calendarId: 'none' }), 400);
  const program = people.api(people.fabrikam.anders, { scopes: ['User.Read'] });
  await refused(whyNot(program, 'signin.keys.manage', 'write'), 403);
});

test('beyond 3.2: a place in a group, a role and a domain are given by the answer, and only by who may', async () => {
  const ann = people.api(people.fabrikam.ann);
  const anders = people.api(people.fabrikam.anders);
  const asks = async (answering: ReturnType<Api>) => {
    const reference = decisionOf(await refused(answering, 403));
    const { id } = await ok(anders('POST', '/me/access-requests', { reference }), 201);
    return id as string;
  };
  const give = (door: 'me' | 'admin', id: string, more = {}) =>
    ann('POST', `/${door}/access-requests/${id}/answer`, { decision: 'grant', gives: true, ...more });

  const group = await ok(
    ann('POST', '/v1.0/groups', {
      displayName: 'Launch',
      mailNickname: 'launch',
      mailEnabled: false,
      securityEnabled: true,
      'owners@odata.bind': [`${people.app.origin}/v1.0/users/${people.fabrikam.ann.id}`],
    }),
    201,
  );
  const join = () =>
    anders('POST', `/v1.0/groups/${group.id}/members/$ref`, {
      '@odata.id': `${people.app.origin}/v1.0/directoryObjects/${people.fabrikam.anders.id}`,
    });
  const toJoin = await asks(join());
  const opened = await ok(ann('GET', `/me/access-requests/${toJoin}`));
  assert.deepEqual(opened.giving, { kind: 'group', ways: [{ id: 'member', name: 'Launch' }] });
  await ok(give('me', toJoin), 204);
  const { value } = await ok(anders('GET', '/v1.0/me/memberOf'));
  assert.ok(value.some(({ id }: { id: string }) => id === group.id));

  const toRead = await asks(anders('GET', '/v1.0/auditLogs/signIns'));
  const { giving } = await ok(ann('GET', `/admin/access-requests/${toRead}`));
  assert.equal(giving.kind, 'role');
  const names = giving.ways.map(({ name }: { name: string }) => name);
  assert.ok(names.includes('Global Administrator') && names[0] !== 'Global Administrator', names.join());
  await refused(give('admin', toRead, { way: newId() }), 400);
  const auditor = ROLES.find(({ name }) => name === 'auditor')!.templateId;
  const tried = await ok(
    ann('POST', '/admin/what-if', {
      changes: [
        {
          input: {
            method: 'POST',
            path: `/admin/access-requests/${toRead}/answer`,
            body: { decision: 'grant', gives: true, way: auditor },
          },
        },
      ],
    }),
    202,
  );
  const gained = await soon(async () => {
    const { state } = await ok(ann('GET', `/admin/what-if/${tried.id}`));
    assert.equal(state, 'done');
    return (await ok(ann('GET', `/admin/what-if/${tried.id}/lines`))).value;
  });
  assert.ok(
    gained.some(
      (line: { question: string; subject: { id: string } }) =>
        line.question === 'signin.log.read' && line.subject.id === people.fabrikam.anders.id,
    ),
    'whoever decides sees who gains',
  );
  assert.equal((await anders('GET', '/v1.0/auditLogs/signIns')).status, 403, 'and nothing was given by looking');
  await ok(give('admin', toRead, { way: auditor, note: 'For the quarter.' }), 204);
  await ok(anders('GET', '/v1.0/auditLogs/signIns'));

  const domains = (body: object) => ann('PUT', '/admin/guest-domains', body);
  await ok(domains({ allowedDomains: ['contoso.example'] }));
  const invite = () =>
    anders('POST', '/v1.0/invitations', {
      invitedUserEmailAddress: 'somebody@litware.example',
      inviteRedirectUrl: 'https://apps.example/',
    });
  const toInvite = await asks(invite());
  const about = await ok(ann('GET', `/admin/access-requests/${toInvite}`));
  assert.deepEqual(about.giving, { kind: 'domain', ways: [{ id: 'litware.example', name: 'litware.example' }] });
  await ok(give('admin', toInvite), 204);
  await ok(invite(), 201);
  await ok(domains({ blockedDomains: [], discardOtherList: true }));
});

test('beyond 3.2: one person has twenty requests open, and another organisation two hundred', async () => {
  const tom = people.api(people.tailspin.tom);
  const { abilities } = await ok(tom('GET', '/me/abilities'));
  const closed = Object.keys(abilities).filter((name) => ['none', 'read'].includes(abilities[name]));
  const asked: number[] = [];
  let last = '';
  for (const question of closed) {
    if (asked.length > OPEN_OF_ONE) break;
    const answer = await tom('POST', '/me/why-not', { question, wanted: 'write' });
    // Not every question has such a level.
    if (answer.status !== 200) continue;
    last = answer.body.decisionId;
    asked.push((await tom('POST', '/me/access-requests', { reference: last })).status);
  }
  assert.deepEqual(asked, [...Array(OPEN_OF_ONE).fill(201), 429]);
  const tina = people.api(people.tailspin.tina);
  const [first] = (await ok(tina('GET', '/admin/access-requests?state=open'))).value;
  await ok(tina('POST', `/admin/access-requests/${first.id}/answer`, { decision: 'decline' }), 204);
  await ok(tom('POST', '/me/access-requests', { reference: last }), 201);

  const day = new Date(people.app.clock.now.getTime() + 86_400_000).toISOString().slice(0, 10);
  const found = await ok(
    tom('POST', '/v1.0/me/calendar/getSchedule', {
      schedules: ['bob@contoso.example'],
      startTime: { dateTime: `${day}T08:00:00`, timeZone: 'UTC' },
      endTime: { dateTime: `${day}T18:00:00`, timeZone: 'UTC' },
    }),
  );
  const { reference } = found.value[0].error;
  const visitor = {
    kind: 'visitor',
    homeTenantId: people.tailspin.id,
    address: 'tom@tailspin.example',
    displayName: 'Tom',
  } as const;
  const take = people.app.modules
    .flatMap(({ partnerRequests }) => partnerRequests ?? [])
    .find(({ name }) => name === 'access.request')!;
  const inContoso = <T>(act: (ctx: Context) => Promise<T>) =>
    people.app.run({ tenantId: people.contoso.id, actor: visitor }, act);
  const openOfTailspin = () =>
    inContoso((ctx) => countOpenRequests(ctx, { askerTenantId: people.tailspin.id }, OPEN_OF_PARTNER + 1));
  const ask = () =>
    inContoso((ctx) => take.answer(ctx, { v: 1, requestId: newId(), reference, message: 'Once more.' }));
  const others = await inContoso(async (ctx) => {
    const made: string[] = [];
    for (let n = 0; n < OPEN_OF_PARTNER; n += 1) {
      const { id } = await putRequest(ctx, {
        id: newId(),
        putTo: 'here',
        decisionId: newId<'decision'>(),
        asker: { kind: 'visitor', address: `p${n}@tailspin.example`, homeTenantId: people.tailspin.id },
        askerName: `P${n}`,
        message: '',
        same: `p${n}`,
        expiresAt: new Date(ctx.now.getTime() + 86_400_000),
        question: 'calendars.free-busy.read',
        input: null,
        wanted: 'busy-only',
        ownerIds: [],
        isForAdministrators: true,
        askerRequestId: newId(),
      });
      made.push(id);
    }
    return made;
  });
  assert.deepEqual(await ask(), { v: 1 });
  assert.equal(await openOfTailspin(), OPEN_OF_PARTNER, 'one too many is kept nowhere');
  const settled = { state: 'declined', note: null, by: null, byName: null } as const;
  await inContoso((ctx) => settleRequest(ctx, others[0]!, settled));
  assert.deepEqual(await ask(), { v: 1 }, 'and is answered like one that waits');
  assert.equal(await openOfTailspin(), OPEN_OF_PARTNER);
  await inContoso(async (ctx) => {
    for (const id of others) await settleRequest(ctx, id, settled);
  });
});
