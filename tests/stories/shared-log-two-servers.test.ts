import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

const lookUp = (from: Side, to: Side) =>
  from.partners.ask(
    {
      tenantId: from.id,
      address: from.member.userPrincipalName,
      displayName: 'Somebody',
      correlationId: newId(),
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
