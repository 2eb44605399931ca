import type { Command } from 'commander';
import { type Cli, done, example, path, showRows, titled } from './command.ts';
import type { Answer } from './connection.ts';
import type { Column } from './table.ts';

/** `entente domain`: claim, prove, use and give up domains. */
export function addDomain(program: Command, cli: Cli): void {
  const domain = program.command('domain').description('domains of an organisation');
  example(domain, 'entente domain add fabrikam.example', 'entente domain verify fabrikam.example');

  example(
    domain
      .command('list')
      .description('the domains and what they are used for')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list('/v1.0/domains');
        const columns = [
          titled('Domain', 'id'),
          titled('Verified', 'isVerified'),
          titled('Default', 'isDefault'),
          titled('Initial', 'isInitial'),
          titled('Services', 'supportedServices'),
        ];
        showRows(cli, rows, columns, 'There is no domain.');
      }),
    'entente domain list --tenant fabrikam.example',
  );
  example(
    domain
      .command('add <domain>')
      .description('claim a domain and print the record that proves it')
      .action(async (name: string) => {
        const api = await cli.tenantApi();
        const made = await api.call('POST', '/v1.0/domains', { id: name });
        cli.note('Publish this record, then run "entente domain verify".');
        showRows(cli, await api.list(path`/v1.0/domains/${made.id}/verificationDnsRecords`), RECORD, '');
      }),
    'entente domain add fabrikam.example --tenant fabrikam.example',
  );
  example(
    domain
      .command('records <domain>')
      .description('the DNS records to publish: the proof, and what lets mail and chat find this server')
      .action(async (name: string) => {
        const api = await cli.tenantApi();
        const proof = await api.list(path`/v1.0/domains/${name}/verificationDnsRecords`);
        const rest = await api.list(path`/v1.0/domains/${name}/serviceConfigurationRecords`);
        showRows(cli, [...proof, ...rest], RECORD, 'Nothing has to be published.');
      }),
    'entente domain records fabrikam.example',
  );
  example(
    domain
      .command('verify <domain>')
      .description('look for the proof in DNS and make the domain yours')
      .action(async (name: string) => {
        await (await cli.tenantApi()).call('POST', path`/v1.0/domains/${name}/verify`, {});
        done(cli, `${name} is verified.`);
      }),
    'entente domain verify fabrikam.example',
  );
  example(
    domain
      .command('default <domain>')
      .description('make it the domain of new accounts')
      .action(async (name: string) => {
        await (await cli.tenantApi()).call('PATCH', path`/v1.0/domains/${name}`, { isDefault: true });
        done(cli, `${name} is the default domain.`);
      }),
    'entente domain default fabrikam.example',
  );
  example(
    domain
      .command('references <domain>')
      .description('what uses the domain and must be renamed before it can be given up')
      .action(async (name: string) => {
        const rows = await (await cli.tenantApi()).list(path`/v1.0/domains/${name}/domainNameReferences`);
        const kind = {
          title: 'Kind',
          value: (row: Answer) => String(row['@odata.type']).replace('#microsoft.graph.', ''),
        };
        showRows(cli, rows, [kind, titled('Name', 'displayName'), titled('Id', 'id')], `Nothing uses ${name}.`);
      }),
    'entente domain references fabrikam.example',
  );
  example(
    domain
      .command('remove <domain>')
      .description('give a domain up')
      .option('--force', 'rename whatever uses it to the initial domain first')
      .action(async (name: string, options: { force?: true }) => {
        const api = await cli.tenantApi();
        if (options.force) await api.call('POST', path`/v1.0/domains/${name}/forceDelete`, {});
        else await api.call('DELETE', path`/v1.0/domains/${name}`);
        done(cli, `${name} is given up.`);
      }),
    'entente domain remove old.fabrikam.example --force',
  );
}

const RECORD: readonly Column<Answer>[] = [
  titled('Type', 'recordType'),
  titled('Name', 'label'),
  { title: 'Value', value: (row) => row.text ?? row.mailExchange ?? row.canonicalName ?? row.nameTarget },
  titled('Port', 'port'),
  titled('TTL', 'ttl'),
];
