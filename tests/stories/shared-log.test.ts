import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { newId, type TenantId } from '../../src/kernel/ids.ts';
import type { Module, Partners } from '../../src/kernel/module.ts';
import { problemOfProof, sharedProof } from '../../src/partners/index.ts';
import { eventually } from '../support/eventually.ts';
import { type Api, type People, type Person, startPeople } from '../support/people.ts';

let people: People;
let ann: Api;
let carla: Api;
let client: pg.Client;
before(async () => {
  people = await startPeople();
  ann = people.api(people.fabrikam.ann);
  carla = people.api(people.contoso.carla);
  client = new pg.Client({ connectionString: people.app.adminUrl });
  await client.connect();
});
after(async () => {
  await client.end();
  await people.app.close();
});

const way = () =>
  (people.app.modules.find(({ name }) => name === 'partners') as Module & { partners: Partners }).partners;

/** One person looks up the times of somebody in the other organisation. */
const lookUp = (from: Person, to: { readonly id: TenantId }, target: string) =>
  way().ask(
    {
      tenantId: from.tenantId,
      address: from.userPrincipalName,
      displayName: 'Somebody',
      correlationId: newId(),
    },
    to.id,
    'calendars.availability',
    {
      v: 1,
      requester: { tenantId: from.tenantId, user: from.userPrincipalName },
      targets: [target, 'x@elsewhere.example'].slice(0, 1),
      start: '2026-05-04T00:00:00Z',
      end: '2026-05-05T00:00:00Z',
      interval: 30,
      wanted: 'LimitedDetails',
    },
  );

