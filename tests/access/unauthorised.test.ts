import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { openApiPath } from '../../src/app/openapi.ts';
import { PAGES } from '../../src/app/web.ts';
import type { ErrorWire } from '../../src/platform/http/route.ts';
import { createLog } from '../../src/platform/log.ts';
import { filled, nameOf } from '../support/paths.ts';
import { startWorld, type World } from '../support/world.ts';

/** What the listener answers beside the routes: pages without content, and the protocol of sign-in. */
const RAW: readonly string[] = [
  // Asks for its credential in the first message.
  'GET /live',
  ...PAGES.map((page) => `GET ${page}`),
  ...['oauth2/v2.0/*', 'v2.0/.well-known/openid-configuration', 'discovery/v2.0/keys'].flatMap((path) =>
    ['GET', 'POST'].map((method) => `${method} /:tenant/${path}`),
  ),
];
/** Files of the built web app, served where it is built. */
const BUILT_WEB = ['GET /assets/*', 'GET /favicon.svg'];

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
function assertBareFault(wire: ErrorWire, body: Record<string, unknown>, what: string): void {
  if (wire === 'dav') {
    // Text, and in it one element of ours with a code, a reference and a sentence.
    assert.match(
      String(body),
      /<D:error [^>]+><e:error code="[a-z.-]+" request-id="[^"]+">[^<]+<\/e:error><\/D:error>$/,
      what,
    );
    return;
  }
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
      // Calendar programs alone are asked for a password.
      const offered = route.wire === 'dav' ? 'Basic realm="Entente", charset="UTF-8", Bearer' : 'Bearer';
      assert.equal(answer.headers.get('www-authenticate'), offered, name);
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
  // The listener adds HEAD to every GET, and OPTIONS for browsers.
  const ours = new Set(app.routes.map(nameOf));
  const served = app.served
    .filter((one) => (one.method !== 'HEAD' && one.method !== 'OPTIONS') || ours.has(nameOf(one)))
    .map(nameOf);
  assert.deepEqual([...probed, ...RAW].sort(), [...new Set(served)].filter((name) => !BUILT_WEB.includes(name)).sort());

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

/** The addresses that an organisation's provider names in its own description (OpenID Connect Discovery 1.0 §3). */
async function endpoints(): Promise<Record<string, string>> {
  const { body } = await world.call(undefined)('GET', `/${world.fabrikam.id}/v2.0/.well-known/openid-configuration`);
  const named = Object.entries<unknown>(body).filter(([name, value]) => /_(endpoint|uri)$/.test(name) && value);
  return Object.fromEntries(named.map(([name, value]) => [name, new URL(String(value)).pathname]));
}

test('the protocol of sign-in gives nothing to a token or a client that is not good', async () => {
  const { token_endpoint, userinfo_endpoint, jwks_uri, ...others } = await endpoints();
  assert.ok(token_endpoint && userinfo_endpoint && jwks_uri);
  const tokens = { ...(await badTokens()), 'that was never there': undefined };
  for (const [what, token] of Object.entries(tokens)) {
    const answer = await world.call(token)('GET', userinfo_endpoint);
    assert.ok(answer.status >= 400 && answer.status < 500, `userinfo with a token ${what}: ${answer.status}`);
    assert.doesNotMatch(JSON.stringify(answer.body), /"(sub|name|email|oid)"/, what);
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const grants = [
    'grant_type=client_credentials',
    'grant_type=client_credentials&client_id=nobody&client_secret=wrong',
    `grant_type=client_credentials&client_id=entente-web&scope=${encodeURIComponent('https://graph.microsoft.com/.default')}`,
    'grant_type=authorization_code&client_id=entente-web&code=guessed&redirect_uri=http://localhost/',
    'grant_type=refresh_token&client_id=entente-web&refresh_token=guessed',
    'grant_type=password&client_id=entente-web&username=ann@fabrikam.example&password=guessed',
  ];
  for (const grant of grants) {
    const answer = await world.call(undefined)('POST', token_endpoint, grant, form);
    assert.ok([400, 401].includes(answer.status), `${grant}: ${answer.status}`);
    assert.ok(answer.body.error && !('access_token' in answer.body), grant);
  }
  const keys = await world.call(undefined)('GET', jwks_uri);
  assert.equal(keys.status, 200);
  for (const key of keys.body.keys) assert.ok(!('d' in key), 'no private key is published');
  for (const [name, path] of Object.entries(others)) {
    for (const method of ['GET', 'POST']) {
      const answer = await world.call(undefined)(method, path, method === 'POST' ? '' : undefined, form);
      assert.ok(answer.status < 500, `${method} ${name}: ${answer.status}`);
      assert.doesNotMatch(JSON.stringify(answer.body), /access_token|id_token"\s*:/, name);
    }
  }
});

test('a live connection ends when its token is not good', async () => {
  for (const [what, token] of Object.entries(await badTokens())) {
    const socket = new WebSocket(`${world.app.origin.replace('http', 'ws')}/live`);
    const heard: unknown[] = [];
    const code = await new Promise<number>((resolve) => {
      socket.onopen = () => socket.send(JSON.stringify({ type: 'authenticate', token }));
      socket.onmessage = ({ data }) => heard.push(data);
      socket.onclose = (event) => resolve(event.code);
    });
    assert.equal(code, 4401, `a token ${what}`);
    assert.deepEqual(heard, [], `a token ${what}`);
  }
});

const bodyFor = (method: string) => (method === 'GET' || method === 'DELETE' ? undefined : {});
