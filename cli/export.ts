import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { type Cli, done, example } from './command.ts';
import { UsageError } from './connection.ts';
import { writeOutput } from './output-file.ts';

/** `entente export`: what an organisation takes with it, in open formats. */
export function addExport(program: Command, cli: Cli): void {
  example(
    program
      .command('export')
      .description('an organisation as an archive of open formats, or its settings as text')
      .option('-o, --output <file>', 'where to write it; - for standard output')
      .option('--settings', 'only what is set, as YAML in a stable order')
      .action(async ({ output, settings }: { output?: string; settings?: true }) => {
        if (output === undefined && !settings) throw new UsageError('Say where to write the archive: -o FILE.');
        const api = await cli.tenantApi();
        const content = settings
          ? Readable.from([await api.call('GET', '/admin/settings-text')])
          : await api.download('POST', '/admin/export');
        await writeOutput(content, output ?? '-');
        if (output !== undefined && output !== '-') done(cli, `The export is in ${output}.`);
      }),
    'entente export -o fabrikam.tar.gz --tenant fabrikam.example',
    'entente export --settings --tenant fabrikam.example > fabrikam.yaml',
  );
}