const logOf = (partner: TenantId) => `/admin/partners/${partner}/shared-log`;
/** Both compare until neither writes anything new. */
async function compare(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const [api, partner] of [
      [ann, people.contoso.id],
      [carla, people.fabrikam.id],
    ] as const) {
      const answer = await api('POST', `${logOf(partner)}/exchange`);
      assert.ok([200, 404].includes(answer.status), JSON.stringify(answer.body));
    }
  }
}
const stateOf = async (api: Api, partner: TenantId) => {
  const answer = await api('GET', logOf(partner));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

test('beyond 3.11: what both do is written by both and matches one to one', async () => {
  const { fabrikam, contoso } = people;
  const looks = Array.from({ length: 150 }, (_, index) =>
    index % 2 === 0
      ? lookUp(fabrikam.anders, contoso, contoso.bob.userPrincipalName)
      : lookUp(contoso.bob, fabrikam, fabrikam.anders.userPrincipalName),
  );
  const ended = await Promise.allSettled(looks);
  assert.equal(ended.length, 150);
  const invited = await ann('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: contoso.bob.userPrincipalName,
    inviteRedirectUrl: 'https://apps.fabrikam.example/',
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  await eventually(async () => {
    await compare();
    return (await stateOf(ann, contoso.id)).ours.records >= 151;
  });
  await compare();
  const [atFabrikam, atContoso] = [await stateOf(ann, contoso.id), await stateOf(carla, fabrikam.id)];
  for (const state of [atFabrikam, atContoso]) {
    assert.deepEqual(state.ours, { size: 151, records: 151, unmatched: 0 });
    assert.deepEqual(state.theirs, { size: 151, records: 151, unmatched: 0 });
    assert.equal(state.exchange.faultAt, null);
    assert.equal(state.exchange.failure, null);
  }
});

test('beyond 3.11: a shared record holds no content, and nobody who was not in it', async () => {
  const { body } = await ann('GET', `${logOf(people.contoso.id)}/records?limit=999`);
  assert.equal(body.value.length, 151);
  for (const { about, by, ...rest } of body.value) {
    for (const address of [...about, ...(by === null ? [] : [by])])
      assert.ok(['anders@fabrikam.example', 'bob@contoso.example'].includes(address), address);
    assert.deepEqual(Object.keys(rest).sort(), [
      'at',
      'correlationId',
      'from',
      'id',
      'kind',
      'matchedAt',
      'outcome',
      'place',
      'reportedAt',
      'to',
      'v',
      'what',
    ]);
  }
});

test('both sides stand beside each other by pages, filtered, and each record with what proves it', async () => {
  const { fabrikam, contoso } = people;
  const pairs = `${logOf(contoso.id)}/pairs`;
  const seen: { id: string; state: string; at: { ours: string; theirs: string } }[] = [];
  for (let after = ''; ; ) {
    const { body } = await ann('GET', `${pairs}?limit=60${after}`);
    seen.push(...body.value);
    if (body.next === null) break;
    after = `&after=${encodeURIComponent(body.next)}`;
  }
  assert.equal(new Set(seen.map(({ id }) => id)).size, 151);
  assert.ok(seen.every(({ state, at }) => state === 'matched' && at.theirs !== null));
  assert.deepEqual(
    seen.map(({ at }) => at.ours),
    seen
      .map(({ at }) => at.ours)
      .toSorted()
      .reverse(),
  );
  const count = async (filter: string) => (await ann('GET', `${pairs}?limit=200&${filter}`)).body.value.length;
  assert.equal(await count('what=directory.guest-invited'), 1);
  assert.equal(await count(`person=${encodeURIComponent('BOB@contoso')}`), 151);
  assert.equal(await count('person=tom'), 0);
  assert.equal(await count(`person=${encodeURIComponent('%')}`), 0, 'a sign of patterns is a sign like others');
  assert.equal(await count('unmatched=true'), 0);
  assert.equal(await count(`until=${seen.at(-1)?.at.ours}`), 0);
  assert.equal(await count(`since=${seen[0]?.at.ours}`), seen.filter(({ at }) => at.ours === seen[0]?.at.ours).length);
  const { body } = await ann('GET', `${pairs}/${seen[0]?.id}`);
  assert.deepEqual([body.state, body.ours.isProven, body.theirs.isProven], ['matched', true, true]);
  assert.equal(body.ours.isHeld, true, 'Contoso has shown to hold it, signed');
  assert.ok(body.ours.checkpoint.size > body.ours.place && body.theirs.checkpoint.at);
  assert.equal((await ann('GET', `${pairs}/${newId()}`)).status, 404);
  const all = (await ann('GET', '/admin/partners/shared-logs')).body.value;
  assert.deepEqual(
    all.map((one: { displayName: string; told: number }) => [one.displayName, one.told]),
    [['Contoso', 0]],
  );
  assert.equal(all[0].checkpoints.held.size, 151);
  assert.equal((await carla('GET', `${logOf(fabrikam.id)}/pairs/${seen[0]?.id}`)).status, 404);
});

test('whatever two organisations write of each other is called in words', async () => {
  const { modules } = people.app;
  const en = JSON.parse(await readFile('web/src/i18n/en.json', 'utf8'));
  const asked = modules.flatMap(({ partnerRequests = [] }) => partnerRequests.filter(({ isRoutine }) => !isRoutine));
  const acts = modules.flatMap(({ sharedActs = [] }) => sharedActs);
  const key = (name: string) => name.replaceAll('.', '_');
  assert.deepEqual(asked.map(({ name }) => key(name)).sort(), Object.keys(en.sharedLog.asked).sort());
  assert.deepEqual(
    acts.filter(({ action }) => !en.actions[key(action)]),
    [],
  );
});

test('beyond 3.11: one event is proven to an outside auditor without showing another', async () => {
  const answer = await ann('GET', `${logOf(people.contoso.id)}/17/proof`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const proof = sharedProof.parse(answer.body);
  assert.equal(problemOfProof(proof), undefined);
  assert.equal(proof.theirs?.keeper, people.contoso.id);
  const text = JSON.stringify(proof);
  assert.equal(text.match(/"correlationId"/g)?.length, 2, 'one record, as each of the two wrote it');
  for (const spoil of [
    (copy: typeof proof) => Object.assign(copy.ours.written.record, { outcome: 'access.refused' }),
    (copy: typeof proof) => Object.assign(copy.theirs!.written.record, { by: 'tom@tailspin.example' }),
    (copy: typeof proof) => Object.assign(copy.ours, { sequence: 18 }),
    (copy: typeof proof) => Object.assign(copy.theirs!, { note: copy.ours.note }),
  ]) {
    const copy = structuredClone(proof);
    spoil(copy);
    assert.notEqual(problemOfProof(copy), undefined);
  }
  assert.equal((await ann('GET', `${logOf(people.contoso.id)}/99999/proof`)).status, 404);
});

test('only who may see the partners of an organisation sees its shared logs', async () => {
  const anders = people.api(people.fabrikam.anders);
  const { value } = (await ann('GET', `${logOf(people.contoso.id)}/pairs?limit=1`)).body;
  for (const path of [
    '',
    '/records',
    '/unmatched',
    '/pairs',
    `/pairs/${value[0].id}`,
    '/3/proof',
    '/verification',
    '/export',
  ])
    assert.equal((await anders('GET', `${logOf(people.contoso.id)}${path}`)).status, 403, path);
  assert.equal((await anders('GET', '/admin/partners/shared-logs')).status, 403);
  const tina = people.api(people.tailspin.tina);
  assert.equal((await tina('GET', logOf(people.contoso.id))).status, 404);
});

/** Changes what lies in the database behind the server's back, and puts it back afterwards. */
async function tampered(tenant: TenantId, partner: TenantId, change: string, look: () => Promise<void>): Promise<void> {
  const where = `tenant_id = '${tenant}' and partner_tenant_id = '${partner}' and side = 'ours'`;
  await client.query(`create temporary table kept as select * from partners.shared_records where ${where}`);
  await client.query(`set session_replication_role = replica`);
  try {
    await client.query(change.replaceAll('$where', where));
    await look();
  } finally {
    await client.query(`delete from partners.shared_records where ${where}`);
    await client.query(`insert into partners.shared_records select * from kept`);
    await client.query('drop table kept');
    await client.query(`set session_replication_role = origin`);
  }
}

const CHANGES = {
  deleted: `delete from partners.shared_records where $where and sequence = 40`,
  edited: `update partners.shared_records set record = record || '{"outcome": "access.refused"}' where $where and sequence = 40`,
  reordered: `update partners.shared_records r set record = o.record, at = o.at, digest = gen_random_uuid()::text::bytea
    from partners.shared_records o where r.tenant_id = o.tenant_id and r.partner_tenant_id = o.partner_tenant_id
      and o.side = 'ours' and r.side = 'ours' and r.sequence in (40, 41) and o.sequence = 81 - r.sequence
      and r.tenant_id = '$tenant'`,
  inserted: `do $$ begin
    alter table partners.shared_records disable trigger user;
    drop index if exists nothing;
    update partners.shared_records set sequence = -sequence - 1 where $where and sequence >= 40;
    insert into partners.shared_records (tenant_id, partner_tenant_id, side, id, at, record, digest, sequence, leaf_hash)
      select tenant_id, partner_tenant_id, side, gen_random_uuid(), at, record, '\\x00', 40, leaf_hash
        from partners.shared_records where $where and sequence = 39;
    update partners.shared_records set sequence = -sequence where $where and sequence < 0;
    alter table partners.shared_records enable trigger user;
  end $$`,
} as const;

for (const [how, change] of Object.entries(CHANGES)) {
  test(`beyond 3.11: a record ${how} on either side is named by its place`, async () => {
    for (const [api, own, partner, otherApi] of [
      [ann, people.fabrikam.id, people.contoso.id, carla],
      [carla, people.contoso.id, people.fabrikam.id, ann],
    ] as const) {
      const before = (await api('GET', `${logOf(partner)}/verification`)).body;
      assert.equal(before.isIntact, true, JSON.stringify(before));
      await tampered(own, partner, change.replaceAll('$tenant', own), async () => {
        const { body } = await api('GET', `${logOf(partner)}/verification`);
        assert.equal(body.isIntact, false);
        assert.equal(body.fault.position, 40, JSON.stringify(body));
        // The partner's copy is whole whatever happens here, and says so to anybody.
        assert.equal((await otherApi('GET', `${logOf(own)}/verification?side=theirs`)).body.isIntact, true);
      });
      assert.equal((await api('GET', `${logOf(partner)}/verification`)).body.isIntact, true);
    }
  });
}

/** A log shared with a partner, as one side hands it out. */
async function exported(as: Person, partner: TenantId, side: string): Promise<string> {
  const headers = { authorization: `Bearer ${await people.token(as)}` };
  return (await fetch(`${people.app.origin}${logOf(partner)}/export?side=${side}`, { headers })).text();
}

test('an export of a shared log and a single proof are verified offline', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'entente-proof-'));
  t.after(() => rm(folder, { recursive: true }));
  const { compareFiles, verifyFile } = await import('../../cli/verify-file.ts');
  const copy = join(folder, 'copy.ndjson');
  await writeFile(copy, await exported(people.contoso.carla, people.fabrikam.id, 'theirs'));
  for (const side of ['ours', 'theirs']) {
    const text = await exported(people.fabrikam.ann, people.contoso.id, side);
    const file = join(folder, `${side}.ndjson`);
    await writeFile(file, text);
    assert.match((await verifyFile(file)).whole ?? '', /151 records/);
    if (side === 'ours') assert.match((await compareFiles(file, copy)).whole ?? '', /say the same/);
    else await assert.rejects(compareFiles(file, copy), /are not copies of one log/);
    const lines = text.trimEnd().split('\n');
    const changed = lines.map((line, index) =>
      index === 10
        ? line.replace('"done"', '"undone"').replace('"access.', '"excess.').replace('"bob@', '"rob@')
        : line,
    );
    assert.notEqual(changed[10], lines[10]);
    await writeFile(file, changed.join('\n'));
    assert.ok((await verifyFile(file)).fault, 'a changed line is found');
    await writeFile(file, lines.slice(0, -1).join('\n'));
    assert.ok((await verifyFile(file)).fault, 'a log without its checkpoint is not believed');
  }
  const proof = (await ann('GET', `${logOf(people.contoso.id)}/5/proof`)).body;
  const file = join(folder, 'proof.json');
  await writeFile(file, JSON.stringify(proof, null, 2));
  assert.match((await verifyFile(file)).whole ?? '', /calendars\.availability/);
  await writeFile(file, JSON.stringify({ ...proof, ours: { ...proof.ours, sequence: 6 } }));
  assert.ok((await verifyFile(file)).fault);
});

