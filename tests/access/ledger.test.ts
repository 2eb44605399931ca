import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleteGrants, listGrants, noteUse, putGrant } from '../../src/access/index.ts';
import { sweepNotices } from '../../src/access/usecases/notices.ts';
import { accessPorts } from '../../src/app/access-ports.ts';
import { insertCalendar, listCalendars } from '../../src/calendars/store/calendars.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { createGroup, GRANTS } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import { admitGuest } from '../../src/directory/usecases/admit-guest.ts';
import type { Actor, Context } from '../../src/kernel/context.ts';
import { whatIf } from '../../src/kernel/decision.ts';
import type { AccountId } from '../../src/kernel/ids.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { lettersOf } from '../support/guests.ts';

/** Sharing actions in the random run; 5,000 by `ENTENTE_TEST_SHARING=5000`. */
const ACTIONS = Number(process.env.ENTENTE_TEST_SHARING ?? 400);

let cast: Cast;
let guests: AccountId[];
let groups: string[];
let calendars: string[];
const addresses = Array.from({ length: 6 }, (_, n) => `reader${n}@contoso.example`);

const asSystem = <T>(act: (ctx: Context) => Promise<T>) =>
  cast.app.run({ tenantId: cast.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);

before(async () => {
  cast = await startCast();
  const { fabrikam } = cast;
  await asSystem(async (ctx) => {
    const mailbox = { kind: 'account', id: fabrikam.andersId } as const;
    await ensureMailbox(ctx, mailbox);
    const [first] = await listCalendars(ctx, { owners: [mailbox] });
    calendars = [first!.id];
    for (const name of ['Second', 'Third', 'Fourth'])
      calendars.push((await insertCalendar(ctx, { owner: mailbox, name, slug: name.toLowerCase() })).id);
  });
  guests = [];
  groups = [];
  await fabrikam.ann(async (ctx) => {
    for (let n = 0; n < 6; n += 1) {
      const { account } = await admitGuest(ctx, { address: `guest${n}@contoso.example` });
      await updateAccount(ctx, account.id, { externalUserState: 'Accepted', homeTenantId: cast.contoso.id });
      guests.push(account.id);
    }
    for (let n = 0; n < 5; n += 1)
      groups.push((await createGroup(ctx, { kind: 'security', displayName: `Group ${n}`, mailNickname: `g${n}` })).id);
  });
});
after(() => cast.app.close());

// biome-ignore lint/suspicious/noExplicitAny: a test reads what the server wrote, whatever its shape.
type Body = any;

async function call(method: string, path: string, body?: unknown, who: AccountId = cast.fabrikam.annId) {
  const { token } = await asSystem((ctx) => cast.app.signin.mintAccessToken(ctx, who));
  const answer = await fetch(`${cast.app.origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (/^[[{]/.test(text) ? JSON.parse(text) : text) as Body };
}

/** mulberry32: the same run every time. */
function randomly(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const home = () => ({
  homeTenantId: cast.contoso.id,
  homeDomain: 'contoso.example',
  givenBy: cast.fabrikam.andersId,
});
const share = (ctx: Context, calendar: string, subject: object, level = 'freeBusyRead', more: object = {}) =>
  putGrant(ctx, {
    kind: 'calendars.calendar',
    object: { kind: 'calendar', id: calendar },
    subject,
    level,
    ...home(),
    ...more,
  } as never);
const join = (ctx: Context, group: string, subject: { kind: string; id: string }) =>
  putGrant(ctx, {
    kind: GRANTS.member.kind,
    object: { kind: 'group', id: group },
    subject,
    level: 'member',
    givenBy: cast.fabrikam.annId,
    ...(subject.kind === 'group' ? {} : home()),
  } as never);

test(`beyond 3.7.1: after ${ACTIONS} sharing actions the ledger is what the engine answers, subject by object`, async (t) => {
  const random = randomly(37);
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const oneOf = () => {
    const [kind, id] = one([
      ['contact', one(addresses)],
      ['guest', one(guests)],
      ['group', one(groups)],
    ] as const);
    return { kind, id };
  };
  for (let done = 0; done < ACTIONS; )
    await asSystem(async (ctx) => {
      for (let n = 0; n < 200 && done < ACTIONS; n += 1, done += 1) {
        const what = random(10);
        if (what < 4) {
          const subject = oneOf();
          await share(ctx, one(calendars), subject, one(['freeBusyRead', 'limitedRead', 'read']), {
            ...(subject.kind === 'group' ? { homeDomain: null, homeTenantId: null } : {}),
          });
        } else if (what < 6) {
          const from = random(groups.length);
          const deeper = groups.slice(from + 1);
          const nested = deeper.length > 0 && random(3) === 0;
          await join(
            ctx,
            groups[from]!,
            nested ? { kind: 'group', id: one(deeper) } : { kind: 'guest', id: one(guests) },
          );
        } else {
          const kind = what < 9 ? 'calendars.calendar' : GRANTS.member.kind;
          const given = (await listGrants(ctx, { kind })).filter(({ object }) =>
            [...calendars, ...groups].includes(object.id),
          );
          const gone = given.filter(({ subject }) => subject.kind !== 'tenant');
          if (gone.length > 0) {
            const grant = one(gone);
            await accessPorts.revokers[grant.kind].revoke(ctx, grant);
          }
        }
      }
    });
  const question = cast.app.modules
    .flatMap(({ questions = [] }) => questions)
    .find(({ name }) => name === 'calendars.calendar.use')!;
  const answered = await asSystem(async (ctx) => {
    const found: string[] = [];
    const people = [
      ...addresses.map((address): [string, Actor] => [
        `contact:${address}`,
        { kind: 'visitor', homeTenantId: cast.contoso.id, address, displayName: address },
      ]),
    ];
    for (const id of guests) people.push([`guest:${id}`, (await accessPorts.actorOf(ctx, id))!]);
    for (const calendarId of calendars)
      for (const [who, actor] of people) {
        // Who has paid for whom is another matter.
        const ceilings = { 'tenants.service-is-licensed:calendar': null };
        const decision = whatIf(question, await question.facts({ ...ctx, actor }, { calendarId }), { ceilings });
        if (decision.level !== 'none') found.push(`${who} ${calendarId}`);
      }
    return found.sort();
  });
  const listed = new Set<string>();
  for (const calendar of calendars) {
    const { status, body } = await call('GET', `/admin/reach/calendar/${calendar}`);
    assert.equal(status, 200, JSON.stringify(body));
    for (const { subject } of body.paths) listed.add(`${subject.kind}:${subject.id} ${calendar}`);
  }
  t.diagnostic(`${answered.length} of ${calendars.length * (addresses.length + guests.length)} pairs may`);
  assert.ok(answered.length > 10);
  assert.deepEqual([...listed].sort(), answered);
});

test('beyond 3.7.2: every path by which somebody outside opens a thing is told', async () => {
  const [calendar, outer, inner] = [calendars[3]!, groups[3]!, groups[4]!];
  await asSystem(async (ctx) => {
    for (const { kind, object, subject, id } of await listGrants(ctx, {}))
      if (object.id === calendar || (kind === GRANTS.member.kind && subject.kind !== 'account'))
        await deleteGrants(ctx, [id]);
    await share(ctx, calendar, { kind: 'guest', id: guests[0] }, 'read');
    await share(ctx, calendar, { kind: 'group', id: outer }, 'read', { homeDomain: null, homeTenantId: null });
    await join(ctx, outer, { kind: 'group', id: inner });
    await join(ctx, inner, { kind: 'guest', id: guests[0]! });
    await join(ctx, outer, { kind: 'guest', id: guests[0]! });
  });
  const { body } = await call('GET', `/admin/reach/calendar/${calendar}`);
  const paths = body.paths
    .filter(({ subject }: Body) => subject.id === guests[0])
    .map(({ through }: Body) => through.map(({ displayName }: Body) => displayName).join(' > '));
  assert.deepEqual(paths.sort(), ['', 'Group 3', 'Group 3 > Group 4']);
  assert.equal((await call('GET', `/admin/reach/calendar/${cast.contoso.id}`)).status, 404);
});

test('beyond 3.7.3: last use is noted, and what nobody used for 90 days is ended at once, as it was tried', async () => {
  const calendar = calendars[0]!;
  await asSystem(async (ctx) => {
    await share(ctx, calendar, { kind: 'contact', id: 'used@contoso.example' });
    for (const n of [1, 2, 3]) await share(ctx, calendar, { kind: 'contact', id: `unused${n}@contoso.example` });
  });
  cast.app.clock.advance(100 * 86_400);
  const visitor = {
    kind: 'visitor',
    homeTenantId: cast.contoso.id,
    address: 'used@contoso.example',
    displayName: 'Used',
  } as const;
  const question = cast.app.modules
    .flatMap(({ questions = [] }) => questions)
    .find(({ name }) => name === 'calendars.calendar.use')!;
  await cast.app.run({ tenantId: cast.fabrikam.id, actor: visitor, readOnly: true }, (ctx) =>
    ctx.ask(question as never, { calendarId: calendar } as never),
  );
  const unused = async () => {
    const { body } = await call('GET', '/admin/ledger?outside=true&unusedDays=90&limit=999');
    return body.value.filter(({ object, subject }: Body) => object.id === calendar && /used/.test(subject.id));
  };
  const rows = await eventually(async () => {
    const found = await unused();
    return found.length === 3 && found;
  });
  const ids = rows.map(({ id }: Body) => id);
  const change = { input: { method: 'POST', path: '/admin/ledger/revoke', body: { ids } } };
  const { id } = (await call('POST', '/admin/what-if', { changes: [change] })).body;
  const done = await eventually(async () => {
    const { body } = await call('GET', `/admin/what-if/${id}`);
    return body.state === 'done' && body;
  });
  assert.equal(done.summary.lost, 3, JSON.stringify(done));
  assert.equal((await unused()).length, 3, 'trying changes nothing');
  assert.equal((await call('POST', `/admin/what-if/${id}/apply`)).status, 200);
  assert.deepEqual(await unused(), []);
});

test('beyond 3.7.4: an auditor reads, exports and signs off what was seen, and ends nothing', async () => {
  const auditor = cast.fabrikam.andersId;
  await asSystem((ctx) =>
    putGrant(ctx, {
      kind: GRANTS.role.kind,
      object: { kind: 'tenant-role', id: 'auditor' },
      subject: { kind: 'account', id: auditor },
      level: 'holder',
      givenBy: 'test',
    } as never),
  );
  const file = await call('GET', '/admin/ledger/export?outside=true', undefined, auditor);
  assert.equal(file.status, 200);
  const sum = (await call('GET', '/admin/ledger/sum', undefined, auditor)).body;
  assert.equal(file.body.trim().split('\r\n').length, sum.rights + 1, 'every right is in the file');
  assert.equal(sum.signedOff, null);
  const sign = (digest: string, who = auditor) =>
    call('POST', '/admin/ledger/sign-offs', { digest, comment: 'Autumn' }, who);
  assert.equal((await sign(sum.digest)).status, 201);
  const after = (await call('GET', '/admin/ledger/sum', undefined, auditor)).body;
  assert.deepEqual([after.signedOff.isUnchanged, after.signedOff.comment], [true, 'Autumn']);
  const [{ id }] = (await call('GET', '/admin/ledger?outside=true&limit=1')).body.value;
  assert.equal((await call('DELETE', `/admin/ledger/${id}`, undefined, auditor)).status, 403);
  assert.equal((await call('POST', '/admin/ledger/revoke', { ids: [id] }, auditor)).status, 403);
  assert.equal((await call('DELETE', `/admin/ledger/${id}`)).status, 204);
  assert.equal((await call('GET', '/admin/ledger/sum')).body.signedOff.isUnchanged, false);
  assert.equal((await sign(sum.digest)).status, 412, 'nobody signs what has changed since');
});

test('beyond 3.7.5: the owner hears of what is shared outside, first used and about to end, unless it is muted', async () => {
  const { fabrikam, app } = cast;
  const ports = { ...accessPorts, addresses: { origin: () => app.origin } };
  const sweep = () => asSystem((ctx) => sweepNotices(ctx, ports));
  await sweep();
  const heard = async () =>
    (await lettersOf(fabrikam))
      .filter(({ kind, text }) => kind.startsWith('access-') && text?.includes('heard@contoso.example'))
      .map(({ kind, to }) => [kind, to.address])
      .reverse();
  const calendar = calendars[1]!;
  const heardOf = { kind: 'contact', id: 'heard@contoso.example' };
  const { id } = await asSystem((ctx) =>
    share(ctx, calendar, heardOf, 'read', { endsAt: new Date(ctx.now.getTime() + 30 * 86_400_000) }),
  );
  const anders = 'anders@fabrikam.example';
  await sweep();
  await sweep();
  assert.deepEqual(await heard(), [['access-shared', anders]]);
  app.clock.advance(5);
  await asSystem((ctx) => noteUse(ctx, id));
  await sweep();
  app.clock.advance(25 * 86_400);
  await sweep();
  assert.deepEqual(await heard(), [
    ['access-shared', anders],
    ['access-opened', anders],
    ['access-ending', anders],
  ]);
  const own = (await call('GET', '/me/sharing', undefined, fabrikam.andersId)).body;
  assert.ok(own.value.some(({ subject }: Body) => subject.id === heardOf.id));
  const mute = (isMuted: boolean) =>
    call('PUT', '/me/sharing/mutes', { kind: 'calendar', id: calendars[2], isMuted }, fabrikam.andersId);
  assert.equal((await mute(true)).status, 204);
  await asSystem((ctx) => share(ctx, calendars[2]!, heardOf));
  await sweep();
  assert.equal((await heard()).length, 3, 'what is muted is not told');
});
