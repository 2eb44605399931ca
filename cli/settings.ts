import type { Command } from 'commander';
import { assignments, type Cli, count, example, path, showJson, showRows, time, titled, withQuery } from './command.ts';
import type { Answer } from './connection.ts';

/** `entente settings`: what an organisation has set, in groups as the modules declare them. */
export function addSettingsOfTenant(program: Command, cli: Cli): void {
  const settings = program.command('settings').description('settings of an organisation');
  example(settings, 'entente settings list', 'entente settings set tenants.operator operatorAccess=read');

  example(
    settings
      .command('list')
      .description('every group of settings, and how much of it is set')
      .action(async () => {
        const rows = await (await cli.tenantApi()).list('/admin/settings');
        const columns = [
          titled('Group', 'name'),
          titled('For', 'scope'),
          { title: 'Settings', value: (row: Answer) => row.settings.length },
          { title: 'Set', value: (row: Answer) => row.settings.filter((one: Answer) => one.isSet).length },
          titled('About', 'title'),
        ];
        showRows(cli, rows, columns, 'There is no setting.');
      }),
    'entente settings list --tenant fabrikam.example',
  );
  example(
    settings
      .command('show <group>')
      .description('the values of one group')
      .option('--target <name>', 'the partner or container they are for')
      .action(async (name: string, options: { target?: string }) => {
        const view = await (await cli.tenantApi()).call(
          'GET',
          withQuery(path`/admin/settings/${name}`, { target: options.target }),
        );
        showView(cli, view);
      }),
    'entente settings show tenants.operator --tenant fabrikam.example',
  );
  example(
    settings
      .command('set <group> <name=value...>')
      .description('change values, all or none; null returns one to its default')
      .option('--target <name>', 'the partner or container they are for')
      .action(async (name: string, words: string[], options: { target?: string }) => {
        const view = await (await cli.tenantApi()).call('PATCH', path`/admin/settings/${name}`, {
          values: assignments(words),
          ...(options.target === undefined ? {} : { target: options.target }),
        });
        showView(cli, view);
      }),
    'entente settings set tenants.operator operatorAccess=read --tenant fabrikam.example',
  );
  example(
    settings
      .command('history <group>')
      .description('who changed what, newest first')
      .option('--target <name>', 'the partner or container they are for')
      .option('--limit <n>', 'at most so many', count, 50)
      .action(async (name: string, options: { target?: string; limit: number }) => {
        const query = withQuery(path`/admin/settings/${name}/history`, { target: options.target });
        const rows = await (await cli.tenantApi()).list(query, options.limit);
        const columns = [
          { title: 'When', value: (row: Answer) => time(row.changedAt) },
          titled('Setting', 'name'),
          titled('Target', 'target'),
          titled('Old', 'oldValue'),
          titled('New', 'newValue'),
          titled('Who', 'changedBy'),
        ];
        showRows(cli, rows, columns, 'Nothing was ever changed.');
      }),
    'entente settings history tenants.operator --tenant fabrikam.example',
  );
}

function showView(cli: Cli, view: Answer): void {
  if (cli.isJson()) {
    showJson(cli, view);
    return;
  }
  cli.note(view.sentence);
  const columns = [
    titled('Setting', 'name'),
    titled('Value', 'value'),
    titled('Default', 'default'),
    titled('Set', 'isSet'),
    titled('What it does', 'sentence'),
  ];
  showRows(cli, view.settings, columns, '');
}
