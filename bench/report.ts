/** How every benchmark begins and ends: a header anyone can repeat it from, and one line of JSON. */

import { cpus, totalmem } from 'node:os';

/** Prints the command, the data and the machine. */
export function printHeader(bench: string, data: string): void {
  const memory = Math.round(totalmem() / 2 ** 30);
  const processors = cpus();
  console.log(`command: npm run bench -- ${[bench, ...process.argv.slice(2)].join(' ')}`);
  console.log(`data:    ${data}`);
  console.log(
    `machine: ${processors.length} × ${processors[0]?.model.trim()}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`,
  );
  console.log();
}

/** Prints the closing line: the figures, their ratios, and which targets were met. */
export function printFigures(bench: string, figures: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench, ...figures }));
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};
