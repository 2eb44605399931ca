import type { Command } from 'commander';
import { type Cli, done, example, path, showObject, showRows, time, titled } from './command.ts';
import type { Answer, Api } from './connection.ts';

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
      .action(async (name: string) => showObject(cli, await find(await cli.api(), name), factsOf)),
    'entente tenant show fabrikam.example',
  );
  example(
    tenant
      .command('create <name> <domain>')
      .description('create an organisation with its initial domain, which never changes')
      .action(async (displayName: string, initialDomain: string) => {
        const made = await (await cli.api()).call('POST', '/operator/tenants', { displayName, initialDomain });
        showObject(cli, made, factsOf);
      }),
    'entente tenant create Fabrikam fabrikam.example',
  );
  example(
    tenant
      .command('rename <tenant> <name>')
      .description('change the name of an organisation')
      .action(async (name: string, displayName: string) => {
        const api = await cli.api();
        await api.call('PATCH', path`/operator/tenants/${(await find(api, name)).id}`, { displayName });
        done(cli, `${name} is now called ${displayName}.`);
      }),
    'entente tenant rename fabrikam.example "Fabrikam Group"',
  );
  const acts = [
    ['suspend', 'let an organisation be read and not changed', 'is suspended'],
    ['resume', 'end a suspension', 'is active again'],
    ['restore', 'take a deletion back, within 30 days', 'is restored'],
    ['purge', 'remove a deleted organisation and all it owns, for ever', 'is gone for ever'],
  ] as const;
  for (const [act, sentence, outcome] of acts) {
    example(
      tenant
        .command(`${act} <tenant>`)
        .description(sentence)
        .action(async (name: string) => {
          const api = await cli.api();
          await api.call('POST', `${path`/operator/tenants/${(await find(api, name)).id}`}/${act}`, {});
          done(cli, `${name} ${outcome}.`);
        }),
      `entente tenant ${act} tailspin.example`,
    );
  }
  example(
    tenant
      .command('delete <tenant>')
      .description('close an organisation; it can be restored for 30 days')
      .action(async (name: string) => {
        const api = await cli.api();
        await api.call('DELETE', path`/operator/tenants/${(await find(api, name)).id}`);
        done(cli, `${name} is closed. "entente tenant restore ${name}" brings it back within 30 days.`);
      }),
    'entente tenant delete tailspin.example',
  );
}

/** By id, or by any of its domains. */
async function find(api: Api, name: string): Promise<Answer> {
  return api.call('GET', path`/operator/tenants/${name}`);
}

const factsOf = (tenant: Answer) => ({
  Name: tenant.displayName,
  Id: tenant.id,
  State: tenant.state,
  'Initial domain': tenant.initialDomain,
  'Default domain': tenant.defaultDomain,
  Domains: tenant.domains,
  Created: time(tenant.createdAt),
  Suspended: time(tenant.suspendedAt),
  Deleted: time(tenant.deletedAt),
});
