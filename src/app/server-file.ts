import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running server is reached from its own machine, kept in its data folder for the command line. */
export interface ServerFile {
  readonly origin: string;
  readonly httpsOrigin: string;
  readonly pid: number;
}

const pathOf = (data: string) => join(data, 'server.json');

/** Says in the data folder where the server listens, readable by its owner alone. The answer takes it away again. */
export async function writeServerFile(data: string, content: ServerFile): Promise<() => Promise<void>> {
  const text = `${JSON.stringify(content)}\n`;
  // Written beside and renamed, so that nobody ever reads half of it.
  const draft = `${pathOf(data)}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, pathOf(data));
  return async () => {
    // Another server on the same folder may have written its own since.
    if ((await readFile(pathOf(data), 'utf8').catch(() => '')) === text) await rm(pathOf(data), { force: true });
  };
}

/** The server that listens for this data folder, or undefined when there is none or it died without saying so. */
export async function readServerFile(data: string): Promise<ServerFile | undefined> {
  let content: ServerFile;
  try {
    content = JSON.parse(await readFile(pathOf(data), 'utf8'));
  } catch {
    return undefined;
  }
  try {
    process.kill(content.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another account.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  return content;
}
