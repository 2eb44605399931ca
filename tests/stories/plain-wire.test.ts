import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startTestApp, type TestApp } from '../support/app.ts';

const TOKEN = 'counting is not for everybody';

let app: TestApp;
let port: number;
let httpsPort: string;
before(async () => {
  app = await startTestApp({ host: '0.0.0.0', metricsToken: TOKEN });
  port = Number(new URL(app.origin).port);
  httpsPort = new URL(app.httpsOrigin).port;
});
after(() => app.close());

/** How this machine is seen from outside: a request to there does not come from loopback. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && !one.internal && one.family === 'IPv4')?.address;

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

function ask(
  host: string,
  at: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest({ host, port: at, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text }));
    });
    sending.on('error', reject);
    sending.end(method === 'POST' ? '{}' : undefined);
  });
}

const PAGES = [
  '/',
  '/signin/x?tenant=y',
  '/t/fabrikam.example',
  '/common/oauth2/v2.0/authorize?client_id=a%20b',
  '/v1.0/me',
];

test('from another machine nothing is asked or told over plain HTTP', async (t) => {
  if (!outside) return t.skip('THIS MACHINE HAS NO ADDRESS BUT LOOPBACK: what another machine sees was not tried.');
  for (const path of PAGES) {
    const { status, location } = await ask(outside, port, 'GET', path);
    assert.deepEqual([status, location], [308, `https://${outside}:${httpsPort}${path}`]);
  }
  for (const path of ['/t/signin/x/password', '/fabrikam.example/oauth2/v2.0/token', '/operator/setup']) {
    const { status, text } = await ask(outside, port, 'POST', path, { 'content-type': 'application/json' });
    assert.deepEqual([status, JSON.parse(text).code], [403, 'request.needs-https'], path);
  }
  // The way there is the host that was asked for, and no path makes it another one.
  for (const path of ['//evil.example/', '/\\evil.example/', 'http://evil.example/']) {
    const { status, location } = await ask(outside, port, 'GET', path);
    if (status === 308) assert.equal(new URL(location ?? '').host, `${outside}:${httpsPort}`, path);
    else assert.ok(status >= 400, `${path} answered ${status}`);
  }
  assert.equal((await ask(outside, port, 'GET', '/health/ready')).status, 200);
});

test('on the machine itself plain HTTP serves as before', async () => {
  for (const path of ['/health/ready', '/operator/setup', '/metrics'])
    assert.equal((await ask('127.0.0.1', port, 'GET', path)).status, 200, path);
});

test('metrics are for this machine, and elsewhere for whoever shows their token', async () => {
  const metrics = (host: string, headers = {}) => ask(host, port, 'GET', '/metrics', headers);
  assert.match((await metrics('127.0.0.1')).text, /entente_http_request_seconds/);
  for (const far of outside ? [[outside, {}] as const] : []) assert.equal((await metrics(...far)).status, 401);
  // A proxy on this machine passes on from anywhere.
  const passedOn = { 'x-forwarded-for': '203.0.113.7' };
  assert.equal((await metrics('127.0.0.1', passedOn)).status, 401);
  const wrong = { ...passedOn, authorization: 'Bearer counting is for everybody' };
  assert.equal((await metrics('127.0.0.1', wrong)).status, 401);
  const right = await metrics('127.0.0.1', { ...passedOn, authorization: `Bearer ${TOKEN}` });
  assert.match(right.text, /entente_http_request_seconds/);
});

test('behind a proxy that ends TLS it is the proxy that says how people came', async () => {
  const behind = await startTestApp({ publicUrl: 'https://work.example', trustProxy: true });
  try {
    const { origin } = JSON.parse(await readFile(join(behind.data, 'server.json'), 'utf8'));
    const { port: at } = new URL(origin);
    const near = (proto: string) =>
      ask('127.0.0.1', Number(at), 'GET', '/signin/x?a=b', { 'x-forwarded-proto': proto });
    assert.notEqual((await near('https')).status, 308);
    const plain = await near('http');
    assert.deepEqual([plain.status, plain.location], [308, 'https://work.example/signin/x?a=b']);
  } finally {
    await behind.close();
  }
});
