import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { configurationShape } from '../src/app/configuration.ts';
import { type Cli, example } from './command.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** `entente serve`: the server itself. Its flags are the settings of src/app/configuration.ts, and it reads them. */
export function addServe(program: Command, _cli: Cli, words: readonly string[]): void {
  const serve = program.command('serve').description('run the server until it is told to stop');
  addSettings(serve).action(async () => {
    const child = spawn(process.execPath, [MAIN, ...settingsWords(words, 'serve')], { stdio: 'inherit' });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      // Ctrl-C reaches the child by itself.
      process.on(signal, () => signal !== 'SIGINT' || process.stdin.isTTY || child.kill(signal));
    }
    process.exitCode = await new Promise<number>((resolve, reject) =>
      child.once('error', reject).once('exit', (code, signal) => resolve(code ?? (signal === null ? 0 : 1))),
    );
  });
  example(serve, 'entente serve --data ./data --demo', 'ENTENTE_PORT=9000 entente serve');
}

/** Every setting as an option, for help and completion; the server reads the words by its own rules. */
export function addSettings(command: Command): Command {
  for (const [name, schema] of Object.entries(configurationShape.shape)) {
    if (name === 'data') continue;
    const isSwitch = name === 'demo' || name === 'trustProxy';
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    command.option(`${flag} ${isSwitch ? '[on]' : '<value>'}`, schema.description ?? '');
  }
  return command.option('--config <file>', 'the file that settings are read from');
}

/** The words meant for the server: all but the command's name and the wish for JSON. */
export function settingsWords(words: readonly string[], command: string): string[] {
  const at = words.indexOf(command);
  return words.filter((word, i) => i !== at && word !== '--json');
}
