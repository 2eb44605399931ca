import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../src/kernel/ids.ts';
import { insertOwnRecords } from '../../src/partners/store/shared-logs.ts';
import { eventually } from '../support/eventually.ts';
import { becomePartners, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
before(async () => {
  servers = await startTwoServers();
  await becomePartners(servers);
});
after(() => servers.close());

const lookUp = (from: Side, to: Side, correlationId: string = newId()) =>
  from.partners.ask(
    {
      tenantId: from.id,
      address: from.member.userPrincipalName,
      displayName: 'Somebody',
      correlationId,
    },
    to.id,
    'calendars.availability',
    {
      v: 1,
      requester: { tenantId: from.id, user: from.member.userPrincipalName },
      targets: [to.member.userPrincipalName],
      start: '2026-05-04T00:00:00Z',
      end: '2026-05-05T00:00:00Z',
      interval: 30,
      wanted: 'LimitedDetails',
    },
  );

/** Compares on one side and returns how it stands then. */
const compare = async (side: Side, other: Side) => {
  // A token does not outlive the weeks that pass here.
  const answer = await side.api(side.administrator)('POST', `/admin/partners/${other.id}/shared-log/exchange`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

/** Acts of one organisation toward the other, as many as a busy week brings. */
const act = (side: Side, other: Side, count: number) =>
  side.app.run({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    insertOwnRecords(
      ctx,
      Array.from({ length: count }, () => ({
        at: ctx.now.toISOString(),
        record: {
          v: 1,
          id: newId(),
          correlationId: newId(),
          kind: 'act',
          what: 'directory.guest-invited',
          from: side.id,
          to: other.id,
          by: null,
          about: [other.member.userPrincipalName],
          outcome: 'done',
        } as const,
      })),
    ),
  );

test('beyond 3.11: between two servers both sides write the same, and prove it to each other', async () => {
  const { fabrikam, contoso } = servers;
  for (let index = 0; index < 6; index += 1) {
    await lookUp(fabrikam, contoso);
    await lookUp(contoso, fabrikam);
  }
  await compare(fabrikam, contoso);
  await compare(contoso, fabrikam);
  const state = await compare(fabrikam, contoso);
  assert.deepEqual(state.ours, { size: 12, records: 12, unmatched: 0 });
  assert.deepEqual(state.theirs, { size: 12, records: 12, unmatched: 0 });
});

test('beyond 3.11: a week without each other is reconciled on return, by pages', async () => {
  const { fabrikam, contoso, dns } = servers;
  dns.setAddresses(contoso.domain, []);
  dns.setAddresses(fabrikam.domain, []);
  await act(fabrikam, contoso, 1_300);
  await act(contoso, fabrikam, 700);
  await lookUp(fabrikam, contoso).then(
    () => assert.fail('The other server was reached.'),
    () => undefined,
  );
  const apart = await compare(fabrikam, contoso);
  assert.equal(apart.exchange.failure, 'partners.unreachable');
  assert.equal(apart.exchange.steadySince, null);
  assert.equal(apart.ours.unmatched, 1_300);
  for (const { app } of [fabrikam, contoso]) app.clock.advance(7 * 24 * 3600);

  dns.setAddresses(contoso.domain, ['127.0.0.1']);
  dns.setAddresses(fabrikam.domain, ['127.0.0.1']);
  await eventually(async () => {
    for (const side of [fabrikam, contoso]) side.app.clock.advance(31);
    const [one, two] = [await compare(fabrikam, contoso), await compare(contoso, fabrikam)];
    return one.ours.unmatched === 0 && one.theirs.unmatched === 0 && two.ours.unmatched === 0;
  });
  const state = await compare(fabrikam, contoso);
  assert.deepEqual(state.ours, { size: 2_012, records: 2_012, unmatched: 0 });
  assert.deepEqual(state.theirs, { size: 2_012, records: 2_012, unmatched: 0 });
  assert.equal(state.exchange.faultAt, null);
  const { body } = await fabrikam.api(fabrikam.administrator)('GET', '/admin/audit/events?action=partners.*&limit=999');
  const reports = body.value.filter(({ action }: { action: string }) => action.startsWith('partners.shared-'));
  assert.deepEqual(reports, [], 'what was apart for a week and is together again is nothing to report');
});

test("a client's own correlation id, of no version that the standard knows, keeps no log from being read", async () => {
  const { fabrikam, contoso } = servers;
  await lookUp(fabrikam, contoso, 'c0ffee00-0000-0000-c000-000000000046');
  for (const [side, other] of [
    [fabrikam, contoso],
    [contoso, fabrikam],
    [fabrikam, contoso],
  ] as const) {
    const { ours, theirs, exchange } = await compare(side, other);
    assert.deepEqual(
      [exchange.failure, ours.unmatched + theirs.unmatched],
      [null, side === contoso ? 0 : ours.unmatched],
    );
  }
  assert.equal((await compare(fabrikam, contoso)).ours.unmatched, 0);
});

test('an answer that was never heard is written once the partner tells of it, and only where it was asked', async () => {
  const { fabrikam, contoso } = servers;
  // Fabrikam's server died between the question and its note of the answer. What was sealed meanwhile cannot be lost.
  const lost = await eventually(async () => {
    await lookUp(fabrikam, contoso);
    for (const end = Date.now() + 2_000; Date.now() < end; await setTimeout(25)) {
      const found = await sql(
        fabrikam,
        `with lost as (delete from partners.shared_records where tenant_id = '${fabrikam.id}' and side = 'ours'
            and sequence is null returning *)
         insert into partners.shared_questions (tenant_id, partner_tenant_id, exchange_id, at, record)
         select tenant_id, partner_tenant_id, exchange_id, at, record - 'outcome' from lost returning exchange_id`,
      );
      if (found.length > 0) return found;
    }
  });
  assert.equal(lost.length, 1);
  const before = (await compare(contoso, fabrikam)).ours.records;
  // And Contoso says that it answered something that nobody asked.
  await contoso.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    insertOwnRecords(ctx, [
      {
        at: new Date(ctx.now.getTime() + 365 * 86_400_000).toISOString(),
        record: {
          v: 1,
          id: newId(),
          correlationId: newId(),
          kind: 'request',
          what: 'calendars.availability',
          from: fabrikam.id,
          to: contoso.id,
          by: fabrikam.member.userPrincipalName,
          about: [],
          outcome: 'done',
        },
      },
    ]),
  );
  await compare(contoso, fabrikam);
  assert.equal((await compare(fabrikam, contoso)).theirs.unmatched, 2);
  for (const { app } of [fabrikam, contoso]) app.clock.advance(61);
  await compare(fabrikam, contoso);
  const state = await compare(fabrikam, contoso);
  assert.deepEqual([state.ours.records, state.theirs.records, state.theirs.unmatched], [before, before + 1, 1]);
  // However far in the future its writer dates it, what was never asked is told of in time.
  for (const { app } of [fabrikam, contoso]) app.clock.advance(11 * 60);
  await compare(fabrikam, contoso);
  assert.equal((await compare(fabrikam, contoso)).told, 1);
  const { body } = await fabrikam.api(fabrikam.administrator)(
    'GET',
    `/admin/partners/${contoso.id}/shared-log/pairs?unmatched=true`,
  );
  assert.deepEqual(
    body.value.map(({ state }: { state: string }) => state),
    ['only-theirs'],
  );
});

test('beyond 3.11: a partner on another server that shows another history than before is found out, and both are told', async () => {
  const { fabrikam, contoso } = servers;
  const seen = await compare(fabrikam, contoso);
  // Contoso writes its log anew, with one record less and another in its place, and signs that.
  const where = `tenant_id = '${contoso.id}' and partner_tenant_id = '${fabrikam.id}' and side = 'ours'`;
  await sql(
    contoso,
    `update partners.shared_records set record = record || '{"outcome": "request.invalid"}' where ${where} and sequence = 1500`,
  );
  await sql(contoso, `update partners.shared_records set sequence = null, leaf_hash = null where ${where}`);
  for (const table of ['shared_nodes', 'shared_checkpoints', 'shared_logs'])
    await sql(contoso, `delete from partners.${table} where ${where}`);
  await compare(contoso, fabrikam);
  const { exchange } = await compare(fabrikam, contoso);
  assert.deepEqual([exchange.faultSide, typeof exchange.faultPosition], ['theirs', 'number']);
  assert.ok(exchange.faultPosition < seen.theirs.size);
  assert.match((await compare(fabrikam, contoso)).exchange.faultProblem, /does not go on from what was read/);
  // What Fabrikam has stays what it was, and proves it: signed by Contoso.
  const kept = await fabrikam.api(fabrikam.administrator)(
    'GET',
    `/admin/partners/${contoso.id}/shared-log/verification?side=theirs`,
  );
  assert.deepEqual([kept.body.isIntact, kept.body.events], [true, seen.theirs.size]);
  const told = (await letters(fabrikam)).filter((letter) => letter.includes('is not what was signed'));
  assert.deepEqual(told, ['ann@fabrikam.example: The log shared with Contoso is not what was signed']);
  assert.ok(
    (await letters(contoso)).includes('carla@contoso.example: The log shared with Fabrikam is not what was signed'),
  );
});

async function sql(side: Side, text: string) {
  const client = new pg.Client({ connectionString: side.app.adminUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** What administrators were told of shared logs. */
async function letters(side: Side): Promise<string[]> {
  const found = await sql(side, "select to_address, subject from platform.outgoing_mails where kind = 'shared-log'");
  return found.map(({ to_address, subject }) => `${to_address}: ${subject}`);
}
