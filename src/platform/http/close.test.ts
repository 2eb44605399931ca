import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { get as getTls, Agent as TlsAgent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '../log.ts';
import { openLocalTls } from '../tls.ts';
import { route } from './route.ts';
import { createHttpServer } from './server.ts';

/** A server of one route that answers when it is told to, over HTTP and HTTPS. */
async function slowServer(t: { after(act: () => Promise<void>): void }, patienceMs?: number) {
  const folder = await mkdtemp(join(tmpdir(), 'entente-close-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { promise: told, resolve: answer } = Promise.withResolvers<void>();
  const slow = route({
    method: 'GET',
    path: '/slow',
    summary: 'Answers when it is told to.',
    wire: 'problem',
    access: { public: 'A test.' },
    transaction: 'none',
    async handle() {
      await told;
      return { done: true };
    },
  });
  const ports = {
    authenticate: async () => undefined,
    open: async (_work: unknown, act: (ctx: never) => Promise<unknown>) => ({
      result: await act({} as never),
      asked: 0,
    }),
    now: () => new Date(),
    log: createLog('silent'),
    onAnswered: () => {},
  };
  const tls = { ...(await openLocalTls({ folder, names: ['localhost'], now: new Date() })), port: 0 };
  const place = { host: '127.0.0.1', port: 0, tls, trustProxy: false };
  const server = createHttpServer([slow], ports as never, { ...place, ...(patienceMs ? { patienceMs } : {}) });
  const { port, httpsPort } = await server.listen();
  const agents = [
    new Agent({ keepAlive: true }),
    new TlsAgent({ keepAlive: true, rejectUnauthorized: false }),
  ] as const;
  t.after(async () => {
    for (const agent of agents) agent.destroy();
  });
  const ask = (isTls: boolean) =>
    new Promise<number>((resolve, reject) => {
      const [address, agent] = isTls
        ? [`https://127.0.0.1:${httpsPort}/slow`, agents[1]]
        : [`http://127.0.0.1:${port}/slow`, agents[0]];
      (isTls ? getTls : get)(address, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      }).once('error', reject);
    });
  return { server, ask, answer };
}

async function secondsOf(act: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act;
  return (performance.now() - began) / 1000;
}

for (const isTls of [false, true]) {
  test(`a request in work is answered, and its ${isTls ? 'HTTPS' : 'HTTP'} connection then holds nothing up`, async (t) => {
    const { server, ask, answer } = await slowServer(t);
    const asked = ask(isTls);
    await pause(200);
    const closing = secondsOf(server.close());
    await pause(200);
    answer();
    assert.equal(await asked, 200);
    assert.ok((await closing) < 3, 'closed at once');
  });
}

test('a request that does not end is cut off', async (t) => {
  const { server, ask } = await slowServer(t, 300);
  const asked = assert.rejects(ask(false), /socket hang up|ECONNRESET/);
  await pause(200);
  assert.ok((await secondsOf(server.close())) < 3);
  await asked;
});
