import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { drive } from './drive.ts';

test('the driver refuses every address that is not this machine', async () => {
  for (const url of [
    'http://192.0.2.1/',
    'http://localhost.example/',
    'https://127.0.0.1/',
    'http://127.0.0.1.example/',
  ]) {
    await assert.rejects(drive({ url }), RangeError);
  }
});

test('the driver counts answers and refusals, and hands each answer to its check', async (t) => {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const answer = Buffer.from(`å${body}`);
    response.writeHead(body === '3' ? 403 : 200, { 'content-length': answer.length }).end(answer);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const seen: string[] = [];
  const driven = await drive({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connections: 4,
    requests: 50,
    body: (n) => `${n}`,
    check: (n, _, body) => {
      seen[n] = body;
    },
  });
  assert.equal(driven.requests, 50);
  assert.equal(driven.refused, 1);
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, n) => `å${n}`),
  );
});
