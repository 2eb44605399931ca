import type { Command } from 'commander';
import { type Cli, count, done, example, path, quoted, showObject, showRows, titled, withQuery } from './command.ts';
import { type Answer, type Api, UsageError } from './connection.ts';

/** `entente group`: groups and who is in them. A group is named by its id or its whole name. */
export function addGroup(program: Command, cli: Cli): void {
  const group = program.command('group').description('groups and their members');
  example(group, 'entente group create Engineering', 'entente group add Engineering anders@fabrikam.example');

  example(
    group
      .command('list')
      .description('every group')
      .option('--filter <odata>', 'an OData filter')
      .option('--limit <n>', 'at most so many', count)
      .action(async (options: { filter?: string; limit?: number }) => {
        const query = withQuery('/v1.0/groups', { $filter: options.filter });
        const rows = await (await cli.tenantApi()).list(query, options.limit);
        const columns = [
          titled('Name', 'displayName'),
          { title: 'Kind', value: (row: Answer) => (row.groupTypes?.includes('Unified') ? 'shared' : 'security') },
          titled('Mail', 'mail'),
          titled('Visibility', 'visibility'),
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'There is no group.');
      }),
    'entente group list --tenant fabrikam.example',
  );
  example(
    group
      .command('show <group>')
      .description('one group')
      .action(async (name: string) => showObject(cli, await find(await cli.tenantApi(), name), factsOf)),
    'entente group show Engineering',
  );
  example(
    group
      .command('create <name>')
      .description('create a group')
      .option('--nickname <name>', 'the part of its address before the @')
      .option('--shared', 'with a mailbox, files and conversations of its own')
      .option('--description <text>')
      .action(async (displayName: string, options: { nickname?: string; shared?: true; description?: string }) => {
        const isShared = options.shared === true;
        const made = await (await cli.tenantApi()).call('POST', '/v1.0/groups', {
          displayName,
          mailNickname: options.nickname ?? displayName.toLowerCase().replace(/[^a-z0-9.-]+/g, '-'),
          mailEnabled: isShared,
          securityEnabled: !isShared,
          groupTypes: isShared ? ['Unified'] : [],
          ...(options.description === undefined ? {} : { description: options.description }),
        });
        showObject(cli, made, factsOf);
      }),
    'entente group create Engineering --description "Everybody who builds"',
  );
  example(
    group
      .command('members <group>')
      .description('who is in it')
      .action(async (name: string) => {
        const api = await cli.tenantApi();
        const rows = await api.list(path`/v1.0/groups/${(await find(api, name)).id}/members`);
        const columns = [
          titled('Name', 'displayName'),
          titled('Sign-in name', 'userPrincipalName'),
          titled('Id', 'id'),
        ];
        showRows(cli, rows, columns, 'Nobody is in it.');
      }),
    'entente group members Engineering',
  );
  example(
    group
      .command('add <group> <user>')
      .description('put somebody into it')
      .action(async (name: string, user: string) => {
        const api = await cli.tenantApi();
        const [{ id }, person] = [await find(api, name), await api.call('GET', path`/v1.0/users/${user}`)];
        const reference = `https://localhost/v1.0/directoryObjects/${person.id}`;
        await api.call('POST', path`/v1.0/groups/${id}/members/$ref`, { '@odata.id': reference });
        done(cli, `${user} is in ${name}.`);
      }),
    'entente group add Engineering anders@fabrikam.example',
  );
  example(
    group
      .command('remove <group> <user>')
      .description('take somebody out of it')
      .action(async (name: string, user: string) => {
        const api = await cli.tenantApi();
        const [{ id }, person] = [await find(api, name), await api.call('GET', path`/v1.0/users/${user}`)];
        await api.call('DELETE', path`/v1.0/groups/${id}/members/${person.id}/$ref`);
        done(cli, `${user} is not in ${name} any more.`);
      }),
    'entente group remove Engineering anders@fabrikam.example',
  );
  example(
    group
      .command('delete <group>')
      .description('delete a group; it can be restored for 30 days')
      .action(async (name: string) => {
        const api = await cli.tenantApi();
        await api.call('DELETE', path`/v1.0/groups/${(await find(api, name)).id}`);
        done(cli, `${name} is deleted.`);
      }),
    'entente group delete Engineering',
  );
}

async function find(api: Api, name: string): Promise<Answer> {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(name)) return api.call('GET', path`/v1.0/groups/${name}`);
  const found = await api.list(withQuery('/v1.0/groups', { $filter: `displayName eq ${quoted(name)}` }), 2);
  if (found.length > 1) throw new UsageError(`Several groups are called "${name}". Name it by its id.`);
  if (found.length === 0) throw new UsageError(`No group is called "${name}". "entente group list" shows them.`);
  return found[0];
}

const factsOf = (group: Answer) => ({
  Name: group.displayName,
  Id: group.id,
  Kind: group.groupTypes?.includes('Unified') ? 'shared' : 'security',
  Description: group.description,
  Mail: group.mail,
  Visibility: group.visibility,
});
