import { X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import { HOST } from '../kernel/ids.ts';
import type { BlobStore } from '../platform/blobs/index.ts';
import { announce, type Bus } from '../platform/bus.ts';
import { type Database, sqlOf } from '../platform/database/index.ts';
import type { HealthPart } from '../tenants/index.ts';

const DAY = 86_400_000;
const GIGABYTE = 2 ** 30;
/** How long a wait in the queue, in milliseconds, is no reason to look. */
const PATIENCE = 10 * 60_000;
const PROBE = 'operator.health-probe';

export interface HealthSources {
  readonly database: Database;
  readonly bus: Bus;
  readonly blobs: BlobStore;
  /** Folder whose disk holds the data. */
  readonly data: string;
  /** The certificate served over HTTPS, in PEM; undefined before there is one. */
  readonly certificate: () => string | undefined;
}

/** How the server is, each part seen by using it. A part that cannot be seen has failed, and says why. */
export const serverHealth =
  (sources: HealthSources) =>
  async (ctx: Context): Promise<readonly HealthPart[]> => [
    await seen('database', () => databaseHealth(ctx, sources.database)),
    ...(await queueHealth(ctx)),
    await seen('live updates', () => busHealth(sources)),
    await seen('certificate', async () => certificateHealth(sources.certificate(), ctx.now)),
    await seen('files', () => blobHealth(sources.blobs)),
    await seen('disk', () => diskHealth(sources.data)),
  ];

async function databaseHealth(ctx: Context, { pool }: Database): Promise<Omit<HealthPart, 'name'>> {
  const started = performance.now();
  const { rows } = await sql<{ version: string; bytes: number }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`.execute(
    sqlOf(ctx),
  );
  const milliseconds = Math.round(performance.now() - started);
  return {
    state: pool.waiting > 0 ? 'warning' : 'ok',
    sentence: pool.waiting > 0 ? `${pool.waiting} requests wait for a connection.` : 'It answers.',
    facts: { version: rows[0]?.version, bytes: rows[0]?.bytes, milliseconds, pool: { ...pool } },
  };
}

/** The queue as a whole, and the mail in it. */
async function queueHealth(ctx: Context): Promise<HealthPart[]> {
  const { rows } = await sql<{ task: string; waiting: number; failed: number; oldest: Date | null }>`
    select task, waiting, failed, oldest from platform.job_counts()`.execute(sqlOf(ctx));
  const part = (name: string, of: typeof rows): HealthPart => {
    const waiting = of.reduce((sum, row) => sum + row.waiting, 0);
    const failed = of.reduce((sum, row) => sum + row.failed, 0);
    const oldest = Math.min(...of.flatMap((row) => (row.oldest ? [row.oldest.getTime()] : [])));
    const isLate = Date.now() - oldest > PATIENCE;
    return {
      name,
      state: failed > 0 || isLate ? 'warning' : 'ok',
      sentence: failed > 0 ? `${failed} were given up.` : isLate ? 'The oldest waits for long.' : `${waiting} wait.`,
      facts: { waiting, failed, oldest: Number.isFinite(oldest) ? new Date(oldest) : null },
    };
  };
  return [
    part('jobs', rows),
    part(
      'mail',
      rows.filter((row) => /(^|[.:-])mail/.test(row.task)),
    ),
  ];
}

/** Keeps a few bytes, reads them again and removes them. */
async function blobHealth(blobs: BlobStore): Promise<Omit<HealthPart, 'name'>> {
  const started = performance.now();
  const key = `health/${crypto.randomUUID()}`;
  await blobs.put(key, Readable.from(['probe']));
  const read = await text(await blobs.get(key));
  await blobs.delete(key);
  if (read !== 'probe') throw new Error('What was kept is not what was read.');
  const milliseconds = Math.round(performance.now() - started);
  return { state: 'ok', sentence: 'They can be kept and read.', facts: { milliseconds } };
}

/** Says something and waits to hear it. */
async function busHealth({ bus, database }: HealthSources): Promise<Omit<HealthPart, 'name'>> {
  const started = performance.now();
  const word = crypto.randomUUID();
  let stop = () => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    const heard = new Promise<void>((resolve, reject) => {
      timer = setTimeout(reject, 2_000, new Error('nothing was heard for two seconds'));
      stop = bus.on(PROBE, ({ payload }) => payload.word === word && resolve());
    });
    const announcement = { topic: PROBE, tenantId: HOST, payload: { word } };
    await Promise.all([heard, database.outside((tx) => announce(tx, announcement))]);
    return {
      state: 'ok',
      sentence: 'What is said is heard.',
      facts: { milliseconds: Math.round(performance.now() - started) },
    };
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function certificateHealth(pem: string | undefined, now: Date): Omit<HealthPart, 'name'> {
  if (pem === undefined) return { state: 'warning', sentence: 'There is no certificate.', facts: {} };
  const { validTo, subject, issuer } = new X509Certificate(pem);
  const days = Math.floor((Date.parse(validTo) - now.getTime()) / DAY);
  return {
    state: days < 0 ? 'failed' : days < 14 ? 'warning' : 'ok',
    sentence: days < 0 ? 'It has expired.' : `It is good for ${days} days.`,
    facts: { validTo: new Date(validTo), subject, issuer },
  };
}

async function diskHealth(folder: string): Promise<Omit<HealthPart, 'name'>> {
  const disk = await statfs(folder);
  const [free, total] = [disk.bavail * disk.bsize, disk.blocks * disk.bsize];
  const isShort = free < GIGABYTE || free < total / 20;
  return {
    state: isShort ? 'warning' : 'ok',
    sentence: `${Math.floor(free / GIGABYTE)} GB are free.`,
    facts: { freeBytes: free, totalBytes: total },
  };
}

async function seen(name: string, look: () => Promise<Omit<HealthPart, 'name'>>): Promise<HealthPart> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, state: 'failed', sentence: (error as Error).message, facts: {} };
  }
}
