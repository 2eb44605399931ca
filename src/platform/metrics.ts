import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from './database/index.ts';

export interface Metrics {
  readonly registry: Registry;
  answered(answer: { method: string; path: string; status: number; seconds: number }): void;
  job(name: string, outcome: 'done' | 'failed', seconds: number): void;
}

/** What the server tells Prometheus. Labels are route patterns and names, never ids: their number stays bounded. */
export function createMetrics(database: Database): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'entente_http_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'path', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const jobs = new Histogram({
    name: 'entente_job_seconds',
    help: 'Time a background job ran.',
    labelNames: ['job', 'outcome'],
    buckets: [0.01, 0.1, 1, 10, 60],
    registers: [registry],
  });
  new Gauge({
    name: 'entente_database_connections',
    help: 'Database connections by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { total, idle, waiting } = database.pool;
      this.set({ state: 'used' }, total - idle);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waited-for' }, waiting);
    },
  });
  return {
    registry,
    answered: ({ method, path, status, seconds }) =>
      requests.observe({ method, path, status: String(status) }, seconds),
    job: (job, outcome, seconds) => jobs.observe({ job, outcome }, seconds),
  };
}
