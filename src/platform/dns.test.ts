import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DnsServer } from '../../tests/support/dns-server.ts';
import { DnsError, openResolver } from './dns.ts';

let server: DnsServer;
before(async () => {
  server = await DnsServer.start();
});
after(() => server.stop());

const resolver = (timeout = 5_000) => openResolver({ servers: [server.address], timeout });
const isDnsError = (code: DnsError['code'], reason?: string) => (error: unknown) =>
  error instanceof DnsError && error.code === code && (reason === undefined || error.reason === reason);

test('reads the TXT records of a name, long ones in one piece', async () => {
  const long = `v=${'x'.repeat(600)}`;
  server.setTxt('fabrikam.example', ['entente=abc', long, 'v=spf1 -all']);
  assert.deepEqual((await resolver().txt('fabrikam.example')).sort(), ['entente=abc', 'v=spf1 -all', long].sort());
  server.setTxt('_entente.fabrikam.example', ['entente=def']);
  assert.deepEqual(await resolver().txt('_entente.Fabrikam.example'), ['entente=def']);
});

test('sees a record as soon as it is there', async () => {
  const asked = resolver();
  server.setTxt('contoso.example', []);
  assert.deepEqual(await asked.txt('contoso.example'), []);
  server.setTxt('contoso.example', ['entente=now']);
  assert.deepEqual(await asked.txt('contoso.example'), ['entente=now']);
});

test('a name that does not exist is told from a name without TXT records', async () => {
  server.setTxt('bare.example', []);
  assert.deepEqual(await resolver().txt('bare.example'), []);
  await assert.rejects(resolver().txt('absent.example'), isDnsError('no-such-name'));
});

test('a server that fails, refuses, is silent or away is told from a name that does not exist', async () => {
  server.setFailure('broken.example', 'SERVFAIL');
  await assert.rejects(resolver().txt('broken.example'), isDnsError('unavailable', 'ESERVFAIL'));
  server.setFailure('secret.example', 'REFUSED');
  await assert.rejects(resolver().txt('secret.example'), isDnsError('unavailable', 'EREFUSED'));
  server.setFailure('silent.example', 'silence');
  const started = performance.now();
  await assert.rejects(resolver(300).txt('silent.example'), isDnsError('unavailable'));
  assert.ok(performance.now() - started < 2_000);
  const away = await DnsServer.start();
  const { address } = away;
  await away.stop();
  await assert.rejects(openResolver({ servers: [address], timeout: 300 }).txt('a.example'), isDnsError('unavailable'));
});

test('one question that is given up leaves the others alone', async () => {
  server.setFailure('slow.example', 'silence');
  server.setTxt('quick.example', ['here']);
  const asked = resolver(300);
  const [slow, quick] = await Promise.allSettled([asked.txt('slow.example'), asked.txt('quick.example')]);
  assert.equal(slow.status, 'rejected');
  assert.deepEqual(quick, { status: 'fulfilled', value: ['here'] });
});

test('what is no name is never asked', async () => {
  for (const name of [
    '',
    'a..b',
    'a b',
    '-a.example',
    'ä.example',
    `${'a'.repeat(64)}.example`,
    'a.example\n',
    `${'a.'.repeat(127)}a`,
  ]) {
    const asked = server.questions.length;
    await assert.rejects(resolver().txt(name), isDnsError('bad-name'), name);
    assert.equal(server.questions.length, asked);
  }
});

test('finds the IPv4 and IPv6 addresses of a name', async () => {
  server.setAddresses('both.example', ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(await resolver().addresses('both.example'), ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(await resolver().addresses('127.0.0.1'), ['127.0.0.1']);
  await assert.rejects(resolver().addresses('absent.example'), isDnsError('no-such-name'));
  assert.ok((await openResolver().addresses('localhost')).length > 0);
});
