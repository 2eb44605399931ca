import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { listEvents } from '../../src/audit/index.ts';
import type { Envoy } from '../../src/kernel/module.ts';
import { HostilePartner } from '../support/hostile-partner.ts';
import type { Api, ApiAnswer } from '../support/people.ts';
import { becomePartners, type Side, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
let tailspin: HostilePartner;
let carla: Api;
let bob: Api;
before(async () => {
  servers = await startTwoServers();
  carla = servers.contoso.api(servers.contoso.administrator);
  bob = servers.contoso.api(servers.contoso.member);
  tailspin = await HostilePartner.start(servers);
  await becomePartners(servers);
  await tailspin.becomePartnerOf(servers.contoso);
  for (const domain of ['fabrikam.example', 'tailspin.example'])
    ok(
      await carla('POST', '/admin/organization-relationships', {
        name: domain,
        domainNames: [domain],
        freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null },
      }),
      201,
    );
  const ann = servers.fabrikam.api(servers.fabrikam.administrator);
  ok(
    await ann('POST', '/admin/organization-relationships', {
      name: 'Contoso',
      domainNames: ['contoso.example'],
      freeBusy: { enabled: true, level: 'AvailabilityOnly', scopeGroupId: null },
    }),
    201,
  );
});
after(async () => {
  await tailspin?.close();
  await servers?.close();
});
beforeEach(() => {
  // Whatever a test before has used up of patience and allowance comes back with time.
  servers.contoso.app.clock.advance(60);
});

const ok = (answer: ApiAnswer, status = 200) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const lookUp = async (api: Api, ...schedules: string[]) =>
  ok(
    await api('POST', '/v1.0/me/calendar/getSchedule', {
      schedules,
      startTime: { dateTime: '2031-05-04T00:00:00', timeZone: 'UTC' },
      endTime: { dateTime: '2031-05-05T00:00:00', timeZone: 'UTC' },
    }),
  ).value as { error?: { responseCode: string }; scheduleItems?: unknown[] }[];
const codes = async (...addresses: string[]) =>
  (await lookUp(bob, ...addresses)).map(({ error }) => error?.responseCode);
const STANDING = 'calendars.standing';

test('a request that is signed, in time and new is answered', async () => {
  const { status, body } = await tailspin.ask(servers.contoso, STANDING, { v: 1 });
  assert.equal(status, 200, JSON.stringify(body));
});

test('EX-58: a request that was sent before, too long ago, to somebody else or by another key is refused', async () => {
  const { contoso, fabrikam } = servers;
  const refusal = async (options: Parameters<HostilePartner['ask']>[3]) => {
    const { status, body } = await tailspin.ask(contoso, STANDING, { v: 1 }, options);
    return `${status} ${body.code}`;
  };
  const nonce = crypto.randomUUID();
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 }, { nonce })).status, 200);
  assert.equal(await refusal({ nonce }), '401 partners.replayed');
  const minutes = (count: number) => new Date(contoso.app.clock.now.getTime() + count * 60_000);
  assert.equal(await refusal({ at: minutes(-6) }), '401 partners.clock');
  assert.equal(await refusal({ at: minutes(6) }), '401 partners.clock');
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 }, { at: minutes(-4) })).status, 200);
  const elsewhere = `https://${fabrikam.place}/partners/requests/${contoso.id}/${STANDING}`;
  assert.equal(await refusal({ url: elsewhere }), '401 partners.signature');
  const known = tailspin.signer;
  tailspin.newKey();
  assert.equal(await refusal({}), '401 partners.signature');
  tailspin.signer = known;
  const refused = await contoso.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listEvents(ctx, { action: 'partners.request-refused' }, { limit: 10 }),
  );
  const reasons = ['partners.signature', 'partners.signature', 'partners.clock', 'partners.clock', 'partners.replayed'];
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    reasons,
  );
  const altered = (body: string) => ({ after: (request: { body: string }) => ({ ...request, body }) as never });
  assert.equal(await refusal(altered('{"v":1}')), '401 partners.signature');
});

