import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { listEvents } from '../../src/audit/index.ts';
import { createInvitation } from '../../src/directory/index.ts';
import { updateAccount } from '../../src/directory/store/accounts.ts';
import type { Context } from '../../src/kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../src/kernel/ids.ts';
import { type AgreementText, type AmendmentText, digestOf } from '../../src/partners/model/agreement.ts';
import { sqlOf } from '../../src/platform/database/index.ts';
import type { SignedRequest } from '../../src/protocols/http-signatures.ts';
import { canonicalBytes, signJson } from '../../src/protocols/signed-json.ts';
import { SIGNALS, signSignal } from '../../src/signin/model/security-event.ts';
import { listWatchedGuests } from '../../src/signin/store/signals.ts';
import { TENANT_CHANGED } from '../../src/tenants/index.ts';
import { HostilePartner } from '../support/hostile-partner.ts';
import type { Api, ApiAnswer } from '../support/people.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

// Contoso is sent the signals and agreements of Tailspin, whose server does as it likes. Fabrikam behaves.
let servers: TwoServers;
let tailspin: HostilePartner;
let carla: Api;
before(async () => {
  servers = await startTwoServers({ fabrikam: { trustProxy: true } });
  carla = servers.contoso.api(servers.contoso.administrator);
  tailspin = await HostilePartner.start(servers);
  await becomePartners(servers);
  await tailspin.becomePartnerOf(servers.contoso);
  await inside(async (ctx) => {
    await sql`insert into tenants.domains (tenant_id, name, proof, verified_at, created_at)
              select tenant_id, 'emea.contoso.example', proof, verified_at, created_at
                from tenants.domains where tenant_id = ${ctx.tenantId} and name = 'contoso.example'`.execute(
      sqlOf(ctx),
    );
    await ctx.announce(TENANT_CHANGED, {});
  });
});
after(async () => {
  await tailspin?.close();
  await servers?.close();
});

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};

const inside = <T>(act: (ctx: Context) => Promise<T>) =>
  servers.contoso.app.run({ tenantId: servers.contoso.id, actor: { kind: 'system', name: 'test' } }, act);

/** Somebody of another organisation, bound here to their account at home. */
async function aGuestOf(home: { id: TenantId; domain: string }, name: string, homeAccountId: AccountId) {
  const { contoso } = servers;
  const { account } = await inside((ctx) =>
    createInvitation(
      { ...ctx, actor: { kind: 'operator', displayName: 'Operator', accountId: null } },
      {
        address: `${name}@${home.domain}`,
        redirectUrl: 'https://apps.contoso.example/',
        origin: contoso.app.origin,
        sponsorIds: [contoso.administrator.id],
      },
    ),
  );
  await inside((ctx) =>
    updateAccount(ctx, account.id, {
      homeTenantId: home.id,
      homeAccountId,
      homeDomain: home.domain,
      externalUserState: 'Accepted',
    }),
  );
  return account.id;
}
const runJob = (name: string, payload: Record<string, unknown>) => {
  const { app, id: tenantId } = servers.contoso;
  const job = app.modules.flatMap(({ jobs = [] }) => jobs).find((one) => one.name === name)!;
  return app.run({ tenantId, actor: { kind: 'system', name: 'test' }, transaction: 'none' }, (ctx) =>
    job.run(ctx, payload),
  );
};

test('IS-8: a home that has the same signal for ever is not asked for ever', async () => {
  const { contoso } = servers;
  const issuer = `https://${tailspin.place}/${tailspin.id}/v2.0`;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { kid: newId(), privateKey };
  const signal = {
    id: newId(),
    type: SIGNALS.sessionRevoked,
    subject: { format: 'iss_sub', iss: issuer, sub: newId() } as const,
    event: {},
    correlationId: newId(),
  };
  const token = await signSignal(signal, { issuer, audience: contoso.id, now: contoso.app.clock.now }, key);
  let polls = 0;
  tailspin.behaviour = (request, response) => {
    const isPoll = request.url?.endsWith('signin.signals-poll');
    if (isPoll) polls += 1;
    const answer = isPoll
      ? { sets: { [signal.id]: token }, moreAvailable: true }
      : { issuer, keys: [{ ...publicKey.export({ format: 'jwk' }), kid: key.kid }] };
    // Nobody would end it otherwise.
    response.writeHead(polls > 200 ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ answer }));
  };
  await runJob('signin.poll-signals', { home: tailspin.id });
  assert.ok(polls >= 1 && polls <= 20, `asked ${polls} times`);
});

test('IS-7: a home that babbles, or is known no more, keeps nobody from hearing of the guests of others', async () => {
  const { fabrikam } = servers;
  const known = async () =>
    new Set((await inside(listWatchedGuests)).map(({ homeTenantId }) => homeTenantId as string));
  const unknown = { id: newId<'tenant'>(), domain: 'wingtip.example' };
  await aGuestOf(unknown, 'walt', newId<'account'>());
  await aGuestOf(tailspin, 'tina', newId<'account'>());
  await aGuestOf(fabrikam, 'anders', fabrikam.member.id);
  tailspin.behaviour = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"answer":{"states":"all of them"}}');
  await runJob('signin.watch-guests', {});
  assert.deepEqual(await known(), new Set([fabrikam.id]));
});

const BASE = '/admin/partners/agreements';
const agreementId = newId<'agreement'>();
const open = { level: 'limited-details', whom: 'everyone', until: null } as const;

