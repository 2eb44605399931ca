/**
 * Decisions each second, with a reason, beside other engines on the same data in the same run, then through HTTP.
 *
 *   npm run bench -- access [--secs N]      seconds for each engine (default 3), spread over ten rounds
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { drive } from '../drive.ts';
import { median, printFigures, printHeader } from '../report.ts';
import { generate, type Request, requests } from './dataset.ts';
import { casbin, casl, cedarData, type Engine, entente, plainMaps } from './engines.ts';

const ROUNDS = 10;
const { values } = parseArgs({ options: { secs: { type: 'string', default: '3' } } });
const seconds = Number(values.secs);

const data = generate();
const asked = requests(data);
const reference = plainMaps(data);
const right = asked.map(reference);
printHeader(
  'access',
  `${data.policies.length} partner policies, ${data.items.length} items, ${data.grants.length} grants, ` +
    `${asked.length} requests of which ${right.filter(Boolean).length} are allowed`,
);

const engines: Record<string, Engine> = {
  entente: entente(data),
  reference,
  casl: casl(data),
  cedar: cedarData(data),
  casbin: await casbin(data),
};
// casbin walks every grant for each request: a sample of it is enough.
const sample: Record<string, number> = { casbin: 100 };

const checked: Record<string, number> = {};
const wrong: Record<string, number> = {};
for (const [name, engine] of Object.entries(engines)) {
  const answers = await Promise.all(asked.slice(0, sample[name]).map(engine));
  checked[name] = answers.length;
  wrong[name] = answers.filter((answer, n) => answer !== right[n]).length;
}

// Rounds are interleaved and ratios taken within a round, so that a busy moment of the machine strikes all alike.
const rates: Record<string, number[]> = Object.fromEntries(Object.keys(engines).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, engine] of Object.entries(engines)) rates[name]!.push(await rate(engine));
}
const perSecond = Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))]));
const http = await throughHttp();

console.table(
  Object.fromEntries(
    Object.entries(perSecond).map(([name, each]) => [
      name,
      { 'decisions/s': each, 'µs each': Number((1e6 / each).toFixed(3)), checked: checked[name], wrong: wrong[name] },
    ]),
  ),
);
console.log(`through HTTP: ${http.perSecond}/s, p50 ${http.p50Ms} ms, p99 ${http.p99Ms} ms, ${http.wrong} wrong`);

const ratioTo = (name: string) =>
  Number(median(rates.entente!.map((each, round) => each / rates[name]![round]!)).toFixed(2));
const ratios = {
  toCedar: ratioTo('cedar'),
  toReference: ratioTo('reference'),
  toCasl: ratioTo('casl'),
  toCasbin: ratioTo('casbin'),
};
const met =
  ratios.toCedar >= 100 &&
  ratios.toReference >= 0.5 &&
  http.perSecond > 10_000 &&
  http.wrong === 0 &&
  Object.values(wrong).every((count) => count === 0);
printFigures('access', { perSecond, checked, wrong, ratios, http, met });
process.exitCode = met ? 0 : 1;

/** Decisions each second in a closed loop. The clock is read once in 64 decisions: reading it costs as much as one. */
async function rate(engine: Engine): Promise<number> {
  const start = performance.now();
  const end = start + (1_000 * seconds) / ROUNDS;
  let n = 0;
  const next = (): Request => asked[n++ % asked.length]!;
  if (engine(next()) instanceof Promise) {
    while (performance.now() < end) await engine(next());
  } else {
    while (performance.now() < end) for (let k = 0; k < 64; k++) engine(next());
  }
  return n / ((performance.now() - start) / 1_000);
}

/** Every request once with its answer compared, then a closed loop of 16 keep-alive connections. */
async function throughHttp() {
  const server = fork(new URL('server.ts', import.meta.url));
  try {
    const [address] = (await once(server, 'message')) as [string];
    const bodies = asked.map((request) => JSON.stringify(request));
    const load = { url: `${address}/decide`, body: (n: number) => bodies[n % bodies.length]! };
    let wrong = 0;
    await drive({
      ...load,
      requests: bodies.length,
      check: (n, _, body) => {
        const answer = JSON.parse(body) as { allowed: boolean; because: unknown[] };
        if (answer.allowed !== right[n] || answer.because.length === 0) wrong++;
      },
    });
    return { ...(await drive({ ...load, seconds })), checked: bodies.length, wrong };
  } finally {
    server.disconnect();
  }
}
