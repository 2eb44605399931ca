import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Cli, done, example, showJson } from './command.ts';
import { UsageError } from './connection.ts';
import { writeOutput } from './output-file.ts';
import { readPassphrase } from './secret.ts';

const PASSPHRASE = 'a file whose first line is the passphrase; else ENTENTE_PASSPHRASE, else it is asked for';

/** `entente backup` and `entente restore`: one organisation or the whole server, in one file. */
export function addBackup(program: Command, cli: Cli): void {
  example(
    program
      .command('backup')
      .description('write one organisation (--tenant) or the whole server to a file (operator)')
      .requiredOption('-o, --output <file>', 'where to write it')
      .option('--passphrase-file <file>', PASSPHRASE)
      .action(async ({ output, passphraseFile }: { output: string; passphraseFile?: string }) => {
        const tenant = program.opts().tenant ?? cli.environment.ENTENTE_TENANT;
        const api = await cli.api();
        const passphrase = await readPassphrase(cli, passphraseFile, true);
        const content = await api.download('POST', '/operator/backups', { passphrase, ...(tenant ? { tenant } : {}) });
        await writeOutput(content, output);
        done(
          cli,
          `The backup of ${tenant ?? 'the whole server'} is in ${output}. Keep its passphrase: nothing opens it without.`,
        );
      }),
    'entente backup -o server.tar.gz',
    'entente backup --tenant fabrikam.example -o fabrikam.tar.gz --passphrase-file passphrase.txt',
  );
  example(
    program
      .command('restore <file>')
      .description(
        'bring a backup back: an organisation that is not there, or a whole server into an empty one (operator)',
      )
      .option('--passphrase-file <file>', PASSPHRASE)
      .action(async (file: string, { passphraseFile }: { passphraseFile?: string }) => {
        await stat(file).catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(`${file} cannot be read (${error.code}).`);
        });
        const api = await cli.api();
        const passphrase = await readPassphrase(cli, passphraseFile, false);
        const restored = await api.upload('/operator/restores', createReadStream(file), {
          'content-type': 'application/gzip',
          'entente-passphrase': Buffer.from(passphrase).toString('base64url'),
        });
        if (cli.isJson()) return showJson(cli, restored);
        const what = restored.tenant ?? 'The whole server';
        done(
          cli,
          `${what} is restored: ${restored.rows} rows in ${restored.tables} tables, and ${restored.files} files.`,
        );
        if (restored.isRestartNeeded)
          cli.note('Restart the server now: it works with the restored secrets from its next start on.');
      }),
    'entente restore fabrikam.tar.gz',
  );
}
