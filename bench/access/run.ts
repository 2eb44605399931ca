/**
 * Decisions each second, with a reason, beside other engines on the same data in the same run, then through HTTP.
 *
 *   npm run bench -- access [--secs N]      seconds for each engine (default 3), spread over ten rounds
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { drive } from '../drive.ts';
import { median, printFigures, printHeader } from '../report.ts';
import { generate, requests } from './dataset.ts';
import { engines, plainMaps } from './engines.ts';

const ROUNDS = 10;
const { values } = parseArgs({ options: { secs: { type: 'string', default: '3' } } });
const seconds = Number(values.secs);

const data = generate();
const asked = requests(data);
const right = asked.map(plainMaps(data));
printHeader(
  'access',
  `${data.policies.length} partner policies, ${data.items.length} items, ${data.grants.length} grants, ` +
    `${asked.length} requests of which ${right.filter(Boolean).length} are allowed`,
);

const contestants = [];
for (const name of Object.keys(engines)) {
  const child = start('contestant.ts', name);
  const checks = await said<{ checked: number; wrong: number }>(child);
  contestants.push({ name, child, ...checks, rates: [] as number[] });
}
// They take turns, and ratios are taken within a round: a busy moment of the machine strikes all alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const { child, rates } of contestants) {
    child.send((1_000 * seconds) / ROUNDS);
    rates.push(await said<number>(child));
  }
}
for (const { child } of contestants) child.disconnect();
const http = await throughHttp();

const ours = contestants[0]!;
const figures = contestants.map(({ name, checked, wrong, rates }) => {
  const oursToIt = median(rates.map((rate, round) => ours.rates[round]! / rate));
  return { name, perSecond: Math.round(median(rates)), checked, wrong, oursToIt: Number(oursToIt.toFixed(2)) };
});
const ratio = Object.fromEntries(figures.map(({ name, oursToIt }) => [name, oursToIt]));
const targets = {
  'at least 100 × cedar': ratio.cedar! >= 100,
  'at least half of the reference': ratio.reference! >= 0.5,
  'above 10,000/s through HTTP': http.perSecond > 10_000,
  'no wrong answer': [...figures, http].every(({ wrong }) => wrong === 0),
};

console.table(figures);
console.log(`through HTTP: ${http.perSecond}/s, p50 ${http.p50Ms} ms, p99 ${http.p99Ms} ms, ${http.wrong} wrong`);
for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
printFigures('access', { engines: figures, http, targets });
process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;

/** Starts a process of this benchmark; one that breaks ends the run. */
function start(file: string, ...args: string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args).once('exit', (code) => code !== 0 && process.exit(code ?? 1));
}

/** The next message of a process. */
async function said<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message as T;
}

/** Every request once with its answer compared, then a closed loop of 16 keep-alive connections. */
async function throughHttp() {
  const server = start('server.ts');
  const address = await said<string>(server);
  const bodies = asked.map((request) => JSON.stringify(request));
  const load = { url: `${address}/decide`, body: (n: number) => bodies[n % bodies.length]! };
  let wrong = 0;
  const check = (n: number, _: number, body: string) => {
    const answer = JSON.parse(body) as { allowed: boolean; because: unknown[] };
    if (answer.allowed !== right[n] || answer.because.length === 0) wrong++;
  };
  const { requests: checked } = await drive({ ...load, requests: bodies.length, check });
  const driven = await drive({ ...load, seconds });
  server.disconnect();
  return { ...driven, checked, wrong };
}
