import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from '../../tests/support/server-process.ts';

const MEGABYTE = 2 ** 20;
/** What a file system for this must hold, and what it may at most: it is filled to its last byte. */
const ROOM = { least: 150 * MEGABYTE, most: 2048 * MEGABYTE };
const WORKERS = 8;
const PATIENCE_MS = 60_000;

export interface FullDisk {
  readonly phase: 'room' | 'full' | 'no room for the log' | 'room again';
  /** Answers to writes, by status and fault. */
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** What a mere read answers then. */
  readonly read: number;
}

/**
 * A server whose data folder lies in `folder`, a file system of its own, that is filled up while groups are written:
 * first the files of the database, then its log as well. Nothing acknowledged may be missing once there is room again.
 */
export async function fillDisk(folder: string) {
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize;
  if (room < ROOM.least || room > ROOM.most) {
    throw new Error(`${folder} has ${Math.round(room / MEGABYTE)} MiB free; give it a file system of 150 to 2048.`);
  }
  process.env.TMPDIR = folder;
  const server = await ServerProcess.create('--demo');
  const ballast = join(folder, 'ballast');
  const phases: FullDisk[] = [];
  const acknowledged: string[] = [];
  let asked = 0;
  try {
    await server.start();
    const ann = await signIn(server);
    const write = async () => {
      asked += 1;
      const name = `g${asked}`;
      const answer = await ann('POST', '/v1.0/groups', {
        displayName: name,
        mailNickname: name,
        mailEnabled: false,
        securityEnabled: true,
        description: 'x'.repeat(900),
      });
      if (answer.status === 201) acknowledged.push(answer.body.id as string);
      return answer;
    };
    const press = async (phase: FullDisk['phase'], requests: number) => {
      const answers: Record<string, number> = {};
      let slowestMs = 0;
      const work = async () => {
        for (let n = 0; n < requests / WORKERS; n += 1) {
          const began = performance.now();
          const { status, body } = await write();
          slowestMs = Math.max(slowestMs, Math.round(performance.now() - began));
          const seen = `${status} ${body.error?.innerError?.code ?? ''}`.trim();
          answers[seen] = (answers[seen] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, work));
      phases.push({ phase, answers, slowestMs, read: (await ann('GET', '/v1.0/me')).status });
    };

    await press('room', 160);
    fill(ballast);
    await press('full', 800);
    await askForLog(server);
    await press('no room for the log', 160);
    rmSync(ballast);
    const began = performance.now();
    while ((await write()).status !== 201) {
      if (performance.now() - began > PATIENCE_MS) throw new Error('It did not recover.');
      await sleep(100);
    }
    const recoverySeconds = Number(((performance.now() - began) / 1000).toFixed(1));
    await press('room again', 160);
    const losses: string[] = [];
    for (const id of acknowledged) {
      if ((await ann('GET', `/v1.0/groups/${id}?$select=id`)).status !== 200) losses.push(id);
    }
    return { phases, acknowledged: acknowledged.length, losses: losses.length, recoverySeconds };
  } finally {
    rmSync(ballast, { force: true });
    await server.end();
  }
}

/** Calls as Ann of Fabrikam. No answer at all is status 0. */
async function signIn(server: ServerProcess) {
  const ask = async (bearer: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: what the server wrote, read where it is expected.
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as any };
  };
  const person = { tenant: 'fabrikam.example', user: 'ann@fabrikam.example', minutes: 60 };
  const minted = await ask(await server.operatorToken(), 'POST', '/operator/demo/token', person);
  const token = (minted.body.token ?? minted.body.access_token) as string;
  return (method: string, path: string, body?: unknown) =>
    ask(token, method, path, body).catch(() => ({ status: 0, body: {} as never }));
}

/** Writes until nothing fits any more. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  for (const size of [MEGABYTE, 4096]) {
    const bytes = Buffer.alloc(size, 1);
    try {
      for (;;) writeSync(handle, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(handle);
}

/** Makes PostgreSQL want new segments of its log, of which it keeps a few ready; without room it ends, by design. */
async function askForLog(server: ServerProcess): Promise<void> {
  const client = await server.database();
  try {
    for (let n = 0; n < 40; n += 1) {
      await client.query('select pg_switch_wal()');
      await client.query(`select pg_logical_emit_message(true, 'bench', 'a segment begins with a record')`);
    }
    throw new Error('The log still has room.');
  } catch (error) {
    if (!/No space left|terminat|closed|crash/i.test((error as Error).message)) throw error;
  } finally {
    await client.end().catch(() => {});
  }
}