test('EX-16: an address that is not of its own domains is refused on the wire, and that is in the audit', async () => {
  const { contoso } = servers;
  const { status, body } = await tailspin.ask(contoso, STANDING, { v: 1 }, { address: 'ann@fabrikam.example' });
  assert.deepEqual([status, body.code], [403, 'partners.forged-address']);
  const events = await contoso.app.run({ tenantId: contoso.id, actor: { kind: 'system', name: 'test' } }, (ctx) =>
    listEvents(ctx, { action: 'partners.sender-refused' }, { limit: 10 }),
  );
  assert.equal(events[0]?.facts.address, 'ann@fabrikam.example');
});

test("an address that could be read as of another domain is nobody's", async () => {
  const { contoso } = servers;
  for (const address of ['tom@tailspin.example.', 'bob@contoso.example@tailspin.example', 'tom@tailspin\u3002example'])
    assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 }, { address })).status, 400, address);
});

const envoyOf = ({ id, domain }: Side): Envoy => ({
  tenantId: id,
  address: `entente@${domain}`,
  displayName: domain,
  correlationId: crypto.randomUUID(),
});
const askTailspin = (name: string, asked: unknown = { v: 1 }) =>
  servers.contoso.partners.ask(envoyOf(servers.contoso), tailspin.id, name, asked);
const answering = (answer: string, headers: Record<string, string> = {}) => {
  tailspin.behaviour = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(`{"answer":${answer}}`);
};

test('a partner that says it is the year 9999 there is answered for all the same', async () => {
  answering('{}', { date: 'Fri, 31 Dec 9999 23:59:59 GMT' });
  assert.deepEqual(await askTailspin(STANDING), {});
  answering('{}');
  assert.deepEqual(await askTailspin(STANDING), {});
});

test('what is no text is taken from nobody: not in a request, an answer or what is published', async () => {
  const { contoso } = servers;
  const ended = { v: 1, endingId: crypto.randomUUID(), endedAt: new Date().toISOString(), kinds: [], receipt: '\0' };
  const refused = await tailspin.ask(contoso, 'partners.ended', ended);
  assert.deepEqual([refused.status, refused.body.code], [400, 'request.invalid']);
  for (const text of ['\\u0000', '\\ud800']) {
    answering(`"${text}"`);
    await assert.rejects(askTailspin(STANDING), { code: 'partners.unreachable' });
  }
  tailspin.published = { displayName: 'Tail\0spin' };
  const found = await carla('GET', `/admin/partners/discover?domain=${tailspin.place}`);
  assert.deepEqual([found.status, found.body.code], [400, 'partners.not-discovered']);
  tailspin.published = {};
});

test('a partner that answers something else than it was asked keeps nobody from inviting its people', async () => {
  answering('"yes"');
  const invited = await carla('POST', '/v1.0/invitations', {
    invitedUserEmailAddress: 'tom@tailspin.example',
    inviteRedirectUrl: 'https://apps.contoso.example/',
    sendInvitationMessage: false,
  });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
});

test('a stranger gets nothing but to be introduced, and Fabrikam knows nothing of Tailspin', async () => {
  const { fabrikam } = servers;
  const looked = await tailspin.ask(fabrikam, STANDING, { v: 1 });
  assert.deepEqual([looked.status, looked.body.code], [401, 'partners.unknown-sender']);
  const made = await tailspin.ask(fabrikam, 'partners.introduce', { v: 1 });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const ann = fabrikam.api(fabrikam.administrator);
  const { value } = ok(await ann('GET', '/admin/partners/introductions'));
  assert.deepEqual(
    value.map(({ id }: { id: string }) => id),
    [tailspin.id],
  );
  assert.equal((await tailspin.ask(fabrikam, STANDING, { v: 1 })).status, 401);
  assert.equal((await ann('DELETE', `/admin/partners/introductions/${tailspin.id}`)).status, 204);
});

test('a stranger who claims to be an organisation that it is not stays a stranger', async () => {
  const { fabrikam, contoso } = servers;
  const ann = fabrikam.api(fabrikam.administrator);
  for (const published of [
    { tenantId: contoso.id },
    { domains: ['contoso.example'] },
    { endpoint: 'http://tailspin.example' },
  ]) {
    tailspin.published = published;
    const found = await ann('GET', `/admin/partners/discover?domain=${tailspin.place}`);
    if (found.status === 200) {
      // It may say whose domains it holds; none of another's counts as proven.
      assert.deepEqual(found.body.proven, ['tailspin.example']);
      assert.equal(found.body.isConfirmed, true, 'the id of a partner is not taken over unseen');
    } else assert.deepEqual([found.status, found.body.code], [400, 'partners.not-discovered']);
    assert.equal((await tailspin.ask(fabrikam, 'partners.introduce', { v: 1 })).status, 401);
  }
  tailspin.published = {};
});