test('beyond 3.11: a partner that rewrites its log is found out at the first place, and reported once', async (t) => {
  const { fabrikam, contoso } = people;
  // Contoso's log is written anew with another record 100, and signed again from there: only Fabrikam's copy tells.
  const where = `tenant_id = '${contoso.id}' and partner_tenant_id = '${fabrikam.id}'`;
  await client.query(`update partners.shared_records set record = record || '{"outcome": "request.invalid"}'
    where ${where} and side = 'ours' and sequence = 100`);
  await client.query(
    `update partners.shared_records set sequence = null, leaf_hash = null where ${where} and side = 'ours'`,
  );
  for (const table of ['shared_nodes', 'shared_checkpoints', 'shared_logs'])
    await client.query(`delete from partners.${table} where ${where} and side = 'ours'`);
  await carla('POST', `${logOf(fabrikam.id)}/exchange`);
  assert.equal((await carla('GET', `${logOf(fabrikam.id)}/verification`)).body.isIntact, true, 'alone it looks whole');
  for (let round = 0; round < 2; round += 1) await ann('POST', `${logOf(contoso.id)}/exchange`);
  const state = await stateOf(ann, contoso.id);
  assert.equal(state.exchange.faultSide, 'theirs');
  assert.equal(state.exchange.faultPosition, 100);
  const events = await ann('GET', '/admin/audit/events?action=partners.shared-log-broken');
  assert.equal(events.body.value.length, 1);
  assert.deepEqual(events.body.value[0].facts, { side: 'theirs', position: 100 });
  assert.deepEqual(await letters(fabrikam.id), [
    'ann@fabrikam.example: The log shared with Contoso is not what was signed',
  ]);
  // Offline, either copy looks whole; beside each other, they convict whoever signed both.
  const folder = await mkdtemp(join(tmpdir(), 'entente-copies-'));
  t.after(() => rm(folder, { recursive: true }));
  const { compareFiles, verifyFile } = await import('../../cli/verify-file.ts');
  const [held, shown] = [join(folder, 'held.ndjson'), join(folder, 'shown.ndjson')];
  await writeFile(held, await exported(fabrikam.ann, contoso.id, 'theirs'));
  await writeFile(shown, await exported(contoso.carla, fabrikam.id, 'ours'));
  for (const file of [held, shown]) assert.equal((await verifyFile(file)).fault, undefined);
  const { fault } = await compareFiles(held, shown);
  assert.equal(fault?.position, 100);
  assert.match(fault.problem, /both are signed/);
  // Contoso sees it, too: what Fabrikam holds is not what Contoso has.
  const own = await stateOf(carla, fabrikam.id);
  assert.deepEqual([own.exchange.faultSide, own.exchange.faultPosition], ['ours', 100]);
});

