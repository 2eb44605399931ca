import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { openApiPath } from '../../src/app/openapi.ts';
import { createLog } from '../../src/platform/log.ts';
import { filled, nameOf, startWorld, type World } from '../support/world.ts';

/** What the listener answers beside the routes: the protocol of sign-in, whose credentials are its own. */
const RAW: readonly string[] = [];

let world: World;
const probed = new Set<string>();

before(async () => {
  world = await startWorld();
});
after(() => world.app.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = (token: string) =>
  token.split('.').map((part, n) => (n < 2 ? JSON.parse(Buffer.from(part, 'base64url').toString()) : part));

/** Tokens that are not good, each in its own way, made from a good one of Fabrikam's administrator. */
async function badTokens(): Promise<Record<string, string>> {
  const { app, fabrikam, contoso, token } = world;
  const good = await token(fabrikam.ann);
  const [header, claims, signature] = parts(good);
  const [body] = [good.slice(0, good.lastIndexOf('.'))];
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = (altered: object) => {
    const text = `${encode(header)}.${encode({ ...claims, ...altered })}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const hmac = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;

  const now = app.clock.now;
  app.clock.now = new Date(now.getTime() - 2 * 3_600_000);
  const expired = await token(fabrikam.ann);
  app.clock.now = new Date(now.getTime() + 2 * 3_600_000);
  const early = await token(fabrikam.ann);
  app.clock.now = now;

  return {
    'that is no token': 'not-a-token',
    'that is empty but for its dots': '..',
    'whose signature is cut short': good.slice(0, -8),
    'whose signature is missing': `${body}.`,
    'whose claims were changed after signing': `${encode(header)}.${encode({ ...claims, oid: fabrikam.anders.id })}.${signature}`,
    'whose tenant was changed after signing': `${encode(header)}.${encode({ ...claims, tid: contoso.id })}.${signature}`,
    'without an algorithm (alg none)': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
    'signed with a shared secret (HS256)': `${hmac}.${createHmac('sha256', 'secret').update(hmac).digest('base64url')}`,
    'signed by a stranger': foreign({}),
    'signed by a stranger for a tenant that is none': foreign({ tid: '00000000-0000-4000-8000-000000000000' }),
    'of another type': `${encode({ ...header, typ: 'JWT' })}.${encode(claims)}.${signature}`,
    'that has expired': expired,
    'that is not valid yet': early,
    'of another issuer with the same keys': await tokenOfAnotherIssuer(),
  };
}

/** A second server on the same database and data folder has the same keys and another address, so another issuer. */
async function tokenOfAnotherIssuer(): Promise<string> {
  const { app, fabrikam } = world;
  const log = createLog('silent');
  const other = await startApp({
    configuration: configurationShape.parse({
      data: app.data,
      databaseUrl: app.adminUrl,
      port: 0,
      httpsPort: 0,
      databaseConnections: 4,
    }),
    log,
    now: () => app.clock.now,
  });
  try {
    const work = { tenantId: fabrikam.id, actor: { kind: 'system', name: 'test' } } as const;
    return (await other.run(work, (ctx) => other.signin.mintAccessToken(ctx, fabrikam.ann.id))).token;
  } finally {
    await other.close();
  }
}

/** A refusal says what went wrong and nothing else. */
function assertBareFault(wire: 'graph' | 'problem', body: Record<string, unknown>, what: string): void {
  const fault = wire === 'graph' ? (body.error as Record<string, unknown>) : body;
  const expected =
    wire === 'graph' ? ['code', 'innerError', 'message'] : ['code', 'requestId', 'status', 'title', 'type'];
  assert.deepEqual(Object.keys(fault ?? {}).sort(), expected, what);
  if (wire === 'graph') {
    assert.deepEqual(Object.keys(body), ['error'], what);
    const inner = Object.keys(fault.innerError as object).sort();
    assert.deepEqual(inner, ['client-request-id', 'code', 'date', 'request-id'], what);
  }
}

test('XC-10: without a credential every route answers 401, or is public and says why', async () => {
  const anybody = world.call(undefined);
  for (const route of world.app.routes) {
    const name = nameOf(route);
    const answer = await anybody(route.method, filled(route.path, world.objects.fabrikam), bodyFor(route.method));
    probed.add(name);
    if (route.access === 'asks') {
      assert.equal(answer.status, 401, name);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer', name);
      assertBareFault(route.wire, answer.body, name);
    } else {
      assert.match(route.access.public, /^[A-Z].{20,}\.$/, `${name} says why it is public`);
      assert.ok(answer.status < 500, `${name} answers ${answer.status}`);
    }
  }
});

test('a credential that is not good opens nothing, whatever is wrong with it', async () => {
  for (const [what, token] of Object.entries(await badTokens())) {
    const caller = world.call(token);
    for (const route of world.app.routes) {
      const name = `${nameOf(route)} with a token ${what}`;
      const answer = await caller(route.method, filled(route.path, world.objects.fabrikam), bodyFor(route.method));
      if (route.access === 'asks') {
        assert.equal(answer.status, 401, name);
        assertBareFault(route.wire, answer.body, name);
      } else assert.ok(answer.status < 500, `${name} answers ${answer.status}`);
    }
  }
  const good = await world.ann('GET', '/admin/settings');
  assert.equal(good.status, 200, 'the good token, from which the bad ones were made, opens the door');
});

test('every route that is served was probed, and the OpenAPI document describes exactly those', async () => {
  const { app, call } = world;
  const served = app.served.filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS').map(nameOf);
  assert.deepEqual([...probed, ...RAW].sort(), [...new Set(served)].sort());

  const document = (await call(undefined)('GET', '/openapi.json')).body;
  const described: string[] = [];
  for (const [path, methods] of Object.entries<Record<string, { security?: unknown[] }>>(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      described.push(`${method.toUpperCase()} ${path}`);
      const route = app.routes.find((one) => openApiPath(one.path) === path && one.method.toLowerCase() === method);
      const isPublic = operation.security?.length === 0;
      assert.equal(isPublic, typeof route?.access === 'object', `${method} ${path} is described as it is`);
    }
  }
  assert.deepEqual(
    described.sort(),
    app.routes.map((one) => `${one.method} ${openApiPath(one.path)}`).sort(),
    'the document lists every route',
  );
});

const bodyFor = (method: string) => (method === 'GET' || method === 'DELETE' ? undefined : {});