test('EX-127: a certificate for another name, or of an authority that nobody trusts, is refused', async () => {
  servers.dns.setAddresses('wingtip.example', ['127.0.0.1']);
  const place = tailspin.place.replace('tailspin', 'wingtip');
  const found = await carla('GET', `/admin/partners/discover?domain=${place}`);
  assert.deepEqual(
    [found.status, found.body.code, found.body.failure],
    [400, 'partners.not-discovered', 'certificate'],
  );
});

test('a partner that hangs, fails, babbles or sends elsewhere spoils its own mailboxes alone', async () => {
  const broken = 'ErrorProxyRequestProcessingFailed';
  const json = { 'content-type': 'application/json' };
  const behaviours: [string, HostilePartner['behaviour']][] = [
    ['hangs', () => {}],
    ['fails', (_request, response) => response.writeHead(500).end('no')],
    ['says nothing', (_request, response) => response.writeHead(200, json).end()],
    ['babbles', (_request, response) => response.writeHead(200, json).end('{"answer":"free, all of them"}')],
    ['is endless', (_request, response) => response.writeHead(200, json).end(Buffer.alloc(5 * 1024 * 1024, 32))],
    [
      'leads inside',
      (_request, response) =>
        response.writeHead(302, { location: `${servers.contoso.app.loopback}/health/ready` }).end(),
    ],
    ['hangs up', (request) => request.socket.destroy()],
    [
      'drips',
      (_request, response) => {
        response.writeHead(200, json).write('{"answer":');
        const dripping = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(dripping));
      },
    ],
  ];
  for (const [what, behaviour] of behaviours) {
    servers.contoso.app.clock.advance(60);
    tailspin.behaviour = behaviour;
    const began = performance.now();
    const found = await codes('tom@tailspin.example', 'bob@contoso.example', 'ann@fabrikam.example');
    assert.deepEqual(found, [broken, undefined, 'ErrorNoFreeBusyAccess'].with(2, found[2] as string), what);
    assert.notEqual(found[2], broken, `Fabrikam answers while Tailspin ${what}`);
    assert.ok(performance.now() - began < 8_000, what);
  }
});

test('a partner that begins many requests and ends none keeps nobody else waiting', async () => {
  const { contoso, fabrikam } = servers;
  const begun = await Promise.all(Array.from({ length: 60 }, () => tailspin.beginRequest(contoso)));
  const began = performance.now();
  const [seen] = await lookUp(fabrikam.api(fabrikam.administrator), 'bob@contoso.example');
  assert.equal(seen?.error, undefined);
  assert.equal((await bob('GET', '/v1.0/me')).status, 200);
  assert.ok(performance.now() - began < 8_000);
  for (const end of begun) end();
});

test('a partner that lies about mailboxes it was not asked about is not believed', async () => {
  tailspin.behaviour = (_request, response) => {
    const answer = { v: 1, value: [{ address: 'bob@contoso.example', items: [] }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ answer }));
  };
  const found = await codes('tom@tailspin.example', 'bob@contoso.example');
  assert.deepEqual(found, ['ErrorProxyRequestProcessingFailed', undefined]);
});

test('a partner that fails again and again is left alone for a while, and tried once more after it', async () => {
  let asked = 0;
  tailspin.behaviour = (_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  };
  for (let i = 0; i < 12; i += 1) await codes('tom@tailspin.example');
  assert.ok(asked <= 5, `${asked} requests were sent`);
  const [record] = ok(await carla('GET', '/admin/partners')).value.filter(
    ({ id }: { id: string }) => id === tailspin.id,
  );
  assert.equal(record.health.failure, 'answer');
  servers.contoso.app.clock.advance(31);
  const before = asked;
  await codes('tom@tailspin.example');
  assert.equal(asked, before + 1);
});

