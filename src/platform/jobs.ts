import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, parseCronItems, type Runner, run, runMigrations, type TaskList } from 'graphile-worker';
import { sql } from 'kysely';
import pg from 'pg';
import type { DeferOptions, Tx } from '../kernel/context.ts';
import { sqlOf } from './database/index.ts';
import type { Log } from './log.ts';
import { endsWithin } from './patience.ts';

/** Adds a job in the open transaction: it exists exactly when the transaction commits. */
export async function addJob(
  tx: Tx,
  job: string,
  payload: Readonly<Record<string, unknown>>,
  options: DeferOptions = {},
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

/** Held shared by every process that runs jobs, so that one which starts knows whether others are at work. */
const AT_WORK = 7_163_003;
const PAUSE_MS = 1_000;
/** A server that takes a connection and says nothing is away, too. */
const CONNECT_MS = 10_000;
/** How long a stop waits for the jobs that run, unless told otherwise; in milliseconds. */
const STOP_MS = 10_000;

/**
 * Runs jobs until stopped. A job that throws is tried again with growing pauses. When the database goes away the runner
 * begins anew once it is back, as often as it takes. What a process that died was working on is free again as soon as
 * no other process is at work, and else after the queue's own four hours.
 */
export async function runJobs(options: {
  adminUrl: string;
  jobs: readonly RunnableJob[];
  cron: readonly { name: string; match: string }[];
  concurrency: number;
  log: Log;
  /** How long a stop waits for the jobs that run, in milliseconds. */
  patienceMs?: number;
}): Promise<JobRunner> {
  const taskList: TaskList = {};
  for (const job of options.jobs) {
    taskList[job.name] = async (payload) => {
      await job.run(payload as Record<string, unknown>);
    };
  }
  const pool = new pg.Pool({
    connectionString: options.adminUrl,
    max: options.concurrency + 2,
    connectionTimeoutMillis: CONNECT_MS,
  });
  const lost = (error: unknown) => options.log.warn({ err: error }, 'the job queue lost the database');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));

  async function begin(): Promise<{ runner: Runner; presence: pg.Client }> {
    await runMigrations({ pgPool: pool });
    const presence = await announcePresence(options.adminUrl, lost);
    try {
      const runner = await run({
        pgPool: pool,
        // Without batching, what goes wrong while an outcome is written is nobody's to catch, and ends the process.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        taskList,
        parsedCronItems: parseCronItems(
          options.cron.map(({ name, match }) => ({ task: name, match, options: { backfillPeriod: 0 } })),
        ),
        concurrency: options.concurrency,
        noHandleSignals: true,
        pollInterval: 1000,
        logger: loggerFor(options.log),
      });
      return { runner, presence };
    } catch (error) {
      await presence.end().catch(lost);
      throw error;
    }
  }

  let isStopping = false;
  let current = await begin();
  const kept = (async () => {
    for (;;) {
      await current.runner.promise.catch(lost);
      await current.presence.end().catch(lost);
      let next: typeof current | undefined;
      while (!next) {
        if (isStopping) return;
        await sleep(PAUSE_MS);
        next = await begin().catch((error) => void lost(error));
      }
      current = next;
      if (isStopping) await current.runner.stop().catch(lost);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      const stopped = (async () => {
        await current.runner.stop().catch(lost);
        await kept;
        await pool.end();
      })();
      // A job that hangs, or a connection that died unnoticed, does not keep the server: the job is run again later.
      const isLate = !(await endsWithin(options.patienceMs ?? STOP_MS, stopped));
      if (isLate) options.log.warn('jobs were still running when the server stopped; they are run again');
    },
  };
}

/**
 * Takes a share in the lock that says "somebody runs jobs". Whoever finds nobody else there frees the jobs that a
 * process took with it when it died.
 */
async function announcePresence(adminUrl: string, lost: (error: unknown) => void): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', lost);
  await client.connect();
  try {
    const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [AT_WORK]);
    if (rows[0]?.alone) {
      await client.query(`
        with queues as (update graphile_worker._private_job_queues set locked_at = null, locked_by = null where locked_by is not null)
        update graphile_worker._private_jobs set locked_at = null, locked_by = null where locked_by is not null`);
    }
    await client.query('select pg_advisory_lock_shared($1)', [AT_WORK]);
    if (rows[0]?.alone) await client.query('select pg_advisory_unlock($1)', [AT_WORK]);
    return client;
  } catch (error) {
    await client.end().catch(lost);
    throw error;
  }
}

const loggerFor = (log: Log) =>
  new Logger(() => (level, message) => {
    if (level === 'error') log.error({ message }, 'job queue');
    else if (level === 'warning') log.warn({ message }, 'job queue');
    else log.debug({ message }, 'job queue');
  });
