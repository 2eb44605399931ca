// `npm start`: on a fresh machine installs and builds first, then runs the server. All flags go to the server.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { become, buildWeb, findNode, install, root } from './runtime.mjs';

const flags = process.argv.slice(2);
/** A word that was mistyped is told at once, not after the web app was built. */
const checkSettings = () => {
  const script = path.join(root, 'scripts', 'check-settings.mjs');
  const { status } = spawnSync(node, [script, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
};

await install();
const node = findNode();
await buildWeb(node, checkSettings);
await become(node, 'src/main.ts', flags);
