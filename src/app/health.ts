import { sql } from 'kysely';
import type { Database } from '../platform/database/index.ts';
import { sqlOf } from '../platform/database/index.ts';
import { Reply, type Route, route } from '../platform/http/route.ts';
import type { Metrics } from '../platform/metrics.ts';

/** For balancers and Prometheus. They say nothing of tenants. */
export function healthRoutes(ports: { database: Database; metrics: Metrics }): readonly Route[] {
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
      access: { public: 'Carries route patterns and counts, no names and no ids.' },
      handle: async () =>
        new Reply(200, await ports.metrics.registry.metrics(), { 'content-type': ports.metrics.registry.contentType }),
    }),
  ];
}
