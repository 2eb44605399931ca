import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { type Cli, done, example } from './command.ts';
import { writeOutput } from './output-file.ts';

/** `entente export`: what an organisation has set, as text; or all that it takes with it, in open formats. */
export function addExport(program: Command, cli: Cli): void {
  example(
    program
      .command('export')
      .description('what an organisation has set, as text; or with -o everything it has, as an archive of open formats')
      .option('-o, --output <file>', 'where to write it; - for standard output')
      .option('--settings', 'with -o: only what is set, as text')
      .action(async ({ output = '-', settings }: { output?: string; settings?: true }) => {
        const api = await cli.tenantApi();
        const content =
          settings || output === '-'
            ? Readable.from([await api.call('GET', '/admin/settings-text')])
            : await api.download('POST', '/admin/export');
        await writeOutput(content, output);
        if (output !== '-') done(cli, `The export is in ${output}.`);
      }),
    'entente export --tenant fabrikam.example > fabrikam.yaml',
    'entente export -o fabrikam.tar.gz --tenant fabrikam.example',
  );
}
