import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createAccount } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { kernelFaults } from '../../src/kernel/fault.ts';
import { BLOCK_ALL } from '../../src/partners/model/access-setting.ts';
import type { Side } from './two-servers.ts';

const POLICY = '/v1.0/policies/crossTenantAccessPolicy';
const GUEST = 'gone-before@contoso.example';

/** Contoso brings its people to Fabrikam, on two servers that are partners (identity §2.7). */
export function synchronizationStories(pair: () => { fabrikam: Side; contoso: Side }): void {
  const ann = (...asked: Parameters<ReturnType<Side['api']>>) =>
    pair().fabrikam.api(pair().fabrikam.administrator)(...asked);
  const carla = (...asked: Parameters<ReturnType<Side['api']>>) =>
    pair().contoso.api(pair().contoso.administrator)(...asked);
  const at = () => `/admin/partners/${pair().fabrikam.id}/synchronization`;

  const ok = async (answering: ReturnType<typeof ann>) => {
    const answer = await answering;
    assert.ok(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const configure = (values: Record<string, unknown>) =>
    ok(carla('PATCH', '/admin/settings/directory.synchronization', { target: pair().fabrikam.id, values }));
  const allow = (isSyncAllowed: boolean) =>
    ok(
      ann('PUT', `${POLICY}/partners/${pair().contoso.id}/identitySynchronization`, {
        userSyncInbound: { isSyncAllowed },
      }),
    );
  const stateOf = async () => ok(carla('GET', at()));
  const steer = (action: string, rest = {}) => ok(carla('POST', at(), { action, ...rest }));
  const atFabrikam = async (address: string) => {
    const filter = encodeURIComponent(`mail eq '${address}'`);
    const found = await ok(
      ann('GET', `/v1.0/users?$filter=${filter}&$select=id,displayName,userType,accountEnabled,department,jobTitle`),
    );
    assert.ok(found.value.length <= 1, `several are ${address}`);
    return found.value[0];
  };
  const newPerson = (name: string, rest = {}) =>
    ok(
      carla('POST', '/v1.0/users', {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        mail: `${name}@contoso.example`,
        userPrincipalName: `${name}@contoso.example`,
        ...rest,
      }),
    );
  let groupId = '';
  const join = (id: string) =>
    ok(carla('POST', `/v1.0/groups/${groupId}/members/$ref`, { '@odata.id': `https://x.example/v1.0/users/${id}` }));
  const leave = (id: string) => ok(carla('DELETE', `/v1.0/groups/${groupId}/members/${id}/$ref`));
  const withinAMinute = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
    const end = Date.now() + 60_000;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end)
        assert.fail(`It did not come to pass within 60 seconds: ${JSON.stringify(await stateOf())}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test('CT-14: people of Contoso are members of Fabrikam, renamed, blocked and gone there as they are at home', async () => {
    const { fabrikam, contoso } = pair();
    for (const [api, of] of [
      [carla, fabrikam.id],
      [ann, contoso.id],
    ] as const) {
      await api('DELETE', `${POLICY}/partners/${of}`);
      await ok(
        api('POST', `${POLICY}/partners`, {
          tenantId: of,
          automaticUserConsentSettings: { inboundAllowed: true, outboundAllowed: true },
        }),
      );
    }
    groupId = (
      await ok(
        carla('POST', '/v1.0/groups', {
          displayName: 'To Fabrikam',
          mailEnabled: false,
          mailNickname: 'to-fabrikam',
          securityEnabled: true,
        }),
      )
    ).id;
    const dora = await newPerson('dora', { department: 'Sales', jobTitle: 'Buyer' });
    await join(dora.id);
    const mappings = [
      { kind: 'direct', target: 'displayName', source: 'displayName' },
      { kind: 'constant', target: 'companyName', value: 'Contoso' },
      { kind: 'join', target: 'jobTitle', sources: ['department', 'jobTitle'], separator: ', ' },
      { kind: 'direct', target: 'department', source: 'department' },
      { kind: 'direct', target: 'businessPhone', source: 'businessPhone' },
    ];
    await configure({ isOn: true, groups: [groupId], mappings });
    // Fabrikam has not allowed it: nobody comes, and the job says why.
    await withinAMinute(async () => (await stateOf()).state === 'stopped');
    assert.deepEqual(
      [(await stateOf()).reason, await atFabrikam('dora@contoso.example')],
      ['not-allowed-there', undefined],
    );

    await allow(true);
    await steer('resume');
    const made = await withinAMinute(() => atFabrikam('dora@contoso.example'));
    assert.deepEqual([made.userType, made.jobTitle, made.department], ['Member', 'Sales, Buyer', 'Sales']);
    const of = (id: string) => ok(ann('GET', `/v1.0/users/${id}?$select=id,displayName,accountEnabled`));

    await ok(carla('PATCH', `/v1.0/users/${dora.id}`, { displayName: 'Dora Dorn' }));
    await withinAMinute(async () => (await of(made.id)).displayName === 'Dora Dorn');
    await ok(carla('PATCH', `/v1.0/users/${dora.id}`, { accountEnabled: false }));
    await withinAMinute(async () => (await of(made.id)).accountEnabled === false);
    await ok(carla('PATCH', `/v1.0/users/${dora.id}`, { accountEnabled: true }));
    await withinAMinute(async () => (await of(made.id)).accountEnabled === true);
    await leave(dora.id);
    await withinAMinute(async () => (await atFabrikam('dora@contoso.example')) === undefined);
    const deleted = await ok(ann('GET', '/v1.0/directory/deletedItems/microsoft.graph.user?$select=id'));
    assert.ok(deleted.value.some(({ id }: { id: string }) => id === made.id));
    // Back in scope, they are the same again.
    await join(dora.id);
    assert.equal((await withinAMinute(() => atFabrikam('dora@contoso.example'))).id, made.id);

    const outcomes = async (api: typeof ann, action: string) =>
      (await ok(api('GET', `/admin/audit/events?action=${action}&limit=50`))).value.map(
        ({ facts }: { facts: { outcome: string } }) => facts.outcome,
      );
    const story = ['restored', 'deleted', 'enabled', 'disabled', 'updated', 'created'];
    await withinAMinute(async () => (await outcomes(carla, 'directory.person-synchronized')).length >= story.length);
    assert.deepEqual(await outcomes(carla, 'directory.person-synchronized'), story);
    assert.deepEqual(await outcomes(ann, 'directory.person-brought'), story);
  });

  test('CT-14: whom Fabrikam has blocked itself stays blocked, whatever changes at home', async () => {
    const { id: homeId } = (await ok(carla('GET', "/v1.0/users?$filter=mail eq 'dora@contoso.example'"))).value[0];
    const { id } = await atFabrikam('dora@contoso.example');
    const block = (accountEnabled: boolean) => ok(ann('PATCH', `/v1.0/users/${id}`, { accountEnabled }));
    const atHome = async (changes: Record<string, unknown>, displayName: string) => {
      await ok(carla('PATCH', `/v1.0/users/${homeId}`, { ...changes, displayName }));
      return withinAMinute(async () => {
        const now = await atFabrikam('dora@contoso.example');
        return now?.displayName === displayName && now;
      });
    };
    await block(false);
    assert.equal((await atHome({}, 'Dora D.')).accountEnabled, false);
    await atHome({ accountEnabled: false }, 'Dora Do.');
    assert.equal((await atHome({ accountEnabled: true }, 'Dora Dor.')).accountEnabled, false);
    await block(true);
    assert.equal((await atHome({}, 'Dora Dorn')).accountEnabled, true);
  });

  test('CT-15, CT-16: a guest of home is skipped with the reason; who is a guest already stays the same object', async () => {
    const { contoso } = pair();
    const { guestId } = await ok(
      ann('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: GUEST,
        inviteRedirectUrl: 'https://apps.fabrikam.example/',
      }),
    ).then((body) => ({ guestId: body.invitedUser.id as string }));
    const invited = await newPerson('gone-before');
    await join(invited.id);
    await withinAMinute(async () => (await stateOf()).people.there === 2);
    const adopted = await atFabrikam(GUEST);
    assert.deepEqual([adopted.id, adopted.userType], [guestId, 'Guest']);

    const guest = await ok(
      carla('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: 'tom@tailspin.example',
        inviteRedirectUrl: 'https://apps.contoso.example/',
      }),
    );
    await join(guest.invitedUser.id);
    await withinAMinute(async () =>
      (await stateOf()).problems.some(
        (one: { accountId: string; reason: string }) =>
          one.accountId === guest.invitedUser.id && one.reason === 'at-home-elsewhere',
      ),
    );
    assert.equal(await atFabrikam('tom@tailspin.example'), undefined);

    // One person at once, step by step; twice is once.
    const { steps } = await ok(carla('POST', `${at()}/people`, { accountId: invited.id }));
    assert.deepEqual(
      steps.map(({ step, outcome }: { step: string; outcome: string }) => [step, outcome]),
      [
        ['read', 'done'],
        ['scope', 'done'],
        ['provision', 'done'],
      ],
    );
    const not = await ok(carla('POST', `${at()}/people`, { accountId: contoso.administrator.id }));
    assert.deepEqual(not.steps.at(-1), { step: 'scope', outcome: 'skipped', detail: 'not-in-scope' });
  });

  test('nobody is brought who is at home there, or whose address is not of a domain of their own organisation', async () => {
    const { fabrikam, contoso } = pair();
    const bring = (person: Record<string, unknown>) =>
      contoso.partners.ask(
        {
          tenantId: contoso.id,
          address: 'entente@contoso.example',
          displayName: 'Contoso',
          correlationId: crypto.randomUUID(),
        },
        fabrikam.id,
        'directory.take-people',
        {
          v: 1,
          put: [
            {
              id: crypto.randomUUID(),
              displayName: 'Anders',
              isEnabled: true,
              userType: 'Member',
              changesType: true,
              attributes: {},
              ...person,
            },
          ],
          remove: [fabrikam.member.id],
        },
      ) as Promise<{ people: { outcome: string; reason: string | null }[] }>;
    const foreign = await bring({ address: 'anders@fabrikam.example' });
    assert.deepEqual(
      foreign.people.map(({ outcome }) => outcome),
      ['refused', 'unchanged'],
    );
    assert.equal((await atFabrikam('anders@fabrikam.example')).userType, 'Member');
    const stranger = await bring({ address: 'tom@tailspin.example' });
    assert.equal(stranger.people[0]?.outcome, 'refused');
  });

  test('CT-14: groups come along, managers are named, and whoever passes no filter stays away', async () => {
    const head = await newPerson('head', { department: 'Sales' });
    const clerk = await newPerson('clerk', { department: 'Sales', businessPhones: ['+46 8 1'] });
    const outside = await newPerson('outside', { department: 'Legal' });
    const managed = { '@odata.id': `https://x.example/v1.0/users/${head.id}` };
    await ok(carla('PUT', `/v1.0/users/${clerk.id}/manager/$ref`, managed));
    await configure({ bringsGroups: true, filters: [{ attribute: 'department', is: 'notEqual', value: 'legal' }] });
    for (const { id } of [head, clerk, outside]) await join(id);
    const there = await withinAMinute(() => atFabrikam('clerk@contoso.example'));
    const boss = await withinAMinute(() => atFabrikam('head@contoso.example'));
    await withinAMinute(
      async () => (await ann('GET', `/v1.0/users/${there.id}/manager?$select=id`)).body.id === boss.id,
    );
    const { businessPhones } = await ok(ann('GET', `/v1.0/users/${there.id}?$select=businessPhones`));
    assert.deepEqual(businessPhones, ['+46 8 1']);
    assert.equal(await atFabrikam('outside@contoso.example'), undefined);

    const named = async (name: string) =>
      (await ok(ann('GET', `/v1.0/groups?$filter=${encodeURIComponent(`displayName eq '${name}'`)}`))).value[0];
    const group = await withinAMinute(() => named('To Fabrikam'));
    assert.deepEqual([group.securityEnabled, group.mailEnabled], [true, false]);
    const membersOf = async (id: string): Promise<string[]> =>
      (await ok(ann('GET', `/v1.0/groups/${id}/members?$select=id`))).value.map((one: { id: string }) => one.id);
    await withinAMinute(async () => (await membersOf(group.id)).includes(boss.id));
    assert.ok((await membersOf(group.id)).includes(there.id));
    await ok(carla('PATCH', `/v1.0/groups/${groupId}`, { displayName: 'For Fabrikam' }));
    await withinAMinute(async () => (await named('For Fabrikam'))?.id === group.id);
    // Named as a person, too, they stay there when they leave the group.
    await configure({ people: [clerk.id] });
    await leave(clerk.id);
    await withinAMinute(async () => !(await membersOf(group.id)).includes(there.id));
    assert.ok(await atFabrikam('clerk@contoso.example'));
    await configure({ bringsGroups: false, people: [], filters: [] });
    await withinAMinute(async () => (await ann('GET', `/v1.0/groups/${group.id}`)).status === 404);
    for (const { id } of [head, outside]) await leave(id);
    await withinAMinute(async () => (await stateOf()).people.there === 2);
  });

  test('CT-7, CT-14: whom the policy of home lets out no more is gone there; a door shut to all only stops the job', async () => {
    const { fabrikam } = pair();
    const finn = await newPerson('finn');
    await join(finn.id);
    const { id } = await withinAMinute(() => atFabrikam('finn@contoso.example'));
    const letOut = (b2bCollaborationOutbound: unknown) =>
      ok(carla('PATCH', `${POLICY}/partners/${fabrikam.id}`, { b2bCollaborationOutbound }));
    await letOut({
      usersAndGroups: { accessType: 'blocked', targets: [{ target: finn.id, targetType: 'user' }] },
      applications: {
        accessType: 'blocked',
        targets: [{ target: 'AllApplications', targetType: 'application' }],
      },
    });
    await withinAMinute(async () => (await atFabrikam('finn@contoso.example')) === undefined);
    const [problem] = await withinAMinute(async () => {
      const found = (await stateOf()).problems.filter((one: { accountId: string }) => one.accountId === finn.id);
      return found.length > 0 && found;
    });
    assert.deepEqual([problem.isThere, problem.reason], [false, 'not-let-out']);
    await letOut(null);
    assert.equal((await withinAMinute(() => atFabrikam('finn@contoso.example'))).id, id);
    assert.deepEqual(
      (await stateOf()).problems.filter((one: { accountId: string }) => one.accountId === finn.id),
      [],
    );

    await letOut(BLOCK_ALL);
    await withinAMinute(async () => (await stateOf()).state === 'stopped');
    assert.equal((await stateOf()).reason, 'nobody-let-out');
    assert.ok(await atFabrikam('finn@contoso.example'));
    await letOut(null);
    await steer('resume');
    await leave(finn.id);
    await withinAMinute(async () => (await atFabrikam('finn@contoso.example')) === undefined);
  });

  test('CT-17: where it is no longer allowed, the job stops and those who are there stay', async () => {
    await allow(false);
    const emil = await newPerson('emil');
    await join(emil.id);
    await withinAMinute(async () => (await stateOf()).state === 'stopped');
    assert.equal(await atFabrikam('emil@contoso.example'), undefined);
    assert.ok(await atFabrikam('dora@contoso.example'));
    await allow(true);
    await steer('resume');
    await withinAMinute(() => atFabrikam('emil@contoso.example'));
  });

  test('CT-18: 600 who would leave at once with a threshold of 500 are not removed; an administrator is written to', async (t) => {
    const { contoso } = pair();
    const begunAt = performance.now();
    const seconds = () => Math.round((performance.now() - begunAt) / 100) / 10;
    const run = <T>(act: (ctx: Context) => Promise<T>) =>
      contoso.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, act);
    const count = Number(process.env.ENTENTE_SYNC_PEOPLE ?? 60);
    const deletionThreshold = Math.floor((count * 5) / 6);
    await run(async (ctx) => {
      for (let n = 0; n < count; n += 1) {
        const userPrincipalName = `many-${n}@contoso.example`;
        await createAccount(ctx, { userPrincipalName, displayName: `Many ${n}`, mail: userPrincipalName });
      }
    });
    // CT-17: after the first people Fabrikam changes its mind. They stay, and nobody follows.
    const { partners } = contoso;
    const ask = partners.ask.bind(partners);
    let hasBegun = false;
    partners.ask = async (envoy, to, request, asked) => {
      if (request !== 'directory.take-people') return ask(envoy, to, request, asked);
      if (hasBegun) await allow(false);
      hasBegun = true;
      return ask(envoy, to, request, asked);
    };
    try {
      await configure({ everyone: true, deletionThreshold });
      await withinAMinute(async () => (await stateOf()).state === 'stopped');
    } finally {
      partners.ask = ask;
    }
    const half = await stateOf();
    const manyThere = async () => {
      const filter = encodeURIComponent("startswith(mail,'many-')");
      return Number((await ok(ann('GET', `/v1.0/users?$filter=${filter}&$count=true&$top=1`)))['@odata.count']);
    };
    const begun = await manyThere();
    assert.ok(half.reason === 'not-allowed-there' && begun > 0 && begun < count, `${half.reason} after ${begun}`);
    await allow(true);
    await steer('resume');
    const atHome = encodeURIComponent("userType eq 'Member' and accountEnabled eq true");
    const all = Number((await ok(carla('GET', `/v1.0/users?$filter=${atHome}&$count=true&$top=1`)))['@odata.count']);
    await withinAMinute(async () => (await stateOf()).people.there === all);
    assert.equal(await manyThere(), count);
    t.diagnostic(`${count} brought after ${seconds()} s`);
    await configure({ everyone: false });
    await withinAMinute(async () => (await stateOf()).state === 'quarantined');
    const held = await stateOf();
    assert.equal(held.reason, 'too-many-leave');
    assert.ok(held.lastCycle.counts.leaving >= count);
    assert.ok(await atFabrikam('many-0@contoso.example'));
    assert.ok(await atFabrikam(`many-${count - 1}@contoso.example`));
    const [letter] = (await ok(carla('GET', '/admin/mail?limit=1'))).value;
    assert.match(letter.subject, /too many would be removed/);

    t.diagnostic(`${held.lastCycle.counts.leaving} held back after ${seconds()} s`);

    // Going on without a word stops at the same place; confirmed, they leave.
    await steer('resume');
    await withinAMinute(async () => (await stateOf()).state === 'quarantined');
    await steer('resume', { confirmRemovals: true });
    await withinAMinute(async () => (await atFabrikam(`many-${count - 1}@contoso.example`)) === undefined);
    await withinAMinute(async () => (await stateOf()).people.there === 3);
    assert.ok(await atFabrikam('dora@contoso.example'));
    t.diagnostic(`removed after ${seconds()} s`);

    await steer('pause');
    assert.equal((await stateOf()).state, 'paused');
    await steer('restart');
    await withinAMinute(async () => (await stateOf()).lastCycle.counts.unchanged === 3);
    const member = contoso.api(contoso.member);
    assert.equal((await member('GET', at())).status, 403);
    assert.equal((await member('POST', at(), { action: 'pause' })).status, 403);
  });

  test('a partner that does not answer loses nothing by it; after half an hour the administrators are written to', async () => {
    const { contoso } = pair();
    const { partners } = contoso;
    const ask = partners.ask.bind(partners);
    const letters = async () =>
      (await ok(carla('GET', '/admin/mail?limit=20'))).value.filter(({ subject }: { subject: string }) =>
        /with a partner fails/.test(subject),
      );
    partners.ask = async () => {
      throw kernelFaults.partnerUnreachable();
    };
    try {
      await newPerson('late', { department: 'Sales' }).then(({ id }) => join(id));
      await withinAMinute(async () => (await stateOf()).failure === 'partners.unreachable');
      assert.deepEqual(await letters(), []);
      contoso.app.clock.advance(31 * 60);
      await newPerson('later').then(({ id }) => join(id));
      await withinAMinute(async () => (await letters()).length > 0);
    } finally {
      partners.ask = ask;
    }
    await join((await newPerson('latest')).id);
    for (const name of ['late', 'later', 'latest']) await withinAMinute(() => atFabrikam(`${name}@contoso.example`));
    assert.equal((await stateOf()).failure, null);
  });

  test('what is to be brought every 40 minutes waits until then, and when that is can be read', async () => {
    const { contoso, fabrikam } = pair();
    const { clock } = contoso.app;
    const after = (minutes: number) => new Date(clock.now.getTime() + minutes * 60_000);
    const sweep = contoso.app.modules
      .flatMap((module) => module.sweeps ?? [])
      .find(({ name }) => name === 'directory.bring-people-again');
    const byTheClock = () =>
      contoso.app.run(
        { tenantId: contoso.id, actor: { kind: 'system', name: 'test' } },
        (ctx) => sweep?.run(ctx) as Promise<void>,
      );
    const begunAt = async (at: Date) =>
      withinAMinute(async () => {
        const { lastCycle } = await stateOf();
        return lastCycle.startedAt === at.toISOString() && !lastCycle.isRunning;
      });
    /** When the cycle runs that waits for its time. */
    const waitingUntil = async () => {
      const key = `directory.bring-people ${contoso.id} ${fabrikam.id} due`;
      const client = new pg.Client({ connectionString: contoso.app.adminUrl });
      await client.connect();
      try {
        const { rows } = await client.query('select run_at from graphile_worker.jobs where key = $1', [key]);
        return rows[0]?.run_at as Date | undefined;
      } finally {
        await client.end();
      }
    };
    clock.advance(60);
    const begun = clock.now;
    const due = after(40);
    await configure({ minutesBetween: 40 });
    await begunAt(begun);
    assert.equal((await stateOf()).dueAt, due.toISOString());

    await join((await newPerson('patient')).id);
    assert.deepEqual(await withinAMinute(waitingUntil), due);
    clock.advance(39 * 60);
    await byTheClock();
    assert.deepEqual([await atFabrikam('patient@contoso.example'), await waitingUntil()], [undefined, due]);
    clock.advance(60);
    await byTheClock();
    await withinAMinute(() => atFabrikam('patient@contoso.example'));
    await begunAt(due);
    assert.equal((await stateOf()).dueAt, after(40).toISOString());

    await configure({ minutesBetween: 0 });
    assert.equal((await stateOf()).dueAt, null);
  });
}
