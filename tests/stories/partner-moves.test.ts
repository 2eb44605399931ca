import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { sqlOf } from '../../src/platform/database/index.ts';
import { soon } from '../support/eventually.ts';
import type { Api, ApiAnswer } from '../support/people.ts';
import { becomePartners, moveElsewhere, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

const AGREEMENTS = '/admin/partners/agreements';

let servers: TwoServers;
let fabrikam: Side;
/** Where it is now. */
let contoso: Side;
let ann: Api;
let carla: Api;
let agreementId: string;

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const asTest = (side: Side) => ({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }) as const;
const askFrom = (from: Side, to: Side) =>
  from.partners.ask(
    {
      tenantId: from.id,
      address: from.administrator.userPrincipalName,
      displayName: 'Somebody',
      correlationId: crypto.randomUUID(),
    },
    to.id,
    'calendars.standing',
    { v: 1 },
  );
const seenByAnn = async () => ok(await ann('GET', `/admin/partners/${contoso.id}`));
const waits = async () => ok(await ann('GET', `/admin/partners/${contoso.id}/untold`)).value;
const stateSeen = async (api: Api) => ok(await api('GET', `${AGREEMENTS}/${agreementId}`)).state;

before(async () => {
  servers = await startTwoServers();
  ({ fabrikam, contoso } = servers);
  await becomePartners(servers);
  ann = fabrikam.api(fabrikam.administrator);
  carla = contoso.api(contoso.administrator);
  const terms = [
    { term: 'calendars.free-busy', of: 'fabrikam.example', offers: 'availability', accepts: 'availability' },
  ];
  const made = { partner: 'contoso.example', title: 'Working together', terms, propose: true };
  agreementId = ok(await ann('POST', AGREEMENTS, made), 201).id;
  await soon(async () => ok(await carla('POST', `${AGREEMENTS}/${agreementId}/sign`, {})));
  await soon(async () => assert.equal(await stateSeen(ann), 'active'));
});
after(() => servers?.close());

test('a partner that has moved is proposed by its own word, and not reached there before it is confirmed', async () => {
  const old = contoso.place;
  contoso = await moveElsewhere(contoso);
  carla = contoso.api(contoso.administrator);
  assert.notEqual(contoso.place, old);

  // What is said meanwhile waits, and says why.
  ok(await ann('POST', `${AGREEMENTS}/${agreementId}/suspend`, {}));
  await soon(async () => {
    const [one] = await waits();
    assert.deepEqual([one?.module, one?.count, one?.refused], ['partners', 1, 0]);
    assert.match(one.reason, /^partners\.unreachable/);
  });
  assert.equal((await seenByAnn()).health.failure, 'connection');
  assert.equal(await stateSeen(carla), 'active');

  await askFrom(contoso, fabrikam);
  const seen = await soon(async () => {
    const found = await seenByAnn();
    assert.equal(found.proposedAt, contoso.place);
    return found;
  });
  assert.equal(seen.foundAt, old);
  assert.equal(seen.proposed.endpoint, `https://${contoso.place}/partners/requests`);
  assert.equal(seen.published.endpoint, `https://${old}/partners/requests`);
  await assert.rejects(askFrom(fabrikam, contoso), { code: 'partners.unreachable' });
  // Looked at again, it is where it says.
  assert.equal(ok(await ann('POST', `/admin/partners/${contoso.id}/look-again`)).proposedAt, contoso.place);
});

test('confirmed, it is reached where it is now, and what waited is sent', async () => {
  const { digest, proven } = ok(await ann('GET', `/admin/partners/discover?domain=${contoso.place}`));
  ok(await ann('POST', '/admin/partners', { domain: contoso.place, digest, domains: proven }), 201);
  await soon(async () => assert.equal(await stateSeen(carla), 'suspended'));
  await askFrom(fabrikam, contoso);
  const seen = await seenByAnn();
  assert.deepEqual([seen.foundAt, seen.proposed, seen.health.failures], [contoso.place, null, 0]);
  await soon(async () => assert.deepEqual(await waits(), []));
});

test('what the partner refused is sent again by hand, and taken once', async () => {
  const messages = (state: string) =>
    fabrikam.app.run(asTest(fabrikam), async (ctx) => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from partners.agreement_messages where state = ${state}`.execute(sqlOf(ctx));
      return rows[0]?.count;
    });
  const amendments = async () =>
    contoso.app.run(asTest(contoso), async (ctx) => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from partners.agreement_amendments`.execute(sqlOf(ctx));
      return rows[0]?.count;
    });
  const before = await amendments();
  // Contoso's copy was damaged: it takes nothing about it.
  const damaged = (word: string, by: string) =>
    contoso.app.run(asTest(contoso), async (ctx) => {
      await sql`update partners.agreement_versions set content = replace(content, ${word}, ${by})`.execute(sqlOf(ctx));
    });
  await damaged('Working together', 'Working apart');
  ok(await ann('POST', `${AGREEMENTS}/${agreementId}/resume`, {}));
  await soon(async () => {
    const [one] = await waits();
    assert.deepEqual([one?.module, one?.refused], ['partners', 1]);
    assert.match(one.reason, /^partners\.agreement-broken/);
  });
  // Its own sweep sends only what waits.
  assert.equal(await messages('refused'), 1);

  const anders = fabrikam.api(fabrikam.member);
  assert.equal((await anders('POST', `/admin/partners/${contoso.id}/untold/send`)).status, 403);
  ok(await ann('POST', `/admin/partners/${contoso.id}/untold/send`), 202);
  await soon(async () => assert.deepEqual([await messages('refused'), await messages('waiting')], [1, 0]));

  await damaged('Working apart', 'Working together');
  ok(await ann('POST', `/admin/partners/${contoso.id}/untold/send`), 202);
  await soon(async () => assert.deepEqual(await waits(), []));
  assert.equal(await amendments(), (before ?? 0) + 1);
  // Said once more, it is taken as what it is: known.
  await fabrikam.app.run(asTest(fabrikam), async (ctx) => {
    await sql`update partners.agreement_messages set state = 'refused'`.execute(sqlOf(ctx));
  });
  ok(await ann('POST', `/admin/partners/${contoso.id}/untold/send`), 202);
  await soon(async () => assert.equal(await messages('waiting'), 0));
  assert.equal(await amendments(), (before ?? 0) + 1);
});
