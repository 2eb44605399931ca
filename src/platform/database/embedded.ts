/** Runs a PostgreSQL of our own in a data folder, for everyone who has not set up a database server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeLiteral } from 'pg';
import { findPostgres, type PostgresPrograms } from './embedded-command.ts';
import { claimFolder, processBirth } from './folder-owner.ts';

export interface EmbeddedPostgres {
  /** Database `entente` as the role `entente`: owns it, may create roles, is no superuser (like a hosted database). */
  url: string;
  /** Database `postgres` as the superuser. */
  adminUrl: string;
  /** Shuts down fast and cleanly, and gives the folder back. May be called more than once. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where cluster, passwords and the owner's mark live; made when it does not exist. */
  folder: string;
  /** Takes each line that PostgreSQL or this launcher has to say. */
  log?: ((line: string) => void) | undefined;
  /** TCP port on 127.0.0.1; a free one when absent. */
  port?: number | undefined;
}

interface Passwords {
  postgres: string;
  entente: string;
}

/** Milliseconds a shutdown may take before PostgreSQL is told to abort its connections and recover at the next start. */
const PATIENCE_MS = 30_000;

/** What differs from PostgreSQL's defaults, fitted to a small machine. Durability is never among it. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  random_page_cost: '1.1', // solid state disks
  jit: 'off', // our statements are short
  autovacuum_naptime: '10s', // what was planned for an empty table is planned anew once it has grown
  fsync: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  cluster_name: 'entente',
};

/**
 * Starts PostgreSQL in `folder` and makes the cluster, the role and the database `entente` when they are missing.
 * A server that a crashed predecessor left behind is stopped first. One that dies is started again on the same port.
 * When this process ends, by itself or by a signal nobody else handles, the server shuts down too.
 * Throws with a sentence for the operator when the folder is another live process's or PostgreSQL does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const folder = realpathSync(options.folder);
  const cluster = path.join(folder, 'cluster');
  const release = await claimFolder(folder);
  try {
    const programs = findPostgres(folder, cluster);
    await endPredecessor(cluster, log);
    const passwords = openPasswords(folder, existsSync(cluster));
    if (existsSync(cluster)) programs.handOver(cluster);
    else await createCluster(folder, cluster, programs, passwords);

    const server = await superviseServer({ cluster, programs, log, port: options.port });
    const url = (user: keyof Passwords, database: string) =>
      `postgres://${user}:${passwords[user]}@127.0.0.1:${server.port}/${database}`;
    const postgres: EmbeddedPostgres = {
      url: url('entente', 'entente'),
      adminUrl: url('postgres', 'postgres'),
      stop: async () => {
        await server.stop();
        release();
      },
    };
    try {
      await createDatabase(postgres.adminUrl, passwords);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return postgres;
  } catch (error) {
    release();
    throw error;
  }
}

/** Reads the folder's passwords; invents them for a new cluster. Base64url needs no escaping in a URL. */
function openPasswords(folder: string, clusterExists: boolean): Passwords {
  const file = path.join(folder, 'passwords.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  if (clusterExists)
    throw new Error(
      `${file} is missing: without it the database beside it cannot be opened. Restore it from a backup.`,
    );
  const passwords = {
    postgres: randomBytes(24).toString('base64url'),
    entente: randomBytes(24).toString('base64url'),
  };
  writeFileSync(`${file}.new`, JSON.stringify(passwords), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return passwords;
}

/** Makes an empty cluster. It gets its name when it is complete, so a crash never leaves half of one. */
async function createCluster(folder: string, cluster: string, programs: PostgresPrograms, passwords: Passwords) {
  for (const name of readdirSync(folder))
    if (name.startsWith('cluster.new')) rmSync(path.join(folder, name), { recursive: true });
  const draft = path.join(folder, `cluster.new-${process.pid}`);
  const passwordFile = path.join(folder, 'superuser');
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, passwords.postgres, { mode: 0o600 });
  programs.handOver(draft);
  try {
    // The built-in locale sorts by code point and folds case by Unicode on every platform alike; ICU collations
    // ("sv-x-icu") stand beside it for lists that people read.
    await run(
      programs,
      programs.command('initdb', [
        ...['--pgdata', draft, '--username=postgres', '--pwfile', passwordFile, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
        ...['--no-instructions', '--set', 'log_timezone=UTC', '--set', 'timezone=UTC'],
      ]),
    );
    renameSync(draft, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Runs a program to its end. Throws with what it said when it fails. */
async function run(programs: PostgresPrograms, [program, args]: [string, string[]]): Promise<void> {
  const child = spawn(program, args, { env: programs.env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`PostgreSQL could not prepare its data folder: ${said.trim()}`);
}

/**
 * Stops the server that a killed predecessor left running in this cluster, and clears up a postmaster.pid that names a
 * process which is no PostgreSQL of ours: PostgreSQL would take any live process for one of its own.
 */
async function endPredecessor(cluster: string, log: (line: string) => void): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const pid = Math.abs(Number(first));
  if (!pid || !isAlive(pid)) return; // PostgreSQL itself recognises this
  if (!isServerOf(pid, cluster)) {
    // With our number in it, PostgreSQL sees the file of its own parent and goes on to its next check (shared memory
    // still in use by orphaned connections), which removing the file would switch off.
    writeFileSync(file, [String(process.pid), ...rest].join('\n'));
    return;
  }
  log(`stopping the PostgreSQL (process ${pid}) that an earlier run left behind`);
  const birth = processBirth(pid);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50))
      if (processBirth(pid) !== birth) return;
  }
  throw new Error(`A PostgreSQL of an earlier run (process ${pid}) does not stop. End it, then start again.`);
}

/** Like PostgreSQL's own test: a process that is dead but not yet collected counts as alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isServerOf(pid: number, cluster: string): boolean {
  if (processBirth(pid) === undefined) return false;
  if (process.platform !== 'linux') return true; // no sure way to tell: stopping it is refused if it is not ours
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)) return true;
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return false;
  }
}

interface ServerPlace {
  cluster: string;
  programs: PostgresPrograms;
  log: (line: string) => void;
  port: number | undefined;
}

/** Keeps one server running until it is stopped. */
async function superviseServer(place: ServerPlace): Promise<{ port: number; stop(): Promise<void> }> {
  const wanted = new AbortController();
  const { port, child: first } = await launch(place);
  let child: ChildProcess | undefined = first;
  let stopped: Promise<void> | undefined;
  const end = () => child?.kill('SIGINT');

  const kept = (async () => {
    for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, 30_000)) {
      if (child) {
        await hasEnded(child);
        if (wanted.signal.aborted) return;
        place.log('PostgreSQL ended unexpectedly; starting it again');
        pauseMs = 500;
        child = undefined;
      }
      await sleep(pauseMs, undefined, { signal: wanted.signal }).catch(() => {});
      if (wanted.signal.aborted) return;
      try {
        ({ child } = await launch({ ...place, port }));
      } catch (error) {
        place.log(`PostgreSQL could not be started again: ${(error as Error).message}`);
      }
      if (wanted.signal.aborted) end();
    }
  })();

  const stop = () => {
    stopped ??= (async () => {
      wanted.abort();
      if (process.platform === 'win32') {
        // There a signal would end the server without warning.
        await run(place.programs, place.programs.command('pg_ctl', ['stop', '-D', place.cluster, '-m', 'fast', '-w']));
      } else end();
      const impatient = setTimeout(() => {
        place.log('PostgreSQL does not stop; aborting it');
        child?.kill('SIGQUIT');
      }, PATIENCE_MS);
      await kept;
      clearTimeout(impatient);
      guarded.delete(guard);
      if (guarded.size === 0) unguardExit();
    })();
    return stopped;
  };
  const guard = { end, stop };
  if (guarded.size === 0) guardExit();
  guarded.add(guard);
  return { port, stop };
}

