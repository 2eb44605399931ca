import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { putGrant } from '../../src/access/index.ts';
import { listEvents } from '../../src/audit/index.ts';
import { organizationRelationships } from '../../src/calendars/index.ts';
import { insertCalendar, listCalendars } from '../../src/calendars/store/calendars.ts';
import { putSubscription } from '../../src/calendars/store/invitations.ts';
import { ensureMailbox } from '../../src/calendars/usecases/mailboxes.ts';
import { createGroup, GRANTS } from '../../src/directory/index.ts';
import type { Context } from '../../src/kernel/context.ts';
import { decide } from '../../src/kernel/decision.ts';
import { type AccountId, newId } from '../../src/kernel/ids.ts';
import { readReceipt } from '../../src/partners/index.ts';
import { changeSettings } from '../../src/tenants/index.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { aGuestOf, bobAtHome, invite } from '../support/guests.ts';

let cast: Cast;
let groups: string[];
let bob: AccountId;
let pending: AccountId;
let tom: AccountId;
let calendarId: string;
before(async () => {
  cast = await startCast();
  const { fabrikam } = cast;
  bob = await aGuestOf(fabrikam.ann, fabrikam, bobAtHome(cast));
  pending = (await invite(fabrikam.ann, 'nora@contoso.example')).account.id;
  tom = (await invite(fabrikam.ann, 'tom@tailspin.example')).account.id;
  await tie();
});
after(() => cast.app.close());

const asSystem = <T>(act: (ctx: Context) => Promise<T>) =>
  cast.app.run({ tenantId: cast.fabrikam.id, actor: { kind: 'system', name: 'test' } }, act);

/** One right of every kind there is, and whatever else ties Fabrikam to Contoso. */
async function tie(): Promise<void> {
  const { fabrikam, contoso } = cast;
  groups = await fabrikam.ann(async (ctx) => {
    const made: string[] = [];
    for (const n of [0, 1]) {
      const fields = { displayName: `Group ${n}`, mailNickname: `group${n}`, description: null, visibility: 'Private' };
      made.push((await createGroup(ctx, { ...fields, kind: 'security' } as never)).id);
    }
    return made;
  });
  await asSystem(async (ctx) => {
    const home = { homeTenantId: contoso.id, homeDomain: 'contoso.example', givenBy: fabrikam.annId };
    const give = (kind: string, objectKind: string, id: string, subject: object, level: string, more: object = home) =>
      putGrant(ctx, { kind, object: { kind: objectKind, id }, subject, level, ...more } as never);
    const guest = { kind: 'guest', id: bob };
    await give(GRANTS.member.kind, 'group', groups[0]!, guest, 'member');
    await give(GRANTS.owner.kind, 'group', groups[1]!, guest, 'owner');
    await give(GRANTS.role.kind, 'tenant-role', 'guest-inviter', guest, 'holder');
    await give(GRANTS.member.kind, 'group', groups[0]!, { kind: 'guest', id: tom }, 'member', {
      homeDomain: 'tailspin.example',
      givenBy: fabrikam.annId,
    });
    await ensureMailbox(ctx, { kind: 'account', id: fabrikam.andersId });
    const [calendar] = await listCalendars(ctx, { owners: [{ kind: 'account', id: fabrikam.andersId }] });
    calendarId = calendar!.id;
    await give('calendars.calendar', 'calendar', calendarId, { kind: 'contact', id: 'bob@contoso.example' }, 'read');
    await give('calendars.calendar', 'calendar', calendarId, { kind: 'contact', id: 'zoe@contoso.example' }, 'read');
    await give('calendars.calendar', 'calendar', calendarId, guest, 'limitedRead');
    await putSubscription(ctx, {
      id: newId(),
      accountId: fabrikam.andersId,
      partnerTenantId: contoso.id,
      partnerCalendarId: newId() as never,
      name: 'Of Bob',
      ownerName: 'Bob',
      ownerAddress: 'bob@contoso.example',
      organisationName: 'Contoso',
      color: null,
      role: 'read',
    });
    await changeSettings(ctx, organizationRelationships, newId(), {
      name: 'Contoso',
      domainNames: ['contoso.example'],
      freeBusyAccessEnabled: true,
      freeBusyAccessLevel: 'LimitedDetails',
    });
  });
}

async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: cast.app.adminUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