test('what died in between stays visible on the side that has it, and is reported', async () => {
  const { contoso, tailspin } = people;
  const tina = people.api(tailspin.tina);
  await lookUp(tailspin.tom, contoso, contoso.bob.userPrincipalName).catch(() => undefined);
  await lookUp(tailspin.tom, contoso, contoso.bob.userPrincipalName).catch(() => undefined);
  await eventually(async () => (await tina('POST', `${logOf(contoso.id)}/exchange`)).status === 200);
  await eventually(async () => (await carla('POST', `${logOf(tailspin.id)}/exchange`)).status === 200);
  // The answer to one of them never arrived: the server that asked died before it wrote anything.
  await client.query(`insert into partners.shared_records (tenant_id, partner_tenant_id, side, id, at, record, digest)
    select tenant_id, partner_tenant_id, side, gen_random_uuid(), at, record || jsonb_build_object('id', gen_random_uuid()),
           '\\x02' from partners.shared_records
     where tenant_id = '${contoso.id}' and partner_tenant_id = '${tailspin.id}' and side = 'ours' limit 1`);
  await carla('POST', `${logOf(tailspin.id)}/exchange`);
  await tina('POST', `${logOf(contoso.id)}/exchange`);
  assert.equal((await stateOf(tina, contoso.id)).theirs.unmatched, 1);
  assert.equal((await carla('GET', `${logOf(tailspin.id)}/unmatched`)).body.value.length, 1);
  assert.equal((await tina('GET', `${logOf(contoso.id)}/unmatched?side=theirs`)).body.value.length, 1);
  const reports = () => tina('GET', '/admin/audit/events?action=partners.shared-records-unmatched');
  assert.equal((await reports()).body.value.length, 0, 'a moment without counterpart is nothing yet');
  people.app.clock.advance(11 * 60);
  await tina('POST', `${logOf(contoso.id)}/exchange`);
  await tina('POST', `${logOf(contoso.id)}/exchange`);
  assert.equal((await reports()).body.value.length, 1, 'told once');
  assert.equal((await reports()).body.value[0].facts.theirs, 1);
  assert.deepEqual(await letters(tailspin.id), [
    'tina@tailspin.example: The log shared with Contoso has records that one side alone has',
  ]);
});

/** What the administrators of an organisation were told of its shared logs. */
async function letters(tenant: TenantId): Promise<string[]> {
  const { rows } = await client.query(
    "select to_address, subject from platform.outgoing_mails where tenant_id = $1 and kind = 'shared-log'",
    [tenant],
  );
  return rows.map(({ to_address, subject }) => `${to_address}: ${subject}`);
}
