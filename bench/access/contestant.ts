/** One engine in a process of its own: checks its answers, then measures itself for as long as it is told. */

import { generate, type Request, requests } from './dataset.ts';
import { type Engine, engines, plainMaps } from './engines.ts';

const name = process.argv[2] as keyof typeof engines;
const data = generate();
const asked = requests(data);
const right = asked.map(plainMaps(data));
const engine = await engines[name](data);

// casbin walks every grant for each request: a sample is enough.
const answers = await Promise.all(asked.slice(0, name === 'casbin' ? 100 : undefined).map(engine));
process.send?.({ checked: answers.length, wrong: answers.filter((answer, n) => answer !== right[n]).length });
process.on('message', async (milliseconds: number) => process.send?.(await rate(engine, milliseconds)));
process.once('disconnect', () => process.exit());

/** Decisions each second in a closed loop. The clock is read once in 64 decisions: reading it costs as much as one. */
async function rate(engine: Engine, milliseconds: number): Promise<number> {
  const start = performance.now();
  const end = start + milliseconds;
  let n = 0;
  const next = (): Request => asked[n++ % asked.length]!;
  if (engine(next()) instanceof Promise) {
    while (performance.now() < end) await engine(next());
  } else {
    while (performance.now() < end) for (let k = 0; k < 64; k++) engine(next());
  }
  return (1_000 * n) / (performance.now() - start);
}
