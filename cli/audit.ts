import type { Command } from 'commander';
import { type Cli, count, done, example, path, showJson, showRows, time, titled, withQuery } from './command.ts';
import { type Answer, ServerFault } from './connection.ts';
import { writeOutput } from './output-file.ts';
import { compareFiles, type Verified, verdictOf, verifyFile } from './verify-file.ts';

interface ListOptions {
  readonly action?: string;
  readonly since?: string;
  readonly until?: string;
  readonly search?: string;
  readonly result?: string;
  readonly limit: number;
}

/** `entente audit`: what happened, and whether the record of it is whole. */
export function addAudit(program: Command, cli: Cli): void {
  const audit = program.command('audit').description('what happened, and whether the record of it is whole');
  example(audit, 'entente audit list --action "directory.*"', 'entente audit verify audit.ndjson');

  example(
    audit
      .command('list')
      .description('events, newest first')
      .option('--action <name>', 'one action, or a module with a star: directory.*')
      .option('--since <time>', 'from this moment on, such as 2027-01-31T00:00:00Z')
      .option('--until <time>', 'up to this moment')
      .option('--search <text>', 'words in names')
      .option('--result <result>', 'success or failure')
      .option('--limit <n>', 'at most so many', count, 50)
      .action(async ({ limit, ...filter }: ListOptions) => {
        const page = String(Math.min(limit, 999));
        const rows = await (await cli.tenantApi()).list(
          withQuery('/admin/audit/events', { ...filter, limit: page }),
          limit,
        );
        const columns = [
          { title: 'When', value: (row: Answer) => time(row.at) },
          titled('Action', 'action'),
          { title: 'Who', value: (row: Answer) => row.actor.displayName },
          { title: 'What', value: (row: Answer) => row.targets.map((one: Answer) => one.displayName ?? one.id) },
          titled('Result', 'result'),
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'Nothing happened.');
      }),
    'entente audit list --tenant fabrikam.example --limit 20',
    'entente audit list --action "directory.*" --result failure --json',
  );
  example(
    audit
      .command('show <id>')
      .description('one event with everything kept about it, as JSON')
      .action(async (id: string) =>
        showJson(cli, await (await cli.tenantApi()).call('GET', path`/admin/audit/events/${id}`)),
      ),
    'entente audit show 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    audit
      .command('verify [file] [other]')
      .description(
        'say whether a log is what was sealed: an export or the proof of a shared record here, without a file the server’s own; of two copies of one log, whether they say the same',
      )
      .action(async (file: string | undefined, other: string | undefined) => {
        const { whole, fault, verdict } = await verifiedOf(cli, file, other);
        if (whole === undefined) {
          throw new ServerFault(
            0,
            'audit.not-intact',
            `The log is not whole: at place ${fault?.position}, ${fault?.problem}.`,
            { verdict },
          );
        }
        if (cli.isJson()) showJson(cli, verdict);
        else done(cli, whole);
      }),
    'entente audit verify --tenant fabrikam.example',
    'entente audit verify audit.ndjson',
    'entente audit verify proof.json',
    'entente audit verify ours.ndjson theirs.ndjson',
  );
  example(
    audit
      .command('export')
      .description('the sealed log as lines of JSON, which "entente audit verify" checks anywhere')
      .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
      .action(async ({ output }: { output: string }) => {
        const api = await cli.tenantApi();
        await writeOutput(await api.download('GET', '/admin/audit/export'), output);
        if (output !== '-') done(cli, `The log is in ${output}. "entente audit verify ${output}" checks it.`);
      }),
    'entente audit export -o audit.ndjson --tenant fabrikam.example',
  );
  const shared = audit.command('shared').description('what both wrote down of the work with one partner');
  example(shared, 'entente audit shared show 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10');
  example(
    shared
      .command('show <partner>')
      .description('how the log shared with a partner stands, by the partner’s id, as JSON')
      .action(async (partner: string) =>
        showJson(cli, await (await cli.tenantApi()).call('GET', path`/admin/partners/${partner}/shared-log`)),
      ),
    'entente audit shared show 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
  example(
    shared
      .command('proof <partner> <place>')
      .description('the proof of one shared record, which "entente audit verify" checks anywhere')
      .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
      .action(async (partner: string, place: string, { output }: { output: string }) => {
        const api = await cli.tenantApi();
        const from = path`/admin/partners/${partner}/shared-log/${place}/proof`;
        await writeOutput(await api.download('GET', from), output);
        if (output !== '-') done(cli, `The proof is in ${output}. "entente audit verify ${output}" checks it.`);
      }),
    'entente audit shared proof 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10 17 -o proof.json',
  );
  example(
    shared
      .command('export <partner>')
      .description('a shared log as lines of JSON, which "entente audit verify" checks anywhere')
      .option('--side <side>', 'ours, or theirs as we keep it', 'ours')
      .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
      .action(async (partner: string, { output, side }: { output: string; side: string }) => {
        const api = await cli.tenantApi();
        const from = withQuery(path`/admin/partners/${partner}/shared-log/export`, { side });
        await writeOutput(await api.download('GET', from), output);
        if (output !== '-') done(cli, `The log is in ${output}. "entente audit verify ${output}" checks it.`);
      }),
    'entente audit shared export 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10 -o shared.ndjson',
  );
}

async function verifiedOf(cli: Cli, file: string | undefined, other: string | undefined): Promise<Verified> {
  if (file === undefined)
    return verdictOf(await (await cli.tenantApi()).call('GET', '/admin/audit/verification'), 'events');
  return other === undefined ? verifyFile(file) : compareFiles(file, other);
}
