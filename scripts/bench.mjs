// npm run bench -- <name> [options]: runs bench/<name>/run.ts with the project's own Node. Without a name, lists them.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const names = readdirSync(join(root, 'bench')).filter((name) => existsSync(join(root, 'bench', name, 'run.ts')));
const [name, ...options] = process.argv.slice(2);

if (!names.includes(name)) {
  console.error(`Usage: npm run bench -- <${names.join(' | ')}> [options]`);
  process.exit(2);
}
const own = join(root, 'node_modules', '.bin', 'node');
const node = existsSync(own) ? own : process.execPath;
const { status } = spawnSync(node, [join(root, 'bench', name, 'run.ts'), ...options], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
