// `npm run check`: what can be said without running the product: types, lint and format, boundaries, dead code.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare, root } from './runtime.mjs';

const CHECKS = [
  { name: 'types', run: ['typescript-7/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the web app', run: ['typescript-7/bin/tsc', '-p', 'web/tsconfig.json'], when: 'web/tsconfig.json' },
  {
    name: 'lint and format',
    run: ['@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50'],
  },
  {
    name: 'boundaries',
    run: [
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
    ],
    folders: ['src', 'cli', 'tests', 'web/src', 'bench'],
  },
  { name: 'dead code', run: ['knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
];

/** Runs all checks and shows what the failing ones print. Returns how many passed and how many failed. */
export async function runChecks(node) {
  const waiting = CHECKS.filter(({ when }) => !when || existsSync(path.join(root, when)));
  const result = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { code, printed, seconds } = await runCheck(node, check);
      result[code === 0 ? 'passed' : 'failed']++;
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
      if (code !== 0) console.log(`${printed.trim()}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return result;
}

async function runCheck(node, { run: [program, ...args], folders = [] }) {
  const began = Date.now();
  const present = folders.filter((folder) => existsSync(path.join(root, folder)));
  const child = spawn(node, [path.join(root, 'node_modules', program), ...args, ...present], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  }
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  return { code, printed, seconds: ((Date.now() - began) / 1000).toFixed(1) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = await prepare('scripts/check.mjs');
  const { passed, failed } = await runChecks(node);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