/** A version that Tailspin writes, with Contoso called by `ours`. */
const versionOf = (version: number, previous: string | null, ours = 'contoso.example'): AgreementText => ({
  v: 1,
  kind: 'version',
  agreementId,
  version,
  previous,
  title: 'Working together',
  author: tailspin.domain,
  parties: [
    { tenantId: tailspin.id, domain: tailspin.domain, displayName: 'Tailspin', domains: [tailspin.domain] },
    { tenantId: servers.contoso.id, domain: ours, displayName: 'Contoso', domains: [ours] },
  ],
  settles: { [tailspin.domain]: 0, [ours]: 0 },
  terms: [{ term: 'calendars.free-busy', of: ours, offers: open, accepts: open }],
});
async function signed(text: AgreementText | AmendmentText) {
  return { content: canonicalBytes(text).toString(), ...(await signJson(text, tailspin.signer, 'entente-agreement')) };
}
async function send(text: AgreementText, times = 1) {
  const { content, ...signature } = await signed(text);
  const signatures = Array.from({ length: times }, () => ({ signer: tailspin.id, ...signature, signedBy: null }));
  return tailspin.ask(servers.contoso, 'partners.agreement-version', { v: 1, content, signatures });
}
const amend = async (number: number, previous: string | null, stance: AmendmentText['stance']) => {
  const text: AmendmentText = {
    v: 1,
    kind: 'amendment',
    agreementId,
    author: tailspin.domain,
    number,
    previous,
    stance,
    narrowed: [],
    reason: null,
  };
  const answer = await tailspin.ask(servers.contoso, 'partners.agreement-amendment', {
    v: 1,
    ...(await signed(text)),
    signedBy: null,
  });
  return { ...answer, digest: digestOf(text) };
};
const stateNow = async () => ok(await carla('GET', `${BASE}/${agreementId}`)).state;
const letters = (kind = 'agreement') =>
  inside(async (ctx) => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from platform.outgoing_mails
       where tenant_id = ${ctx.tenantId} and kind = ${kind}`.execute(sqlOf(ctx));
    return rows[0]!.n;
  });

test('beyond 3.1: no new version calls a party by another name, which what the party said before would not reach', async () => {
  const first = versionOf(1, null);
  assert.equal((await send(first)).status, 200);
  ok(await carla('POST', `${BASE}/${agreementId}/sign`, {}));
  ok(await carla('POST', `${BASE}/${agreementId}/suspend`, {}));
  assert.equal(await stateNow(), 'suspended');
  const renamed = await send(versionOf(2, digestOf(first), 'emea.contoso.example'));
  assert.deepEqual([renamed.status, renamed.body.code], [400, 'request.invalid']);
});

test('beyond 3.1: a version that one side has signed twice is not signed by both', async () => {
  const twice = await send(versionOf(2, digestOf(versionOf(1, null))), 2);
  assert.deepEqual([twice.status, twice.body.code], [400, 'partners.agreement-not-signed']);
});

test('a partner that changes its mind for ever fills neither the mail of administrators nor the database', async () => {
  const before = await letters();
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, n) =>
      tailspin.ask(servers.contoso, 'partners.agreement-alarm', { v: 1, agreementId, isBroken: n % 2 === 0 }),
    ),
  );
  assert.ok(answers.some(({ status }) => status === 429));
  const written = (await letters()) - before;
  assert.ok(written >= 1 && written <= 100, `${written} letters`);
  servers.contoso.app.clock.advance(3_600);
  carla = servers.contoso.api(servers.contoso.administrator);
  ok(await carla('POST', `${BASE}/${agreementId}/end`, {}));
});

test('a partner that fails and is well in turns writes so many letters and no more', async () => {
  const answers = [];
  for (let n = 0; n < 40; n += 1)
    answers.push(await tailspin.ask(servers.contoso, 'partners.watch-alarm', { v: 1, isBad: n % 2 === 0 }));
  assert.deepEqual([answers[0]?.status, answers.some(({ status }) => status === 429)], [200, true]);
  const written = await letters('partner-watch');
  assert.ok(written >= 1 && written <= 21, `${written} letters`);
});

test('beyond 3.1: what crossed with the end is kept and told to nobody; what its own author ended is over', async () => {
  const before = await letters();
  const first = await amend(1, null, 'suspended');
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const end = await amend(2, first.digest, 'ended');
  assert.equal(end.status, 200, JSON.stringify(end.body));
  const more = await amend(3, end.digest, 'active');
  assert.deepEqual([more.status, more.body.code], [409, 'partners.agreement-superseded']);
  assert.equal(await letters(), before);
  assert.equal(await stateNow(), 'ended');
});

test('who only says to be a partner does not fill the audit', async () => {
  const known = tailspin.signer;
  tailspin.newKey();
  const forged = () => tailspin.ask(servers.contoso, 'calendars.standing', { v: 1 });
  const answers = await Promise.all(Array.from({ length: 300 }, forged));
  tailspin.signer = known;
  assert.deepEqual([...new Set(answers.map(({ body }) => body.code))], ['partners.signature']);
  const written = await inside((ctx) => listEvents(ctx, { action: 'partners.request-refused' }, { limit: 300 }));
  assert.ok(written.length >= 1 && written.length <= 100, `${written.length} lines`);
});

test('who has a network of addresses is one stranger', async () => {
  const from = (n: number) => ({
    after: (request: SignedRequest) => ({
      ...request,
      headers: { ...request.headers, 'x-forwarded-for': `2001:db8:1:2::${n}` },
    }),
  });
  const statuses: number[] = [];
  for (let n = 1; n <= 6; n += 1)
    statuses.push((await tailspin.ask(servers.fabrikam, 'partners.introduce', { v: 1 }, from(n))).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
});