test('a partner that floods is told to wait, and the others are not', async () => {
  const { contoso, fabrikam } = servers;
  const answers = await Promise.all(Array.from({ length: 300 }, () => tailspin.ask(contoso, STANDING, { v: 1 })));
  const throttled = answers.filter(({ status }) => status === 429);
  assert.ok(throttled.length >= 50, `${throttled.length} of 300 were throttled`);
  const ann = fabrikam.api(fabrikam.administrator);
  const [seen] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(seen?.error, undefined);
});

test('who only says to be a partner uses up nothing of what the partner may ask', async () => {
  const { contoso } = servers;
  const known = tailspin.signer;
  tailspin.newKey();
  const forged = await Promise.all(Array.from({ length: 300 }, () => tailspin.ask(contoso, STANDING, { v: 1 })));
  assert.deepEqual([...new Set(forged.map(({ body }) => body.code))], ['partners.signature']);
  tailspin.signer = known;
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).status, 200);
});

test('EX-126: a key or domain that a partner changes is a proposal, and counts for nothing before it is confirmed', async () => {
  const { contoso } = servers;
  const old = tailspin.signer;
  tailspin.newKey();
  const path = `/admin/partners/${tailspin.id}`;
  const looked = ok(await carla('POST', `${path}/look-again`));
  assert.equal(looked.proposed.keys[0].kid, tailspin.signer.kid);
  assert.equal(looked.published.keys[0].kid, old.kid);
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).body.code, 'partners.signature');
  await tailspin.becomePartnerOf(contoso);
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).status, 200);
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 }, { signer: old })).body.code, 'partners.signature');
  assert.equal(ok(await carla('GET', path)).proposed, null);
});

test('beyond 3.11: a partner that answers everything but for its log is found out within the hour, and told of once', async () => {
  const { contoso } = servers;
  tailspin.behaviour = (request, response) => {
    const isLog = request.url?.endsWith('/partners.checkpoint');
    response.writeHead(isLog ? 500 : 200, { 'content-type': 'application/json' }).end('{"answer":{}}');
  };
  const compare = async () => {
    await codes('tom@tailspin.example');
    // A token does not outlive the hour that passes here.
    const as = contoso.api(contoso.administrator);
    return ok(await as('POST', `/admin/partners/${tailspin.id}/shared-log/exchange`)).exchange;
  };
  const first = await compare();
  assert.deepEqual([first.failure, first.faultAt], ['partners.unreachable', null]);
  bob = contoso.api(contoso.member);
  for (const minutes of [30, 31, 15]) {
    contoso.app.clock.advance(minutes * 60);
    bob = contoso.api(contoso.member);
    const { faultAt, faultSide } = await compare();
    assert.deepEqual([faultAt === null, faultSide], minutes === 30 ? [true, null] : [false, 'theirs']);
  }
  carla = contoso.api(contoso.administrator);
  const { value } = ok(await carla('GET', '/admin/audit/events?action=partners.shared-log-withheld'));
  assert.deepEqual([value.length, value[0].targets[0].id], [1, tailspin.id]);
  const mails = ok(await carla('GET', '/admin/mail')).value;
  assert.equal(mails.filter(({ subject }: { subject: string }) => subject === 'Tailspin holds its log back').length, 1);
});

test('clocks ten minutes apart do not keep two partners from each other', async () => {
  const { fabrikam, contoso } = servers;
  fabrikam.app.clock.now = new Date(contoso.app.clock.now.getTime() + 600_000);
  const ann = fabrikam.api(fabrikam.administrator);
  const [seen] = await lookUp(ann, 'bob@contoso.example');
  assert.equal(seen?.error, undefined, JSON.stringify(seen));
  const [record] = ok(await ann('GET', '/admin/partners')).value;
  assert.ok(Math.abs(record.health.clockSkewSeconds + 600) < 5, `${record.health.clockSkewSeconds}`);
});

test('a partner that is forgotten reaches nobody any more', async () => {
  const { contoso } = servers;
  assert.equal((await carla('DELETE', `/admin/partners/${tailspin.id}`)).status, 204);
  assert.equal((await tailspin.ask(contoso, STANDING, { v: 1 })).body.code, 'partners.unknown-sender');
  assert.deepEqual(await codes('tom@tailspin.example'), ['ErrorServiceDiscoveryFailed']);
});
