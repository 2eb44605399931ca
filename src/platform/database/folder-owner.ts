/** Says which live process a data folder belongs to, so that no two servers ever open the same one. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When the process began, as text that only serves to be compared; undefined when no such process lives.
 * A process id alone proves nothing: after a crash or in a new container the same number belongs to somebody else.
 */
export function processBirth(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // proc(5): the command in brackets may hold blanks, so fields are counted from the last bracket.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  if (process.platform === 'win32') return 'alive';
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim() || undefined;
}

/**
 * Takes the folder for this process by the file `owner` in it and returns the function that gives it back.
 * A claim of a process that no longer lives is taken over. Throws when the folder's owner lives.
 */
export async function claimFolder(folder: string): Promise<() => void> {
  const file = `${folder}/owner`;
  const mine = `${process.pid} ${processBirth(process.pid)}\n`;
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => {
        if (readOwner(file) === mine) rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const theirs = readOwner(file);
    const [pid = '', birth] = theirs.trim().split(' ', 2);
    if (theirs.endsWith('\n') && processBirth(Number(pid)) === birth)
      throw new Error(
        `The folder ${folder} is in use by another running Entente (process ${pid}). ` +
          'Stop that one first, or choose another folder.',
      );
    // A line without its end is being written at this moment, unless its writer died in between.
    if (!theirs.endsWith('\n') && attempt < 10) await sleep(50);
    else rmSync(file, { force: true });
  }
  throw new Error(`The folder ${folder} could not be claimed: several processes start in it at the same time.`);
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
