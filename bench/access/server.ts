/** The benchmark's question behind HTTP: a plain fastify server in its own process, which ends with its parent. */

import fastify from 'fastify';
import { atLeast, decide } from '../../src/kernel/decision.ts';
import { generate, type Request } from './dataset.ts';
import { reachItem, snapshotOf } from './item-question.ts';

const snapshot = snapshotOf(generate());
const app = fastify();

app.post<{ Body: Request }>('/decide', async ({ body }) => {
  const decision = decide(reachItem, await reachItem.facts(snapshot, body));
  return { allowed: atLeast(decision, body.action), level: decision.level, because: decision.because };
});

process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
process.once('disconnect', () => process.exit());
