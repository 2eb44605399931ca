import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Cli } from './command.ts';
import { UsageError } from './connection.ts';

/** The first line of the file, or what the person types without it being shown. Never a word of the command line. */
export async function readPassword(cli: Cli, file: string | undefined, prompt: string): Promise<string> {
  return file === undefined ? ask(cli, prompt, '--password-file') : firstLine(file);
}

/** The passphrase of a backup: `ENTENTE_PASSPHRASE`, a file, or typed. `isNew`: it is asked for twice. */
export async function readPassphrase(cli: Cli, file: string | undefined, isNew: boolean): Promise<string> {
  if (file !== undefined) return firstLine(file);
  if (cli.environment.ENTENTE_PASSPHRASE) return cli.environment.ENTENTE_PASSPHRASE;
  const passphrase = await ask(cli, 'Passphrase of the backup', '--passphrase-file or ENTENTE_PASSPHRASE');
  if (isNew && (await ask(cli, 'Once more', '')) !== passphrase) throw new UsageError('The two are not the same.');
  return passphrase;
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read (${error.code}).`);
  });
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new UsageError(`The first line of ${file} is empty.`);
  return line;
}

async function ask(cli: Cli, prompt: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`There is no terminal to ask at. Use ${otherwise}.`);
  cli.note(`${prompt}: `);
  // What is typed is echoed to nowhere.
  const output = new Writable({ write: (_chunk, _encoding, next) => next() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
  }
}
