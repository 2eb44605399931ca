#!/usr/bin/env node
// The `entente` command: runs cli/main.ts with the Node that Entente needs, whichever Node it was started with.
import { become, findNode, install } from '../scripts/runtime.mjs';

await install();
await become(findNode(), 'cli/main.ts', process.argv.slice(2));
