import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { processBirth } from './folder-owner.ts';

const top = mkdtempSync(path.join(tmpdir(), 'entente-embedded-'));
after(() => rmSync(top, { recursive: true, force: true }));

let folders = 0;
const freshFolder = () => path.join(top, String(++folders), 'database');

/** Starts PostgreSQL for the length of `act`. */
async function running<T>(folder: string, act: (postgres: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const postgres = await startEmbeddedPostgres({ folder });
  try {
    return await act(postgres);
  } finally {
    await postgres.stop();
  }
}

/** The rows of one statement on a connection of its own. */
async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Starts PostgreSQL from another process, which then waits to be ended. `env` may spoil its tools. */
async function startElsewhere(folder: string, env: NodeJS.ProcessEnv = {}) {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('embedded.ts', import.meta.url).href)});
    const postgres = await startEmbeddedPostgres({ folder: process.argv[1] });
    console.log(JSON.stringify({ url: postgres.url, adminUrl: postgres.adminUrl }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, folder], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the other process ended before PostgreSQL ran (${code ?? signal})`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => {}); // later it may end
  return { child, ...(JSON.parse(line) as { url: string; adminUrl: string }) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown[]> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return ended;
}

const postmasterOf = (folder: string) => Number.parseInt(readFileSync(`${folder}/cluster/postmaster.pid`, 'utf8'), 10);

async function until(claim: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await holds()); await sleep(20))
    if (Date.now() > deadline) assert.fail(`not within 15 s: ${claim}`);
}

/** A PATH on which the named system programs exist but refuse, as in a container that forbids them. */
function pathWithout(...programs: string[]): string {
  const folder = path.join(top, `without-${programs.join('-')}`);
  mkdirSync(folder, { recursive: true });
  for (const name of programs) writeFileSync(path.join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return `${folder}:${process.env.PATH}`;
}

test('a fresh folder becomes a durable database on loopback that keeps its data', async () => {
  const folder = freshFolder();
  await running(folder, async ({ url, adminUrl }) => {
    const [settings] = await ask(
      adminUrl,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
              current_setting('full_page_writes') as pages, current_setting('server_encoding') as encoding,
              current_setting('timezone') as zone, current_setting('listen_addresses') as listens,
              current_setting('max_connections')::int as connections`,
    );
    assert.deepEqual(settings, {
      fsync: 'on',
      commits: 'on',
      pages: 'on',
      encoding: 'UTF8',
      zone: 'UTC',
      listens: '127.0.0.1',
      connections: 200,
    });
    const [role] = await ask(
      url,
      'select current_user, rolsuper, rolbypassrls, current_database() from pg_roles where rolname = current_user',
    );
    assert.deepEqual(role, {
      current_user: 'entente',
      rolsuper: false,
      rolbypassrls: false,
      current_database: 'entente',
    });
    await ask(url, "create table notes as select 'kept' as text");
    assert.equal((await ask(url, "select upper('åäö') as text"))[0]?.text, 'ÅÄÖ');
  });
  await running(folder, async ({ url }) =>
    assert.deepEqual(await ask(url, 'select text from notes'), [{ text: 'kept' }]),
  );
});

test('a wrong password is refused and the passwords are readable by their owner alone', async () => {
  const folder = freshFolder();
  await running(folder, async ({ adminUrl }) => {
    const wrong = new URL(adminUrl);
    wrong.password = 'wrong';
    await assert.rejects(ask(wrong.href, 'select 1'), { code: '28P01' });
    assert.equal(statSync(`${folder}/passwords.json`).mode & 0o777, 0o600);
    assert.equal(statSync(`${folder}/cluster`).mode & 0o077, 0);
  });
});

test('two folders run side by side', async () => {
  await running(freshFolder(), async (one) =>
    running(freshFolder(), async (other) => {
      assert.notEqual(new URL(one.url).port, new URL(other.url).port);
      await ask(one.url, 'create table only_here ()');
      await assert.rejects(ask(other.url, 'select from only_here'), { code: '42P01' });
    }),
  );
});

test('a folder in use is refused with a sentence, and its owner is not disturbed', async () => {
  const folder = freshFolder();
  await running(folder, async ({ url }) => {
    await assert.rejects(startEmbeddedPostgres({ folder }), /is in use by another running Entente \(process \d+\)/);
    assert.equal((await ask(url, 'select 1 as one'))[0]?.one, 1);
  });
});

