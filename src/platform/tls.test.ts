import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openLocalTls, readOwnTls, type Tls, TlsError } from './tls.ts';

const top = mkdtempSync(path.join(tmpdir(), 'entente-tls-'));
after(() => rmSync(top, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => path.join(top, String(++folders));

const now = new Date();
const later = (days: number) => new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
const names = ['localhost', '127.0.0.1', '::1', 'files.fabrikam.example'];

/** The answer of an HTTPS server with this certificate to a client that trusts `ca` alone. */
async function visit(tls: Tls, ca: string | undefined, host: string, servername?: string): Promise<string> {
  const server = createServer(tls, (_request, response) => response.end('welcome')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const visiting = request({ host: '127.0.0.1', port, ca, servername: servername ?? host, headers: { host } });
    visiting.end();
    const [response] = await once(visiting, 'response');
    return (await response.toArray()).join('');
  } finally {
    server.close();
  }
}

test('a client that trusts only ca.pem reaches the server under each of its names', async () => {
  const folder = freshFolder();
  const tls = await openLocalTls({ folder, names, now });
  const ca = readFileSync(path.join(folder, 'ca.pem'), 'utf8');
  assert.equal(tls.ca, ca);
  assert.equal(await visit(tls, ca, 'localhost'), 'welcome');
  assert.equal(await visit(tls, ca, 'files.fabrikam.example'), 'welcome');
  const certificate = new X509Certificate(tls.cert);
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkIP('::1'), '::1');
  await assert.rejects(visit(tls, ca, 'contoso.example'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a client that does not trust the authority refuses the server', async () => {
  const tls = await openLocalTls({ folder: freshFolder(), names, now });
  const { ca } = await openLocalTls({ folder: freshFolder(), names, now });
  await assert.rejects(visit(tls, undefined, 'localhost'), /self-signed|unable to (get|verify)/);
  await assert.rejects(visit(tls, ca, 'localhost'), /self-signed|unable to (get|verify)/);
});

test('only the owner may read the keys', { skip: process.platform === 'win32' }, async () => {
  const folder = freshFolder();
  await openLocalTls({ folder, names, now });
  assert.deepEqual(readdirSync(folder).sort(), ['ca.key', 'ca.pem', 'server.key', 'server.pem']);
  for (const key of ['ca.key', 'server.key']) assert.equal(statSync(path.join(folder, key)).mode & 0o777, 0o600);
});

test('a second start uses the same certificate', async () => {
  const folder = freshFolder();
  const first = await openLocalTls({ folder, names, now });
  assert.deepEqual(await openLocalTls({ folder, names: names.toReversed(), now: later(300) }), first);
});

test('the certificate is issued anew near its end or under other names, by the same authority', async () => {
  const folder = freshFolder();
  const first = await openLocalTls({ folder, names, now });
  const renewed = await openLocalTls({ folder, names, now: later(380) });
  assert.notEqual(renewed.cert, first.cert);
  assert.ok(new X509Certificate(renewed.cert).validToDate > later(700));
  const renamed = await openLocalTls({ folder, names: ['localhost', 'mail.fabrikam.example'], now });
  assert.equal(renamed.ca, first.ca);
  assert.equal(await visit(renamed, first.ca, 'mail.fabrikam.example'), 'welcome');
});

test('an authority that is damaged or over is replaced, and the certificate with it', async () => {
  const folder = freshFolder();
  const first = await openLocalTls({ folder, names, now });
  const over = await openLocalTls({ folder, names, now: later(3651) });
  assert.notEqual(over.ca, first.ca);
  writeFileSync(path.join(folder, 'ca.key'), 'half a fi');
  const mended = await openLocalTls({ folder, names, now });
  assert.notEqual(mended.ca, over.ca);
  assert.equal(await visit(mended, mended.ca, 'localhost'), 'welcome');
});

test("the operator's own certificate is used when its key fits", async () => {
  const [one, other] = [freshFolder(), freshFolder()];
  const tls = await openLocalTls({ folder: one, names, now });
  await openLocalTls({ folder: other, names, now });
  const file = (folder: string, name: string) => path.join(folder, name);
  const own = await readOwnTls({ key: file(one, 'server.key'), cert: file(one, 'server.pem') });
  assert.deepEqual(own, { key: tls.key, cert: tls.cert, ca: undefined });
  const unfit = { key: file(other, 'server.key'), cert: file(one, 'server.pem') };
  await assert.rejects(readOwnTls(unfit), TlsError);
  await assert.rejects(readOwnTls({ ...unfit, key: file(one, 'absent.key') }), /absent\.key' cannot be read/);
});
