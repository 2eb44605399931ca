import { Logger, parseCronItems, type Runner, run, type TaskList } from 'graphile-worker';
import { sql } from 'kysely';
import pg from 'pg';
import type { DeferOptions, Tx } from '../kernel/context.ts';
import { sqlOf } from './database/index.ts';
import type { Log } from './log.ts';

/** Adds a job in the open transaction: it exists exactly when the transaction commits. */
export async function addJob(
  tx: Tx,
  job: string,
  payload: Readonly<Record<string, unknown>>,
  options: DeferOptions & { queue?: string } = {},
): Promise<void> {
  await sql`select platform.add_job(${job}, ${JSON.stringify(payload)}::json, ${options.runAt ?? null}::timestamptz,
    ${options.maxAttempts ?? 12}::int, ${options.key ?? null}::text, ${options.queue ?? null}::text)`.execute(
    sqlOf({ tx }),
  );
}

export interface JobRunner {
  stop(): Promise<void>;
}

export interface RunnableJob {
  readonly name: string;
  run(payload: Record<string, unknown>): Promise<void>;
}

/**
 * Runs jobs until stopped. A job that throws is tried again with growing pauses; one that was running when the process
 * died is picked up after its lock expires or by the next start.
 */
export async function runJobs(options: {
  adminUrl: string;
  jobs: readonly RunnableJob[];
  cron: readonly { name: string; match: string }[];
  concurrency: number;
  log: Log;
}): Promise<JobRunner> {
  const taskList: TaskList = {};
  for (const job of options.jobs) {
    taskList[job.name] = async (payload) => {
      await job.run(payload as Record<string, unknown>);
    };
  }
  const pool = new pg.Pool({ connectionString: options.adminUrl, max: options.concurrency + 2 });
  const lost = (error: Error) => options.log.warn({ err: error }, 'the job queue lost a connection');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  const runner: Runner = await run({
    pgPool: pool,
    taskList,
    parsedCronItems: parseCronItems(
      options.cron.map(({ name, match }) => ({ task: name, match, options: { backfillPeriod: 0 } })),
    ),
    concurrency: options.concurrency,
    noHandleSignals: true,
    pollInterval: 1000,
    logger: new Logger(() => (level, message) => {
      if (level === 'error') options.log.error({ message }, 'job queue');
      else if (level === 'warning') options.log.warn({ message }, 'job queue');
      else options.log.debug({ message }, 'job queue');
    }),
  });
  return {
    async stop() {
      await runner.stop();
      await pool.end();
    },
  };
}
