import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A cold start creates the database; on a busy machine that takes a while. */
const START_MS = 180_000;

/** `node src/main.ts` in a process of its own, on free ports, with its own data folder and its own database. */
export class ServerProcess {
  origin = '';
  readonly data: string;
  #child: ChildProcess | undefined;

  readonly #more: readonly string[];

  private constructor(data: string, more: readonly string[]) {
    this.data = data;
    this.#more = more;
  }

  /** `more` are further settings of the server, as flags. */
  static async create(...more: string[]): Promise<ServerProcess> {
    return new ServerProcess(await mkdtemp(join(tmpdir(), 'entente-process-')), more);
  }

  /** Starts, and returns how long it took until requests are served. @throws with what it said when it ends instead. */
  async start(): Promise<{ seconds: number }> {
    const began = performance.now();
    const args = [
      'src/main.ts',
      '--data',
      this.data,
      '--port',
      '0',
      '--https-port',
      '0',
      '--log-level',
      'error',
      ...this.#more,
    ];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    const said: string[] = [];
    const ready = new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
        said.push(line);
        const address = /Entente is ready: (\S+)/.exec(line)?.[1];
        if (address) resolve(address);
      });
      child.once('exit', (code, signal) => reject(new Error(`It ended with ${code ?? signal}:\n${said.join('\n')}`)));
      setTimeout(() => reject(new Error(`It did not start:\n${said.join('\n')}`)), START_MS).unref();
    });
    // What happens to it once it serves is the test's business.
    ready.catch(() => {});
    this.origin = await ready;
    return { seconds: (performance.now() - began) / 1000 };
  }

  /** Ends it as a power failure would: no signal that it could answer to. With `database`, PostgreSQL dies too. */
  async kill(options: { database: boolean }): Promise<void> {
    const child = this.#child as ChildProcess;
    const ended = once(child, 'exit');
    const postmaster = this.postmasterPid();
    child.kill('SIGKILL');
    if (options.database) process.kill(postmaster, 'SIGKILL');
    await ended;
  }

  /** Ends it as an operator would, and removes its data. Returns its exit code: 1 when the stop was cut short. */
  async end(): Promise<number | null> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await rm(this.data, { recursive: true, force: true });
    return child?.exitCode ?? null;
  }

  /** The operator's token, good on this machine alone. */
  async operatorToken(): Promise<string> {
    return (await readFile(join(this.data, 'operator.token'), 'utf8')).trim();
  }

  postmasterPid(): number {
    return Number(this.#postmaster()[0]);
  }

  /** The database behind the server's back, as its superuser. */
  async database(): Promise<pg.Client> {
    const { postgres } = JSON.parse(readFileSync(join(this.data, 'postgres', 'passwords.json'), 'utf8'));
    const port = this.#postmaster()[3];
    const client = new pg.Client({ connectionString: `postgres://postgres:${postgres}@127.0.0.1:${port}/entente` });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Lines of PostgreSQL's own lock file: process, folder, start, port … */
  #postmaster(): string[] {
    return readFileSync(join(this.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n');
  }
}
