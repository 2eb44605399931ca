import type { Command } from 'commander';
import { type Cli, count, done, example, path, showRows, time, titled, withQuery } from './command.ts';
import type { Answer } from './connection.ts';

interface LedgerOptions {
  readonly person?: string;
  readonly outside?: true;
  readonly domain?: string;
  readonly kind?: string;
  readonly unusedDays?: string;
  readonly endsWithin?: string;
  readonly limit?: number;
}

/** `entente ledger`: who has what, through what, from whom, until when. */
export function addLedger(program: Command, cli: Cli): void {
  const ledger = program.command('ledger').description('who has what, through what, from whom, until when');
  example(ledger, 'entente ledger list --outside', 'entente ledger revoke 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10');
  example(
    ledger
      .command('list')
      .description('rights, newest first')
      .option('--person <id>', 'everything one person has, also through groups')
      .option('--outside', 'only rights of people and organisations from elsewhere')
      .option('--domain <domain>', 'only those at home in this domain')
      .option('--kind <kind>', 'one kind of right, such as directory.role')
      .option('--unused-days <n>', 'not used for so many days')
      .option('--ends-within <n>', 'ending within so many days')
      .option('--limit <n>', 'at most so many', count)
      .action(async (options: LedgerOptions) => {
        const query = withQuery('/admin/ledger', {
          accountId: options.person,
          outside: options.outside ? 'true' : undefined,
          homeDomain: options.domain,
          kind: options.kind,
          unusedDays: options.unusedDays,
          endsWithinDays: options.endsWithin,
        });
        const rows = await (await cli.tenantApi()).list(query, options.limit);
        const columns = [
          { title: 'Who', value: (row: Answer) => row.subject.displayName ?? row.subject.id },
          titled('Home', 'homeDomain'),
          titled('Level', 'level'),
          { title: 'What', value: (row: Answer) => `${row.title}: ${row.object.displayName ?? row.object.id}` },
          titled('Through', 'path'),
          titled('From', 'givenBy'),
          { title: 'Since', value: (row: Answer) => time(row.givenAt) },
          { title: 'Until', value: (row: Answer) => time(row.endsAt) },
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'Nobody has such a right.');
      }),
    'entente ledger list --outside --tenant fabrikam.example',
    'entente ledger list --unused-days 90 --json',
  );
  example(
    ledger
      .command('revoke <id>')
      .description('end one right, whatever its kind')
      .action(async (id: string) => {
        await (await cli.tenantApi()).call('DELETE', path`/admin/ledger/${id}`);
        done(cli, `The right ${id} is ended.`);
      }),
    'entente ledger revoke 0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10',
  );
}
