/**
 * Parting with a partner who holds much, in a server whose process is killed again and again on the way. Started again,
 * it must go on by itself: nothing skipped, nothing that stands again, one receipt with everything on it.
 *
 *   npm run bench -- parting [--grants N] [--deaths N]
 */

import { parseArgs } from 'node:util';
import { partWhileDying } from '../../tests/support/parting-load.ts';
import { ServerProcess } from '../../tests/support/server-process.ts';
import { printFigures, printHeader } from '../report.ts';

const { values } = parseArgs({
  options: { grants: { type: 'string', default: '10000' }, deaths: { type: 'string', default: '20' } },
});
const options = { grants: Number(values.grants), deaths: Number(values.deaths) };
printHeader('parting', `a partner with ${options.grants} grants, ${options.deaths} deaths at random points`);

const server = await ServerProcess.create();
try {
  await server.start();
  const found = await partWhileDying(server, options);
  for (const loss of found.losses) console.log(`  ${loss}`);
  const targets = {
    'every death was in the middle, and it went on': found.deaths === options.deaths,
    'nothing is skipped, nothing stands again, the receipt holds it all': found.losses.length === 0,
  };
  console.log(
    `died when ${found.diedAt.join(', ')} things had ended; over ${found.secondsToEnd} s after the last death`,
  );
  for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
  printFigures('parting', { ...found, targets });
  process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;
} finally {
  await server.end();
}
