import type { Command } from 'commander';
import { ConfigurationError, readConfiguration, SECRET_SETTINGS } from '../src/app/configuration.ts';
import { type Cli, example, showRows, titled } from './command.ts';
import { UsageError } from './connection.ts';
import { addSettings, settingsWords } from './serve.ts';

/** `entente config`: every setting of the server with its value and where it came from. Needs no server. */
export function addConfig(program: Command, cli: Cli, words: readonly string[]): void {
  const config = program.command('config').description('print every setting of the server and where it came from');
  addSettings(config).action(() => {
    const rows = settingsOf(settingsWords(words, 'config'), cli.environment);
    showRows(
      cli,
      rows,
      [
        titled('Setting', 'name'),
        titled('Value', 'value'),
        titled('From', 'from'),
        titled('Environment', 'environment'),
        titled('Flag', 'flag'),
        titled('What it does', 'sentence'),
      ],
      '',
    );
  });
  example(config, 'entente config --data ./data', 'entente config --json');
}

function settingsOf(words: readonly string[], environment: Cli['environment']) {
  try {
    return readConfiguration(words, environment).values.map((one) => ({
      ...one,
      value: one.value !== undefined && SECRET_SETTINGS.has(one.name) ? '***' : (one.value ?? null),
    }));
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(error.message);
    throw error;
  }
}
