import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DnsServer } from '../../tests/support/dns-server.ts';
import { openResolver } from './dns.ts';
import { isPublic, openSafeFetch, SafeFetchError, type SafeFetchSettings } from './safe-fetch.ts';
import { openLocalTls } from './tls.ts';

let dns: DnsServer;
/** What must not be reached: 127.0.0.1. */
let secret: Server;
/** What stands for the internet: 127.0.0.2, on the same port, allowed where a test says so. */
let internet: Server;
let port: number;
const visits: string[] = [];
const OUTSIDE = ['127.0.0.2/32'];

const answer: RequestListener = (request, response) => {
  const address = request.socket.localAddress;
  visits.push(`${address} ${request.method} ${request.headers.host} ${request.url}`);
  if (request.url === '/redirect')
    response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end('moved');
  else if (request.url === '/large') response.end(Buffer.alloc(200_000));
  else if (request.url === '/endless') {
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(drip));
  } else if (request.url === '/silent') request.resume();
  else request.pipe(response);
};

before(async () => {
  dns = await DnsServer.start();
  secret = createServer(answer).listen(0, '127.0.0.1');
  await once(secret, 'listening');
  port = (secret.address() as AddressInfo).port;
  internet = createServer(answer).listen(port, '127.0.0.2');
  await once(internet, 'listening');
});
after(async () => {
  for (const server of [secret, internet]) {
    server.closeAllConnections();
    server.close();
  }
  await dns.stop();
});

const open = (settings: Partial<SafeFetchSettings> = {}) =>
  openSafeFetch({ resolver: openResolver({ servers: [dns.address] }), plainHttp: true, timeout: 2_000, ...settings });

const isRefusal = (code: SafeFetchError['code']) => (error: unknown) =>
  error instanceof SafeFetchError && error.code === code;

test('reaches a public server by its name and brings back its answer', async () => {
  dns.setAddresses('hooks.contoso.example', ['127.0.0.2']);
  const fetch = open({ allow: OUTSIDE });
  const headers = { 'content-type': 'text/plain' };
  const response = await fetch(`http://hooks.contoso.example:${port}/notify`, {
    method: 'POST',
    headers,
    body: 'hello',
  });
  assert.equal(response.status, 200);
  assert.equal(response.body.toString(), 'hello');
  assert.equal(visits.at(-1), `127.0.0.2 POST hooks.contoso.example:${port} /notify`);
});

test('refuses every way of writing an address that is not public, and sends nothing', async () => {
  // biome-ignore format: a table
  const hosts = [
    'localhost', '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '127.0.0.1.',
    '0', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]',
    '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]', '[fd00::1]', '10.0.0.1', '172.16.0.1', '192.168.1.1',
    '169.254.169.254', '[fd00:ec2::254]', '100.64.0.1', '224.0.0.1', '255.255.255.255', '⑯⑨。②⑤④。⑯⑨。②⑤④', '１２７.０.０.１',
  ];
  dns.setAddresses('localhost', ['127.0.0.1']);
  const seen = visits.length;
  for (const host of hosts) await assert.rejects(open()(`http://${host}:${port}/`), isRefusal('refused'), host);
  assert.equal(visits.length, seen);
});

test('refuses a name that leads to an address that is not public, or to one of each', async () => {
  const table = [
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['::1'],
    ['fd00::1'],
    ['::ffff:127.0.0.1'],
    ['127.0.0.2', '127.0.0.1'],
    ['127.0.0.2', '::1'],
  ];
  const seen = visits.length;
  for (const [at, addresses] of table.entries()) {
    dns.setAddresses(`inside${at}.example`, addresses);
    await assert.rejects(
      open({ allow: OUTSIDE })(`http://inside${at}.example:${port}/`),
      isRefusal('refused'),
      addresses.join(),
    );
  }
  assert.equal(visits.length, seen);
});

test('a name that leads elsewhere when it is asked again is asked once only', async () => {
  dns.setAddresses('rebind.example', ['127.0.0.2'], ['127.0.0.1']);
  const fetch = open({ allow: OUTSIDE });
  const asked = dns.questions.length;
  const response = await fetch(`http://rebind.example:${port}/first`);
  assert.equal(response.status, 200);
  assert.equal(visits.at(-1), `127.0.0.2 GET rebind.example:${port} /first`);
  assert.deepEqual(dns.questions.slice(asked).sort(), ['A rebind.example', 'AAAA rebind.example']);
  // The next request looks again, and not at a connection kept open.
  const seen = visits.length;
  await assert.rejects(fetch(`http://rebind.example:${port}/second`), isRefusal('refused'));
  assert.equal(visits.length, seen);
});

