import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ServerFault, UsageError } from './connection.ts';

/**
 * Writes a stream to a file that appears once it is whole, readable by its owner alone; or to standard output for `-`.
 * @throws UsageError when the file cannot be made; ServerFault when the stream breaks off.
 */
export async function writeOutput(content: Readable, file: string): Promise<void> {
  if (file === '-') {
    for await (const chunk of content) process.stdout.write(chunk);
    return;
  }
  const draft = `${file}.part`;
  try {
    await pipeline(content, createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'open' || syscall === 'rename') throw new UsageError(`${file} cannot be written (${code}).`);
    throw new ServerFault(0, 'network', `The transfer broke off (${code}). Nothing was kept.`);
  }
}
