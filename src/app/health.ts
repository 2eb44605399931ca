import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { kernelFaults } from '../kernel/fault.ts';
import type { Database } from '../platform/database/index.ts';
import { sqlOf } from '../platform/database/index.ts';
import { isFromThisMachine } from '../platform/http/near.ts';
import { Reply, type Route, route } from '../platform/http/route.ts';
import type { Metrics } from '../platform/metrics.ts';

/** For balancers and Prometheus. They say nothing of tenants. */
export function healthRoutes(ports: {
  database: Database;
  metrics: Metrics;
  /** Opens the metrics to other machines. */
  token: string | undefined;
}): readonly Route[] {
  const open = { wire: 'problem', transaction: 'none', tags: ['health'] } as const;
  return [
    route({
      ...open,
      method: 'GET',
      path: '/health/live',
      summary: 'Whether the process runs.',
      access: { public: 'A balancer asks it without a credential; the answer says nothing.' },
      handle: async () => ({ status: 'live' }),
    }),
    route({
      ...open,
      method: 'GET',
      path: '/health/ready',
      summary: 'Whether requests can be served: 200, or 503 while the database is away.',
      access: { public: 'A balancer asks it without a credential; the answer says nothing.' },
      handle: async () => {
        await ports.database.outside((tx) => sql`select 1`.execute(sqlOf({ tx })));
        return { status: 'ready' };
      },
    }),
    route({
      ...open,
      method: 'GET',
      path: '/metrics',
      summary: 'Counters and timings in the Prometheus text format.',
      access: {
        public: 'Monitors have no account: it answers this machine, and elsewhere whoever shows its own token.',
      },
      readsOwnCredential: true,
      async handle(_ctx, { raw }) {
        // A credential that is shown is a good one, wherever it is shown.
        const isOpen = raw.headers.authorization === undefined ? isFromThisMachine(raw) : showsToken(raw, ports.token);
        if (!isOpen) throw kernelFaults.unauthenticated();
        const { registry } = ports.metrics;
        return new Reply(200, await registry.metrics(), { 'content-type': registry.contentType });
      },
    }),
  ];
}

/** Compared by hash: equal lengths, and nothing learned from how long it takes. */
function showsToken(request: FastifyRequest, token: string | undefined): boolean {
  const sha256 = (text: string) => createHash('sha256').update(text).digest();
  const shown = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return token !== undefined && shown !== undefined && timingSafeEqual(sha256(shown), sha256(token));
}