test('a port that is taken is named in the error', async () => {
  await running(freshFolder(), async ({ url }) => {
    const port = Number(new URL(url).port);
    await assert.rejects(
      startEmbeddedPostgres({ folder: freshFolder(), port }),
      new RegExp(`${port}: the port is in use`),
    );
  });
});

test('after kill -9 of Entente the folder starts again with all that was committed', async () => {
  const folder = freshFolder();
  const { child, url } = await startElsewhere(folder);
  await ask(url, "create table notes as select 'kept' as text");
  const postmaster = postmasterOf(folder);
  await end(child, 'SIGKILL');
  if (process.platform === 'linux')
    await until('the server follows its Entente', () => processBirth(postmaster) === undefined);
  await running(folder, async (again) =>
    assert.deepEqual(await ask(again.url, 'select text from notes'), [{ text: 'kept' }]),
  );
});

test('a PostgreSQL that outlived its Entente is stopped before the next one starts', async () => {
  const folder = freshFolder();
  // Without setpriv the server is not told of its parent's death.
  const { child, url } = await startElsewhere(folder, { PATH: pathWithout('setpriv') });
  const orphan = postmasterOf(folder);
  await end(child, 'SIGKILL');
  await ask(url, "create table notes as select 'written to the orphan' as text");
  await running(folder, async (again) => {
    assert.notEqual(postmasterOf(folder), orphan);
    assert.deepEqual(await ask(again.url, 'select text from notes'), [{ text: 'written to the orphan' }]);
  });
});

test('after kill -9 PostgreSQL comes back on the same address and keeps what was committed', async () => {
  const folder = freshFolder();
  await running(folder, async ({ url }) => {
    await ask(url, "create table notes as select 'kept' as text");
    const killed = postmasterOf(folder);
    process.kill(killed, 'SIGKILL');
    let rows: unknown;
    await until('the server answers again', async () => {
      rows = await ask(url, 'select text from notes').catch(() => undefined);
      return rows !== undefined && postmasterOf(folder) !== killed;
    });
    assert.deepEqual(rows, [{ text: 'kept' }]);
  });
});

test('a leftover process number that now belongs to a stranger neither stops the start nor the stranger', async () => {
  const folder = freshFolder();
  await running(folder, async () => {});
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    await once(stranger, 'spawn');
    writeFileSync(
      `${folder}/cluster/postmaster.pid`,
      `${stranger.pid}\n${folder}/cluster\n1700000000\n5432\n\n127.0.0.1\n0 0\nready   \n`,
    );
    writeFileSync(`${folder}/owner`, `${stranger.pid} 1\n`);
    await running(folder, async ({ url }) => assert.equal((await ask(url, 'select 1 as one'))[0]?.one, 1));
    assert.equal(stranger.exitCode, null);
  } finally {
    await end(stranger, 'SIGKILL');
  }
});

test('an initialisation that was cut short is begun anew', async () => {
  const folder = freshFolder();
  mkdirSync(`${folder}/cluster.new-1/base`, { recursive: true });
  await running(folder, async ({ url }) => assert.equal((await ask(url, 'select 1 as one'))[0]?.one, 1));
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} to a process that does not handle it ends its PostgreSQL cleanly`, async () => {
    const folder = freshFolder();
    const { child } = await startElsewhere(folder);
    const postmaster = postmasterOf(folder);
    assert.deepEqual(await end(child, signal), [null, signal]);
    assert.equal(processBirth(postmaster), undefined);
  });

if (process.getuid?.() === 0) {
  test('as root under a folder closed to others, where user namespaces are forbidden, it starts all the same', async () => {
    const closed = path.join(top, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const folder = path.join(closed, 'database');
    const { child, url } = await startElsewhere(folder, { PATH: pathWithout('unshare') });
    await ask(url, "create table notes as select 'kept' as text");
    assert.notEqual(statSync(`${folder}/cluster`).uid, 0);
    await end(child, 'SIGTERM');
    // The cluster stays that account's when namespaces are allowed again.
    await running(folder, async (again) =>
      assert.deepEqual(await ask(again.url, 'select text from notes'), [{ text: 'kept' }]),
    );
  });

  test('as root without any way to another account the error says what to do', async () => {
    const script = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('embedded.ts', import.meta.url).href)});
      await startEmbeddedPostgres({ folder: process.argv[1] }).catch((error) => console.log(error.message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, freshFolder()], {
      env: { ...process.env, PATH: pathWithout('unshare', 'setpriv') },
      encoding: 'utf8',
    });
    assert.match(stdout, /does not run as root.*Start Entente as an ordinary user, or set ENTENTE_DATABASE_URL/);
  });
}
