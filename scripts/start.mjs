// `npm start`: on a fresh machine installs and builds first, then runs the server. All flags go to the server.
import { become, buildWeb, findNode, install } from './runtime.mjs';

await install();
const node = findNode();
await buildWeb(node);
await become(node, 'src/main.ts', process.argv.slice(2));
