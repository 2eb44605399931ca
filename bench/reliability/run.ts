/**
 * Deaths under load: the real server process killed again and again while it invites guests and changes grants, with
 * its database and without, then the database alone. Nothing acknowledged may be missing and nothing half done.
 *
 *   npm run bench -- reliability [--rounds N] [--requests N]
 *   npm run bench -- reliability --calendars [--rounds N] [--requests N]     the same among 16 writers over CalDAV
 *   npm run bench -- reliability --full-disk DIR     DIR is a small file system of its own, which is filled up:
 *                                                    mount -t tmpfs -o size=180m tmpfs DIR
 */

import { parseArgs } from 'node:util';
import { killUnderCalendarLoad, nothingKept, settleWriters } from '../../tests/support/calendar-load.ts';
import { killDatabaseUnderLoad, killUnderLoad, nothingYet, settle } from '../../tests/support/ledger-load.ts';
import { ServerProcess } from '../../tests/support/server-process.ts';
import { printFigures, printHeader } from '../report.ts';
import { fillDisk } from './full-disk.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '2000' },
    'full-disk': { type: 'string' },
    calendars: { type: 'boolean', default: false },
  },
});
const smallDisk = values['full-disk'];
if (smallDisk !== undefined) await runFullDisk(smallDisk);
else if (values.calendars) await runCalendarDeaths();
else await runDeaths();

async function runFullDisk(folder: string): Promise<void> {
  printHeader('reliability', 'a file system that is filled up under load');
  const found = await fillDisk(folder);
  console.table(found.phases.map(({ answers, ...rest }) => ({ ...rest, answers: JSON.stringify(answers) })));
  const during = found.phases.filter(({ phase }) => phase.includes('full') || phase.startsWith('no room'));
  const isClean = during.every(({ answers }) => Object.keys(answers).every((seen) => /^(201|503 .+)$/.test(seen)));
  finish({
    ...found,
    targets: {
      'without room, writes answer 503 with a fault and nothing else': isClean,
      'nothing acknowledged is missing': found.losses === 0 && found.acknowledged > 300,
      'with room again, it serves without a restart': found.recoverySeconds < 60,
    },
  });
}

function finish(figures: { targets: Readonly<Record<string, boolean>> } & Record<string, unknown>): void {
  for (const [target, met] of Object.entries(figures.targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
  printFigures('reliability', figures);
  process.exitCode = Object.values(figures.targets).every(Boolean) ? 0 : 1;
}

async function runCalendarDeaths(): Promise<void> {
  const requests = Number(values.requests);
  printHeader('reliability', `${values.rounds} deaths, each among ${requests} events put over CalDAV, 16 at once`);
  const server = await ServerProcess.create('--demo');
  const known = nothingKept();
  const rounds = [];
  try {
    await server.start();
    const writers = await settleWriters(server);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const killAfter = 1 + Math.floor(Math.random() * (requests / 2));
      const database = round % 2 === 1;
      const found = await killUnderCalendarLoad(server, writers, known, { round, requests, killAfter, database });
      rounds.push({ round, database, ...found, losses: found.losses.length });
      console.log(
        `round ${round}: died after ${found.answered} answers${database ? ' with its database' : ''}, ` +
          `served again in ${found.recoverySeconds} s, ${found.losses.length} losses`,
      );
      for (const loss of found.losses.slice(0, 5)) console.log(`  ${loss}`);
    }
  } finally {
    await server.end();
  }
  const losses = rounds.reduce((sum, round) => sum + round.losses, 0);
  finish({
    rounds,
    events: known.events.size,
    invitations: 2 * [...known.events.values()].filter(({ isMeeting }) => isMeeting).length,
    unanswered: known.unanswered.size,
    refused: known.refused,
    losses,
    targets: { 'no event, instance or invitation is missing or half there': losses === 0 && known.events.size > 0 },
  });
}

async function runDeaths(): Promise<void> {
  const requests = Number(values.requests);
  printHeader(
    'reliability',
    `${values.rounds} deaths, each among ${requests} invitations and changes of grants, 32 at once`,
  );

  const server = await ServerProcess.create();
  const known = nothingYet();
  const rounds = [];
  const outages = [];
  try {
    const cold = await server.start();
    console.log(`started cold in ${cold.seconds.toFixed(1)} s`);
    const organisation = await settle(server);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      // Anywhere from the first answers to the last; every second time the database dies too.
      const killAfter = 1 + Math.floor(Math.random() * (requests - 50));
      const database = round % 2 === 1;
      const found = await killUnderLoad(server, organisation, known, { round, requests, killAfter, database });
      rounds.push({ round, database, ...found, losses: found.losses.length });
      console.log(
        `round ${round}: died after ${found.answered} answers${database ? ' with its database' : ''}, ` +
          `served again in ${found.recoverySeconds} s, ${found.losses.length} losses`,
      );
      for (const loss of found.losses.slice(0, 5)) console.log(`  ${loss}`);
    }
    for (let n = 0; n < 3; n += 1) outages.push(await killDatabaseUnderLoad(server, 60));
  } finally {
    await server.end();
  }

  console.table(outages.map(({ statuses, ...rest }) => ({ ...rest, ...statuses })));
  const acknowledged = known.guests.size + known.members.size + known.roles.size + known.removed.size;
  const losses = rounds.reduce((sum, round) => sum + round.losses, 0);
  const isClean = outages.every(({ statuses }) => Object.keys(statuses).every((status) => /^(200|503)$/.test(status)));
  const targets = {
    'nothing acknowledged is missing, nothing is half done': losses === 0 && acknowledged > 0,
    'while the database is away, requests answer 503 and nothing else': isClean,
    'served again without a restart': outages.every(({ recoverySeconds }) => recoverySeconds < 60),
  };
  finish({
    rounds: rounds.length,
    acknowledged: {
      invitations: known.guests.size,
      memberships: known.members.size,
      roles: known.roles.size,
      removals: known.removed.size,
    },
    unanswered: known.unanswered.size,
    refused: known.refused,
    losses,
    recoverySeconds: rounds.map((round) => round.recoverySeconds),
    outages,
    targets,
  });
}
