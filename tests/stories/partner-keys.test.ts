import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { listEvents } from '../../src/audit/index.ts';
import { signJson } from '../../src/protocols/signed-json.ts';
import { soon } from '../support/eventually.ts';
import { HostilePartner } from '../support/hostile-partner.ts';
import type { Api, ApiAnswer } from '../support/people.ts';
import { becomePartners, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

const KEYS = '/admin/partner-keys';
const STANDING = 'calendars.standing';
const DAY = 24 * 60 * 60;

let servers: TwoServers;
/** Of an agreement that both signed with their first keys. */
let agreementId: string;

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
// Their tokens end while days go by.
const ann: Api = (...asked) => servers.fabrikam.api(servers.fabrikam.administrator)(...asked);
const carla: Api = (...asked) => servers.contoso.api(servers.contoso.administrator)(...asked);

const pass = (days: number) => {
  for (const { app } of [servers.fabrikam, servers.contoso]) app.clock.advance(days * DAY);
};
const asTest = (side: Side) => ({ tenantId: side.id, actor: { kind: 'system', name: 'test' } }) as const;
/** What the clock would do. */
const sweep = (side: Side, wanted: string) =>
  side.app.run(asTest(side), async (ctx) => {
    const sweeps = side.app.modules.flatMap((one) => one.sweeps ?? []);
    await sweeps.find(({ name }) => name === wanted)?.run(ctx);
  });
const eventsOf = (side: Side, action: string) =>
  side.app.run(asTest(side), (ctx) => listEvents(ctx, { action }, { limit: 50 }));

const askFrom = (from: Side, to: Side) =>
  from.partners.ask(
    {
      tenantId: from.id,
      address: from.administrator.userPrincipalName,
      displayName: 'Somebody',
      correlationId: crypto.randomUUID(),
    },
    to.id,
    STANDING,
    { v: 1 },
  );
const ask = () => askFrom(servers.fabrikam, servers.contoso);

interface Key {
  kid: string;
  state: string;
}
const ownKeys = async (): Promise<Key[]> => ok(await ann('GET', KEYS)).value;
const partnerSeenByCarla = async () => ok(await carla('GET', `/admin/partners/${servers.fabrikam.id}`));
/** The states of keys of Fabrikam as Contoso knows them, the oldest first. */
const known = async () =>
  ((await partnerSeenByCarla()).keys as Key[])
    .map(({ kid, state }) => [kid, state] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, state]) => state);
const knownIs = (...states: string[]) => soon(async () => assert.deepEqual(await known(), states));
const published = async () => {
  const { fabrikam } = servers;
  const answer = await fetch(`${fabrikam.app.loopback}/.well-known/entente?domain=${fabrikam.domain}`);
  return (await answer.json()) as { document: { keys: Key[]; formerKeys?: Key[] }; signature: { protected: string } };
};
const confirm = async () => {
  const { fabrikam } = servers;
  const { digest, proven } = ok(await carla('GET', `/admin/partners/discover?domain=${fabrikam.place}`));
  return carla('POST', '/admin/partners', { domain: fabrikam.place, digest, domains: proven });
};
const agreementHolds = async () => {
  for (const api of [ann, carla]) {
    assert.deepEqual(ok(await api('POST', `/admin/partners/agreements/${agreementId}/verify`)).problems, []);
    assert.equal(ok(await api('GET', `/admin/partners/agreements/${agreementId}`)).state, 'active');
  }
};

before(async () => {
  servers = await startTwoServers();
  await becomePartners(servers);
  const terms = [
    { term: 'calendars.free-busy', of: 'fabrikam.example', offers: 'availability', accepts: 'availability' },
  ];
  const made = { partner: 'contoso.example', title: 'Working together', terms, propose: true };
  agreementId = ok(await ann('POST', '/admin/partners/agreements', made), 201).id;
  await soon(async () => ok(await carla('POST', `/admin/partners/agreements/${agreementId}/sign`, {})));
  await soon(agreementHolds);
});
after(() => servers?.close());

test('nobody but an administrator who has just proven who they are changes the key', async () => {
  const anders = servers.fabrikam.api(servers.fabrikam.member);
  for (const [path, body] of [
    [KEYS, {}],
    [`${KEYS}/withdraw`, { reason: 'Lost' }],
  ] as const) {
    assert.equal((await anders('POST', path, body)).status, 403);
    const late = servers.fabrikam.api(servers.fabrikam.administrator);
    ok(await late('GET', KEYS));
    servers.fabrikam.app.clock.advance(11 * 60);
    const refused = await late('POST', path, body);
    assert.deepEqual([refused.status, refused.body.code], [401, 'access.sign-in-again']);
  }
  servers.contoso.app.clock.advance(22 * 60);
  assert.equal((await ownKeys()).length, 1);
});

