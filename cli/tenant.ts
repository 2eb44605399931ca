import type { Command } from 'commander';
import { type Cli, done, example, path, showObject, showRows, time, titled, withQuery } from './command.ts';
import type { Answer } from './connection.ts';
import { readPassword } from './secret.ts';

/** `entente tenant`: the organisations of this server, for its operator. */
export function addTenant(program: Command, cli: Cli): void {
  const tenant = program.command('tenant').description('organisations of this server (operator)');
  example(tenant, 'entente tenant list', 'entente tenant create Fabrikam fabrikam.example');

  example(
    tenant
      .command('list')
      .description('every organisation')
      .action(async () => {
        const rows = await (await cli.api()).list('/operator/tenants');
        showRows(
          cli,
          rows,
          [
            titled('Name', 'displayName'),
            titled('Domain', 'defaultDomain'),
            titled('State', 'state'),
            { title: 'People', value: (row: Answer) => row.usage?.accounts ?? null },
            { title: 'Guests', value: (row: Answer) => row.usage?.guests ?? null },
            { title: 'Created', value: (row) => time(row.createdAt) },
            titled('Id', 'id'),
          ],
          'There is no organisation yet. "entente tenant create" makes one.',
        );
      }),
    'entente tenant list',
  );
  example(
    tenant
      .command('show <tenant>')
      .description('one organisation, by domain or id')
      .action(async (name: string) =>
        showObject(cli, await (await cli.api()).call('GET', path`/operator/tenants/${name}`), factsOf),
      ),
    'entente tenant show fabrikam.example',
  );
  example(
    tenant
      .command('create <name> <domain>')
      .description('create an organisation with its initial domain, which never changes')
      .option(
        '--administrator <sign-in-name>',
        'its first administrator; the password is asked for, or read from a file',
      )
      .option('--administrator-name <name>', 'how the administrator is shown')
      .option('--password-file <file>', 'a file that holds the first password and nothing else')
      .action(async (displayName: string, initialDomain: string, options: CreateOptions) => {
        const api = await cli.api();
        const made = await api.call('POST', '/operator/tenants', {
          displayName,
          initialDomain,
          ...(await administratorOf(cli, options)),
        });
        showObject(cli, made, (one) => ({
          ...factsOf(one.tenant),
          Administrator: one.administrator?.userPrincipalName,
        }));
      }),
    'entente tenant create Fabrikam fabrikam.example --administrator ann@fabrikam.example',
  );
  example(
    tenant
      .command('rename <tenant> <name>')
      .description('change the name of an organisation')
      .action(async (name: string, displayName: string) => {
        await (await cli.api()).call('PATCH', await placeOf(cli, name), { displayName });
        done(cli, `${name} is now called ${displayName}.`);
      }),
    'entente tenant rename fabrikam.example "Fabrikam Group"',
  );
  for (const [act, state, sentence, outcome] of [
    ['suspend', 'suspended', 'let an organisation be read and not changed', 'is suspended'],
    ['resume', 'active', 'end a suspension', 'is active again'],
  ] as const) {
    example(
      tenant
        .command(`${act} <tenant>`)
        .description(sentence)
        .action(async (name: string) => {
          await (await cli.api()).call('PATCH', await placeOf(cli, name), { state });
          done(cli, `${name} ${outcome}.`);
        }),
      `entente tenant ${act} tailspin.example`,
    );
  }
  example(
    tenant
      .command('delete <tenant>')
      .description('close an organisation; it can be restored for 30 days')
      .option('--final', 'remove it and all it owns at once, for ever')
      .action(async (name: string, options: { final?: true }) => {
        const query = options.final ? { final: 'true' } : {};
        await (await cli.api()).call('DELETE', withQuery(await placeOf(cli, name), query));
        done(
          cli,
          options.final
            ? `${name} is gone for ever.`
            : `${name} is closed. "entente tenant restore ${name}" brings it back within 30 days.`,
        );
      }),
    'entente tenant delete tailspin.example',
  );
  example(
    tenant
      .command('restore <tenant>')
      .description('take a deletion back, within 30 days')
      .action(async (name: string) => {
        await (await cli.api()).call('POST', `${await placeOf(cli, name)}/restore`);
        done(cli, `${name} is restored.`);
      }),
    'entente tenant restore tailspin.example',
  );
}

/** The path of an organisation that is named by its id or by any of its domains. */
async function placeOf(cli: Cli, name: string): Promise<string> {
  const { id } = await (await cli.api()).call('GET', path`/operator/tenants/${name}`);
  return path`/operator/tenants/${id}`;
}

interface CreateOptions {
  readonly administrator?: string;
  readonly administratorName?: string;
  readonly passwordFile?: string;
}

async function administratorOf(cli: Cli, { administrator, administratorName, passwordFile }: CreateOptions) {
  if (administrator === undefined) return {};
  const password = await readPassword(cli, passwordFile, `First password of ${administrator}`);
  const displayName = administratorName ?? administrator.split('@')[0] ?? administrator;
  return { administrator: { displayName, userPrincipalName: administrator, password } };
}

const factsOf = (tenant: Answer) => ({
  Name: tenant.displayName,
  Id: tenant.id,
  State: tenant.state,
  'Initial domain': tenant.initialDomain,
  'Default domain': tenant.defaultDomain,
  Domains: tenant.domains,
  People: tenant.usage?.accounts,
  Guests: tenant.usage?.guests,
  Created: time(tenant.createdAt),
  Suspended: time(tenant.suspendedAt),
  Deleted: time(tenant.deletedAt),
});