const ofContoso = () =>
  query<{ kind: string; n: string }>(
    `select kind, count(*) as n from access.grants where tenant_id = $1
        and (home_domain = 'contoso.example' or subject_id = $2) group by kind`,
    [cast.fabrikam.id, bob],
  );

// biome-ignore lint/suspicious/noExplicitAny: a test reads what the server wrote, whatever its shape.
type Body = any;

async function call(method: string, path: string, body?: unknown, token?: string) {
  const { app, fabrikam } = cast;
  const bearer =
    token ?? (await asSystem(async (ctx) => (await app.signin.mintAccessToken(ctx, fabrikam.annId)).token));
  const answer = await fetch(`${app.origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as Body };
}

const questionNamed = (name: string) =>
  cast.app.modules.flatMap(({ questions = [] }) => questions).find((one) => one.name === name)!;

/** What somebody of Contoso, who holds what they held, is answered. */
async function levelOf(name: string, address: string, input: unknown): Promise<string> {
  const visitor = { kind: 'visitor', homeTenantId: cast.contoso.id, address, displayName: address } as const;
  const question = questionNamed(name);
  return asSystem(
    async (ctx) => decide(question, await question.facts({ ...ctx, actor: visitor }, input)).level as string,
  );
}

test('beyond 3.3: the dry run says who would lose what, and changes nothing', async () => {
  const before = await ofContoso();
  const asked = await call('POST', '/admin/what-if', {
    changes: [{ trial: 'partners.end', input: { partner: 'contoso.example', newOwnerId: cast.fabrikam.andersId } }],
  });
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  const { id } = asked.body;
  const done = await eventually(async () => {
    const { body } = await call('GET', `/admin/what-if/${id}`);
    return body.state === 'waiting' || body.state === 'running' ? false : body;
  });
  assert.equal((done as { state: string }).state, 'done', JSON.stringify(done));
  const lines = (await call('GET', `/admin/what-if/${id}/lines?limit=500`)).body as unknown as {
    value: { direction: string; question: string; subject: { id: string }; before: string; after: string }[];
  };
  const lost = lines.value
    .filter(({ direction }) => direction === 'lost')
    .map((line) => `${line.question} ${line.subject.id}`);
  for (const expected of [
    `directory.account.sign-in ${bob}`,
    `directory.account.sign-in ${pending}`,
    `directory.group.change ${bob}`,
    'calendars.calendar.use bob@contoso.example',
    'calendars.calendar.use zoe@contoso.example',
    'calendars.free-busy.read contoso.example',
  ])
    assert.ok(lost.includes(expected), `${expected} is foretold of ${lost.join(', ')}`);
  assert.ok(!lost.some((line) => line.includes(tom)), 'nobody else loses anything');
  assert.deepEqual(await ofContoso(), before);
});

test('beyond 3.3.1, 3.3.2, 3.3.5 and 3.3.7: one action ends a partner everywhere, with a receipt', async () => {
  const { app, fabrikam, contoso } = cast;
  const bobsToken = await asSystem(async (ctx) => (await app.signin.mintAccessToken(ctx, bob)).token);
  assert.equal((await call('GET', '/v1.0/me', undefined, bobsToken)).status, 200);
  assert.equal(await levelOf('calendars.calendar.use', 'bob@contoso.example', { calendarId }), 'freeBusyRead');
  const ledger = Object.fromEntries((await ofContoso()).map(({ kind, n }) => [kind, Number(n)]));

  const begun = await call('POST', '/admin/endings', {
    partner: 'contoso.example',
    newOwnerId: fabrikam.andersId,
    reason: 'The project is over.',
  });
  assert.equal(begun.status, 202, JSON.stringify(begun.body));
  // The doors are shut when the answer comes.
  assert.equal((await call('GET', '/v1.0/me', undefined, bobsToken)).status, 401);
  await assert.rejects(invite(fabrikam.ann, 'new@contoso.example'));

  const { id } = begun.body;
  await eventually(async () => (await call('GET', `/admin/endings/${id}`)).body.notice === 'confirmed');
  assert.deepEqual(await ofContoso(), []);
  for (const address of ['bob@contoso.example', 'zoe@contoso.example'])
    assert.equal(await levelOf('calendars.calendar.use', address, { calendarId }), 'none');
  assert.equal(
    await levelOf('calendars.free-busy.read', 'bob@contoso.example', { address: 'anders@fabrikam.example' }),
    'none',
  );
  const left = await query('select from calendars.subscriptions where tenant_id = $1', [fabrikam.id]);
  assert.equal(left.length, 0);
  const owners = await query<{ subject_id: string }>(
    `select subject_id from access.grants where object_id = $1 and kind = 'directory.group-owner' order by 1`,
    [groups[1]],
  );
  assert.ok(
    owners.some(({ subject_id }) => subject_id === fabrikam.andersId),
    'what Bob owned has its new owner',
  );
  assert.equal(
    (await query('select from access.grants where subject_id = $1', [tom])).length,
    1,
    'nobody else lost anything',
  );

  const signed = (await call('GET', `/admin/endings/${id}/receipt`)).body as unknown as { receipt: { kinds: never[] } };
  const receipt = await readReceipt(signed);
  assert.equal(receipt.partnerNotice.state, 'confirmed');
  for (const { kind, found, revoked, transferred, irrecoverable } of receipt.kinds) {
    assert.equal(revoked + transferred + irrecoverable, found, kind);
    if (kind in ledger) assert.equal(found, ledger[kind], kind);
  }
  assert.deepEqual(
    Object.keys(ledger).filter((kind) => !receipt.kinds.some((one) => one.kind === kind)),
    [],
  );
  assert.ok(receipt.kinds.some(({ kind, found }) => kind === 'directory.guest' && found === 1));
  assert.ok(receipt.kinds.some(({ kind, found }) => kind === 'directory.invitation' && found === 1));
  assert.ok(receipt.kinds.some(({ kind, found }) => kind === 'calendars.relationship' && found === 1));
  assert.ok(receipt.kinds.some(({ kind, found }) => kind === 'calendars.shared-calendar' && found === 1));
  assert.ok(receipt.items.some(({ kind, outcome }) => kind === GRANTS.owner.kind && outcome === 'transferred'));
  assert.ok(receipt.cannotRecall.length > 0);

  const told = await cast.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listEvents(ctx, { action: 'partners.ended-by-partner' }, { limit: 5 }),
  );
  assert.equal(told.length, 1, 'Contoso knows');

  // beyond 3.3.6
  const altered = structuredClone(signed) as unknown as {
    receipt: { items: { outcome: string }[]; kinds: { found: number }[] };
  };
  altered.receipt.kinds[0]!.found += 1;
  await assert.rejects(readReceipt(altered), /signature does not hold/);
  const shortened = structuredClone(signed) as unknown as { receipt: { items: unknown[] } };
  shortened.receipt.items.pop();
  await assert.rejects(readReceipt(shortened), /signature does not hold/);
});

test('beyond 3.3.4: broken off at 20 points, parting goes on to the end and nothing is skipped', async (t) => {
  const { app, fabrikam } = cast;
  const shares = 1_600;
  await asSystem(async (ctx) => {
    const second = { owner: { kind: 'account', id: fabrikam.andersId }, name: 'Second', slug: 'second' } as const;
    const { id } = await insertCalendar(ctx, second);
    calendarId = id;
  });
  await query(
    `insert into access.grants (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, home_domain, given_by, given_at)
     select $1, gen_random_uuid(), 'calendars.calendar', 'contact', 'p' || n || '@wingtip.example', 'calendar', $2, 'read', 'wingtip.example', 'test', now()
       from generate_series(1, $3::int) n`,
    [fabrikam.id, calendarId, shares],
  );
  // Dies in the middle of every other step, until it has died twenty times.
  await query('create sequence public.deaths');
  await query('grant usage on sequence public.deaths to entente_app');
  await query(`create function public.die() returns trigger language plpgsql as $$
    begin if random() < 0.85 and nextval('public.deaths') <= 20 then raise exception 'killed'; end if; return null; end $$`);
  await query(
    'create trigger die after insert on partners.ending_items for each statement execute function public.die()',
  );
  const { body } = await call('POST', '/admin/endings', { partner: 'wingtip.example' });
  const { id } = body;
  const job = app.modules.flatMap(({ jobs = [] }) => jobs).find(({ name }) => name === 'partners.end')!;
  let deaths = 0;
  for (let n = 0; n < 100; n += 1) {
    if ((await call('GET', `/admin/endings/${id}`)).body.state === 'done') break;
    const standing = Number(
      (await query<{ n: string }>(`select count(*) as n from access.grants where home_domain = 'wingtip.example'`))[0]!
        .n,
    );
    await app
      .run({ tenantId: fabrikam.id, actor: { kind: 'system', name: 'test' }, transaction: 'none' }, (ctx) =>
        job.run(ctx, { endingId: id }),
      )
      .catch(() => {
        deaths += 1;
      });
    const after = Number(
      (await query<{ n: string }>(`select count(*) as n from access.grants where home_domain = 'wingtip.example'`))[0]!
        .n,
    );
    assert.ok(after <= standing, 'no access returns');
  }
  t.diagnostic(
    `${deaths} deaths seen here, ${(await query<{ n: string }>('select last_value as n from public.deaths'))[0]!.n} in all`,
  );
  assert.ok(Number((await query<{ n: string }>('select last_value as n from public.deaths'))[0]!.n) >= 20);
  const signed = (await call('GET', `/admin/endings/${id}/receipt`)).body;
  const receipt = await readReceipt(signed);
  const [kind] = receipt.kinds;
  assert.deepEqual(
    { kind: kind?.kind, found: kind?.found, revoked: kind?.revoked },
    { kind: 'calendars.calendar', found: shares, revoked: shares },
  );
  assert.equal(new Set(receipt.items.map((item) => item.id)).size, shares);
  assert.equal((await query(`select from access.grants where home_domain = 'wingtip.example'`)).length, 0);
  await query('drop trigger die on partners.ending_items');
});

test('beyond 3.3: two who part with an organisation at once part once, and what was given meanwhile ends as well', async () => {
  const { fabrikam } = cast;
  await invite(fabrikam.ann, 'lia@litware.example');
  const share = `insert into access.grants
      (tenant_id, id, kind, subject_kind, subject_id, object_kind, object_id, level, home_domain, given_by, given_at)
    values ('${fabrikam.id}', gen_random_uuid(), 'calendars.calendar', 'contact', 'lou@litware.example', 'calendar',
      '${calendarId}', 'read', 'litware.example', 'test', now())`;
  await query(share);
  // Shares once more when shares have ended and invitations have their turn.
  await query(
    `create function public.give() returns trigger language plpgsql as $$ begin ${share}; return null; end $$`,
  );
  await query(`create trigger give after insert on partners.ending_items for each row
     when (new.kind = 'directory.invitation') execute function public.give()`);
  const begun = await Promise.all([1, 2].map(() => call('POST', '/admin/endings', { partner: 'litware.example' })));
  const [{ id }, other] = begun.map(({ body }) => body);
  assert.equal(other.id, id);
  await eventually(async () => (await call('GET', `/admin/endings/${id}`)).body.state === 'done');
  await query('drop trigger give on partners.ending_items');
  assert.equal((await query(`select from access.grants where home_domain = 'litware.example'`)).length, 0);
  const receipt = await readReceipt((await call('GET', `/admin/endings/${id}/receipt`)).body);
  assert.deepEqual(
    receipt.kinds.map(({ kind, found, revoked }) => [kind, found, revoked]),
    [
      ['calendars.calendar', 2, 2],
      ['directory.invitation', 1, 1],
    ],
  );
});

test('beyond 3.10.4: one guest ends by the same way, and only that one', async () => {
  const begun = await call('POST', '/admin/endings', { accountId: tom });
  const { id } = begun.body;
  await eventually(async () => (await call('GET', `/admin/endings/${id}`)).body.state === 'done');
  const receipt = await readReceipt((await call('GET', `/admin/endings/${id}/receipt`)).body);
  assert.equal(receipt.with.accountId, tom);
  assert.deepEqual(
    receipt.kinds.map(({ kind, found, revoked }) => [kind, found, revoked]),
    [
      ['directory.group-member', 1, 1],
      ['directory.invitation', 1, 1],
    ],
  );
});

test('whoever may not manage partners parts with nobody', async () => {
  const { app, fabrikam } = cast;
  const token = await asSystem(async (ctx) => (await app.signin.mintAccessToken(ctx, fabrikam.andersId)).token);
  assert.equal((await call('POST', '/admin/endings', { partner: 'tailspin.example' }, token)).status, 403);
  assert.equal((await call('POST', '/admin/endings', {})).status, 400);
  assert.equal((await call('GET', `/admin/endings/${newId()}`)).status, 404);
});