test('cut off in the middle of a change, the organisation has the key that it had, and partners know no other', async () => {
  const client = new pg.Client(servers.fabrikam.app.adminUrl);
  await client.connect();
  try {
    const [first] = await ownKeys();
    await client.query(`
      create function public.wait() returns trigger language plpgsql as
        $$ begin perform pg_sleep(600); return new; end $$;
      create trigger wait before update on partners.keys for each row execute function public.wait()`);
    for (const [path, body] of [
      [KEYS, {}],
      [`${KEYS}/withdraw`, { reason: 'Lost' }],
    ] as const) {
      const answer = ann('POST', path, body);
      await soon(async () => {
        const { rowCount } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event = 'PgSleep'`,
        );
        assert.equal(rowCount, 1);
      });
      assert.ok((await answer).status >= 500);
      assert.deepEqual(
        (await ownKeys()).map(({ kid, state }) => [kid, state]),
        [[first?.kid, 'signs']],
      );
      assert.equal((await published()).document.keys.length, 1);
      await ask();
    }
  } finally {
    await client.query('drop trigger if exists wait on partners.keys; drop function if exists public.wait()');
    await client.end();
  }
  assert.deepEqual(await known(), ['confirmed']);
});

test('a new key is announced beside the old one, which answers for it; nothing is interrupted', async () => {
  const [first] = await ownKeys();
  const { value } = ok(await ann('POST', KEYS, { overlapDays: 14 }), 202);
  assert.deepEqual(
    value.map(({ state }: Key) => state),
    ['signs', 'next'],
  );
  assert.equal(value[0].kid, first?.kid);
  assert.equal(value[1].succeeds, first?.kid);
  const again = await ann('POST', KEYS, {});
  assert.deepEqual([again.status, again.body.code], [409, 'partners.key-change-under-way']);
  await ask();
  // Contoso hears of it without being asked, and shows it to its administrator before anybody needs it.
  await knownIs('confirmed', 'announced');
  const seen = await partnerSeenByCarla();
  assert.deepEqual(
    seen.proposed.keys.map(({ kid }: Key) => kid),
    value.map(({ kid }: Key) => kid),
  );
  const [event] = await eventsOf(servers.contoso, 'partners.partner-key-announced');
  assert.equal(event?.facts.kid, value[1].kid);
});

test('halfway the new key signs, and counts before anybody has confirmed it; confirmed, nothing waits any more', async () => {
  const [old, next] = await ownKeys();
  pass(8);
  assert.equal((await published()).document.keys[0]?.kid, next?.kid);
  assert.deepEqual(
    (await ownKeys()).map(({ kid, state }) => [kid, state]),
    [
      [next?.kid, 'signs'],
      [old?.kid, 'leaving'],
    ],
  );
  await ask();
  await askFrom(servers.contoso, servers.fabrikam);
  assert.deepEqual(await known(), ['confirmed', 'announced']);
  ok(await confirm(), 201);
  assert.deepEqual(await known(), ['confirmed', 'confirmed']);
  assert.equal((await partnerSeenByCarla()).proposed, null);
  await ask();
});

test('after the overlap the old key is gone, and what was signed with it still holds', async () => {
  await sweep(servers.fabrikam, 'partners.keys');
  assert.equal((await ownKeys()).length, 2);
  pass(7);
  await sweep(servers.fabrikam, 'partners.keys');
  await sweep(servers.fabrikam, 'partners.keys');
  assert.deepEqual(
    (await ownKeys()).map(({ state }) => state),
    ['signs', 'former'],
  );
  const { document } = await published();
  assert.deepEqual([document.keys.length, document.formerKeys?.length], [1, 1]);
  await knownIs('former', 'confirmed');
  assert.equal((await partnerSeenByCarla()).proposed, null, 'the end of what was confirmed is no second change');
  await ask();
  await agreementHolds();
  assert.equal((await eventsOf(servers.fabrikam, 'partners.key-retired')).length, 1);
});

test('a partner that was away during the whole overlap follows from key to key when it hears the new one', async () => {
  const { fabrikam, contoso, dns } = servers;
  dns.setAddresses(fabrikam.domain, ['127.0.0.9']);
  ok(await ann('POST', KEYS, { overlapDays: 1 }), 202);
  pass(2);
  await sweep(fabrikam, 'partners.keys');
  ok(await ann('POST', KEYS, { overlapDays: 1 }), 202);
  pass(2);
  await sweep(fabrikam, 'partners.keys');
  dns.setAddresses(fabrikam.domain, ['127.0.0.1']);
  contoso.app.clock.advance(60);
  fabrikam.app.clock.advance(60);
  await soon(ask);
  assert.deepEqual(await known(), ['former', 'former', 'former', 'announced']);
  ok(await confirm(), 201);
  await agreementHolds();
});

test('a key that was given up is refused at once, until the partner has confirmed the new one; old signatures hold', async () => {
  const { fabrikam, contoso } = servers;
  const { value } = ok(await ann('POST', `${KEYS}/withdraw`, { reason: 'The laptop was stolen.' }), 202);
  assert.deepEqual(
    value.map(({ state }: Key) => state),
    ['signs', 'withdrawn', 'former', 'former', 'former'],
  );
  assert.equal(value[0].succeeds, null);
  await knownIs('former', 'former', 'former', 'withdrawn');
  await assert.rejects(ask(), { code: 'partners.unreachable' });
  assert.equal(ok(await ann('GET', `/admin/partners/${contoso.id}`)).health.failure, 'signature');
  await askFrom(contoso, fabrikam);
  assert.equal((await eventsOf(contoso, 'partners.partner-key-withdrawn')).length, 1);
  assert.equal((await eventsOf(fabrikam, 'partners.key-withdrawn'))[0]?.reason, 'The laptop was stolen.');
  const seen = await partnerSeenByCarla();
  assert.deepEqual(
    seen.proposed.keys.map(({ kid }: Key) => kid),
    [value[0].kid],
  );
  await agreementHolds();
  ok(await confirm(), 201);
  // What failed rests a while before it is tried again.
  fabrikam.app.clock.advance(60);
  contoso.app.clock.advance(60);
  await ask();
  assert.deepEqual(await known(), ['former', 'former', 'former', 'withdrawn', 'confirmed']);
  await agreementHolds();
});

test('an attacker who offers a key that nothing answers for, an old document or a stolen key gets nowhere', async () => {
  const { contoso } = servers;
  const tailspin = await HostilePartner.start(servers);
  try {
    await tailspin.becomePartnerOf(contoso);
    const keysOf = async () => ok(await carla('GET', `/admin/partners/${tailspin.id}`));
    const look = async () => ok(await carla('POST', `/admin/partners/${tailspin.id}/look-again`));
    const refusal = async () => {
      contoso.app.clock.advance(60);
      const { status, body } = await tailspin.ask(contoso, STANDING, { v: 1 });
      return `${status} ${body.code}`;
    };
    const first = tailspin.signer;
    const jwkOf = ({ kid, privateJwk }: typeof first) => ({ ...privateJwk, d: undefined, kid });
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    const answer = async (by: typeof first, next: typeof first, signer = by) => {
      const statement = plain({ v: 1, tenantId: tailspin.id, by: by.kid, successor: jwkOf(next) });
      return { statement, signature: await signJson(statement, signer, 'entente-succession') };
    };
    assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).status, 200);

    // A key of nobody, and one that says of itself that the known key answers for it.
    tailspin.newKey();
    const thief = tailspin.signer;
    assert.equal(await refusal(), '401 partners.signature');
    tailspin.published = { successions: [await answer(first, thief, thief)] };
    assert.equal(await refusal(), '401 partners.signature');
    assert.equal((await look()).proposed.keys[0].kid, thief.kid, 'it is shown, and nothing more');

    // The true successor.
    tailspin.newKey();
    const second = tailspin.signer;
    const successions = [await answer(first, second)];
    tailspin.published = { keys: plain([jwkOf(second)]), formerKeys: plain([jwkOf(first)]), successions };
    contoso.app.clock.advance(60);
    assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).status, 200);
    // A second one by the same key, which a thief of it would make.
    tailspin.signer = thief;
    tailspin.published = {
      successions: [...successions, await answer(first, thief)],
      formerKeys: plain([jwkOf(second)]),
    };
    assert.equal(await refusal(), '401 partners.signature');

    // What was published before is no way back.
    tailspin.signer = first;
    tailspin.published = {};
    await look();
    assert.equal(await refusal(), '401 partners.signature');
    assert.ok((await eventsOf(contoso, 'partners.older-document')).length > 0);
    const { digest } = ok(await carla('GET', `/admin/partners/discover?domain=${tailspin.place}`));
    const old = await carla('POST', '/admin/partners', { domain: tailspin.place, digest, domains: [tailspin.domain] });
    assert.deepEqual([old.status, old.body.code], [409, 'partners.older-document']);
    assert.deepEqual((await keysOf()).keys.map(({ state }: Key) => state).sort(), ['announced', 'former']);

    // Given up: what rested on it falls with it, whoever shows the words.
    const gone = plain({ v: 1, tenantId: tailspin.id, kid: first.kid });
    tailspin.newKey();
    tailspin.published = {
      withdrawals: [{ statement: gone, signature: await signJson(gone, first, 'entente-withdrawal') }],
    };
    assert.equal(await refusal(), '401 partners.signature');
    tailspin.signer = second;
    assert.equal(await refusal(), '401 partners.signature');
  } finally {
    await tailspin.close();
  }
});
