import 'reflect-metadata';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { openReach, ReachError } from './reach.ts';

const reach = (ca = '') => openReach({ resolver: { addresses: async () => [] }, ca });
const failing = (failure: string) => (error: unknown) => error instanceof ReachError && error.failure === failure;

test('an address that the network cannot reach is told from one where nothing listens', async () => {
  // Nobody is connected to at the address of everybody (RFC 919 §7).
  await assert.rejects(reach().connect('255.255.255.255', 9, 5_000), failing('connection-failed'));
  await assert.rejects(reach().connect('127.0.0.1', 1, 5_000), failing('connection-refused'));
});

test('a certificate that is trusted and not meant for a server does not hold', async () => {
  const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=somebody',
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: curve,
    keys,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'contoso.example' }]),
    ],
  });
  const cert = made.toString('pem');
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const server = createServer({ key, cert }).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const socket = await reach().connect('127.0.0.1', port, 5_000);
    await assert.rejects(reach(cert).greet(socket, 'contoso.example', 5_000), failing('certificate-bad'));
  } finally {
    server.close();
  }
});