/** Starts the server and resolves when it accepts connections. */
async function launch(place: ServerPlace): Promise<{ port: number; child: ChildProcess }> {
  const patience = Date.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    const port = place.port ?? (await freePort());
    const said: string[] = [];
    const child = spawnServer(place, port, said);
    if (await isReady(child, said)) return { port, child };

    const words = said.join('\n');
    const portWasTaken = /Address already in use|could not create any TCP\/IP sockets/.test(words);
    // Connections of a server that was killed notice its death within moments and let go of its memory.
    const remainsOfTheDead = /still in use|lock file .* already exists/.test(words);
    if (portWasTaken && place.port === undefined && attempt < 10) continue;
    if (remainsOfTheDead && Date.now() < patience) await sleep(200);
    else if (portWasTaken && place.port !== undefined)
      throw new Error(`PostgreSQL cannot listen on 127.0.0.1:${port}: the port is in use.`);
    else throw new Error(`PostgreSQL did not start in ${place.cluster}: ${words || 'it said nothing'}`);
  }
}

/** Spawns the server; its last lines are kept in `said`, for the error that may follow. */
function spawnServer({ cluster, programs, log }: ServerPlace, port: number, said: string[]): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, args] = programs.serverCommand(['-D', cluster, ...settings]);
  // A session of its own: Ctrl-C in our terminal must reach us alone, so that we can finish with the database at hand.
  const child = spawn(program, args, {
    env: programs.env,
    cwd: cluster,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  child.on('error', (error) => said.push(error.message));
  const lines = createInterface({ input: child.stderr! });
  lines.on('line', (line) => {
    said.push(line);
    if (said.length > 40) said.shift();
    log(line);
  });
  // Neither the server nor its log keeps this process alive: the guards below end it when we end.
  child.unref();
  (child.stderr as unknown as { unref(): void }).unref();
  return child;
}

/** True when the server says that it accepts connections, false when it ends before that. Recovery may take minutes. */
async function isReady(child: ChildProcess, said: string[]): Promise<boolean> {
  child.ref();
  try {
    for (;;) {
      if (said.some((line) => line.includes('database system is ready to accept connections'))) return true;
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
        await sleep(50); // its last words may still be in the pipe
        return false;
      }
      await sleep(10);
    }
  } finally {
    child.unref();
  }
}

function hasEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Makes the role and the database that Entente lives in, each when it is missing. */
async function createDatabase(adminUrl: string, passwords: Passwords): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query(
      `select exists (select from pg_roles where rolname = 'entente') as role,
              exists (select from pg_database where datname = 'entente') as database`,
    );
    if (!rows[0].role)
      await admin.query(`create role entente login createrole password ${escapeLiteral(passwords.entente)}`);
    if (!rows[0].database) await admin.query('create database entente owner entente');
  } finally {
    await admin.end();
  }
}

/** The servers that must not outlive this process. */
const guarded = new Set<{ end(): void; stop(): Promise<void> }>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function guardExit(): void {
  process.on('exit', endAll);
  for (const signal of SIGNALS) process.on(signal, stopAll);
}

function unguardExit(): void {
  process.off('exit', endAll);
  for (const signal of SIGNALS) process.off(signal, stopAll);
}

function endAll(): void {
  for (const server of guarded) server.end();
}

/** Whoever else listens to the signal stops its servers itself; otherwise we do, then die of the signal as meant. */
async function stopAll(signal: NodeJS.Signals): Promise<void> {
  if (process.listenerCount(signal) > 1) return;
  await Promise.all([...guarded].map((server) => server.stop()));
  process.kill(process.pid, signal);
}