test('a redirect is an answer and is not followed', async () => {
  const seen = visits.length;
  const response = await open({ allow: OUTSIDE })(`http://127.0.0.2:${port}/redirect`);
  assert.equal(response.status, 302);
  assert.equal(visits.length, seen + 1);
});

test('what the operator allows is reached: a network, an address, a host', async () => {
  dns.setAddresses('inside.fabrikam.example', ['127.0.0.1']);
  for (const [allow, host] of [
    ['127.0.0.0/8', 'inside.fabrikam.example'],
    ['127.0.0.1', '127.0.0.1'],
    ['inside.fabrikam.example', 'INSIDE.fabrikam.example.'],
  ] as const) {
    assert.equal((await open({ allow: [allow] })(`http://${host}:${port}/`)).status, 200, allow);
  }
  await assert.rejects(open({ allow: ['inside.fabrikam.example'] })(`http://127.0.0.1:${port}/`), isRefusal('refused'));
  for (const wrong of ['10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/x', 'http://a', '']) {
    assert.throws(() => open({ allow: [wrong] }), TypeError, wrong);
  }
});

test('an answer is bounded in size and time', async () => {
  const fetch = open({ allow: OUTSIDE, maxBytes: 100_000, timeout: 300 });
  await assert.rejects(fetch(`http://127.0.0.2:${port}/large`), isRefusal('too-large'));
  const started = performance.now();
  for (const page of ['endless', 'silent'])
    await assert.rejects(fetch(`http://127.0.0.2:${port}/${page}`), isRefusal('timeout'));
  dns.setFailure('silent.example', 'silence');
  await assert.rejects(fetch(`http://silent.example:${port}/`), isRefusal('timeout'));
  assert.ok(performance.now() - started < 2_500);
  // The server sees that nobody listens any more.
  for (let wait = 0; wait < 50 && (await openConnections()) > 0; wait++) await sleep(20);
  assert.equal(await openConnections(), 0);
});

const openConnections = () =>
  new Promise<number>((resolve) => internet.getConnections((_error, count) => resolve(count)));

test('a name that does not exist, and a server that is away, are told apart from a refusal', async () => {
  await assert.rejects(open()('http://absent.example/'), isRefusal('unresolved'));
  await assert.rejects(open({ allow: ['127.0.0.3'] })(`http://127.0.0.3:${port}/`), isRefusal('failed'));
});

test('only https is reached unless plain http is allowed, and never with a password in the address', async () => {
  const fetch = open({ plainHttp: false, allow: OUTSIDE });
  const wrong = [
    `http://127.0.0.2:${port}/`,
    'ftp://127.0.0.2/',
    'file:///etc/passwd',
    'data:,x',
    'gopher://127.0.0.2',
    'nonsense',
    '',
  ];
  for (const url of wrong) await assert.rejects(fetch(url), isRefusal('refused'), url);
  await assert.rejects(fetch(`https://ann:secret@127.0.0.2:${port}/`), isRefusal('refused'));
});

test('the certificate is held against the name, not against the address', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'entente-fetch-'));
  const tls = await openLocalTls({ folder, names: ['hooks.contoso.example'], now: new Date() });
  rmSync(folder, { recursive: true });
  const server = createTlsServer(tls, answer).listen(0, '127.0.0.2');
  await once(server, 'listening');
  try {
    const { port: tlsPort } = server.address() as AddressInfo;
    for (const name of ['hooks', 'other']) dns.setAddresses(`${name}.contoso.example`, ['127.0.0.2']);
    const fetch = open({ allow: OUTSIDE, ca: tls.ca });
    assert.equal((await fetch(`https://hooks.contoso.example:${tlsPort}/`)).status, 200);
    await assert.rejects(fetch(`https://other.contoso.example:${tlsPort}/`), isRefusal('failed'));
    await assert.rejects(open({ allow: OUTSIDE })(`https://hooks.contoso.example:${tlsPort}/`), isRefusal('failed'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('tells public addresses from the others', () => {
  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ]) {
    assert.ok(isPublic(address), address);
  }
  for (const address of [
    '',
    'localhost',
    '::ffff:8.8.8.8',
    '2001:db8::1',
    '2001::1',
    'ff02::1',
    '192.0.2.1',
    '198.18.0.1',
    '4000::1',
  ]) {
    assert.ok(!isPublic(address), address);
  }
});
