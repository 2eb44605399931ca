// `npm run bench -- <name> [options]`: measures one part beside its peers. Without a name it lists the parts.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { become, findNode, giveUp, install, root } from './runtime.mjs';

const program = (name) => path.join('bench', name, 'run.ts');
const names = readdirSync(path.join(root, 'bench')).filter((name) => existsSync(path.join(root, program(name))));
const [name, ...options] = process.argv.slice(2);
if (!names.includes(name)) giveUp(`Usage: npm run bench -- <${names.join(' | ')}> [options]`);

await install();
await become(findNode(), program(name), options);
